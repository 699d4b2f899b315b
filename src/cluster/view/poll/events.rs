//! Events about a workload, its ReplicaSets and its pods.

use serde::Deserialize;

use super::pages;
use crate::cluster::http::{Http, HttpError};
use crate::cluster::view::streams::has_replica_sets;
use crate::model::kind::WorkloadKind;
use crate::model::observation::EventLine;
use crate::model::target::Target;
use crate::model::{Text, Time};

/// A namespace with more events than this shows those that the server lists first.
const MOST_PAGES: usize = 4;
/// Lines kept.
const MOST_LINES: usize = 200;

/// `v1 Event`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::cluster) struct EventWire {
    involved_object: About,
    reason: Text,
    message: Text,
    #[serde(rename = "type")]
    kind: String,
    count: Option<u32>,
    last_timestamp: Option<Time>,
    event_time: Option<Time>,
    first_timestamp: Option<Time>,
    series: Option<Series>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct About {
    kind: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Series {
    count: u32,
    last_observed_time: Option<Time>,
}

/// Reads the events of a workload.
pub(super) async fn about(http: &Http, target: &Target) -> Result<Vec<EventLine>, HttpError> {
    let path = format!("/api/v1/namespaces/{}/events", target.namespace);
    let mut found = Vec::new();
    pages(http, &path, MOST_PAGES, |event: EventWire| {
        if concerns(&event.involved_object, target) {
            found.push(event);
        }
    })
    .await?;
    Ok(event_lines(found))
}

/// Lines, newest first.
pub(in crate::cluster) fn event_lines(events: Vec<EventWire>) -> Vec<EventLine> {
    let mut lines: Vec<EventLine> = events.into_iter().map(line).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines.truncate(MOST_LINES);
    lines
}

fn line(event: EventWire) -> EventLine {
    let EventWire { involved_object: about, series, .. } = event;
    let repeated = series.as_ref().map(|series| series.count);
    EventLine {
        at: series
            .and_then(|series| series.last_observed_time)
            .or(event.last_timestamp)
            .or(event.event_time)
            .or(event.first_timestamp),
        warning: event.kind == "Warning",
        reason: event.reason,
        about: Text::from(format!("{}/{}", about.kind, about.name)),
        message: event.message,
        count: repeated.or(event.count).unwrap_or(1).max(1),
    }
}

/// Events name no owner, so names decide: a controller appends to the owner's name, and what it appends is recognised
/// by its alphabet.
fn concerns(about: &About, target: &Target) -> bool {
    if about.kind == target.kind.name() {
        return about.name == target.name.as_str();
    }
    let Some(rest) = about.name.strip_prefix(target.name.as_str()).and_then(|rest| rest.strip_prefix('-'))
    else {
        return false;
    };
    let mut parts = rest.split('-');
    let (first, second, third) = (parts.next(), parts.next(), parts.next());
    let one = second.is_none() && first.is_some_and(is_generated);
    let two = third.is_none() && first.is_some_and(is_generated) && second.is_some_and(is_generated);
    match (about.kind.as_str(), target.kind) {
        ("ReplicaSet", kind) => has_replica_sets(kind) && one,
        ("Pod", kind) if has_replica_sets(kind) => two,
        ("Pod", WorkloadKind::StatefulSet) => rest.bytes().all(|byte| byte.is_ascii_digit()),
        ("Pod", _) => one,
        _ => false,
    }
}

/// Generated parts have no vowels and no 0, 1, 3 (the alphabet of `k8s.io/apimachinery` `rand.SafeEncodeString`).
fn is_generated(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_what_an_event_is_about() {
        let api = Target::new(WorkloadKind::Deployment, "shop", "api");
        for (kind, name, ours) in [
            ("Deployment", "api", true),
            ("Deployment", "api-gateway", false),
            ("ReplicaSet", "api-7d4b9c6f5d", true),
            ("ReplicaSet", "api-gateway-7d4b9c6f5d", false),
            ("Pod", "api-7d4b9c6f5d-x2x4z", true),
            ("Pod", "api-gateway-0", false),
            ("Pod", "api-gateway-7d4b9c6f5d-x2x4z", false),
            ("HorizontalPodAutoscaler", "api", false),
        ] {
            let about = About { kind: kind.to_owned(), name: name.to_owned() };
            assert_eq!(concerns(&about, &api), ours, "{kind}/{name}");
        }
        let db = Target::new(WorkloadKind::StatefulSet, "shop", "db");
        assert!(concerns(&About { kind: "Pod".into(), name: "db-12".into() }, &db));
        assert!(!concerns(&About { kind: "Pod".into(), name: "db-x".into() }, &db));
    }

    #[test]
    fn newer_forms_of_events_are_read_too() {
        let json = r#"{"involvedObject":{"kind":"Pod","name":"p"},"reason":"BackOff","message":"m\u001b[2J","type":"Warning",
            "lastTimestamp":null,"eventTime":"2026-11-20T10:00:00.000000Z","series":{"count":7,"lastObservedTime":"2026-11-20T10:05:00.000000Z"}}"#;
        let lines = event_lines(vec![serde_json::from_str(json).unwrap()]);
        assert_eq!((lines[0].count, lines[0].message.as_str(), lines[0].warning), (7, "m", true));
        assert!(lines[0].at.unwrap().to_rfc3339().starts_with("2026-11-20T10:05"));
    }
}
