//! The defaults that the API server fills in: a stored object never depends on what a client left out.

use serde_json::{Value, json};

use crate::sim::world::json;
use crate::sim::world::kinds::Kind;

/// Fills in what `object` of `kind` leaves out.
pub(super) fn fill(kind: Kind, object: &mut Value) {
    match kind {
        Kind::Deployment => deployment(object),
        Kind::StatefulSet => {
            json::default(object, &["spec", "replicas"], 1);
            json::default(object, &["spec", "podManagementPolicy"], "OrderedReady");
            revisioned(object);
        }
        Kind::DaemonSet => revisioned(object),
        Kind::ReplicaSet => {
            json::default(object, &["spec", "replicas"], 1);
            pod_template(object, "Always");
        }
        Kind::Job => {
            json::default(object, &["spec", "completions"], 1);
            json::default(object, &["spec", "parallelism"], 1);
            json::default(object, &["spec", "backoffLimit"], 6);
            pod_template(object, "Never");
        }
        Kind::Pod => {
            if let Some(spec) = object.get_mut("spec") {
                pod_spec(spec, "Always");
            }
            json::default(object, &["status", "phase"], "Pending");
        }
        Kind::Service => service(object),
        Kind::Namespace => namespace(object),
        Kind::Node
        | Kind::ConfigMap
        | Kind::Secret
        | Kind::ServiceAccount
        | Kind::ResourceQuota
        | Kind::Event
        | Kind::ControllerRevision
        | Kind::CronJob
        | Kind::HorizontalPodAutoscaler
        | Kind::EndpointSlice
        | Kind::Lease
        | Kind::PodDisruptionBudget
        | Kind::Ingress
        | Kind::HttpRoute => {}
    }
}

fn namespace(object: &mut Value) {
    let name = json::text(object, "/metadata/name").to_owned();
    json::set(object, &["metadata", "labels", "kubernetes.io/metadata.name"], name);
    json::default(object, &["spec"], json!({"finalizers": ["kubernetes"]}));
    json::default(object, &["status"], json!({"phase": "Active"}));
}

/// What StatefulSets and DaemonSets share.
fn revisioned(object: &mut Value) {
    json::default(object, &["spec", "updateStrategy", "type"], "RollingUpdate");
    json::default(object, &["spec", "revisionHistoryLimit"], 10);
    pod_template(object, "Always");
}

fn deployment(object: &mut Value) {
    json::default(object, &["spec", "replicas"], 1);
    json::default(object, &["spec", "progressDeadlineSeconds"], 600);
    json::default(object, &["spec", "revisionHistoryLimit"], 10);
    json::default(object, &["spec", "strategy", "type"], "RollingUpdate");
    if json::text(object, "/spec/strategy/type") == "RollingUpdate" {
        json::default(object, &["spec", "strategy", "rollingUpdate", "maxSurge"], "25%");
        json::default(object, &["spec", "strategy", "rollingUpdate", "maxUnavailable"], "25%");
    }
    if json::integer(object, "/spec/minReadySeconds") == Some(0) {
        json::remove(object, &["spec", "minReadySeconds"]);
    }
    if object.pointer("/spec/paused") == Some(&Value::Bool(false)) {
        json::remove(object, &["spec", "paused"]);
    }
    pod_template(object, "Always");
}

fn pod_template(object: &mut Value, restart: &str) {
    if let Some(spec) = object.pointer_mut("/spec/template/spec") {
        pod_spec(spec, restart);
    }
    if let Some(metadata) = object.pointer_mut("/spec/template/metadata") {
        json::remove(metadata, &["creationTimestamp"]);
    }
}

fn pod_spec(spec: &mut Value, restart: &str) {
    json::default(spec, &["dnsPolicy"], "ClusterFirst");
    json::default(spec, &["restartPolicy"], restart);
    json::default(spec, &["schedulerName"], "default-scheduler");
    json::default(spec, &["securityContext"], json!({}));
    json::default(spec, &["terminationGracePeriodSeconds"], 30);
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let latest =
                !json::text(container, "/image").rsplit('/').next().unwrap_or_default().contains(':');
            json::default(container, &["imagePullPolicy"], if latest { "Always" } else { "IfNotPresent" });
            json::default(container, &["resources"], json!({}));
            json::default(container, &["terminationMessagePath"], "/dev/termination-log");
            json::default(container, &["terminationMessagePolicy"], "File");
            for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
                json::default(port, &["protocol"], "TCP");
            }
        }
    }
}

fn service(object: &mut Value) {
    json::default(object, &["spec", "type"], "ClusterIP");
    json::default(object, &["spec", "sessionAffinity"], "None");
    json::default(object, &["spec", "internalTrafficPolicy"], "Cluster");
    json::default(object, &["spec", "ipFamilies"], json!(["IPv4"]));
    json::default(object, &["spec", "ipFamilyPolicy"], "SingleStack");
    json::default(object, &["status"], json!({"loadBalancer": {}}));
    for port in object.pointer_mut("/spec/ports").and_then(Value::as_array_mut).into_iter().flatten() {
        json::default(port, &["protocol"], "TCP");
        let number = port.get("port").cloned().unwrap_or_default();
        json::default(port, &["targetPort"], number);
    }
}
