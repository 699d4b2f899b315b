//! Deployments, updated by rolling (or recreating) their pods.
//!
//! Contract: Kubernetes `apps/v1`, the order of checks of `kubectl rollout status`, and the conditions that the
//! Deployment controller writes (`Progressing` with its reasons, `ReplicaFailure`). A Deployment has no steps: it
//! moves by itself until it is complete, stuck or paused. Pausing leaves started pods and traffic where they are, so a
//! stop is a return of the template, not a pause. Nothing but evidence says that a revision once worked: the number of
//! ready pods does not, because after two quick changes the controller scales the oldest revision down first.

mod goal;
mod outline;
mod progress;
mod reasons;
mod revisions;
mod view;

#[cfg(test)]
mod tests;

use crate::model::act::Act;
use crate::model::deployment::Deployment;
use crate::model::objects::{Known, ObjectSet, Workload};
use crate::model::outline::{Next, Outline, Refusal};
use crate::model::view::WorkloadView;

use super::{Milestone, Pursuit, Strategy};

pub(super) use reasons::pod_reasons;
pub(super) use view::project;

/// The strategy.
pub(super) struct Rolling;

impl Strategy for Rolling {
    fn project(&self, objects: &ObjectSet, known: &Known) -> WorkloadView {
        match deployment(objects) {
            Some(deployment) => view::project(deployment, objects, known),
            None => super::listed::Listed.project(objects, known),
        }
    }

    fn outline(&self, act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
        outline::outline(act, objects, known)
    }

    fn next(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
        goal::next(pursuit, objects)
    }

    fn milestones(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
        goal::milestones(pursuit, objects)
    }
}

/// The Deployment of a set; the registry hands this strategy no other kind.
fn deployment(objects: &ObjectSet) -> Option<&Deployment> {
    match &objects.workload {
        Workload::Deployment(deployment) => Some(deployment),
        Workload::Rollout(_)
        | Workload::Canary(_)
        | Workload::StatefulSet(_)
        | Workload::DaemonSet(_)
        | Workload::Service(_)
        | Workload::Route(_)
        | Workload::Listed(_) => None,
    }
}
