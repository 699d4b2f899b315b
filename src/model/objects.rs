//! All that is known of one workload at one moment: the input of every strategy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::deployment::Deployment;
use super::ids::{TemplateHash, Uid};
use super::meta::Meta;
use super::owner::Driver;
use super::pod::Pod;
use super::replicaset::ReplicaSet;
use super::service::{Autoscaler, Service};
use super::target::Target;
use super::template::{Template, TemplateKey};
use super::text::Text;

/// One workload and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectSet {
    /// Which workload.
    pub target: Target,
    /// The workload itself.
    pub workload: Workload,
    /// How much of the rest was read.
    pub depth: Depth,
    /// ReplicaSets it owns.
    pub replica_sets: Vec<ReplicaSet>,
    /// Pods it owns.
    pub pods: Vec<Pod>,
    /// Services that select its pods.
    pub services: Vec<Service>,
    /// Autoscalers that scale it.
    pub autoscalers: Vec<Autoscaler>,
    /// Another controller that drives it, if one was found.
    pub driver: Option<Driver>,
}

/// How much of a workload was read. Nothing may be concluded from the absence of what was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Depth {
    /// Only the workload object, from the watch of its kind; where ReplicaSets may not be read, its pods too.
    Listed,
    /// Also ReplicaSets, pods, Services, endpoints and autoscalers.
    Full,
}

/// The workload object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Workload {
    /// A Deployment.
    Deployment(Box<Deployment>),
    /// A kind that is listed but not driven here.
    Listed(Box<ListedWorkload>),
}

/// A StatefulSet, DaemonSet, Job, Rollout or Canary as the overview shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedWorkload {
    /// Metadata.
    pub metadata: Meta,
    /// Wanted pods.
    pub wanted: i64,
    /// Ready pods.
    pub ready: i64,
    /// First image of the template, as written.
    pub images: Vec<super::template::ContainerImage>,
    /// The controller's own word for its state (`Progressing`, `Paused`, `Succeeded` ...), if it has one.
    pub phase: Text,
    /// The controller's sentence about it.
    pub message: Text,
    /// Whether something is on its way, as far as the object tells.
    pub moving: bool,
    /// Whether its controller reports a failure.
    pub failed: bool,
    /// Selector of its pods, where the kind has one.
    pub selector: super::deployment::Selector,
    /// Name of the workload that this object drives (`targetRef`, `workloadRef`), if any.
    pub drives: Option<Target>,
}

impl Workload {
    /// Its metadata.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Deployment(deployment) => &deployment.metadata,
            Self::Listed(listed) => &listed.metadata,
        }
    }

    /// Its life.
    #[must_use]
    pub fn uid(&self) -> &Uid {
        &self.meta().uid
    }
}

/// What the core knows of a workload besides its objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Whole templates that were read.
    pub templates: BTreeMap<TemplateKey, Template>,
    /// Revisions that some console saw complete, oldest first, with when.
    pub seen_complete: Vec<SeenComplete>,
    /// Revisions that somebody rolled back from or stopped: no evidence makes them good again.
    pub condemned: BTreeSet<TemplateHash>,
    /// The version that the plan names as the one before (`release.previous`).
    pub previous: Option<Text>,
}

/// A revision that was seen complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenComplete {
    /// uid of the workload.
    pub workload: Uid,
    /// Which revision.
    pub hash: TemplateHash,
    /// When it was seen.
    pub at: super::Time,
}

/// A shared object set.
pub type SharedSet = Arc<ObjectSet>;
