//! The users of the simulated services: how many requests each ready pod gets, and how they end.
//!
//! Once a second every Service's load is split over its ready endpoints; what each pod counted is kept for an hour,
//! as a Prometheus that scrapes each second would have it.

mod load;
mod series;

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::World;
use super::clock::Time;
use super::random::Random;
use load::Route;
pub(crate) use series::{BUCKETS, Matcher, Series, Target};
use series::{Counts, PodSeries};

/// How often counters are sampled.
const INTERVAL: TimeDelta = TimeDelta::seconds(1);
/// How long samples are kept, in samples.
const KEPT: usize = 3_600;

/// Load and counters of all pods that serve.
#[derive(Debug)]
pub(crate) struct Traffic {
    random: Random,
    next: Option<Time>,
    routes: Vec<Route>,
    /// The store's revision that `routes` were read at.
    routed: u64,
    pods: BTreeMap<String, PodSeries>,
}

impl Traffic {
    /// No traffic until [`Traffic::start`].
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Random::new(!seed), next: None, routes: Vec::new(), routed: 0, pods: BTreeMap::new() }
    }

    /// Lets requests flow from `time` on.
    pub(crate) fn start(&mut self, time: Time) {
        self.next = Some(time);
    }

    /// When the next sample is due.
    pub(super) fn next_sample(&self) -> Option<Time> {
        self.next
    }

    /// The series that satisfy `matchers`, with their samples after `from` and up to `to`.
    pub(crate) fn select(&self, matchers: &[Matcher], from: Time, to: Time) -> Vec<Series> {
        self.pods.values().flat_map(|pod| pod.select(matchers, from, to)).collect()
    }
}

/// Counts one second of requests.
pub(super) fn sample(world: &mut World) {
    let now = world.now;
    let revision = world.store.revision();
    if world.traffic.routed != revision {
        world.traffic.routes = load::routes(world);
        world.traffic.routed = revision;
        world.traffic.end_absent(now);
    }
    let traffic = &mut world.traffic;
    for route in &traffic.routes {
        let counted = route.second(now, &mut traffic.random);
        for (backend, counts) in route.backends.iter().zip(counted) {
            let series = traffic
                .pods
                .entry(backend.target.uid.clone())
                .or_insert_with(|| PodSeries::new(backend.target.clone()));
            series.push(now, backend.up, &counts);
        }
    }
    traffic.next = Some(now + INTERVAL);
    if now.timestamp() % 60 == 0 {
        traffic.pods.retain(|_, series| !series.is_older_than(now - TimeDelta::hours(1)));
    }
}

impl Traffic {
    /// Ends the series of pods that no route knows any more.
    fn end_absent(&mut self, now: Time) {
        for (uid, series) in &mut self.pods {
            let served = self
                .routes
                .iter()
                .any(|route| route.backends.iter().any(|backend| &backend.target.uid == uid));
            if !served {
                series.end(now);
            }
        }
    }
}
