//! Namespaces that are neither watched together nor each by itself: where the cluster does not let all of them be
//! watched at once and there are too many, the kinds of those that are not on the screen are listed in turn.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::Wanted;
use super::poll::pages;
use super::streams::{Known, Place, StreamId};
use crate::cluster::http::{Http, HttpError};
use crate::model::ids::Namespace;
use crate::model::kind::WorkloadKind;
use crate::model::objects::Workload;
use crate::model::target::{Scope, Target};

/// Pages of 500 of one kind in one namespace.
const MOST_PAGES: usize = 20;

/// Up to this many namespaces are watched one by one where they may not be watched together.
const MOST_NAMESPACES: usize = 6;
/// Of more, so many are watched: those on the screen. The others are listed in turn.
const ON_SCREEN: usize = 4;

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

/// All namespaces in scope, as far as they are known.
fn in_scope<'a>(wanted: &'a Wanted, known: &'a Known) -> Vec<&'a Namespace> {
    let all = match &wanted.scope {
        Scope::Namespaces(names) => names.iter().collect(),
        Scope::All => known.namespaces.iter().flatten().collect::<Vec<_>>(),
    };
    if all.is_empty() { vec![&wanted.home] } else { all }
}

/// The namespaces that are watched where all of them may not be watched together: all of a few; of many those of what
/// is wanted most, and the one that the operator is at home in.
pub(super) fn on_screen(wanted: &Wanted, known: &Known) -> Vec<Namespace> {
    let all = in_scope(wanted, known);
    if all.len() <= MOST_NAMESPACES {
        return all.into_iter().cloned().collect();
    }
    let mut chosen: Vec<Namespace> = Vec::new();
    let wished = wanted.details.iter().map(|target| &target.namespace).chain([&wanted.home]);
    for namespace in wished.chain(all.iter().copied()) {
        if chosen.len() < ON_SCREEN && all.contains(&namespace) && !chosen.contains(namespace) {
            chosen.push(namespace.clone());
        }
    }
    chosen
}

/// What is listed in turn: Deployments of all namespaces first.
pub(super) fn turn(wanted: &Wanted, known: &Known) -> Vec<Pair> {
    let all = in_scope(wanted, known);
    if all.len() <= MOST_NAMESPACES {
        return Vec::new();
    }
    let watched = on_screen(wanted, known);
    let narrow = |kind| known.narrow.contains(&StreamId::Kind(kind, Place::Everywhere));
    known
        .kinds()
        .filter(|kind| narrow(*kind))
        .flat_map(|kind| all.iter().map(move |namespace| (kind, (*namespace).clone())))
        .filter(|(_, namespace)| !watched.contains(namespace))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::store::Store;
    use super::super::streams::{Poll, plan};
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

    #[test]
    fn of_many_namespaces_those_on_the_screen_are_watched_and_the_others_listed_in_turn() {
        let names: Vec<String> = (0..60).map(|number| format!("n{number}")).collect();
        let mut known = Known::default();
        let wide = StreamId::Kind(WorkloadKind::Deployment, Place::Everywhere);
        let mut wish = Wanted {
            scope: Scope::Namespaces(names.iter().map(Namespace::new).collect()),
            home: Namespace::new("home"),
            details: Vec::new(),
            pod_table: false,
            events: None,
            changes: false,
            elsewhere: false,
        };
        assert!(turn(&wish, &known).is_empty(), "one watch of all is better");
        known.narrow.insert(wide);
        wish.details = vec![Target::new(WorkloadKind::Deployment, "n33", "api")];
        let plan = plan(&wish, &known, &Store::default());
        let watched: Vec<&Place> = plan
            .iter()
            .filter_map(|id| match id {
                StreamId::Kind(WorkloadKind::Deployment, place) => Some(place),
                _ => None,
            })
            .collect();
        assert!(watched.contains(&&Place::In(Namespace::new("n33"))), "{watched:?}");
        assert_eq!(watched.len(), ON_SCREEN);
        assert!(plan.contains(&StreamId::Poll(Poll::Turn)));
        let turn = turn(&wish, &known);
        assert_eq!(turn.len(), 60 - ON_SCREEN, "only the kind that may not be watched together");
        assert!(!turn.iter().any(|(_, namespace)| namespace.as_str() == "n33"));
    }
}
