//! The writing verbs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::merge::{self, PatchKind};
use super::refusal::Refusal;
use super::{defaults, managed, validate};
use crate::sim::world::clock::stamp;
use crate::sim::world::kinds::Kind;
use crate::sim::world::random::mix;
use crate::sim::world::store::Key;
use crate::sim::world::{World, json, pod, quota};

/// What accompanies a write.
#[derive(Debug, Clone, Default)]
pub(crate) struct WriteOptions {
    /// The field manager that the request names.
    pub(crate) manager: String,
    /// Answer as if, and store nothing.
    pub(crate) dry_run: bool,
}

/// Which half of an object a write may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All but the status.
    Main,
    /// The status alone.
    Status,
}

/// What accompanies a deletion.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deletion {
    /// The uid that the object must have.
    pub(crate) uid: Option<String>,
    /// The resource version that the object must have.
    pub(crate) version: Option<String>,
    /// Seconds for a pod to end; 0 removes it at once.
    pub(crate) grace: Option<i64>,
    /// Leave what the object owns.
    pub(crate) orphan: bool,
    /// Answer as if, and delete nothing.
    pub(crate) dry_run: bool,
}

/// Creates `object` of `kind` in `namespace`.
pub(crate) fn create(
    world: &mut World,
    kind: Kind,
    namespace: &str,
    mut object: Value,
    options: &WriteOptions,
) -> Result<Arc<Value>, Refusal> {
    let key = name_it(world, kind, namespace, &mut object)?;
    if kind.resource().namespaced {
        let home = Key::new(Kind::Namespace, "", namespace);
        if world.store.get(&home).is_none() {
            return Err(Refusal::not_found(&home));
        }
    }
    if world.store.get(&key).is_some() {
        return Err(Refusal::already_exists(&key));
    }
    stamp_identity(world, &key, &mut object);
    if kind != Kind::Node && kind != Kind::Event {
        json::remove(&mut object, &["status"]);
    }
    if kind == Kind::Service {
        give_address(&mut object);
    }
    defaults::fill(kind, &mut object);
    validate::check(&key, &object, None)?;
    if kind == Kind::Pod {
        quota::admit(world, &object).map_err(|message| Refusal::not_admitted(&key, message))?;
    }
    managed::note(&mut object, None, &options.manager, "", world.now);
    if options.dry_run {
        return Ok(Arc::new(object));
    }
    Ok(world.store.put(&key, object))
}

/// Puts `object` in place of the one with `key`.
pub(crate) fn replace(
    world: &mut World,
    key: &Key,
    object: Value,
    part: Part,
    options: &WriteOptions,
) -> Result<Arc<Value>, Refusal> {
    let before = world.store.get(key).cloned().ok_or_else(|| Refusal::not_found(key))?;
    let version = json::text(&object, "/metadata/resourceVersion");
    if !version.is_empty() && version != json::text(&before, "/metadata/resourceVersion") {
        if version.parse::<u64>().is_err() {
            return Err(Refusal::bad_request(format!(
                "strconv.ParseUint: parsing \"{version}\": invalid syntax"
            )));
        }
        return Err(Refusal::conflict(key));
    }
    let uid = json::text(&object, "/metadata/uid");
    if !uid.is_empty() && uid != json::uid(&before) {
        return Err(match part {
            Part::Main => Refusal::invalid(
                key,
                "metadata.uid",
                &format!("Invalid value: \"{uid}\": field is immutable"),
            ),
            Part::Status => Refusal::precondition(key, "UID in precondition differs"),
        });
    }
    let after = settle(world, key, object, &before, part, options)?;
    if options.dry_run || without_managed(&after) == without_managed(&before) {
        return Ok(if options.dry_run { Arc::new(after) } else { before });
    }
    Ok(world.store.put(key, after))
}

/// Applies `patch` to the object with `key`.
pub(crate) fn patch(
    world: &mut World,
    key: &Key,
    kind: PatchKind,
    patch: &Value,
    part: Part,
    options: &WriteOptions,
) -> Result<Arc<Value>, Refusal> {
    let Some(before) = world.store.get(key).cloned() else {
        return match kind {
            PatchKind::Apply => create(world, key.kind, &key.namespace, patch.clone(), options),
            PatchKind::Json | PatchKind::Merge | PatchKind::Strategic => Err(Refusal::not_found(key)),
        };
    };
    let patched = merge::apply(&before, kind, patch)?;
    replace(world, key, patched, part, options)
}

/// Deletes the object with `key`; gives it as it was last.
pub(crate) fn delete(world: &mut World, key: &Key, deletion: &Deletion) -> Result<Arc<Value>, Refusal> {
    let object = world.store.get(key).cloned().ok_or_else(|| Refusal::not_found(key))?;
    if deletion.uid.as_deref().is_some_and(|uid| uid != json::uid(&object)) {
        return Err(Refusal::precondition(key, "UID in precondition differs from UID in object meta"));
    }
    let version = json::text(&object, "/metadata/resourceVersion");
    if deletion.version.as_deref().is_some_and(|wanted| wanted != version) {
        return Err(Refusal::precondition(key, "ResourceVersion in precondition differs"));
    }
    if deletion.dry_run {
        return Ok(object);
    }
    if deletion.orphan {
        release_dependents(world, json::uid(&object));
    }
    if key.kind == Kind::Pod && deletion.grace != Some(0) {
        pod::begin_termination(world, key);
        return Ok(world.store.get(key).cloned().unwrap_or(object));
    }
    if key.kind == Kind::Namespace {
        empty_namespace(world, &key.name);
    }
    Ok(world.store.remove(key).unwrap_or(object))
}

