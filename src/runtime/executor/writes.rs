//! Requests that change something, and their rehearsals.

use serde_json::json;
use tokio::time::Instant;

use super::Adapters;
use crate::cluster;
use crate::core::Receipt;
use crate::core::sheet::SheetId;
use crate::model::ids::{ActId, Name};
use crate::model::request::{Outcome, Request, RequestId, Resource, Write};
use crate::model::target::Target;
use crate::model::text::Text;
use crate::runtime::{ids, tasks};

/// Sends a request, once.
pub(super) fn apply(adapters: Adapters, id: RequestId, request: Request) {
    tasks::spawn(async move {
        let began = Instant::now();
        let receipt = adapters.cluster.apply(&request, &id).await;
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(%id, outcome = ?receipt.outcome, millis, "request answered");
        let cluster::Receipt { outcome, object } = receipt;
        adapters.inbox.receipt(Receipt::Answered { id, outcome, object, millis });
    });
}

/// Sends a request with `dryRun=All`.
pub(super) fn dry_run(adapters: Adapters, sheet: SheetId, request: Request) {
    tasks::spawn(async move {
        let outcome = adapters.cluster.dry_run(&request).await.outcome;
        adapters.inbox.receipt(Receipt::DryRun { sheet, outcome });
    });
}

/// Puts an act on the record of the cluster itself, as an Event on its workload.
pub(super) fn second_sink(adapters: Adapters, target: Target, text: Text) {
    tasks::spawn(async move {
        let stamp = ids::fresh().nth(0);
        let request = event(&adapters, &target, &text, &stamp).await;
        let id = RequestId { act: ActId::new(stamp), step: 1, attempt: 1 };
        let outcome = adapters.cluster.apply(&request, &id).await.outcome;
        if !matches!(outcome, Outcome::Applied { .. }) {
            tracing::error!(?outcome, %target, %text, "an act could be recorded nowhere");
        }
    });
}

/// An Event (core/v1); without the workload's uid it is still found by name.
async fn event(adapters: &Adapters, target: &Target, text: &Text, stamp: &str) -> Request {
    let row = target.kind.row();
    let now = adapters.clock.now();
    let uid = adapters.cluster.workload(target).await.map(|workload| workload.uid().to_string()).ok();
    let name = format!("{}.gonogo-{stamp}", target.name);
    let body = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": { "name": name, "namespace": target.namespace },
        "involvedObject": {
            "apiVersion": row.api_version(),
            "kind": row.name,
            "namespace": target.namespace,
            "name": target.name,
            "uid": uid,
        },
        "reason": "GonogoAct",
        "message": format!("{text} (by {}, whose journal could not be written)", adapters.author.kube_user),
        "type": "Normal",
        "source": { "component": "gonogo" },
        "firstTimestamp": now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "lastTimestamp": now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "count": 1,
    });
    let resource = Resource {
        group: String::new(),
        version: "v1".into(),
        plural: "events".into(),
        namespace: target.namespace.clone(),
        name: Name::new(name),
        subresource: String::new(),
    };
    Request { resource, write: Write::Create(body) }
}
