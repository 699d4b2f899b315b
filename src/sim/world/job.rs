//! The Job controller, as far as a Job needs it to run its pods once and be complete.

use serde_json::json;

use super::World;
use super::clock::stamp;
use super::events::{self, Note, Reporter, Severity};
use super::json;
use super::replicate::{Maker, create_pod, pods_of};
use super::store::Key;

/// Reconciles the Job with `key`.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    let Some(object) = world.store.get(key).cloned() else { return };
    if json::holds(&object, "Complete") {
        return;
    }
    let completions = json::integer(&object, "/spec/completions").unwrap_or(1);
    let parallel = json::integer(&object, "/spec/parallelism").unwrap_or(1);
    let pods = pods_of(world, &key.namespace, json::uid(&object));
    let active = i64::try_from(pods.active.len()).unwrap_or(i64::MAX);
    let room = parallel.min(completions - pods.succeeded) - active;
    let labels = [("job-name", key.name.as_str()), ("batch.kubernetes.io/job-name", key.name.as_str())];
    for _ in 0..room.max(0) {
        let name = format!("{}-{}", key.name, world.random.suffix());
        if create_pod(world, Maker { owner: key, object: &object }, &name, &labels, None).is_ok() {
            let message = format!("Created pod: {name}");
            events::record(
                world,
                key,
                Note {
                    severity: Severity::Normal,
                    reporter: Reporter::JobController,
                    reason: "SuccessfulCreate",
                    message: &message,
                },
            );
        }
    }
    report(world, key, completions);
}

fn report(world: &mut World, key: &Key, completions: i64) {
    let Some(object) = world.store.get(key).cloned() else { return };
    let pods = pods_of(world, &key.namespace, json::uid(&object));
    let ready = pods.active.iter().filter(|pod| json::holds(pod, "Ready")).count();
    let now = stamp(world.now);
    let complete = pods.succeeded >= completions;
    world.modify(key, |job| {
        json::default(job, &["status", "startTime"], now.as_str());
        json::set(job, &["status", "ready"], ready);
        json::set(job, &["status", "terminating"], pods.leaving);
        for (field, count) in
            [("active", pods.active.len()), ("succeeded", usize::try_from(pods.succeeded).unwrap_or(0))]
        {
            if count == 0 {
                json::remove(job, &["status", field]);
            } else {
                json::set(job, &["status", field], count);
            }
        }
        if complete {
            json::set(job, &["status", "completionTime"], now.as_str());
            let conditions = ["SuccessCriteriaMet", "Complete"].map(|kind| {
                json!({
                    "type": kind, "status": "True", "reason": "CompletionsReached",
                    "message": "Reached expected number of succeeded pods",
                    "lastProbeTime": now, "lastTransitionTime": now,
                })
            });
            json::set(job, &["status", "conditions"], conditions.to_vec());
        }
    });
    if complete {
        events::record(
            world,
            key,
            Note {
                severity: Severity::Normal,
                reporter: Reporter::JobController,
                reason: "Completed",
                message: "Job completed",
            },
        );
    }
}
