//! The scheduler: a node with room for what the pod requests, or the reason why there is none.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sim::world::World;
use crate::sim::world::clock::stamp;
use crate::sim::world::events::{self, Note, Reporter, Severity};
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::quota::{quantity, requested};
use crate::sim::world::store::Key;

/// What pods compete for, with the name the scheduler's message uses.
const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// What the pods of a node request, of each of [`RESOURCES`], and how many they are.
#[derive(Debug, Default)]
struct Load {
    requested: [i64; RESOURCES.len()],
    pods: i64,
}

/// Binds the pod with `key` to the emptiest node that has room, or says in its status why there is none.
pub(super) fn schedule(world: &mut World, key: &Key, pod: &Value) {
    let loads = loads(world);
    let nothing = Load::default();
    let mut lacking: BTreeMap<String, usize> = BTreeMap::new();
    let mut best: Option<(i64, &str)> = None;
    let mut nodes = 0;
    for (node, object) in world.store.list(Kind::Node, None) {
        nodes += 1;
        let load = loads.get(&node.name).unwrap_or(&nothing);
        if let Some(reason) = refusal(object, load, pod) {
            *lacking.entry(reason).or_default() += 1;
        } else {
            let weight = load.requested[0] + load.pods;
            if best.is_none_or(|(least, _)| weight < least) {
                best = Some((weight, &node.name));
            }
        }
    }
    match best.map(|(_, node)| node.to_owned()) {
        Some(node) => bind(world, key, &node),
        None => refuse(world, key, nodes, &lacking),
    }
}

fn loads(world: &World) -> BTreeMap<String, Load> {
    let mut loads: BTreeMap<String, Load> = BTreeMap::new();
    for (_, pod) in world.store.list(Kind::Pod, None) {
        let finished = matches!(json::text(pod, "/status/phase"), "Succeeded" | "Failed");
        let node = json::text(pod, "/spec/nodeName");
        if finished || node.is_empty() {
            continue;
        }
        let load = loads.entry(node.to_owned()).or_default();
        load.pods += 1;
        for (sum, resource) in load.requested.iter_mut().zip(RESOURCES) {
            *sum += requested(pod, resource);
        }
    }
    loads
}

/// Why `node` is none for `pod`, in the scheduler's words: its labels before its room.
fn refusal(node: &Value, load: &Load, pod: &Value) -> Option<String> {
    const SELECTOR: &str = "node(s) didn't match Pod's node affinity/selector";
    let wanted = pod.pointer("/spec/nodeSelector").and_then(Value::as_object);
    let differs =
        |(label, value): (&String, &Value)| json::member(node, "/metadata/labels", label) != value.as_str();
    if wanted.is_some_and(|wanted| wanted.iter().any(differs)) {
        return Some(SELECTOR.to_owned());
    }
    first_lack(node, load, pod).map(|resource| format!("Insufficient {resource}"))
}

/// The first resource of which `node` has too little left for `pod`.
fn first_lack(node: &Value, load: &Load, pod: &Value) -> Option<&'static str> {
    RESOURCES.into_iter().zip(load.requested).find_map(|(resource, used)| {
        let room = quantity(json::member(node, "/status/allocatable", resource).unwrap_or("0"));
        let wanted = requested(pod, resource);
        (wanted > 0 && used + wanted > room).then_some(resource)
    })
}

fn bind(world: &mut World, key: &Key, node: &str) {
    let now = stamp(world.now);
    let Some(pod) = world.store.get(key) else { return };
    let mut pod = Value::clone(pod);
    // A binding is not a change of the spec: it counts no generation.
    json::set(&mut pod, &["spec", "nodeName"], node);
    let conditions = json::array_mut(&mut pod, &["status", "conditions"]);
    conditions.retain(|condition| json::text(condition, "/type") != "PodScheduled");
    conditions.push(json!({
        "type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": now,
    }));
    world.store.put(key, pod);
    let message = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
    events::record(
        world,
        key,
        Note {
            severity: Severity::Normal,
            reporter: Reporter::Scheduler,
            reason: "Scheduled",
            message: &message,
        },
    );
}

fn refuse(world: &mut World, key: &Key, nodes: usize, lacking: &BTreeMap<String, usize>) {
    let reasons: Vec<String> = lacking.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let message = format!(
        "0/{nodes} nodes are available: {}. preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.",
        reasons.join(", ")
    );
    let now = stamp(world.now);
    let changed = world.modify(key, |pod| {
        if json::condition(pod, "PodScheduled").is_some_and(|known| json::text(known, "/message") == message)
        {
            return;
        }
        json::set(
            pod,
            &["status", "conditions"],
            json!([{
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": message,
                "lastProbeTime": null,
                "lastTransitionTime": now,
            }]),
        );
    });
    if changed {
        events::record(
            world,
            key,
            Note {
                severity: Severity::Warning,
                reporter: Reporter::Scheduler,
                reason: "FailedScheduling",
                message: &message,
            },
        );
    }
}
