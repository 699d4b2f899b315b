//! A namespace full of pods of a realistic size: two containers with probes, environment, limits and volumes, about
//! 9 kB of JSON each as the server keeps them.

use std::time::Duration;

use color_eyre::eyre::{Result, eyre};
use http::Method;
use serde_json::{Value, json};

use super::course::precise;
use crate::{
    harness::cluster::Cluster,
    rig::{
        api::{Api, items},
        clock,
        clock::eventually,
    },
};

/// How long ten thousand pods may take to become ready, on two cores.
const PATIENCE: Duration = Duration::from_mins(20);
/// The workloads that share the pods.
const WORKLOADS: [&str; 10] = [
    "billing",
    "catalog",
    "checkout",
    "gateway",
    "inventory",
    "login",
    "orders",
    "quotes",
    "search",
    "wallet",
];
/// Where the template puts the pods: without work for the scheduler.
const NODES: u32 = 5;

/// Pods of one namespace.
pub(super) struct Crowd {
    pub(super) namespace: &'static str,
    /// How many there are.
    pub(super) pods: usize,
    /// The last one in the server's order.
    pub(super) last: String,
}

impl Crowd {
    /// Makes the namespace hold exactly so many pods, all of them ready, in up to ten workloads.
    pub(super) fn of(
        cluster: &Cluster,
        namespace: &'static str,
        pods: usize,
        workloads: usize,
    ) -> Result<Self> {
        let (admin, start) = (cluster.admin(), clock::now());
        // it may be there from the load before
        let _ = admin.create("/api/v1/namespaces", &json!({ "metadata": { "name": namespace } }));
        for (index, name) in WORKLOADS.iter().take(workloads).enumerate() {
            let share = pods / workloads + usize::from(index < pods % workloads);
            scale(admin, namespace, name, share, index)?;
        }
        let ready = || {
            let list = admin.get(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"))?;
            let count = |field: &str| -> u64 {
                items(&list).iter().filter_map(|item| item["status"][field].as_u64()).sum()
            };
            Ok((count("readyReplicas") == pods as u64 && count("replicas") == pods as u64).then_some(()))
        };
        eventually(&format!("{pods} pods are ready in {namespace}"), PATIENCE, ready)?;
        let (mut names, mut bytes) = (Vec::new(), 0);
        eventually("pods that were scaled away are gone", PATIENCE, || {
            (names, bytes) = listed(admin, namespace)?;
            Ok((names.len() == pods).then_some(()))
        })?;
        println!(
            "{pods} pods of {:.1} kB in {namespace} after {:.0} s",
            precise(bytes as u64) / 1000.0,
            start.elapsed().as_secs_f32()
        );
        let last = names.into_iter().max().ok_or_else(|| eyre!("no pods in {namespace}"))?;
        Ok(Self { namespace, pods, last })
    }
}

/// Names of all pods, and the size of one in bytes.
pub(super) fn listed(admin: &Api, namespace: &str) -> Result<(Vec<String>, usize)> {
    let (mut names, mut bytes, mut token) = (Vec::new(), 0, String::new());
    loop {
        let page = admin.get(&format!("/api/v1/namespaces/{namespace}/pods?limit=500&continue={token}"))?;
        names.extend(
            items(&page).iter().filter_map(|pod| pod["metadata"]["name"].as_str().map(str::to_owned)),
        );
        bytes = items(&page).first().map_or(bytes, |pod| pod.to_string().len());
        page["metadata"]["continue"].as_str().unwrap_or_default().clone_into(&mut token);
        if token.is_empty() {
            return Ok((names, bytes));
        }
    }
}

fn scale(admin: &Api, namespace: &str, name: &str, replicas: usize, index: usize) -> Result<()> {
    let deployments = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
    let one = format!("{deployments}/{name}");
    if admin.get(&one).is_err() {
        return admin.create(&deployments, &deployment(namespace, name, replicas, index)).map(drop);
    }
    let patch = json!({ "spec": { "replicas": replicas } });
    admin.send(Method::PATCH, &one, "application/merge-patch+json", Some(&patch)).map(drop)
}

fn deployment(namespace: &str, name: &str, replicas: usize, index: usize) -> Value {
    let node = u32::try_from(index).unwrap_or_default() % NODES + 1;
    json!({
        "metadata": { "name": name, "labels": { "app": name } },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": {
                    "labels": {
                        "app": name,
                        "app.kubernetes.io/name": name,
                        "app.kubernetes.io/part-of": "shop",
                        "app.kubernetes.io/component": "backend",
                        "example.com/team": "storefront",
                    },
                    "annotations": {
                        "example.com/config-digest":
                            "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
                        "prometheus.io/scrape": "true",
                        "prometheus.io/port": "9102",
                    },
                },
                "spec": {
                    "nodeName": format!("node-{node}"),
                    "terminationGracePeriodSeconds": 1,
                    "securityContext": { "runAsNonRoot": true, "runAsUser": 10_001, "fsGroup": 10_001 },
                    "containers": [application(namespace, name), sidecar(namespace)],
                    "volumes": [
                        { "name": "settings", "configMap": { "name": format!("{name}-settings") } },
                        { "name": "scratch", "emptyDir": {} },
                        { "name": "mesh", "emptyDir": { "medium": "Memory" } },
                    ],
                },
            },
        },
    })
}

