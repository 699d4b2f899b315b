//! Deployments to drill on.

use serde_json::{Value, json};

use crate::rig::{
    stages::READY_AFTER,
    traffic::{METRICS, REQUESTS},
};

/// A Deployment behind a Service of the same name.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) name: String,
    /// Tag of the image; its words decide what becomes of the pods.
    pub(crate) tag: String,
    pub(crate) replicas: u32,
    /// How long a pod takes to become ready, as a Go duration.
    pub(crate) ready_after: String,
    /// Dialect of the metrics: `code`, `status` or `istio`.
    pub(crate) metrics: String,
    /// Requests per second to the Service.
    pub(crate) requests: u32,
    /// Seconds without progress after which Kubernetes gives up.
    pub(crate) progress_deadline: u32,
}

impl Workload {
    /// Three quick replicas.
    pub(crate) fn new(name: &str, tag: &str) -> Self {
        Self {
            name: name.to_owned(),
            tag: tag.to_owned(),
            replicas: 3,
            ready_after: "700ms".to_owned(),
            metrics: "code".to_owned(),
            requests: 100,
            progress_deadline: 600,
        }
    }

    /// The image with `tag`.
    pub(crate) fn image(&self, tag: &str) -> String {
        format!("registry.example.com/{}:{tag}", self.name)
    }

    /// The Deployment to create.
    pub(crate) fn deployment(&self) -> Value {
        let labels = json!({ "app": self.name });
        json!({
            "metadata": { "name": self.name, "labels": labels },
            "spec": {
                "replicas": self.replicas,
                "progressDeadlineSeconds": self.progress_deadline,
                "selector": { "matchLabels": labels },
                "template": {
                    "metadata": {
                        "labels": labels,
                        "annotations": { READY_AFTER: self.ready_after, METRICS: self.metrics },
                    },
                    "spec": { "containers": [{ "name": "app", "image": self.image(&self.tag) }] },
                },
            },
        })
    }

    /// The Service to create.
    pub(crate) fn service(&self) -> Value {
        json!({
            "metadata": { "name": self.name, "annotations": { REQUESTS: self.requests.to_string() } },
            "spec": { "selector": { "app": self.name }, "ports": [{ "port": 80, "targetPort": 8080 }] },
        })
    }
}
