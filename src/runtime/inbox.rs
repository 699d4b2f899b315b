//! The inbox: the only thing that the loop awaits.
//!
//! Terminal input, receipts, intents and timers are kept in their order and never dropped. Observations are
//! coalesced by what they are about: while the loop is busy only the newest of each waits, except for log lines and
//! templates, which are put together.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::core::effect::TimerId;
use crate::core::{Event, Intent, Receipt};
use crate::model::access::AccessQuery;
use crate::model::ids::{Name, Namespace};
use crate::model::observation::{Observation, StreamKey};
use crate::model::target::Target;

use super::terminal::Input;

/// More log lines than this do not wait: the oldest go, counted as dropped.
const LOG_LINES_WAITING: usize = 5_000;

/// Hands things to the loop from any thread. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Batch>,
    arrived: Notify,
}

/// What had arrived when the loop looked.
#[derive(Debug, Default)]
pub struct Batch {
    /// Terminal input, oldest first.
    pub input: VecDeque<Input>,
    /// Intents, receipts, timers and drawn frames, oldest first.
    pub events: VecDeque<Event>,
    observations: BTreeMap<Key, Observation>,
}

impl Batch {
    /// Whether nothing arrived.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.input.is_empty() && self.events.is_empty() && self.observations.is_empty()
    }

    /// The newest observations, one for each subject.
    pub fn take_observations(&mut self) -> impl Iterator<Item = Observation> + use<> {
        std::mem::take(&mut self.observations).into_values()
    }

    fn observe(&mut self, observation: Observation) {
        let key = Key::of(&observation);
        let merged = match (self.observations.remove(&key), observation) {
            (Some(waiting), new) => merge(waiting, new),
            (None, new) => new,
        };
        self.observations.insert(key, merged);
    }
}

/// What an observation is about. Declared in the order in which a batch is worked off: the connection and the streams
/// first, so that data is never judged by a stale stream state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Connected,
    Stream(StreamKey),
    Workload(Target),
    Templates(Target),
    Latches(Namespace),
    Listed,
    NamespaceListed(Namespace),
    Access(AccessQuery),
    Metrics,
    Signals(Target),
    RoundTrip,
    ClockAhead,
    Changes(Namespace),
    PodTable,
    Events(Target),
    Log(Name),
    Document,
    MovingElsewhere,
}

impl Key {
    fn of(observation: &Observation) -> Self {
        match observation {
            Observation::Objects { snapshot, .. } => Self::Workload(snapshot.target.clone()),
            Observation::Gone { target } => Self::Workload(target.clone()),
            Observation::Listed { .. } => Self::Listed,
            Observation::NamespaceListed { namespace, .. } => Self::NamespaceListed(namespace.clone()),
            Observation::Stream { key, .. } => Self::Stream(key.clone()),
            Observation::Connected(_) => Self::Connected,
            Observation::RoundTrip { .. } => Self::RoundTrip,
            Observation::ClockAhead { .. } => Self::ClockAhead,
            Observation::Changes { namespace, .. } => Self::Changes(namespace.clone()),
            Observation::PodTable { .. } => Self::PodTable,
            Observation::Events { target, .. } => Self::Events(target.clone()),
            Observation::LogLines { pod, .. } => Self::Log(pod.clone()),
            Observation::Document { .. } => Self::Document,
            Observation::Templates { target, .. } => Self::Templates(target.clone()),
            Observation::Access { query, .. } => Self::Access(query.clone()),
            Observation::Latches { namespace, .. } => Self::Latches(namespace.clone()),
            Observation::Signals(set) => Self::Signals(set.target.clone()),
            Observation::Metrics(_) => Self::Metrics,
            Observation::MovingElsewhere(_) => Self::MovingElsewhere,
        }
    }
}

fn merge(waiting: Observation, new: Observation) -> Observation {
    match (waiting, new) {
        (
            Observation::LogLines { lines: mut older, dropped: before, .. },
            Observation::LogLines { pod, lines, dropped },
        ) => {
            older.extend(lines);
            let surplus = older.len().saturating_sub(LOG_LINES_WAITING);
            older.drain(..surplus);
            Observation::LogLines { pod, lines: older, dropped: dropped.max(before) + surplus as u64 }
        }
        (Observation::Templates { found: mut older, .. }, Observation::Templates { target, found }) => {
            older.retain(|(key, _)| found.iter().all(|(newer, _)| newer != key));
            older.extend(found);
            Observation::Templates { target, found: older }
        }
        (_, newest) => newest,
    }
}

