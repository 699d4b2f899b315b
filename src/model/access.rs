//! Questions of permission and their answers.

use serde::{Deserialize, Serialize};

use super::Time;
use super::ids::{Name, Namespace};
use super::text::Text;

/// One `SelfSubjectAccessReview`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccessQuery {
    /// RBAC verb.
    pub verb: String,
    /// API group.
    pub group: String,
    /// Plural.
    pub resource: String,
    /// Subresource or empty.
    pub subresource: String,
    /// Namespace.
    pub namespace: Namespace,
    /// Object: a right may be given for some names only.
    pub name: Name,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessAnswer {
    /// Allowed.
    pub allowed: bool,
    /// The authoriser's reason, if it gave one.
    pub reason: Text,
    /// When it was asked.
    pub asked: Time,
}

impl std::fmt::Display for AccessQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if !self.subresource.is_empty() {
            write!(f, "/{}", self.subresource)?;
        }
        Ok(())
    }
}
