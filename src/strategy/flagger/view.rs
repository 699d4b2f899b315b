//! The picture of a Canary.

use crate::model::act::Act;
use crate::model::canary::Phase;
use crate::model::deployment::{Condition, Deployment};
use crate::model::ids::{Name, TemplateHash};
use crate::model::outline::{Outline, Refusal};
use crate::model::owner::GitOpsOwner;
use crate::model::pod::Pod;
use crate::model::replicaset::ReplicaSet;
use crate::model::template::TemplateKey;
use crate::model::text::Text;
use crate::model::view::{Reason, Traffic, TrafficBasis, Version, WorkloadState, WorkloadView};
use crate::strategy::{listed, rolling};

use super::pair::{Pair, Same};
use super::{outline, revisions, track, warnings, weights};

pub(super) fn project(pair: &Pair<'_>) -> WorkloadView {
    let base = listed::other_kind(pair.objects, &pair.canary.face);
    let phase = pair.phase();
    let in_flight = phase.in_flight();
    let (stable, candidate) = sides(pair);
    let mut reasons = troubles(pair);
    let state = state(pair, !reasons.is_empty());
    reasons.extend(concerns(pair));
    let since = pair.canary.status.last_transition_time;
    WorkloadView {
        strategy: "flagger",
        state,
        in_flight,
        paused: pair.suspended(),
        finished: since.filter(|_| phase == Phase::Succeeded),
        started: pair.candidate().filter(|_| in_flight).and_then(|set| set.metadata.created),
        wanted: pair.primary().map_or(0, Deployment::wanted),
        ready: pair.primary().map_or(0, |primary| primary.status.ready_replicas),
        version: version(pair),
        traffic: traffic(pair, stable.as_ref(), candidate.as_ref()),
        stable,
        candidate,
        owner: owner(pair),
        way_back: prepared(pair, &Act::RollBack { to: None }),
        stop: prepared(pair, &Act::Stop),
        promote: prepared(pair, &Act::Promote),
        needs_templates: needs(pair),
        complete: complete(pair),
        revisions: revisions::all(pair),
        track: track::track(pair),
        truth: track::truth(pair),
        analysis: track::analysis(pair),
        warnings: warnings::of(pair),
        reasons,
        ..base
    }
}

fn prepared(pair: &Pair<'_>, act: &Act) -> Result<Outline, Refusal> {
    outline::outline(act, pair)
}

/// In flight the version on its way, at rest the one that the primary runs.
fn version(pair: &Pair<'_>) -> Text {
    let side = if pair.phase().in_flight() { pair.target() } else { pair.primary().or(pair.target()) };
    side.map_or_else(|| Text::clean("?"), |side| revisions::name(pair, &side.spec.template))
}

/// Stable is what the primary runs by right. While a release is on its way, and after it failed, the target's version is
/// the candidate.
fn sides(pair: &Pair<'_>) -> (Option<Version>, Option<Version>) {
    let version = |set: &ReplicaSet| revisions::version(pair, set);
    let stable = if revisions::overwritten(pair) {
        let all = revisions::all(pair);
        let best = revisions::best(&all).map(|best| best.key.clone());
        let sets = pair.primary().map(|primary| pair.sets(primary)).unwrap_or_default();
        sets.into_iter().find(|set| Some(set.key()) == best)
    } else {
        pair.serving()
    };
    let rejected = pair.phase() == Phase::Failed && pair.agree() == Same::No;
    let candidate = pair.candidate().filter(|_| pair.phase().in_flight() || rejected);
    (stable.map(version), candidate.map(version))
}

fn owner(pair: &Pair<'_>) -> Option<GitOpsOwner> {
    let target = pair.target().and_then(|target| GitOpsOwner::of(&target.metadata));
    target.or_else(|| GitOpsOwner::of(&pair.canary.face.metadata))
}

fn state(pair: &Pair<'_>, trouble: bool) -> WorkloadState {
    let phase = pair.phase();
    if phase.in_flight() {
        return match pair.suspended() {
            true => WorkloadState::Held,
            false if trouble => WorkloadState::Stuck,
            false => WorkloadState::Progressing,
        };
    }
    let Some(primary) = pair.primary() else { return WorkloadState::Settling };
    let serves = primary.status.available_replicas >= primary.wanted();
    match (phase, serves) {
        (_, true) if primary.wanted() == 0 => WorkloadState::Idle,
        // a release that was given up is no illness of what serves
        (_, true) if !trouble => WorkloadState::Healthy,
        (phase, _) if trouble && phase.at_rest() => WorkloadState::Unhealthy,
        _ => WorkloadState::Settling,
    }
}

