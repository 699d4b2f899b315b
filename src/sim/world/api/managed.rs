//! `managedFields`: who wrote which fields, and when.

use serde_json::{Map, Value, json};

use crate::sim::world::clock::{Time, stamp};
use crate::sim::world::json;

/// Lists whose items are named by a key in field paths.
const KEYED_LISTS: [(&str, &str); 4] =
    [("containers", "name"), ("env", "name"), ("ports", "containerPort"), ("conditions", "type")];

/// Notes in `object` that `manager` changed it from `before`.
pub(super) fn note(object: &mut Value, before: Option<&Value>, manager: &str, subresource: &str, now: Time) {
    let nothing = json!({});
    let changed = changed_fields(before.unwrap_or(&nothing), object);
    if changed.is_empty() {
        return;
    }
    let changed = Value::Object(changed);
    let api_version = json::text(object, "/apiVersion").to_owned();
    let entries = json::array_mut(object, &["metadata", "managedFields"]);
    let fields = take_over(entries, manager, subresource, changed);
    let mut entry = json!({
        "manager": manager,
        "operation": "Update",
        "apiVersion": api_version,
        "time": stamp(now),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    });
    if !subresource.is_empty() {
        json::set(&mut entry, &["subresource"], subresource);
    }
    entries.push(entry);
}

/// Takes the `changed` fields away from whoever has them; gives them with those that `manager` has already.
fn take_over(entries: &mut Vec<Value>, manager: &str, subresource: &str, changed: Value) -> Value {
    for entry in entries.iter_mut() {
        if let Some(fields) = entry.get_mut("fieldsV1") {
            subtract(fields, &changed);
        }
    }
    let own = entries.iter().position(|entry| {
        json::text(entry, "/manager") == manager && json::text(entry, "/subresource") == subresource
    });
    let mut fields = changed;
    if let Some(own) = own {
        let mut earlier = entries.remove(own);
        if let Some(earlier) = earlier.get_mut("fieldsV1") {
            json_patch::merge(earlier, &fields);
            fields = earlier.clone();
        }
    }
    entries.retain(|entry| {
        entry.get("fieldsV1").and_then(Value::as_object).is_some_and(|fields| !fields.is_empty())
    });
    fields
}

/// The fields of `after` that differ from `before`, in the form of `fieldsV1`; identity and status are nobody's.
fn changed_fields(before: &Value, after: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    for part in ["spec", "data", "stringData", "metadata"] {
        let (old, new) = (before.get(part).unwrap_or(&Value::Null), after.get(part).unwrap_or(&Value::Null));
        if part == "metadata" {
            let metadata = ["labels", "annotations"].into_iter().filter_map(|member| {
                let old = old.get(member).unwrap_or(&Value::Null);
                let changed = difference(old, new.get(member).unwrap_or(&Value::Null), member)?;
                Some((format!("f:{member}"), changed))
            });
            let metadata: Map<String, Value> = metadata.collect();
            if !metadata.is_empty() {
                fields.insert("f:metadata".to_owned(), Value::Object(metadata));
            }
        } else if let Some(changed) = difference(old, new, part) {
            fields.insert(format!("f:{part}"), changed);
        }
    }
    fields
}

fn difference(before: &Value, after: &Value, field: &str) -> Option<Value> {
    if before == after || after.is_null() {
        return None;
    }
    match after {
        Value::Object(members) => {
            let changed: Map<String, Value> = members
                .iter()
                .filter_map(|(key, value)| {
                    let changed = difference(before.get(key).unwrap_or(&Value::Null), value, key)?;
                    Some((format!("f:{key}"), changed))
                })
                .collect();
            (!changed.is_empty()).then_some(Value::Object(changed))
        }
        Value::Array(items) => Some(list_difference(before, items, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(json!({})),
    }
}

fn list_difference(before: &Value, after: &[Value], field: &str) -> Value {
    let Some((_, key)) = KEYED_LISTS.iter().find(|(name, _)| *name == field) else { return json!({}) };
    let known = before.as_array().map_or(&[][..], Vec::as_slice);
    let changed: Map<String, Value> = after
        .iter()
        .filter_map(|item| {
            let name = item.get(*key)?;
            let old = known.iter().find(|old| old.get(*key) == Some(name)).unwrap_or(&Value::Null);
            Some((format!("k:{}", json!({*key: name})), difference(old, item, "")?))
        })
        .collect();
    Value::Object(changed)
}

/// Removes from `fields` what `taken` names: those fields have a new manager.
fn subtract(fields: &mut Value, taken: &Value) {
    let (Some(fields), Some(taken)) = (fields.as_object_mut(), taken.as_object()) else { return };
    for (key, part) in taken {
        let is_leaf = part.as_object().is_none_or(Map::is_empty);
        if is_leaf {
            fields.remove(key);
        } else if let Some(inner) = fields.get_mut(key) {
            subtract(inner, part);
            if inner.as_object().is_some_and(Map::is_empty) {
                fields.remove(key);
            }
        }
    }
}
