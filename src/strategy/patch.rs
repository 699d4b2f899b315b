//! JSON Patch operations (RFC 6902), and the requests that carry them.

use serde_json::{Value, json};

use crate::model::ids::Uid;
use crate::model::request::{Request, Resource, Write};
use crate::model::target::Target;

/// A precondition. With value `null` the API server lets it pass when the leaf is absent (seen on 1.36).
pub(super) fn test(path: &str, value: impl Into<Value>) -> Value {
    operation("test", path, &value.into())
}

/// The object is still the one that was seen.
pub(super) fn test_uid(uid: &Uid) -> Value {
    test("/metadata/uid", json!(uid))
}

/// Creates or overwrites a member; used for fields that are often absent, such as `spec.paused`.
pub(super) fn add(path: &str, value: impl Into<Value>) -> Value {
    operation("add", path, &value.into())
}

/// Overwrites a member.
pub(super) fn replace(path: &str, value: impl Into<Value>) -> Value {
    operation("replace", path, &value.into())
}

/// Takes a member away; a member that is not there makes the whole patch fail with 422.
pub(super) fn remove(path: &str) -> Value {
    json!({ "op": "remove", "path": path })
}

fn operation(op: &str, path: &str, value: &Value) -> Value {
    json!({ "op": op, "path": path, "value": value })
}

/// A key as a JSON Pointer segment (RFC 6901).
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The request for a patch of the workload or one of its subresources.
pub(super) fn request(target: &Target, subresource: &str, operations: &[Value]) -> Request {
    let row = target.kind.row();
    Request {
        resource: Resource {
            group: row.group.to_owned(),
            version: row.version.to_owned(),
            plural: row.plural.to_owned(),
            namespace: target.namespace.clone(),
            name: target.name.clone(),
            subresource: subresource.to_owned(),
        },
        write: Write::JsonPatch(Value::Array(operations.to_vec())),
    }
}
