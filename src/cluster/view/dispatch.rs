//! Taking reports in.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::start::{Answer, News, Report};
use super::store::Store;
use super::streams::{Place, Poll, Select, Size, StreamId};
use super::turn::{self, Pair};
use super::{View, poll};
use crate::cluster::watch::Feed;
use crate::model::ids::Namespace;
use crate::model::kind::WorkloadKind;
use crate::model::objects::Workload;
use crate::model::observation::{Latch, Observation, StreamState};
use crate::model::target::Target;

/// A namespace that was small is watched by selector from this many pods on.
const GREW_BIG: usize = 1000;
/// A difference of the clocks is said again when it changed by this much.
const CLOCK_CHANGED_MILLIS: i64 = 100;
/// Round-trip times are said at most this often.
const ROUND_TRIP_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

impl View {
    pub(super) fn take(&mut self, report: Report) {
        let Report { stream, epoch, news } = report;
        if self.streams.get(&stream).is_none_or(|running| running.epoch != epoch) {
            return;
        }
        self.seen = Some((self.clock)());
        match news {
            News::Workloads(feed) => self.take_workloads(&stream, feed),
            News::ReplicaSets(feed) => self.take_part(&stream, feed, Store::take_replica_sets),
            News::Pods(feed) => {
                self.take_part(&stream, feed, Store::take_pods);
                self.watch_growth(&stream);
            }
            News::Slices(feed) => self.take_part(&stream, feed, Store::take_slices),
            News::Autoscalers(feed) => self.take_part(&stream, feed, Store::take_autoscalers),
            News::Analyses(feed) => self.take_part(&stream, feed, Store::take_analyses),
            News::History(feed) => self.take_part(&stream, feed, Store::take_history),
            News::Latches(feed) => self.take_latches(&stream, feed),
            News::Lines(feed) => {
                if let Some(feed) = self.common(&stream, feed) {
                    self.table_dirty |= self.store.take_lines(&stream, feed);
                }
            }
            News::Answer(answer) => self.take_answer(&stream, answer),
        }
    }

    fn take_answer(&mut self, stream: &StreamId, answer: Answer) {
        match answer {
            Answer::Kinds(kinds) => {
                self.known.extra_kinds = Some(kinds);
                self.reconcile();
            }
            Answer::Namespaces(namespaces) => {
                if self.known.namespaces.as_ref() != Some(&namespaces) {
                    self.known.namespaces = Some(namespaces);
                    // what was said before the list of namespaces came in is said again with it
                    self.listed = false;
                    self.reconcile();
                }
            }
            Answer::Size(size) => {
                if let StreamId::Poll(Poll::Size(namespace)) = stream {
                    self.known.sizes.insert(namespace.clone(), size);
                    self.reconcile();
                }
            }
            Answer::Revisions(revisions) => {
                self.say_changes(stream, &revisions);
                self.revisions.insert(stream.clone(), revisions);
            }
            Answer::Listed((pair, items)) => self.take_listed(&pair, items),
            Answer::Moving(mut counts) => {
                counts.retain(|(namespace, _)| !self.wanted.scope.contains(namespace));
                self.say(Observation::MovingElsewhere(counts));
            }
            Answer::Seen(observation) => self.say(*observation),
            Answer::State(state) => self.take_state(stream, state),
        }
    }

    /// Handles what every watch says of itself; the rest is for the store.
    fn common<T>(&mut self, stream: &StreamId, feed: Feed<T>) -> Option<Feed<T>> {
        match feed {
            Feed::State(state) => {
                self.take_state(stream, state);
                None
            }
            Feed::RoundTrip(time) => {
                let now = Instant::now();
                if self.last_round_trip.is_none_or(|last| now.duration_since(last) >= ROUND_TRIP_EVERY) {
                    self.last_round_trip = Some(now);
                    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                    self.say(Observation::RoundTrip { millis });
                    self.say_clock();
                }
                None
            }
            feed @ (Feed::Page { .. } | Feed::Put(_) | Feed::Gone(_)) => Some(feed),
        }
    }

