//! `argoproj.io/v1alpha1 AnalysisRun`, thin: what an analysis measured, against which limits.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Time;
use super::ids::Name;
use super::meta::Meta;
use super::text::Text;

/// An AnalysisRun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisRun {
    /// Metadata; its owner is the Rollout.
    pub metadata: Meta,
    /// `Pending`, `Running`, `Successful`, `Failed`, `Error` or `Inconclusive`. Not proof: a run has been Successful
    /// although every measurement failed.
    pub phase: String,
    /// The controller's sentence.
    pub message: Text,
    /// Per metric.
    pub metrics: Vec<MetricResult>,
}

/// One metric of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricResult {
    /// Name.
    pub name: Name,
    /// Phase of this metric.
    pub phase: String,
    /// Condition of success as written in the template.
    pub success: Option<Text>,
    /// Condition of failure as written in the template.
    pub failure: Option<Text>,
    /// Measurements made.
    pub count: i64,
    /// Of them successful.
    pub successful: i64,
    /// Of them failed.
    pub failed: i64,
    /// Of them inconclusive.
    pub inconclusive: i64,
    /// Of them ended with an error.
    pub error: i64,
    /// Newest measurements, oldest first.
    pub measurements: Vec<Measurement>,
    /// Its sentence.
    pub message: Text,
}

/// One measurement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// The value as the controller wrote it.
    pub value: Text,
    /// Its phase.
    pub phase: String,
    /// When it ended.
    pub at: Option<Time>,
    /// Why there is no value, where it failed to measure.
    pub message: Text,
}

impl AnalysisRun {
    /// Reads one.
    #[must_use]
    pub fn read(object: &Value) -> Self {
        let (spec, status) = (&object["spec"], &object["status"]);
        let results = status["metricResults"].as_array();
        Self {
            metadata: Meta::deserialize(&object["metadata"]).unwrap_or_default(),
            phase: word(&status["phase"]),
            message: text(&status["message"]),
            metrics: results.into_iter().flatten().map(|result| metric(spec, result)).collect(),
        }
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn text(value: &Value) -> Text {
    Text::clean(value.as_str().unwrap_or_default())
}

fn metric(spec: &Value, result: &Value) -> MetricResult {
    let metrics = spec["metrics"].as_array();
    let asked = metrics.into_iter().flatten().find(|metric| metric["name"] == result["name"]);
    let condition = |key: &str| asked.and_then(|metric| metric[key].as_str()).map(Text::clean);
    let count = |key: &str| result[key].as_i64().unwrap_or_default();
    let measurements = result["measurements"].as_array();
    MetricResult {
        name: Name::new(word(&result["name"])),
        phase: word(&result["phase"]),
        success: condition("successCondition"),
        failure: condition("failureCondition"),
        count: count("count"),
        successful: count("successful"),
        failed: count("failed"),
        inconclusive: count("inconclusive"),
        error: count("error"),
        measurements: measurements
            .into_iter()
            .flatten()
            .map(|one| Measurement {
                value: text(&one["value"]),
                phase: word(&one["phase"]),
                at: one["finishedAt"].as_str().and_then(|at| at.parse().ok()),
                message: text(&one["message"]),
            })
            .collect(),
        message: text(&result["message"]),
    }
}
