//! The picture of a Deployment.

use crate::model::deployment::Deployment;
use crate::model::objects::{Depth, Known, ObjectSet};
use crate::model::outline::{Refusal, RefusalKind};
use crate::model::owner::GitOpsOwner;
use crate::model::replicaset::ReplicaSet;
use crate::model::template::TemplateKey;
use crate::model::track::Truth;
use crate::model::view::{Reason, Revision, Version, WorkloadState, WorkloadView};

use super::{outline, progress, reasons, revisions};
use crate::model::act::Act;
use crate::strategy::{skew, traffic, version_name};

/// Projects a set whose workload is a Deployment.
pub(in crate::strategy) fn project(
    deployment: &Deployment,
    objects: &ObjectSet,
    known: &Known,
) -> WorkloadView {
    let in_flight = progress::in_flight(deployment, objects, known);
    let current = progress::current(deployment, objects);
    let reasons = reasons::of(deployment, objects, current, in_flight);
    let revisions = revisions::all(deployment, objects, known);
    let (stable, candidate) = sides(deployment, objects, &revisions, current, in_flight);
    let started = current.filter(|_| in_flight).and_then(|set| set.metadata.created);
    WorkloadView {
        target: objects.target.clone(),
        uid: deployment.metadata.uid.clone(),
        strategy: "rolling",
        state: state(deployment, objects, in_flight, &reasons),
        reasons,
        in_flight,
        paused: deployment.spec.paused,
        finished: progress::finished(deployment),
        started,
        wanted: deployment.wanted(),
        ready: deployment.status.ready_replicas,
        version: candidate.as_ref().map_or_else(
            || version_name(&deployment.spec.template, None),
            |candidate| candidate.name.clone(),
        ),
        stable,
        candidate,
        traffic: traffic::count(objects),
        owner: GitOpsOwner::of(&deployment.metadata),
        driver: objects.driver.clone(),
        autoscaler: objects.autoscalers.first().map(|autoscaler| autoscaler.name.clone()),
        way_back: prepared(&Act::RollBack { to: None }, objects, known),
        stop: prepared(&Act::Stop, objects, known),
        promote: outline::outline(&Act::Promote, objects, known),
        needs_templates: needs(objects, known, &revisions, in_flight || deployment.spec.paused),
        complete: progress::complete_hash(deployment, objects),
        revisions,
        track: None,
        truth: Truth::default(),
        analysis: Vec::new(),
        warnings: skew::warnings(objects.pods.iter(), in_flight),
    }
}

fn prepared(
    act: &Act,
    objects: &ObjectSet,
    known: &Known,
) -> Result<crate::model::outline::Outline, Refusal> {
    if objects.depth == Depth::Listed {
        return Err(Refusal::new(RefusalKind::TemplateNotRead, "revisions not read yet"));
    }
    outline::outline(act, objects, known)
}

/// At rest the present revision is stable; in flight it is the candidate, and stable is the best that is known good.
fn sides(
    deployment: &Deployment,
    objects: &ObjectSet,
    revisions: &[Revision],
    current: Option<&ReplicaSet>,
    in_flight: bool,
) -> (Option<Version>, Option<Version>) {
    let set_of = |key: &TemplateKey| objects.replica_sets.iter().find(|set| set.key() == *key);
    if !in_flight {
        let name = |set: &ReplicaSet| version_name(&set.spec.template, None);
        return (current.map(|set| revisions::version(set, name(set))), None);
    }
    let best = revisions::best(revisions);
    let old = best.and_then(|revision| set_of(&revision.key)).map(|set| &set.spec.template);
    let stable = best
        .and_then(|revision| Some((set_of(&revision.key)?, revision)))
        .map(|(set, revision)| revisions::version(set, revision.name.clone()));
    let name = version_name(&deployment.spec.template, old);
    (stable, current.map(|set| revisions::version(set, name)))
}

fn state(deployment: &Deployment, objects: &ObjectSet, in_flight: bool, reasons: &[Reason]) -> WorkloadState {
    let available = deployment.status.available_replicas;
    match (in_flight, deployment.spec.paused) {
        (true, _) if !reasons.is_empty() => WorkloadState::Stuck,
        (true, true) => WorkloadState::Held,
        (true, false) => WorkloadState::Progressing,
        (false, _) if deployment.wanted() == 0 && deployment.status.replicas == 0 => WorkloadState::Idle,
        (false, _) if available >= deployment.wanted() && reasons.is_empty() => WorkloadState::Healthy,
        (false, _) if !reasons.is_empty() => WorkloadState::Unhealthy,
        // without its pods only the condition can tell an illness from a scaling
        (false, _) if objects.depth == Depth::Listed && unavailable(deployment) => WorkloadState::Unhealthy,
        (false, _) => WorkloadState::Settling,
    }
}

fn unavailable(deployment: &Deployment) -> bool {
    deployment.condition("Available").is_some_and(|condition| condition.status == "False")
}

/// Templates that must be in hand: what would be returned to, and, for the difference, the present one.
fn needs(objects: &ObjectSet, known: &Known, revisions: &[Revision], moving: bool) -> Vec<TemplateKey> {
    if objects.depth == Depth::Listed {
        return Vec::new();
    }
    let wanted = |revision: &&Revision| {
        revision.current || revision.evidence.is_good() || (moving && revision.pods > 0)
    };
    revisions
        .iter()
        .filter(wanted)
        .map(|revision| revision.key.clone())
        .filter(|key| !known.templates.contains_key(key))
        .collect()
}
