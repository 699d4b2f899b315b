//! Reading and writing JSON objects by pointer, with the defaults that Kubernetes gives absent fields.

use serde_json::{Map, Value};

/// The value at `pointer`, whose names hold no escapes: most of the simulation's time is spent here.
pub(crate) fn at<'a>(object: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(object, |place, step| match place {
        Value::Object(members) => members.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// The string at `pointer`; empty when absent.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    at(object, pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The integer at `pointer`, if there is one.
pub(crate) fn integer(object: &Value, pointer: &str) -> Option<i64> {
    at(object, pointer).and_then(Value::as_i64)
}

/// The integer at `pointer`; 0 when absent, as counts in a status are.
pub(crate) fn count(object: &Value, pointer: &str) -> i64 {
    integer(object, pointer).unwrap_or(0)
}

/// The boolean at `pointer`; false when absent.
pub(crate) fn flag(object: &Value, pointer: &str) -> bool {
    at(object, pointer).and_then(Value::as_bool).unwrap_or(false)
}

/// The items of the array at `pointer`; none when absent.
pub(crate) fn items<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    at(object, pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The members of the object at `pointer`, in order; none when absent.
pub(crate) fn members<'a>(object: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    object
        .pointer(pointer)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// The member `key` (not a pointer: it may hold slashes) of the object at `pointer`.
pub(crate) fn member<'a>(object: &'a Value, pointer: &str, key: &str) -> Option<&'a str> {
    at(object, pointer)?.get(key)?.as_str()
}

/// The annotation `key`.
pub(crate) fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    member(object, "/metadata/annotations", key)
}

/// The label `key`.
pub(crate) fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    member(object, "/metadata/labels", key)
}

/// Sets the member at `path`, making the objects on the way.
pub(crate) fn set(object: &mut Value, path: &[&str], value: impl Into<Value>) {
    let mut place = object;
    for step in path {
        place = ensure_object(place).entry(*step).or_insert(Value::Null);
    }
    *place = value.into();
}

/// Sets the member at `path` unless there is one.
pub(crate) fn default(object: &mut Value, path: &[&str], value: impl Into<Value>) {
    let mut place = object;
    for step in path {
        place = ensure_object(place).entry(*step).or_insert(Value::Null);
    }
    if place.is_null() {
        *place = value.into();
    }
}

/// Removes the member at `path`, if it is there.
pub(crate) fn remove(object: &mut Value, path: &[&str]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let mut place = object;
    for step in parents {
        place = place.get_mut(*step)?;
    }
    place.as_object_mut()?.remove(*last)
}

/// The array at `path`, made empty where it is absent.
pub(crate) fn array_mut<'a>(object: &'a mut Value, path: &[&str]) -> &'a mut Vec<Value> {
    let mut place = object;
    for step in path {
        place = ensure_object(place).entry(*step).or_insert(Value::Null);
    }
    ensure_array(place)
}

/// `value` as an object, replaced by an empty one when it is anything else.
pub(crate) fn ensure_object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            unreachable!("made an object above")
        }
    }
}

fn ensure_array(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    match value {
        Value::Array(items) => items,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            unreachable!("made an array above")
        }
    }
}

/// The condition of type `kind` in the status of `object`.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    items(object, "/status/conditions").iter().find(|condition| text(condition, "/type") == kind)
}

/// Whether the condition of type `kind` is `True`.
pub(crate) fn holds(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| text(condition, "/status") == "True")
}

/// The uid of `object`.
pub(crate) fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// The owner reference that controls `object`.
pub(crate) fn controller(object: &Value) -> Option<&Value> {
    items(object, "/metadata/ownerReferences").iter().find(|owner| flag(owner, "/controller"))
}

/// Whether `object` is controlled by the object with `owner_uid`.
pub(crate) fn controlled_by(object: &Value, owner_uid: &str) -> bool {
    controller(object).is_some_and(|owner| text(owner, "/uid") == owner_uid)
}

/// Whether deletion of `object` has been asked for.
pub(crate) fn terminating(object: &Value) -> bool {
    at(object, "/metadata/deletionTimestamp").is_some()
}
