//! What a Canary should not be left alone with. Each line is an alarm.

use crate::model::canary::Phase;
use crate::model::text::Text;
use crate::model::view::Reason;

use super::goal::back::can_serve;
use super::pair::{Pair, Same};
use super::{revisions, weights};

/// All of them, the worst first.
pub(super) fn of(pair: &Pair<'_>) -> Vec<Reason> {
    if !pair.is_read() {
        return Vec::new();
    }
    let all = [
        failed_with_traffic(pair),
        half_updated(pair),
        no_way_to_stable(pair),
        stuck_in_promoting(pair),
        suspended_with_traffic(pair),
        two_canaries(pair),
        unjudged(pair),
        wrong_memory(pair),
    ];
    let lines = all.into_iter().flatten();
    lines.map(|what| Reason { what: Text::clean(&what), detail: None, since: None }).collect()
}

/// Phase Failed alone moves nothing: written by hand it leaves the route as it was (seen).
fn failed_with_traffic(pair: &Pair<'_>) -> Option<String> {
    (pair.phase() == Phase::Failed && weights::reaches_target(pair))
        .then(|| "phase Failed, and the route still sends traffic to the canary: B takes it away".to_owned())
}

/// A promotion that failed left the primary between two versions; from then on every release fails.
fn half_updated(pair: &Pair<'_>) -> Option<String> {
    let stuck = pair.phase().at_rest() && !pair.primary_complete() && revisions::half_updated(pair);
    stuck.then(|| {
        "primary half-updated by a promotion that failed: no release can pass; B brings its template back"
            .to_owned()
    })
}

fn no_way_to_stable(pair: &Pair<'_>) -> Option<String> {
    let ready = pair.serving()?.status.ready_replicas;
    let wanted = pair.primary()?.wanted();
    let judged = matches!(pair.phase(), Phase::Progressing | Phase::WaitingPromotion);
    (judged && !can_serve(ready, wanted)).then(|| {
        let deadline = pair.canary.spec.deadline();
        format!("primary not ready ({ready} of {wanted}): going back now would be an outage, and after {deadline} s Flagger does it")
    })
}

/// With steps back, weight 0 is nothing to do for Flagger (seen: for ever).
fn stuck_in_promoting(pair: &Pair<'_>) -> Option<String> {
    let steps = pair.canary.spec.analysis.step_weight_promotion > 0;
    let nothing = weights::can_move(pair) && !weights::reaches_target(pair);
    (pair.phase() == Phase::Promoting && steps && nothing && !pair.suspended()).then(|| {
        "stuck in Promoting: with weight 0 Flagger has nothing to do; B rolls back, weight 1 lets it end"
            .to_owned()
    })
}

fn suspended_with_traffic(pair: &Pair<'_>) -> Option<String> {
    let share = weights::live(pair)?;
    (pair.suspended() && pair.phase().in_flight() && weights::reaches_target(pair)).then(|| {
        format!(
            "suspended with {:.0} % on the canary: Flagger will not roll back while held",
            share.percent()
        )
    })
}

/// Flagger only logs it: both drive the same route.
fn two_canaries(pair: &Pair<'_>) -> Option<String> {
    let owner = pair.primary()?.metadata.controller()?;
    (owner.uid != pair.canary.face.metadata.uid).then(|| {
        format!(
            "two Canaries drive {}: its primary belongs to {}",
            pair.canary.spec.target_ref.name, owner.name
        )
    })
}

fn unjudged(pair: &Pair<'_>) -> Option<String> {
    (pair.canary.spec.skip_analysis && pair.phase().at_rest())
        .then(|| "skipAnalysis is on: the next release goes out unjudged".to_owned())
}

/// `lastPromotedSpec` is not what the primary runs.
fn wrong_memory(pair: &Pair<'_>) -> Option<String> {
    let status = &pair.canary.status;
    let name = |of_target: bool| {
        let set = if of_target { pair.candidate() } else { pair.serving() }?;
        Some(revisions::name(pair, &set.spec.template))
    };
    let believed =
        !status.last_promoted_spec.is_empty() && status.last_promoted_spec == status.last_applied_spec;
    if pair.phase() == Phase::Succeeded && believed && pair.agree() == Same::No {
        let (target, primary) = (name(true)?, name(false)?);
        return Some(format!("Flagger believes that {target} is promoted, and the primary runs {primary}"));
    }
    let judged = matches!(pair.phase(), Phase::Progressing | Phase::WaitingPromotion);
    if judged && pair.agree() == Same::Yes {
        let version = name(false)?;
        return Some(format!(
            "Flagger judges {version} against itself: until that ends, what it promoted last would be promoted again unseen"
        ));
    }
    None
}
