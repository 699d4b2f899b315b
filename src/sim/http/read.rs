//! Reading: one object, or a list in pages.

use std::sync::Arc;

use axum::response::Response;
use serde_json::{Value, json};

use super::kubernetes::Call;
use super::route::Below;
use super::table::{self, Include};
use super::{Shared, respond};
use crate::sim::world::api::{self, Refusal};
use crate::sim::world::clock::Time;
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::selector::Selector;
use crate::sim::world::store::Key;

/// In which form objects are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As they are.
    Whole,
    /// Metadata alone.
    Metadata,
    /// As rows of a table.
    Table(Include),
}

impl Form {
    /// The form that a request asks for.
    pub(super) fn of(call: &Call) -> Self {
        if call.accept.contains("as=Table") {
            Self::Table(Include::named(call.parameter("includeObject")))
        } else if call.accept.contains("as=PartialObjectMetadata") {
            Self::Metadata
        } else {
            Self::Whole
        }
    }
}

/// Which objects of a kind are meant.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    /// Their kind.
    pub(super) kind: Kind,
    /// Their namespace; `None` for all.
    pub(super) namespace: Option<String>,
    labels: Selector,
    fields: Selector,
}

impl Selection {
    /// Reads the selectors of a request.
    pub(super) fn of(kind: Kind, namespace: Option<&str>, call: &Call) -> Result<Self, Refusal> {
        let parse = |name| Selector::parse(call.parameter(name)).map_err(Refusal::bad_request);
        Ok(Self {
            kind,
            namespace: namespace.map(str::to_owned),
            labels: parse("labelSelector")?,
            fields: parse("fieldSelector")?,
        })
    }

    /// Whether the object with `key` belongs to it.
    pub(super) fn holds(&self, key: &Key, object: &Value) -> bool {
        key.kind == self.kind
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
            && self.labels.matches_labels(object)
            && self.fields.matches_fields(object)
    }

    fn is_everything(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }
}

/// `PartialObjectMetadata` of `object`.
pub(super) fn metadata_of(object: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": object.get("metadata"),
    })
}

/// Answers with one object.
pub(super) fn get(shared: &Shared, key: &Key, below: &Below, call: &Call) -> Result<Response, Refusal> {
    let world = shared.world();
    if *below == Below::Scale {
        return Ok(respond::json(200, &api::scale_of(&world, key)?));
    }
    let object = world.store.get(key).ok_or_else(|| Refusal::not_found(key))?;
    let answer = match Form::of(call) {
        Form::Whole => Value::clone(object),
        Form::Metadata => metadata_of(object),
        Form::Table(include) => {
            let mut table = table::of(key.kind, [object.as_ref()], include, world.now());
            table["metadata"]["resourceVersion"] = json::text(object, "/metadata/resourceVersion").into();
            table
        }
    };
    Ok(respond::json(200, &answer))
}

/// Answers with the objects that are meant, at most `limit` of them.
pub(super) fn list(
    shared: &Shared,
    kind: Kind,
    namespace: Option<&str>,
    call: &Call,
) -> Result<Response, Refusal> {
    let selection = Selection::of(kind, namespace, call)?;
    let world = shared.world();
    let (revision, after) = match Token::parse(call.parameter("continue"))? {
        None => (world.store.revision(), None),
        Some(token) if token.revision < world.store.oldest() => return Err(Refusal::page_expired()),
        Some(token) => (token.revision, Some(Key::new(kind, &token.namespace, &token.name))),
    };
    let mut matching = world.store.list(kind, namespace).filter(|(key, object)| {
        after.as_ref().is_none_or(|after| *key > after) && selection.holds(key, object)
    });
    let limit = call.parameter("limit").parse().ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let page: Vec<(&Key, &Arc<Value>)> = matching.by_ref().take(limit).collect();
    let left = matching.count();
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    if left > 0
        && let Some((last, _)) = page.last()
    {
        metadata["continue"] = Token::after(revision, last).into();
        if selection.is_everything() {
            metadata["remainingItemCount"] = left.into();
        }
    }
    let objects = page.iter().map(|(_, object)| object.as_ref());
    let mut answer = in_form(kind, objects, Form::of(call), world.now());
    answer["metadata"] = metadata;
    drop(world);
    Ok(respond::json(200, &answer))
}

fn in_form<'a>(kind: Kind, objects: impl Iterator<Item = &'a Value>, form: Form, now: Time) -> Value {
    let resource = kind.resource();
    match form {
        Form::Whole => json!({
            "kind": format!("{}List", resource.name),
            "apiVersion": resource.api_version(),
            "items": objects.map(without_type).collect::<Vec<_>>(),
        }),
        Form::Metadata => json!({
            "kind": "PartialObjectMetadataList",
            "apiVersion": "meta.k8s.io/v1",
            "items": objects.map(metadata_of).collect::<Vec<_>>(),
        }),
        Form::Table(include) => table::of(kind, objects, include, now),
    }
}

/// Items of a typed list do not repeat their type.
fn without_type(object: &Value) -> Value {
    let mut item = object.clone();
    json::remove(&mut item, &["apiVersion"]);
    json::remove(&mut item, &["kind"]);
    item
}

/// Where the next page begins: `revision/namespace/name`.
struct Token {
    revision: u64,
    namespace: String,
    name: String,
}

impl Token {
    fn after(revision: u64, key: &Key) -> String {
        format!("{revision}/{}/{}", key.namespace, key.name)
    }

    fn parse(text: &str) -> Result<Option<Self>, Refusal> {
        if text.is_empty() {
            return Ok(None);
        }
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            [revision, namespace, name] => Ok(Some(Self {
                revision: revision.parse().map_err(|_| Refusal::bad_request("continue key is not valid"))?,
                namespace: (*namespace).to_owned(),
                name: (*name).to_owned(),
            })),
            _other => Err(Refusal::bad_request("continue key is not valid")),
        }
    }
}
