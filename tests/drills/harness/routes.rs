//! Services, Ingresses, HTTP routes and virtual services, and the pairs of Deployments that they choose between.

use color_eyre::eyre::Result;
use serde_json::{Value, json};

use super::{
    site::Site,
    things::{Thing, overlay},
    workload::Workload,
};
use crate::rig::{extensions::Extension, traffic::REQUESTS};

/// A Service; with a number it is one that requests arrive at.
pub(crate) fn service(name: &str, selector: &Value, requests: Option<u32>) -> Value {
    let annotations = requests.map_or(json!({}), |requests| json!({ REQUESTS: requests.to_string() }));
    json!({
        "metadata": { "name": name, "annotations": annotations },
        "spec": { "selector": selector, "ports": [{ "name": "http", "port": 80, "targetPort": 8080 }] },
    })
}

/// An nginx Ingress for `NAME.example.com`.
pub(crate) fn ingress(name: &str, service: &str) -> Value {
    let backend = json!({ "service": { "name": service, "port": { "number": 80 } } });
    json!({
        "metadata": { "name": name },
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{
                "host": format!("{name}.example.com"),
                "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] },
            }],
        },
    })
}

/// A canary Ingress beside the one of `name`, with further annotations of nginx, such as `canary-weight`.
pub(crate) fn canary_ingress(name: &str, service: &str, annotations: &[(&str, &str)]) -> Value {
    let mut object = ingress(name, service);
    object["metadata"]["name"] = json!(format!("{name}-canary"));
    for (annotation, value) in [("canary", "true")].iter().chain(annotations) {
        object["metadata"]["annotations"][format!("nginx.ingress.kubernetes.io/{annotation}")] = json!(value);
    }
    object
}

/// An HTTP route with one rule and these Services and weights.
pub(crate) fn http_route(name: &str, backends: [(&str, u32); 2]) -> Value {
    let backends = backends.map(|(name, weight)| json!({ "name": name, "port": 80, "weight": weight }));
    json!({
        "metadata": { "name": name },
        "spec": {
            "parentRefs": [{ "name": "gateway" }],
            "hostnames": [format!("{name}.example.com")],
            "rules": [{ "backendRefs": backends }],
        },
    })
}

/// A virtual service with the route `primary`: everything to the first host.
pub(crate) fn virtual_service(name: &str, hosts: [&str; 2]) -> Value {
    let [stable, canary] = hosts.map(|host| json!({ "host": host }));
    virtual_service_to(name, [stable, canary])
}

/// A virtual service and a destination rule for the subsets `stable` and `canary` of one Service.
pub(crate) fn subsets(name: &str) -> [Value; 2] {
    let subset = |subset: &str| json!({ "name": subset, "labels": { "app": name } });
    let service = virtual_service_to(
        name,
        ["stable", "canary"].map(|subset| json!({ "host": name, "subset": subset })),
    );
    let rule = json!({
        "metadata": { "name": name },
        "spec": { "host": name, "subsets": [subset("stable"), subset("canary")] },
    });
    [service, rule]
}

fn virtual_service_to(name: &str, [stable, canary]: [Value; 2]) -> Value {
    json!({
        "metadata": { "name": name },
        "spec": {
            "hosts": [format!("{name}.example.com")],
            "http": [{
                "name": "primary",
                "route": [
                    { "destination": stable, "weight": 100 },
                    { "destination": canary, "weight": 0 },
                ],
            }],
        },
    })
}

/// Two Deployments of one application, told apart by the label `version`.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    /// The application.
    pub(crate) name: String,
    /// Value of `version`, which also ends the Deployment's name, and the image's tag.
    pub(crate) sides: [(String, String); 2],
    pub(crate) replicas: u32,
    pub(crate) requests: u32,
}

impl Pair {
    /// `blue` with the first tag and `green` with the second, three replicas each.
    pub(crate) fn colours(name: &str, blue: &str, green: &str) -> Self {
        Self::new(name, [("blue", blue), ("green", green)])
    }

    /// `stable` with the first tag and `canary` with the second, three replicas each.
    pub(crate) fn canary(name: &str, stable: &str, canary: &str) -> Self {
        Self::new(name, [("stable", stable), ("canary", canary)])
    }

