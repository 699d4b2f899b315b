//! `flagger.app/v1beta1 Canary`, thin (contract: Flagger 1.36 to 1.44).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Number, Value};

use super::Time;
use super::deployment::Condition;
use super::ids::Name;
use super::meta::nullable;
use super::objects::ListedWorkload;

/// A Canary as the API server gives it, less what no decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// What it has in common with every workload.
    pub face: ListedWorkload,
    /// What is wanted.
    pub spec: CanarySpec,
    /// What Flagger reported. There is no `observedGeneration`: nothing says which spec it belongs to.
    pub status: CanaryStatus,
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
    /// Promotes at the next tick, this release and every later one.
    pub skip_analysis: bool,
    /// Seconds without progress after which Flagger gives up; absent: 600.
    pub progress_deadline_seconds: Option<i64>,
    /// How a release is judged.
    #[serde(alias = "canaryAnalysis")]
    pub analysis: CanaryAnalysis,
}

/// `spec.analysis`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanaryAnalysis {
    /// Time between two ticks, as Go writes durations; at least 10 s.
    pub interval: String,
    /// Failed checks at which a release is rolled back.
    pub threshold: i64,
    /// Largest weight before promotion; 0: 100.
    pub max_weight: i64,
    /// Step between weights.
    pub step_weight: i64,
    /// Weights one by one, in place of equal steps.
    #[serde(deserialize_with = "nullable")]
    pub step_weights: Vec<i64>,
    /// Step by which the primary gets its traffic back while it is promoted; 0: at once.
    pub step_weight_promotion: i64,
    /// Checks of a release that moves no weights (A/B, blue/green).
    pub iterations: i64,
    /// Whether whoever met the canary stays with it.
    pub session_affinity: Option<Value>,
    /// Requests of an A/B test, as the provider writes them.
    #[serde(rename = "match", deserialize_with = "nullable")]
    pub matches: Vec<Value>,
    /// Gates and hooks.
    #[serde(deserialize_with = "nullable")]
    pub webhooks: Vec<CanaryWebhook>,
    /// What is measured each tick.
    #[serde(deserialize_with = "nullable")]
    pub metrics: Vec<CanaryMetric>,
}

/// One of `spec.analysis.webhooks`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanaryWebhook {
    /// Name.
    pub name: String,
    /// `confirm-rollout`, `confirm-promotion`, `rollback`, `rollout` ...; empty: `rollout`.
    #[serde(rename = "type")]
    pub kind: String,
    /// As Go writes durations; empty: 10 s.
    pub timeout: String,
    /// Calls beyond the first.
    pub retries: i64,
}

/// One of `spec.analysis.metrics`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanaryMetric {
    /// Name.
    pub name: String,
    /// Window of the query.
    pub interval: String,
    /// Upper limit of the old form; for the built-in `request-success-rate` a lower one.
    pub threshold: Option<Number>,
    /// Limits.
    pub threshold_range: Option<Range>,
}

/// Limits of a metric.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Range {
    /// Least good value.
    pub min: Option<Number>,
    /// Largest good value.
    pub max: Option<Number>,
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

/// `status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanaryStatus {
    /// Where Flagger believes the release to be.
    #[serde(deserialize_with = "phase")]
    pub phase: Phase,
    /// The weight that Flagger set last; 0 in `WaitingPromotion` and Promoting although the route may send traffic.
    pub canary_weight: i64,
    /// Checks that failed so far.
    pub failed_checks: i64,
    /// Checks made of a release that moves no weights.
    pub iterations: i64,
    /// Flagger's hash of the target's template that it saw last.
    pub last_applied_spec: String,
    /// The same of what it believes it promoted last: no proof of what the primary runs.
    pub last_promoted_spec: String,
    /// Last change of the phase or the weight.
    pub last_transition_time: Option<Time>,
    /// Conditions; `Promoted` is the only one.
    #[serde(deserialize_with = "nullable")]
    pub conditions: Vec<Condition>,
}

/// `status.phase`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// None yet, or one that is not known here.
    #[default]
    Unknown,
    /// The primary is being made.
    Initializing,
    /// The first version serves.
    Initialized,
    /// Gate `confirm-rollout` is closed.
    Waiting,
    /// Analysis runs.
    Progressing,
    /// Gate `confirm-promotion` is closed.
    WaitingPromotion,
    /// The primary takes the target's template over.
    Promoting,
    /// The target is about to be scaled to nothing.
    Finalising,
    /// Promoted.
    Succeeded,
    /// Given up.
    Failed,
    /// The Canary is being deleted.
    Terminating,
    /// It is gone.
    Terminated,
}

impl Phase {
    /// The word as Flagger writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "no phase yet",
            Self::Initializing => "Initializing",
            Self::Initialized => "Initialized",
            Self::Waiting => "Waiting",
            Self::Progressing => "Progressing",
            Self::WaitingPromotion => "WaitingPromotion",
            Self::Promoting => "Promoting",
            Self::Finalising => "Finalising",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Terminating => "Terminating",
            Self::Terminated => "Terminated",
        }
    }

    /// Nothing is on its way.
    #[must_use]
    pub const fn at_rest(self) -> bool {
        matches!(self, Self::Initialized | Self::Succeeded | Self::Failed)
    }

    /// A release is on its way.
    #[must_use]
    pub const fn in_flight(self) -> bool {
        matches!(
            self,
            Self::Waiting | Self::Progressing | Self::WaitingPromotion | Self::Promoting | Self::Finalising
        )
    }

    /// The primary has the new template, or is about to.
    #[must_use]
    pub const fn promotes(self) -> bool {
        matches!(self, Self::Promoting | Self::Finalising)
    }
}

