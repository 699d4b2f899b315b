//! What adapters saw, newest only, with its age.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Time;
use crate::model::access::{AccessAnswer, AccessQuery};
use crate::model::identity::Connection;
use crate::model::ids::{Name, Namespace, TemplateHash, Uid};
use crate::model::objects::{Known, SharedSet};
use crate::model::observation::{Change, EventLine, Latch, PodLine, StreamKey, StreamState};
use crate::model::series::{MetricsSource, SignalSet};
use crate::model::target::{Scope, Target};
use crate::model::text::Text;
use crate::model::view::WorkloadView;

/// No sign of life for this long makes a panel STALE (goal K1).
pub const STALE_AFTER_SECONDS: i64 = 15;

/// A clock that is off by more than this is said.
const CLOCK_WARNS_MILLIS: i64 = 1_000;
/// By more than this, ages and orders on the screen cannot be trusted any more (goal J6).
const CLOCK_BLOCKS_MILLIS: i64 = 5_000;

/// A clock that is off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockOff {
    /// By how much, in words.
    pub says: String,
    /// Whether acts that raise risk wait until it is set.
    pub too_much: bool,
}

/// The world as seen from here.
#[derive(Clone, Debug)]
pub struct World {
    /// The connection, once it stands.
    pub connection: Option<Box<Connection>>,
    /// Namespaces in view.
    pub scope: Scope,
    /// Namespaces that exist, where they may be listed.
    pub namespaces: Vec<Namespace>,
    /// Whether everything in view was listed once.
    pub listed: bool,
    /// Namespaces that are listed now and then rather than watched, with when they were last.
    pub listed_at: BTreeMap<Namespace, Time>,
    /// Workloads in view.
    pub workloads: BTreeMap<Target, Watched>,
    /// Streams of data.
    pub streams: BTreeMap<StreamKey, Stream>,
    /// What changed, by namespace, newest first.
    pub changes: BTreeMap<Namespace, Vec<Change>>,
    /// Pods in bulk.
    pub pod_table: Option<PodTable>,
    /// Events by workload, newest first.
    pub events: BTreeMap<Target, Vec<EventLine>>,
    /// The log being followed.
    pub log: Option<FollowedLog>,
    /// The document that was read last.
    pub document: Option<(Text, Vec<Text>)>,
    /// Answers to questions of permission.
    pub access: BTreeMap<AccessQuery, AccessAnswer>,
    /// Latches in the cluster.
    pub latches: BTreeMap<(Uid, TemplateHash), Latch>,
    /// Signals by workload.
    pub signals: BTreeMap<Target, Arc<SignalSet>>,
    /// Where metrics come from.
    pub metrics: MetricsSource,
    /// Round trip of the last read, milliseconds.
    pub round_trip: Option<u64>,
    /// By how many milliseconds this host's clock is ahead of the API server's; behind it: negative.
    pub clock_ahead: i64,
    /// What moves in namespaces that are not in view.
    pub moving_elsewhere: Vec<(Namespace, u32)>,
}

/// One workload, watched and judged.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its objects.
    pub set: SharedSet,
    /// When they were last confirmed.
    pub seen: Time,
    /// What the strategy makes of them.
    pub view: WorkloadView,
    /// What is known besides.
    pub known: Known,
    /// Since when it is in its present state, as this console saw it.
    pub state_since: Time,
    /// Templates that were asked for and have not come.
    pub asked_templates: Option<Time>,
    /// Since when it is disputed who gets the traffic.
    pub disputed: Option<Time>,
}

/// One stream of data.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// How it is doing.
    pub state: StreamState,
    /// Its last sign of life.
    pub alive: Option<Time>,
    /// When it was first wanted.
    pub since: Time,
}

/// Pods in bulk.
#[derive(Clone, Debug, PartialEq)]
pub struct PodTable {
    /// Rows.
    pub rows: Arc<Vec<Arc<PodLine>>>,
    /// Whether the list is whole.
    pub whole: bool,
}

