//! Revisions of a Deployment, and which of them is known good by evidence.

use std::cmp::Reverse;

use crate::model::Time;
use crate::model::deployment::Deployment;
use crate::model::ids::TemplateHash;
use crate::model::objects::{Known, ObjectSet};
use crate::model::replicaset::ReplicaSet;
use crate::model::template::TemplateSummary;
use crate::model::text::Text;
use crate::model::view::{Evidence, Revision, Version};

use super::progress;
use crate::strategy::{differences, version_name};

/// All revisions, newest first.
pub(super) fn all(deployment: &Deployment, objects: &ObjectSet, known: &Known) -> Vec<Revision> {
    let current = progress::current(deployment, objects);
    let now_template = current.and_then(|set| known.templates.get(&set.key()));
    let mut revisions: Vec<Revision> = objects
        .replica_sets
        .iter()
        .map(|set| {
            let is_current = current.is_some_and(|c| c.metadata.uid == set.metadata.uid);
            let name = name(set, deployment, is_current);
            Revision {
                evidence: evidence(deployment, objects, known, set, current, &name),
                name,
                key: set.key(),
                replica_set: set.metadata.name.clone(),
                number: set.revision(),
                images: images(&set.spec.template),
                created: set.metadata.created,
                ready: set.status.ready_replicas,
                pods: set.status.replicas,
                current: is_current,
                differs: (!is_current)
                    .then(|| Some(differences(now_template?.raw(), known.templates.get(&set.key())?.raw())))
                    .flatten(),
            }
        })
        .collect();
    revisions.sort_by_key(|revision| Reverse(revision.number));
    revisions
}

fn images(template: &TemplateSummary) -> Vec<Text> {
    template.images.iter().map(|container| Text::clean(&container.image)).collect()
}

fn name(set: &ReplicaSet, deployment: &Deployment, is_current: bool) -> Text {
    let other = (!is_current).then_some(&deployment.spec.template);
    version_name(&set.spec.template, other)
}

/// The evidence for one revision (`product.md`, Known good).
fn evidence(
    deployment: &Deployment,
    objects: &ObjectSet,
    known: &Known,
    set: &ReplicaSet,
    current: Option<&ReplicaSet>,
    name: &Text,
) -> Evidence {
    if known.condemned.contains(&set.hash()) {
        return Evidence::Unproven;
    }
    if let Some(at) = last_complete(deployment, known, &set.hash()) {
        return Evidence::SeenComplete { at };
    }
    if serves_alone(deployment, objects, known, set, current) {
        return Evidence::ServesAlone;
    }
    if known.previous.as_ref() == Some(name) {
        return Evidence::PlanPrevious;
    }
    Evidence::Unproven
}

fn last_complete(deployment: &Deployment, known: &Known, hash: &TemplateHash) -> Option<Time> {
    known
        .seen_complete
        .iter()
        .filter(|row| row.workload == deployment.metadata.uid && row.hash == *hash)
        .map(|row| row.at)
        .max()
}

/// Nothing is known by having been seen complete, and exactly this one beside the present one has ready pods.
fn serves_alone(
    deployment: &Deployment,
    objects: &ObjectSet,
    known: &Known,
    set: &ReplicaSet,
    current: Option<&ReplicaSet>,
) -> bool {
    let is_current = |s: &ReplicaSet| current.is_some_and(|c| c.metadata.uid == s.metadata.uid);
    let others = || objects.replica_sets.iter().filter(|s| !is_current(s));
    if is_current(set) || others().any(|s| last_complete(deployment, known, &s.hash()).is_some()) {
        return false;
    }
    let serving: Vec<_> = others().filter(|s| s.status.ready_replicas > 0).collect();
    current.is_some() && serving.len() == 1 && serving[0].metadata.uid == set.metadata.uid
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
pub(super) fn version(set: &ReplicaSet, name: Text) -> Version {
    Version {
        name,
        key: set.key(),
        replica_set: set.metadata.name.clone(),
        pods: set.status.replicas,
        ready: set.status.ready_replicas,
        desired: set.spec.replicas,
    }
}

/// The evidence in words, for the sheet.
pub(super) fn words(revision: &Revision) -> Text {
    let serves =
        if revision.ready > 0 { format!("; serves now on {} pods", revision.ready) } else { String::new() };
    let why = match &revision.evidence {
        Evidence::SeenComplete { at } => {
            format!("{} was seen complete {} UTC{serves}", revision.name, at.format("%F %H:%M"))
        }
        Evidence::ServesAlone => {
            format!("{} serves now on {} pods, alone beside the new one", revision.name, revision.ready)
        }
        Evidence::PlanPrevious => format!("the plan names {} as the version before{serves}", revision.name),
        Evidence::Unproven => format!("UNPROVEN: nothing says that {} ever worked{serves}", revision.name),
    };
    Text::clean(&why)
}
