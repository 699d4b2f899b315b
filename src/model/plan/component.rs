//! What runs: components, the objects behind them, what they depend on, how their traffic is steered.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{About, Strategy};
use crate::model::Text;
use crate::model::ids::{ComponentId, GateId, MetricId, Name, Namespace, ProbeId, RuleId, StrategyId};
use crate::model::rule::Span;
use crate::model::target::Target;

/// One of `components`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Id.
    pub id: ComponentId,
    /// For people.
    pub title: Text,
    /// Cluster objects behind it; none where it runs outside the cluster.
    pub workloads: Vec<Target>,
    /// The container whose image tells the version, where a workload has several.
    #[serde(default)]
    pub containers: Vec<MainContainer>,
    /// Default `normal`.
    #[serde(default)]
    pub criticality: Criticality,
    /// Components that must be out first, or that it needs while it runs.
    pub depends_on: BTreeMap<ComponentId, Dependency>,
    /// How traffic is steered to it, if the plan names it; else the console finds out by itself.
    #[serde(default)]
    pub traffic: Option<Traffic>,
    /// How it is rolled out, if the plan says so.
    #[serde(default)]
    pub strategy: Option<StrategyChoice>,
    /// Whether the emergency stop only holds it.
    pub stop_never: bool,
    /// Metrics label that carries the version; written in `traffic`.
    pub version_label: Option<String>,
    /// How many pods it may have.
    #[serde(default)]
    pub replicas: Option<ReplicaRange>,
    /// Probes that show its health.
    #[serde(default)]
    pub probes: Vec<ProbeId>,
    /// Metrics that show its health.
    #[serde(default)]
    pub metrics: Vec<MetricId>,
    /// Rules that judge it. A rule that no component lists judges all of them: see [`super::Plan::rules_of`].
    #[serde(default)]
    pub rules: Vec<RuleId>,
    /// Gate after its own rollout.
    #[serde(default)]
    pub validate: Option<GateId>,
    /// Ways back, the preferred first. Empty: the console's own choice.
    #[serde(default)]
    pub undo: Vec<Undo>,
    /// How long the old version is kept ready. Default thirty minutes; the strategy's `keep_old_for` where that is
    /// longer.
    #[serde(default = "undo_window")]
    pub undo_window: Span,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// Default of `undo_window`.
pub const UNDO_WINDOW: Span = Span::minutes(30);

fn undo_window() -> Span {
    UNDO_WINDOW
}

/// The container that tells a workload's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MainContainer {
    /// Which workload.
    pub workload: Target,
    /// Its name in the pod.
    pub container: Name,
}

/// How much hangs on a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criticality {
    /// The business stops without it.
    Critical,
    /// The usual.
    #[default]
    Normal,
    /// Can be without it for a while.
    Low,
}

/// Why a component depends on another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dependency {
    /// The other must be rolled out before, and is rolled back after.
    #[default]
    Deploy,
    /// It calls the other while it runs: no order, but a sick one explains a sick other.
    Runtime,
}

/// By what traffic is steered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// The selector of a Service: all or nothing.
    ServiceSelector,
    /// Annotations of a canary Ingress.
    IngressAnnotation,
    /// Weights of a Gateway API `HTTPRoute`.
    Httproute,
    /// An Argo `Rollout`.
    Rollout,
    /// A Flagger `Canary`.
    Canary,
    /// Weights of an Istio `VirtualService`.
    Istio,
}

impl Mechanism {
    /// Its word in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ServiceSelector => "service-selector",
            Self::IngressAnnotation => "ingress-annotation",
            Self::Httproute => "httproute",
            Self::Rollout => "rollout",
            Self::Canary => "canary",
            Self::Istio => "istio",
        }
    }

    /// Whether it can give a candidate a part of the traffic.
    #[must_use]
    pub const fn splits(self) -> bool {
        !matches!(self, Self::ServiceSelector)
    }

    /// Whether a controller in the cluster drives the steps, so that the console must not.
    #[must_use]
    pub const fn driven(self) -> bool {
        matches!(self, Self::Rollout | Self::Canary)
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How traffic is steered to a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// By what.
    pub mechanism: Mechanism,
    /// The objects that steer, as `HTTPRoute/fx` or `other-namespace/HTTPRoute/fx`.
    pub refs: Vec<TrafficRef>,
    /// The stable side.
    pub stable: Option<SideRef>,
    /// The side of the candidate.
    pub new: Option<SideRef>,
}

/// An object that steers traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficRef {
    /// Kind, as the API spells it.
    pub kind: String,
    /// Namespace, if it is not that of the component's workloads.
    pub namespace: Option<Namespace>,
    /// Name.
    pub name: Name,
}

impl fmt::Display for TrafficRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// One side of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SideRef {
    /// An object: the Service of that side for routes, its Deployment for a selector.
    Named(Name),
    /// The labels that a Service's selector has for that side.
    Labels(BTreeMap<String, String>),
}

impl fmt::Display for SideRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name.as_str()),
            Self::Labels(labels) => {
                let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                f.write_str(&pairs.join(","))
            }
        }
    }
}

/// How a component is rolled out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StrategyChoice {
    /// One of the plan's `strategies`.
    Named(StrategyId),
    /// Written at the component.
    Inline(Box<Strategy>),
}

/// How many pods a component may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaRange {
    /// Fewer are trouble.
    pub min: Option<u32>,
    /// More are trouble.
    pub max: Option<u32>,
    /// Name of the `HorizontalPodAutoscaler` that moves the number.
    pub autoscaler: Option<Name>,
}

/// A way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// How.
    pub method: UndoMethod,
    /// How long it takes, as people expect.
    pub est: Option<Span>,
    /// What it needs.
    pub needs: Option<Text>,
    /// What is lost by it.
    pub loses: Option<Text>,
}

/// Ways back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UndoMethod {
    /// The selector or route goes back to the old side.
    SwitchBack,
    /// The controller aborts its update.
    Abort,
    /// The template of a revision known good goes back.
    Undo,
    /// The image of before is set.
    SetImage,
}

impl UndoMethod {
    /// Its word in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SwitchBack => "switch-back",
            Self::Abort => "abort",
            Self::Undo => "undo",
            Self::SetImage => "set-image",
        }
    }
}
