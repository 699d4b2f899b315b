//! What was measured, as the sources gave it: values with their own times, and what is known about their worth.
//!
//! Nothing is judged here and nothing smoothed over. A value may be NaN, old, or one of several; whether it may decide
//! anything is settled in one place of the core. Times are in this console's clock, but ages were measured by the
//! source's clock alone, so that clocks which differ make nothing look fresh or old.

use std::collections::BTreeMap;

use super::Time;
use super::ids::{MetricId, Name, ProbeId};
use super::measure::{Share, Span};
use super::rule::{Query, StateField};
use super::series::Side;
use super::text::Text;

/// A value with its own time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When the sample itself was taken.
    pub at: Time,
    /// As given: it may be NaN or infinite.
    pub value: f64,
}

/// What a source said about one metric of one subject (all together, one version, one pod).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The newest value, at the time of the newest sample behind it.
    pub last: Option<Point>,
    /// How many series answered where one was due.
    pub series: u32,
    /// Why the answer is none or only a part.
    pub fault: Option<Text>,
    /// The past, oldest first; a gap is a gap.
    pub points: Vec<Point>,
    /// Share of the window that has data; `None` where nobody could tell.
    pub coverage: Option<Share>,
    /// Events behind the newest value, over the window: the denominator.
    pub samples: Option<f64>,
    /// Latencies of the window, counted by bucket.
    pub buckets: Option<Buckets>,
}

/// Requests counted by latency.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    /// Upper ends, growing; the last may be infinite.
    pub bounds: Vec<f64>,
    /// Requests in each (not cumulated); counters extrapolated by the source give fractions.
    pub counts: Vec<f64>,
}

/// Everything that is known about one metric of one component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricReading {
    /// Time between two samples of the source.
    pub period: Span,
    /// Over how much time rates and samples are taken.
    pub window: Span,
    /// All versions and pods together.
    pub total: Option<Measured>,
    /// Each version.
    pub sides: BTreeMap<Side, Measured>,
    /// Each pod.
    pub pods: BTreeMap<Name, Measured>,
}

/// A living pod, as far as its series are judged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodSeen {
    /// Its version.
    pub side: Side,
    /// When its container last started: what was measured before belongs to another life.
    pub started: Option<Time>,
}

/// What the containers of a component may use, of one pod.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Bytes.
    pub memory_limit: Option<f64>,
    /// Bytes.
    pub memory_request: Option<f64>,
    /// Cores.
    pub cpu_limit: Option<f64>,
    /// Cores.
    pub cpu_request: Option<f64>,
}

/// A field of an object, or why it has no number.
#[derive(Clone, Debug, PartialEq)]
pub struct StateSeen {
    /// When the object was last known to be so.
    pub at: Time,
    /// The number.
    pub value: Result<f64, Text>,
}

/// The events of a component, as far back as they were followed.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLog {
    /// Complete since then.
    pub since: Time,
    /// Complete until then.
    pub until: Time,
    /// What happened.
    pub seen: Vec<EventSeen>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSeen {
    /// When, the newest time.
    pub at: Time,
    /// Reason.
    pub reason: Text,
    /// Message.
    pub message: Text,
    /// How often.
    pub count: u32,
}

/// How many versions serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionsSeen {
    /// When this was seen.
    pub at: Time,
    /// Versions with ready pods, by image digest.
    pub serving: u32,
    /// Whether something is being rolled out.
    pub moving: bool,
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeSeen {
    /// When it was answered, or failed to be.
    pub at: Time,
    /// How long a probe's answer counts.
    pub staleness: Span,
    /// How long the answer took.
    pub millis: Option<u32>,
    /// Why it is not as it should be.
    pub answer: Result<(), Text>,
}

/// All that rules of one component are judged by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Metrics.
    pub metrics: BTreeMap<MetricId, MetricReading>,
    /// Metrics as they were before: what `baseline` means.
    pub baselines: BTreeMap<MetricId, f64>,
    /// Living pods. A pod that is here and not among a metric's pods has no data.
    pub pods: BTreeMap<Name, PodSeen>,
    /// What each pod may use.
    pub limits: Limits,
    /// Fields of objects.
    pub states: BTreeMap<StateField, StateSeen>,
    /// Events.
    pub events: Option<EventLog>,
    /// Versions that serve.
    pub versions: Option<VersionsSeen>,
    /// Probes.
    pub probes: BTreeMap<ProbeId, ProbeSeen>,
    /// The candidate's share of the traffic.
    pub weight: Option<Share>,
}

/// What to ask a metrics source about one metric of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricAsk {
    /// Which.
    pub id: MetricId,
    /// The plan's query.
    pub query: Query,
    /// The plan's query for the number of events behind a value.
    pub samples: Option<Query>,
    /// What stands for `${version}`, for each version that is to be asked; empty: only all together.
    pub versions: Vec<(Side, String)>,
    /// Whether each pod is to be asked, by the label `pod` of the answer.
    pub per_pod: bool,
    /// What stands for `${window}`.
    pub window: Span,
    /// How far back the past is needed; zero where no rule looks back.
    pub history: Span,
    /// How often the source scrapes.
    pub period: Span,
}

/// An alert that the metrics source itself raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertSeen {
    /// Its name.
    pub name: Text,
    /// Its label `severity`; empty where it has none.
    pub severity: Text,
    /// Whether it fires; else it is pending.
    pub firing: bool,
    /// Its other labels.
    pub about: Text,
    /// Since when its condition has been there.
    pub since: Option<Time>,
}
