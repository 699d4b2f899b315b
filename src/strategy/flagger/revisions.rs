//! Revisions that could be returned to: those of the primary. Which of them is good is a matter of evidence.

use std::cmp::Reverse;

use crate::model::Time;
use crate::model::canary::Phase;
use crate::model::objects::Known;
use crate::model::outline::{Refusal, RefusalKind};
use crate::model::replicaset::ReplicaSet;
use crate::model::template::{TemplateKey, TemplateSummary};
use crate::model::text::Text;
use crate::model::view::{Evidence, Revision, Version};
use crate::strategy::{differences, version_name};

use super::pair::{Pair, Same};
use super::weights;

/// What a version is called: by what differs between the two sides.
pub(super) fn name(pair: &Pair<'_>, template: &TemplateSummary) -> Text {
    let sides = [pair.candidate(), pair.serving()];
    let others = sides.into_iter().flatten().map(|set| &set.spec.template);
    let other =
        others.filter(|other| other.digest != template.digest).find(|other| other.images != template.images);
    version_name(template, other)
}

/// All revisions, the present one first, then the newest: in flight the target's, at rest the primary's.
pub(super) fn all(pair: &Pair<'_>) -> Vec<Revision> {
    let Some(primary) = pair.primary() else { return Vec::new() };
    let moving = pair.phase().in_flight();
    let candidate = pair.candidate().filter(|_| moving);
    let serving = pair.serving();
    let present = candidate.or(serving);
    let mut revisions: Vec<Revision> = pair
        .sets(primary)
        .into_iter()
        // what is on its way is listed once, as the target's
        .filter(|set| candidate.is_none_or(|candidate| !is_candidate(pair, set, candidate)))
        .chain(candidate)
        .map(|set| {
            let current = present.is_some_and(|present| present.metadata.uid == set.metadata.uid);
            row(pair, set, current, present)
        })
        .collect();
    revisions.sort_by_key(|revision| (!revision.current, Reverse(revision.number)));
    revisions
}

/// Whether a revision of the primary is what the target brings. What the primary runs by right never is, even where the
/// target was undone and asks for the same.
fn is_candidate(pair: &Pair<'_>, set: &ReplicaSet, candidate: &ReplicaSet) -> bool {
    let serving = pair.serving().is_some_and(|serving| serving.metadata.uid == set.metadata.uid);
    let by_right = serving && !overwritten(pair);
    !by_right && pair.same(set, candidate) == Same::Yes
}

fn row(pair: &Pair<'_>, set: &ReplicaSet, current: bool, present: Option<&ReplicaSet>) -> Revision {
    let name = name(pair, &set.spec.template);
    let template = |set: &ReplicaSet| pair.template(set);
    let differs = || Some(differences(template(present?)?.raw(), template(set)?.raw()));
    Revision {
        evidence: evidence(pair, set, &name),
        name,
        key: set.key(),
        replica_set: set.metadata.name.clone(),
        number: set.revision(),
        images: set.spec.template.images.iter().map(|one| Text::clean(&one.image)).collect(),
        created: set.metadata.created,
        ready: set.status.ready_replicas,
        pods: set.status.replicas,
        current,
        differs: (!current).then(differs).flatten(),
    }
}

fn evidence(pair: &Pair<'_>, set: &ReplicaSet, name: &Text) -> Evidence {
    if condemned(pair, set) {
        return Evidence::Unproven;
    }
    if let Some(at) = last_complete(pair.canary.face.metadata.uid.as_str(), pair.known, set) {
        return Evidence::SeenComplete { at };
    }
    if serves_by_right(pair, set) {
        return Evidence::ServesAlone;
    }
    if pair.known.previous.as_ref() == Some(name) { Evidence::PlanPrevious } else { Evidence::Unproven }
}

/// Somebody rolled back from it, by the name of either side.
fn condemned(pair: &Pair<'_>, set: &ReplicaSet) -> bool {
    let all = &pair.known.condemned;
    if all.is_empty() {
        return false;
    }
    let of_target = || pair.target().map(|target| pair.sets(target)).unwrap_or_default();
    all.contains(&set.hash())
        || of_target().iter().any(|other| all.contains(&other.hash()) && pair.same(set, other) == Same::Yes)
}

fn last_complete(workload: &str, known: &Known, set: &ReplicaSet) -> Option<Time> {
    let hash = set.hash();
    let rows = known.seen_complete.iter();
    rows.filter(|row| row.workload.as_str() == workload && row.hash == hash).map(|row| row.at).max()
}

