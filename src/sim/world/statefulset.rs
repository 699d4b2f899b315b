//! The StatefulSet controller, as far as a set needs it to come up, be scaled and roll one pod at a time.

use serde_json::{Value, json};

use super::World;
use super::clock::stamp;
use super::events::{self, Note, Reporter, Severity};
use super::json;
use super::kinds::Kind;
use super::pod;
use super::random::{fnv32, name_safe};
use super::replicate::{Maker, create_pod, pods_of};
use super::store::Key;

/// Label of a pod and name of the `ControllerRevision` it was made from.
pub(super) const REVISION_HASH: &str = "controller-revision-hash";

/// Reconciles the StatefulSet with `key`: at most one pod is made or taken down in a pass.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    let Some(object) = world.store.get(key).cloned() else { return };
    let wanted = ensure_revision(world, key, &object);
    let replicas = json::integer(&object, "/spec/replicas").unwrap_or(1);
    if let Some(ordinal) = first_missing_or_unready(world, key, replicas) {
        create_if_missing(world, key, &object, ordinal, &wanted);
    } else {
        shrink_or_roll(world, key, &object, replicas, &wanted);
    }
    report(world, key, &wanted);
}

/// Makes the `ControllerRevision` of the present template, unless it is there; gives its name.
pub(super) fn ensure_revision(world: &mut World, key: &Key, object: &Value) -> String {
    let template = object.pointer("/spec/template").cloned().unwrap_or_default();
    let hash = name_safe(fnv32(&template.to_string()));
    let name = format!("{}-{hash}", key.name);
    let revision_key = Key::new(Kind::ControllerRevision, &key.namespace, &name);
    let newest = world
        .owned(Kind::ControllerRevision, &key.namespace, json::uid(object))
        .iter()
        .map(|revision| json::count(revision, "/revision"))
        .max()
        .unwrap_or(0);
    let known = world.store.get(&revision_key).map(|revision| json::count(revision, "/revision"));
    match known {
        Some(number) if number == newest => {}
        Some(_older) => {
            world.modify(&revision_key, |revision| json::set(revision, &["revision"], newest + 1));
        }
        None => {
            let revision = new_revision(world, key, object, &name, &hash, newest + 1);
            world.store.put(&revision_key, revision);
        }
    }
    name
}

fn new_revision(world: &mut World, key: &Key, object: &Value, name: &str, hash: &str, number: i64) -> Value {
    let mut template = object.pointer("/spec/template").cloned().unwrap_or_default();
    json::set(&mut template, &["$patch"], "replace");
    let mut revision = json!({
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": name,
            "namespace": key.namespace,
            "uid": world.random.uuid(),
            "creationTimestamp": stamp(world.now),
            "labels": object.pointer("/spec/selector/matchLabels"),
            "ownerReferences": [key.as_controller(json::uid(object))],
        },
        "data": {"spec": {"template": template}},
        "revision": number,
    });
    json::set(&mut revision, &["metadata", "labels", REVISION_HASH], hash);
    revision
}

fn pod_key(key: &Key, ordinal: i64) -> Key {
    Key::new(Kind::Pod, &key.namespace, &format!("{}-{ordinal}", key.name))
}

fn first_missing_or_unready(world: &World, key: &Key, replicas: i64) -> Option<i64> {
    (0..replicas)
        .find(|ordinal| world.store.get(&pod_key(key, *ordinal)).is_none_or(|pod| !json::holds(pod, "Ready")))
}

fn create_if_missing(world: &mut World, key: &Key, object: &Value, ordinal: i64, revision: &str) {
    let pod = pod_key(key, ordinal);
    if world.store.get(&pod).is_some() {
        return;
    }
    let index = ordinal.to_string();
    let labels = [
        (REVISION_HASH, revision),
        ("apps.kubernetes.io/pod-index", index.as_str()),
        ("statefulset.kubernetes.io/pod-name", pod.name.as_str()),
    ];
    let outcome = create_pod(world, Maker { owner: key, object }, &pod.name, &labels, None);
    let (severity, reason, message) = match outcome {
        Ok(_) => {
            let message = format!("create Pod {} in StatefulSet {} successful", pod.name, key.name);
            (Severity::Normal, "SuccessfulCreate", message)
        }
        Err(refusal) => (Severity::Warning, "FailedCreate", refusal),
    };
    events::record(
        world,
        key,
        Note { severity, reporter: Reporter::StatefulSetController, reason, message: &message },
    );
}

/// Removes the highest surplus pod, or the highest of an older revision at or above the partition.
fn shrink_or_roll(world: &mut World, key: &Key, object: &Value, replicas: i64, revision: &str) {
    let pods = pods_of(world, &key.namespace, json::uid(object));
    if pods.leaving > 0 {
        return;
    }
    let partition = json::count(object, "/spec/updateStrategy/rollingUpdate/partition");
    let on_delete = json::text(object, "/spec/updateStrategy/type") == "OnDelete";
    let victim = pods
        .active
        .iter()
        .filter_map(|pod| {
            let name = json::text(pod, "/metadata/name");
            let ordinal: i64 = name.rsplit('-').next()?.parse().ok()?;
            let outdated = json::label(pod, REVISION_HASH) != Some(revision);
            let goes = ordinal >= replicas || (outdated && !on_delete && ordinal >= partition);
            goes.then_some(ordinal)
        })
        .max();
    if let Some(ordinal) = victim {
        pod::begin_termination(world, &pod_key(key, ordinal));
    }
}

fn report(world: &mut World, key: &Key, wanted: &str) {
    let Some(object) = world.store.get(key).cloned() else { return };
    let pods = pods_of(world, &key.namespace, json::uid(&object)).active;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let updated = pods.iter().filter(|pod| json::label(pod, REVISION_HASH) == Some(wanted)).count();
    let ready = pods.iter().filter(|pod| json::holds(pod, "Ready")).count();
    let current = json::text(&object, "/status/currentRevision").to_owned();
    let finished =
        number(updated) == json::integer(&object, "/spec/replicas").unwrap_or(1) && ready == updated;
    let current = if finished || current.is_empty() { wanted.to_owned() } else { current };
    let on_current =
        pods.iter().filter(|pod| json::label(pod, REVISION_HASH) == Some(current.as_str())).count();
    world.modify(key, |set| {
        let generation = json::count(set, "/metadata/generation");
        json::set(
            set,
            &["status"],
            json!({
                "observedGeneration": generation,
                "replicas": pods.len(),
                "readyReplicas": ready,
                "availableReplicas": ready,
                "currentReplicas": on_current,
                "updatedReplicas": updated,
                "currentRevision": current,
                "updateRevision": wanted,
                "collisionCount": 0,
            }),
        );
    });
}
