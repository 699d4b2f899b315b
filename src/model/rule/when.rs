//! The forms of a bad condition.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Comparison, Share, Span};
use crate::model::Text;
use crate::model::ids::MetricId;

/// The bad condition of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The value itself.
    Value(Comparison),
    /// The value divided by another.
    RatioTo {
        /// By what.
        of: Reference,
        /// Unit: [`Unit::Times`](crate::model::measure::Unit::Times).
        is: Comparison,
    },
    /// The value less another.
    DifferenceTo {
        /// Less what.
        of: Reference,
        /// In the metric's unit; percentage points where that is percent.
        is: Comparison,
    },
    /// Slope of a fitted line, as percent of the median at the window's start. Per pod the worst pod counts; a restart
    /// begins a new series.
    GrowthPer {
        /// Growth in this much time.
        per: Span,
        /// Unit: percent.
        is: Comparison,
        /// Over how much time the line is fitted. Default: `per`.
        window: Span,
        /// Less covered time is unknown. Default: half of the window.
        min_span: Span,
        /// How the line is fitted.
        fit: Fit,
    },
    /// Median at the end against median at the start; unknown until the whole span is covered.
    GrowthOver {
        /// From when to now.
        over: Span,
        /// Unit: percent.
        is: Comparison,
        /// How much time each median takes. Default: five minutes, at most a quarter of `over`.
        edge: Span,
    },
    /// How much a counter rose.
    DeltaOver {
        /// In how much time.
        over: Span,
        /// In the metric's unit.
        is: Comparison,
    },
    /// No data where data is due.
    AbsentFor {
        /// For how long.
        #[serde(rename = "for")]
        lasts: Span,
    },
    /// How fast an error budget is used up: failed share divided by the budget.
    Burn {
        /// Share that may fail.
        budget: Share,
        /// Window of the failed share.
        over: Span,
        /// Unit: [`Unit::Times`](crate::model::measure::Unit::Times).
        is: Comparison,
    },
    /// A straight line through the window reaches a limit soon.
    TimeTo {
        /// Which limit.
        limit: Limit,
        /// Soon.
        within: Span,
    },
    /// A field of the workload's own objects.
    State {
        /// Which field.
        field: StateField,
        /// Compared as a number.
        is: Comparison,
    },
    /// Cluster events.
    Event {
        /// Reason, or a part of the message.
        matches: Text,
        /// Counted over this much time.
        over: Span,
        /// Unit: count.
        is: Comparison,
    },
    /// More versions than this serve while nothing is being rolled out.
    Skew {
        /// Default 1.
        versions: u32,
    },
    /// All of them at once.
    AllOf(Vec<When>),
    /// One of them or more.
    AnyOf(Vec<When>),
    /// Not this; unknown stays unknown.
    Not(Box<When>),
}

impl When {
    /// This condition and all inside it.
    pub fn parts(&self) -> Vec<&Self> {
        let inner: Vec<&Self> = match self {
            Self::AllOf(parts) | Self::AnyOf(parts) => parts.iter().flat_map(Self::parts).collect(),
            Self::Not(part) => part.parts(),
            Self::Value(_)
            | Self::RatioTo { .. }
            | Self::DifferenceTo { .. }
            | Self::GrowthPer { .. }
            | Self::GrowthOver { .. }
            | Self::DeltaOver { .. }
            | Self::AbsentFor { .. }
            | Self::Burn { .. }
            | Self::TimeTo { .. }
            | Self::State { .. }
            | Self::Event { .. }
            | Self::Skew { .. } => Vec::new(),
        };
        std::iter::once(self).chain(inner).collect()
    }

    /// Whether it can be judged without a metric.
    #[must_use]
    pub fn needs_metric(&self) -> bool {
        self.parts().iter().any(|part| {
            !matches!(
                part,
                Self::State { .. }
                    | Self::Event { .. }
                    | Self::Skew { .. }
                    | Self::AllOf(_)
                    | Self::AnyOf(_)
                    | Self::Not(_)
            )
        })
    }
}

/// What a reading is held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// The metric's own target.
    Target,
    /// The metric's baseline.
    Baseline,
    /// The same metric of the stable version.
    Stable,
    /// Another metric of the same scope.
    Metric(MetricId),
}

/// How a line is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// Median of the slopes of all pairs: single outliers do not move it.
    #[default]
    TheilSen,
}

/// What a reading may run into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// A number in the metric's unit.
    Number(f64),
    /// The containers' memory limit.
    MemoryLimit,
    /// The containers' memory request.
    MemoryRequest,
    /// The containers' processor limit.
    CpuLimit,
    /// The containers' processor request.
    CpuRequest,
    /// Another metric.
    Metric(MetricId),
}

/// A field of an object, as `Deployment.unavailableReplicas`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StateField {
    /// Kind, as the API spells it.
    pub kind: String,
    /// Path inside `status`, else inside `spec`, separated by dots.
    pub path: String,
}

impl fmt::Display for StateField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.path)
    }
}
