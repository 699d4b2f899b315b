//! Container logs: what was written, and what is being written.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use chrono::TimeDelta;
use futures::stream;
use serde_json::Value;

use super::kubernetes::Call;
use super::{Shared, respond};
use crate::sim::world::api::Refusal;
use crate::sim::world::clock::{self, Time};
use crate::sim::world::logs::{self, Line};
use crate::sim::world::store::Key;
use crate::sim::world::{World, json};

/// How often a followed log is looked at.
const PERIOD: Duration = Duration::from_millis(200);

/// Answers with the log of a container of the pod with `key`.
pub(super) fn answer(shared: &Arc<Shared>, key: &Key, call: &Call) -> Result<Response, Refusal> {
    let world = shared.world();
    let pod = world.store.get(key).cloned().ok_or_else(|| Refusal::not_found(key))?;
    let container = container(key, &pod, call.parameter("container"))?;
    if let Some(refusal) = logs::refusal(&pod, &container) {
        return Err(Refusal::bad_request(refusal));
    }
    let now = world.now();
    drop(world);
    let with_times = call.is_set("timestamps");
    let text = past(&pod, &container, call, now, with_times)?;
    if !call.is_set("follow") {
        return Ok(respond::text(200, text));
    }
    let follow = Follow {
        shared: Arc::clone(shared),
        key: key.clone(),
        uid: json::uid(&pod).to_owned(),
        container,
        with_times,
        seen: now,
    };
    let lines = stream::unfold((follow, Some(Bytes::from(text))), |(mut follow, first)| async move {
        let bytes = match first {
            Some(bytes) => bytes,
            None => follow.next().await?,
        };
        Some((Ok::<_, std::convert::Infallible>(bytes), (follow, None)))
    });
    Ok(respond::with_body(200, "text/plain", Body::from_stream(lines)))
}

/// What was written until `now`, as far as the call wants it.
fn past(pod: &Value, container: &str, call: &Call, now: Time, with_times: bool) -> Result<String, Refusal> {
    let previous = call.is_set("previous");
    let mut lines = logs::lines(pod, container, previous, since(call, now), now);
    if previous && lines.is_empty() {
        return Err(Refusal::bad_request(format!(
            "previous terminated container \"{container}\" in pod \"{}\" not found",
            json::text(pod, "/metadata/name")
        )));
    }
    if let Ok(tail) = call.parameter("tailLines").parse::<usize>() {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    let mut text = written(&lines, with_times);
    if let Ok(limit) = call.parameter("limitBytes").parse::<usize>() {
        text.truncate(limit);
    }
    Ok(text)
}

struct Follow {
    shared: Arc<Shared>,
    key: Key,
    uid: String,
    container: String,
    with_times: bool,
    /// Everything up to this time was sent.
    seen: Time,
}

impl Follow {
    /// The next lines; `None` when the container, the pod or the server has ended.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            tokio::time::sleep(PERIOD).await;
            if !self.shared.thawed().await {
                return None;
            }
            let (lines, over) = self.new_lines();
            if !lines.is_empty() {
                return Some(Bytes::from(written(&lines, self.with_times)));
            }
            if over {
                return None;
            }
        }
    }

    fn new_lines(&mut self) -> (Vec<Line>, bool) {
        let shared = Arc::clone(&self.shared);
        let world = shared.world();
        let Some(pod) = self.pod(&world) else { return (Vec::new(), true) };
        let lines = logs::lines(pod, &self.container, false, Some(self.seen), world.now());
        self.seen = world.now();
        let running = json::items(pod, "/status/containerStatuses").iter().any(|status| {
            json::text(status, "/name") == self.container && status.pointer("/state/running").is_some()
        });
        (lines, !running)
    }

    fn pod<'a>(&self, world: &'a World) -> Option<&'a Value> {
        world.store.get(&self.key).map(AsRef::as_ref).filter(|pod| json::uid(pod) == self.uid)
    }
}

/// The container that is meant; the only one when none is named.
fn container(key: &Key, pod: &Value, named: &str) -> Result<String, Refusal> {
    let known: Vec<&str> =
        json::items(pod, "/spec/containers").iter().map(|container| json::text(container, "/name")).collect();
    match known.as_slice() {
        [only] if named.is_empty() => Ok((*only).to_owned()),
        _ if known.contains(&named) => Ok(named.to_owned()),
        _ if named.is_empty() => Err(Refusal::bad_request(format!(
            "a container name must be specified for pod {}, choose one of: [{}]",
            key.name,
            known.join(" ")
        ))),
        _unknown => Err(Refusal::bad_request(format!("container {named} is not valid for pod {}", key.name))),
    }
}

fn since(call: &Call, now: Time) -> Option<Time> {
    if let Ok(seconds) = call.parameter("sinceSeconds").parse::<u32>() {
        return Some(now - TimeDelta::seconds(i64::from(seconds)));
    }
    clock::parse(call.parameter("sinceTime"))
}

fn written(lines: &[Line], with_times: bool) -> String {
    lines.iter().map(|line| line.written(with_times)).collect()
}
