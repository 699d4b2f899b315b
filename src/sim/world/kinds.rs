//! The one table of the kinds that the simulated API server knows: routes, discovery and messages derive from it.

/// A kind of object the simulator stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// core/v1 `Namespace`
    Namespace,
    /// core/v1 `Node`
    Node,
    /// core/v1 `Pod`
    Pod,
    /// core/v1 `Service`
    Service,
    /// core/v1 `ConfigMap`
    ConfigMap,
    /// core/v1 `Secret`
    Secret,
    /// core/v1 `ServiceAccount`
    ServiceAccount,
    /// core/v1 `ResourceQuota`
    ResourceQuota,
    /// core/v1 `Event`
    Event,
    /// apps/v1 `Deployment`
    Deployment,
    /// apps/v1 `ReplicaSet`
    ReplicaSet,
    /// apps/v1 `StatefulSet`
    StatefulSet,
    /// apps/v1 `DaemonSet`
    DaemonSet,
    /// apps/v1 `ControllerRevision`
    ControllerRevision,
    /// batch/v1 `Job`
    Job,
    /// batch/v1 `CronJob`
    CronJob,
    /// autoscaling/v2 `HorizontalPodAutoscaler`
    HorizontalPodAutoscaler,
    /// discovery.k8s.io/v1 `EndpointSlice`
    EndpointSlice,
    /// coordination.k8s.io/v1 `Lease`
    Lease,
    /// policy/v1 `PodDisruptionBudget`
    PodDisruptionBudget,
    /// networking.k8s.io/v1 `Ingress`
    Ingress,
    /// gateway.networking.k8s.io/v1 `HTTPRoute`
    HttpRoute,
}

/// How a kind is named and reached.
#[derive(Debug)]
pub(crate) struct Resource {
    /// The kind itself.
    pub(crate) kind: Kind,
    /// `Deployment`
    pub(crate) name: &'static str,
    /// `apps`; empty for the core group.
    pub(crate) group: &'static str,
    /// `v1`
    pub(crate) version: &'static str,
    /// `deployments`
    pub(crate) plural: &'static str,
    /// `deploy`; empty when there is none.
    pub(crate) short: &'static str,
    /// Whether objects live in a namespace.
    pub(crate) namespaced: bool,
    /// `status`, `scale`, `log`: what is served below an object.
    pub(crate) subresources: &'static [&'static str],
    /// Whether `kubectl get all` lists it.
    pub(crate) in_all: bool,
}

const fn resource(
    kind: Kind,
    name: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
) -> Resource {
    Resource {
        kind,
        name,
        group,
        version,
        plural,
        short: "",
        namespaced: true,
        subresources: &[],
        in_all: false,
    }
}

impl Resource {
    const fn short(mut self, short: &'static str) -> Self {
        self.short = short;
        self
    }

    const fn cluster_wide(mut self) -> Self {
        self.namespaced = false;
        self
    }

    const fn below(mut self, subresources: &'static [&'static str]) -> Self {
        self.subresources = subresources;
        self
    }

    const fn in_all(mut self) -> Self {
        self.in_all = true;
        self
    }

    /// `apps/v1`, or `v1` for the core group.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `deployments.apps`, or `pods`: how messages name it.
    pub(crate) fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `Deployment.apps`, or `Pod`: how validation messages name it.
    pub(crate) fn qualified_kind(&self) -> String {
        if self.group.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.name, self.group) }
    }

    /// `deployment`
    pub(crate) fn singular(&self) -> String {
        self.name.to_lowercase()
    }
}

const STATUS: &[&str] = &["status"];
const SCALED: &[&str] = &["status", "scale"];
const POD: &[&str] = &["status", "log"];

/// Every kind, in the order of discovery.
pub(crate) static RESOURCES: [Resource; 22] = [
    resource(Kind::ConfigMap, "ConfigMap", "", "v1", "configmaps").short("cm"),
    resource(Kind::Event, "Event", "", "v1", "events").short("ev"),
    resource(Kind::Namespace, "Namespace", "", "v1", "namespaces").short("ns").cluster_wide().below(STATUS),
    resource(Kind::Node, "Node", "", "v1", "nodes").short("no").cluster_wide().below(STATUS),
    resource(Kind::Pod, "Pod", "", "v1", "pods").short("po").below(POD).in_all(),
    resource(Kind::ResourceQuota, "ResourceQuota", "", "v1", "resourcequotas").short("quota").below(STATUS),
    resource(Kind::Secret, "Secret", "", "v1", "secrets"),
    resource(Kind::ServiceAccount, "ServiceAccount", "", "v1", "serviceaccounts").short("sa"),
    resource(Kind::Service, "Service", "", "v1", "services")
        .short("svc")
        .below(&["status", "proxy"])
        .in_all(),
    resource(Kind::ControllerRevision, "ControllerRevision", "apps", "v1", "controllerrevisions"),
    resource(Kind::DaemonSet, "DaemonSet", "apps", "v1", "daemonsets").short("ds").below(STATUS).in_all(),
    resource(Kind::Deployment, "Deployment", "apps", "v1", "deployments")
        .short("deploy")
        .below(SCALED)
        .in_all(),
    resource(Kind::ReplicaSet, "ReplicaSet", "apps", "v1", "replicasets").short("rs").below(SCALED).in_all(),
    resource(Kind::StatefulSet, "StatefulSet", "apps", "v1", "statefulsets")
        .short("sts")
        .below(SCALED)
        .in_all(),
    resource(
        Kind::HorizontalPodAutoscaler,
        "HorizontalPodAutoscaler",
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
    )
    .short("hpa")
    .below(STATUS)
    .in_all(),
    resource(Kind::CronJob, "CronJob", "batch", "v1", "cronjobs").short("cj").below(STATUS).in_all(),
    resource(Kind::Job, "Job", "batch", "v1", "jobs").below(STATUS).in_all(),
    resource(Kind::Lease, "Lease", "coordination.k8s.io", "v1", "leases"),
    resource(Kind::EndpointSlice, "EndpointSlice", "discovery.k8s.io", "v1", "endpointslices"),
    resource(Kind::HttpRoute, "HTTPRoute", "gateway.networking.k8s.io", "v1", "httproutes").below(STATUS),
    resource(Kind::Ingress, "Ingress", "networking.k8s.io", "v1", "ingresses").short("ing").below(STATUS),
    resource(Kind::PodDisruptionBudget, "PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets")
        .short("pdb")
        .below(STATUS),
];

impl Kind {
    /// The table row of this kind.
    pub(crate) fn resource(self) -> &'static Resource {
        RESOURCES.iter().find(|resource| resource.kind == self).unwrap_or(&RESOURCES[0])
    }

    /// The kind served at `group`/`version`/`plural`.
    pub(crate) fn at(group: &str, version: &str, plural: &str) -> Option<Self> {
        RESOURCES
            .iter()
            .find(|resource| {
                resource.group == group && resource.version == version && resource.plural == plural
            })
            .map(|resource| resource.kind)
    }

    /// The kind of that `name`, as an owner reference or involved object writes it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        RESOURCES.iter().find(|resource| resource.name == name).map(|resource| resource.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, RESOURCES};

    #[test]
    fn every_kind_has_its_own_row() {
        for resource in &RESOURCES {
            assert_eq!(resource.kind.resource().plural, resource.plural);
            assert_eq!(Kind::at(resource.group, resource.version, resource.plural), Some(resource.kind));
            assert_eq!(Kind::named(resource.name), Some(resource.kind));
        }
    }
}
