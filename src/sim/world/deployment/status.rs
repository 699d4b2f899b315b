//! The status of a Deployment: counts, and the conditions by which progress is told.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::World;
use super::view::{DeploymentView, Sets};
use crate::sim::world::clock::{self, stamp};
use crate::sim::world::json;
use crate::sim::world::store::Key;

const PROGRESSING: &str = "Progressing";
const REPLICA_FAILURE: &str = "ReplicaFailure";
const DEADLINE_EXCEEDED: &str = "ProgressDeadlineExceeded";
const NEW_AVAILABLE: &str = "NewReplicaSetAvailable";

/// Records in the conditions that the rollout was paused or resumed.
pub(super) fn mark_pause(world: &mut World, key: &Key) {
    let Some(object) = world.store.get(key) else { return };
    let deployment = DeploymentView::of(key, object);
    let reason = progress_reason(object);
    if deployment.deadline.is_none() || reason == DEADLINE_EXCEEDED {
        return;
    }
    let marked = reason == "DeploymentPaused";
    let (reason, message) = match (deployment.paused, marked) {
        (true, false) => ("DeploymentPaused", "Deployment is paused"),
        (false, true) => ("DeploymentResumed", "Deployment is resumed"),
        (true, true) | (false, false) => return,
    };
    set_progress(world, &deployment, "Unknown", reason, message);
}

/// Notes that a new ReplicaSet was made.
pub(super) fn note_created(world: &mut World, deployment: &DeploymentView, set: &str) {
    if deployment.deadline.is_some() {
        let message = format!("Created new replica set \"{set}\"");
        set_progress(world, deployment, "True", "NewReplicaSetCreated", &message);
    }
}

/// Notes that the wanted ReplicaSet exists already, where progress was not told before.
pub(super) fn note_found(world: &mut World, deployment: &DeploymentView, set: &str) {
    let told =
        world.store.get(&deployment.key).is_some_and(|object| json::condition(object, PROGRESSING).is_some());
    if deployment.deadline.is_some() && !told {
        let message = format!("Found new replica set \"{set}\"");
        set_progress(world, deployment, "True", "FoundNewReplicaSet", &message);
    }
}

/// Whether the reported status says that the rollout is complete.
pub(super) fn is_complete(world: &World, deployment: &DeploymentView) -> bool {
    world.store.get(&deployment.key).and_then(|object| object.get("status")).is_some_and(|status| {
        Counts::of_status(status).complete(deployment)
            && json::count(status, "/observedGeneration") >= deployment.generation
    })
}

/// Writes counts and availability, and leaves the rest of the conditions alone.
pub(super) fn sync(world: &mut World, deployment: &DeploymentView, sets: &Sets) {
    let counts = Counts::of_sets(sets);
    let now = stamp(world.now);
    world.modify(&deployment.key, |object| write_counts(object, deployment, &counts, &now));
}

/// Writes counts and conditions of a rollout that may move.
pub(super) fn sync_rollout(world: &mut World, deployment: &DeploymentView, sets: &Sets) {
    let Some(object) = world.store.get(&deployment.key).cloned() else { return };
    let counts = Counts::of_sets(sets);
    let progress = judge_progress(world, &object, deployment, &counts, sets);
    let failure = replica_failure(world, sets);
    let now = stamp(world.now);
    world.modify(&deployment.key, |object| {
        write_counts(object, deployment, &counts, &now);
        match progress {
            Progress::Untold => drop_condition(object, PROGRESSING),
            Progress::Unchanged => {}
            Progress::Complete(message) => {
                put_condition(object, PROGRESSING, "True", NEW_AVAILABLE, &message, &now);
            }
            Progress::Moving(message) => restate_progress(object, &message, &now),
            Progress::TimedOut(message) => {
                put_condition(object, PROGRESSING, "False", DEADLINE_EXCEEDED, &message, &now);
            }
        }
        match &failure {
            Some((reason, message)) => put_condition(object, REPLICA_FAILURE, "True", reason, message, &now),
            None => drop_condition(object, REPLICA_FAILURE),
        }
    });
    wake_at_deadline(world, deployment);
}

#[derive(Debug, PartialEq, Eq)]
struct Counts {
    /// Pods wanted by all ReplicaSets; not reported, but unavailability is counted from it.
    wanted: i64,
    actual: i64,
    updated: i64,
    ready: i64,
    available: i64,
    terminating: i64,
}

impl Counts {
    fn of_sets(sets: &Sets) -> Self {
        Self {
            wanted: sets.wanted(),
            actual: sets.all().map(|set| set.actual).sum(),
            updated: sets.new.as_ref().map_or(0, |new| new.actual),
            ready: sets.all().map(|set| set.ready).sum(),
            available: sets.available(),
            terminating: sets.all().map(|set| set.terminating).sum(),
        }
    }

    fn of_status(status: &Value) -> Self {
        Self {
            wanted: json::count(status, "/availableReplicas") + json::count(status, "/unavailableReplicas"),
            actual: json::count(status, "/replicas"),
            updated: json::count(status, "/updatedReplicas"),
            ready: json::count(status, "/readyReplicas"),
            available: json::count(status, "/availableReplicas"),
            terminating: json::count(status, "/terminatingReplicas"),
        }
    }

    fn complete(&self, deployment: &DeploymentView) -> bool {
        [self.updated, self.actual, self.available].iter().all(|count| *count == deployment.replicas)
    }

    fn ahead_of(&self, before: &Self) -> bool {
        self.updated > before.updated
            || self.actual - self.updated < before.actual - before.updated
            || self.ready > before.ready
            || self.available > before.available
    }
}

enum Progress {
    /// Progress is not watched.
    Untold,
    Unchanged,
    Complete(String),
    Moving(String),
    TimedOut(String),
}