    fn new(name: &str, sides: [(&str, &str); 2]) -> Self {
        let sides = sides.map(|(version, tag)| (version.to_owned(), tag.to_owned()));
        Self { name: name.to_owned(), sides, replicas: 3, requests: 100 }
    }

    /// The selector of one side.
    pub(crate) fn selector(&self, version: &str) -> Value {
        json!({ "app": self.name, "version": version })
    }

    /// Name of one side's Deployment, and of its Service if it has one.
    pub(crate) fn side(&self, version: &str) -> String {
        format!("{}-{version}", self.name)
    }

    fn deployment(&self, version: &str, tag: &str) -> Value {
        let workload = Workload { replicas: self.replicas, ..Workload::new(&self.name, tag) };
        let labels = self.selector(version);
        let mut object = workload.deployment();
        overlay(
            &mut object,
            &json!({
                "metadata": { "name": self.side(version), "labels": labels },
                "spec": {
                    "selector": { "matchLabels": labels },
                    "template": { "metadata": { "labels": labels } },
                },
            }),
        );
        object
    }
}

impl Site<'_> {
    /// Creates both Deployments and waits until they are complete.
    pub(crate) fn deploy_pair(&self, pair: &Pair) -> Result<()> {
        for (version, tag) in &pair.sides {
            self.make(Thing::Deployment, &pair.deployment(version, tag))?;
        }
        for (version, _) in &pair.sides {
            self.await_complete(&pair.side(version))?;
        }
        Ok(())
    }

    /// Both Deployments behind one Service of the pair's name, whose selector chooses the first.
    pub(crate) fn deploy_behind_selector(&self, pair: &Pair) -> Result<()> {
        self.deploy_pair(pair)?;
        let selector = pair.selector(&pair.sides[0].0);
        self.make(Thing::Service, &service(&pair.name, &selector, Some(pair.requests)))?;
        self.await_served()
    }

    /// Both Deployments behind Services of their own, and an HTTP route of the pair's name that sends everything
    /// to the first.
    pub(crate) fn deploy_behind_route(&self, pair: &Pair) -> Result<()> {
        self.cluster.extend(Extension::Gateway)?;
        let [stable, canary] = self.deploy_with_services(pair)?;
        self.make(Thing::HttpRoute, &http_route(&pair.name, [(&stable, 100), (&canary, 0)]))?;
        self.await_served()
    }

    /// Both Deployments behind Services of their own, and nginx Ingresses: the pair's name and the same with
    /// `-canary`, whose weight is 0.
    pub(crate) fn deploy_behind_ingress(&self, pair: &Pair) -> Result<()> {
        let [stable, canary] = self.deploy_with_services(pair)?;
        self.make(Thing::Ingress, &ingress(&pair.name, &stable))?;
        self.make(Thing::Ingress, &canary_ingress(&pair.name, &canary, &[("canary-weight", "0")]))?;
        self.await_served()
    }

    /// Both Deployments behind Services of their own, and a virtual service of the pair's name that sends
    /// everything to the first.
    pub(crate) fn deploy_behind_mesh(&self, pair: &Pair) -> Result<()> {
        self.cluster.extend(Extension::Istio)?;
        let [stable, canary] = self.deploy_with_services(pair)?;
        self.make(Thing::VirtualService, &virtual_service(&pair.name, [&stable, &canary]))?;
        self.await_served()
    }

    fn deploy_with_services(&self, pair: &Pair) -> Result<[String; 2]> {
        self.deploy_pair(pair)?;
        for (version, _) in &pair.sides {
            let object = service(&pair.side(version), &pair.selector(version), None);
            self.make(Thing::Service, &object)?;
        }
        Ok([pair.side(&pair.sides[0].0), pair.side(&pair.sides[1].0)])
    }

    /// Waits until requests arrive in the namespace and all of them are served.
    pub(crate) fn await_served(&self) -> Result<()> {
        let mut mark = self.tally()?;
        crate::rig::clock::eventually("all requests are served", std::time::Duration::from_secs(30), || {
            let seen = self.tally()?;
            let between = seen.since(&mark);
            mark = seen;
            Ok((between.arrived > 0.0 && between.unserved <= 0.0).then_some(()))
        })
    }
}
