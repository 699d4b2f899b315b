//! The traffic model: what the metrics of real applications would say about the pods that live now.
//!
//! Requests arrive at Services and are shared by their ready endpoints, as the cluster reports them. A page in
//! the Prometheus text format shows each pod's counters with the labels that Kubernetes service discovery gives
//! (`namespace, pod, container, job, instance`). There is no `version` label: real applications have none.

mod behaviour;
mod endpoints;
mod page;
mod server;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use color_eyre::eyre::Result;
use serde_json::Value;

use self::{
    behaviour::{Behaviour, Dialect},
    endpoints::Endpoint,
    page::Counters,
};
use super::{api::Api, clock};

/// Annotation of a pod: the dialect of its metrics, one of `code`, `status` and `istio`.
pub(crate) const METRICS: &str = "rig.example.com/metrics";
/// Annotation of a Service: requests per second that arrive there.
pub(crate) const REQUESTS: &str = "rig.example.com/requests-per-second";

/// Time between two readings of the endpoints.
const PERIOD: Duration = Duration::from_millis(400);

/// The model, its page and its reader of endpoints.
#[derive(Clone)]
pub(crate) struct Traffic {
    world: Arc<Mutex<World>>,
    address: SocketAddr,
}

/// All pods that serve, and what they have counted.
struct World {
    pods: BTreeMap<String, Served>,
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
        let world = World { pods: BTreeMap::new(), set: BTreeMap::new(), counted: clock::now() };
        let world = Arc::new(Mutex::new(world));
        let address = server::start(Arc::clone(&world))?;
        Ok(Self { world, address })
    }

    /// Where the page is, `host:port`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Reads the endpoints of the cluster from now on. While they cannot be read traffic goes on as before.
    pub(crate) fn follow(&self, api: Api) {
        let world = Arc::downgrade(&self.world);
        std::thread::spawn(move || {
            let mut reader = endpoints::Reader::new(api);
            while let Some(world) = world.upgrade() {
                if let Ok(endpoints) = reader.read() {
                    lock(&world).replace(endpoints);
                }
                drop(world);
                std::thread::sleep(PERIOD);
            }
        });
    }
}

impl World {
    /// Counts up to now, then takes the new endpoints; those that are gone take their series with them.
    fn replace(&mut self, endpoints: BTreeMap<String, Endpoint>) {
        self.count();
        let mut before = std::mem::take(&mut self.pods);
        self.pods = endpoints
            .into_iter()
            .map(|(uid, endpoint)| {
                let counters = before.remove(&uid).map(|served| served.counters).unwrap_or_default();
                (uid, Served { endpoint, counters })
            })
            .collect();
    }

    /// Brings every counter up to now.
    fn count(&mut self) {
        let now = clock::now();
        let seconds = (now - self.counted).as_secs_f64();
        self.counted = now;
        for served in self.pods.values_mut() {
            let endpoint = &served.endpoint;
            let behaviour = self.set.get(&endpoint.namespace).copied();
            let behaviour = behaviour.unwrap_or_else(|| Behaviour::of_image(&endpoint.image));
            served.counters.add(endpoint.requests_per_second * seconds, behaviour);
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
