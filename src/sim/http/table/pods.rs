//! The row of a pod: what its containers do, told in one word.

use serde_json::{Value, json};

use super::age::since;
use super::cells::{AGE, Column, NAME};
use crate::sim::world::clock::Time;
use crate::sim::world::json;

/// The columns of a pod's row.
pub(super) const COLUMNS: [Column; 9] = [
    NAME,
    Column::new("Ready", |pod, _| json!(ready(pod))),
    Column::new("Status", |pod, _| json!(status(pod))),
    Column::new("Restarts", |pod, now| json!(restarts(pod, now))),
    AGE,
    Column::wide("IP", |pod, _| text_or_none(pod, "/status/podIP")),
    Column::wide("Node", |pod, _| text_or_none(pod, "/spec/nodeName")),
    Column::wide("Nominated Node", |pod, _| text_or_none(pod, "/status/nominatedNodeName")),
    Column::wide("Readiness Gates", |_, _| json!("<none>")),
];

fn text_or_none(pod: &Value, pointer: &str) -> Value {
    match json::text(pod, pointer) {
        "" => json!("<none>"),
        text => json!(text),
    }
}

fn ready(pod: &Value) -> String {
    let ready = containers(pod).iter().filter(|container| json::flag(container, "/ready")).count();
    format!("{ready}/{}", json::items(pod, "/spec/containers").len())
}

fn containers(pod: &Value) -> &[Value] {
    json::items(pod, "/status/containerStatuses")
}

fn status(pod: &Value) -> &str {
    if json::terminating(pod) {
        return "Terminating";
    }
    let reason = containers(pod).iter().rev().find_map(container_reason);
    reason.unwrap_or_else(|| json::text(pod, "/status/phase"))
}

/// Why a container does not run; `None` when it does.
fn container_reason(container: &Value) -> Option<&str> {
    ["waiting", "terminated"]
        .into_iter()
        .map(|state| json::text(container, &format!("/state/{state}/reason")))
        .find(|reason| !reason.is_empty())
}

fn restarts(pod: &Value, now: Time) -> String {
    let count: i64 = containers(pod).iter().map(|container| json::count(container, "/restartCount")).sum();
    let last = containers(pod)
        .iter()
        .map(|container| json::text(container, "/lastState/terminated/finishedAt"))
        .filter(|stamp| !stamp.is_empty())
        .max();
    match last {
        Some(stamp) if count > 0 => format!("{count} ({} ago)", since(stamp, now)),
        _never => count.to_string(),
    }
}
