//! The pure world: objects, controllers, kubelets and traffic, moved by [`World::advance`] alone.
//!
//! Nothing here opens a socket, reads a clock or draws unseeded randomness: the same seed and the same calls give the
//! same world. What a request means is decided in [`api`]; how it travels is the business of the HTTP faces.

pub(crate) mod api;
pub(crate) mod clock;
mod daemonset;
mod deployment;
mod dispatch;
mod endpoints;
mod events;
mod job;
pub(crate) mod json;
pub(crate) mod kinds;
pub(crate) mod logs;
mod pod;
mod queue;
mod quota;
pub(crate) mod random;
mod replicaset;
mod replicate;
pub(crate) mod selector;
mod statefulset;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod traffic;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;

use clock::Time;
use kinds::Kind;
use pod::PodRun;
use queue::Queue;
use random::Random;
use replicaset::Backoff;
use store::{Key, Store};
use traffic::Traffic;

/// Reconciliations allowed at one instant before the world is declared livelocked and time goes on.
const SETTLE_LIMIT: usize = 50_000;

/// What is broken on purpose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// The API server answers nothing and its watches are silent.
    pub(crate) frozen: bool,
    /// Prometheus cannot be reached.
    pub(crate) metrics_down: bool,
}

/// The simulated cluster.
#[derive(Debug)]
pub(crate) struct World {
    now: Time,
    /// The objects and their history.
    pub(crate) store: Store,
    /// Requests per pod, sampled each second.
    pub(crate) traffic: Traffic,
    /// What is broken on purpose.
    pub(crate) faults: Faults,
    random: Random,
    queue: Queue,
    dispatched: u64,
    runs: BTreeMap<String, PodRun>,
    backoffs: BTreeMap<Key, Backoff>,
    next_address: u32,
}

impl World {
    /// An empty world at `now`; equal seeds behave equally.
    pub(crate) fn new(now: Time, seed: u64) -> Self {
        let first_revision = 10_000;
        Self {
            now,
            store: Store::new(first_revision),
            traffic: Traffic::new(seed),
            faults: Faults::default(),
            random: Random::new(seed),
            queue: Queue::default(),
            dispatched: first_revision,
            runs: BTreeMap::new(),
            backoffs: BTreeMap::new(),
            next_address: 0,
        }
    }

    /// The present instant of the simulated clock.
    pub(crate) fn now(&self) -> Time {
        self.now
    }

    /// Lets `span` pass: timers fire in order, controllers settle after each, traffic flows.
    ///
    /// While the API server is frozen nobody can write: controllers wait, traffic goes on.
    pub(crate) fn advance(&mut self, span: TimeDelta) {
        let target = self.now + span;
        self.act();
        while let Some(moment) = self.next_moment().filter(|moment| *moment <= target) {
            self.now = self.now.max(moment);
            self.act();
            if self.traffic.next_sample().is_some_and(|due| due <= self.now) {
                traffic::sample(self);
            }
        }
        self.now = target;
    }

    /// Sets the clock of an empty world back, so that a past can be played.
    pub(crate) fn rewind(&mut self, time: Time) {
        self.now = self.now.min(time);
    }

    /// Lets the controllers work until nothing more is to be done at this instant.
    pub(crate) fn settle(&mut self) {
        for _ in 0..SETTLE_LIMIT {
            dispatch::take_changes(self);
            let Some(key) = self.queue.pop() else { return };
            dispatch::reconcile(self, &key);
        }
    }

    /// Changes the object with `key` in place, as a controller does; true when something changed.
    ///
    /// A changed `spec` gets the next generation.
    pub(crate) fn modify(&mut self, key: &Key, change: impl FnOnce(&mut Value)) -> bool {
        let Some(before) = self.store.get(key).cloned() else { return false };
        let mut object = Value::clone(&before);
        change(&mut object);
        if object == *before {
            return false;
        }
        if object.get("spec") != before.get("spec")
            && let Some(generation) = json::integer(&object, "/metadata/generation")
        {
            json::set(&mut object, &["metadata", "generation"], generation + 1);
        }
        self.store.put(key, object);
        true
    }

    /// The objects of `kind` that `owner_uid` controls.
    pub(crate) fn owned(&self, kind: Kind, namespace: &str, owner_uid: &str) -> Vec<std::sync::Arc<Value>> {
        self.store
            .list(kind, Some(namespace))
            .filter(|(_, object)| json::controlled_by(object, owner_uid))
            .map(|(_, object)| std::sync::Arc::clone(object))
            .collect()
    }

    /// Whether the Service with `key` has an endpoint that is ready.
    pub(crate) fn has_ready_endpoint(&self, key: &Key) -> bool {
        endpoints::slice_of(self, key).and_then(|slice| self.store.get(&slice)).is_some_and(|slice| {
            json::items(slice, "/endpoints").iter().any(|endpoint| json::flag(endpoint, "/conditions/ready"))
        })
    }

    /// Lets the controllers do what is due, if they can write.
    fn act(&mut self) {
        if !self.faults.frozen {
            self.queue.release(self.now);
            self.settle();
        }
    }

    fn next_moment(&self) -> Option<Time> {
        let timer = self.queue.next_due().filter(|_| !self.faults.frozen);
        match (timer, self.traffic.next_sample()) {
            (Some(timer), Some(sample)) => Some(timer.min(sample)),
            (one, other) => one.or(other),
        }
    }
}
