//! Events (core/v1) as the controllers record them: repeated ones are counted, old ones vanish.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::World;
use super::clock::{self, stamp};
use super::json;
use super::kinds::Kind;
use super::store::Key;

/// How long an event is kept, as the API server's `--event-ttl` has it.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// Whether an event is in order or not.
#[derive(Debug, Clone, Copy)]
pub(super) enum Severity {
    Normal,
    Warning,
}

/// Who reports: the component named in the event's source.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reporter {
    DeploymentController,
    ReplicaSetController,
    StatefulSetController,
    DaemonSetController,
    JobController,
    Scheduler,
    Kubelet,
}

impl Reporter {
    fn component(self) -> &'static str {
        match self {
            Self::DeploymentController => "deployment-controller",
            Self::ReplicaSetController => "replicaset-controller",
            Self::StatefulSetController => "statefulset-controller",
            Self::DaemonSetController => "daemonset-controller",
            Self::JobController => "job-controller",
            Self::Scheduler => "default-scheduler",
            Self::Kubelet => "kubelet",
        }
    }
}

/// Records that something happened to the object with `key`.
pub(super) fn record(
    world: &mut World,
    key: &Key,
    severity: Severity,
    reporter: Reporter,
    reason: &str,
    message: &str,
) {
    let Some(regarding) = world.store.get(key).cloned() else { return };
    if let Some(known) = find(world, key, json::uid(&regarding), reason, message) {
        let now = stamp(world.now);
        world.modify(&known, |event| {
            let count = json::count(event, "/count") + 1;
            json::set(event, &["count"], count);
            json::set(event, &["lastTimestamp"], now);
        });
        return;
    }
    let event = new_event(world, key, &regarding, severity, reporter, reason, message);
    let key = Key::of(Kind::Event, &event);
    world.store.put(&key, event);
}

fn new_event(
    world: &mut World,
    key: &Key,
    regarding: &Value,
    severity: Severity,
    reporter: Reporter,
    reason: &str,
    message: &str,
) -> Value {
    let now = stamp(world.now);
    let name = format!("{}.{:x}", key.name, world.random.bits() >> 4);
    let kind = match severity {
        Severity::Normal => "Normal",
        Severity::Warning => "Warning",
    };
    json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": name,
            "namespace": key.namespace,
            "uid": world.random.uuid(),
            "creationTimestamp": now,
        },
        "involvedObject": {
            "apiVersion": key.kind.resource().api_version(),
            "kind": key.kind.resource().name,
            "name": key.name,
            "namespace": key.namespace,
            "uid": json::uid(regarding),
            "resourceVersion": json::text(regarding, "/metadata/resourceVersion"),
        },
        "type": kind,
        "reason": reason,
        "message": message,
        "source": {"component": reporter.component()},
        "reportingComponent": reporter.component(),
        "reportingInstance": "",
        "firstTimestamp": now,
        "lastTimestamp": now,
        "eventTime": null,
        "count": 1,
    })
}

fn find(world: &World, key: &Key, uid: &str, reason: &str, message: &str) -> Option<Key> {
    world
        .store
        .list(Kind::Event, Some(&key.namespace))
        .find(|(_, event)| {
            json::text(event, "/involvedObject/uid") == uid
                && json::text(event, "/reason") == reason
                && json::text(event, "/message") == message
        })
        .map(|(key, _)| key.clone())
}

/// Removes the event with `key` once it is too old; looks again when it may be.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    let Some(event) = world.store.get(key) else { return };
    let Some(last) = clock::parse(json::text(event, "/lastTimestamp")) else { return };
    let end = last + KEPT;
    if end <= world.now {
        world.store.remove(key);
    } else {
        world.queue.add_at(end, key.clone());
    }
}
