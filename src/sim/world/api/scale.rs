//! The `scale` subresource: the number of replicas alone.

use std::sync::Arc;

use serde_json::{Value, json};

use super::merge::{self, PatchKind};
use super::refusal::Refusal;
use super::write::{Part, WriteOptions, replace};
use crate::sim::world::store::Key;
use crate::sim::world::{World, json};

/// The `Scale` (autoscaling/v1) of the workload with `key`.
pub(crate) fn scale_of(world: &World, key: &Key) -> Result<Value, Refusal> {
    let object = world.store.get(key).ok_or_else(|| Refusal::not_found(key))?;
    Ok(of_object(object))
}

/// Applies `patch` to the `Scale` of the workload with `key`.
pub(crate) fn patch_scale(
    world: &mut World,
    key: &Key,
    kind: PatchKind,
    patch: &Value,
    options: &WriteOptions,
) -> Result<Value, Refusal> {
    let scale = merge::apply(&scale_of(world, key)?, kind, patch)?;
    put_scale(world, key, &scale, options)
}

/// Takes the replicas of `scale` over into the workload with `key`.
pub(crate) fn put_scale(
    world: &mut World,
    key: &Key,
    scale: &Value,
    options: &WriteOptions,
) -> Result<Value, Refusal> {
    let object = world.store.get(key).cloned().ok_or_else(|| Refusal::not_found(key))?;
    let mut object = Value::clone(&object);
    for member in ["resourceVersion", "uid"] {
        if let Some(value) = scale.pointer(&format!("/metadata/{member}")) {
            json::set(&mut object, &["metadata", member], value.clone());
        }
    }
    let replicas = scale.pointer("/spec/replicas").cloned().unwrap_or_else(|| json!(0));
    json::set(&mut object, &["spec", "replicas"], replicas);
    let stored: Arc<Value> = replace(world, key, object, Part::Main, options)?;
    Ok(of_object(&stored))
}

fn of_object(object: &Value) -> Value {
    let selector: Vec<String> = json::members(object, "/spec/selector/matchLabels")
        .map(|(label, value)| format!("{label}={}", value.as_str().unwrap_or_default()))
        .collect();
    let metadata = |member: &str| object.pointer(&format!("/metadata/{member}")).cloned().unwrap_or_default();
    json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": metadata("name"),
            "namespace": metadata("namespace"),
            "uid": metadata("uid"),
            "resourceVersion": metadata("resourceVersion"),
            "creationTimestamp": metadata("creationTimestamp"),
        },
        "spec": {"replicas": json::count(object, "/spec/replicas")},
        "status": {"replicas": json::count(object, "/status/replicas"), "selector": selector.join(",")},
    })
}
