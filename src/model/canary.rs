//! `flagger.app/v1beta1 Canary`, thin (contract: Flagger 1.36 to 1.44).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::Name;
use super::objects::ListedWorkload;

/// A Canary as the API server gives it, less what no decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// What it has in common with every workload.
    pub face: ListedWorkload,
    /// What is wanted.
    pub spec: CanarySpec,
}

/// `spec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanarySpec {
    /// Who splits the traffic: `gatewayapi:v1`, `istio`, `nginx`, `kubernetes` ...; empty: as the controller was
    /// started.
    pub provider: String,
    /// The Deployment that is the canary.
    pub target_ref: Reference,
    /// The main Ingress (nginx).
    pub ingress_ref: Option<Reference>,
    /// The Services that it makes.
    pub service: CanaryService,
    /// Skips the whole tick while set.
    pub suspend: bool,
}

/// `spec.service`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanaryService {
    /// Name of the apex Service; absent: the target's.
    pub name: Option<Name>,
}

/// A reference inside the namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reference {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: Name,
}

impl CanarySpec {
    /// Name of the apex Service and of the route; `target` where the spec names none.
    #[must_use]
    pub fn service_name<'a>(&'a self, target: &'a str) -> &'a str {
        self.service.name.as_ref().map_or(target, Name::as_str)
    }
}

impl Canary {
    /// Reads one. `face` was made from the same object.
    #[must_use]
    pub fn read(face: ListedWorkload, object: &Value) -> Self {
        Self { face, spec: CanarySpec::deserialize(&object["spec"]).unwrap_or_default() }
    }
}
