//! Revisions of a set, and which of them is known good by evidence.

use std::cmp::Reverse;

use crate::model::Time;
use crate::model::objects::{Known, ObjectSet};
use crate::model::sets::ControllerRevision;
use crate::model::text::Text;
use crate::model::view::{Evidence, Revision, Version};
use crate::strategy::{differences, version_name};

use super::{Set, pods_of};

/// All revisions, newest first.
pub(super) fn all(set: &Set<'_>, objects: &ObjectSet, known: &Known) -> Vec<Revision> {
    let is_current =
        |revision: &ControllerRevision| set.current.is_some_and(|c| c.metadata.uid == revision.metadata.uid);
    let now_template = set.current.and_then(|current| known.templates.get(&current.key()));
    let mut revisions: Vec<Revision> = objects
        .history
        .iter()
        .map(|revision| {
            let current = is_current(revision);
            let name = name(set, revision, current);
            let pods = pods_of(objects, revision);
            Revision {
                evidence: evidence(set, objects, known, revision, &name),
                name,
                key: revision.key(),
                replica_set: revision.metadata.name.clone(),
                number: u64::try_from(revision.number).ok(),
                images: revision.template.images.iter().map(|one| Text::clean(&one.image)).collect(),
                created: revision.metadata.created,
                ready: count(pods.iter().filter(|pod| pod.ready)),
                pods: count(pods.iter()),
                current,
                differs: (!current)
                    .then(|| {
                        let other = known.templates.get(&revision.key())?;
                        Some(differences(now_template?.raw(), other.raw()))
                    })
                    .flatten(),
            }
        })
        .collect();
    revisions.sort_by_key(|revision| Reverse(revision.number));
    revisions
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}

fn name(set: &Set<'_>, revision: &ControllerRevision, current: bool) -> Text {
    version_name(&revision.template, (!current).then_some(set.template))
}

fn evidence(
    set: &Set<'_>,
    objects: &ObjectSet,
    known: &Known,
    revision: &ControllerRevision,
    name: &Text,
) -> Evidence {
    if known.condemned.contains(&revision.hash()) {
        return Evidence::Unproven;
    }
    if let Some(at) = last_complete(set, known, revision) {
        return Evidence::SeenComplete { at };
    }
    if serves_alone(set, objects, known, revision) {
        return Evidence::ServesAlone;
    }
    if known.previous.as_ref() == Some(name) { Evidence::PlanPrevious } else { Evidence::Unproven }
}

fn last_complete(set: &Set<'_>, known: &Known, revision: &ControllerRevision) -> Option<Time> {
    let hash = revision.hash();
    let rows = known.seen_complete.iter();
    rows.filter(|row| row.workload == set.face.metadata.uid && row.hash == hash).map(|row| row.at).max()
}

/// Nothing is known by having been seen complete, and exactly this one beside the present one has ready pods.
fn serves_alone(set: &Set<'_>, objects: &ObjectSet, known: &Known, revision: &ControllerRevision) -> bool {
    let Some(current) = set.current else { return false };
    let others = || objects.history.iter().filter(|one| one.metadata.uid != current.metadata.uid);
    if revision.metadata.uid == current.metadata.uid
        || others().any(|other| last_complete(set, known, other).is_some())
    {
        return false;
    }
    let ready = |one: &ControllerRevision| pods_of(objects, one).iter().any(|pod| pod.ready);
    let mut serving = others().filter(|one| ready(one));
    let first = serving.next();
    first.is_some_and(|first| first.metadata.uid == revision.metadata.uid) && serving.next().is_none()
}

/// The best revision to return to: never the present one.
pub(super) fn best(revisions: &[Revision]) -> Option<&Revision> {
    let good = revisions.iter().filter(|revision| !revision.current && revision.evidence.is_good());
    good.min_by_key(|revision| match &revision.evidence {
        Evidence::SeenComplete { at } => (0, Reverse(revision.ready > 0), Reverse(Some(*at))),
        Evidence::ServesAlone => (1, Reverse(true), Reverse(None)),
        Evidence::PlanPrevious => (2, Reverse(revision.ready > 0), Reverse(None)),
        Evidence::Unproven => (3, Reverse(false), Reverse(None)),
    })
}

/// A revision as one of the two versions of an update.
pub(super) fn version(revision: &Revision, desired: i64) -> Version {
    Version {
        name: revision.name.clone(),
        key: revision.key.clone(),
        replica_set: revision.replica_set.clone(),
        pods: revision.pods,
        ready: revision.ready,
        desired,
    }
}

/// The evidence in words, for the sheet.
pub(super) fn words(revision: &Revision) -> Text {
    let serves =
        if revision.ready > 0 { format!("; serves now on {} pods", revision.ready) } else { String::new() };
    let name = &revision.name;
    Text::clean(&match &revision.evidence {
        Evidence::SeenComplete { at } => {
            format!("{name} was seen complete {} UTC{serves}", at.format("%F %H:%M"))
        }
        Evidence::ServesAlone => {
            format!("{name} serves now on {} pods, alone beside the new one", revision.ready)
        }
        Evidence::PlanPrevious => format!("the plan names {name} as the version before{serves}"),
        Evidence::Unproven => format!("UNPROVEN: nothing says that {name} ever worked{serves}"),
    })
}
