//! A request to the API server as a value: what the sheet shows, what the journal keeps, what `cluster` sends.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::{ActId, Name, Namespace, Uid};
use super::text::Text;

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What to write to.
    pub resource: Resource,
    /// What to do.
    pub write: Write,
}

/// A resource in a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resource {
    /// API group; empty for the core group.
    pub group: String,
    /// API version.
    pub version: String,
    /// Plural name.
    pub plural: String,
    /// Namespace.
    pub namespace: Namespace,
    /// Object name.
    pub name: Name,
    /// `scale`, `status`, or empty.
    pub subresource: String,
}

/// The kinds of write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// RFC 6902 JSON Patch, with its `test` operations as preconditions.
    JsonPatch(Value),
    /// RFC 7386 merge patch.
    MergePatch(Value),
    /// Creates the object.
    Create(Value),
    /// Deletes the object, if it is still in that life.
    Delete {
        /// The life that was seen.
        uid: Uid,
    },
}

impl Write {
    /// The RBAC verb it needs.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::JsonPatch(_) | Self::MergePatch(_) => "patch",
            Self::Create(_) => "create",
            Self::Delete { .. } => "delete",
        }
    }

    /// The body, if it has one.
    #[must_use]
    pub fn body(&self) -> Option<&Value> {
        match self {
            Self::JsonPatch(body) | Self::MergePatch(body) | Self::Create(body) => Some(body),
            Self::Delete { .. } => None,
        }
    }
}

impl Write {
    /// The body as a person reads it, a line each; empty where there is none.
    #[must_use]
    pub fn lines(&self) -> Vec<Text> {
        let Some(body) = self.body() else { return Vec::new() };
        // `{:#}` of a JSON value is its indented form
        Text::lines(&format!("{body:#}"))
    }
}

impl Resource {
    /// The path of the object (or, for a create, of its collection) below the server's address.
    #[must_use]
    pub fn path(&self, collection: bool) -> String {
        let root = if self.group.is_empty() {
            format!("/api/{}", self.version)
        } else {
            format!("/apis/{}/{}", self.group, self.version)
        };
        let mut path = format!("{root}/namespaces/{}/{}", self.namespace, self.plural);
        if !collection {
            path.push('/');
            path.push_str(self.name.as_str());
            if !self.subresource.is_empty() {
                path.push('/');
                path.push_str(&self.subresource);
            }
        }
        path
    }
}

/// Which request on the wire a receipt answers. Printed as `<act>.<step>.<try>`, it is the `Audit-ID` header.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId {
    /// The act it belongs to.
    pub act: ActId,
    /// Step of the act, from 1.
    pub step: u32,
    /// Try of the step, from 1.
    pub attempt: u32,
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.act, self.step, self.attempt)
    }
}

/// How a request ended, as far as this side can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The server took it.
    Applied {
        /// HTTP status.
        code: u16,
    },
    /// The server refused it: nothing was written.
    Rejected {
        /// HTTP status.
        code: u16,
        /// `reason` of the status object.
        reason: String,
        /// Its message.
        message: Text,
    },
    /// Nobody can say: it may or may not have been applied. Read back before any claim.
    Unknown {
        /// Timeout, reset, 5xx ...
        why: Text,
    },
    /// It certainly did not reach the server (connection refused, no route).
    NotSent {
        /// Why.
        why: Text,
    },
}
