//! `apps/v1 ReplicaSet`, thin: one revision of a Deployment or of an Argo Rollout.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::deployment::Condition;
use super::ids::TemplateHash;
use super::meta::{Meta, nullable};
use super::template::{ARGO_HASH_LABEL, HASH_LABEL, TemplateKey, TemplateSummary};

/// Annotation that carries the revision number on Deployments and ReplicaSets.
pub const REVISION: &str = "deployment.kubernetes.io/revision";

/// The same of Argo Rollouts.
pub const ARGO_REVISION: &str = "rollout.argoproj.io/revision";

/// A ReplicaSet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicaSet {
    /// Metadata.
    pub metadata: Meta,
    /// What is wanted.
    pub spec: ReplicaSetSpec,
    /// What was reported.
    pub status: ReplicaSetStatus,
}

/// `spec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicaSetSpec {
    /// Wanted pods.
    pub replicas: i64,
    /// The template's summary.
    #[serde(deserialize_with = "summary")]
    pub template: TemplateSummary,
}

/// `status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicaSetStatus {
    /// Pods that exist.
    pub replicas: i64,
    /// Ready pods.
    pub ready_replicas: i64,
    /// Available pods.
    pub available_replicas: i64,
    /// Conditions.
    #[serde(deserialize_with = "nullable")]
    pub conditions: Vec<Condition>,
}

impl ReplicaSet {
    /// Its hash label.
    #[must_use]
    pub fn hash(&self) -> TemplateHash {
        let meta = &self.metadata;
        TemplateHash::new(meta.label(HASH_LABEL).or(meta.label(ARGO_HASH_LABEL)).unwrap_or_default())
    }

    /// Under which key its template is kept.
    #[must_use]
    pub fn key(&self) -> TemplateKey {
        TemplateKey { replica_set: self.metadata.uid.clone(), hash: self.hash() }
    }

    /// Its revision number, which moves when the Deployment returns to it.
    #[must_use]
    pub fn revision(&self) -> Option<u64> {
        let meta = &self.metadata;
        meta.annotation(REVISION).or(meta.annotation(ARGO_REVISION)).and_then(|number| number.parse().ok())
    }
}

fn summary<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TemplateSummary, D::Error> {
    Value::deserialize(deserializer).map(|template| TemplateSummary::of(&template))
}
