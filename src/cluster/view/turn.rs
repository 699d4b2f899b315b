//! Namespaces that are neither watched together nor each by itself: where the cluster does not let all of them be
//! watched at once and there are too many, the kinds of those that are not on the screen are listed in turn.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::poll::pages;
use super::streams::{Place, StreamId};
use crate::cluster::http::{Http, HttpError};
use crate::model::ids::Namespace;
use crate::model::kind::WorkloadKind;
use crate::model::objects::Workload;
use crate::model::target::Target;

/// Pages of 500 of one kind in one namespace.
const MOST_PAGES: usize = 20;

/// A kind in a namespace.
pub(super) type Pair = (WorkloadKind, Namespace);

/// Whose turn it is. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    queue: Arc<Mutex<VecDeque<Pair>>>,
}

impl Turn {
    /// Lists these from now on. Those that wait keep their places, new ones come first; returns those that left.
    pub(super) fn want(&self, wanted: &[Pair]) -> Vec<Pair> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let set: BTreeSet<&Pair> = wanted.iter().collect();
        let (kept, left): (Vec<Pair>, Vec<Pair>) = queue.drain(..).partition(|pair| set.contains(pair));
        let known: BTreeSet<&Pair> = kept.iter().collect();
        let new: Vec<Pair> = wanted.iter().filter(|pair| !known.contains(pair)).cloned().collect();
        *queue = new.into_iter().chain(kept).collect();
        left
    }

    /// Whether a pair is listed in turn.
    pub(super) fn holds(&self, kind: WorkloadKind, namespace: &Namespace) -> bool {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.iter().any(|(of, there)| *of == kind && there == namespace)
    }

    /// The next one; it goes to the end.
    fn next(&self) -> Option<Pair> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let next = queue.pop_front()?;
        queue.push_back(next.clone());
        Some(next)
    }

    /// Lists whose turn it is; what may not be listed is passed over.
    pub(super) async fn list(
        &self,
        http: &Http,
    ) -> Result<Option<(Pair, Vec<(Target, Workload)>)>, HttpError> {
        let Some((kind, namespace)) = self.next() else { return Ok(None) };
        let row = kind.row();
        let path = format!("{}/namespaces/{namespace}/{}", row.root(), row.plural);
        let mut items = Vec::new();
        let take = |object: Value| items.extend(Workload::read(kind, object));
        match pages(http, &path, MOST_PAGES, take).await {
            Ok(()) => Ok(Some(((kind, namespace), items))),
            Err(error) if matches!(error.code(), Some(403 | 404)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The shelf of a pair: the same that its watch would fill.
pub(super) fn shelf((kind, namespace): &Pair) -> StreamId {
    StreamId::Kind(*kind, Place::In(namespace.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str) -> Pair {
        (WorkloadKind::Deployment, Namespace::new(name))
    }

    #[test]
    fn everybody_has_a_turn_and_who_looks_elsewhere_does_not_begin_it_anew() {
        let turn = Turn::default();
        assert!(turn.want(&["a", "b", "c"].map(pair)).is_empty());
        assert_eq!((turn.next(), turn.next()), (Some(pair("a")), Some(pair("b"))));
        // b is watched now, d is new
        assert_eq!(turn.want(&["a", "c", "d"].map(pair)), [pair("b")]);
        let order: Vec<Pair> = (0..4).filter_map(|_| turn.next()).collect();
        assert_eq!(order, ["d", "c", "a", "d"].map(pair));
        assert!(turn.holds(WorkloadKind::Deployment, &Namespace::new("a")));
    }
}