    /// A namespace's turn came; in the meantime it may be watched.
    fn take_listed(&mut self, pair: &Pair, items: Vec<(Target, Workload)>) {
        let (kind, namespace) = pair;
        if !self.turn.holds(*kind, namespace) {
            return;
        }
        let feed = Feed::Page { items, first: true, last: true };
        let changed = self.store.take_workloads(&turn::shelf(pair), feed);
        self.dirty.extend(changed);
        let there = |target: &&Target| target.kind == *kind && target.namespace == *namespace;
        self.dirty.extend(self.sent.keys().filter(there).cloned());
        self.say_listed(*kind, namespace, true);
    }

    /// Says how far the clocks are apart, when that changed.
    fn say_clock(&mut self) {
        let Some(millis) = self.http.dates().ahead((self.clock)()) else { return };
        if (millis - self.clock_ahead).abs() >= CLOCK_CHANGED_MILLIS {
            self.clock_ahead = millis;
            self.say(Observation::ClockAhead { millis });
        }
    }

    fn take_workloads(&mut self, stream: &StreamId, feed: Feed<(Target, Workload)>) {
        let Some(feed) = self.common(stream, feed) else { return };
        if self.is_new_generation(&feed) {
            self.nudge_changes();
        }
        if let (Feed::Page { last: true, .. }, StreamId::Kind(kind, _)) = (&feed, stream) {
            // what was said to be there and is not in a whole list is gone, whichever stream told of it
            self.dirty.extend(self.sent.keys().filter(|target| target.kind == *kind).cloned());
        }
        self.topology_dirty |= self.may_relate(&feed);
        let mut changed = self.store.take_workloads(stream, feed);
        let wholes: Vec<Target> =
            changed.iter().flat_map(|part| self.store.topology().wholes(part)).cloned().collect();
        changed.extend(wholes);
        if matches!(stream, StreamId::Kind(WorkloadKind::Service, _)) {
            // whose traffic they carry is told by labels
            let places: BTreeSet<&Namespace> = changed.iter().map(|target| &target.namespace).collect();
            let details = self.wanted.details.iter().filter(|target| places.contains(&target.namespace));
            self.dirty.extend(details.cloned());
        }
        // a selector that came in, or went, changes what is to be watched
        let wanted = changed.iter().any(|target| self.wanted.details.contains(target));
        self.dirty.extend(changed);
        if wanted {
            self.reconcile();
        }
    }

    /// Whether news may change which objects belong together. Most news of Deployments is about their status.
    fn may_relate(&self, feed: &Feed<(Target, Workload)>) -> bool {
        match feed {
            Feed::Put((target, Workload::Deployment(_))) => {
                self.store.workload(target).is_none() || self.is_new_generation(feed)
            }
            Feed::Put((target, _)) => !matches!(
                target.kind,
                WorkloadKind::StatefulSet | WorkloadKind::DaemonSet | WorkloadKind::Job
            ),
            Feed::Page { .. } | Feed::Gone(_) => true,
            Feed::State(_) | Feed::RoundTrip(_) => false,
        }
    }

    fn is_new_generation(&self, feed: &Feed<(Target, Workload)>) -> bool {
        let Feed::Put((target, workload)) = feed else { return false };
        let known = self.store.workload(target).map(|known| known.meta().generation);
        matches!(workload, Workload::Deployment(_)) && known != Some(workload.meta().generation)
    }

    fn nudge_changes(&self) {
        for (_, running) in
            self.streams.iter().filter(|(id, _)| matches!(id, StreamId::Poll(Poll::Changes(_))))
        {
            running.nudge.notify_one();
        }
    }

    pub(super) fn say_changes(&self, stream: &StreamId, revisions: &[poll::Revision]) {
        let deployments = self.store.deployments().map(|deployment| &deployment.metadata);
        let mut rows = poll::rows(revisions, deployments, (self.clock)());
        if let StreamId::Poll(Poll::Changes(Place::In(namespace))) = stream {
            rows.entry(namespace.clone()).or_default();
        }
        for (namespace, rows) in rows {
            if self.wanted.scope.contains(&namespace) {
                self.say(Observation::Changes { namespace, rows });
            }
        }
    }

