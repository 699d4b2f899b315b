//! Where something moves while nothing is in view: a count, no more.

use std::collections::BTreeMap;

use super::pages;
use crate::cluster::http::{Http, HttpError};
use crate::model::deployment::Deployment;
use crate::model::ids::Namespace;

const MOST_PAGES: usize = 4;
/// Reasons of condition `Progressing` that end or rest an update (`rollout-contracts` 3, In flight).
const AT_REST: [&str; 3] = ["NewReplicaSetAvailable", "DeploymentPaused", "DeploymentResumed"];

/// Deployments in flight, by namespace.
pub(super) async fn moving(http: &Http) -> Result<Vec<(Namespace, u32)>, HttpError> {
    let mut counts: BTreeMap<Namespace, u32> = BTreeMap::new();
    pages(http, "/apis/apps/v1/deployments", MOST_PAGES, |deployment: Deployment| {
        if in_flight(&deployment) {
            *counts.entry(deployment.metadata.namespace).or_default() += 1;
        }
    })
    .await?;
    Ok(counts.into_iter().collect())
}

fn in_flight(deployment: &Deployment) -> bool {
    let unsettled =
        !deployment.observed() || deployment.status.replicas != deployment.status.updated_replicas;
    let progressing = deployment.condition("Progressing").map(|condition| condition.reason.as_str());
    unsettled || (!deployment.spec.paused && progressing.is_some_and(|reason| !AT_REST.contains(&reason)))
}
