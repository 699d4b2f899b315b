//! ReplicaSets as revisions: finding, making, numbering and forgetting them.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::status;
use super::view::{DESIRED, DeploymentView, MAX, REVISION, REVISION_HISTORY, SetView, Sets};
use super::{World, announce_scaling, rolling};
use crate::sim::world::clock::stamp;
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::random::{fnv32, name_safe};
use crate::sim::world::store::Key;

const HASH: &str = "pod-template-hash";

/// Annotations of a Deployment that its ReplicaSets do not inherit.
const NOT_INHERITED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "deprecated.deployment.rollback.to",
    REVISION,
    REVISION_HISTORY,
    DESIRED,
    MAX,
];

/// The owned ReplicaSets; the oldest of those with the Deployment's template is the new one.
pub(super) fn find_sets(world: &World, object: &Value, deployment: &DeploymentView) -> Sets {
    let template = object.pointer("/spec/template").cloned().unwrap_or_default();
    let mut owned: Vec<(SetView, bool)> = world
        .owned(Kind::ReplicaSet, &deployment.key.namespace, &deployment.uid)
        .iter()
        .map(|set| (SetView::of(set), without_hash(set) == template))
        .collect();
    owned.sort_by(|(one, _), (other, _)| one.by_age(other));
    let new = owned.iter().position(|(_, same)| *same).map(|index| owned.remove(index).0);
    Sets { new, old: owned.into_iter().map(|(set, _)| set).collect() }
}

/// Numbers the new ReplicaSet as the newest revision, if it exists.
pub(super) fn adopt_new(world: &mut World, deployment: &DeploymentView, sets: &mut Sets) {
    let number = next_revision(sets);
    let Some(new) = &mut sets.new else { return };
    let inherited = inherited_annotations(world, &deployment.key);
    let before = new.revision;
    world.modify(&new.key, |set| {
        for (key, value) in &inherited {
            json::set(set, &["metadata", "annotations", key], value.clone());
        }
        if before < number {
            json::set(set, &["metadata", "annotations", REVISION], number.to_string());
            note_history(set, before);
        }
    });
    new.revision = before.max(number);
    let revision = new.revision;
    let name = new.key.name.clone();
    set_revision(world, deployment, revision);
    status::note_found(world, deployment, &name);
}

/// Numbers the new ReplicaSet, or makes it, as large as the surge allows.
pub(super) fn ensure_new(
    world: &mut World,
    object: &Arc<Value>,
    deployment: &DeploymentView,
    sets: &mut Sets,
) {
    if sets.new.is_some() {
        adopt_new(world, deployment, sets);
        return;
    }
    let number = next_revision(sets);
    let size = rolling::new_size(deployment, sets.wanted(), 0);
    let set = new_set(world, object, deployment, number, size);
    let key = Key::of(Kind::ReplicaSet, &set);
    let set = world.store.put(&key, set);
    if size > 0 {
        announce_scaling(world, deployment, &key.name, 0, size);
    }
    set_revision(world, deployment, number);
    status::note_created(world, deployment, &key.name);
    sets.new = Some(SetView::of(&set));
}

/// Deletes the oldest revisions above `revisionHistoryLimit` that have no pods.
pub(super) fn clean_up(world: &mut World, deployment: &DeploymentView, sets: &Sets) {
    let mut old: Vec<&SetView> = sets.old.iter().filter(|set| !set.leaving).collect();
    let surplus = old.len().saturating_sub(deployment.history_limit);
    old.sort_by_key(|set| set.revision);
    for set in old.into_iter().take(surplus) {
        if set.actual == 0 && set.replicas == 0 && set.observed {
            world.store.remove(&set.key);
        }
    }
}

fn next_revision(sets: &Sets) -> i64 {
    sets.old.iter().map(|set| set.revision).max().unwrap_or(0) + 1
}

fn set_revision(world: &mut World, deployment: &DeploymentView, number: i64) {
    world.modify(&deployment.key, |object| {
        json::set(object, &["metadata", "annotations", REVISION], number.to_string());
    });
}

fn note_history(set: &mut Value, before: i64) {
    if before == 0 {
        return;
    }
    let history = match json::annotation(set, REVISION_HISTORY) {
        Some(earlier) => format!("{earlier},{before}"),
        None => before.to_string(),
    };
    json::set(set, &["metadata", "annotations", REVISION_HISTORY], history);
}

fn inherited_annotations(world: &World, key: &Key) -> Vec<(String, Value)> {
    let Some(object) = world.store.get(key) else { return Vec::new() };
    json::members(object, "/metadata/annotations")
        .filter(|(key, _)| !NOT_INHERITED.contains(key))
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect()
}

/// The template of a ReplicaSet as the Deployment has it.
fn without_hash(set: &Value) -> Value {
    let mut template = set.pointer("/spec/template").cloned().unwrap_or_default();
    json::remove(&mut template, &["metadata", "labels", HASH]);
    template
}

fn new_set(world: &mut World, object: &Value, deployment: &DeploymentView, number: i64, size: i64) -> Value {
    let mut template = object.pointer("/spec/template").cloned().unwrap_or_default();
    let hash = free_hash(world, &deployment.key, &template);
    let name = format!("{}-{hash}", deployment.key.name);
    json::set(&mut template, &["metadata", "labels", HASH], hash.clone());
    let mut selector = object.pointer("/spec/selector").cloned().unwrap_or_default();
    json::set(&mut selector, &["matchLabels", HASH], hash);
    let mut annotations: Map<String, Value> =
        inherited_annotations(world, &deployment.key).into_iter().collect();
    annotations.insert(REVISION.to_owned(), number.to_string().into());
    annotations.insert(DESIRED.to_owned(), deployment.replicas.to_string().into());
    annotations.insert(MAX.to_owned(), deployment.ceiling().to_string().into());
    let mut spec = json!({"replicas": size, "selector": selector, "template": template});
    if let Some(seconds) = object.pointer("/spec/minReadySeconds") {
        json::set(&mut spec, &["minReadySeconds"], seconds.clone());
    }
    json!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": name,
            "namespace": deployment.key.namespace,
            "uid": world.random.uuid(),
            "generation": 1,
            "creationTimestamp": stamp(world.now),
            "labels": template.pointer("/metadata/labels"),
            "annotations": annotations,
            "ownerReferences": [deployment.key.as_controller(&deployment.uid)],
        },
        "spec": spec,
        "status": {"replicas": 0},
    })
}

/// The template's hash; salted until no other ReplicaSet has the name.
fn free_hash(world: &World, deployment: &Key, template: &Value) -> String {
    let text = template.to_string();
    let mut collisions = 0_u32;
    loop {
        let salted = if collisions == 0 { text.clone() } else { format!("{text}{collisions}") };
        let hash = name_safe(fnv32(&salted));
        let name = format!("{}-{hash}", deployment.name);
        if world.store.get(&Key::new(Kind::ReplicaSet, &deployment.namespace, &name)).is_none() {
            return hash;
        }
        collisions += 1;
    }
}
