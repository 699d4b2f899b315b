//! Which metrics applications use for requests and latency, and the queries that read signals from them.
//!
//! One table of names; discovery of which of them a workload has; and the text of every query, as pure functions.
//! Versions are told apart by the names of the pods, or by a label where a plan names one: quantiles are taken over the
//! summed buckets of a whole side and never averaged. Nothing here sends anything.

mod custom;
mod discover;
mod promql;
mod queries;
mod side;

pub use custom::{CustomError, CustomQueries, CustomTexts};
pub use discover::{Found, discovery_query, read_discovery};
pub use queries::{Queries, queries, sentence};
pub use side::{SIDE_LABEL, side_value};

/// Names of requests and latency in one family of applications.
#[derive(Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Counter of requests.
    counter: &'static str,
    /// Its label with the HTTP status.
    code: &'static str,
    /// Matcher that keeps only what the pod itself served, with a leading comma; may be empty.
    served: &'static str,
    /// Histograms of latency, the first one found counts.
    histograms: &'static [Histogram],
}

/// A latency histogram.
#[derive(Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Name of its buckets.
    buckets: &'static str,
    /// Unit of its bounds.
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Milliseconds,
}

/// Labels by which scrape configurations say where a series comes from.
#[derive(Debug, PartialEq, Eq)]
pub struct Join {
    namespace: &'static str,
    pod: &'static str,
}

const HTTP_HISTOGRAMS: &[Histogram] = &[
    Histogram { buckets: "http_request_duration_seconds_bucket", unit: Unit::Seconds },
    Histogram { buckets: "http_request_duration_milliseconds_bucket", unit: Unit::Milliseconds },
    Histogram { buckets: "http_request_duration_ms_bucket", unit: Unit::Milliseconds },
];

const ISTIO_HISTOGRAMS: &[Histogram] =
    &[Histogram { buckets: "istio_request_duration_milliseconds_bucket", unit: Unit::Milliseconds }];

/// What the application says of itself comes before what its proxy says of it.
static DIALECTS: [Dialect; 3] = [
    Dialect { counter: "http_requests_total", code: "code", served: "", histograms: HTTP_HISTOGRAMS },
    Dialect { counter: "http_requests_total", code: "status", served: "", histograms: HTTP_HISTOGRAMS },
    Dialect {
        counter: "istio_requests_total",
        code: "response_code",
        // a proxy also reports the requests that its pod sends to others; true as well where the label is absent
        served: ", reporter!=\"source\"",
        histograms: ISTIO_HISTOGRAMS,
    },
];

/// The labels of today's scrape configurations, then those of the older examples.
pub static JOINS: [Join; 2] = [
    Join { namespace: "namespace", pod: "pod" },
    Join { namespace: "kubernetes_namespace", pod: "kubernetes_pod_name" },
];

#[cfg(test)]
mod tests;
