//! How the streams behind one panel are doing together: as well as the worst of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::Wanted;
use super::start::Running;
use super::streams::{Place, Poll, Select, StreamId, has_replica_sets, history};
use crate::model::observation::{StreamKey, StreamState};
use crate::model::target::Target;

/// `Alive` of one panel is said at most this often.
const ALIVE_EVERY: Duration = Duration::from_secs(1);

/// What was said last of each panel.
#[derive(Debug, Default)]
pub(super) struct Health {
    said: BTreeMap<StreamKey, (StreamState, Instant)>,
}

impl Health {
    /// After `id` changed its state: what is to be said now.
    pub(super) fn after(
        &mut self,
        id: &StreamId,
        streams: &BTreeMap<StreamId, Running>,
        wanted: &Wanted,
    ) -> Vec<(StreamKey, StreamState)> {
        let now = Instant::now();
        let mut news = Vec::new();
        for key in keys(id, wanted) {
            let Some(state) = worst(&key, streams, wanted) else { continue };
            let repeat = match self.said.get(&key) {
                Some((said, at)) if *said == state => {
                    state == StreamState::Alive && now.duration_since(*at) >= ALIVE_EVERY
                }
                Some(_) | None => true,
            };
            if repeat {
                self.said.insert(key.clone(), (state.clone(), now));
                news.push((key, state));
            }
        }
        news
    }

    /// Forgets panels that nothing runs for any more, and names them.
    pub(super) fn closed(
        &mut self,
        streams: &BTreeMap<StreamId, Running>,
        wanted: &Wanted,
    ) -> Vec<StreamKey> {
        let open: BTreeSet<StreamKey> = streams.keys().flat_map(|id| keys(id, wanted)).collect();
        let closed: Vec<StreamKey> = self.said.keys().filter(|key| !open.contains(key)).cloned().collect();
        self.said.retain(|key, _| open.contains(key));
        closed
    }
}

/// A stream that was just started is not counted before it has said something: its list may have to wait its turn, and
/// a panel that is alive must not look dead for that long. One that says nothing for longer mutes the panel.
const FIRST_WORD: Duration = Duration::from_secs(13);

/// The worst state among the streams of a panel; `None` while none of them has said anything.
fn worst(key: &StreamKey, streams: &BTreeMap<StreamId, Running>, wanted: &Wanted) -> Option<StreamState> {
    let mut worst = None;
    for (id, running) in streams.iter().filter(|(id, _)| keys(id, wanted).contains(key)) {
        let Some(state) = &running.state else {
            if running.since.elapsed() < FIRST_WORD {
                continue;
            }
            return None;
        };
        // a workload can be followed without its endpoints, autoscalers and history
        if is_extra(id) && matches!(state, StreamState::Forbidden(_)) {
            continue;
        }
        if worst.is_none_or(|known| badness(state) > badness(known)) {
            worst = Some(state);
        }
    }
    worst.cloned()
}

fn badness(state: &StreamState) -> u8 {
    match state {
        StreamState::Closed => 0,
        StreamState::Alive => 1,
        StreamState::Forbidden(_) => 2,
        StreamState::Failed(_) => 3,
        StreamState::Unauthenticated(_) => 4,
        StreamState::Silent => 5,
    }
}

fn is_extra(id: &StreamId) -> bool {
    matches!(
        id,
        StreamId::Slices(_) | StreamId::Autoscalers(_) | StreamId::Analyses(_) | StreamId::History(_)
    )
}

/// The panels that a stream feeds.
fn keys(id: &StreamId, wanted: &Wanted) -> Vec<StreamKey> {
    let of = |feeds: &dyn Fn(&Target) -> bool| {
        wanted.details.iter().filter(|target| feeds(target)).cloned().map(StreamKey::Detail).collect()
    };
    match id {
        StreamId::Kind(kind, Place::Everywhere | Place::In(_)) => vec![StreamKey::Kind(*kind)],
        StreamId::Latches(_) => vec![StreamKey::Latches],
        StreamId::Table(_) => vec![StreamKey::PodTable],
        StreamId::Poll(Poll::Changes(_)) => vec![StreamKey::Changes],
        StreamId::Poll(Poll::Events(_)) => vec![StreamKey::Events],
        StreamId::ReplicaSets(namespace, Select::All | Select::Labels(_)) => {
            of(&|target| target.namespace == *namespace && has_replica_sets(target.kind))
        }
        StreamId::Pods(namespace, _) | StreamId::Slices(namespace) | StreamId::Autoscalers(namespace) => {
            of(&|target| target.namespace == *namespace)
        }
        StreamId::Analyses(_) | StreamId::History(_) => of(&|target| history(target).as_ref() == Some(id)),
        StreamId::Poll(Poll::Discovery | Poll::Namespaces | Poll::Size(_) | Poll::Elsewhere | Poll::Turn) => {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Notify;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::model::ids::Namespace;
    use crate::model::kind::WorkloadKind;
    use crate::model::target::Scope;

    fn running(state: Option<StreamState>) -> Running {
        let since = Instant::now();
        Running { cancel: CancellationToken::new(), epoch: 1, state, nudge: Arc::new(Notify::new()), since }
    }

    fn wanted() -> Wanted {
        Wanted {
            scope: Scope::All,
            home: Namespace::new("a"),
            details: Vec::new(),
            pod_table: false,
            events: None,
            changes: false,
            elsewhere: false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_waits_for_its_turn_does_not_make_a_living_panel_look_dead() {
        let of = |name: &str| StreamId::Kind(WorkloadKind::Deployment, Place::In(Namespace::new(name)));
        let mut streams =
            BTreeMap::from([(of("a"), running(Some(StreamState::Alive))), (of("b"), running(None))]);
        let mut health = Health::default();
        let key = StreamKey::Kind(WorkloadKind::Deployment);
        let alive = vec![(key.clone(), StreamState::Alive)];
        assert_eq!(health.after(&of("a"), &streams, &wanted()), alive);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(health.after(&of("a"), &streams, &wanted()), alive, "still waiting");
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(health.after(&of("a"), &streams, &wanted()).is_empty(), "that is no waiting any more");
        streams.insert(of("b"), running(Some(StreamState::Silent)));
        assert_eq!(health.after(&of("b"), &streams, &wanted()), [(key, StreamState::Silent)]);
    }
}
