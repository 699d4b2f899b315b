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

/// What is reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note<'a> {
    /// Whether it is in order.
    pub(super) severity: Severity,
    /// Who reports.
    pub(super) reporter: Reporter,
    /// One word.
    pub(super) reason: &'a str,
    /// A sentence.
    pub(super) message: &'a str,
}

/// Records that something happened to the object with `key`.
pub(super) fn record(world: &mut World, key: &Key, note: Note<'_>) {
    let Some(regarding) = world.store.get(key).cloned() else { return };
    let now = stamp(world.now);
    if let Some(known) = find(world, key, json::uid(&regarding), note) {
        world.modify(&known, |event| {
            let count = json::count(event, "/count") + 1;
            json::set(event, &["count"], count);
            json::set(event, &["lastTimestamp"], now);
        });
        return;
    }
    let name = format!("{}.{:x}", key.name, world.random.bits() >> 4);
    let mut event = new_event(key, &regarding, note, &now);
    json::set(&mut event, &["metadata", "name"], name);
    json::set(&mut event, &["metadata", "uid"], world.random.uuid());
    let key = Key::of(Kind::Event, &event);
    world.store.put(&key, event);
}

fn new_event(key: &Key, regarding: &Value, note: Note<'_>, now: &str) -> Value {
    let kind = match note.severity {
        Severity::Normal => "Normal",
        Severity::Warning => "Warning",
    };
    let component = note.reporter.component();
    json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": key.namespace, "creationTimestamp": now},
        "involvedObject": {
            "apiVersion": key.kind.resource().api_version(),
            "kind": key.kind.resource().name,
            "name": key.name,
            "namespace": key.namespace,
            "uid": json::uid(regarding),
            "resourceVersion": json::text(regarding, "/metadata/resourceVersion"),
        },
        "type": kind,
        "reason": note.reason,
        "message": note.message,
        "source": {"component": component},
        "reportingComponent": component,
        "reportingInstance": "",
        "firstTimestamp": now,
        "lastTimestamp": now,
        "eventTime": null,
        "count": 1,
    })
}

fn find(world: &World, key: &Key, uid: &str, note: Note<'_>) -> Option<Key> {
    world
        .store
        .list(Kind::Event, Some(&key.namespace))
        .find(|(_, event)| {
            json::text(event, "/involvedObject/uid") == uid
                && json::text(event, "/reason") == note.reason
                && json::text(event, "/message") == note.message
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
