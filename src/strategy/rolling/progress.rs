//! Where an update stands: in flight, complete, paused, given up.

use crate::model::Time;
use crate::model::deployment::{Condition, Deployment};
use crate::model::ids::TemplateHash;
use crate::model::objects::{Known, ObjectSet};
use crate::model::replicaset::ReplicaSet;

/// Reasons of condition `Progressing` under which nothing is on its way.
const AT_REST: [&str; 3] = ["NewReplicaSetAvailable", "DeploymentPaused", "DeploymentResumed"];

/// Whether an update is in flight (`rollout-contracts.md` 3): this is the scope of a stop, and it is not "not
/// complete": a finished Deployment with a sick pod, or one being scaled, is not in flight.
pub(super) fn in_flight(deployment: &Deployment, objects: &ObjectSet, known: &Known) -> bool {
    let status = &deployment.status;
    if status.replicas != status.updated_replicas {
        return true;
    }
    if !deployment.observed() {
        return !only_resized(deployment, objects);
    }
    if deployment.spec.paused {
        return false;
    }
    if let Some(condition) = progressing(deployment) {
        return !AT_REST.contains(&condition.reason.as_str());
    }
    // no deadline is kept: only evidence can say that this template was ever complete
    let hash = current(deployment, objects).map(ReplicaSet::hash);
    let uid = &deployment.metadata.uid;
    let seen = known.seen_complete.iter().any(|row| row.workload == *uid && Some(&row.hash) == hash.as_ref());
    !complete(deployment) && !seen
}

/// A change that the controller has not observed is a change of size when the newest revision has this very template.
fn only_resized(deployment: &Deployment, objects: &ObjectSet) -> bool {
    progressing(deployment).is_some_and(|condition| AT_REST.contains(&condition.reason.as_str()))
        && newest(&objects.replica_sets)
            .is_some_and(|set| set.spec.template.digest == deployment.spec.template.digest)
}

fn newest(sets: &[ReplicaSet]) -> Option<&ReplicaSet> {
    sets.iter().max_by_key(|set| set.revision())
}

/// Complete in the sense of `kubectl rollout status`.
pub(super) fn complete(deployment: &Deployment) -> bool {
    let status = &deployment.status;
    deployment.observed()
        && status.updated_replicas == deployment.wanted()
        && status.replicas == status.updated_replicas
        && status.available_replicas >= status.updated_replicas
}

/// The ReplicaSet of the present template: the one with an equal template; else, where API defaults changed under an
/// old ReplicaSet, the one that carries the Deployment's own revision number.
pub(super) fn current<'a>(deployment: &Deployment, objects: &'a ObjectSet) -> Option<&'a ReplicaSet> {
    let digest = deployment.spec.template.digest;
    // Kubernetes takes the oldest of equal templates (`FindNewReplicaSet`)
    let equal = objects
        .replica_sets
        .iter()
        .filter(|set| set.spec.template.digest == digest)
        .min_by_key(|set| set.metadata.created);
    let by_number = || {
        let revision = deployment.revision()?;
        let unpaused = deployment.observed() && !deployment.spec.paused;
        objects.replica_sets.iter().find(|set| unpaused && set.revision() == Some(revision))
    };
    equal.or_else(by_number)
}

/// The hash of the revision that is complete now. Where no ReplicaSet was read, the controller's own sentence names it:
/// `ReplicaSet "api-5988474c6d" has successfully progressed.`
pub(super) fn complete_hash(deployment: &Deployment, objects: &ObjectSet) -> Option<TemplateHash> {
    // scaled to nothing proves nothing
    if !complete(deployment) || deployment.wanted() == 0 {
        return None;
    }
    if let Some(set) = current(deployment, objects) {
        return Some(set.hash());
    }
    let condition = progressing(deployment).filter(|c| c.reason == "NewReplicaSetAvailable")?;
    let set = condition.message.as_str().split('"').nth(1)?;
    let hash = set.strip_prefix(deployment.metadata.name.as_str())?.strip_prefix('-')?;
    Some(TemplateHash::new(hash))
}

/// Condition `Progressing`.
pub(super) fn progressing(deployment: &Deployment) -> Option<&Condition> {
    deployment.condition("Progressing")
}

/// When the last update ended.
pub(super) fn finished(deployment: &Deployment) -> Option<Time> {
    let condition = progressing(deployment)?;
    (condition.reason == "NewReplicaSetAvailable").then_some(condition.last_update_time)?
}

/// The controller gave up waiting. Nothing reverts by itself.
pub(super) fn gave_up(deployment: &Deployment) -> Option<&Condition> {
    progressing(deployment).filter(|condition| condition.reason == "ProgressDeadlineExceeded")
}
