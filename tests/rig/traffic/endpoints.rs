//! Who serves now, from the cluster's own `EndpointSlices`, and how many requests each gets.

use std::collections::BTreeMap;

use color_eyre::eyre::Result;
use serde_json::Value;

use super::{Dialect, METRICS, REQUESTS, text};
use crate::rig::api::{Api, items};

/// Requests per second to a Service that does not say.
const DEFAULT_REQUESTS: f64 = 100.0;

/// A ready pod behind a Service.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) namespace: String,
    pub(super) pod: String,
    pub(super) container: String,
    /// The images of all its containers.
    pub(super) image: String,
    pub(super) service: String,
    pub(super) address: String,
    pub(super) dialect: Dialect,
    pub(super) requests_per_second: f64,
}

/// Reads endpoints; remembers of each pod what does not change.
pub(super) struct Reader {
    api: Api,
    pods: BTreeMap<String, Value>,
}

impl Reader {
    pub(super) fn new(api: Api) -> Self {
        Self { api, pods: BTreeMap::new() }
    }

    /// All ready pods behind Services, by uid. A pod behind two Services gets the requests of both.
    pub(super) fn read(&mut self) -> Result<BTreeMap<String, Endpoint>> {
        // From the server's cache: cheap, and as stale as what every other component sees.
        let slices = self.api.get("/apis/discovery.k8s.io/v1/endpointslices?resourceVersion=0")?;
        let services = self.api.get("/api/v1/services?resourceVersion=0")?;
        let rates = rates(&services);
        let mut found = BTreeMap::new();
        let mut pods = BTreeMap::new();
        for slice in items(&slices) {
            let namespace = text(&slice["metadata"]["namespace"]);
            let service = text(&slice["metadata"]["labels"]["kubernetes.io/service-name"]);
            let ready = ready_pods(slice);
            let rate = rates.get(&(namespace.clone(), service.clone())).copied();
            let rate = rate.unwrap_or(DEFAULT_REQUESTS) / precise(ready.len());
            for (uid, name) in ready {
                let Some(pod) = self.pod(&namespace, &uid, &name) else { continue };
                let endpoint = endpoint(&pod, &namespace, &name, &service, rate);
                pods.insert(uid.clone(), pod);
                found
                    .entry(uid)
                    .and_modify(|known: &mut Endpoint| known.requests_per_second += rate)
                    .or_insert(endpoint);
            }
        }
        self.pods = pods;
        Ok(found)
    }

    fn pod(&self, namespace: &str, uid: &str, name: &str) -> Option<Value> {
        let read = || self.api.get(&format!("/api/v1/namespaces/{namespace}/pods/{name}")).ok();
        self.pods.get(uid).cloned().or_else(read)
    }
}

/// Requests per second that arrive at each Service that says so.
fn rates(services: &Value) -> BTreeMap<(String, String), f64> {
    items(services)
        .iter()
        .filter_map(|service| {
            let metadata = &service["metadata"];
            let rate = metadata["annotations"][REQUESTS].as_str()?.parse().ok()?;
            Some(((text(&metadata["namespace"]), text(&metadata["name"])), rate))
        })
        .collect()
}

/// Uid and name of the pods that the slice calls ready.
fn ready_pods(slice: &Value) -> Vec<(String, String)> {
    let endpoints = slice["endpoints"].as_array().map_or(&[][..], Vec::as_slice);
    endpoints
        .iter()
        .filter(|endpoint| endpoint["conditions"]["ready"] == true && endpoint["targetRef"]["kind"] == "Pod")
        .map(|endpoint| (text(&endpoint["targetRef"]["uid"]), text(&endpoint["targetRef"]["name"])))
        .collect()
}

fn endpoint(pod: &Value, namespace: &str, name: &str, service: &str, rate: f64) -> Endpoint {
    let containers = pod["spec"]["containers"].as_array().map_or(&[][..], Vec::as_slice);
    let images: Vec<_> = containers.iter().map(|container| text(&container["image"])).collect();
    Endpoint {
        namespace: namespace.to_owned(),
        pod: name.to_owned(),
        container: containers.first().map(|container| text(&container["name"])).unwrap_or_default(),
        image: images.join(" "),
        service: service.to_owned(),
        address: text(&pod["status"]["podIP"]),
        dialect: Dialect::of_annotation(pod["metadata"]["annotations"][METRICS].as_str()),
        requests_per_second: rate,
    }
}

/// A count of pods as a number to divide by.
fn precise(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
