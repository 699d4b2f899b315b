//! How much load a Service has, and how it falls on its pods.

use serde_json::Value;

use super::{BUCKETS, Counts, Target};
use crate::sim::world::clock::{Time, in_seconds};
use crate::sim::world::kinds::Kind;
use crate::sim::world::pod::behaviour;
use crate::sim::world::random::{Random, fnv64, unit_from};
use crate::sim::world::selector::Selector;
use crate::sim::world::{World, json};

/// Annotation of a Service: requests per second, on average.
pub(crate) const RATE: &str = "simulator/requests-per-second";
/// Annotation of a Service: median latency in milliseconds.
pub(crate) const LATENCY: &str = "simulator/latency-milliseconds";
/// The load of a Service that says nothing.
const USUAL_RATE: f64 = 12.0;
/// The latency of a Service that says nothing, in milliseconds.
const USUAL_LATENCY: f64 = 40.0;
/// Deviation of the logarithm of latencies.
const SPREAD: f64 = 0.55;

/// A Service with its pods.
#[derive(Debug)]
pub(super) struct Route {
    rate: f64,
    latency: f64,
    phase: f64,
    pub(super) backends: Vec<Backend>,
}

/// A pod behind a Service.
#[derive(Debug)]
pub(super) struct Backend {
    pub(super) target: Target,
    /// Its containers run: it can be scraped.
    pub(super) up: bool,
    /// It is ready: it gets requests.
    ready: bool,
    service: behaviour::Service,
}

/// The Services that have load, with the pods that their selectors find.
pub(super) fn routes(world: &World) -> Vec<Route> {
    world
        .store
        .list(Kind::Service, None)
        .filter_map(|(key, service)| {
            let number =
                |annotation| json::annotation(service, annotation).and_then(|text| text.parse::<f64>().ok());
            let rate = number(RATE).unwrap_or(USUAL_RATE);
            let selector =
                service.pointer("/spec/selector").map(Selector::of_map).filter(|map| !map.is_empty())?;
            if rate <= 0.0 {
                return None;
            }
            let backends = world
                .store
                .list(Kind::Pod, Some(&key.namespace))
                .filter(|(_, pod)| {
                    selector.matches_labels(pod) && json::text(pod, "/status/phase") == "Running"
                })
                .map(|(_, pod)| backend(&key.name, service, pod))
                .collect();
            Some(Route {
                rate,
                latency: number(LATENCY).unwrap_or(USUAL_LATENCY) / 1000.0,
                phase: unit_from(fnv64(&key.name)) * std::f64::consts::TAU,
                backends,
            })
        })
        .collect()
}

fn backend(job: &str, service: &Value, pod: &Value) -> Backend {
    let image = json::text(pod, "/spec/containers/0/image");
    let up = json::items(pod, "/status/containerStatuses")
        .first()
        .is_some_and(|container| container.pointer("/state/running").is_some());
    let port = json::integer(service, "/spec/ports/0/targetPort").unwrap_or(8080);
    Backend {
        target: Target {
            uid: json::uid(pod).to_owned(),
            namespace: json::text(pod, "/metadata/namespace").to_owned(),
            pod: json::text(pod, "/metadata/name").to_owned(),
            container: json::text(pod, "/spec/containers/0/name").to_owned(),
            job: job.to_owned(),
            instance: format!("{}:{port}", json::text(pod, "/status/podIP")),
        },
        up,
        ready: up && json::holds(pod, "Ready") && !json::terminating(pod),
        service: behaviour::Service::of(image),
    }
}

impl Route {
    /// What each backend counts in the second that ends at `now`.
    pub(super) fn second(&self, now: Time, random: &mut Random) -> Vec<Counts> {
        let noise: Vec<f64> = self
            .backends
            .iter()
            .map(|backend| if backend.ready { random.between(0.9, 1.1) } else { 0.0 })
            .collect();
        let total: f64 = noise.iter().sum();
        let rate = self.rate * self.tide(now) * random.between(0.95, 1.05);
        let latency = self.latency * (1.0 + 0.6 * (self.tide(now) - 1.0));
        self.backends
            .iter()
            .zip(noise)
            .map(|(backend, part)| {
                let share = if total > 0.0 { part / total } else { 0.0 };
                serve(backend, rate * share, latency, random)
            })
            .collect()
    }

    /// The slow ups and downs of load, around 1.
    fn tide(&self, now: Time) -> f64 {
        let seconds = in_seconds(now - chrono::DateTime::UNIX_EPOCH) % 86_400.0;
        let hour = (std::f64::consts::TAU * seconds / 3_600.0 + self.phase).sin();
        let minutes = (std::f64::consts::TAU * seconds / 337.0 + 2.0 * self.phase).sin();
        1.0 + 0.12 * hour + 0.06 * minutes
    }
}

fn serve(backend: &Backend, rate: f64, latency: f64, random: &mut Random) -> Counts {
    let mut counts = Counts::default();
    if rate <= 0.0 {
        return counts;
    }
    let median = latency * backend.service.latency_factor * random.between(0.95, 1.05);
    let slices = bucket_shares(median);
    for _ in 0..random.round(rate) {
        counts.requests[outcome(backend.service.error_share, random)] += 1;
        let draw = random.unit();
        let slot = slices.iter().position(|upper| draw < *upper).unwrap_or(BUCKETS.len() - 1);
        counts.slots[slot] += 1;
        counts.microseconds += time_in(slot, random);
    }
    counts
}

/// Which of [`super::series::OUTCOMES`] a request has.
fn outcome(error_share: f64, random: &mut Random) -> usize {
    let draw = random.unit();
    let post = random.unit() < 0.3;
    match (draw < error_share, draw < error_share + 0.01, post) {
        (true, _, false) if random.unit() < 0.2 => 5,
        (true, _, false) => 3,
        (true, _, true) => 4,
        (false, true, _) => 2,
        (false, false, true) => 1,
        (false, false, false) => 0,
    }
}

/// For each bucket the share of requests that take no longer.
fn bucket_shares(median: f64) -> [f64; BUCKETS.len()] {
    BUCKETS.map(
        |(upper, _)| if upper.is_infinite() { 1.0 } else { normal_share((upper / median).ln() / SPREAD) },
    )
}

/// The normal distribution function, to three places (logistic approximation).
fn normal_share(deviations: f64) -> f64 {
    let argument = 0.070_565_992 * deviations.powi(3) + 1.597_6 * deviations;
    1.0 / (1.0 + (-argument).exp())
}

/// A time within the bucket at `slot`, in microseconds.
fn time_in(slot: usize, random: &mut Random) -> u64 {
    let lower = if slot == 0 { 0.001 } else { BUCKETS[slot - 1].0 };
    let upper = BUCKETS[slot].0.min(lower * 2.5 + 0.001);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and some seconds")]
    let microseconds = (random.between(lower, upper) * 1e6) as u64;
    microseconds
}
