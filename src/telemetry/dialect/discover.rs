//! Finding out which of the known metrics a workload has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::side::matchers_of_all;
use super::{DIALECTS, Dialect, Histogram, Join};
use crate::model::Text;
use crate::model::series::SignalQuery;
use crate::telemetry::prometheus::Sample;

/// The metrics that a workload has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Labels of namespace and pod.
    pub(super) join: &'static Join,
    /// Requests, with the label that carries the status.
    pub(super) requests: Option<&'static Dialect>,
    /// Latency.
    pub(super) latency: Option<Latency>,
    /// The label that tells versions apart, where it is not the pod's name.
    by: Option<String>,
}

/// A latency histogram, and the matcher that keeps what the pod itself served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Latency {
    pub histogram: &'static Histogram,
    pub served: &'static str,
}

impl Found {
    /// Whether neither requests nor latency were found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests.is_none() && self.latency.is_none()
    }

    /// Whether both were found.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.requests.is_some() && self.latency.is_some()
    }
}

/// One sentence for the screen: what was found, or what was looked for in vain.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            let known: Vec<&str> = counters().into_iter().collect();
            return write!(f, "none of {} has series of these pods", known.join(", "));
        }
        match self.requests {
            Some(dialect) => write!(f, "{} by {}", dialect.counter, dialect.code)?,
            None => write!(f, "no request counter with a status")?,
        }
        match self.latency {
            Some(latency) => {
                let name = latency.histogram.buckets.trim_end_matches("_bucket");
                write!(f, ", {name} (histogram)")?;
            }
            None => write!(f, ", no latency histogram")?,
        }
        write!(f, ", joined by {}", self.by.as_deref().unwrap_or(self.join.pod))
    }
}

fn counters() -> BTreeSet<&'static str> {
    DIALECTS.iter().map(|dialect| dialect.counter).collect()
}

/// The one cheap query that tells which metrics and status labels there are.
///
/// # Errors
/// A sentence, where the sides cannot be told apart by what is given.
pub fn discovery_query(query: &SignalQuery, join: &Join) -> Result<String, Text> {
    let buckets = DIALECTS.iter().flat_map(|dialect| dialect.histograms).map(|histogram| histogram.buckets);
    let names: BTreeSet<&str> = counters().into_iter().chain(buckets).collect();
    let labels: BTreeSet<&str> = DIALECTS.iter().map(|dialect| dialect.code).collect();
    let (names, labels) = (Vec::from_iter(names).join("|"), Vec::from_iter(labels).join(", "));
    let matchers = matchers_of_all(query, join)?;
    Ok(format!("count by (__name__, {labels}) ({{__name__=~\"{names}\", {matchers}}})"))
}

/// Reads the answer to [`discovery_query`].
#[must_use]
pub fn read_discovery(query: &SignalQuery, join: &'static Join, samples: &[Sample]) -> Found {
    let mut seen: BTreeMap<&str, Vec<&BTreeMap<String, String>>> = BTreeMap::new();
    for sample in samples {
        if let Some(name) = sample.labels.get("__name__") {
            seen.entry(name).or_default().push(&sample.labels);
        }
    }
    let requests = DIALECTS.iter().find(|dialect| {
        let series = seen.get(dialect.counter);
        series.is_some_and(|all| {
            all.iter().any(|labels| labels.get(dialect.code).is_some_and(|v| is_status(v)))
        })
    });
    // latency of the dialect that counts the requests; else of any
    let dialects = requests.into_iter().chain(&DIALECTS);
    let latency = dialects
        .flat_map(|dialect| {
            dialect.histograms.iter().map(|histogram| Latency { histogram, served: dialect.served })
        })
        .find(|latency| seen.contains_key(latency.histogram.buckets));
    let by = query.version_label.as_ref().map(|named| named.label.clone());
    Found { join, requests, latency, by }
}

/// Whether a label's value is an HTTP status or its class (`404`, `5xx`). A label with words such as `success` in it
/// would make every error rate read 0.
fn is_status(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() == 3
        && matches!(bytes[0], b'1'..=b'5')
        && bytes[1..].iter().all(|b| b.is_ascii_digit() || matches!(b, b'x' | b'X'))
}
