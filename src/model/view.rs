//! What a strategy makes of objects: the picture that the core judges and the screens draw.

use serde::{Deserialize, Serialize};

use super::Time;
use super::ids::{Name, TemplateHash, Uid};
use super::outline::{Outline, Refusal};
use super::owner::{Driver, GitOpsOwner};
use super::target::Target;
use super::template::TemplateKey;
use super::text::Text;
use super::track::{AnalysisLine, StepTrack, Truth};

/// One workload, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkloadView {
    /// Which.
    pub target: Target,
    /// Its life.
    pub uid: Uid,
    /// Name of the strategy: `rolling`, or the kind that is only listed.
    pub strategy: &'static str,
    /// State in one word.
    pub state: WorkloadState,
    /// Why it is in that state, worst first, in the words of a person.
    pub reasons: Vec<Reason>,
    /// Whether an update is in flight (the scope of a stop).
    pub in_flight: bool,
    /// Whether someone paused it.
    pub paused: bool,
    /// When the last update ended, where known.
    pub finished: Option<Time>,
    /// When the update in flight began, where known.
    pub started: Option<Time>,
    /// Wanted pods.
    pub wanted: i64,
    /// Ready pods of all versions.
    pub ready: i64,
    /// What people call the present template, known even where no revision was read.
    pub version: Text,
    /// The version that serves by right; `None` in flight means unproven.
    pub stable: Option<Version>,
    /// The version on its way.
    pub candidate: Option<Version>,
    /// All revisions that could be returned to, newest first, the present one included.
    pub revisions: Vec<Revision>,
    /// Who gets the traffic.
    pub traffic: Traffic,
    /// The tool that owns its desired state.
    pub owner: Option<GitOpsOwner>,
    /// Another controller that drives it.
    pub driver: Option<Driver>,
    /// The autoscaler that sets its size.
    pub autoscaler: Option<Name>,
    /// Roll-back, prepared.
    pub way_back: Result<Outline, Refusal>,
    /// Its part of an emergency stop, prepared.
    pub stop: Result<Outline, Refusal>,
    /// The next step, prepared, or why there is none to take. Its `short` names the effect in the footer.
    pub promote: Result<Outline, Refusal>,
    /// Template keys that must be read before `way_back` and `stop` count as prepared.
    pub needs_templates: Vec<TemplateKey>,
    /// The revision that is complete right now, to be remembered as evidence.
    pub complete: Option<TemplateHash>,
    /// The steps of an update, where the mechanism has steps.
    pub track: Option<StepTrack>,
    /// Who says what about the candidate's share of the traffic, where somebody splits it.
    pub truth: Truth,
    /// Analyses of a controller, the worst first.
    pub analysis: Vec<AnalysisLine>,
    /// What this mechanism warns of right now, the worst first: a pause after a cut-over, a way back that is blocked,
    /// two image digests under one tag. Each is an alarm.
    pub warnings: Vec<Reason>,
}

impl WorkloadView {
    /// Whether this program can act on it at all, the mechanism being what it is.
    #[must_use]
    pub fn is_driven_here(&self) -> bool {
        let not_here = matches!(&self.stop, Err(refusal) if refusal.kind == super::outline::RefusalKind::NotPossibleHere);
        self.driver.is_none() && !not_here
    }

    /// The version that a stop blocks and a roll-back leaves: the one on its way, else the present one.
    #[must_use]
    pub fn present(&self) -> Option<&TemplateHash> {
        let current =
            self.revisions.iter().find(|revision| revision.current).map(|revision| &revision.key.hash);
        self.candidate.as_ref().map(|candidate| &candidate.key.hash).or(current)
    }
}

/// State in one word; ordered from what wants eyes first to what does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkloadState {
    /// An update is in flight and cannot go on.
    Stuck,
    /// Nothing is in flight and pods are not well.
    Unhealthy,
    /// An update is in flight.
    Progressing,
    /// An update is in flight and stands still because someone paused it.
    Held,
    /// Scaling or waiting for something that is neither an update nor an illness.
    Settling,
    /// All wanted pods are ready.
    Healthy,
    /// Scaled to nothing, or a finished Job.
    Idle,
}

impl WorkloadState {
    /// The word on the screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Unhealthy => "unhealthy",
            Self::Progressing => "moving",
            Self::Held => "held",
            Self::Settling => "settling",
            Self::Healthy => "healthy",
            Self::Idle => "idle",
        }
    }

    /// Whether something is wrong.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        matches!(self, Self::Stuck | Self::Unhealthy)
    }
}

/// Why something is not well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `ImagePullBackOff on 1 of 3`.
    pub what: Text,
    /// The cluster's own sentence, if there is one.
    pub detail: Option<Text>,
    /// Since when, where known.
    pub since: Option<Time>,
}

/// One version of a workload in flight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// What people call it.
    pub name: Text,
    /// Its ReplicaSet and hash.
    pub key: TemplateKey,
    /// Name of its ReplicaSet: pods are called `<this>-xxxxx`.
    pub replica_set: Name,
    /// Pods that exist.
    pub pods: i64,
    /// Pods that are ready.
    pub ready: i64,
    /// Pods it is meant to have now.
    pub desired: i64,
}

/// A revision that could be returned to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// What people call it.
    pub name: Text,
    /// ReplicaSet and hash: what names it in an act.
    pub key: TemplateKey,
    /// Name of the ReplicaSet.
    pub replica_set: Name,
    /// Number as annotated; numbers move.
    pub number: Option<u64>,
    /// Images.
    pub images: Vec<Text>,
    /// Creation of its ReplicaSet.
    pub created: Option<Time>,
    /// Ready pods.
    pub ready: i64,
    /// Pods that exist.
    pub pods: i64,
    /// Why it counts as good.
    pub evidence: Evidence,
    /// Whether it is the present template.
    pub current: bool,
    /// What differs from the present template, a line each; `None` while a template is not read.
    pub differs: Option<Vec<Text>>,
}

/// Evidence that a revision is good, best first (`product.md`, Known good).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Some console saw it complete.
    SeenComplete {
        /// When last.
        at: Time,
    },
    /// No console saw any complete, and it alone has ready pods beside the present one.
    ServesAlone,
    /// The plan names it as the version before.
    PlanPrevious,
    /// Nothing says so.
    Unproven,
}

impl Evidence {
    /// Whether a stop may use it.
    #[must_use]
    pub fn is_good(&self) -> bool {
        !matches!(self, Self::Unproven)
    }
}

/// Who gets the traffic, counted.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Traffic {
    /// What was counted.
    pub basis: TrafficBasis,
    /// Per ReplicaSet: name and count of ready endpoints or pods.
    pub shares: Vec<(TemplateKey, u32)>,
    /// Services that were counted.
    pub services: Vec<Name>,
}

/// What a traffic share was counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrafficBasis {
    /// Nothing was read yet.
    #[default]
    Unknown,
    /// Ready endpoints of the Services that select the pods.
    Endpoints,
    /// Ready pods: no Service selects them.
    ReadyPods,
    /// Weights of a route, which stands in the place of the Services.
    Weights,
}

impl Traffic {
    /// Share of one revision in percent; `None` where nothing is counted.
    #[must_use]
    pub fn percent(&self, key: &TemplateKey) -> Option<f64> {
        let total: u32 = self.shares.iter().map(|(_, count)| count).sum();
        let own: u32 = self.shares.iter().filter(|(k, _)| k == key).map(|(_, count)| count).sum();
        (total > 0).then(|| 100.0 * f64::from(own) / f64::from(total))
    }
}
