//! `status` of a Rollout: what the controller reported, and the fields by which it is told to abort or promote.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::model::Time;
use crate::model::deployment::Condition;
use crate::model::ids::{Name, TemplateHash};
use crate::model::meta::nullable;
use crate::model::text::Text;

/// `status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RolloutStatus {
    /// `Healthy`, `Progressing`, `Paused` or `Degraded`. Never proof: it says Healthy with half the traffic on the
    /// candidate.
    pub phase: String,
    /// The controller's sentence.
    pub message: Text,
    /// Generation that the rest is about: a string, unlike everywhere else.
    #[serde(deserialize_with = "as_word")]
    pub observed_generation: String,
    /// The same of the object that holds the template.
    #[serde(deserialize_with = "as_word")]
    pub workload_observed_generation: String,
    /// Hash of the present template.
    pub current_pod_hash: TemplateHash,
    /// Hash of the version that serves by right.
    #[serde(rename = "stableRS")]
    pub stable: TemplateHash,
    /// Step, from 0; absent reads as 0; the number of steps means done. It is not range-checked.
    pub current_step_index: Option<i64>,
    /// Why it stands still by itself.
    #[serde(deserialize_with = "nullable")]
    pub pause_conditions: Vec<PauseCondition>,
    /// Whether the controller paused it.
    #[serde(deserialize_with = "nullable")]
    pub controller_pause: bool,
    /// Told to abort.
    #[serde(deserialize_with = "nullable")]
    pub abort: bool,
    /// When it was aborted.
    pub aborted_at: Option<Time>,
    /// Told to skip all steps.
    #[serde(deserialize_with = "nullable")]
    pub promote_full: bool,
    /// The restart that was done.
    pub restarted_at: Option<String>,
    /// Pods that exist.
    #[serde(deserialize_with = "nullable")]
    pub replicas: i64,
    /// Ready pods.
    #[serde(deserialize_with = "nullable")]
    pub ready_replicas: i64,
    /// Available pods.
    #[serde(deserialize_with = "nullable")]
    pub available_replicas: i64,
    /// Conditions.
    #[serde(deserialize_with = "nullable")]
    pub conditions: Vec<Condition>,
    /// Of a canary.
    #[serde(deserialize_with = "nullable")]
    pub canary: CanaryStatus,
    /// Of a blue-green.
    #[serde(deserialize_with = "nullable")]
    pub blue_green: BlueGreenStatus,
}

impl RolloutStatus {
    /// The present step, as far as the index means one.
    #[must_use]
    pub fn step(&self) -> usize {
        usize::try_from(self.current_step_index.unwrap_or(0)).unwrap_or(0)
    }

    /// A condition by its type.
    #[must_use]
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }
}

/// One of `pauseConditions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PauseCondition {
    /// `CanaryPauseStep`, `BlueGreenPause`, `InconclusiveAnalysisRun` or `InconclusiveExperiment`.
    pub reason: String,
    /// Since when, in whole seconds; together with step and hash it names one pause. Kept as written: a precondition
    /// tests it.
    pub start_time: String,
}

/// `status.canary`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanaryStatus {
    /// What the controller last set; absent without a router.
    pub weights: Option<TrafficWeights>,
    /// The analysis of the present step.
    pub current_step_analysis_run_status: Option<NamedRun>,
    /// The analysis beside all steps.
    pub current_background_analysis_run_status: Option<NamedRun>,
}

/// `status.canary.weights`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrafficWeights {
    /// The canary's.
    pub canary: WeightDestination,
    /// The stable version's.
    pub stable: WeightDestination,
}

/// One side of the weights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WeightDestination {
    /// Weight.
    #[serde(deserialize_with = "nullable")]
    pub weight: i64,
    /// Hash that it leads to.
    pub pod_template_hash: TemplateHash,
}

/// An `AnalysisRun` as the status names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedRun {
    /// Name of the `AnalysisRun`.
    pub name: Name,
    /// Its phase.
    pub status: String,
    /// Its sentence.
    pub message: Text,
}

/// `status.blueGreen`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlueGreenStatus {
    /// Hash that the active Service selects, by the controller's account.
    pub active_selector: TemplateHash,
    /// Hash that the preview Service selects.
    pub preview_selector: TemplateHash,
    /// Measured before the switch.
    pub pre_promotion_analysis_run_status: Option<NamedRun>,
    /// Measured after it.
    pub post_promotion_analysis_run_status: Option<NamedRun>,
}

fn as_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(word) => word,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}
