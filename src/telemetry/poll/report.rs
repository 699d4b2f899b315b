//! What a workload's state looks like to everybody else.

use std::collections::BTreeMap;

use super::workload::{SideState, SignalState, Workload};
use crate::model::series::{Counted, Reading, Signal, SignalSet, Track};

impl Workload {
    /// The set as of the last round.
    pub(super) fn report(&self) -> SignalSet {
        let window_seconds = u32::try_from(self.window.as_secs()).unwrap_or(u32::MAX);
        let tracks = self.sides.iter().map(|(side, state)| {
            let track = |signal: &SignalState| Track {
                now: signal.now.clone(),
                sampled: state.sampled,
                points: signal.curve.points(self.ahead),
                query: signal.query.clone(),
            };
            (*side, state.signals.iter().map(|(which, signal)| (*which, track(signal))).collect())
        });
        let counted =
            self.sides.iter().filter_map(|(side, state)| Some((*side, counted(state, window_seconds)?)));
        SignalSet {
            target: self.query.target.clone(),
            asked: self.asked,
            window_seconds,
            tracks: tracks.collect(),
            counted: counted.collect::<BTreeMap<_, _>>(),
            found: self.sentence.clone(),
        }
    }
}

/// Requests of the window. `increase` is by definition `rate` times the window, and the error rate is the quotient of
/// two of them: both counts follow from values that were read at the same instant, without a further query.
fn counted(side: &SideState, window_seconds: u32) -> Option<Counted> {
    let now = |signal| side.signals.get(&signal).map(|state| &state.now);
    let requests = now(Signal::RequestRate)?.value()? * f64::from(window_seconds);
    match now(Signal::ErrorRate)? {
        Reading::Value(percent) => Some(Counted { requests, failed: requests * percent / 100.0 }),
        Reading::NotFinite => {
            Some(Counted { requests, failed: 0.0 }).filter(|counted| counted.requests == 0.0)
        }
        Reading::NoData | Reading::Several | Reading::Stale { .. } | Reading::Failed(_) => None,
    }
}
