//! What is in view: which streams run for what is wanted, what they brought, and what of it is news.
//!
//! One task owns everything: it starts and ends watches as the wish changes, keeps their items on shelves, and every
//! tenth of a second turns what changed into observations. What never stands here: a judgement. A workload's parts
//! are put together by their owners and labels, and that is all.

mod assemble;
mod dispatch;
mod health;
mod parts;
mod poll;
mod shelf;
mod start;
mod store;
mod streams;
mod table;
mod topology;
mod turn;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use self::health::Health;
use self::start::{Report, Running};
use self::store::Store;
use self::streams::{Known, Place, StreamId};
use self::turn::Turn;
use super::Clock;
use super::http::Http;
use super::watch::Pace;
use crate::model::Time;
use crate::model::ids::Namespace;
use crate::model::kind::WorkloadKind;
use crate::model::objects::SharedSet;
use crate::model::observation::{Observation, StreamState};
use crate::model::target::{Scope, Target};

pub(super) use self::poll::{EventWire, event_lines, namespaces, pages};

/// Where observations go. It must not block: it is called from the task that keeps everything up to date.
pub type Sink = Arc<dyn Fn(Observation) + Send + Sync>;

/// What the program wants to see. Changing it starts and ends streams; what stays wanted goes on undisturbed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Namespaces in view.
    pub scope: Scope,
    /// Namespace to fall back to where all of them may not be listed at once.
    pub home: Namespace,
    /// Workloads whose ReplicaSets, pods, Services and autoscalers are wanted, most wanted first.
    pub details: Vec<Target>,
    /// Whether pods in bulk are wanted.
    pub pod_table: bool,
    /// Workload whose events are on screen.
    pub events: Option<Target>,
    /// Whether recent changes are wanted.
    pub changes: bool,
    /// Whether it is wanted to know where else something moves.
    pub elsewhere: bool,
}

/// Observations are collected for this long.
const BATCH: Duration = Duration::from_millis(100);
/// A pod table of more rows than this is said less often: each time it is copied, sorted and drawn.
const BIG_TABLE: usize = 500;
/// Parts of a workload are kept in view this much longer than wanted.
const LINGER: Duration = Duration::from_secs(15);
/// Reports in flight between the watches and the view; a full channel slows the watches down.
const REPORTS: usize = 1024;

/// Keeps what is wanted in view until cancelled.
pub(super) async fn run(
    http: Http,
    clock: Clock,
    pace: Pace,
    wanted: watch::Receiver<Wanted>,
    sink: Sink,
    cancel: CancellationToken,
) {
    let (sender, reports) = mpsc::channel(REPORTS);
    let first = wanted.borrow().clone();
    let mut view = View {
        http,
        clock,
        pace,
        sink,
        wanted: first,
        known: Known::default(),
        streams: BTreeMap::new(),
        epoch: 0,
        tasks: JoinSet::new(),
        sender,
        store: Store::default(),
        health: Health::default(),
        sent: BTreeMap::new(),
        dirty: BTreeSet::new(),
        topology_dirty: false,
        table_dirty: false,
        table_said: Instant::now(),
        table_shown_whole: false,
        lingering: BTreeMap::new(),
        revisions: BTreeMap::new(),
        seen: None,
        listed: false,
        last_round_trip: None,
        clock_ahead: 0,
        turn: Turn::default(),
    };
    view.keep(wanted, reports, cancel).await;
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each says that one thing is to be said or looked at again"
)]
struct View {
    http: Http,
    clock: Clock,
    pace: Pace,
    sink: Sink,
    wanted: Wanted,
    known: Known,
    streams: BTreeMap<StreamId, Running>,
    epoch: u64,
    tasks: JoinSet<()>,
    sender: mpsc::Sender<Report>,
    store: Store,
    health: Health,
    /// Newest set sent for each workload.
    sent: BTreeMap<Target, SharedSet>,
    dirty: BTreeSet<Target>,
    /// Whether it may have changed which objects belong together.
    topology_dirty: bool,
    table_dirty: bool,
    /// When the table was said last.
    table_said: Instant,
    /// Whether the table that was said last was whole.
    table_shown_whole: bool,
    /// Workloads whose parts are kept in view a little longer than wanted, and until when.
    lingering: BTreeMap<Target, Instant>,
    /// Revisions as they were read last; who wrote them is known only with their Deployments.
    revisions: BTreeMap<StreamId, Vec<poll::Revision>>,
    /// When the last report was read.
    seen: Option<Time>,
    /// Whether `Listed` was said for the present scope.
    listed: bool,
    last_round_trip: Option<Instant>,
    /// By how much this clock was said to be ahead of the server's.
    clock_ahead: i64,
    /// What is listed in turn instead of watched.
    turn: Turn,
}