    fn take_part<T>(
        &mut self,
        stream: &StreamId,
        feed: Feed<T>,
        take: impl FnOnce(&mut Store, &StreamId, Feed<T>) -> bool,
    ) {
        let Some(feed) = self.common(stream, feed) else { return };
        if take(&mut self.store, stream, feed) {
            self.mark_details(stream);
        }
    }

    /// Wanted workloads of a stream may look different now; those that do not are not said again.
    fn mark_details(&mut self, stream: &StreamId) {
        let (StreamId::ReplicaSets(_, select) | StreamId::Pods(_, select)) = stream else {
            return self.mark_all_details(stream);
        };
        let Select::Labels(labels) = select else { return self.mark_all_details(stream) };
        // a stream of one selector says nothing of the other workloads
        let selected = |target: &&Target| self.store.selectors(target).contains(labels);
        let details: Vec<Target> = self.wanted.details.iter().filter(selected).cloned().collect();
        self.dirty.extend(details);
    }

    fn mark_all_details(&mut self, stream: &StreamId) {
        let namespace = match stream {
            StreamId::ReplicaSets(namespace, _)
            | StreamId::Pods(namespace, _)
            | StreamId::Slices(namespace)
            | StreamId::Autoscalers(namespace)
            | StreamId::Analyses(namespace)
            | StreamId::History(namespace)
            | StreamId::Kind(WorkloadKind::Service, Place::In(namespace)) => namespace,
            StreamId::Kind(..) | StreamId::Latches(_) | StreamId::Table(_) | StreamId::Poll(_) => return,
        };
        let details = self.wanted.details.iter().filter(|target| target.namespace == *namespace);
        self.dirty.extend(details.cloned());
    }

    fn watch_growth(&mut self, stream: &StreamId) {
        let StreamId::Pods(namespace, _) = stream else { return };
        let small = self.known.sizes.get(namespace) == Some(&Size::Small);
        if small && self.store.pods_watched_in(namespace) > GREW_BIG {
            self.known.sizes.insert(namespace.clone(), Size::Big);
            self.reconcile();
        }
    }

    fn take_latches(&mut self, stream: &StreamId, feed: Feed<(Namespace, Vec<Latch>)>) {
        let Some(feed) = self.common(stream, feed) else { return };
        let first_list = matches!(feed, Feed::Page { last: true, .. }) && !self.store.is_whole(stream);
        let mut changed = self.store.take_latches(stream, feed);
        if let (true, Some(namespace)) = (first_list, Store::latch_place(stream))
            && !changed.contains(namespace)
        {
            // that there is none is an answer, too
            changed.push(namespace.clone());
        }
        for namespace in changed {
            let latches = self.store.latches(&namespace);
            self.say(Observation::Latches { namespace, latches });
        }
    }

    fn take_state(&mut self, stream: &StreamId, state: StreamState) {
        let forbidden = matches!(state, StreamState::Forbidden(_));
        if let Some(running) = self.streams.get_mut(stream) {
            let newly_refused = forbidden && running.state.as_ref() != Some(&state);
            running.state = Some(state);
            if newly_refused {
                // without this part the others may be complete
                self.mark_details(stream);
            }
        }
        for (key, state) in self.health.after(stream, &self.streams, &self.wanted) {
            self.say(Observation::Stream { key, state });
        }
        let wide = matches!(
            stream,
            StreamId::Kind(_, Place::Everywhere)
                | StreamId::Latches(Place::Everywhere)
                | StreamId::Table(Place::Everywhere)
                | StreamId::Poll(Poll::Changes(Place::Everywhere))
        );
        if forbidden && wide && self.known.narrow.insert(stream.clone()) {
            self.reconcile();
        }
    }
}
