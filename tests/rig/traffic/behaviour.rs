//! How a version answers: the share of errors and the time it takes.

/// How the pods of one version answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Behaviour {
    /// Share of answers with status 5xx, 0 to 1.
    pub(crate) errors: f64,
    /// Half of the answers take longer than this many seconds.
    pub(crate) median: f64,
}

impl Behaviour {
    /// A healthy version: one error in a thousand, half of the answers within 40 ms.
    pub(crate) const GOOD: Self = Self { errors: 0.001, median: 0.04 };

    /// `bad` in the image's name: 5 % errors; `slowresp`: four times the latency.
    pub(crate) fn of_image(image: &str) -> Self {
        let mut behaviour = Self::GOOD;
        if image.contains("bad") {
            behaviour.errors = 0.05;
        }
        if image.contains("slowresp") {
            behaviour.median *= 4.0;
        }
        behaviour
    }

    /// Share of the answers that take at most `seconds`: log-logistic, as latencies tend to be.
    pub(crate) fn within(self, seconds: f64) -> f64 {
        const SHAPE: f64 = 3.0;
        1.0 / (1.0 + (seconds / self.median).powf(-SHAPE))
    }
}

/// The names and units that an application's metrics use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `http_requests_total{code}`, histogram in seconds.
    Code,
    /// `http_requests_total{status}`, histogram in milliseconds.
    Status,
    /// `istio_requests_total{response_code}`, histogram in milliseconds.
    Istio,
}

impl Dialect {
    /// What the pod's annotation asks for.
    pub(crate) fn of_annotation(annotation: Option<&str>) -> Self {
        match annotation {
            Some("status") => Self::Status,
            Some("istio") => Self::Istio,
            Some(_) | None => Self::Code,
        }
    }
}
