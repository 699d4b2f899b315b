//! `spec` of a Rollout.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::ids::Name;
use crate::model::meta::nullable;
use crate::model::template::TemplateSummary;

/// `spec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RolloutSpec {
    /// Wanted pods; the server fills in 1.
    pub replicas: Option<i64>,
    /// Paused by someone; a pause that is a step stands in the status.
    #[serde(deserialize_with = "nullable")]
    pub paused: bool,
    /// Pods older than this are replaced; no new revision.
    pub restart_at: Option<String>,
    /// Seconds without progress until the controller says so; absent: 600.
    pub progress_deadline_seconds: Option<i64>,
    /// The object that holds the pod template in the place of this one.
    pub workload_ref: Option<WorkloadRef>,
    /// Within how many revisions a way back skips the steps.
    pub rollback_window: Option<RollbackWindow>,
    /// The template's summary; empty where another object holds it.
    #[serde(skip)]
    pub template: TemplateSummary,
    /// How it is rolled out.
    #[serde(deserialize_with = "nullable")]
    pub strategy: RolloutStrategy,
}

/// `spec.workloadRef`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkloadRef {
    /// `Deployment`, `ReplicaSet` or `PodTemplate`.
    pub kind: String,
    /// Name.
    pub name: Name,
}

/// `spec.rollbackWindow`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RollbackWindow {
    /// Revisions.
    pub revisions: Option<i64>,
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
    /// The two Services change their roles with each release.
    pub ping_pong: Option<Value>,
    /// Who splits the traffic.
    pub traffic_routing: Option<TrafficRouting>,
    /// Steps; empty: all at once.
    #[serde(deserialize_with = "nullable")]
    pub steps: Vec<CanaryStep>,
    /// The stable version is scaled down as the canary's weight grows.
    #[serde(deserialize_with = "nullable")]
    pub dynamic_stable_scale: bool,
    /// Seconds for which an aborted canary's pods stay; absent: 30.
    pub abort_scale_down_delay_seconds: Option<i64>,
}

/// One element of `steps`: exactly one is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanaryStep {
    /// Weight of the canary from here on.
    pub set_weight: Option<i64>,
    /// Stands still.
    pub pause: Option<Pause>,
    /// Measures, and goes on when it was good.
    pub analysis: Option<Value>,
    /// Runs other versions beside these.
    pub experiment: Option<Value>,
    /// Sets the canary's size apart from its weight.
    pub set_canary_scale: Option<Value>,
    /// Sends requests with a header to the canary.
    pub set_header_route: Option<Value>,
    /// Sends copies of requests to the canary.
    pub set_mirror_route: Option<Value>,
    /// Anything else.
    pub plugin: Option<Value>,
}

/// `pause`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pause {
    /// Seconds, as a number or in a string, or a Go duration; absent: until somebody promotes.
    pub duration: Option<Value>,
}

impl Pause {
    /// Seconds that it lasts; `None`: until somebody promotes.
    #[must_use]
    pub fn seconds(&self) -> Option<u64> {
        match self.duration.as_ref()? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok().or_else(|| go_duration(text)),
            _ => None,
        }
    }
}

/// Whole seconds of `1h30m`, `90s` or `500ms` (rounded up).
fn go_duration(text: &str) -> Option<u64> {
    let mut millis = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let tail = &rest[digits..];
        let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let factor = match &tail[..unit] {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return None,
        };
        millis += number * factor;
        rest = &tail[unit..];
    }
    (!text.is_empty()).then(|| millis.div_ceil(1_000))
}

/// `spec.strategy.blueGreen`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlueGreenStrategy {
    /// Service that serves.
    pub active_service: Name,
    /// Service by which the new version is looked at first.
    pub preview_service: Option<Name>,
    /// Whether it switches by itself; absent: yes.
    pub auto_promotion_enabled: Option<bool>,
    /// Seconds after which it switches by itself all the same.
    pub auto_promotion_seconds: Option<u64>,
    /// Seconds for which the old pods stay after the switch; absent: 30.
    pub scale_down_delay_seconds: Option<i64>,
    /// Seconds for which an aborted candidate's pods stay; absent: 30.
    pub abort_scale_down_delay_seconds: Option<i64>,
    /// Measured before the switch.
    pub pre_promotion_analysis: Option<Value>,
    /// Measured after it.
    pub post_promotion_analysis: Option<Value>,
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
    #[serde(deserialize_with = "nullable")]
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
    #[serde(deserialize_with = "nullable")]
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
    #[serde(deserialize_with = "nullable")]
    pub routes: Vec<String>,
    /// Subset of the canary (destination rules only).
    pub canary_subset_name: Option<String>,
    /// Subset of the stable version (destination rules only).
    pub stable_subset_name: Option<String>,
}
