//! Rules, metrics and gates as data: what is measured, when it is bad, and what must be met before the next step.
//!
//! Every default of the plan format stands at its field. The loader has filled it in before anybody judges, so the
//! engine that judges reads values and never asks what was left out.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

mod gate;
mod metric;
mod when;

pub use self::gate::{Condition, Gate};
pub use self::metric::{Baseline, BaselineTake, Direction, Metric, MetricFrom, MetricTarget, Query, Stat};
pub use self::when::{Fit, Limit, Reference, StateField, When};
pub use super::measure::{Comparison, Op, Share, Span, Unit};

use super::ids::{MetricId, RuleId};

/// How bad it is when a rule is breached. The order is that of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Pauses a bake.
    Warning,
    /// Restarts a bake.
    Critical,
    /// Worth stopping everything.
    Emergency,
}

impl Severity {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Emergency => "emergency",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a breach does. The order is that of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// It is noted in the journal.
    Note,
    /// Nothing advances any more.
    Hold,
    /// A roll-back is proposed to the operator.
    ProposeRollback,
    /// It is rolled back, where somebody armed that; else proposed.
    Rollback,
    /// The emergency stop is proposed.
    ProposeStop,
}

impl Deed {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Hold => "hold",
            Self::ProposeRollback => "propose-rollback",
            Self::Rollback => "rollback",
            Self::ProposeStop => "propose-stop",
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a breach does by its severity: a strategy's `on_breach`. A notice is noted, whatever stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnBreach {
    /// Default `hold`.
    pub warning: Deed,
    /// Default `propose-rollback`.
    pub critical: Deed,
    /// Default `propose-stop`.
    pub emergency: Deed,
}

impl Default for OnBreach {
    fn default() -> Self {
        Self { warning: Deed::Hold, critical: Deed::ProposeRollback, emergency: Deed::ProposeStop }
    }
}

impl OnBreach {
    /// What a breach of this severity does.
    #[must_use]
    pub const fn deed(&self, severity: Severity) -> Deed {
        match severity {
            Severity::Notice => Deed::Note,
            Severity::Warning => self.warning,
            Severity::Critical => self.critical,
            Severity::Emergency => self.emergency,
        }
    }
}

/// Over what a rule looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleScope {
    /// All versions and pods together.
    #[default]
    Total,
    /// The candidate by itself.
    PerVersion,
    /// Each pod by itself; the worst one counts.
    PerPod,
    /// Each component by itself.
    PerComponent,
}

/// What a missing reading means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnMissing {
    /// Nobody knows, which is no good news.
    #[default]
    Unknown,
    /// It is as bad as a breach.
    Breached,
    /// The rule takes no part.
    Ignore,
}

/// How many samples a claim needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MinSamples {
    /// 3 / target: so many requests without one failure show a rate under the target (95 percent).
    #[default]
    Auto,
    /// A number that somebody chose.
    AtLeast(u64),
}

impl MinSamples {
    /// How many, for a metric whose target is this share of failures at most. `None`: no target, so no number.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, bounded by u64 by `as`"
    )]
    pub fn needed(self, target: Option<Share>) -> Option<u64> {
        match (self, target) {
            (Self::AtLeast(many), _) => Some(many),
            (Self::Auto, Some(target)) if target.percent() > 0.0 => {
                // 300 / 0.1 is 3000 and a hair in binary: the hair is no request
                Some((300.0 / target.percent() - 1e-6).ceil().max(1.0) as u64)
            }
            (Self::Auto, _) => None,
        }
    }
}

/// When a rule applies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Active {
    /// Only while the candidate has one of these shares of the traffic; empty: always.
    pub steps: Vec<Share>,
}

/// A rule: when a reading is bad, how bad, for how long, and what follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Id.
    pub id: RuleId,
    /// What it reads; the forms `state`, `event` and `skew` need none.
    pub metric: Option<MetricId>,
    /// Default `total`.
    pub scope: RuleScope,
    /// The bad condition.
    pub when: When,
    /// How bad.
    pub severity: Severity,
    /// How long the bad condition must last before it is a breach. Default 0 s: quick to hold.
    #[serde(rename = "for")]
    pub lasts: Span,
    /// How long it must be gone before the breach ends. Default twice `for`, at least one minute: slow to forgive.
    pub clear_for: Span,
    /// Hysteresis: once breached, the reading must come back to this side of the value, in the metric's unit.
    /// Default: the threshold itself.
    pub clear: Option<f64>,
    /// Default: none asked of a rule (a bake asks for its own).
    pub min_samples: Option<MinSamples>,
    /// Share of the window that must have data. Default 90 %.
    pub min_coverage: Share,
    /// Default unknown.
    pub on_missing: OnMissing,
    /// Default always.
    pub active: Active,
    /// What a breach does; empty: what the strategy's `on_breach` says for the severity.
    #[serde(rename = "do")]
    pub deeds: BTreeSet<Deed>,
    /// Whether the metric's target itself becomes a notice rule, so that no band between the target and the first rule
    /// is silent. Default yes.
    pub derive_notice: bool,
}

/// Default share of a window that must have data.
pub const MIN_COVERAGE: Share = Share(90.0);
