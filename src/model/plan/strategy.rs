//! How a component is rolled out: reusable shapes with their steps.

use serde::{Deserialize, Serialize};

use crate::model::ids::{GateId, Name, ProbeId, StrategyId};
use crate::model::rule::{MIN_COVERAGE, MinSamples, OnBreach, Share, Span};

/// One of `strategies`, or one written at a component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strategy {
    /// Id; of one written at a component, the component's.
    pub id: StrategyId,
    /// What is done.
    pub kind: StrategyKind,
    /// How long all of it may take.
    pub deadline: Option<Span>,
    /// What a breach does, by severity.
    pub on_breach: OnBreach,
    /// When the old version may go.
    pub cleanup: Option<Cleanup>,
}

/// What a strategy does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StrategyKind {
    /// Pods are replaced a few at a time; Kubernetes advances by itself.
    Rolling,
    /// The new side is brought up beside the old one, then all traffic is switched.
    BlueGreen(BlueGreen),
    /// Traffic moves step by step.
    Canary(Vec<Step>),
    /// All old pods end before the first new one starts.
    Recreate,
}

impl StrategyKind {
    /// Its word in the file.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Rolling => "rolling",
            Self::BlueGreen(_) => "blue-green",
            Self::Canary(_) => "canary",
            Self::Recreate => "recreate",
        }
    }
}

/// A switch from one side to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlueGreen {
    /// The side that serves before.
    pub stable_name: Option<Name>,
    /// The side that serves afterwards.
    pub new_name: Option<Name>,
    /// Must answer as it should before the switch.
    pub preview_probe: Option<ProbeId>,
    /// Who switches. Default manual.
    pub switch: Advance,
    /// How long the old side stays ready after the switch. Default thirty minutes.
    pub keep_old_for: Span,
    /// Ready pods of the new side, as a multiple of the old side's, before the switch. Default 1.
    pub capacity_factor: f64,
}

/// One step of a canary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The candidate's share of the traffic.
    pub to: Share,
    /// Healthy, observed time that must pass. Default 0 s.
    pub bake: Span,
    /// What must be met before the next step.
    pub gate: Option<GateId>,
    /// Samples that the gate's proportions need. Default auto.
    pub min_samples: MinSamples,
    /// Share of the bake that must have data. Default 90 %.
    pub min_coverage: Share,
    /// Who goes on to the next step. Default manual.
    pub advance: Advance,
    /// Whether the step holds until a person resumes, armed or not. Default no.
    pub hold: bool,
}

impl Step {
    /// A step with nothing but its share: no bake, no gate, advanced by hand.
    #[must_use]
    pub const fn plain(to: Share) -> Self {
        Self {
            to,
            bake: Span::ZERO,
            gate: None,
            min_samples: MinSamples::Auto,
            min_coverage: MIN_COVERAGE,
            advance: Advance::Manual,
            hold: false,
        }
    }
}

/// Who goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advance {
    /// A person.
    #[default]
    Manual,
    /// The console, where a person armed that; else a person.
    AutoWhenArmed,
}

/// When the old version may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleanup {
    /// After this much time.
    pub after: Span,
    /// And this gate.
    pub needs: Option<GateId>,
}
