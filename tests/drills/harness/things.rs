//! Objects of any kind in a drill's namespace: read, changed and waited for.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};
use http::Method;
use serde_json::{Value, json};

use super::site::Site;
use crate::rig::{
    api::{Api, items},
    clock::eventually,
    traffic::Tally,
};

/// How long the cluster may take to follow: Flagger acts every ten seconds only.
const PATIENCE: Duration = Duration::from_secs(90);

const MERGE: &str = "application/merge-patch+json";
const JSON_PATCH: &str = "application/json-patch+json";

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Pod,
    Service,
    EndpointSlice,
    Deployment,
    StatefulSet,
    DaemonSet,
    ReplicaSet,
    ControllerRevision,
    Ingress,
    HttpRoute,
    VirtualService,
    DestinationRule,
    Rollout,
    AnalysisTemplate,
    AnalysisRun,
    Canary,
    MetricTemplate,
}

impl Thing {
    /// Every kind.
    pub(crate) const ALL: [Self; 17] = [
        Self::Pod,
        Self::Service,
        Self::EndpointSlice,
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::ReplicaSet,
        Self::ControllerRevision,
        Self::Ingress,
        Self::HttpRoute,
        Self::VirtualService,
        Self::DestinationRule,
        Self::Rollout,
        Self::AnalysisTemplate,
        Self::AnalysisRun,
        Self::Canary,
        Self::MetricTemplate,
    ];

    /// API and resource.
    const fn address(self) -> (&'static str, &'static str) {
        match self {
            Self::Pod => ("/api/v1", "pods"),
            Self::Service => ("/api/v1", "services"),
            Self::EndpointSlice => ("/apis/discovery.k8s.io/v1", "endpointslices"),
            Self::Deployment => ("/apis/apps/v1", "deployments"),
            Self::StatefulSet => ("/apis/apps/v1", "statefulsets"),
            Self::DaemonSet => ("/apis/apps/v1", "daemonsets"),
            Self::ReplicaSet => ("/apis/apps/v1", "replicasets"),
            Self::ControllerRevision => ("/apis/apps/v1", "controllerrevisions"),
            Self::Ingress => ("/apis/networking.k8s.io/v1", "ingresses"),
            Self::HttpRoute => ("/apis/gateway.networking.k8s.io/v1", "httproutes"),
            Self::VirtualService => ("/apis/networking.istio.io/v1alpha3", "virtualservices"),
            Self::DestinationRule => ("/apis/networking.istio.io/v1alpha3", "destinationrules"),
            Self::Rollout => ("/apis/argoproj.io/v1alpha1", "rollouts"),
            Self::AnalysisTemplate => ("/apis/argoproj.io/v1alpha1", "analysistemplates"),
            Self::AnalysisRun => ("/apis/argoproj.io/v1alpha1", "analysisruns"),
            Self::Canary => ("/apis/flagger.app/v1beta1", "canaries"),
            Self::MetricTemplate => ("/apis/flagger.app/v1beta1", "metrictemplates"),
        }
    }

    /// Path of one, with its subresource if it says so: `shop`, `shop/status`.
    pub(crate) fn path(self, namespace: &str, name: &str) -> String {
        let (api, resource) = self.address();
        format!("{api}/namespaces/{namespace}/{resource}/{name}")
    }
}

impl Site<'_> {
    /// The object as it is now.
    pub(crate) fn read(&self, thing: Thing, name: &str) -> Result<Value> {
        self.cluster.admin().get(&thing.path(&self.namespace, name))
    }

    /// Every object of the kind in the namespace.
    pub(crate) fn list(&self, thing: Thing) -> Result<Vec<Value>> {
        let (api, resource) = thing.address();
        let list = self.cluster.admin().get(&format!("{api}/namespaces/{}/{resource}", self.namespace))?;
        Ok(items(&list).to_vec())
    }

    /// Creates an object, as somebody else than the console's user.
    pub(crate) fn make(&self, thing: Thing, object: &Value) -> Result<Value> {
        let (api, resource) = thing.address();
        let mut object = object.clone();
        let kind = format!("{thing:?}").replace("Http", "HTTP");
        object["kind"] = json!(kind);
        object["apiVersion"] = json!(api.trim_start_matches("/apis/").trim_start_matches("/api/"));
        self.create(api, resource, &object)
    }

    /// Sends a merge patch, as somebody else. The name may carry a subresource: `shop/status`.
    pub(crate) fn change(&self, thing: Thing, name: &str, patch: &Value) -> Result<Value> {
        let object = thing.path(&self.namespace, name);
        self.cluster.admin().send(Method::PATCH, &object, MERGE, Some(patch))
    }

    /// Sends a JSON patch, as somebody else.
    pub(crate) fn edit(&self, thing: Thing, name: &str, operations: &Value) -> Result<Value> {
        let path = thing.path(&self.namespace, name);
        self.cluster.admin().send(Method::PATCH, &path, JSON_PATCH, Some(operations))
    }

    /// Deletes an object, as somebody else.
    pub(crate) fn delete(&self, thing: Thing, name: &str) -> Result<()> {
        let path = thing.path(&self.namespace, name);
        self.cluster.admin().send(Method::DELETE, &path, "application/json", None).map(drop)
    }

    /// Waits until the object is as wanted and returns it.
    pub(crate) fn await_thing(
        &self,
        thing: Thing,
        name: &str,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let mut last = Value::Null;
        eventually(&format!("{thing:?} {name} {what}"), PATIENCE, || {
            last = self.read(thing, name)?;
            Ok(wanted(&last).then(|| last.clone()))
        })
        .map_err(|error| error.wrap_err(format!("spec {}, status {}", last["spec"], last["status"])))
    }

    /// Waits until a Deployment has no pod left that is ready.
    pub(crate) fn await_pod_gone(&self, name: &str) -> Result<()> {
        let gone = |deployment: &Value| deployment["status"]["readyReplicas"].as_u64().unwrap_or(0) == 0;
        self.await_thing(Thing::Deployment, name, "has no ready pod", gone).map(drop)
    }

    /// Runs kubectl as the console's user, in the namespace, and returns what it prints.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let output = self.kubectl_command()?.args(arguments).output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "kubectl {}: {errors}", arguments.join(" "));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// What became of the requests in the namespace so far; two of them tell what happened between.
    pub(crate) fn tally(&self) -> Result<Tally> {
        Ok(self.cluster.traffic()?.tally(&self.namespace))
    }

    /// Waits until the traffic since `mark` is as wanted.
    pub(crate) fn await_traffic(
        &self,
        mark: &Tally,
        what: &str,
        wanted: impl Fn(&Tally) -> bool,
    ) -> Result<Tally> {
        let mut last = Tally::default();
        eventually(what, PATIENCE, || {
            last = self.tally()?.since(mark);
            Ok(wanted(&last).then(|| last.clone()))
        })
        .map_err(|error| error.wrap_err(format!("{last:?}")))
    }

    /// The admin's connection, for what has no helper here.
    pub(crate) fn admin(&self) -> &Api {
        self.cluster.admin()
    }
}

/// Lays `more` over `object`, maps into maps; anything else is replaced, null removes.
pub(crate) fn overlay(object: &mut Value, more: &Value) {
    match (object, more) {
        (Value::Object(object), Value::Object(more)) => {
            for (name, value) in more {
                if value.is_null() {
                    object.remove(name);
                } else {
                    overlay(object.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (object, more) => *object = more.clone(),
    }
}
