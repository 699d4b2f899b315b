//! What is measured, and what it should be.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Active, Comparison, Deed, MIN_COVERAGE, OnMissing, Op, Rule, RuleScope, Severity, Share, Span,
    StateField, Unit, When,
};
use crate::model::Text;
use crate::model::ids::{MetricId, ProbeId, RuleId};
use crate::model::series::Signal;

/// What a metric is, statistically: how its samples are counted and its versions compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stat {
    /// A mean.
    Mean,
    /// Median.
    P50,
    /// 90th percentile.
    P90,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
    /// Some of all: a proportion, for which bounds can be computed.
    Ratio,
    /// Events per time.
    Rate,
    /// A value that goes up and down.
    #[default]
    Gauge,
    /// A counter that only rises.
    Count,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Less is better.
    #[default]
    Lower,
    /// More is better.
    Higher,
}

/// A query with `${version}` and `${window}` in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Query(pub String);

impl Query {
    /// What may be filled in.
    pub const BLANKS: [&'static str; 2] = ["version", "window"];

    /// Whether it asks for one version.
    #[must_use]
    pub fn asks_for_version(&self) -> bool {
        self.0.contains("${version}")
    }
}

/// Where a metric's readings come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricFrom {
    /// A query to the metrics source.
    Query(Query),
    /// A signal that the console finds by itself.
    Signal(Signal),
    /// A field of the workload's objects.
    K8s(StateField),
    /// How long a probe took, in milliseconds; no reading where it fails.
    Probe(ProbeId),
}

/// A metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Id.
    pub id: MetricId,
    /// For people.
    pub title: Text,
    /// Unit of its readings.
    pub unit: Unit,
    /// Default `gauge`; of a signal what that is.
    pub stat: Stat,
    /// Source.
    pub from: MetricFrom,
    /// Whether each version is asked by itself. Default no.
    pub by_version: bool,
    /// Whether each pod is asked by itself. Default no.
    pub per_pod: bool,
    /// Default `lower`.
    pub direction: Direction,
    /// How many events stand behind a reading: the denominator.
    pub samples_query: Option<Query>,
    /// What is wanted.
    pub target: Option<MetricTarget>,
    /// Older readings are unknown. Default, where none is written: three sampling periods.
    pub staleness: Option<Span>,
    /// Whether it is one of the business.
    pub business: bool,
    /// What `baseline` means in its rules.
    pub baseline: Option<Baseline>,
}

/// What a metric should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricTarget {
    /// The wanted condition.
    pub is: Comparison,
    /// Over how much time. Default five minutes.
    pub window: Span,
    /// Requests per second of all versions together under which it is wanted: with it the loader can tell how long a
    /// bake must be.
    pub under_per_second: Option<f64>,
}

/// What a metric is compared with as its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// From when.
    pub take: BaselineTake,
    /// Over how much time. Default thirty minutes.
    pub window: Span,
}

/// From when a baseline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineTake {
    /// Before the first step of this session.
    AtStart,
    /// The last release that ended well.
    LastGood,
}

impl Metric {
    /// The share of failures that its target allows at most, where it is a proportion with such a target.
    #[must_use]
    pub fn failure_target(&self) -> Option<Share> {
        let target = &self.target.as_ref()?.is;
        let percent = target.unit.convert(target.value, &Unit::Percent)?;
        match (self.stat, target.op) {
            (Stat::Ratio, Op::Less | Op::AtMost) => Some(Share(percent)),
            // a share that should be high: what is missing is what fails
            (Stat::Ratio, Op::Greater | Op::AtLeast) => Some(Share(100.0 - percent)),
            _ => None,
        }
    }

    /// The target as a notice rule of the same scope.
    #[must_use]
    pub fn notice(&self, scope: RuleScope) -> Option<Rule> {
        let target = self.target.as_ref()?;
        Some(Rule {
            id: RuleId::new(format!("{}-target", self.id)),
            metric: Some(self.id.clone()),
            scope,
            when: When::Value(target.is.opposite()),
            severity: Severity::Notice,
            lasts: Span::ZERO,
            clear_for: Span::minutes(1),
            clear: None,
            min_samples: None,
            min_coverage: MIN_COVERAGE,
            on_missing: OnMissing::Unknown,
            active: Active::default(),
            deeds: BTreeSet::from([Deed::Note]),
            derive_notice: false,
        })
    }
}
