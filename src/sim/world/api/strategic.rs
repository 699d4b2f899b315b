//! Strategic merge: like a merge patch, but the lists that have a merge key are merged item by item.

use serde_json::{Map, Value};

use crate::sim::world::json;

/// The lists that are merged, by the name of the field that holds them, and the key of their items.
const MERGED_LISTS: [(&str, &str); 11] = [
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("env", "name"),
    ("volumes", "name"),
    ("volumeMounts", "mountPath"),
    ("imagePullSecrets", "name"),
    ("conditions", "type"),
    ("ownerReferences", "uid"),
    ("ports", "containerPort"),
    ("hostAliases", "ip"),
];

/// Merges `patch` into `target`, which stands in the field `field`.
pub(super) fn merge(target: &mut Value, patch: &Value, field: &str) {
    match patch {
        Value::Object(members) => merge_object(target, members),
        Value::Array(items) => merge_list(target, items, field),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => *target = patch.clone(),
    }
}

fn merge_object(target: &mut Value, patch: &Map<String, Value>) {
    if patch.get("$patch").and_then(Value::as_str) == Some("replace") {
        let mut replacement = patch.clone();
        replacement.remove("$patch");
        *target = Value::Object(replacement);
        return;
    }
    let target = json::ensure_object(target);
    for (key, value) in patch {
        if key.starts_with("$setElementOrder/") || key.starts_with("$retainKeys") {
            continue;
        }
        if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
            delete_primitives(target, list, value);
        } else if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value, key);
        }
    }
}

fn merge_list(target: &mut Value, patch: &[Value], field: &str) {
    let Some(key) = merge_key(field, patch) else {
        *target = Value::Array(patch.to_vec());
        return;
    };
    let list = json::array_mut(target, &[]);
    for item in patch {
        let known = list.iter().position(|known| known.get(key) == item.get(key));
        let delete = item.get("$patch").and_then(Value::as_str) == Some("delete");
        match (known, delete) {
            (Some(index), true) => {
                list.remove(index);
            }
            (Some(index), false) => merge(&mut list[index], item, ""),
            (None, true) => {}
            (None, false) => list.push(item.clone()),
        }
    }
}

/// The key by which the list in `field` is merged; `None` for lists that are replaced whole.
fn merge_key(field: &str, patch: &[Value]) -> Option<&'static str> {
    let (_, key) = MERGED_LISTS.iter().find(|(name, _)| *name == field)?;
    if patch.iter().all(|item| item.get(*key).is_some()) {
        return Some(*key);
    }
    (field == "ports" && patch.iter().all(|item| item.get("port").is_some())).then_some("port")
}

fn delete_primitives(target: &mut Map<String, Value>, list: &str, gone: &Value) {
    let Some(gone) = gone.as_array() else { return };
    if let Some(present) = target.get_mut(list).and_then(Value::as_array_mut) {
        present.retain(|item| !gone.contains(item));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn containers_are_merged_by_name() {
        let mut object = json!({"spec": {"containers": [
            {"name": "main", "image": "shop/api:1", "env": [{"name": "A", "value": "1"}]},
            {"name": "proxy", "image": "shop/proxy:1"},
        ], "paused": true}});
        let patch =
            json!({"spec": {"containers": [{"name": "main", "image": "shop/api:2"}], "paused": null}});
        super::merge(&mut object, &patch, "");
        assert_eq!(object["spec"]["containers"][0]["image"], "shop/api:2");
        assert_eq!(object["spec"]["containers"][0]["env"][0]["name"], "A");
        assert_eq!(object["spec"]["containers"][1]["image"], "shop/proxy:1");
        assert!(object["spec"].get("paused").is_none());
    }
}
