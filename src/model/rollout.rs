//! `argoproj.io/v1alpha1 Rollout`, thin (contract: Argo Rollouts 1.10).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::Name;
use super::objects::ListedWorkload;
use super::template::TemplateSummary;

/// A Rollout as the API server gives it, less what no decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// What it has in common with every workload.
    pub face: ListedWorkload,
    /// What is wanted.
    pub spec: RolloutSpec,
}

/// `spec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RolloutSpec {
    /// Wanted pods; the server fills in 1.
    pub replicas: Option<i64>,
    /// Paused by someone; a pause that is a step stands in the status.
    pub paused: bool,
    /// The template's summary.
    #[serde(skip)]
    pub template: TemplateSummary,
    /// How it is rolled out.
    pub strategy: RolloutStrategy,
}

/// `spec.strategy`: exactly one is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RolloutStrategy {
    /// In steps.
    pub canary: Option<CanaryStrategy>,
    /// By switching Services.
    pub blue_green: Option<BlueGreenStrategy>,
}

/// `spec.strategy.canary`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanaryStrategy {
    /// Service of the stable pods.
    pub stable_service: Option<Name>,
    /// Service of the canary's pods.
    pub canary_service: Option<Name>,
    /// Who splits the traffic.
    pub traffic_routing: Option<TrafficRouting>,
}

/// `spec.strategy.blueGreen`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlueGreenStrategy {
    /// Service that serves.
    pub active_service: Name,
    /// Service by which the new version is looked at first.
    pub preview_service: Option<Name>,
}

/// `spec.strategy.canary.trafficRouting`, as far as it names objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrafficRouting {
    /// nginx: a second Ingress with a weight.
    pub nginx: Option<NginxRouting>,
    /// Istio.
    pub istio: Option<IstioRouting>,
    /// Routers by plugin, by their names; the Gateway API's is `argoproj-labs/gatewayAPI`.
    pub plugins: Value,
    /// The weight that means everything; absent: 100.
    pub max_traffic_weight: Option<i64>,
}

/// `trafficRouting.nginx`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NginxRouting {
    /// The main Ingress.
    pub stable_ingress: Option<Name>,
    /// Several of them.
    pub stable_ingresses: Vec<Name>,
    /// Another prefix of the annotations than `nginx.ingress.kubernetes.io`.
    pub annotation_prefix: Option<String>,
}

/// `trafficRouting.istio`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IstioRouting {
    /// The VirtualService.
    pub virtual_service: Option<IstioReference>,
    /// Several of them.
    pub virtual_services: Vec<IstioReference>,
    /// Subsets in place of Services.
    pub destination_rule: Option<IstioReference>,
}

/// A named Istio object, with the routes of it that count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IstioReference {
    /// Name.
    pub name: Name,
    /// HTTP routes by name; none: the only one.
    pub routes: Vec<String>,
    /// Subset of the canary (destination rules only).
    pub canary_subset_name: Option<String>,
    /// Subset of the stable version (destination rules only).
    pub stable_subset_name: Option<String>,
}

impl Rollout {
    /// Reads one. `face` was made from the same object.
    #[must_use]
    pub fn read(face: ListedWorkload, object: &Value) -> Self {
        let mut spec = RolloutSpec::deserialize(&object["spec"]).unwrap_or_default();
        spec.template = TemplateSummary::of(&object["spec"]["template"]);
        Self { face, spec }
    }
}
