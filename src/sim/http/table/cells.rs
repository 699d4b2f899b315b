//! The columns of each kind, with the readers of their cells.

use serde_json::{Value, json};

use super::age::{since, span};
use super::pods;
use crate::sim::world::clock::{self, Time};
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;

/// A column and how its cell is read.
pub(super) struct Column {
    /// Its heading.
    pub(super) name: &'static str,
    /// Only wide output shows it.
    pub(super) wide: bool,
    /// The cell of an object.
    pub(super) cell: fn(&Value, Time) -> Value,
}

impl Column {
    pub(super) const fn new(name: &'static str, cell: fn(&Value, Time) -> Value) -> Self {
        Self { name, wide: false, cell }
    }

    pub(super) const fn wide(name: &'static str, cell: fn(&Value, Time) -> Value) -> Self {
        Self { name, wide: true, cell }
    }

    /// The type that clients are told: numbers where all cells are.
    pub(super) fn type_name(&self) -> &'static str {
        if matches!(self.name, "Desired" | "Current") { "integer" } else { "string" }
    }
}

pub(super) const NAME: Column = Column::new("Name", |object, _| text(object, "/metadata/name"));
pub(super) const AGE: Column = Column::new("Age", |object, now| json!(age(object, now)));
const CONTAINERS: Column = Column::wide("Containers", |object, _| of_containers(object, "/name"));
const IMAGES: Column = Column::wide("Images", |object, _| of_containers(object, "/image"));
const SELECTOR: Column = Column::wide("Selector", |object, _| labels(object, "/spec/selector/matchLabels"));
const READY_OF_WANTED: Column = Column::new("Ready", |object, _| {
    let wanted = json::count(object, "/spec/replicas");
    json!(format!("{}/{wanted}", json::count(object, "/status/readyReplicas")))
});