fn application(namespace: &str, name: &str) -> Value {
    json!({
        "name": "app",
        "image": format!("registry.example.com/shop/{name}:4.17.2"),
        "ports": [{ "name": "http", "containerPort": 8080 }, { "name": "metrics", "containerPort": 9102 }],
        "env": [
            { "name": "LOG_LEVEL", "value": "info" },
            { "name": "REGION", "value": "eu-west-3" },
            { "name": "DATABASE_HOST", "value": format!("{name}-db.{namespace}.svc.cluster.local") },
            { "name": "CACHE_URL", "value": format!("redis://cache.{namespace}.svc.cluster.local:6379/2") },
            { "name": "TRACES", "value": "http://collector.tracing.svc.cluster.local:4317" },
            { "name": "POD_NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
            { "name": "DATABASE_PASSWORD",
              "valueFrom": { "secretKeyRef": { "name": format!("{name}-db"), "key": "password" } } },
        ],
        "resources": {
            "requests": { "cpu": "150m", "memory": "192Mi" },
            "limits": { "cpu": "1", "memory": "384Mi" },
        },
        "readinessProbe": probe("/ready", 8080, 10),
        "livenessProbe": probe("/live", 8080, 20),
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": { "drop": ["ALL"] },
        },
        "volumeMounts": [
            { "name": "settings", "mountPath": "/etc/app", "readOnly": true },
            { "name": "scratch", "mountPath": "/tmp" },
        ],
    })
}

fn sidecar(namespace: &str) -> Value {
    json!({
        "name": "mesh",
        "image": "registry.example.com/mesh/proxy:2.9.0",
        "args": ["proxy", "--domain", format!("{namespace}.svc.cluster.local"), "--log-level", "warning"],
        "ports": [{ "name": "admin", "containerPort": 15_000 }],
        "env": [
            { "name": "POD_NAMESPACE", "valueFrom": { "fieldRef": { "fieldPath": "metadata.namespace" } } },
            { "name": "POD_IP", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } },
        ],
        "resources": {
            "requests": { "cpu": "20m", "memory": "48Mi" },
            "limits": { "cpu": "500m", "memory": "256Mi" },
        },
        "readinessProbe": probe("/healthz/ready", 15_021, 15),
        "volumeMounts": [{ "name": "mesh", "mountPath": "/var/lib/mesh" }],
    })
}

fn probe(path: &str, port: u16, period: u32) -> Value {
    json!({
        "httpGet": { "path": path, "port": port },
        "initialDelaySeconds": 5,
        "periodSeconds": period,
        "timeoutSeconds": 2,
    })
}
