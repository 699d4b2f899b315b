//! The stop's latch in the cluster: one ConfigMap in each namespace, one key for each workload and candidate.

use serde_json::{Value, json};

use super::Adapters;
use crate::core::Receipt;
use crate::model::ids::{ActId, Name, Namespace};
use crate::model::observation::Latch;
use crate::model::request::{Outcome, Request, RequestId, Resource, Write};
use crate::runtime::{ids, tasks};

/// Name of the ConfigMap.
const NAME: &str = "gonogo-stop";

/// Sets a latch or takes it away; creates the ConfigMap where it is absent.
pub(super) fn write(adapters: Adapters, namespace: Namespace, latch: Latch, set: bool) {
    tasks::spawn(async move {
        let act = ActId::new(ids::fresh().nth(0));
        let id = |step| RequestId { act: act.clone(), step, attempt: 1 };
        let value = if set { value(&latch) } else { Value::Null };
        let patch = request(&namespace, Write::MergePatch(json!({ "data": { key(&latch): value } })));
        let mut outcome = adapters.cluster.apply(&patch, &id(1)).await.outcome;
        if set && matches!(outcome, Outcome::Rejected { code: 404, .. }) {
            outcome = adapters.cluster.apply(&creation(&namespace, &latch), &id(2)).await.outcome;
        }
        if matches!(outcome, Outcome::Rejected { code: 409, .. }) {
            // another console created it between the two
            outcome = adapters.cluster.apply(&patch, &id(3)).await.outcome;
        }
        adapters.inbox.receipt(Receipt::LatchWritten { latch, outcome });
    });
}

fn key(latch: &Latch) -> String {
    format!("{}.{}", latch.uid, latch.hash)
}

fn value(latch: &Latch) -> Value {
    Value::String(json!({ "by": latch.by, "at": latch.at }).to_string())
}

fn creation(namespace: &Namespace, latch: &Latch) -> Request {
    let body = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": NAME,
            "namespace": namespace,
            "labels": { "app.kubernetes.io/managed-by": "gonogo" },
        },
        "data": { key(latch): value(latch) },
    });
    request(namespace, Write::Create(body))
}

fn request(namespace: &Namespace, write: Write) -> Request {
    let resource = Resource {
        group: String::new(),
        version: "v1".into(),
        plural: "configmaps".into(),
        namespace: namespace.clone(),
        name: Name::from(NAME),
        subresource: String::new(),
    };
    Request { resource, write }
}
