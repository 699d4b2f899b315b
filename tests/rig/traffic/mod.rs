//! The traffic model: what the metrics of real applications would say about the pods that live now.
//!
//! Requests arrive at Ingresses, HTTP routes, virtual services and Services, which share them out as their live
//! objects say, down to the ready endpoints that the cluster reports. Those that find no ready endpoint are
//! counted apart. A page in the Prometheus text format shows each pod's counters with the labels that Kubernetes
//! service discovery gives (`namespace, pod, container, job, instance`). There is no `version` label: real
//! applications have none.

mod behaviour;
mod endpoints;
mod fronts;
mod objects;
mod page;
mod server;
mod tally;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use color_eyre::eyre::Result;
use serde_json::Value;

pub(crate) use self::tally::Tally;
use self::{
    behaviour::{Behaviour, Dialect},
    endpoints::{Endpoint, Flow, Routing},
    objects::{Key, Objects},
    page::Counters,
};
use super::{api::Api, clock};

/// Annotation of a pod: the dialect of its metrics, one of `code`, `status` and `istio`.
pub(crate) const METRICS: &str = "rig.example.com/metrics";
/// Annotation of an Ingress, a route, a virtual service or a Service: requests per second that arrive there. A
/// Service without it gets only what such a front sends; such a front without it gets what its Services say, or
/// else a hundred.
pub(crate) const REQUESTS: &str = "rig.example.com/requests-per-second";
/// Annotation of a front: share of the requests that carry the header or cookie of testers, 0 to 1.
pub(crate) const MARKED: &str = "rig.example.com/marked-share";

/// Changes that come closer together than this count as one.
const MOMENT: Duration = Duration::from_millis(10);

/// The model and its page.
#[derive(Clone)]
pub(crate) struct Traffic {
    world: Arc<Mutex<World>>,
    address: SocketAddr,
}

/// All pods that serve, and what they have counted.
struct World {
    objects: Objects,
    /// Whether the objects have changed since requests were last shared out.
    changed: bool,
    /// Time that changes are given to gather: short, but no burden where there are very many pods.
    moment: Duration,
    flows: BTreeMap<Key, Flow>,
    pods: BTreeMap<String, Served>,
    /// By namespace.
    tallies: BTreeMap<String, Tally>,
    /// Behaviours set by hand, by namespace; they win over the image's.
    set: BTreeMap<String, Behaviour>,
    counted: Instant,
}

/// One pod that serves.
struct Served {
    endpoint: Endpoint,
    counters: Counters,
}

impl Traffic {
    /// Opens the page; it is empty until [`Traffic::follow`].
    pub(crate) fn new() -> Result<Self> {
        let world = World {
            objects: Objects::default(),
            changed: false,
            moment: MOMENT,
            flows: BTreeMap::new(),
            pods: BTreeMap::new(),
            tallies: BTreeMap::new(),
            set: BTreeMap::new(),
            counted: clock::now(),
        };
        let world = Arc::new(Mutex::new(world));
        let address = server::start(Arc::clone(&world))?;
        Ok(Self { world, address })
    }

    /// Where the page is, `host:port`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Follows the cluster from now on. While it cannot be read traffic goes on as before.
    pub(crate) fn follow(&self, api: &Api) {
        objects::follow(self, api);
    }

    /// What became of the requests of a namespace so far.
    pub(crate) fn tally(&self, namespace: &str) -> Tally {
        let mut world = lock(&self.world);
        world.count();
        world.tallies.get(namespace).cloned().unwrap_or_default()
    }

    /// Counts up to now, then lets the objects change.
    fn change(&self, change: impl FnOnce(&mut Objects)) {
        let mut world = lock(&self.world);
        if world.counted.elapsed() >= world.moment {
            world.count();
        }
        change(&mut world.objects);
        world.changed = true;
    }
}

impl World {
    /// Shares the requests out anew; pods that are gone take their series with them.
    fn route(&mut self) {
        let start = clock::now();
        let routing = Routing::of(&self.objects);
        self.flows = routing.flows;
        let mut before = std::mem::take(&mut self.pods);
        let serve = |(uid, mut endpoint): (String, Endpoint)| {
            let known = before.remove(&uid);
            let counters = known.as_ref().map(|served| served.counters).unwrap_or_default();
            if let Some(known) = known {
                // A pod's series keep their names, whatever other Service finds it later.
                endpoint.service = known.endpoint.service;
            }
            (uid, Served { endpoint, counters })
        };
        self.pods = routing.endpoints.into_iter().map(serve).collect();
        self.changed = false;
        self.moment = MOMENT.max(start.elapsed() * 10);
    }

    /// Brings every counter up to now.
    fn count(&mut self) {
        if self.changed {
            self.route();
        }
        let now = clock::now();
        let seconds = (now - self.counted).as_secs_f64();
        self.counted = now;
        for served in self.pods.values_mut() {
            let endpoint = &served.endpoint;
            let behaviour = self.set.get(&endpoint.namespace).copied();
            let behaviour = behaviour.unwrap_or_else(|| Behaviour::of_image(&endpoint.image));
            let requests = endpoint.requests_per_second * seconds;
            served.counters.add(requests, behaviour);
            if requests > 0.0 {
                let tally = self.tallies.entry(endpoint.namespace.clone()).or_default();
                tally.errors += requests * behaviour.errors;
                *tally.by_image.entry(endpoint.image.clone()).or_default() += requests;
            }
        }
        self.count_flows(seconds);
    }

    fn count_flows(&mut self, seconds: f64) {
        const ALL: f64 = 0.999;
        let mut lacking: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for ((namespace, _), flow) in self.flows.iter().filter(|(_, flow)| flow.arriving > 0.0) {
            let tally = self.tallies.entry(namespace.clone()).or_default();
            tally.arrived += flow.arriving * seconds;
            tally.unserved += flow.unserved * seconds;
            let (some, all) = lacking.entry(namespace).or_default();
            *some |= flow.unserved > 0.0;
            *all |= flow.unserved >= flow.arriving * ALL;
        }
        for (namespace, (some, all)) in lacking {
            let tally = self.tallies.entry(namespace.to_owned()).or_default();
            tally.impaired += if some { seconds } else { 0.0 };
            tally.outage += if all { seconds } else { 0.0 };
        }
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A string of the object, empty where it is none.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A count as a number to divide by.
fn precise(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
