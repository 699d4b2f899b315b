//! The Deployment controller: one pass brings ReplicaSets and status one step nearer to the spec.
//!
//! The order of the steps is that of the real controller, because its intermediate states are what a console watches:
//! pause conditions first, then scaling, then the rollout, then clean-up and status.

mod revision;
mod rolling;
mod scale;
mod status;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use serde_json::Value;

use super::events::{self, Note, Reporter, Severity};
use super::store::Key;
use super::{World, json};
use view::{DESIRED, DeploymentView, MAX, SetView, Sets};

/// Reconciles the Deployment with `key`.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    status::mark_pause(world, key);
    let Some(object) = world.store.get(key).cloned() else { return };
    let deployment = DeploymentView::of(key, &object);
    if deployment.paused || scale::is_due(&revision::find_sets(world, &object, &deployment), &deployment) {
        scale_only(world, &object, &deployment);
    } else if deployment.recreate {
        recreate(world, &object, &deployment);
    } else {
        roll(world, &object, &deployment);
    }
}

/// Paused or being scaled: no new ReplicaSet, sizes in proportion, status without progress.
fn scale_only(world: &mut World, object: &Arc<Value>, deployment: &DeploymentView) {
    let mut sets = revision::find_sets(world, object, deployment);
    revision::adopt_new(world, deployment, &mut sets);
    scale::scale(world, deployment, &mut sets);
    if deployment.paused {
        revision::clean_up(world, deployment, &sets);
    }
    status::sync(world, deployment, &sets);
}

fn roll(world: &mut World, object: &Arc<Value>, deployment: &DeploymentView) {
    let mut sets = revision::find_sets(world, object, deployment);
    revision::ensure_new(world, object, deployment, &mut sets);
    let moved =
        rolling::grow_new(world, deployment, &mut sets) || rolling::shrink_old(world, deployment, &mut sets);
    finish(world, deployment, &sets, !moved);
}

fn recreate(world: &mut World, object: &Arc<Value>, deployment: &DeploymentView) {
    let mut sets = revision::find_sets(world, object, deployment);
    revision::adopt_new(world, deployment, &mut sets);
    let mut moved = false;
    for index in 0..sets.old.len() {
        moved |= resize(world, deployment, &mut sets.old[index], 0);
    }
    let old_pods_remain = sets.old.iter().any(|set| set.actual > 0 || set.terminating > 0);
    if !moved && !old_pods_remain {
        revision::ensure_new(world, object, deployment, &mut sets);
        if let Some(new) = &mut sets.new {
            resize(world, deployment, new, deployment.replicas);
        }
    }
    finish(world, deployment, &sets, !moved && !old_pods_remain);
}

fn finish(world: &mut World, deployment: &DeploymentView, sets: &Sets, may_clean_up: bool) {
    if may_clean_up && status::is_complete(world, deployment) {
        revision::clean_up(world, deployment, sets);
    }
    status::sync_rollout(world, deployment, sets);
}

/// Sets the size of a ReplicaSet and keeps its size annotations right; true when the size changed.
fn resize(world: &mut World, deployment: &DeploymentView, set: &mut SetView, size: i64) -> bool {
    let before = set.replicas;
    let (desired, max) = (deployment.replicas, deployment.ceiling());
    if before == size && set.desired == Some(desired) && set.max == Some(max) {
        return false;
    }
    world.modify(&set.key, |object| {
        json::set(object, &["spec", "replicas"], size);
        json::set(object, &["metadata", "annotations", DESIRED], desired.to_string());
        json::set(object, &["metadata", "annotations", MAX], max.to_string());
    });
    (set.replicas, set.desired, set.max) = (size, Some(desired), Some(max));
    if before == size {
        return false;
    }
    announce_scaling(world, deployment, &set.key.name, before, size);
    true
}

fn announce_scaling(world: &mut World, deployment: &DeploymentView, set: &str, before: i64, size: i64) {
    let direction = if size > before { "up" } else { "down" };
    let message = format!("Scaled {direction} replica set {set} from {before} to {size}");
    events::record(
        world,
        &deployment.key,
        Note {
            severity: Severity::Normal,
            reporter: Reporter::DeploymentController,
            reason: "ScalingReplicaSet",
            message: &message,
        },
    );
}
