//! Scaling: what to do when `spec.replicas` changed, in the middle of a rollout or at rest.

use super::view::{DeploymentView, SetView, Sets};
use super::{World, resize};

/// Whether an active ReplicaSet was last scaled for another number of replicas.
pub(super) fn is_due(sets: &Sets, deployment: &DeploymentView) -> bool {
    sets.all()
        .filter(|set| set.replicas > 0)
        .any(|set| set.desired.is_some_and(|desired| desired != deployment.replicas))
}

/// Gives the ReplicaSets their sizes without moving the rollout on.
pub(super) fn scale(world: &mut World, deployment: &DeploymentView, sets: &mut Sets) {
    if let Some(only) = active_or_latest(sets) {
        if only.replicas != deployment.replicas {
            resize(world, deployment, only, deployment.replicas);
        }
        return;
    }
    if is_saturated(deployment, sets) {
        for set in sets.old.iter_mut().filter(|set| set.replicas > 0) {
            resize(world, deployment, set, 0);
        }
        return;
    }
    if !deployment.recreate {
        in_proportion(world, deployment, sets);
    }
}

/// The only active ReplicaSet; with none active the newest one; `None` when several are.
fn active_or_latest(sets: &mut Sets) -> Option<&mut SetView> {
    let active = sets.all().filter(|set| set.replicas > 0).count();
    match active {
        0 if sets.new.is_some() => sets.new.as_mut(),
        0 => sets.old.last_mut(),
        1 => sets.old.iter_mut().chain(&mut sets.new).find(|set| set.replicas > 0),
        _several => None,
    }
}

fn is_saturated(deployment: &DeploymentView, sets: &Sets) -> bool {
    sets.new.as_ref().is_some_and(|new| {
        new.desired == Some(deployment.replicas)
            && new.replicas == deployment.replicas
            && new.available == deployment.replicas
    })
}

/// Spreads the difference over all active ReplicaSets by their size; what rounding leaves goes to the first.
fn in_proportion(world: &mut World, deployment: &DeploymentView, sets: &mut Sets) {
    let wanted = sets.wanted();
    let allowed = if deployment.replicas > 0 { deployment.ceiling() } else { 0 };
    let difference = allowed - wanted;
    let mut active: Vec<&mut SetView> =
        sets.old.iter_mut().chain(&mut sets.new).filter(|set| set.replicas > 0).collect();
    active.sort_by(|one, other| {
        let by_size = other.replicas.cmp(&one.replicas);
        let by_age = if difference > 0 { other.by_age(one) } else { one.by_age(other) };
        by_size.then(by_age)
    });
    let mut sizes: Vec<i64> = Vec::with_capacity(active.len());
    let mut spread = 0;
    for set in &active {
        let part = proportion(deployment, set, difference, spread);
        sizes.push(set.replicas + part);
        spread += part;
    }
    if let Some(first) = sizes.first_mut() {
        *first = (*first + difference - spread).max(0);
    }
    for (set, size) in active.into_iter().zip(sizes) {
        resize(world, deployment, set, size);
    }
}

fn proportion(deployment: &DeploymentView, set: &SetView, difference: i64, spread: i64) -> i64 {
    let left = difference - spread;
    if left == 0 {
        return 0;
    }
    let fraction = fraction(deployment, set);
    if difference > 0 { fraction.min(left) } else { fraction.max(left) }
}

fn fraction(deployment: &DeploymentView, set: &SetView) -> i64 {
    if deployment.replicas == 0 {
        return -set.replicas;
    }
    let annotated = set.max.unwrap_or(deployment.reported).max(1);
    rounded_quotient(set.replicas * deployment.ceiling(), annotated) - set.replicas
}

fn rounded_quotient(dividend: i64, divisor: i64) -> i64 {
    (2 * dividend + divisor) / (2 * divisor)
}
