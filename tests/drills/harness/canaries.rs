//! Canaries of Flagger to drill on, with the gates that they ask.

use color_eyre::eyre::Result;
use serde_json::{Value, json};

use super::{
    routes,
    site::Site,
    things::{Thing, overlay},
    workload::Workload,
};
use crate::rig::{extensions::Extension, traffic::REQUESTS, webhooks::Answer};

/// What moves the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    /// An HTTP route, which Flagger makes itself.
    GatewayApi,
    /// The selector of a Service: no weights, iterations.
    Kubernetes,
    /// The Ingress of the Canary's name.
    Nginx,
}

/// The types of webhooks, which also name their gates.
pub(crate) const GATES: [&str; 5] =
    ["confirm-rollout", "rollout", "confirm-traffic-increase", "confirm-promotion", "rollback"];

/// A Canary and its target.
#[derive(Clone, Debug)]
pub(crate) struct Canary {
    pub(crate) workload: Workload,
    pub(crate) provider: Provider,
    /// Laid over `spec` last.
    more: Value,
    /// Its webhooks, and how long Flagger waits for each.
    hooks: (&'static [&'static str], &'static str),
}

impl Canary {
    /// Two replicas, a tick every 10 seconds (the least that Flagger takes), 20, 40, 60 %, or three iterations,
    /// no metrics, every gate open but that of the rollback.
    pub(crate) fn new(name: &str, tag: &str, provider: Provider) -> Self {
        let workload = Workload { replicas: 2, ..Workload::new(name, tag) };
        Self { workload, provider, more: json!({}), hooks: (&GATES, "10s") }
    }

    /// With these webhooks only, each with that timeout: a tick may last as long as all of them together.
    pub(crate) fn gates(mut self, kinds: &'static [&'static str], timeout: &'static str) -> Self {
        self.hooks = (kinds, timeout);
        self
    }

    /// With more in the spec, such as `{"analysis": {"threshold": 1}}`.
    pub(crate) fn spec(mut self, more: &Value) -> Self {
        overlay(&mut self.more, more);
        self
    }

    /// The Canary to create in the namespace of `site`.
    pub(crate) fn object(&self, site: &Site<'_>) -> Result<Value> {
        let name = &self.workload.name;
        let gates = self.webhooks(site)?;
        let mut analysis = json!({ "interval": "10s", "threshold": 3, "webhooks": gates });
        let mut service = json!({ "port": 80, "targetPort": 8080, "portDiscovery": false });
        let mut more = json!({});
        match self.provider {
            Provider::Kubernetes => {
                analysis["iterations"] = json!(3);
                let requests = self.workload.requests.to_string();
                service["apex"] = json!({ "annotations": { REQUESTS: requests } });
            }
            Provider::GatewayApi => {
                overlay(&mut analysis, &json!({ "stepWeight": 20, "maxWeight": 60 }));
                service["hosts"] = json!([format!("{name}.example.com")]);
                service["gatewayRefs"] = json!([{ "name": "gateway" }]);
            }
            Provider::Nginx => {
                overlay(&mut analysis, &json!({ "stepWeight": 20, "maxWeight": 60 }));
                more = json!({ "ingressRef": {
                    "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": name,
                } });
            }
        }
        let mut object = json!({
            "metadata": { "name": name },
            "spec": {
                "provider": self.provider.name(),
                "targetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": name },
                "progressDeadlineSeconds": 30,
                "service": service,
                "analysis": analysis,
            },
        });
        overlay(&mut object["spec"], &more);
        overlay(&mut object["spec"], &self.more);
        Ok(object)
    }

    fn webhooks(&self, site: &Site<'_>) -> Result<Vec<Value>> {
        let webhooks = site.cluster.webhooks()?;
        let gate = |kind: &str| {
            let url = webhooks.url(&site.gate(&self.workload.name, kind));
            json!({ "name": kind, "type": kind, "timeout": self.hooks.1, "url": url })
        };
        Ok(self.hooks.0.iter().copied().map(gate).collect())
    }
}

impl Provider {
    const fn name(self) -> &'static str {
        match self {
            Self::GatewayApi => "gatewayapi:v1",
            Self::Kubernetes => "kubernetes",
            Self::Nginx => "nginx",
        }
    }
}

impl Site<'_> {
    /// Creates the target, the Canary and its Ingress if it needs one, and waits until Flagger has set it up.
    pub(crate) fn deploy_canary(&self, canary: &Canary) -> Result<()> {
        self.cluster.extend(Extension::Flagger)?;
        let name = &canary.workload.name;
        self.make(Thing::Deployment, &canary.workload.deployment())?;
        if canary.provider == Provider::Nginx {
            self.make(Thing::Ingress, &routes::ingress(name, name))?;
        }
        self.make(Thing::Canary, &canary.object(self)?)?;
        self.await_canary(name, "Initialized")?;
        self.await_served()
    }

    /// Creates a metric of the Prometheus that scrapes the traffic model and returns what `analysis.metrics` says
    /// of it; `$NAMESPACE` in the query stands for the drill's. Good when not above the limit.
    pub(crate) fn metric_template(&self, name: &str, query: &str, max: f64) -> Result<Value> {
        let query = query.replace("$NAMESPACE", &self.namespace);
        let provider = json!({ "type": "prometheus", "address": self.cluster.prometheus()? });
        let spec = json!({ "provider": provider, "query": query });
        self.make(Thing::MetricTemplate, &json!({ "metadata": { "name": name }, "spec": spec }))?;
        Ok(json!({
            "name": name,
            "interval": "10s",
            "templateRef": { "name": name },
            "thresholdRange": { "max": max },
        }))
    }

    /// Waits until the Canary is in that phase, and returns it.
    pub(crate) fn await_canary(&self, name: &str, phase: &str) -> Result<Value> {
        let in_phase = |canary: &Value| canary["status"]["phase"] == phase;
        self.await_thing(Thing::Canary, name, &format!("is {phase}"), in_phase)
    }

    /// Waits until the Canary says that it has set this weight.
    pub(crate) fn await_canary_weight(&self, name: &str, weight: u32) -> Result<Value> {
        let at = |canary: &Value| canary["status"]["canaryWeight"] == weight;
        self.await_thing(Thing::Canary, name, &format!("is at {weight} %"), at)
    }

    /// Path of a Canary's gate on the webhook server; `kind` is one of [`GATES`].
    pub(crate) fn gate(&self, canary: &str, kind: &str) -> String {
        format!("/{}/{canary}/{kind}", self.namespace)
    }

    /// From now on a Canary's gate answers so.
    pub(crate) fn set_gate(&self, canary: &str, kind: &str, answer: Answer) -> Result<()> {
        self.cluster.webhooks()?.set(&self.gate(canary, kind), answer);
        Ok(())
    }

    /// How often a Canary's gate was asked.
    pub(crate) fn gate_calls(&self, canary: &str, kind: &str) -> Result<usize> {
        Ok(self.cluster.webhooks()?.calls(&self.gate(canary, kind)))
    }
}
