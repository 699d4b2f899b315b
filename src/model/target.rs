//! What an act or a view is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Name, Namespace};
use super::kind::WorkloadKind;

/// One workload, by the names people use. Its present life is told by the uid in its [`super::meta::Meta`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// Namespace.
    pub namespace: Namespace,
    /// Kind.
    pub kind: WorkloadKind,
    /// Name.
    pub name: Name,
}

impl Target {
    /// A target by its three names.
    #[must_use]
    pub fn new(kind: WorkloadKind, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: Namespace::new(namespace), kind, name: Name::new(name) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// Which namespaces are in view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// `-A`
    All,
    /// `-n a,b`; never empty.
    Namespaces(Vec<Namespace>),
}

impl Scope {
    /// Whether `namespace` is in view.
    #[must_use]
    pub fn contains(&self, namespace: &Namespace) -> bool {
        match self {
            Self::All => true,
            Self::Namespaces(list) => list.contains(namespace),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all namespaces"),
            Self::Namespaces(list) => {
                let names: Vec<&str> = list.iter().map(Namespace::as_str).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}
