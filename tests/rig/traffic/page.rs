//! The page that Prometheus scrapes: every serving pod's counters in its dialect.

use std::fmt::Write as _;

use super::{Behaviour, Dialect, Served, World};

/// Upper bounds of the histogram's buckets in seconds.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What one pod has counted since it began to serve. Fractions are kept, whole numbers shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    good: f64,
    failed: f64,
    /// Answers within each bound.
    buckets: [f64; BOUNDS.len()],
    seconds: f64,
}

impl Counters {
    /// Adds that many requests, answered so.
    pub(super) fn add(&mut self, requests: f64, behaviour: Behaviour) {
        self.failed += requests * behaviour.errors;
        self.good += requests * (1.0 - behaviour.errors);
        self.seconds += requests * behaviour.median;
        for (bucket, bound) in self.buckets.iter_mut().zip(BOUNDS) {
            *bucket += requests * behaviour.within(bound);
        }
    }

    fn total(&self) -> f64 {
        self.good.floor() + self.failed.floor()
    }
}

impl World {
    /// The page as of now.
    pub(super) fn page(&mut self) -> String {
        self.count();
        let mut page = String::new();
        for served in self.pods.values() {
            served.write(&mut page);
        }
        for (namespace, tally) in &self.tallies {
            let labels = format!("namespace=\"{namespace}\"");
            line(&mut page, "rig_requests_total", &labels, None, tally.arrived.floor());
            line(&mut page, "rig_unserved_requests_total", &labels, None, tally.unserved.floor());
        }
        page
    }
}

impl Served {
    fn write(&self, page: &mut String) {
        let labels = self.labels();
        let (counter, code, histogram, unit) = match self.endpoint.dialect {
            Dialect::Code => ("http_requests_total", "code", "http_request_duration_seconds", 1.0),
            Dialect::Status => {
                ("http_requests_total", "status", "http_request_duration_milliseconds", 1000.0)
            }
            Dialect::Istio => {
                ("istio_requests_total", "response_code", "istio_request_duration_milliseconds", 1000.0)
            }
        };
        let counters = &self.counters;
        for (value, count) in [("200", counters.good), ("500", counters.failed)] {
            line(page, counter, &labels, Some((code, value)), count.floor());
        }
        let bucket = format!("{histogram}_bucket");
        for (bound, count) in BOUNDS.iter().zip(counters.buckets) {
            let bound = (bound * unit).to_string();
            line(page, &bucket, &labels, Some(("le", &bound)), count.floor().min(counters.total()));
        }
        line(page, &bucket, &labels, Some(("le", "+Inf")), counters.total());
        line(page, &format!("{histogram}_sum"), &labels, None, counters.seconds * unit);
        line(page, &format!("{histogram}_count"), &labels, None, counters.total());
    }

    fn labels(&self) -> String {
        let endpoint = &self.endpoint;
        let (container, more) = match endpoint.dialect {
            Dialect::Code | Dialect::Status => (endpoint.container.as_str(), String::new()),
            Dialect::Istio => (
                "istio-proxy",
                format!(
                    ",reporter=\"destination\",destination_service_name=\"{}\",\
                     destination_workload_namespace=\"{}\"",
                    endpoint.service, endpoint.namespace
                ),
            ),
        };
        format!(
            "namespace=\"{}\",pod=\"{}\",container=\"{container}\",job=\"{}\",instance=\"{}:8080\"{more}",
            endpoint.namespace, endpoint.pod, endpoint.service, endpoint.address
        )
    }
}

fn line(page: &mut String, name: &str, labels: &str, label: Option<(&str, &str)>, value: f64) {
    let more = label.map(|(name, value)| format!(",{name}=\"{value}\"")).unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{name}{{{labels}{more}}} {value}");
}
