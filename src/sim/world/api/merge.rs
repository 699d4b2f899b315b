//! The patch formats: JSON Patch with the API server's leniencies, merge patch and strategic merge patch.

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, Patch, PatchOperation};
use serde_json::Value;

use super::refusal::Refusal;
use super::strategic;

/// How a patch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PatchKind {
    /// RFC 6902, with `replace` and `test null` allowed on an absent leaf.
    Json,
    /// RFC 7396.
    Merge,
    /// Kubernetes' own: lists merged by key.
    Strategic,
    /// Server-side apply of a JSON body: creates what is missing, merges by key, and never removes a field.
    Apply,
}

impl PatchKind {
    /// The kind that a `Content-Type` names.
    pub(crate) fn of_content_type(content_type: &str) -> Option<Self> {
        match content_type.split(';').next().map(str::trim) {
            Some("application/json-patch+json") => Some(Self::Json),
            Some("application/merge-patch+json") => Some(Self::Merge),
            Some("application/strategic-merge-patch+json") => Some(Self::Strategic),
            Some("application/apply-patch+yaml") => Some(Self::Apply),
            _other => None,
        }
    }
}

/// `object` with `patch` applied.
pub(super) fn apply(object: &Value, kind: PatchKind, patch: &Value) -> Result<Value, Refusal> {
    let mut patched = object.clone();
    match kind {
        PatchKind::Json => apply_json(&mut patched, patch)?,
        PatchKind::Merge => json_patch::merge(&mut patched, patch),
        PatchKind::Strategic | PatchKind::Apply => strategic::merge(&mut patched, patch, ""),
    }
    Ok(patched)
}

fn apply_json(object: &mut Value, patch: &Value) -> Result<(), Refusal> {
    let Patch(operations) = serde_json::from_value(patch.clone())
        .map_err(|error| Refusal::bad_request(format!("error decoding patch: {error}")))?;
    for operation in operations {
        let operation = match operation {
            PatchOperation::Replace(replace) if is_absent_leaf(object, &replace.path) => {
                PatchOperation::Add(AddOperation { path: replace.path, value: replace.value })
            }
            PatchOperation::Test(test) if test.value.is_null() && is_absent_leaf(object, &test.path) => {
                continue;
            }
            other => other,
        };
        json_patch::patch(object, &[operation]).map_err(|_| Refusal::patch_failed())?;
    }
    Ok(())
}

/// Whether `path` names a member that its parent, an object, does not have.
fn is_absent_leaf(object: &Value, path: &Pointer) -> bool {
    let Some((parent, leaf)) = path.split_back() else { return false };
    parent
        .resolve(object)
        .ok()
        .and_then(Value::as_object)
        .is_some_and(|parent| !parent.contains_key(leaf.decoded().as_ref()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{PatchKind, apply};

    fn json_patch(patch: &serde_json::Value) -> Option<serde_json::Value> {
        let object = json!({"spec": {"replicas": 2}, "status": {"abort": true}});
        apply(&object, PatchKind::Json, patch).ok()
    }

    #[test]
    fn an_absent_leaf_can_be_replaced_and_tested_for_null() {
        let replaced =
            json_patch(&json!([{"op": "replace", "path": "/spec/paused", "value": true}])).unwrap();
        assert_eq!(replaced["spec"]["paused"], true);
        assert!(json_patch(&json!([{"op": "test", "path": "/spec/paused", "value": null}])).is_some());
    }

    #[test]
    fn what_the_api_server_refuses_is_refused() {
        for patch in [
            json!([{"op": "test", "path": "/status/abort", "value": null}]),
            json!([{"op": "test", "path": "/spec/paused", "value": false}]),
            json!([{"op": "test", "path": "/nowhere/deeper", "value": null}]),
            json!([{"op": "remove", "path": "/spec/paused"}]),
            json!([{"op": "replace", "path": "/nowhere/deeper", "value": 1}]),
            json!([{"op": "test", "path": "/spec/replicas", "value": 3}]),
        ] {
            assert!(json_patch(&patch).is_none(), "{patch}");
        }
    }
}
