//! The DaemonSet controller, as far as a set needs it to have one pod on each node and to roll them one at a time.

use serde_json::{Value, json};

use super::World;
use super::events::{self, Note, Reporter, Severity};
use super::json;
use super::kinds::Kind;
use super::pod;
use super::replicate::{Maker, create_pod, pods_of};
use super::statefulset::{REVISION_HASH, ensure_revision};
use super::store::Key;

/// Reconciles the DaemonSet with `key`.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    let Some(object) = world.store.get(key).cloned() else { return };
    let revision = ensure_revision(world, key, &object);
    let hash = revision.rsplit('-').next().unwrap_or_default().to_owned();
    let nodes: Vec<String> = world.store.list(Kind::Node, None).map(|(node, _)| node.name.clone()).collect();
    let pods = pods_of(world, &key.namespace, json::uid(&object));
    for node in &nodes {
        let served = pods.active.iter().any(|pod| json::text(pod, "/spec/nodeName") == node);
        if !served {
            create_on(world, key, &object, node, &hash);
        }
    }
    let all_ready = pods.active.iter().all(|pod| json::holds(pod, "Ready"));
    let outdated = pods.active.iter().find(|pod| json::label(pod, REVISION_HASH) != Some(hash.as_str()));
    let on_delete = json::text(&object, "/spec/updateStrategy/type") == "OnDelete";
    if let Some(outdated) = outdated.filter(|_| all_ready && pods.leaving == 0 && !on_delete) {
        pod::begin_termination(world, &Key::of(Kind::Pod, outdated));
    }
    report(world, key, &object, nodes.len(), &hash);
}

fn create_on(world: &mut World, key: &Key, object: &Value, node: &str, hash: &str) {
    let name = format!("{}-{}", key.name, world.random.suffix());
    let labels = [(REVISION_HASH, hash), ("pod-template-generation", "1")];
    let (severity, reason, message) =
        match create_pod(world, Maker { owner: key, object }, &name, &labels, Some(node)) {
            Ok(_) => (Severity::Normal, "SuccessfulCreate", format!("Created pod: {name}")),
            Err(refusal) => (Severity::Warning, "FailedCreate", format!("Error creating: {refusal}")),
        };
    events::record(
        world,
        key,
        Note { severity, reporter: Reporter::DaemonSetController, reason, message: &message },
    );
}

fn report(world: &mut World, key: &Key, object: &Value, nodes: usize, hash: &str) {
    let pods = pods_of(world, &key.namespace, json::uid(object)).active;
    let ready = pods.iter().filter(|pod| json::holds(pod, "Ready")).count();
    let updated = pods.iter().filter(|pod| json::label(pod, REVISION_HASH) == Some(hash)).count();
    world.modify(key, |set| {
        let generation = json::count(set, "/metadata/generation");
        json::set(
            set,
            &["status"],
            json!({
                "observedGeneration": generation,
                "currentNumberScheduled": pods.len(),
                "desiredNumberScheduled": nodes,
                "numberMisscheduled": 0,
                "numberReady": ready,
                "numberAvailable": ready,
                "numberUnavailable": nodes.saturating_sub(ready),
                "updatedNumberScheduled": updated,
            }),
        );
        if ready >= nodes {
            json::remove(set, &["status", "numberUnavailable"]);
        }
    });
}