fn judge_progress(
    world: &World,
    object: &Value,
    deployment: &DeploymentView,
    counts: &Counts,
    sets: &Sets,
) -> Progress {
    if deployment.deadline.is_none() {
        return Progress::Untold;
    }
    let reason = progress_reason(object);
    if counts.actual == counts.updated && reason == NEW_AVAILABLE {
        return Progress::Unchanged;
    }
    let subject = match &sets.new {
        Some(new) => format!("ReplicaSet \"{}\"", new.key.name),
        None => format!("Deployment \"{}\"", deployment.key.name),
    };
    let before = object.get("status").map(Counts::of_status);
    if counts.complete(deployment) {
        Progress::Complete(format!("{subject} has successfully progressed."))
    } else if before.is_none_or(|before| counts.ahead_of(&before)) {
        Progress::Moving(format!("{subject} is progressing."))
    } else if timed_out(world, object, deployment) {
        Progress::TimedOut(format!("{subject} has timed out progressing."))
    } else {
        Progress::Unchanged
    }
}

fn timed_out(world: &World, object: &Value, deployment: &DeploymentView) -> bool {
    match progress_reason(object) {
        "" | NEW_AVAILABLE => false,
        DEADLINE_EXCEEDED => true,
        _moving => deadline(object, deployment).is_some_and(|deadline| world.now > deadline),
    }
}

fn deadline(object: &Value, deployment: &DeploymentView) -> Option<clock::Time> {
    let since =
        json::condition(object, PROGRESSING).map(|condition| json::text(condition, "/lastUpdateTime"))?;
    Some(clock::parse(since)? + TimeDelta::seconds(deployment.deadline?))
}

/// Looks again when the deadline has passed.
fn wake_at_deadline(world: &mut World, deployment: &DeploymentView) {
    let Some(object) = world.store.get(&deployment.key) else { return };
    let reason = progress_reason(object);
    if deployment.paused || reason == NEW_AVAILABLE || reason == DEADLINE_EXCEEDED {
        return;
    }
    if let Some(deadline) = deadline(object, deployment) {
        let after = deadline.max(world.now) + TimeDelta::seconds(1);
        world.queue.add_at(after, deployment.key.clone());
    }
}

fn progress_reason(object: &Value) -> &str {
    json::condition(object, PROGRESSING).map_or("", |condition| json::text(condition, "/reason"))
}

fn set_progress(world: &mut World, deployment: &DeploymentView, status: &str, reason: &str, message: &str) {
    let now = stamp(world.now);
    world.modify(&deployment.key, |object| put_condition(object, PROGRESSING, status, reason, message, &now));
}

/// A failure to make pods, the new ReplicaSet's before any other.
fn replica_failure(world: &World, sets: &Sets) -> Option<(String, String)> {
    sets.new.iter().chain(&sets.old).find_map(|set| {
        let object = world.store.get(&set.key)?;
        let condition = json::condition(object, REPLICA_FAILURE)?;
        Some((json::text(condition, "/reason").to_owned(), json::text(condition, "/message").to_owned()))
    })
}

fn write_counts(object: &mut Value, deployment: &DeploymentView, counts: &Counts, now: &str) {
    json::set(object, &["status", "observedGeneration"], deployment.generation);
    json::set(object, &["status", "terminatingReplicas"], counts.terminating);
    let unavailable = (counts.wanted - counts.available).max(0);
    for (field, count) in [
        ("replicas", counts.actual),
        ("updatedReplicas", counts.updated),
        ("readyReplicas", counts.ready),
        ("availableReplicas", counts.available),
        ("unavailableReplicas", unavailable),
    ] {
        if count == 0 {
            json::remove(object, &["status", field]);
        } else {
            json::set(object, &["status", field], count);
        }
    }
    if counts.available >= deployment.floor() {
        let message = "Deployment has minimum availability.";
        put_condition(object, "Available", "True", "MinimumReplicasAvailable", message, now);
    } else {
        let message = "Deployment does not have minimum availability.";
        put_condition(object, "Available", "False", "MinimumReplicasUnavailable", message, now);
    }
}

/// Sets a condition; one with the same status and reason stays as it is, its times included.
fn put_condition(object: &mut Value, kind: &str, status: &str, reason: &str, message: &str, now: &str) {
    let known = json::condition(object, kind);
    if known
        .is_some_and(|known| json::text(known, "/status") == status && json::text(known, "/reason") == reason)
    {
        return;
    }
    let transition = known
        .filter(|known| json::text(known, "/status") == status)
        .map_or(now, |known| json::text(known, "/lastTransitionTime"))
        .to_owned();
    push_condition(object, kind, status, reason, message, now, &transition);
}

/// Says anew that the rollout moves: the deadline counts from here.
fn restate_progress(object: &mut Value, message: &str, now: &str) {
    let transition = json::condition(object, PROGRESSING)
        .filter(|known| json::text(known, "/status") == "True")
        .map_or(now, |known| json::text(known, "/lastTransitionTime"))
        .to_owned();
    push_condition(object, PROGRESSING, "True", "ReplicaSetUpdated", message, now, &transition);
}

fn push_condition(
    object: &mut Value,
    kind: &str,
    status: &str,
    reason: &str,
    message: &str,
    now: &str,
    transition: &str,
) {
    drop_condition(object, kind);
    json::array_mut(object, &["status", "conditions"]).push(json!({
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastUpdateTime": now,
        "lastTransitionTime": transition,
    }));
}

fn drop_condition(object: &mut Value, kind: &str) {
    if json::condition(object, kind).is_some() {
        json::array_mut(object, &["status", "conditions"])
            .retain(|condition| json::text(condition, "/type") != kind);
    }
}
