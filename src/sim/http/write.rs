//! Writing: from the request's body and query to the world's rules, and back.

use std::sync::Arc;

use axum::response::Response;
use serde_json::{Value, json};

use super::kubernetes::Call;
use super::read::{Form, Selection, metadata_of};
use super::route::Below;
use super::table;
use super::{Shared, respond};
use crate::sim::world::api::{self, Deletion, Part, PatchKind, Refusal, WriteOptions};
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::store::Key;

/// Creates the object in the body.
pub(super) fn create(shared: &Shared, kind: Kind, namespace: &str, call: &Call) -> Result<Response, Refusal> {
    let body = call.json()?;
    let options = options(call);
    let object = shared.with(|world| api::create(world, kind, namespace, body, &options))?;
    Ok(answer(shared, kind, 201, &object, call))
}

/// Puts the object in the body in the place of the stored one.
pub(super) fn put(shared: &Shared, key: &Key, below: &Below, call: &Call) -> Result<Response, Refusal> {
    let body = call.json()?;
    let options = options(call);
    if *below == Below::Scale {
        let scale = shared.with(|world| api::put_scale(world, key, &body, &options))?;
        return Ok(respond::json(200, &scale));
    }
    let object = shared.with(|world| api::replace(world, key, body, part(below), &options))?;
    Ok(answer(shared, key.kind, 200, &object, call))
}

/// Applies the patch in the body.
pub(super) fn patch(shared: &Shared, key: &Key, below: &Below, call: &Call) -> Result<Response, Refusal> {
    let kind = PatchKind::of_content_type(&call.content_type).ok_or_else(Refusal::unsupported_media_type)?;
    let body = call.json()?;
    let options = options(call);
    if *below == Below::Scale {
        let scale = shared.with(|world| api::patch_scale(world, key, kind, &body, &options))?;
        return Ok(respond::json(200, &scale));
    }
    let object = shared.with(|world| api::patch(world, key, kind, &body, part(below), &options))?;
    Ok(answer(shared, key.kind, 200, &object, call))
}

/// Deletes an object.
pub(super) fn delete(shared: &Shared, key: &Key, call: &Call) -> Result<Response, Refusal> {
    let deletion = deletion(call)?;
    let object = shared.with(|world| api::delete(world, key, &deletion))?;
    if key.kind == Kind::Pod {
        return Ok(answer(shared, key.kind, 200, &object, call));
    }
    let resource = key.kind.resource();
    let details = json!({
        "name": key.name, "group": resource.group, "kind": resource.plural, "uid": json::uid(&object),
    });
    Ok(respond::json(
        200,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}),
    ))
}

/// Deletes every object that is meant.
pub(super) fn delete_all(
    shared: &Shared,
    kind: Kind,
    namespace: Option<&str>,
    call: &Call,
) -> Result<Response, Refusal> {
    let selection = Selection::of(kind, namespace, call)?;
    let deletion = deletion(call)?;
    shared.with(|world| {
        let keys: Vec<Key> = world
            .store
            .list(kind, namespace)
            .filter(|(key, object)| selection.holds(key, object))
            .map(|(key, _)| key.clone())
            .collect();
        keys.iter().try_for_each(|key| api::delete(world, key, &deletion).map(drop))
    })?;
    Ok(respond::json(
        200,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}),
    ))
}

fn answer(shared: &Shared, kind: Kind, code: u16, object: &Arc<Value>, call: &Call) -> Response {
    match Form::of(call) {
        Form::Whole => respond::json(code, object),
        Form::Metadata => respond::json(code, &metadata_of(object)),
        Form::Table(include) => {
            let now = shared.world().now();
            respond::json(code, &table::of(kind, [object.as_ref()], include, now))
        }
    }
}

fn part(below: &Below) -> Part {
    match below {
        Below::Status => Part::Status,
        Below::Whole | Below::Scale | Below::Log | Below::Proxy(_) => Part::Main,
    }
}

fn options(call: &Call) -> WriteOptions {
    let named = call.parameter("fieldManager");
    let program = call.agent.split('/').next().unwrap_or_default();
    let manager = [named, program].into_iter().find(|name| !name.is_empty()).unwrap_or("unknown");
    WriteOptions { manager: manager.to_owned(), dry_run: call.parameter("dryRun") == "All" }
}

fn deletion(call: &Call) -> Result<Deletion, Refusal> {
    let body = call.json()?;
    let precondition = |member: &str| {
        body.pointer(&format!("/preconditions/{member}")).and_then(Value::as_str).map(str::to_owned)
    };
    let grace = json::integer(&body, "/gracePeriodSeconds");
    let policy = [json::text(&body, "/propagationPolicy"), call.parameter("propagationPolicy")];
    let dry_run = call.parameter("dryRun") == "All"
        || json::items(&body, "/dryRun").iter().any(|stage| stage.as_str() == Some("All"));
    Ok(Deletion {
        uid: precondition("uid"),
        version: precondition("resourceVersion"),
        grace: grace.or_else(|| call.parameter("gracePeriodSeconds").parse().ok()),
        orphan: policy.contains(&"Orphan"),
        dry_run,
    })
}
