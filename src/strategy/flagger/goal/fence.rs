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
    let mut since = canary_since(pursuit, pair);
    let target = pair.target().map(|target| pair.address(target));
    for (part, _) in pair.objects.watched().skip(1).filter(|(part, _)| Some(part) != target.as_ref()) {
        let Some(seen) = pursuit.still.of(&part) else { continue };
        // annotations of an Ingress move no generation; the status of the others moves for reasons of its own
        since = since.max(if part.kind == WorkloadKind::Ingress { seen.since } else { seen.spec_since });
    }
    since + TimeDelta::seconds(i64::from(seconds(pair)))
}

/// Since when the Canary has stood still. One that was suspended before this goal has done so since the goal began, as
/// this console saw it. A status that we wrote ourselves is no tick's: it is written only after the fence.
fn canary_since(pursuit: &Pursuit<'_>, pair: &Pair<'_>) -> Time {
    let Some(seen) = pursuit.still.of(&pair.objects.target) else { return pursuit.started };
    let ours = pursuit.sent.iter().any(|sent| {
        sent.applied()
            && sent.step.request.resource.subresource == "status"
            && sent.answered == Some(seen.since)
    });
    if ours { seen.spec_since } else { seen.since }
}

/// Until when the fence stands; `None` once it is passed.
pub(super) fn stands_until(pursuit: &Pursuit<'_>, pair: &Pair<'_>) -> Option<Time> {
    let ends = ends(pursuit, pair);
    (pursuit.now < ends).then_some(ends)
}
