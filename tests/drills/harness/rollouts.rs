//! Rollouts of Argo to drill on, with the Services and routers that they work through, and their analyses.

use color_eyre::eyre::Result;
use serde_json::{Value, json};

use super::{
    routes,
    site::Site,
    things::{Thing, overlay},
    workload::Workload,
};
use crate::rig::extensions::Extension;

/// A Rollout and what stands around it.
#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    pub(crate) workload: Workload,
    /// `spec.strategy`.
    strategy: Value,
    /// Laid over `spec` last.
    more: Value,
    companions: Vec<(Thing, Value)>,
}

/// Half of the traffic, a pause without end, then all of it.
fn steps() -> Value {
    json!([{ "setWeight": 50 }, { "pause": {} }])
}

impl Rollout {
    /// A canary by pods alone, behind one Service of its name: 50 %, pause, all.
    pub(crate) fn canary(name: &str, tag: &str) -> Self {
        let workload = Workload { replicas: 4, ..Workload::new(name, tag) };
        let companions = vec![(Thing::Service, workload.service())];
        let strategy = json!({ "canary": { "steps": steps() } });
        Self { workload, strategy, more: json!({}), companions }
    }

    /// A canary through the nginx Ingress of its name; Services `NAME-stable` and `NAME-canary`.
    pub(crate) fn nginx(name: &str, tag: &str) -> Self {
        let ingress = (Thing::Ingress, routes::ingress(name, &format!("{name}-stable")));
        let router = json!({ "nginx": { "stableIngress": name } });
        Self::routed(name, tag, &router, vec![ingress])
    }

    /// A canary through the virtual service of its name, by the hosts `NAME-stable` and `NAME-canary`.
    pub(crate) fn istio(name: &str, tag: &str) -> Self {
        let service = routes::virtual_service(name, [&format!("{name}-stable"), &format!("{name}-canary")]);
        let router = json!({ "istio": { "virtualService": { "name": name, "routes": ["primary"] } } });
        Self::routed(name, tag, &router, vec![(Thing::VirtualService, service)])
    }

    /// A canary through the virtual service and the destination rule of its name, by the subsets `stable` and
    /// `canary` of one Service of its name.
    pub(crate) fn istio_subsets(name: &str, tag: &str) -> Self {
        let mut rollout = Self::canary(name, tag);
        rollout.strategy["canary"]["trafficRouting"] = json!({ "istio": {
            "virtualService": { "name": name, "routes": ["primary"] },
            "destinationRule": { "name": name, "stableSubsetName": "stable", "canarySubsetName": "canary" },
        } });
        let [service, rule] = routes::subsets(name);
        rollout.companions.extend([(Thing::VirtualService, service), (Thing::DestinationRule, rule)]);
        rollout
    }

    /// Blue-green by Services `NAME-active`, which gets the requests, and `NAME-preview`; promoted by hand.
    pub(crate) fn blue_green(name: &str, tag: &str) -> Self {
        let workload = Workload { replicas: 4, ..Workload::new(name, tag) };
        let (active, preview) = (format!("{name}-active"), format!("{name}-preview"));
        let strategy = json!({ "blueGreen": {
            "activeService": active,
            "previewService": preview,
            "autoPromotionEnabled": false,
        } });
        let companions = vec![
            (Thing::Service, routes::service(&active, &json!({ "app": name }), Some(workload.requests))),
            (Thing::Service, routes::service(&preview, &json!({ "app": name }), None)),
        ];
        Self { workload, strategy, more: json!({}), companions }
    }

    fn routed(name: &str, tag: &str, router: &Value, mut companions: Vec<(Thing, Value)>) -> Self {
        let workload = Workload { replicas: 4, ..Workload::new(name, tag) };
        let [stable, canary] = ["stable", "canary"].map(|part| format!("{name}-{part}"));
        for service in [&stable, &canary] {
            companions.push((Thing::Service, routes::service(service, &json!({ "app": name }), None)));
        }
        let strategy = json!({ "canary": {
            "stableService": stable,
            "canaryService": canary,
            "trafficRouting": router,
            "steps": steps(),
        } });
        Self { workload, strategy, more: json!({}), companions }
    }

    /// With other steps.
    pub(crate) fn steps(mut self, steps: &Value) -> Self {
        self.strategy["canary"]["steps"] = steps.clone();
        self
    }