fn name_it(world: &mut World, kind: Kind, namespace: &str, object: &mut Value) -> Result<Key, Refusal> {
    let mut name = json::text(object, "/metadata/name").to_owned();
    let prefix = json::text(object, "/metadata/generateName");
    if name.is_empty() && !prefix.is_empty() {
        name = format!("{prefix}{}", world.random.suffix());
    }
    let key = Key::new(kind, namespace, &name);
    if name.is_empty() {
        return Err(Refusal::invalid(
            &key,
            "metadata.name",
            "Required value: name or generateName is required",
        ));
    }
    Ok(key)
}

fn stamp_identity(world: &mut World, key: &Key, object: &mut Value) {
    let resource = key.kind.resource();
    json::set(object, &["apiVersion"], resource.api_version());
    json::set(object, &["kind"], resource.name);
    json::set(object, &["metadata", "name"], key.name.as_str());
    if resource.namespaced {
        json::set(object, &["metadata", "namespace"], key.namespace.as_str());
    }
    json::set(object, &["metadata", "uid"], world.random.uuid());
    json::set(object, &["metadata", "creationTimestamp"], stamp(world.now));
    json::remove(object, &["metadata", "managedFields"]);
    if has_generation(key.kind) {
        json::set(object, &["metadata", "generation"], 1);
    }
}

fn has_generation(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
            | Kind::Pod
            | Kind::EndpointSlice
            | Kind::PodDisruptionBudget
            | Kind::Ingress
            | Kind::HttpRoute
    )
}

fn give_address(object: &mut Value) {
    let bits = mix(crate::sim::world::random::fnv64(json::uid(object)));
    let [third, fourth, ..] = bits.to_be_bytes();
    let address = format!("10.96.{third}.{fourth}");
    if json::text(object, "/spec/clusterIP").is_empty() {
        json::set(object, &["spec", "clusterIP"], address.as_str());
        json::set(object, &["spec", "clusterIPs"], json!([address]));
    }
}

/// The object as it will be stored: identity kept, the other part kept, defaults, rules and generation applied.
fn settle(
    world: &World,
    key: &Key,
    mut object: Value,
    before: &Value,
    part: Part,
    options: &WriteOptions,
) -> Result<Value, Refusal> {
    let mut after = match part {
        Part::Status => {
            let mut after = before.clone();
            json::set(&mut after, &["status"], object.get("status").cloned().unwrap_or_default());
            after
        }
        Part::Main => {
            restore(&mut object, before, &["status"]);
            object
        }
    };
    for member in ["apiVersion", "kind"] {
        restore(&mut after, before, &[member]);
    }
    for member in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "generation",
        "resourceVersion",
        "managedFields",
    ] {
        restore(&mut after, before, &["metadata", member]);
    }
    defaults::fill(key.kind, &mut after);
    validate::check(key, &after, Some(before))?;
    if let Some(generation) = next_generation(key, before, &after) {
        json::set(&mut after, &["metadata", "generation"], generation);
    }
    let subresource = if part == Part::Status { "status" } else { "" };
    managed::note(&mut after, Some(before), &options.manager, subresource, world.now);
    Ok(after)
}

/// A changed spec counts as a new generation; of a Deployment, changed annotations do too.
fn next_generation(key: &Key, before: &Value, after: &Value) -> Option<i64> {
    let generation = json::integer(before, "/metadata/generation")?;
    let spec = before.get("spec") != after.get("spec");
    let annotations = key.kind == Kind::Deployment
        && before.pointer("/metadata/annotations") != after.pointer("/metadata/annotations");
    (spec || annotations).then_some(generation + 1)
}

fn restore(object: &mut Value, before: &Value, path: &[&str]) {
    match before.pointer(&format!("/{}", path.join("/"))) {
        Some(value) => json::set(object, path, value.clone()),
        None => {
            json::remove(object, path);
        }
    }
}

fn without_managed(object: &Value) -> Value {
    let mut object = object.clone();
    json::remove(&mut object, &["metadata", "managedFields"]);
    object
}

fn release_dependents(world: &mut World, uid: &str) {
    let owned: Vec<Key> = world
        .store
        .all()
        .filter(|(_, object)| json::controlled_by(object, uid))
        .map(|(key, _)| key.clone())
        .collect();
    for key in owned {
        world.modify(&key, |object| {
            json::remove(object, &["metadata", "ownerReferences"]);
        });
    }
}

fn empty_namespace(world: &mut World, namespace: &str) {
    let inside: Vec<Key> =
        world.store.all().filter(|(key, _)| key.namespace == namespace).map(|(key, _)| key.clone()).collect();
    for key in inside {
        world.store.remove(&key);
    }
}
