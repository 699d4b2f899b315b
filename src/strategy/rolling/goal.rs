//! Whether a goal on a Deployment holds, judged on live objects alone.

use crate::model::act::Act;
use crate::model::deployment::Deployment;
use crate::model::objects::{Depth, ObjectSet};
use crate::model::outline::{Next, RefusalKind, Want};
use crate::model::replicaset::ReplicaSet;
use crate::model::text::Text;

use super::{deployment, outline, progress};
use crate::strategy::{Milestone, Pursuit};

/// What the goal needs next.
pub(super) fn next(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
    let Some(deployment) = deployment(objects) else {
        return Next::Impossible(Text::clean("not a Deployment"));
    };
    if deployment.metadata.uid != *pursuit.uid {
        return Next::Impossible(Text::clean("it was deleted and made anew: this is another object now"));
    }
    if !asked(pursuit.want, deployment, objects, pursuit) {
        return send(pursuit, objects);
    }
    if !deployment.observed() {
        return Next::wait("controller to see it");
    }
    match unreached(pursuit.want, deployment, objects) {
        None => Next::holds(),
        Some(what) => Next::wait(&what),
    }
}

/// Whether the spec says what is wanted.
fn asked(want: &Want, deployment: &Deployment, objects: &ObjectSet, pursuit: &Pursuit<'_>) -> bool {
    let spec = &deployment.spec;
    match want {
        // an update that ended while the pause was on its way has nothing left to hold
        Want::Paused { paused: true } => {
            spec.paused || !progress::in_flight(deployment, objects, pursuit.known)
        }
        Want::Paused { paused: false } => !spec.paused,
        Want::Serving { digest, hash, .. } => {
            let same = spec.template.digest == *digest
                // the server may fill in fields that an older ReplicaSet lacks; then the hash still tells
                || hash.is_some() && progress::current(deployment, objects).map(ReplicaSet::hash) == *hash;
            same && !spec.paused
        }
        Want::Image { container, image } => {
            spec.template.images.iter().any(|c| c.name == *container && c.image == *image)
        }
        Want::Restarted { stamp } => spec.template.restarted.as_ref() == Some(stamp),
        Want::Replicas { replicas } => deployment.wanted() == i64::from(*replicas),
        Want::LocalOnly => true,
        // other mechanisms' wants are never made here
        Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Promoted { .. }
        | Want::Retried { .. }
        | Want::Fenced { .. } => false,
    }
}

/// What of it cannot be seen yet.
fn unreached(want: &Want, deployment: &Deployment, objects: &ObjectSet) -> Option<String> {
    match want {
        Want::Paused { .. }
        | Want::LocalOnly
        | Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Promoted { .. }
        | Want::Retried { .. }
        | Want::Fenced { .. } => None,
        Want::Serving { version, .. } => pods(deployment, objects, version.as_str()),
        Want::Image { image, .. } => pods(deployment, objects, image),
        Want::Restarted { .. } => pods(deployment, objects, "the restart"),
        Want::Replicas { .. } => pods(deployment, objects, "this size"),
    }
}

fn pods(deployment: &Deployment, objects: &ObjectSet, of: &str) -> Option<String> {
    if progress::complete(deployment) {
        return stray_endpoints(deployment, objects);
    }
    let status = &deployment.status;
    let wanted = deployment.wanted();
    if status.replicas > status.updated_replicas && status.updated_replicas >= wanted {
        return Some(format!("{} old pods to leave", status.replicas - status.updated_replicas));
    }
    let arrived = status.updated_replicas.min(status.available_replicas);
    Some(format!("pods {arrived}/{wanted} {of}"))
}

/// Complete by its status, and yet a Service still sends traffic to a pod of another revision.
fn stray_endpoints(deployment: &Deployment, objects: &ObjectSet) -> Option<String> {
    let current = progress::current(deployment, objects)?;
    let foreign = |pod: &crate::model::pod::Pod| {
        pod.owner.as_ref() != Some(&current.metadata.name) && pod.ready && !pod.terminating
    };
    let strays = objects.pods.iter().filter(|pod| foreign(pod)).count();
    (strays > 0).then(|| format!("{strays} pods of other revisions to leave the endpoints"))
}

/// The step, made from what is there now: an index or a name may have moved since the sheet was drawn.
fn send(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
    let act = match (pursuit.act, pursuit.want) {
        // a stop or roll-back is pinned to the revision that was confirmed, whatever looks best by now
        (Act::Stop | Act::RollBack { .. }, Want::Serving { hash: Some(hash), .. }) => {
            let key = objects.replica_sets.iter().find(|set| set.hash() == *hash).map(ReplicaSet::key);
            match key.or_else(|| pursuit.known.templates.keys().find(|key| key.hash == *hash).cloned()) {
                Some(key) => Act::RollBack { to: Some(key) },
                // a goal taken over from an earlier console is asked before the ReplicaSets were read
                None if objects.depth == Depth::Listed => return Next::wait("revisions to be read"),
                None => return Next::Impossible(Text::clean("the revision to return to is gone")),
            }
        }
        (Act::Stop, Want::Paused { .. }) => Act::Hold,
        (act, _) => act.clone(),
    };
    match outline::outline(&act, objects, pursuit.known) {
        Ok(outline) => match outline.steps.into_iter().next() {
            Some(step) => Next::Send(step),
            None => Next::wait("nothing to send"),
        },
        Err(refusal) if refusal.kind == RefusalKind::TemplateNotRead => Next::wait(refusal.why.as_str()),
        Err(refusal) => Next::Impossible(Text::clean(&refusal.to_string())),
    }
}

/// Stages, in their order.
pub(super) fn milestones(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
    let Some(deployment) = deployment(objects) else { return Vec::new() };
    let asked = asked(pursuit.want, deployment, objects, pursuit);
    let observed = asked && deployment.observed();
    let mut stages = vec![Milestone { what: Text::clean("controller saw it"), reached: observed }];
    let wanted = deployment.wanted();
    let last = match pursuit.want {
        Want::Paused { .. }
        | Want::LocalOnly
        | Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Promoted { .. }
        | Want::Retried { .. }
        | Want::Fenced { .. } => return stages,
        Want::Serving { version, .. } => format!("pods {wanted}/{wanted} {version}"),
        Want::Image { .. } => format!("pods {wanted}/{wanted} on the new image"),
        Want::Restarted { .. } => format!("pods {wanted}/{wanted} restarted"),
        Want::Replicas { replicas } => format!("pods {replicas}/{replicas}"),
    };
    let reached = observed && unreached(pursuit.want, deployment, objects).is_none();
    stages.push(Milestone { what: Text::clean(&last), reached });
    stages
}
