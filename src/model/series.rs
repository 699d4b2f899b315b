//! Measured signals: readings that may be missing, and how many requests stand behind them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Time;
use super::ids::{Name, Namespace};
use super::target::Target;
use super::text::Text;

/// The signals of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// Failed requests, percent.
    ErrorRate,
    /// Requests per second.
    RequestRate,
    /// Median latency, milliseconds.
    LatencyP50,
    /// 95th percentile, milliseconds.
    LatencyP95,
    /// 99th percentile, milliseconds.
    LatencyP99,
}

impl Signal {
    /// All of them, in the order of the screens.
    pub const ALL: [Self; 5] =
        [Self::ErrorRate, Self::RequestRate, Self::LatencyP50, Self::LatencyP95, Self::LatencyP99];

    /// Title on the screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ErrorRate => "error rate",
            Self::RequestRate => "request rate",
            Self::LatencyP50 => "latency p50",
            Self::LatencyP95 => "latency p95",
            Self::LatencyP99 => "latency p99",
        }
    }

    /// Unit on the screen.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ErrorRate => "%",
            Self::RequestRate => "/s",
            Self::LatencyP50 | Self::LatencyP95 | Self::LatencyP99 => "ms",
        }
    }
}

/// Which version a series is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The version that serves by right.
    Stable,
    /// The version on its way.
    Candidate,
}

/// What to ask about one workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SignalQuery {
    /// Which workload.
    pub target: Target,
    /// Its namespace (as the metrics' label names it).
    pub namespace: Namespace,
    /// For each side the ReplicaSet whose pods (`<name>-xxxxx`) are meant.
    pub sides: Vec<(Side, Name)>,
    /// Where the plan names a label with the version: label and the value of each side, used instead of pod names.
    pub version_label: Option<VersionLabel>,
}

/// A label that carries the version in the metrics themselves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VersionLabel {
    /// Label name.
    pub label: String,
    /// Value of each side.
    pub values: Vec<(Side, String)>,
}

/// One reading. Only `Value` may decide anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// One fresh finite value.
    Value(f64),
    /// The query gave nothing.
    NoData,
    /// It gave NaN or infinity (0/0: no requests).
    NotFinite,
    /// It gave several series where one was due.
    Several,
    /// The newest sample behind it is too old to say anything about now.
    Stale {
        /// Age of that sample, seconds.
        age_seconds: u32,
    },
    /// The source answered only in part, or with an error.
    Failed(Text),
}

impl Reading {
    /// The value, if it may decide.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(*value),
            Self::NoData | Self::NotFinite | Self::Several | Self::Stale { .. } | Self::Failed(_) => None,
        }
    }

    /// Why there is no value, for the cell where it would stand.
    #[must_use]
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Value(_) => None,
            Self::NoData => Some("no data"),
            Self::NotFinite => Some("no requests"),
            Self::Several => Some("several series"),
            Self::Stale { .. } => Some("stale"),
            Self::Failed(_) => Some("query failed"),
        }
    }
}

/// A signal of one side: the newest reading, the curve, and the requests behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Newest reading.
    pub now: Reading,
    /// Time of the newest sample itself (an instant query can return one minutes old), in this console's clock: its
    /// age is measured by the source's clock alone, so that clocks which differ make nothing look fresh or old.
    pub sampled: Option<Time>,
    /// The curve, oldest first, evenly spaced; a gap is a gap.
    pub points: Vec<(Time, Option<f64>)>,
    /// The query, as it was sent.
    pub query: Text,
}

/// Requests counted over the window: what an error rate rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// Requests.
    pub requests: f64,
    /// Of these, failed.
    pub failed: f64,
}

impl Counted {
    /// Upper end of the one-sided 95 percent interval of the true failure rate, in percent.
    ///
    /// With no failure among n requests this is the rule of three, 3/n; with failures the Wilson score interval
    /// (E. B. Wilson, 1927) at z = 1.645. `None` without requests.
    #[must_use]
    pub fn upper_bound_percent(&self) -> Option<f64> {
        const Z: f64 = 1.645;
        let n = self.requests;
        if n < 1.0 {
            return None;
        }
        if self.failed < 0.5 {
            return Some((300.0 / n).min(100.0));
        }
        let p = (self.failed / n).min(1.0);
        let z2 = Z * Z;
        let centre = p + z2 / (2.0 * n);
        let spread = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        Some((100.0 * (centre + spread) / (1.0 + z2 / n)).min(100.0))
    }
}

/// All signals of one workload, as one poll saw them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalSet {
    /// Which workload.
    pub target: Target,
    /// When it was asked.
    pub asked: Time,
    /// Seconds of the window that rates are taken over.
    pub window_seconds: u32,
    /// Per side and signal.
    pub tracks: BTreeMap<Side, BTreeMap<Signal, Track>>,
    /// Requests behind each side.
    pub counted: BTreeMap<Side, Counted>,
    /// Which metrics were found, in one sentence; or which were looked for in vain.
    pub found: Text,
}

/// Where metrics come from, and how that place was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricsSource {
    /// Still looking.
    Looking,
    /// Found and answering.
    Found {
        /// URL, or Service as `namespace/name:port`.
        place: Text,
        /// `--prometheus`, `config`, `Service found in monitoring`.
        how: Text,
    },
    /// Named or found, but not answering.
    Silent {
        /// URL or Service.
        place: Text,
        /// What happened.
        why: Text,
    },
    /// There is none.
    None {
        /// Why the search ended empty (nothing found, or what may not be listed).
        why: Text,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_follows_the_rule_of_three_and_wilson() {
        let bound = |requests, failed| Counted { requests, failed }.upper_bound_percent();
        assert_eq!(bound(0.0, 0.0), None);
        assert_eq!(bound(3000.0, 0.0), Some(0.1));
        let with_failures = bound(1000.0, 10.0).unwrap();
        assert!(with_failures > 1.0 && with_failures < 2.0, "{with_failures}");
        assert!(bound(2.0, 2.0).unwrap() <= 100.0);
    }
}
