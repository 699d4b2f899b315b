//! Pods as compact rows, and what is wrong with them in the words of a person.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Time;
use super::deployment::Condition;
use super::ids::{Name, Namespace, TemplateHash, Uid};
use super::meta::{Meta, nullable};
use super::template::{ARGO_HASH_LABEL, HASH_LABEL};
use super::text::Text;

/// Labels by which Deployments, Argo Rollouts, and StatefulSets with DaemonSets tell pods of one revision apart.
const HASH_LABELS: [&str; 3] = [HASH_LABEL, ARGO_HASH_LABEL, "controller-revision-hash"];

/// A pod, compact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pod {
    /// Namespace.
    pub namespace: Namespace,
    /// Name.
    pub name: Name,
    /// The pod's life.
    pub uid: Uid,
    /// Name of the controlling owner (a ReplicaSet's for a Deployment's pod).
    pub owner: Option<Name>,
    /// Hash label.
    pub hash: TemplateHash,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    pub phase: Arc<str>,
    /// Whether condition `Ready` is true.
    pub ready: bool,
    /// Being deleted.
    pub terminating: bool,
    /// Restarts of all containers.
    pub restarts: u32,
    /// Node, once scheduled.
    pub node: Option<Arc<str>>,
    /// IP address, once given.
    pub ip: Option<Arc<str>>,
    /// Creation.
    pub created: Option<Time>,
    /// Containers.
    pub containers: Vec<Container>,
    /// Why it cannot be scheduled, in the scheduler's words.
    pub unschedulable: Option<Text>,
}

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Name.
    pub name: Arc<str>,
    /// Image reference.
    pub image: Arc<str>,
    /// Digest of the image that runs, as the node reported it.
    pub image_id: Arc<str>,
    /// Ready.
    pub ready: bool,
    /// Restarts.
    pub restarts: u32,
    /// State now.
    pub state: ContainerState,
    /// How the last run ended, if it did.
    pub last: Option<Ended>,
}

/// What a container does now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainerState {
    /// Nothing was reported yet.
    Unreported,
    /// Waiting, with the kubelet's reason.
    Waiting {
        /// One word such as `ImagePullBackOff`.
        reason: Arc<str>,
        /// The kubelet's sentence.
        message: Text,
    },
    /// Running.
    Running {
        /// Since when.
        since: Option<Time>,
    },
    /// Ended.
    Ended(Ended),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// One word such as `OOMKilled`.
    pub reason: Arc<str>,
    /// Exit code.
    pub code: i64,
    /// When.
    pub at: Option<Time>,
}

/// What is wrong with a pod; ordered from bad to harmless, so that the worst is the least.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PodTrouble {
    /// A container ends again and again.
    CrashLoop {
        /// Last exit code, where known.
        code: Option<i64>,
        /// Restarts so far.
        restarts: u32,
    },
    /// Killed for memory.
    OutOfMemory {
        /// Restarts so far.
        restarts: u32,
    },
    /// The image cannot be had.
    Image {
        /// `ImagePullBackOff`, `ErrImagePull`, `InvalidImageName` ...
        reason: String,
        /// The kubelet's sentence.
        message: Text,
    },
    /// A container cannot be made (bad config reference, bad command ...).
    CannotStart {
        /// One word.
        reason: String,
        /// The kubelet's sentence.
        message: Text,
    },
    /// No node takes it.
    Unschedulable {
        /// The scheduler's sentence.
        message: Text,
    },
    /// The pod as a whole failed.
    Failed {
        /// The phase or reason.
        reason: String,
    },
    /// Runs but is not ready.
    NotReady,
    /// Still starting.
    Starting,
}

impl Pod {
    /// What is wrong with it, or `None` for a ready, finished or leaving pod.
    #[must_use]
    pub fn trouble(&self) -> Option<PodTrouble> {
        if self.terminating || self.phase.as_ref() == "Succeeded" {
            return None;
        }
        let worst = self.containers.iter().filter_map(Container::trouble).min();
        if worst.is_some() {
            return worst;
        }
        if let Some(message) = &self.unschedulable {
            return Some(PodTrouble::Unschedulable { message: message.clone() });
        }
        match self.phase.as_ref() {
            "Failed" => Some(PodTrouble::Failed { reason: "Failed".to_owned() }),
            "Running" if !self.ready => Some(PodTrouble::NotReady),
            _ if !self.ready => Some(PodTrouble::Starting),
            _ => None,
        }
    }
}