/// A log being followed; the oldest lines go first.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowedLog {
    /// Of which pod.
    pub pod: Name,
    /// Lines.
    pub lines: std::collections::VecDeque<Text>,
    /// Lines that were dropped.
    pub dropped: u64,
}

impl Stream {
    /// Seconds without a sign of life, once that is too long.
    #[must_use]
    pub fn stale(&self, key: &StreamKey, now: Time) -> Option<i64> {
        let quiet = (now - self.alive.unwrap_or(self.since)).num_seconds();
        (quiet >= STALE_AFTER_SECONDS + key.period_seconds() && self.state != StreamState::Closed)
            .then_some(quiet)
    }
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            connection: None,
            scope,
            namespaces: Vec::new(),
            listed: false,
            listed_at: BTreeMap::new(),
            workloads: BTreeMap::new(),
            streams: BTreeMap::new(),
            changes: BTreeMap::new(),
            pod_table: None,
            events: BTreeMap::new(),
            log: None,
            document: None,
            access: BTreeMap::new(),
            latches: BTreeMap::new(),
            signals: BTreeMap::new(),
            metrics: MetricsSource::Looking,
            round_trip: None,
            clock_ahead: 0,
            moving_elsewhere: Vec::new(),
        }
    }

    /// The longest silence, in seconds, among the streams that show workloads; `None` when all are alive.
    #[must_use]
    pub fn stale(&self, now: Time) -> Option<i64> {
        self.streams
            .iter()
            .filter(|(key, _)| matches!(key, StreamKey::Kind(_) | StreamKey::Detail(_)))
            .filter(|(_, stream)| !matches!(stream.state, StreamState::Forbidden(_)))
            .filter_map(|(key, stream)| stream.stale(key, now))
            .max()
    }

    /// The silence of what one workload is seen by.
    #[must_use]
    pub fn stale_target(&self, target: &Target, now: Time) -> Option<i64> {
        let listed = self.listed_at.get(&target.namespace).map(|at| (now - *at).num_seconds());
        [StreamKey::Kind(target.kind), StreamKey::Detail(target.clone())]
            .iter()
            .filter_map(|key| Some((key, self.streams.get(key)?)))
            .filter(|(_, stream)| !matches!(stream.state, StreamState::Forbidden(_)))
            .filter_map(|(key, stream)| stream.stale(key, now))
            .chain(listed.filter(|age| *age >= STALE_AFTER_SECONDS))
            .max()
    }

    /// When the present picture of a workload was last known to be current: its set came, or the watch of its kind gave
    /// a sign of life without bringing another (equal sets are not sent again).
    #[must_use]
    pub fn confirmed(&self, target: &Target) -> Option<Time> {
        let watched = self.workloads.get(target)?;
        if let Some(listed) = self.listed_at.get(&target.namespace) {
            return Some(watched.seen.max(*listed));
        }
        let alive = self.streams.get(&StreamKey::Kind(target.kind)).and_then(|stream| stream.alive);
        Some(alive.map_or(watched.seen, |alive| watched.seen.max(alive)))
    }

    /// How far this host's clock is off, in words, once that is worth one.
    #[must_use]
    pub fn clock_is_off(&self) -> Option<ClockOff> {
        let millis = self.clock_ahead;
        let direction = if millis > 0 { "ahead of" } else { "behind" };
        let tenths = millis.unsigned_abs() / 100;
        (millis.abs() > CLOCK_WARNS_MILLIS).then(|| ClockOff {
            says: format!(
                "this host's clock is {}.{} s {direction} the API server's",
                tenths / 10,
                tenths % 10
            ),
            too_much: millis.abs() > CLOCK_BLOCKS_MILLIS,
        })
    }

    /// The view of a workload.
    #[must_use]
    pub fn view(&self, target: &Target) -> Option<&WorkloadView> {
        self.workloads.get(target).map(|watched| &watched.view)
    }

    /// Workloads with an update in flight.
    pub fn in_flight(&self) -> impl Iterator<Item = &WorkloadView> {
        self.workloads.values().map(|watched| &watched.view).filter(|view| view.in_flight)
    }
}