impl View {
    async fn keep(
        &mut self,
        mut wanted: watch::Receiver<Wanted>,
        mut reports: mpsc::Receiver<Report>,
        cancel: CancellationToken,
    ) {
        self.reconcile();
        let mut flushed = Instant::now().checked_sub(BATCH).unwrap_or_else(Instant::now);
        loop {
            let due = self.has_news();
            let linger_until = self.lingering_until();
            let flush_at = self.flush_at(flushed);
            tokio::select! {
                () = cancel.cancelled() => return,
                changed = wanted.changed() => {
                    // without anybody who wants something there is nothing left to do
                    if changed.is_err() { return }
                    let now = wanted.borrow_and_update().clone();
                    self.want(now);
                }
                report = reports.recv() => {
                    let mut next = report;
                    while let Some(report) = next {
                        self.take(report);
                        next = reports.try_recv().ok();
                    }
                }
                Some(ended) = self.tasks.join_next(), if !self.tasks.is_empty() => pass_panic_on(ended),
                () = sleep_until(linger_until.unwrap_or(flush_at)), if linger_until.is_some() => self.stop_lingering(),
                () = sleep_until(flush_at), if due => {
                    self.flush();
                    flushed = Instant::now();
                }
            }
        }
    }

    /// The first picture is drawn as soon as there is something.
    fn flush_at(&self, flushed: Instant) -> Instant {
        if !self.listed || (self.table_dirty && !self.table_shown_whole) {
            return flushed + BATCH / 5;
        }
        let only_table = self.dirty.is_empty() && !self.listing_is_due();
        if only_table { (flushed + BATCH).max(self.table_due()) } else { flushed + BATCH }
    }

    fn table_due(&self) -> Instant {
        self.table_said + if self.store.table_len() > BIG_TABLE { BATCH * 5 } else { BATCH }
    }

    fn table_is_due(&self) -> bool {
        self.table_dirty && (!self.table_shown_whole || self.table_due() <= Instant::now())
    }

    fn has_news(&self) -> bool {
        !self.dirty.is_empty() || self.topology_dirty || self.table_dirty || self.listing_is_due()
    }

    fn want(&mut self, mut now: Wanted) {
        if now.scope == self.wanted.scope {
            self.linger(&mut now);
        } else {
            self.known.forget_refusals();
            self.lingering.clear();
            self.listed = false;
            // whoever listens forgets what leaves the scope
            self.sent.retain(|target, _| now.scope.contains(&target.namespace));
            self.dirty.extend(self.store.targets());
        }
        if now.pod_table && !self.wanted.pod_table {
            self.table_dirty = true;
            self.table_shown_whole = false;
        }
        self.dirty.extend(now.details.iter().cloned());
        self.dirty.extend(self.wanted.details.iter().cloned());
        self.wanted = now;
        self.reconcile();
    }

    /// A workload whose parts are wanted now and then (it is not quite well) must not open and close its watches all
    /// the time.
    fn linger(&mut self, now: &mut Wanted) {
        let until = Instant::now() + LINGER;
        for target in &self.wanted.details {
            if !now.details.contains(target) {
                self.lingering.entry(target.clone()).or_insert(until);
            }
        }
        self.lingering.retain(|target, _| !now.details.contains(target));
        now.details.extend(self.lingering.keys().cloned());
    }

    fn stop_lingering(&mut self) {
        let now = Instant::now();
        let ended: Vec<Target> = self
            .lingering
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(target, _)| target.clone())
            .collect();
        for target in ended {
            self.lingering.remove(&target);
            self.wanted.details.retain(|wanted| *wanted != target);
            self.dirty.insert(target);
        }
        self.reconcile();
    }

    fn lingering_until(&self) -> Option<Instant> {
        self.lingering.values().min().copied()
    }

    /// Starts what is missing and ends what is no longer wanted.
    fn reconcile(&mut self) {
        let plan = streams::plan(&self.wanted, &self.known, &self.store);
        let left = self.turn.want(&turn::turn(&self.wanted, &self.known));
        let ended: Vec<StreamId> = self.streams.keys().filter(|id| !plan.contains(id)).cloned().collect();
        for id in ended {
            if let Some(running) = self.streams.remove(&id) {
                running.cancel.cancel();
            }
            self.revisions.remove(&id);
            match &id {
                // it is listed in turn from now on: what it brought stays, and grows old
                StreamId::Kind(kind, Place::In(namespace)) if self.turn.holds(*kind, namespace) => {
                    self.say_listed(*kind, namespace, true);
                }
                _ => self.dirty.extend(self.store.drop_stream(&id)),
            }
        }
        for pair in left {
            let id = turn::shelf(&pair);
            if !plan.contains(&id) {
                self.dirty.extend(self.store.drop_stream(&id));
            }
            self.say_listed(pair.0, &pair.1, false);
        }
        for id in plan {
            if !self.streams.contains_key(&id) {
                self.epoch += 1;
                let running = start::start(self, &id, self.epoch);
                self.streams.insert(id, running);
            }
        }
        for key in self.health.closed(&self.streams, &self.wanted) {
            self.say(Observation::Stream { key, state: StreamState::Closed });
        }
    }

    /// Says how old a namespace's list is, or that it is watched (or out of view) now.
    fn say_listed(&self, kind: WorkloadKind, namespace: &Namespace, in_turn: bool) {
        // one kind speaks for all of a namespace
        if kind == WorkloadKind::Deployment {
            let at = in_turn.then(|| (self.clock)());
            self.say(Observation::NamespaceListed { namespace: namespace.clone(), at });
        }
    }

    fn say(&self, observation: Observation) {
        (self.sink)(observation);
    }
}

impl Drop for View {
    fn drop(&mut self) {
        for running in self.streams.values() {
            running.cancel.cancel();
        }
    }
}

/// A panic in any task ends the program; it must not vanish with its task.
fn pass_panic_on(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        std::panic::resume_unwind(error.into_panic());
    }
}
