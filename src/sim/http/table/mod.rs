//! Server-side tables: the columns that `kubectl get` prints.

mod age;
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

/// The table of `objects`.
pub(super) fn of<'a>(
    kind: Kind,
    objects: impl IntoIterator<Item = &'a Value>,
    include: Include,
    now: Time,
) -> Value {
    let columns = cells::columns(kind);
    let definitions: Vec<Value> = columns
        .iter()
        .map(|column| {
            json!({
                "name": column.name,
                "type": column.type_name(),
                "format": if column.name == "Name" { "name" } else { "" },
                "description": column.name,
                "priority": i32::from(column.wide),
            })
        })
        .collect();
    let rows: Vec<Value> = objects
        .into_iter()
        .map(|object| {
            let cells: Vec<Value> = columns.iter().map(|column| (column.cell)(object, now)).collect();
            let object = match include {
                Include::None => Value::Null,
                Include::Metadata => metadata_of(object),
                Include::Object => object.clone(),
            };
            json!({"cells": cells, "object": object})
        })
        .collect();
    json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {},
        "columnDefinitions": definitions,
        "rows": rows,
    })
}
