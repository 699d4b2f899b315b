//! The rolling update: up with the new as far as the surge allows, down with the old as far as availability allows.

use super::view::{DeploymentView, SetView, Sets};
use super::{World, resize};

/// Brings the new ReplicaSet nearer to its size; true when it moved.
pub(super) fn grow_new(world: &mut World, deployment: &DeploymentView, sets: &mut Sets) -> bool {
    let wanted = sets.wanted();
    let Some(new) = &mut sets.new else { return false };
    if new.replicas == deployment.replicas {
        return false;
    }
    let size = new_size(deployment, wanted, new.replicas);
    resize(world, deployment, new, size)
}

/// The size that the new ReplicaSet may have while all together want `wanted` pods.
pub(super) fn new_size(deployment: &DeploymentView, wanted: i64, present: i64) -> i64 {
    if present > deployment.replicas || deployment.recreate {
        return deployment.replicas;
    }
    let room = deployment.ceiling() - wanted;
    if room <= 0 { present } else { present + room.min(deployment.replicas - present) }
}

/// Takes old pods down: unhealthy ones first, then as many healthy ones as availability allows; true when one moved.
pub(super) fn shrink_old(world: &mut World, deployment: &DeploymentView, sets: &mut Sets) -> bool {
    let Some(new) = &sets.new else { return false };
    let new_unavailable = new.replicas - new.available;
    let allowed = sets.wanted() - deployment.floor() - new_unavailable;
    if allowed <= 0 || sets.old.iter().all(|set| set.replicas == 0) {
        return false;
    }
    let unhealthy = take_down(world, deployment, &mut sets.old, allowed, |set| set.replicas - set.available);
    let spare = sets.available() - deployment.floor();
    let healthy = take_down(world, deployment, &mut sets.old, spare, |set| set.replicas);
    unhealthy + healthy > 0
}

/// Shrinks the ReplicaSets, oldest first, each by at most what `of` says, all together by at most `limit`.
fn take_down(
    world: &mut World,
    deployment: &DeploymentView,
    old: &mut [SetView],
    limit: i64,
    of: impl Fn(&SetView) -> i64,
) -> i64 {
    let mut taken = 0;
    for set in old {
        let part = of(set).min(limit - taken);
        if part > 0 {
            let size = set.replicas - part;
            resize(world, deployment, set, size);
            taken += part;
        }
    }
    taken
}