fn phase<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Phase, D::Error> {
    let word = Value::deserialize(deserializer)?;
    Ok(Phase::deserialize(&word).unwrap_or_default())
}

impl CanarySpec {
    /// Name of the apex Service and of the route; `target` where the spec names none.
    #[must_use]
    pub fn service_name<'a>(&'a self, target: &'a str) -> &'a str {
        self.service.name.as_ref().map_or(target, Name::as_str)
    }

    /// Seconds after which Flagger gives up waiting for pods.
    #[must_use]
    pub fn deadline(&self) -> i64 {
        self.progress_deadline_seconds.unwrap_or(600)
    }
}

impl CanaryAnalysis {
    /// Seconds between two ticks; Flagger takes no less than 10.
    #[must_use]
    pub fn interval_seconds(&self) -> u32 {
        seconds(&self.interval).unwrap_or(60).max(10)
    }

    /// Seconds that a tick may last at the most: all webhooks with all their retries, and a query for each metric.
    #[must_use]
    pub fn longest_tick_seconds(&self) -> u32 {
        /// Flagger's own deadline for one query.
        const QUERY_SECONDS: u32 = 5;
        let hooks = self.webhooks.iter().map(|hook| {
            let calls = u32::try_from(hook.retries.max(0)).unwrap_or(0).saturating_add(1);
            seconds(&hook.timeout).unwrap_or(10).saturating_mul(calls)
        });
        let queries = u32::try_from(self.metrics.len()).unwrap_or(u32::MAX).saturating_mul(QUERY_SECONDS);
        hooks.fold(queries, u32::saturating_add)
    }

    /// Failed checks at which a release is rolled back.
    #[must_use]
    pub fn fails_at(&self) -> i64 {
        self.threshold.max(1)
    }

    /// Weights of a release in their order; empty where it moves none.
    #[must_use]
    pub fn weights(&self) -> Vec<i64> {
        const MOST: i64 = 100;
        if self.iterations > 0 {
            return Vec::new();
        }
        if !self.step_weights.is_empty() {
            return self.step_weights.clone();
        }
        let max = if self.max_weight > 0 { self.max_weight } else { MOST };
        let step = self.step_weight;
        if step <= 0 || max > MOST {
            return Vec::new();
        }
        let mut weights: Vec<i64> =
            (1..MOST).map(|at| at * step).take_while(|weight| *weight < max).collect();
        weights.push(max);
        weights
    }

    /// Whether it has a webhook of this type.
    #[must_use]
    pub fn asks(&self, kind: &str) -> bool {
        self.webhooks.iter().any(|hook| hook.kind == kind)
    }
}

/// A Go duration (`1m30s`, `500ms`) in seconds, rounded up.
fn seconds(text: &str) -> Option<u32> {
    let mut millis = 0_u64;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let factor = match unit {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return None,
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        millis += whole.parse::<u64>().ok()?.checked_mul(factor)?;
        // a fraction of any length counts as one more unit: it is only ever waited for
        millis += if part.bytes().any(|digit| digit != b'0') { factor } else { 0 };
        rest = tail;
    }
    (!text.is_empty()).then(|| u32::try_from(millis.div_ceil(1_000)).unwrap_or(u32::MAX))
}

impl Canary {
    /// Reads one. `face` was made from the same object.
    #[must_use]
    pub fn read(face: ListedWorkload, object: &Value) -> Self {
        Self {
            face,
            spec: CanarySpec::deserialize(&object["spec"]).unwrap_or_default(),
            status: CanaryStatus::deserialize(&object["status"]).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, wanted) in [("10s", 10), ("1m30s", 90), ("500ms", 1), ("1h", 3600), ("1.5s", 2)] {
            assert_eq!(seconds(text), Some(wanted), "{text}");
        }
        assert_eq!((seconds(""), seconds("soon"), seconds("5")), (None, None, None));
    }

    #[test]
    fn a_tick_lasts_as_long_as_its_hooks_and_queries() {
        let analysis: CanaryAnalysis = serde_json::from_value(json!({"interval": "1s", "webhooks": [
            {"name": "a", "timeout": "15s", "retries": 2}, {"name": "b"}], "metrics": [{"name": "errors"}]}))
        .unwrap();
        assert_eq!((analysis.interval_seconds(), analysis.longest_tick_seconds()), (10, 60));
    }

    #[test]
    fn weights_end_at_the_largest() {
        let of = |value: Value| serde_json::from_value::<CanaryAnalysis>(value).unwrap().weights();
        assert_eq!(of(json!({"stepWeight": 20, "maxWeight": 50})), [20, 40, 50]);
        assert_eq!(of(json!({"stepWeights": [1, 10, 80]})), [1, 10, 80]);
        assert!(of(json!({"iterations": 3})).is_empty());
        assert!(of(json!({})).is_empty());
    }

    #[test]
    fn a_phase_that_is_new_is_no_phase() {
        let status: CanaryStatus = serde_json::from_value(json!({"phase": "Dreaming"})).unwrap();
        assert_eq!(status.phase, Phase::Unknown);
    }
}
