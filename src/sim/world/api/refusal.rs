//! Refusals in the API server's words: the `Status` object with its reason and code.

use serde_json::{Value, json};

use crate::sim::world::store::Key;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) code: u16,
    reason: &'static str,
    message: String,
    details: Value,
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: String) -> Self {
        Self { code, reason, message, details: json!({}) }
    }

    fn about(mut self, key: &Key) -> Self {
        let resource = key.kind.resource();
        self.details = json!({"name": key.name, "kind": resource.plural});
        if !resource.group.is_empty() {
            self.details["group"] = resource.group.into();
        }
        self
    }

    /// There is no such object.
    pub(crate) fn not_found(key: &Key) -> Self {
        let message = format!("{} \"{}\" not found", key.kind.resource().qualified(), key.name);
        Self::new(404, "NotFound", message).about(key)
    }

    /// There is no such path.
    pub(crate) fn no_such_path() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource".to_owned())
    }

    /// The object is there already.
    pub(crate) fn already_exists(key: &Key) -> Self {
        let message = format!("{} \"{}\" already exists", key.kind.resource().qualified(), key.name);
        Self::new(409, "AlreadyExists", message).about(key)
    }

    /// The resource version in the request is not the present one.
    pub(crate) fn conflict(key: &Key) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes to the latest version and try again",
            key.kind.resource().qualified(),
            key.name
        );
        Self::new(409, "Conflict", message).about(key)
    }

    /// A precondition of a deletion does not hold.
    pub(crate) fn precondition(key: &Key, what: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{}\": Precondition failed: {what}",
            key.kind.resource().qualified(),
            key.name
        );
        Self::new(409, "Conflict", message).about(key)
    }

    /// A `test` failed or a pointer leads nowhere: the API server does not say which.
    pub(crate) fn patch_failed() -> Self {
        let message = "the server rejected our request due to an error in our request".to_owned();
        Self::new(422, "Invalid", message)
    }

    /// The object would break a rule of its kind.
    pub(crate) fn invalid(key: &Key, field: &str, why: &str) -> Self {
        let message =
            format!("{} \"{}\" is invalid: {field}: {why}", key.kind.resource().qualified_kind(), key.name);
        let mut refusal = Self::new(422, "Invalid", message).about(key);
        refusal.details["kind"] = key.kind.resource().name.into();
        refusal.details["causes"] = json!([{"reason": "FieldValueInvalid", "message": why, "field": field}]);
        refusal
    }

    /// The body cannot be read.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message.into())
    }

    /// The user may not do this.
    pub(crate) fn forbidden(key: &Key, user: &str, verb: &str) -> Self {
        let resource = key.kind.resource();
        let place = if key.namespace.is_empty() {
            "at the cluster scope".to_owned()
        } else {
            format!("in the namespace \"{}\"", key.namespace)
        };
        let named = if key.name.is_empty() { String::new() } else { format!(" \"{}\"", key.name) };
        let message = format!(
            "{}{named} is forbidden: User \"{user}\" cannot {verb} resource \"{}\" in API group \"{}\" {place}",
            resource.qualified(),
            resource.plural,
            resource.group
        );
        Self::new(403, "Forbidden", message).about(key)
    }

    /// Admission says no: a quota, for one.
    pub(crate) fn not_admitted(key: &Key, message: String) -> Self {
        Self::new(403, "Forbidden", message).about(key)
    }

    /// The patch format is not served for this kind.
    pub(crate) fn unsupported_media_type() -> Self {
        let message = "the body of the request was in an unknown format - accepted media types include: application/json, application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json";
        Self::new(415, "UnsupportedMediaType", message.to_owned())
    }

    /// The verb is not served here.
    pub(crate) fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource".to_owned();
        Self::new(405, "MethodNotAllowed", message)
    }

    /// The resource version is older than the history.
    pub(crate) fn expired(asked: u64, oldest: u64) -> Self {
        Self::new(410, "Expired", format!("too old resource version: {asked} ({oldest})"))
    }

    /// The page token is older than the history.
    pub(crate) fn page_expired() -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.";
        Self::new(410, "Expired", message.to_owned())
    }

    /// What stands behind a proxied Service does not answer.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(503, "ServiceUnavailable", message.into())
    }

    /// The `Status` object that goes over the wire.
    pub(crate) fn status(&self) -> Value {
        json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "details": self.details,
            "code": self.code,
        })
    }
}
