//! What every controller that makes pods shares: pods from a template, and counting them.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Value, json};

use super::World;
use super::clock::{self, stamp};
use super::json;
use super::kinds::Kind;
use super::quota;
use super::store::Key;

/// The pods of an owner, by what they count for.
#[derive(Debug, Default)]
pub(super) struct Pods {
    /// Neither finished nor leaving.
    pub(super) active: Vec<Arc<Value>>,
    /// Being deleted.
    pub(super) leaving: i64,
    /// Finished well.
    pub(super) succeeded: i64,
}

/// The pods that the owner with `uid` controls.
pub(super) fn pods_of(world: &World, namespace: &str, uid: &str) -> Pods {
    let mut pods = Pods::default();
    for pod in world.owned(Kind::Pod, namespace, uid) {
        match json::text(&pod, "/status/phase") {
            _ if json::terminating(&pod) => pods.leaving += 1,
            "Succeeded" => pods.succeeded += 1,
            "Failed" => {}
            _alive => pods.active.push(pod),
        }
    }
    pods
}

/// Counts of active pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// All of them.
    pub(super) actual: i64,
    /// Ready now.
    pub(super) ready: i64,
    /// Ready for `minReadySeconds`.
    pub(super) available: i64,
    /// When the next ready pod becomes available, if one waits.
    pub(super) next_available: Option<clock::Time>,
}

/// Counts `pods`; one is available when it was ready for `min_ready` seconds.
pub(super) fn tally(world: &World, pods: &[Arc<Value>], min_ready: i64) -> Tally {
    let mut tally = Tally {
        actual: i64::try_from(pods.len()).unwrap_or(i64::MAX),
        ready: 0,
        available: 0,
        next_available: None,
    };
    for pod in pods.iter().filter(|pod| json::holds(pod, "Ready")) {
        tally.ready += 1;
        let due = ready_since(pod).map(|since| since + chrono::TimeDelta::seconds(min_ready));
        match due {
            Some(due) if min_ready > 0 && due > world.now => {
                tally.next_available = Some(tally.next_available.map_or(due, |known| known.min(due)));
            }
            _available => tally.available += 1,
        }
    }
    tally
}

fn ready_since(pod: &Value) -> Option<clock::Time> {
    clock::parse(json::text(json::condition(pod, "Ready")?, "/lastTransitionTime"))
}

/// Which pod goes first when there are too many: the least useful one.
pub(super) fn less_useful_first(one: &Value, other: &Value) -> Ordering {
    usefulness(one)
        .cmp(&usefulness(other))
        .then_with(|| ready_since(other).cmp(&ready_since(one)))
        .then_with(|| restarts(other).cmp(&restarts(one)))
        .then_with(|| {
            json::text(other, "/metadata/creationTimestamp")
                .cmp(json::text(one, "/metadata/creationTimestamp"))
        })
        .then_with(|| json::text(one, "/metadata/name").cmp(json::text(other, "/metadata/name")))
}

/// Unscheduled, pending, unready, ready: in this order pods are given up.
fn usefulness(pod: &Value) -> u8 {
    let scheduled = !json::text(pod, "/spec/nodeName").is_empty();
    let running = json::text(pod, "/status/phase") == "Running";
    match (scheduled, running, json::holds(pod, "Ready")) {
        (false, _, _) => 0,
        (true, false, _) => 1,
        (true, true, false) => 2,
        (true, true, true) => 3,
    }
}

fn restarts(pod: &Value) -> i64 {
    json::items(pod, "/status/containerStatuses")
        .iter()
        .map(|container| json::count(container, "/restartCount"))
        .sum()
}

/// Who makes a pod, and from what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Maker<'a> {
    /// The owner's key.
    pub(super) owner: &'a Key,
    /// The owner itself.
    pub(super) object: &'a Value,
}

/// Makes the pod `name` from the owner's template, with `labels` added; the refusal of a quota as a message.
pub(super) fn create_pod(
    world: &mut World,
    maker: Maker<'_>,
    name: &str,
    labels: &[(&str, &str)],
    node: Option<&str>,
) -> Result<Key, String> {
    let pod = new_pod(world, maker, name, labels, node);
    quota::admit(world, &pod)?;
    let key = Key::of(Kind::Pod, &pod);
    world.store.put(&key, pod);
    Ok(key)
}

fn new_pod(
    world: &mut World,
    maker: Maker<'_>,
    name: &str,
    labels: &[(&str, &str)],
    node: Option<&str>,
) -> Value {
    let template = maker.object.pointer("/spec/template").cloned().unwrap_or_default();
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "generateName": format!("{}-", maker.owner.name),
            "namespace": maker.owner.namespace,
            "uid": world.random.uuid(),
            "generation": 1,
            "creationTimestamp": stamp(world.now),
            "labels": template.pointer("/metadata/labels"),
            "ownerReferences": [maker.owner.as_controller(json::uid(maker.object))],
        },
        "spec": template.get("spec").cloned().unwrap_or_default(),
        "status": {"phase": "Pending", "qosClass": quality(&template)},
    });
    if let Some(annotations) = template.pointer("/metadata/annotations") {
        json::set(&mut pod, &["metadata", "annotations"], annotations.clone());
    }
    for (key, value) in labels {
        json::set(&mut pod, &["metadata", "labels", key], *value);
    }
    if let Some(node) = node {
        json::set(&mut pod, &["spec", "nodeName"], node);
    }
    add_admission_defaults(&mut pod);
    pod
}

/// The quality of service that the kubelet derives from the resources of `template`.
fn quality(template: &Value) -> &'static str {
    let containers = json::items(template, "/spec/containers");
    let has = |pointer: &str| containers.iter().any(|container| container.pointer(pointer).is_some());
    let guaranteed = containers.iter().all(|container| {
        let limits = container.pointer("/resources/limits");
        limits.is_some_and(|limits| limits.get("cpu").is_some() && limits.get("memory").is_some())
            && container.pointer("/resources/requests").is_none_or(|requests| Some(requests) == limits)
    });
    match (guaranteed, has("/resources/requests") || has("/resources/limits")) {
        (true, _) => "Guaranteed",
        (false, true) => "Burstable",
        (false, false) => "BestEffort",
    }
}

/// What admission adds to each pod: tolerations, priority and service links.
fn add_admission_defaults(pod: &mut Value) {
    json::default(pod, &["spec", "enableServiceLinks"], true);
    json::default(pod, &["spec", "preemptionPolicy"], "PreemptLowerPriority");
    json::default(pod, &["spec", "priority"], 0);
    let tolerations = json::array_mut(pod, &["spec", "tolerations"]);
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        if !tolerations.iter().any(|toleration| json::text(toleration, "/key") == key) {
            tolerations.push(
                json!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}),
            );
        }
    }
}
