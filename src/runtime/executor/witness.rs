//! The journal's head in the cluster: one ConfigMap, one key for each session. It vouches for what the journal's file
//! alone cannot show: that nothing was cut off its end.

use serde_json::{Value, json};

use super::Adapters;
use crate::core::Receipt;
use crate::journal::anchor::{Anchor, CONFIG_MAP};
use crate::model::ids::{ActId, EntryHash, Name, Namespace, SessionId};
use crate::model::request::{Outcome, Request, RequestId, Resource, Write};
use crate::runtime::{ids, tasks};

/// Writes the head; creates the ConfigMap where it is absent.
pub(super) fn write(adapters: Adapters, namespace: Namespace, session: SessionId, head: (u64, EntryHash)) {
    tasks::spawn(async move {
        let (seq, hash) = head;
        let by = adapters.author.kube_user.clone();
        let anchor = Anchor { seq, head: hash, at: adapters.clock.now(), by };
        // plain data: this cannot fail
        let text = serde_json::to_string(&anchor).unwrap_or_default();
        let act = ActId::new(ids::fresh().nth(0));
        let id = |step| RequestId { act: act.clone(), step, attempt: 1 };
        let data = json!({ session.as_str(): text });
        let patch = request(&namespace, Write::MergePatch(json!({ "data": data })));
        let mut outcome = adapters.cluster.apply(&patch, &id(1)).await.outcome;
        if matches!(outcome, Outcome::Rejected { code: 404, .. }) {
            outcome = adapters.cluster.apply(&creation(&namespace, &data), &id(2)).await.outcome;
        }
        if matches!(outcome, Outcome::Rejected { code: 409, .. }) {
            // another console created it between the two
            outcome = adapters.cluster.apply(&patch, &id(3)).await.outcome;
        }
        adapters.inbox.receipt(Receipt::Anchored { seq, outcome });
    });
}

fn creation(namespace: &Namespace, data: &Value) -> Request {
    let body = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": CONFIG_MAP,
            "namespace": namespace,
            "labels": { "app.kubernetes.io/managed-by": "gonogo" },
        },
        "data": data,
    });
    request(namespace, Write::Create(body))
}

fn request(namespace: &Namespace, write: Write) -> Request {
    let resource = Resource {
        group: String::new(),
        version: "v1".into(),
        plural: "configmaps".into(),
        namespace: namespace.clone(),
        name: Name::from(CONFIG_MAP),
        subresource: String::new(),
    };
    Request { resource, write }
}
