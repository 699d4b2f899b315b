//! The query behind a signal, and what it answered.

use crate::core::State;
use crate::model::series::{Reading, Side, Signal, Track};
use crate::model::target::Target;
use crate::ui::words;

/// Newest points shown.
const POINTS: usize = 20;

/// The page of one signal of a workload.
pub(in crate::ui::screens) fn lines(state: &State, target: &Target, signal: Signal) -> Vec<String> {
    let Some(set) = state.world.signals.get(target) else {
        return vec!["nothing was measured of this workload".to_owned()];
    };
    let mut lines = vec![set.found.to_string()];
    for (side, name) in [(Side::Stable, "stable"), (Side::Candidate, "candidate")] {
        lines.push(String::new());
        match set.tracks.get(&side).and_then(|tracks| tracks.get(&signal)) {
            Some(track) => lines.extend(of_track(name, signal, track)),
            None => lines.push(format!("{name}: not asked, there is no such version")),
        }
    }
    lines
}

/// The query of the candidate, else of the stable version.
pub(super) fn text(state: &State, target: &Target, signal: Signal) -> Option<String> {
    let set = state.world.signals.get(target)?;
    let track = |side: Side| set.tracks.get(&side).and_then(|tracks| tracks.get(&signal));
    track(Side::Candidate).or(track(Side::Stable)).map(|track| track.query.to_string())
}

fn of_track(name: &str, signal: Signal, track: &Track) -> Vec<String> {
    let answer = match &track.now {
        Reading::Value(value) => format!("{} {}", words::decimal(*value), signal.unit()),
        Reading::Failed(why) => format!("query failed: {why}"),
        other => other.why_not().unwrap_or_default().to_owned(),
    };
    let sampled = track.sampled.map_or_else(|| "never".to_owned(), words::clock);
    let mut lines =
        vec![format!("{name}: {answer}, newest sample at {sampled}"), format!("  {}", track.query)];
    for (at, value) in track.points.iter().rev().take(POINTS) {
        let value = value.map_or_else(|| "no data".to_owned(), words::decimal);
        lines.push(format!("  {}  {value:>10} {}", words::clock(*at), signal.unit()));
    }
    lines
}