const DEPLOYMENT: [Column; 8] = [
    NAME,
    READY_OF_WANTED,
    Column::new("Up-to-date", |object, _| count(object, "/status/updatedReplicas")),
    Column::new("Available", |object, _| count(object, "/status/availableReplicas")),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

const REPLICA_SET: [Column; 8] = [
    NAME,
    Column::new("Desired", |object, _| count(object, "/spec/replicas")),
    Column::new("Current", |object, _| count(object, "/status/replicas")),
    Column::new("Ready", |object, _| count(object, "/status/readyReplicas")),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

const STATEFUL_SET: [Column; 5] = [NAME, READY_OF_WANTED, AGE, CONTAINERS, IMAGES];

const DAEMON_SET: [Column; 11] = [
    NAME,
    Column::new("Desired", |object, _| count(object, "/status/desiredNumberScheduled")),
    Column::new("Current", |object, _| count(object, "/status/currentNumberScheduled")),
    Column::new("Ready", |object, _| count(object, "/status/numberReady")),
    Column::new("Up-to-date", |object, _| count(object, "/status/updatedNumberScheduled")),
    Column::new("Available", |object, _| count(object, "/status/numberAvailable")),
    Column::new("Node Selector", |object, _| labels(object, "/spec/template/spec/nodeSelector")),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

const JOB: [Column; 8] = [
    NAME,
    Column::new("Status", |object, _| {
        json!(if json::holds(object, "Complete") { "Complete" } else { "Running" })
    }),
    Column::new("Completions", |object, _| {
        let wanted = json::count(object, "/spec/completions");
        json!(format!("{}/{wanted}", json::count(object, "/status/succeeded")))
    }),
    Column::new("Duration", |object, now| json!(job_duration(object, now))),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

const SERVICE: [Column; 7] = [
    NAME,
    Column::new("Type", |object, _| text(object, "/spec/type")),
    Column::new("Cluster-IP", |object, _| text(object, "/spec/clusterIP")),
    Column::new("External-IP", |_, _| json!("<none>")),
    Column::new("Port(s)", |object, _| json!(ports(object))),
    AGE,
    Column::wide("Selector", |object, _| labels(object, "/spec/selector")),
];

const NAMESPACE: [Column; 3] = [NAME, Column::new("Status", |object, _| text(object, "/status/phase")), AGE];

const NODE: [Column; 5] = [
    NAME,
    Column::new("Status", |object, _| json!(if json::holds(object, "Ready") { "Ready" } else { "NotReady" })),
    Column::new("Roles", |_, _| json!("<none>")),
    AGE,
    Column::new("Version", |object, _| text(object, "/status/nodeInfo/kubeletVersion")),
];

const CONFIG_MAP: [Column; 3] = [NAME, Column::new("Data", |object, _| entries(object)), AGE];

const SECRET: [Column; 4] = [
    NAME,
    Column::new("Type", |object, _| text(object, "/type")),
    Column::new("Data", |object, _| entries(object)),
    AGE,
];

const EVENT: [Column; 6] = [
    Column::new("Last Seen", |object, now| json!(since(json::text(object, "/lastTimestamp"), now))),
    Column::new("Type", |object, _| text(object, "/type")),
    Column::new("Reason", |object, _| text(object, "/reason")),
    Column::new("Object", |object, _| {
        let name = json::text(object, "/involvedObject/name");
        json!(format!("{}/{name}", json::text(object, "/involvedObject/kind").to_lowercase()))
    }),
    Column::new("Message", |object, _| text(object, "/message")),
    Column::wide("Name", |object, _| text(object, "/metadata/name")),
];

const AUTOSCALER: [Column; 7] = [
    NAME,
    Column::new("Reference", |object, _| {
        let name = json::text(object, "/spec/scaleTargetRef/name");
        json!(format!("{}/{name}", json::text(object, "/spec/scaleTargetRef/kind")))
    }),
    Column::new("Targets", |object, _| json!(targets(object))),
    Column::new("MinPods", |object, _| json!(json::count(object, "/spec/minReplicas").to_string())),
    Column::new("MaxPods", |object, _| json!(json::count(object, "/spec/maxReplicas").to_string())),
    Column::new("Replicas", |object, _| json!(json::count(object, "/status/currentReplicas").to_string())),
    AGE,
];

const PLAIN: [Column; 2] = [NAME, AGE];

/// The columns of `kind`.
pub(super) fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Pod => &pods::COLUMNS,
        Kind::Deployment => &DEPLOYMENT,
        Kind::ReplicaSet => &REPLICA_SET,
        Kind::StatefulSet => &STATEFUL_SET,
        Kind::DaemonSet => &DAEMON_SET,
        Kind::Job => &JOB,
        Kind::Service => &SERVICE,
        Kind::Namespace => &NAMESPACE,
        Kind::Node => &NODE,
        Kind::ConfigMap => &CONFIG_MAP,
        Kind::Secret => &SECRET,
        Kind::Event => &EVENT,
        Kind::HorizontalPodAutoscaler => &AUTOSCALER,
        Kind::ServiceAccount
        | Kind::ResourceQuota
        | Kind::ControllerRevision
        | Kind::CronJob
        | Kind::EndpointSlice
        | Kind::Lease
        | Kind::PodDisruptionBudget
        | Kind::Ingress
        | Kind::HttpRoute => &PLAIN,
    }
}

/// The age of `object`, as kubectl writes it.
pub(super) fn age(object: &Value, now: Time) -> String {
    since(json::text(object, "/metadata/creationTimestamp"), now)
}

fn text(object: &Value, pointer: &str) -> Value {
    json!(json::text(object, pointer))
}

fn count(object: &Value, pointer: &str) -> Value {
    json!(json::count(object, pointer))
}

fn entries(object: &Value) -> Value {
    json!(json::members(object, "/data").count().to_string())
}

fn of_containers(object: &Value, field: &str) -> Value {
    let values: Vec<&str> = json::items(object, "/spec/template/spec/containers")
        .iter()
        .map(|container| json::text(container, field))
        .collect();
    json!(values.join(","))
}

fn labels(object: &Value, pointer: &str) -> Value {
    let pairs: Vec<String> = json::members(object, pointer)
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    if pairs.is_empty() { json!("<none>") } else { json!(pairs.join(",")) }
}

fn ports(object: &Value) -> String {
    let ports: Vec<String> = json::items(object, "/spec/ports")
        .iter()
        .map(|port| format!("{}/{}", json::count(port, "/port"), json::text(port, "/protocol")))
        .collect();
    ports.join(",")
}

fn job_duration(object: &Value, now: Time) -> String {
    let Some(start) = clock::parse(json::text(object, "/status/startTime")) else { return String::new() };
    span(clock::parse(json::text(object, "/status/completionTime")).unwrap_or(now) - start)
}

fn targets(object: &Value) -> String {
    let wanted = json::count(object, "/spec/metrics/0/resource/target/averageUtilization");
    match json::integer(object, "/status/currentMetrics/0/resource/current/averageUtilization") {
        Some(current) => format!("cpu: {current}%/{wanted}%"),
        None => format!("cpu: <unknown>/{wanted}%"),
    }
}
