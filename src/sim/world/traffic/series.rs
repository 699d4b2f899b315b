//! Counters of one pod as time series, in the words of a usual HTTP service's metrics.

use std::collections::{BTreeMap, VecDeque};

use super::KEPT;
use crate::sim::world::clock::Time;

/// Upper bounds of the latency buckets, in seconds and as `le` writes them.
pub(crate) const BUCKETS: [(f64, &str); 12] = [
    (0.005, "0.005"),
    (0.01, "0.01"),
    (0.025, "0.025"),
    (0.05, "0.05"),
    (0.1, "0.1"),
    (0.25, "0.25"),
    (0.5, "0.5"),
    (1.0, "1"),
    (2.5, "2.5"),
    (5.0, "5"),
    (10.0, "10"),
    (f64::INFINITY, "+Inf"),
];

/// How a request can end: method and code.
pub(super) const OUTCOMES: [(&str, &str); 6] =
    [("GET", "200"), ("POST", "201"), ("GET", "404"), ("GET", "500"), ("POST", "500"), ("GET", "503")];

/// The pod that is scraped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The pod's uid: two pods of one name are two targets.
    pub(crate) uid: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) pod: String,
    /// The container that serves.
    pub(crate) container: String,
    /// The Service it was found by.
    pub(crate) job: String,
    /// Its address and port.
    pub(crate) instance: String,
}

/// What a pod counted in one second.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// By outcome.
    pub(super) requests: [u32; OUTCOMES.len()],
    /// By the first bucket that holds them.
    pub(super) slots: [u32; BUCKETS.len()],
    /// Time taken by all.
    pub(super) microseconds: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        for (sum, count) in self.requests.iter_mut().zip(other.requests) {
            *sum += count;
        }
        for (sum, count) in self.slots.iter_mut().zip(other.slots) {
            *sum += count;
        }
        self.microseconds += other.microseconds;
    }
}

/// How a scrape ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scrape {
    Up,
    /// The container does not run.
    Down,
    /// The target is not there any more.
    Gone,
}

#[derive(Debug)]
struct Sample {
    time: Time,
    scrape: Scrape,
    counts: Counts,
}

/// The counters of one pod, a sample a second.
#[derive(Debug)]
pub(super) struct PodSeries {
    target: Target,
    total: Counts,
    samples: VecDeque<Sample>,
}

/// Whether a label's value is wanted; a missing label is empty.
pub(crate) struct Matcher {
    /// The label; `__name__` for the metric's name.
    pub(crate) label: String,
    /// Whether a value satisfies it.
    pub(crate) accepts: Box<dyn Fn(&str) -> bool + Send>,
}

impl Matcher {
    fn takes(&self, labels: &BTreeMap<String, String>) -> bool {
        (self.accepts)(labels.get(&self.label).map_or("", String::as_str))
    }
}

/// A series with the samples that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// Its labels, `__name__` among them.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its samples, older first; [`STALE`] where a scrape no longer found it.
    pub(crate) samples: Vec<(Time, f64)>,
}

/// Marks that a series ended: there is no value until the next sample.
pub(crate) const STALE: f64 = f64::NAN;

/// Reads one metric out of a sample.
type Read = Box<dyn Fn(&Sample) -> f64>;

impl PodSeries {
    /// The series of a target that was not seen before.
    pub(super) fn new(target: Target) -> Self {
        Self { target, total: Counts::default(), samples: VecDeque::new() }
    }

    /// Adds the counts of the second that ends at `time`; a container that was down starts from 0.
    pub(super) fn push(&mut self, time: Time, up: bool, counts: &Counts) {
        if !up {
            self.total = Counts::default();
        }
        self.total.add(counts);
        self.keep(time, if up { Scrape::Up } else { Scrape::Down });
    }

    fn keep(&mut self, time: Time, scrape: Scrape) {
        self.samples.push_back(Sample { time, scrape, counts: self.total });
        if self.samples.len() > KEPT {
            self.samples.pop_front();
        }
    }

    /// The target vanished at `time`.
    pub(super) fn end(&mut self, time: Time) {
        if self.samples.back().is_some_and(|newest| newest.scrape != Scrape::Gone) {
            self.keep(time, Scrape::Gone);
        }
    }

    /// Whether nothing was sampled after `time`.
    pub(super) fn is_older_than(&self, time: Time) -> bool {
        self.samples.back().is_none_or(|newest| newest.time < time)
    }

    /// The series of this pod that satisfy `matchers`, with their samples after `from` and up to `to`.
    pub(super) fn select(&self, matchers: &[Matcher], from: Time, to: Time) -> Vec<Series> {
        let first = self.samples.partition_point(|sample| sample.time <= from);
        let end = self.samples.partition_point(|sample| sample.time <= to).max(first);
        let wanted = || self.samples.range(first..end);
        if first == end {
            return Vec::new();
        }
        self.metrics()
            .into_iter()
            .filter(|(labels, _)| matchers.iter().all(|matcher| matcher.takes(labels)))
            .map(|(labels, read)| Series {
                labels,
                samples: wanted().map(|sample| (sample.time, read(sample))).collect(),
            })
            .filter(|series| series.samples.iter().any(|(_, value)| !value.is_nan()))
            .collect()
    }

    fn metrics(&self) -> Vec<(BTreeMap<String, String>, Read)> {
        let mut metrics: Vec<(BTreeMap<String, String>, Read)> = Vec::new();
        metrics.push((self.labels("up", &[]), Box::new(up)));
        for (index, (method, code)) in OUTCOMES.iter().enumerate() {
            let labels = self.labels("http_requests_total", &[("method", method), ("code", code)]);
            metrics.push((labels, when_up(move |counts| once_counted(counts.requests[index]))));
        }
        for (index, (_, le)) in BUCKETS.iter().enumerate() {
            let labels = self.labels("http_request_duration_seconds_bucket", &[("le", le)]);
            metrics
                .push((labels, when_up(move |counts| f64::from(counts.slots[..=index].iter().sum::<u32>()))));
        }
        let all = |counts: &Counts| f64::from(counts.slots.iter().sum::<u32>());
        metrics.push((self.labels("http_request_duration_seconds_count", &[]), when_up(all)));
        #[expect(clippy::cast_precision_loss, reason = "microseconds of an hour fit the mantissa")]
        let time = |counts: &Counts| counts.microseconds as f64 / 1e6;
        metrics.push((self.labels("http_request_duration_seconds_sum", &[]), when_up(time)));
        metrics
    }

    fn labels(&self, name: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let target = &self.target;
        let usual = [
            ("__name__", name),
            ("namespace", &target.namespace),
            ("pod", &target.pod),
            ("container", &target.container),
            ("job", &target.job),
            ("instance", &target.instance),
        ];
        usual.iter().chain(more).map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect()
    }
}

fn up(sample: &Sample) -> f64 {
    match sample.scrape {
        Scrape::Up => 1.0,
        Scrape::Down => 0.0,
        Scrape::Gone => STALE,
    }
}

/// A counter with labels is exposed from its first event on, as client libraries do.
fn once_counted(count: u32) -> f64 {
    if count == 0 { STALE } else { f64::from(count) }
}

/// Reads counters; there are none while the container is down.
fn when_up(read: impl Fn(&Counts) -> f64 + 'static) -> Read {
    Box::new(move |sample| if sample.scrape == Scrape::Up { read(&sample.counts) } else { STALE })
}
