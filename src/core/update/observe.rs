//! Observations coming in.

use std::sync::Arc;

use crate::model::observation::{Observation, StreamKey, StreamState};
use crate::model::text::Text;

use super::Turn;
use crate::core::sheet::ReadBack;
use crate::core::world::{FollowedLog, PodTable, Stream};

/// Lines of a followed log that are kept.
const LOG_LINES: usize = 5_000;

impl Turn<'_> {
    pub(super) fn observed(&mut self, observation: Observation) {
        let now = self.now;
        let world = &mut self.state.world;
        match observation {
            Observation::Objects { snapshot, seen } => self.objects(&snapshot, seen),
            Observation::Gone { target } => self.gone(&target),
            Observation::Listed { namespaces } => {
                world.listed = true;
                world.namespaces = namespaces;
            }
            Observation::NamespaceListed { namespace, at: Some(at) } => {
                world.listed_at.insert(namespace, at);
            }
            Observation::NamespaceListed { namespace, at: None } => {
                world.listed_at.remove(&namespace);
            }
            Observation::Stream { key, state } => self.stream(key, state),
            Observation::Connected(connection) => {
                world.connection = Some(connection);
                self.start_heartbeat();
            }
            Observation::RoundTrip { millis } => world.round_trip = Some(millis),
            Observation::ClockAhead { millis } => world.clock_ahead = millis,
            Observation::Changes { namespace, rows } => {
                world.changes.insert(namespace, rows);
            }
            Observation::PodTable { rows, whole } => world.pod_table = Some(PodTable { rows, whole }),
            Observation::Events { target, lines } => {
                world.events.insert(target, lines);
            }
            Observation::LogLines { pod, lines, dropped } => self.log_lines(pod, lines, dropped),
            Observation::Document { title, lines } => world.document = Some((title, lines)),
            Observation::Templates { target, found } => self.templates(&target, found),
            Observation::Access { query, answer } => self.right_answered(query, answer),
            Observation::Latches { namespace, latches } => self.latches(&namespace, latches),
            Observation::Signals(set) => {
                world.signals.insert(set.target.clone(), Arc::from(set));
            }
            Observation::Metrics(source) => world.metrics = source,
            Observation::MovingElsewhere(rows) => world.moving_elsewhere = rows,
        }
        debug_assert!(self.state.now == now, "an observation does not move time");
    }

    fn stream(&mut self, key: StreamKey, state: StreamState) {
        let now = self.now;
        if state == StreamState::Closed {
            self.state.world.streams.remove(&key);
            return;
        }
        let stream = self.state.world.streams.entry(key).or_insert(Stream {
            state: state.clone(),
            alive: None,
            since: now,
        });
        if state == StreamState::Alive {
            stream.alive = Some(now);
        }
        stream.state = state;
    }

    fn log_lines(&mut self, pod: crate::model::ids::Name, lines: Vec<Text>, dropped: u64) {
        let log = self.state.world.log.take().filter(|log| log.pod == pod).unwrap_or(FollowedLog {
            pod,
            lines: std::collections::VecDeque::new(),
            dropped: 0,
        });
        let mut log = FollowedLog { dropped, ..log };
        log.lines.extend(lines);
        let surplus = log.lines.len().saturating_sub(LOG_LINES);
        log.lines.drain(..surplus);
        self.state.world.log = Some(log);
    }

    fn latches(
        &mut self,
        namespace: &crate::model::ids::Namespace,
        latches: Vec<crate::model::observation::Latch>,
    ) {
        let world = &mut self.state.world;
        let here: Vec<_> = world
            .workloads
            .iter()
            .filter(|(target, _)| target.namespace == *namespace)
            .map(|(_, watched)| watched.view.uid.clone())
            .collect();
        world.latches.retain(|(uid, _), _| !here.contains(uid));
        for latch in latches {
            world.latches.insert((latch.uid.clone(), latch.hash.clone()), latch);
        }
        for uid in here {
            self.learn_condemned(&uid);
        }
    }

    /// The full re-read that an act which raises risk waits for.
    pub(super) fn read_back(
        &mut self,
        id: crate::core::sheet::SheetId,
        result: Result<crate::model::objects::Workload, crate::model::outline::Refusal>,
    ) {
        let Some(target) = self.state.desk.sheet.as_ref().filter(|s| s.id == id).map(|s| s.target.clone())
        else {
            return;
        };
        let read = match result {
            Ok(object) => {
                self.enter_answer(&target, &target, object);
                ReadBack::Same
            }
            Err(refusal) => ReadBack::Failed(refusal),
        };
        if let Some(sheet) = &mut self.state.desk.sheet {
            sheet.read_back = read;
        }
        self.settle_complaint();
    }
}