/// What does not pass by waiting, worst first: pods of either side, deadlines, a primary that does not serve.
fn troubles(pair: &Pair<'_>) -> Vec<Reason> {
    let mut troubles = Vec::new();
    for (side, word) in [(pair.primary(), "primary"), (pair.target(), "canary")] {
        let Some(side) = side.filter(|side| side.wanted() > 0) else { continue };
        let names: Vec<&Name> = pair.sets(side).into_iter().map(|set| &set.metadata.name).collect();
        let own = |pod: &Pod| pod.owner.as_ref().is_some_and(|owner| names.contains(&owner));
        let pods = rolling::pod_reasons(pair.objects, own, side.wanted());
        troubles.extend(
            pods.into_iter().map(|reason| Reason {
                what: Text::clean(&format!("{} of the {word}", reason.what)),
                ..reason
            }),
        );
        let gave_up = side.condition("Progressing").filter(|one| one.reason == "ProgressDeadlineExceeded");
        troubles.extend(
            gave_up.map(|condition| said(&format!("ProgressDeadlineExceeded of the {word}"), condition)),
        );
    }
    troubles.extend(pair.primary().and_then(|primary| not_available(primary, "primary")));
    if pair.phase().at_rest() && !pair.primary_complete() && revisions::half_updated(pair) {
        troubles.push(Reason { what: Text::clean("primary half-updated"), detail: None, since: None });
    }
    troubles
}

/// What Flagger waits for, and checks that failed: no trouble yet.
fn concerns(pair: &Pair<'_>) -> Vec<Reason> {
    let judged = matches!(pair.phase(), Phase::Progressing | Phase::WaitingPromotion);
    if !judged {
        return Vec::new();
    }
    let mut concerns: Vec<Reason> =
        pair.target().and_then(|target| not_available(target, "canary")).into_iter().collect();
    let (failed, most) = (pair.canary.status.failed_checks, pair.canary.spec.analysis.fails_at());
    if failed > 0 {
        let what = Text::clean(&format!("{failed} of {most} checks failed"));
        concerns.push(Reason { what, detail: None, since: None });
    }
    concerns
}

fn not_available(side: &Deployment, word: &str) -> Option<Reason> {
    let condition = side.condition("Available").filter(|one| one.status == "False")?;
    let (available, wanted) = (side.status.available_replicas, side.wanted());
    (wanted > 0).then(|| said(&format!("{word} not ready ({available} of {wanted})"), condition))
}

fn said(what: &str, condition: &Condition) -> Reason {
    Reason {
        what: Text::clean(what),
        detail: Some(condition.message.clone()),
        since: condition.last_transition_time,
    }
}

/// Weights of the route where there is one, else endpoints of the apex Service.
fn traffic(pair: &Pair<'_>, stable: Option<&Version>, candidate: Option<&Version>) -> Traffic {
    let Some(share) = weights::live(pair) else { return Traffic::default() };
    let count = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
    let stable = stable.map(|one| (one.key.clone(), count(share.whole - share.part)));
    let candidate = candidate.map(|one| (one.key.clone(), count(share.part)));
    let route = weights::routes(pair).next().map(|route| route.face.metadata.name.clone());
    Traffic {
        basis: if route.is_some() { TrafficBasis::Weights } else { TrafficBasis::Endpoints },
        shares: stable.into_iter().chain(candidate).collect(),
        services: vec![route.unwrap_or_else(|| Name::new(pair.apex()))],
    }
}

/// The primary serves alone: nothing is on its way, no rule reaches the target, and every pod is of one template.
fn complete(pair: &Pair<'_>) -> Option<TemplateHash> {
    let alone = pair.phase().at_rest() && pair.is_read() && pair.primary_complete();
    let whole = alone && !weights::reaches_target(pair) && !revisions::half_updated(pair);
    pair.serving().filter(|_| whole).map(ReplicaSet::hash)
}

/// Templates of both sides: only whole templates tell whether the two run one version.
fn needs(pair: &Pair<'_>) -> Vec<TemplateKey> {
    if !pair.is_read() {
        return Vec::new();
    }
    let sides = pair.primary().into_iter().chain(pair.target());
    let keys = sides.flat_map(|side| pair.sets(side)).map(ReplicaSet::key);
    keys.filter(|key| !pair.known.templates.contains_key(key)).collect()
}