    /// With more in the strategy, such as `{"prePromotionAnalysis": …}`.
    pub(crate) fn strategy(mut self, more: &Value) -> Self {
        let kind = if self.strategy["canary"].is_object() { "canary" } else { "blueGreen" };
        overlay(&mut self.strategy[kind], more);
        self
    }

    /// With more in the spec, such as `{"progressDeadlineSeconds": 12}`.
    pub(crate) fn spec(mut self, more: &Value) -> Self {
        overlay(&mut self.more, more);
        self
    }

    /// With that many replicas.
    pub(crate) fn replicas(mut self, replicas: u32) -> Self {
        self.workload.replicas = replicas;
        self
    }

    /// The Rollout to create.
    pub(crate) fn object(&self) -> Value {
        let mut object = self.workload.deployment();
        object["spec"]["strategy"] = self.strategy.clone();
        overlay(&mut object["spec"], &self.more);
        object
    }
}

impl Site<'_> {
    /// Creates the Rollout and all around it, and waits until it is healthy.
    pub(crate) fn roll_out(&self, rollout: &Rollout) -> Result<()> {
        self.cluster.extend(Extension::ArgoRollouts)?;
        for (thing, object) in &rollout.companions {
            self.make(*thing, object)?;
        }
        self.make(Thing::Rollout, &rollout.object())?;
        self.await_rollout(&rollout.workload.name, "Healthy").map(drop)
    }

    /// Changes the image of the Rollout's only container, as a pipeline does.
    pub(crate) fn set_rollout_image(&self, rollout: &Rollout, tag: &str) -> Result<()> {
        let image = rollout.workload.image(tag);
        let place = "/spec/template/spec/containers/0/image";
        let patch = json!([{ "op": "replace", "path": place, "value": image }]);
        self.edit(Thing::Rollout, &rollout.workload.name, &patch).map(drop)
    }

    /// Waits until the Rollout is observed and in that phase, and returns it.
    pub(crate) fn await_rollout(&self, name: &str, phase: &str) -> Result<Value> {
        self.await_thing(Thing::Rollout, name, &format!("is {phase}"), |rollout| {
            let generation = rollout["metadata"]["generation"].to_string();
            rollout["status"]["observedGeneration"] == generation && rollout["status"]["phase"] == phase
        })
    }

    /// Sets a new image and waits for the Rollout's first pause.
    pub(crate) fn release_to_pause(&self, rollout: &Rollout, tag: &str) -> Result<Value> {
        self.set_rollout_image(rollout, tag)?;
        self.await_rollout(&rollout.workload.name, "Paused")
    }

    /// Creates an analysis template with one metric: measured every second, `count` times (without end if none).
    pub(crate) fn analysis_template(
        &self,
        name: &str,
        measure: &Measure<'_>,
        count: Option<u32>,
    ) -> Result<()> {
        self.cluster.extend(Extension::ArgoRollouts)?;
        let mut metric = json!({
            "name": name,
            "interval": "1s",
            "failureLimit": 2,
            "successCondition": measure.condition(),
            "provider": measure.provider(self)?,
        });
        if let Some(count) = count {
            metric["count"] = json!(count);
        }
        let template = json!({ "metadata": { "name": name }, "spec": { "metrics": [metric] } });
        self.make(Thing::AnalysisTemplate, &template).map(drop)
    }
}

/// What an analysis measures, and what is good.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measure<'a> {
    /// A query to the Prometheus that scrapes the traffic model; `$NAMESPACE` stands for the drill's. Good when
    /// below the limit.
    Prometheus { query: &'a str, below: f64 },
    /// `{"value": N}` of a path of the webhook server, which a drill sets. Good when below the limit.
    Web { path: &'a str, below: f64 },
}

impl Measure<'_> {
    fn condition(&self) -> String {
        match self {
            Self::Prometheus { below, .. } => format!("result[0] < {below}"),
            Self::Web { below, .. } => format!("result < {below}"),
        }
    }

    fn provider(&self, site: &Site<'_>) -> Result<Value> {
        match self {
            Self::Prometheus { query, .. } => {
                let query = query.replace("$NAMESPACE", &site.namespace);
                Ok(json!({ "prometheus": { "address": site.cluster.prometheus()?, "query": query } }))
            }
            Self::Web { path, .. } => {
                let url = site.cluster.webhooks()?.url(path);
                Ok(json!({ "web": { "url": url, "jsonPath": "{$.value}" } }))
            }
        }
    }
}
