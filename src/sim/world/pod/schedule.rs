//! The scheduler: a node with room for what the pod requests, or the reason why there is none.

use serde_json::{Value, json};

use crate::sim::world::World;
use crate::sim::world::clock::stamp;
use crate::sim::world::events::{self, Reporter, Severity};
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::quota::{quantity, requested};
use crate::sim::world::store::Key;

/// What pods compete for, with the name the scheduler's message uses.
const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// Binds the pod with `key` to the emptiest node that has room; false when there is none.
pub(super) fn schedule(world: &mut World, key: &Key, pod: &Value) -> bool {
    let nodes: Vec<(String, Value)> = world
        .store
        .list(Kind::Node, None)
        .map(|(key, node)| (key.name.clone(), Value::clone(node)))
        .collect();
    let mut lacking: Vec<&str> = Vec::new();
    let mut best: Option<(i64, &str)> = None;
    for (name, node) in &nodes {
        match first_lack(world, node, name, pod) {
            Some(resource) => lacking.push(resource),
            None => {
                let used = used_on(world, name, "cpu") + pods_on(world, name);
                if best.is_none_or(|(least, _)| used < least) {
                    best = Some((used, name));
                }
            }
        }
    }
    let Some(node) = best.map(|(_, name)| name.to_owned()) else {
        refuse(world, key, nodes.len(), &lacking);
        return false;
    };
    bind(world, key, &node);
    true
}

fn first_lack(world: &World, node: &Value, name: &str, pod: &Value) -> Option<&'static str> {
    RESOURCES.into_iter().find(|resource| {
        let room = quantity(json::member(node, "/status/allocatable", resource).unwrap_or("0"));
        used_on(world, name, resource) + requested(pod, resource) > room
    })
}

fn used_on(world: &World, node: &str, resource: &str) -> i64 {
    on_node(world, node).map(|pod| requested(pod, resource)).sum()
}

fn pods_on(world: &World, node: &str) -> i64 {
    i64::try_from(on_node(world, node).count()).unwrap_or(i64::MAX)
}

fn on_node<'a>(world: &'a World, node: &'a str) -> impl Iterator<Item = &'a Value> {
    world
        .store
        .list(Kind::Pod, None)
        .map(|(_, pod)| pod.as_ref())
        .filter(move |pod| json::text(pod, "/spec/nodeName") == node)
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
    events::record(world, key, Severity::Normal, Reporter::Scheduler, "Scheduled", &message);
}

fn refuse(world: &mut World, key: &Key, nodes: usize, lacking: &[&str]) {
    let reasons: Vec<String> = RESOURCES
        .into_iter()
        .filter_map(|resource| {
            let count = lacking.iter().filter(|lack| **lack == resource).count();
            (count > 0).then(|| format!("{count} Insufficient {resource}"))
        })
        .collect();
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
        events::record(world, key, Severity::Warning, Reporter::Scheduler, "FailedScheduling", &message);
    }
}