/// A container that ended this often is in a loop, also in the moments in which it runs.
const LOOPING: u32 = 2;

impl Container {
    /// The kubelet lets a looping container run for a moment between two back-offs; that moment is no recovery.
    fn between_crashes(&self) -> Option<PodTrouble> {
        let last = self.last.as_ref().filter(|ended| ended.code != 0)?;
        let restarts = self.restarts;
        if last.reason.as_ref() == "OOMKilled" {
            return Some(PodTrouble::OutOfMemory { restarts });
        }
        Some(PodTrouble::CrashLoop { code: Some(last.code), restarts })
    }

    fn trouble(&self) -> Option<PodTrouble> {
        let restarts = self.restarts;
        let killed = |ended: &Ended| ended.reason.as_ref() == "OOMKilled";
        match &self.state {
            ContainerState::Waiting { reason, message } => match reason.as_ref() {
                "CrashLoopBackOff" if self.last.as_ref().is_some_and(killed) => {
                    Some(PodTrouble::OutOfMemory { restarts })
                }
                "CrashLoopBackOff" => {
                    Some(PodTrouble::CrashLoop { code: self.last.as_ref().map(|ended| ended.code), restarts })
                }
                "ImagePullBackOff"
                | "ErrImagePull"
                | "InvalidImageName"
                | "ErrImageNeverPull"
                | "RegistryUnavailable" => {
                    Some(PodTrouble::Image { reason: reason.to_string(), message: message.clone() })
                }
                "ContainerCreating" | "PodInitializing" | "" => None,
                other => Some(PodTrouble::CannotStart { reason: other.to_owned(), message: message.clone() }),
            },
            ContainerState::Ended(ended) if killed(ended) => Some(PodTrouble::OutOfMemory { restarts }),
            ContainerState::Ended(ended) if ended.code != 0 => {
                Some(PodTrouble::CrashLoop { code: Some(ended.code), restarts })
            }
            ContainerState::Running { .. } if !self.ready && restarts >= LOOPING => self.between_crashes(),
            ContainerState::Ended(_) | ContainerState::Running { .. } | ContainerState::Unreported => None,
        }
    }
}

impl std::fmt::Display for PodTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CrashLoop { code: Some(code), restarts } => {
                write!(f, "CrashLoopBackOff exit {code}, {restarts} restarts")
            }
            Self::CrashLoop { code: None, restarts } => write!(f, "CrashLoopBackOff, {restarts} restarts"),
            Self::OutOfMemory { restarts } => write!(f, "OOMKilled, {restarts} restarts"),
            Self::Image { reason, .. } | Self::CannotStart { reason, .. } | Self::Failed { reason } => {
                f.write_str(reason)
            }
            Self::Unschedulable { .. } => f.write_str("unschedulable"),
            Self::NotReady => f.write_str("running, not ready"),
            Self::Starting => f.write_str("starting"),
        }
    }
}

impl PodTrouble {
    /// The sentence behind the word, where the cluster gave one.
    #[must_use]
    pub fn message(&self) -> Option<&Text> {
        match self {
            Self::Image { message, .. }
            | Self::CannotStart { message, .. }
            | Self::Unschedulable { message } => (!message.is_empty()).then_some(message),
            Self::CrashLoop { .. }
            | Self::OutOfMemory { .. }
            | Self::Failed { .. }
            | Self::NotReady
            | Self::Starting => None,
        }
    }

    /// Whether waiting alone may cure it.
    #[must_use]
    pub fn passing(&self) -> bool {
        matches!(self, Self::Starting | Self::NotReady)
    }
}

mod wire;
pub use wire::WirePod;

#[cfg(test)]
mod tests;

/// Shares equal strings of many pods (nodes, images, phases): ten thousand pods name few of each.
#[derive(Debug, Default)]
pub struct Interner(std::collections::BTreeSet<Arc<str>>);

impl Interner {
    /// The shared copy of `text`.
    pub fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let fresh: Arc<str> = text.into();
        self.0.insert(Arc::clone(&fresh));
        fresh
    }
}
