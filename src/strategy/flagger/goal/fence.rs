//! The fence: Flagger reads `suspend` once, when a tick begins, and a tick lasts as long as its webhooks and queries. One
//! that was running when the Canary was suspended has been seen to write its weight over ours, and to promote. It is over
//! when route, Canary and primary have stood still for longer than any tick can last.

use chrono::TimeDelta;

use crate::model::Time;
use crate::model::kind::WorkloadKind;
use crate::strategy::Pursuit;

use super::super::pair::Pair;

/// Seconds beyond the longest tick: the way of its last write to our eyes.
const EYES_SECONDS: u32 = 2;

/// Seconds of stillness that prove that no tick runs any more.
pub(in super::super) fn seconds(pair: &Pair<'_>) -> u32 {
    let analysis = &pair.canary.spec.analysis;
    analysis.interval_seconds().max(analysis.longest_tick_seconds()).saturating_add(EYES_SECONDS)
}

/// When the tick that may still run is certainly over, as far as can be said now.
fn ends(pursuit: &Pursuit<'_>, pair: &Pair<'_>) -> Time {
    let still = |target| pursuit.still.of(&target);
    let objects = pair.objects;
    // a Canary that was suspended before this goal has stood still since the goal began, as this console saw it
    let mut since = still(objects.target.clone()).map_or(pursuit.started, |canary| canary.since);
    for (target, _) in objects.watched().filter(|(target, _)| *target != objects.target) {
        let Some(seen) = still(target.clone()) else { continue };
        // annotations of an Ingress move no generation; the status of the others moves for reasons of its own
        since = since.max(if target.kind == WorkloadKind::Ingress { seen.since } else { seen.spec_since });
    }
    since + TimeDelta::seconds(i64::from(seconds(pair)))
}

/// Until when the fence stands; `None` once it is passed.
pub(super) fn stands_until(pursuit: &Pursuit<'_>, pair: &Pair<'_>) -> Option<Time> {
    let ends = ends(pursuit, pair);
    (pursuit.now < ends).then_some(ends)
}
