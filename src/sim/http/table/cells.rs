//! The cells of each kind.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Column, pods};
use crate::sim::world::clock::{self, Time};
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;

const NAME: Column = ("Name", "string", false);
const AGE: Column = ("Age", "string", false);
const CONTAINERS: Column = ("Containers", "string", true);
const IMAGES: Column = ("Images", "string", true);
const SELECTOR: Column = ("Selector", "string", true);

/// The columns of `kind`.
pub(super) fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Pod => pods::COLUMNS,
        Kind::Deployment => &[
            NAME,
            ("Ready", "string", false),
            ("Up-to-date", "string", false),
            ("Available", "string", false),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
        Kind::ReplicaSet => &[
            NAME,
            ("Desired", "integer", false),
            ("Current", "integer", false),
            ("Ready", "integer", false),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
        Kind::StatefulSet => &[NAME, ("Ready", "string", false), AGE, CONTAINERS, IMAGES],
        Kind::DaemonSet => &[
            NAME,
            ("Desired", "integer", false),
            ("Current", "integer", false),
            ("Ready", "integer", false),
            ("Up-to-date", "integer", false),
            ("Available", "integer", false),
            ("Node Selector", "string", false),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
        Kind::Job => &[
            NAME,
            ("Status", "string", false),
            ("Completions", "string", false),
            ("Duration", "string", false),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
        Kind::Service => &[
            NAME,
            ("Type", "string", false),
            ("Cluster-IP", "string", false),
            ("External-IP", "string", false),
            ("Port(s)", "string", false),
            AGE,
            SELECTOR,
        ],
        Kind::Namespace => &[NAME, ("Status", "string", false), AGE],
        Kind::Node => &[
            NAME,
            ("Status", "string", false),
            ("Roles", "string", false),
            AGE,
            ("Version", "string", false),
        ],
        Kind::ConfigMap => &[NAME, ("Data", "string", false), AGE],
        Kind::Secret => &[NAME, ("Type", "string", false), ("Data", "string", false), AGE],
        Kind::Event => &[
            ("Last Seen", "string", false),
            ("Type", "string", false),
            ("Reason", "string", false),
            ("Object", "string", false),
            ("Message", "string", false),
            ("Name", "string", true),
        ],
        Kind::HorizontalPodAutoscaler => &[
            NAME,
            ("Reference", "string", false),
            ("Targets", "string", false),
            ("MinPods", "string", false),
            ("MaxPods", "string", false),
            ("Replicas", "string", false),
            AGE,
        ],
        Kind::ServiceAccount
        | Kind::ResourceQuota
        | Kind::ControllerRevision
        | Kind::CronJob
        | Kind::EndpointSlice
        | Kind::Lease
        | Kind::PodDisruptionBudget => &[NAME, AGE],
    }
}

/// The cells of `object`, one for each column.
pub(super) fn of(kind: Kind, object: &Value, now: Time) -> Vec<Value> {
    let count = |pointer: &str| json!(json::count(object, pointer));
    let text = |pointer: &str| json!(json::text(object, pointer));
    let (name, age) = (text("/metadata/name"), json!(age(object, now)));
    let ready = |of: &str| {
        json!(format!("{}/{}", json::count(object, "/status/readyReplicas"), json::count(object, of)))
    };
    let [containers, images] = containers_of(object);
    match kind {
        Kind::Pod => pods::cells(object, now),
        Kind::Deployment => vec![
            name,
            ready("/spec/replicas"),
            count("/status/updatedReplicas"),
            count("/status/availableReplicas"),
            age,
            containers,
            images,
            selector(object),
        ],
        Kind::ReplicaSet => vec![
            name,
            count("/spec/replicas"),
            count("/status/replicas"),
            count("/status/readyReplicas"),
            age,
            containers,
            images,
            selector(object),
        ],
        Kind::StatefulSet => vec![name, ready("/spec/replicas"), age, containers, images],
        Kind::DaemonSet => vec![
            name,
            count("/status/desiredNumberScheduled"),
            count("/status/currentNumberScheduled"),
            count("/status/numberReady"),
            count("/status/updatedNumberScheduled"),
            count("/status/numberAvailable"),
            json!("<none>"),
            age,
            containers,
            images,
            selector(object),
        ],
        Kind::Job => vec![
            name,
            json!(if json::holds(object, "Complete") { "Complete" } else { "Running" }),
            json!(format!(
                "{}/{}",
                json::count(object, "/status/succeeded"),
                json::count(object, "/spec/completions")
            )),
            json!(job_duration(object, now)),
            age,
            containers,
            images,
            selector(object),
        ],
        Kind::Service => vec![
            name,
            text("/spec/type"),
            text("/spec/clusterIP"),
            json!("<none>"),
            json!(ports(object)),
            age,
            json!(labels(object, "/spec/selector")),
        ],
        Kind::Namespace => vec![name, text("/status/phase"), age],
        Kind::Node => vec![
            name,
            json!(if json::holds(object, "Ready") { "Ready" } else { "NotReady" }),
            json!("<none>"),
            age,
            text("/status/nodeInfo/kubeletVersion"),
        ],
        Kind::ConfigMap => vec![name, json!(json::members(object, "/data").count().to_string()), age],
        Kind::Secret => {
            vec![name, text("/type"), json!(json::members(object, "/data").count().to_string()), age]
        }
        Kind::Event => vec![
            json!(since(json::text(object, "/lastTimestamp"), now)),
            text("/type"),
            text("/reason"),
            json!(format!(
                "{}/{}",
                json::text(object, "/involvedObject/kind").to_lowercase(),
                json::text(object, "/involvedObject/name")
            )),
            text("/message"),
            name,
        ],
        Kind::HorizontalPodAutoscaler => vec![
            name,
            json!(format!(
                "{}/{}",
                json::text(object, "/spec/scaleTargetRef/kind"),
                json::text(object, "/spec/scaleTargetRef/name")
            )),
            json!(targets(object)),
            json!(json::count(object, "/spec/minReplicas").to_string()),
            json!(json::count(object, "/spec/maxReplicas").to_string()),
            json!(json::count(object, "/status/currentReplicas").to_string()),
            age,
        ],
        Kind::ServiceAccount
        | Kind::ResourceQuota
        | Kind::ControllerRevision
        | Kind::CronJob
        | Kind::EndpointSlice
        | Kind::Lease
        | Kind::PodDisruptionBudget => vec![name, age],
    }
}

/// The age of `object`, as kubectl writes it.
pub(super) fn age(object: &Value, now: Time) -> String {
    since(json::text(object, "/metadata/creationTimestamp"), now)
}

/// The time since `stamp`; `<unknown>` without one.
pub(super) fn since(stamp: &str, now: Time) -> String {
    clock::parse(stamp).map_or_else(|| "<unknown>".to_owned(), |time| human(now - time))
}

/// A span with at most two units, coarser the longer it is.
pub(super) fn human(span: TimeDelta) -> String {
    let (seconds, minutes, hours, days) =
        (span.num_seconds().max(0), span.num_minutes(), span.num_hours(), span.num_days());
    let two = |major: i64, unit: char, minor: i64, small: char| {
        if minor == 0 { format!("{major}{unit}") } else { format!("{major}{unit}{minor}{small}") }
    };
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        () if hours < 3 => format!("{minutes}m"),
        () if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        () if hours < 48 => format!("{hours}h"),
        () if days < 8 => two(days, 'd', hours % 24, 'h'),
        () if days < 365 * 2 => format!("{days}d"),
        () => two(days / 365, 'y', days % 365, 'd'),
    }
}

fn containers_of(object: &Value) -> [Value; 2] {
    ["name", "image"].map(|field| {
        let values: Vec<&str> = json::items(object, "/spec/template/spec/containers")
            .iter()
            .map(|container| json::text(container, &format!("/{field}")))
            .collect();
        json!(values.join(","))
    })
}

fn selector(object: &Value) -> Value {
    json!(labels(object, "/spec/selector/matchLabels"))
}

fn labels(object: &Value, pointer: &str) -> String {
    let pairs: Vec<String> = json::members(object, pointer)
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") }
}

fn ports(object: &Value) -> String {
    let ports: Vec<String> = json::items(object, "/spec/ports")
        .iter()
        .map(|port| format!("{}/{}", json::count(port, "/port"), json::text(port, "/protocol")))
        .collect();
    ports.join(",")
}

fn job_duration(object: &Value, now: Time) -> String {
    let Some(start) = clock::parse(json::text(object, "/status/startTime")) else { return String::new() };
    human(clock::parse(json::text(object, "/status/completionTime")).unwrap_or(now) - start)
}

fn targets(object: &Value) -> String {
    let wanted = json::count(object, "/spec/metrics/0/resource/target/averageUtilization");
    match json::integer(object, "/status/currentMetrics/0/resource/current/averageUtilization") {
        Some(current) => format!("cpu: {current}%/{wanted}%"),
        None => format!("cpu: <unknown>/{wanted}%"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::human;

    #[test]
    fn spans_are_written_as_kubectl_writes_them() {
        for (seconds, expected) in [
            (0, "0s"),
            (119, "119s"),
            (125, "2m5s"),
            (600, "10m"),
            (7_200, "120m"),
            (3 * 3_600 + 60, "3h1m"),
            (30 * 3_600, "30h"),
            (3 * 86_400 + 7_200, "3d2h"),
            (14 * 86_400, "14d"),
        ] {
            assert_eq!(human(TimeDelta::seconds(seconds)), expected);
        }
    }
}