impl Inbox {
    /// Terminal input.
    pub fn input(&self, input: Input) {
        self.put(|batch| batch.input.push_back(input));
    }

    /// Something the operator wants.
    pub fn intent(&self, intent: Intent) {
        self.event(Event::Intent(intent));
    }

    /// The end of an effect.
    pub fn receipt(&self, receipt: Receipt) {
        self.event(Event::Receipt(receipt));
    }

    /// A timer ran out.
    pub fn timer(&self, timer: TimerId) {
        self.event(Event::Timer(timer));
    }

    /// Any event; observations are coalesced.
    pub fn event(&self, event: Event) {
        match event {
            Event::Observation(observation) => self.observe(observation),
            Event::Intent(_) | Event::Receipt(_) | Event::Timer(_) | Event::Drawn { .. } => {
                self.put(|batch| batch.events.push_back(event));
            }
        }
    }

    /// Something an adapter saw.
    pub fn observe(&self, observation: Observation) {
        self.put(|batch| batch.observe(observation));
    }

    /// Everything that has arrived; waits until something has, or until `deadline`.
    pub async fn next(&self, deadline: Option<Instant>) -> Batch {
        loop {
            let arrived = self.shared.arrived.notified();
            let batch = std::mem::take(&mut *self.lock());
            if !batch.is_empty() {
                return batch;
            }
            match deadline {
                None => arrived.await,
                Some(at) => {
                    if tokio::time::timeout_at(at, arrived).await.is_err() {
                        return Batch::default();
                    }
                }
            }
        }
    }

    fn put(&self, change: impl FnOnce(&mut Batch)) {
        change(&mut self.lock());
        self.shared.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Batch> {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::kind::WorkloadKind;
    use crate::model::observation::StreamState;
    use crate::model::text::Text;

    use super::*;

    fn log(lines: &[&str], dropped: u64) -> Observation {
        let lines = lines.iter().map(|line| Text::clean(line)).collect();
        Observation::LogLines { pod: Name::from("api-1"), lines, dropped }
    }

    #[tokio::test]
    async fn only_the_newest_of_a_subject_waits_and_log_lines_are_appended() {
        let inbox = Inbox::default();
        let target = Target::new(WorkloadKind::Deployment, "shop", "api");
        for millis in 1..=100 {
            inbox.observe(Observation::RoundTrip { millis });
            inbox.observe(Observation::Gone { target: target.clone() });
        }
        inbox.observe(log(&["one"], 0));
        inbox.observe(log(&["two", "three"], 0));
        let seen: Vec<Observation> = inbox.next(None).await.take_observations().collect();
        assert_eq!(
            seen,
            [
                Observation::Gone { target },
                Observation::RoundTrip { millis: 100 },
                log(&["one", "two", "three"], 0)
            ]
        );
    }

    #[tokio::test]
    async fn events_keep_their_order_and_number() {
        let inbox = Inbox::default();
        for burst in 0..500 {
            inbox.intent(Intent::Bang { burst });
        }
        let bursts: Vec<u64> = inbox
            .next(None)
            .await
            .events
            .into_iter()
            .map(|event| match event {
                Event::Intent(Intent::Bang { burst }) => burst,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(bursts, (0..500).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_flood_of_log_lines_is_cut_and_counted() {
        let inbox = Inbox::default();
        for _ in 0..3 {
            inbox.observe(log(&vec!["x"; LOG_LINES_WAITING], 0));
        }
        match inbox.next(None).await.take_observations().next() {
            Some(Observation::LogLines { lines, dropped, .. }) => {
                assert_eq!(lines.len(), LOG_LINES_WAITING);
                assert_eq!(dropped, 2 * LOG_LINES_WAITING as u64);
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_stream_that_recovers_is_not_seen_as_silent() {
        let inbox = Inbox::default();
        for state in [StreamState::Silent, StreamState::Alive] {
            inbox.observe(Observation::Stream { key: StreamKey::PodTable, state });
        }
        let seen: Vec<Observation> = inbox.next(None).await.take_observations().collect();
        assert_eq!(seen, [Observation::Stream { key: StreamKey::PodTable, state: StreamState::Alive }]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_inbox_gives_up_at_the_deadline() {
        let deadline = Instant::now() + std::time::Duration::from_hours(1);
        assert!(Inbox::default().next(Some(deadline)).await.is_empty());
    }
}
