//! The ReplicaSet controller: keeps as many pods as wanted and reports them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::World;
use super::clock::{Time, stamp};
use super::events::{self, Note, Reporter, Severity};
use super::json;
use super::kinds::Kind;
use super::pod;
use super::replicate::{Maker, Pods, Tally, create_pod, less_useful_first, pods_of, tally};
use super::store::Key;

const FAILURE: &str = "ReplicaFailure";

/// When creation is tried again after it was refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    next: Time,
    wait: TimeDelta,
}

/// Reconciles the ReplicaSet with `key`.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    let Some(object) = world.store.get(key).cloned() else {
        world.backoffs.remove(key);
        return;
    };
    if json::terminating(&object) {
        return;
    }
    let wanted = json::count(&object, "/spec/replicas");
    let pods = pods_of(world, &key.namespace, json::uid(&object));
    let present = i64::try_from(pods.active.len()).unwrap_or(i64::MAX);
    let outcome = if present < wanted {
        grow(world, key, &object, wanted - present)
    } else {
        if present > wanted {
            shrink(world, key, &pods, present - wanted);
        }
        world.backoffs.remove(key);
        Outcome::Clear
    };
    report(world, key, &object, &outcome);
}

enum Outcome {
    /// Nothing stands in the way.
    Clear,
    /// Creation was refused.
    Refused(String),
    /// Creation waits for its back-off: what was reported stays.
    Waiting,
}

fn grow(world: &mut World, key: &Key, object: &Value, missing: i64) -> Outcome {
    if world.backoffs.get(key).is_some_and(|backoff| backoff.next > world.now) {
        return Outcome::Waiting;
    }
    for _ in 0..missing {
        let name = format!("{}-{}", key.name, world.random.suffix());
        match create_pod(world, Maker { owner: key, object }, &name, &[], None) {
            Ok(pod) => {
                let message = format!("Created pod: {}", pod.name);
                note(world, key, Severity::Normal, "SuccessfulCreate", &message);
            }
            Err(refusal) => {
                note(world, key, Severity::Warning, "FailedCreate", &format!("Error creating: {refusal}"));
                wait_longer(world, key);
                return Outcome::Refused(refusal);
            }
        }
    }
    world.backoffs.remove(key);
    Outcome::Clear
}

fn wait_longer(world: &mut World, key: &Key) {
    let wait = world.backoffs.get(key).map_or(TimeDelta::seconds(1), |backoff| backoff.wait * 2);
    let wait = wait.min(TimeDelta::seconds(60));
    let next = world.now + wait;
    world.backoffs.insert(key.clone(), Backoff { next, wait });
    world.queue.add_at(next, key.clone());
}

fn shrink(world: &mut World, key: &Key, pods: &Pods, surplus: i64) {
    let mut candidates: Vec<_> = pods.active.iter().collect();
    candidates.sort_by(|one, other| less_useful_first(one, other));
    for surplus_pod in candidates.into_iter().take(usize::try_from(surplus).unwrap_or(0)) {
        let victim = Key::of(Kind::Pod, surplus_pod);
        pod::begin_termination(world, &victim);
        note(world, key, Severity::Normal, "SuccessfulDelete", &format!("Deleted pod: {}", victim.name));
    }
}

fn note(world: &mut World, key: &Key, severity: Severity, reason: &str, message: &str) {
    events::record(world, key, Note { severity, reporter: Reporter::ReplicaSetController, reason, message });
}

fn report(world: &mut World, key: &Key, object: &Value, outcome: &Outcome) {
    let pods = pods_of(world, &key.namespace, json::uid(object));
    let counts = tally(world, &pods.active, json::count(object, "/spec/minReadySeconds"));
    let now = stamp(world.now);
    world.modify(key, |set| {
        write_counts(set, counts, pods.leaving);
        match outcome {
            Outcome::Clear => drop_failure(set),
            Outcome::Refused(message) => put_failure(set, message, &now),
            Outcome::Waiting => {}
        }
    });
    if let Some(due) = counts.next_available {
        world.queue.add_at(due, key.clone());
    }
}

fn write_counts(set: &mut Value, counts: Tally, leaving: i64) {
    let generation = json::count(set, "/metadata/generation");
    json::set(set, &["status", "observedGeneration"], generation);
    json::set(set, &["status", "replicas"], counts.actual);
    json::set(set, &["status", "terminatingReplicas"], leaving);
    for (field, count) in [
        ("fullyLabeledReplicas", counts.actual),
        ("readyReplicas", counts.ready),
        ("availableReplicas", counts.available),
    ] {
        if count == 0 {
            json::remove(set, &["status", field]);
        } else {
            json::set(set, &["status", field], count);
        }
    }
}

fn put_failure(set: &mut Value, message: &str, now: &str) {
    if json::condition(set, FAILURE).is_none() {
        json::array_mut(set, &["status", "conditions"]).push(json!({
            "type": FAILURE,
            "status": "True",
            "reason": "FailedCreate",
            "message": message,
            "lastTransitionTime": now,
        }));
    }
}

fn drop_failure(set: &mut Value) {
    if json::condition(set, FAILURE).is_some() {
        json::remove(set, &["status", "conditions"]);
    }
}
