//! Who serves now, from the cluster's own `EndpointSlices`, and how many requests each gets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Dialect, METRICS,
    fronts::{self, Front, Target},
    objects::{Key, Kind, Objects},
    precise, text,
};

/// Requests per second at a front that does not say.
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

/// The requests that arrive somewhere, per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Flow {
    pub(super) arriving: f64,
    /// Those that no ready endpoint is there for.
    pub(super) unserved: f64,
}

/// Where all requests go now.
#[derive(Default)]
pub(super) struct Routing {
    /// All ready pods behind Services, by uid.
    pub(super) endpoints: BTreeMap<String, Endpoint>,
    /// By namespace and front.
    pub(super) flows: BTreeMap<Key, Flow>,
}

impl Routing {
    /// Follows every request of the live objects.
    pub(super) fn of(objects: &Objects) -> Self {
        let mut routing = Self::default();
        let ready = routing.read_endpoints(objects);
        let mut fronts = fronts::all(objects);
        fronts.extend(plain_services(objects, &fronts));
        for front in fronts {
            routing.share(&front, &ready, objects);
        }
        routing
    }

    /// Takes in every ready pod, and returns the pods of each Service. A pod behind two Services gets the
    /// requests of both.
    fn read_endpoints(&mut self, objects: &Objects) -> BTreeMap<Key, BTreeSet<String>> {
        let mut ready: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
        for ((namespace, _), slice) in objects.of(Kind::EndpointSlice) {
            let service = text(&slice["metadata"]["labels"]["kubernetes.io/service-name"]);
            let pods = ready.entry((namespace.clone(), service.clone())).or_default();
            for (uid, name) in ready_pods(slice) {
                let Some(pod) = objects.one(Kind::Pod, namespace, &name) else { continue };
                self.endpoints
                    .entry(uid.clone())
                    .or_insert_with(|| endpoint(pod, namespace, &name, &service));
                pods.insert(uid);
            }
        }
        ready
    }

    fn share(&mut self, front: &Front, ready: &BTreeMap<Key, BTreeSet<String>>, objects: &Objects) {
        let rate = front.rate.or_else(|| rate_of_services(front, objects)).unwrap_or(DEFAULT_REQUESTS);
        let mut flow = Flow { arriving: rate, unserved: 0.0 };
        for (share, target) in &front.shares {
            let pods = self.pods(target, ready, objects);
            if pods.is_empty() {
                flow.unserved += rate * share;
            }
            let each = rate * share / precise(pods.len().max(1));
            for uid in pods {
                if let Some(endpoint) = self.endpoints.get_mut(&uid) {
                    endpoint.requests_per_second += each;
                }
            }
        }
        self.flows.insert((front.namespace.clone(), front.name.clone()), flow);
    }

    /// The ready pods of a target.
    fn pods(
        &self,
        target: &Target,
        ready: &BTreeMap<Key, BTreeSet<String>>,
        objects: &Objects,
    ) -> Vec<String> {
        let pods = target.service.as_ref().and_then(|service| ready.get(service));
        let labelled = |uid: &&String| {
            target.labels.is_empty()
                || self.endpoints.get(*uid).is_some_and(|endpoint| {
                    objects.one(Kind::Pod, &endpoint.namespace, &endpoint.pod).is_some_and(|pod| {
                        let labels = &pod["metadata"]["labels"];
                        target.labels.iter().all(|(name, value)| labels[name] == **value)
                    })
                })
        };
        pods.into_iter().flatten().filter(labelled).cloned().collect()
    }
}

/// Services that say how much arrives there and that no other front stands before.
fn plain_services(objects: &Objects, fronts: &[Front]) -> Vec<Front> {
    let captured: BTreeSet<&Key> = fronts.iter().flat_map(|front| &front.captured).collect();
    let plain = objects.of(Kind::Service).filter(|(key, _)| !captured.contains(key));
    let front = |(key, service): (&Key, &Value)| {
        let target = Target { service: Some(key.clone()), labels: BTreeMap::new() };
        Some(Front {
            namespace: key.0.clone(),
            name: format!("service/{}", key.1),
            rate: Some(fronts::rate(service)?),
            shares: vec![(1.0, target)],
            captured: Vec::new(),
        })
    };
    plain.filter_map(front).collect()
}

/// What a front's Services say: the largest, since a rollout spreads one stream over several of them.
fn rate_of_services(front: &Front, objects: &Objects) -> Option<f64> {
    let service = |key: &Key| objects.one(Kind::Service, &key.0, &key.1).and_then(fronts::rate);
    front.captured.iter().filter_map(service).reduce(f64::max)
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

fn endpoint(pod: &Value, namespace: &str, name: &str, service: &str) -> Endpoint {
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
        requests_per_second: 0.0,
    }
}
