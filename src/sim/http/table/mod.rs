//! Server-side tables: the columns that `kubectl get` prints.

mod cells;
mod pods;

use serde_json::{Value, json};

use super::read::metadata_of;
use crate::sim::world::clock::Time;
use crate::sim::world::kinds::Kind;

/// What of the object stands beside each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Include {
    /// Nothing.
    None,
    /// Its metadata.
    Metadata,
    /// All of it.
    Object,
}

impl Include {
    /// Reads `includeObject`; metadata when absent.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "None" => Self::None,
            "Object" => Self::Object,
            _usual => Self::Metadata,
        }
    }
}

/// A column: name, type, and whether only wide output shows it.
type Column = (&'static str, &'static str, bool);

/// The table of `objects`.
pub(super) fn of<'a>(
    kind: Kind,
    objects: impl IntoIterator<Item = &'a Value>,
    include: Include,
    now: Time,
) -> Value {
    let columns: Vec<Value> = cells::columns(kind)
        .iter()
        .map(|(name, kind, wide)| {
            let format = if *name == "Name" { "name" } else { "" };
            json!({
                "name": name, "type": kind, "format": format, "description": name, "priority": i32::from(*wide),
            })
        })
        .collect();
    let rows: Vec<Value> = objects
        .into_iter()
        .map(|object| {
            let mut row = json!({"cells": cells::of(kind, object, now)});
            row["object"] = match include {
                Include::None => Value::Null,
                Include::Metadata => metadata_of(object),
                Include::Object => object.clone(),
            };
            row
        })
        .collect();
    json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {},
        "columnDefinitions": columns,
        "rows": rows,
    })
}
