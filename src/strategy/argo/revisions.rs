//! Revisions of a Rollout, and which of them is known good by evidence.
//!
//! That a version is alone with ready pods beside the present one proves nothing here: an aborted candidate stays ready
//! for its scale-down delay too. The controller's own `stableRS` is evidence, and is what a stop returns to.

use std::cmp::Reverse;

use crate::model::Time;
use crate::model::ids::TemplateHash;
use crate::model::replicaset::ReplicaSet;
use crate::model::text::Text;
use crate::model::view::{Evidence, Revision, Version};
use crate::strategy::differences;

use super::scene::Scene;

/// Time until which the controller keeps a ReplicaSet that it no longer needs.
const DEADLINE: &str = "scale-down-deadline";

/// All revisions, newest first.
pub(super) fn all(scene: &Scene<'_>) -> Vec<Revision> {
    let current = scene.current().and_then(|hash| scene.set_of(hash));
    let now = current.and_then(|set| scene.known.templates.get(&set.key()));
    let mut revisions: Vec<Revision> = scene
        .sets()
        .map(|set| {
            let is_current = current.is_some_and(|current| current.metadata.uid == set.metadata.uid);
            let template = scene.known.templates.get(&set.key());
            let differs = now.zip(template).map(|(now, other)| differences(now.raw(), other.raw()));
            let name = scene.version(&set.hash());
            Revision {
                evidence: evidence(scene, &set.hash(), &name),
                name,
                key: set.key(),
                replica_set: set.metadata.name.clone(),
                number: set.revision(),
                images: set.spec.template.images.iter().map(|one| Text::clean(&one.image)).collect(),
                created: set.metadata.created,
                ready: set.status.ready_replicas,
                pods: set.status.replicas,
                current: is_current,
                differs: differs.filter(|_| !is_current),
            }
        })
        .collect();
    revisions.sort_by_key(|revision| Reverse(revision.number));
    revisions
}

fn evidence(scene: &Scene<'_>, hash: &TemplateHash, name: &Text) -> Evidence {
    if scene.known.condemned.contains(hash) {
        return Evidence::Unproven;
    }
    if let Some(at) = seen(scene, hash) {
        return Evidence::SeenComplete { at };
    }
    if scene.stable() == Some(hash) && scene.current() != Some(hash) {
        return Evidence::ServesAlone;
    }
    if scene.known.previous.as_ref() == Some(name) {
        return Evidence::PlanPrevious;
    }
    Evidence::Unproven
}

fn seen(scene: &Scene<'_>, hash: &TemplateHash) -> Option<Time> {
    let uid = &scene.rollout.face.metadata.uid;
    let rows = scene.known.seen_complete.iter().filter(|row| row.workload == *uid && row.hash == *hash);
    rows.map(|row| row.at).max()
}

/// The best revision to return to: never the present one.
pub(super) fn best(revisions: &[Revision]) -> Option<&Revision> {
    revisions.iter().filter(|revision| !revision.current && revision.evidence.is_good()).min_by_key(
        |revision| match &revision.evidence {
            Evidence::SeenComplete { at } => (0, Reverse(revision.ready > 0), Reverse(Some(*at))),
            Evidence::ServesAlone => (1, Reverse(true), Reverse(None)),
            Evidence::PlanPrevious => (2, Reverse(revision.ready > 0), Reverse(None)),
            Evidence::Unproven => (3, Reverse(false), Reverse(None)),
        },
    )
}

/// A ReplicaSet as one of the two versions of an update.
pub(super) fn version(scene: &Scene<'_>, set: &ReplicaSet) -> Version {
    Version {
        name: scene.version(&set.hash()),
        key: set.key(),
        replica_set: set.metadata.name.clone(),
        pods: set.status.replicas,
        ready: set.status.ready_replicas,
        desired: set.spec.replicas,
    }
}

/// Whether its pods still stand in full: a way back that needs no new ones.
pub(super) fn is_warm(scene: &Scene<'_>, hash: &TemplateHash) -> bool {
    scene.wanted() > 0 && scene.available(hash) >= scene.wanted()
}

/// Whether the controller goes back to it by itself without steps: only to a ReplicaSet that is older, in whole seconds,
/// than the stable one, and inside its scale-down delay.
pub(super) fn is_older_and_kept(scene: &Scene<'_>, hash: &TemplateHash) -> bool {
    let created = |hash: &TemplateHash| Some(scene.set_of(hash)?.metadata.created?.timestamp());
    let older = scene.stable().and_then(created).zip(created(hash)).is_some_and(|(stable, own)| own < stable);
    older
        && scene
            .set_of(hash)
            .is_some_and(|set| set.metadata.annotation(DEADLINE).is_some_and(|at| !at.is_empty()))
}

/// The evidence in words, for the sheet.
pub(super) fn words(scene: &Scene<'_>, revision: &Revision) -> Text {
    let serves =
        if revision.ready > 0 { format!("; {} pods of it are ready", revision.ready) } else { String::new() };
    let name = &revision.name;
    let stable = scene.stable() == Some(&revision.key.hash);
    let why = match &revision.evidence {
        _ if stable => format!("{name} is the controller's stable version{serves}"),
        Evidence::SeenComplete { at } => {
            format!("{name} was seen complete {} UTC{serves}", at.format("%F %H:%M"))
        }
        Evidence::ServesAlone => format!("{name} serves by right{serves}"),
        Evidence::PlanPrevious => format!("the plan names {name} as the version before{serves}"),
        Evidence::Unproven => format!("UNPROVEN: nothing says that {name} ever worked{serves}"),
    };
    Text::clean(&why)
}
