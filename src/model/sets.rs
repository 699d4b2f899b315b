//! `apps/v1 StatefulSet` and `DaemonSet`, thin, and the `ControllerRevision`s that are their history.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::TemplateHash;
use super::meta::Meta;
use super::objects::ListedWorkload;
use super::template::{TemplateKey, TemplateSummary};

/// A StatefulSet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatefulSet {
    /// What it has in common with every workload.
    pub face: ListedWorkload,
    /// `OnDelete` replaces no pod by itself.
    pub on_delete: bool,
    /// `rollingUpdate.partition`: pods with a lower ordinal keep the old revision.
    pub partition: i64,
    /// The template's summary.
    pub template: TemplateSummary,
    /// Name of the ControllerRevision that pods are updated to.
    pub update_revision: String,
    /// Name of the one that they come from.
    pub current_revision: String,
    /// Pods of the update revision.
    pub updated: i64,
    /// Generation that the status is about.
    pub observed_generation: i64,
}

/// A DaemonSet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaemonSet {
    /// What it has in common with every workload.
    pub face: ListedWorkload,
    /// `OnDelete` replaces no pod by itself.
    pub on_delete: bool,
    /// `spec.updateStrategy` as written: a hold puts it back afterwards.
    pub update_strategy: Value,
    /// The template's summary.
    pub template: TemplateSummary,
    /// Pods of the present template.
    pub updated: i64,
    /// Pods available.
    pub available: i64,
    /// Generation that the status is about.
    pub observed_generation: i64,
}

/// `apps/v1 ControllerRevision`: one revision of a StatefulSet or DaemonSet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerRevision {
    /// Metadata.
    pub metadata: Meta,
    /// Its number; numbers move when a revision is returned to.
    pub number: i64,
    /// Summary of the template in its `data`.
    pub template: TemplateSummary,
}

impl ControllerRevision {
    /// Reads one.
    #[must_use]
    pub fn read(object: &Value) -> Self {
        Self {
            metadata: Meta::deserialize(&object["metadata"]).unwrap_or_default(),
            number: object["revision"].as_i64().unwrap_or_default(),
            template: TemplateSummary::of(&object["data"]["spec"]["template"]),
        }
    }

    /// Value of the label `controller-revision-hash` on its pods: a StatefulSet's pods carry the whole name, a
    /// DaemonSet's the hash alone.
    #[must_use]
    pub fn hash(&self) -> TemplateHash {
        TemplateHash::new(
            self.metadata.label("controller-revision-hash").unwrap_or(self.metadata.name.as_str()),
        )
    }

    /// Under which key its template is kept.
    #[must_use]
    pub fn key(&self) -> TemplateKey {
        TemplateKey { replica_set: self.metadata.uid.clone(), hash: self.hash() }
    }
}

impl StatefulSet {
    /// Reads one. `face` was made from the same object.
    #[must_use]
    pub fn read(face: ListedWorkload, object: &Value) -> Self {
        let (spec, status) = (&object["spec"], &object["status"]);
        let word = |key: &str| status[key].as_str().unwrap_or_default().to_owned();
        Self {
            face,
            on_delete: spec["updateStrategy"]["type"] == "OnDelete",
            partition: spec["updateStrategy"]["rollingUpdate"]["partition"].as_i64().unwrap_or_default(),
            template: TemplateSummary::of(&spec["template"]),
            update_revision: word("updateRevision"),
            current_revision: word("currentRevision"),
            updated: status["updatedReplicas"].as_i64().unwrap_or_default(),
            observed_generation: status["observedGeneration"].as_i64().unwrap_or_default(),
        }
    }
}

impl DaemonSet {
    /// Reads one. `face` was made from the same object.
    #[must_use]
    pub fn read(face: ListedWorkload, object: &Value) -> Self {
        let (spec, status) = (&object["spec"], &object["status"]);
        let count = |key: &str| status[key].as_i64().unwrap_or_default();
        Self {
            face,
            on_delete: spec["updateStrategy"]["type"] == "OnDelete",
            update_strategy: spec["updateStrategy"].clone(),
            template: TemplateSummary::of(&spec["template"]),
            updated: count("updatedNumberScheduled"),
            available: count("numberAvailable"),
            observed_generation: count("observedGeneration"),
        }
    }
}
