//! `apps/v1 Deployment`, thin.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Time;
use super::meta::{Meta, nullable};
use super::template::TemplateSummary;
use super::text::Text;

/// A Deployment as the API server gives it, less what no decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deployment {
    /// Metadata.
    pub metadata: Meta,
    /// What is wanted.
    pub spec: DeploymentSpec,
    /// What the controller reported.
    pub status: DeploymentStatus,
}

/// `spec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentSpec {
    /// Wanted pods; the server fills in 1.
    pub replicas: Option<i64>,
    /// Paused by someone.
    pub paused: bool,
    /// Seconds without progress until the controller reports `ProgressDeadlineExceeded`; 2147483647 means never.
    pub progress_deadline_seconds: Option<i64>,
    /// Which pods are its own.
    pub selector: Selector,
    /// How pods are replaced.
    pub strategy: UpdateStrategy,
    /// The template's summary.
    #[serde(deserialize_with = "summary")]
    pub template: TemplateSummary,
}

/// `spec.strategy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateStrategy {
    /// `RollingUpdate` or `Recreate`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A label selector; expressions are kept for the query string only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selector {
    /// Exact labels.
    #[serde(deserialize_with = "nullable")]
    pub match_labels: BTreeMap<String, String>,
    /// Set-based requirements.
    #[serde(deserialize_with = "nullable")]
    pub match_expressions: Vec<Requirement>,
}

/// One set-based requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requirement {
    /// Label key.
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: String,
    /// Values for the first two.
    #[serde(deserialize_with = "nullable")]
    pub values: Vec<String>,
}

impl Selector {
    /// The selector as a `labelSelector` query value.
    #[must_use]
    pub fn query(&self) -> String {
        let exact = self.match_labels.iter().map(|(key, value)| format!("{key}={value}"));
        let sets = self.match_expressions.iter().map(|requirement| {
            let Requirement { key, operator, values } = requirement;
            let values = values.join(",");
            match operator.as_str() {
                "In" => format!("{key} in ({values})"),
                "NotIn" => format!("{key} notin ({values})"),
                "DoesNotExist" => format!("!{key}"),
                _ => key.clone(),
            }
        });
        exact.chain(sets).collect::<Vec<_>>().join(",")
    }
}

/// `status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentStatus {
    /// Generation that the rest of the status is about.
    pub observed_generation: i64,
    /// All pods.
    pub replicas: i64,
    /// Pods of the present template.
    pub updated_replicas: i64,
    /// Ready pods.
    pub ready_replicas: i64,
    /// Pods ready for `minReadySeconds`.
    pub available_replicas: i64,
    /// Wanted but not available.
    pub unavailable_replicas: i64,
    /// Conditions.
    #[serde(deserialize_with = "nullable")]
    pub conditions: Vec<Condition>,
}

/// A status condition of any kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Condition {
    /// Type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// One word.
    pub reason: String,
    /// A sentence.
    pub message: Text,
    /// Last change of anything in it.
    pub last_update_time: Option<Time>,
    /// Last change of `status`.
    pub last_transition_time: Option<Time>,
}

impl Deployment {
    /// Wanted pods.
    #[must_use]
    pub fn wanted(&self) -> i64 {
        self.spec.replicas.unwrap_or(1)
    }

    /// Whether the status is about the present spec.
    #[must_use]
    pub fn observed(&self) -> bool {
        self.status.observed_generation >= self.metadata.generation
    }

    /// A condition by its type.
    #[must_use]
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.status.conditions.iter().find(|condition| condition.kind == kind)
    }

    /// Its revision number as the controller annotated it. Numbers move: never name a way back by one.
    #[must_use]
    pub fn revision(&self) -> Option<u64> {
        self.metadata.annotation(super::replicaset::REVISION).and_then(|number| number.parse().ok())
    }
}

fn summary<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TemplateSummary, D::Error> {
    Value::deserialize(deserializer).map(|template| TemplateSummary::of(&template))
}