/// Before the promotion the primary runs what serves by right; from then on its only other revision with ready pods
/// does.
fn serves_by_right(pair: &Pair<'_>, set: &ReplicaSet) -> bool {
    let Some(primary) = pair.primary() else { return false };
    let own = pair.serving().is_some_and(|serving| serving.metadata.uid == set.metadata.uid);
    if !overwritten(pair) {
        let moving = pair.phase().in_flight() || pair.phase() == Phase::Failed;
        return own && moving;
    }
    if own {
        return false;
    }
    let others: Vec<&ReplicaSet> = pair
        .sets(primary)
        .into_iter()
        .filter(|other| pair.serving().is_none_or(|serving| serving.metadata.uid != other.metadata.uid))
        .collect();
    let ready: Vec<&&ReplicaSet> = others.iter().filter(|other| other.status.ready_replicas > 0).collect();
    match ready.as_slice() {
        [only] => only.metadata.uid == set.metadata.uid,
        // nothing else is left: the one before it served until the promotion began
        [] => others.len() == 1 && others[0].metadata.uid == set.metadata.uid,
        _ => false,
    }
}

/// Whether the primary has the candidate's template although the release is not known to be good: while it is promoted,
/// and after a promotion that failed half-way.
pub(super) fn overwritten(pair: &Pair<'_>) -> bool {
    let same = pair.agree() != Same::No;
    match pair.phase() {
        phase if phase.promotes() => same && !both_are_good(pair),
        phase if phase.at_rest() => same && !pair.primary_complete() && half_updated(pair),
        _ => false,
    }
}

/// A revision that was seen complete runs on both sides: the target was undone.
fn both_are_good(pair: &Pair<'_>) -> bool {
    pair.serving().is_some_and(|serving| {
        let uid = pair.canary.face.metadata.uid.as_str();
        !condemned(pair, serving) && last_complete(uid, pair.known, serving).is_some()
            // or its pods are older than the release that is on its way
            || newer_than(pair, serving)
    })
}

/// A revision of the primary that is not the present one was made after it: the template went back.
fn newer_than(pair: &Pair<'_>, serving: &ReplicaSet) -> bool {
    let Some(primary) = pair.primary() else { return false };
    pair.sets(primary).iter().any(|other| other.metadata.created > serving.metadata.created)
}

/// Pods of two revisions at once.
pub(super) fn half_updated(pair: &Pair<'_>) -> bool {
    let sets = pair.primary().map(|primary| pair.sets(primary)).unwrap_or_default();
    sets.iter().filter(|set| set.status.replicas > 0).count() > 1
}

/// Where a return goes to by default: in flight to what serves by right, after a finished release to what is known good
/// by evidence, never to the present one.
pub(super) fn best(revisions: &[Revision]) -> Option<&Revision> {
    let good = revisions.iter().filter(|revision| !revision.current && revision.evidence.is_good());
    good.min_by_key(|revision| match &revision.evidence {
        // what the primary runs before the promotion needs no other evidence
        Evidence::ServesAlone => (0, Reverse(None)),
        Evidence::SeenComplete { at } => (1, Reverse(Some(*at))),
        Evidence::PlanPrevious => (2, Reverse(None)),
        Evidence::Unproven => (3, Reverse(None)),
    })
}

/// The revision to go back to, chosen or found.
pub(super) fn chosen(pair: &Pair<'_>, to: Option<&TemplateKey>) -> Result<Revision, Refusal> {
    let revisions = all(pair);
    let by_right = || {
        let left = pair.phase().in_flight() || weights::astray(pair);
        let serving = pair.serving().filter(|_| left && !overwritten(pair))?;
        revisions.iter().find(|revision| revision.key == serving.key())
    };
    let found = match to {
        Some(key) => revisions.iter().find(|revision| revision.key == *key).ok_or_else(|| {
            Refusal::new(RefusalKind::Changed, "that revision is gone: the history keeps only the newest")
        })?,
        None => by_right().or_else(|| best(&revisions)).ok_or_else(|| none_known_good(&revisions))?,
    };
    Ok(found.clone())
}

fn none_known_good(revisions: &[Revision]) -> Refusal {
    if revisions.iter().all(|revision| revision.current) {
        return Refusal::new(RefusalKind::NoneKnownGood, "the primary has no other revision to go back to");
    }
    Refusal::new(RefusalKind::NoneKnownGood, "no revision of the primary is known good")
        .with_remedy("choose one with B")
}

/// A ReplicaSet as one of the two versions of a release.
pub(super) fn version(pair: &Pair<'_>, set: &ReplicaSet) -> Version {
    Version {
        name: name(pair, &set.spec.template),
        key: set.key(),
        replica_set: set.metadata.name.clone(),
        pods: set.status.replicas,
        ready: set.status.ready_replicas,
        desired: set.spec.replicas,
    }
}

/// The evidence in words, for the sheet.
pub(super) fn words(revision: &Revision) -> Text {
    let name = &revision.name;
    let serves = match revision.ready {
        0 => String::new(),
        ready => format!("; serves now on {ready} pods"),
    };
    Text::clean(&match &revision.evidence {
        Evidence::SeenComplete { at } => {
            format!("{name} was seen complete {} UTC{serves}", at.format("%F %H:%M"))
        }
        Evidence::ServesAlone => format!("{name} served until this release{serves}"),
        Evidence::PlanPrevious => format!("the plan names {name} as the version before{serves}"),
        Evidence::Unproven => format!("UNPROVEN: nothing says that {name} ever worked{serves}"),
    })
}
