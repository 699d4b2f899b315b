//! The row of a pod: what its containers do, told in one word.

use serde_json::{Value, json};

use super::Column;
use super::cells::{age, since};
use crate::sim::world::clock::Time;
use crate::sim::world::json;

/// The columns of a pod's row.
pub(super) const COLUMNS: &[Column] = &[
    ("Name", "string", false),
    ("Ready", "string", false),
    ("Status", "string", false),
    ("Restarts", "string", false),
    ("Age", "string", false),
    ("IP", "string", true),
    ("Node", "string", true),
    ("Nominated Node", "string", true),
    ("Readiness Gates", "string", true),
];

/// The cells of a pod's row.
pub(super) fn cells(pod: &Value, now: Time) -> Vec<Value> {
    let containers = json::items(pod, "/status/containerStatuses");
    let ready = containers.iter().filter(|container| json::flag(container, "/ready")).count();
    let all = json::items(pod, "/spec/containers").len();
    let or_none = |pointer: &str| match json::text(pod, pointer) {
        "" => json!("<none>"),
        text => json!(text),
    };
    vec![
        json!(json::text(pod, "/metadata/name")),
        json!(format!("{ready}/{all}")),
        json!(status(pod)),
        json!(restarts(containers, now)),
        json!(age(pod, now)),
        or_none("/status/podIP"),
        or_none("/spec/nodeName"),
        json!("<none>"),
        json!("<none>"),
    ]
}

fn status(pod: &Value) -> String {
    if json::terminating(pod) {
        return "Terminating".to_owned();
    }
    let phase = json::text(pod, "/status/phase");
    let reason = json::items(pod, "/status/containerStatuses").iter().rev().find_map(container_reason);
    match reason {
        Some(reason) => reason.to_owned(),
        None => phase.to_owned(),
    }
}

/// Why a container does not run; `None` when it does.
fn container_reason(container: &Value) -> Option<&str> {
    ["waiting", "terminated"]
        .into_iter()
        .map(|state| json::text(container, &format!("/state/{state}/reason")))
        .find(|reason| !reason.is_empty())
}

fn restarts(containers: &[Value], now: Time) -> String {
    let count: i64 = containers.iter().map(|container| json::count(container, "/restartCount")).sum();
    let last = containers
        .iter()
        .map(|container| json::text(container, "/lastState/terminated/finishedAt"))
        .filter(|stamp| !stamp.is_empty())
        .max();
    match last {
        Some(stamp) if count > 0 => format!("{count} ({} ago)", since(stamp, now)),
        _never => count.to_string(),
    }
}
