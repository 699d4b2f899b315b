//! What traffic truth is read from: Services, their ready endpoints, and who scales.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{Name, Namespace};
use super::kind::WorkloadKind;

/// A Service whose selector may match pods of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Name.
    pub name: Name,
    /// Whole selector; an empty one selects nothing.
    pub selector: BTreeMap<String, String>,
    /// Endpoints from its slices; `None` while they were not read.
    pub endpoints: Option<Vec<Endpoint>>,
}

impl Service {
    /// Whether `labels` satisfy the selector.
    #[must_use]
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        !self.selector.is_empty() && self.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    }
}

/// One endpoint of a Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Endpoint {
    /// The pod behind it, where the slice names one.
    pub pod: Option<Name>,
    /// Condition `ready` (absent reads as true, as the API says).
    pub ready: bool,
}

/// A `HorizontalPodAutoscaler`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Autoscaler {
    /// Name.
    pub name: Name,
    /// Kind it scales, if it is one of ours.
    pub target_kind: Option<WorkloadKind>,
    /// Name of what it scales.
    pub target: Name,
    /// Lower bound.
    pub min: i64,
    /// Upper bound.
    pub max: i64,
}

/// A Service found by its looks rather than by a workload: where metrics may come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FoundService {
    /// Namespace.
    pub namespace: Namespace,
    /// Name.
    pub name: Name,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Ports as `(name, number)`; a port of a Service with one port may be nameless.
    pub ports: Vec<(String, u16)>,
}
