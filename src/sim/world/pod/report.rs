//! The status that the kubelet writes: phase, conditions and the state of each container.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::behaviour::Behaviour;
use super::{PodRun, Stage, subject};
use crate::sim::world::World;
use crate::sim::world::clock::{Time, stamp};
use crate::sim::world::json;
use crate::sim::world::random::fnv64;
use crate::sim::world::store::Key;

/// The registry's answer to a pull of `image`.
pub(super) fn pull_error(image: &str) -> String {
    format!("failed to resolve reference \"{image}\": {image}: not found")
}

/// Writes what `run` says into the status of the pod with `key`.
pub(super) fn write(world: &mut World, key: &Key, run: &PodRun) {
    let needs_address = matches!(run.stage, Stage::Running | Stage::Ready)
        && world.store.get(key).is_some_and(|pod| json::text(pod, "/status/podIP").is_empty());
    let address = needs_address.then(|| next_address(world));
    let now = world.now;
    world.modify(key, |pod| {
        if let Some(address) = address {
            json::set(pod, &["status", "podIP"], address.as_str());
            json::set(pod, &["status", "podIPs"], json!([{"ip": address}]));
        }
        let statuses = container_statuses(pod, run, now);
        json::set(pod, &["status", "phase"], phase(pod, run));
        json::set(pod, &["status", "containerStatuses"], statuses);
        write_conditions(pod, run, now);
    });
}

fn next_address(world: &mut World) -> String {
    world.next_address += 1;
    let [_, third, second, first] = (world.next_address + 9).to_be_bytes();
    format!("10.{}.{second}.{first}", 42 + third)
}

fn phase(pod: &Value, run: &PodRun) -> &'static str {
    match run.stage {
        Stage::Pulling | Stage::PullFailed | Stage::PullBackOff => "Pending",
        Stage::Finished => "Succeeded",
        Stage::Exited if json::text(pod, "/spec/restartPolicy") == "Never" => "Failed",
        Stage::Running | Stage::Ready | Stage::Exited | Stage::BackOff | Stage::Stopping => "Running",
    }
}

fn container_statuses(pod: &Value, run: &PodRun, now: Time) -> Value {
    let failing = subject(pod).0.to_owned();
    let statuses = json::items(pod, "/spec/containers").iter().map(|container| {
        let name = json::text(container, "/name");
        let image = json::text(container, "/image");
        let is_subject = name == failing;
        let started = matches!(run.stage, Stage::Running | Stage::Ready)
            || (!is_subject && matches!(run.stage, Stage::Exited | Stage::BackOff));
        let ready = run.stage == Stage::Ready || (!is_subject && started);
        let mut status = json!({
            "name": name,
            "image": image,
            "imageID": if started { format!("{image}@sha256:{:016x}{:016x}{:016x}{:016x}", fnv64(image), fnv64(name), fnv64("image"), fnv64("id")) } else { String::new() },
            "ready": ready,
            "started": started,
            "restartCount": if is_subject { run.restarts } else { 0 },
            "state": state(pod, run, image, is_subject, now),
            "lastState": last_state(run, image, is_subject, now),
        });
        if started {
            let id = format!("containerd://{:016x}{:016x}", fnv64(json::uid(pod)), fnv64(name));
            json::set(&mut status, &["containerID"], id);
        }
        status
    });
    Value::Array(statuses.collect())
}

fn state(pod: &Value, run: &PodRun, image: &str, is_subject: bool, now: Time) -> Value {
    let running = json!({"running": {"startedAt": stamp(run.started)}});
    let creating = json!({"waiting": {"reason": "ContainerCreating"}});
    match run.stage {
        Stage::Running | Stage::Ready | Stage::Stopping => running,
        Stage::Finished => terminated(0, "Completed", run.started, now),
        Stage::Exited | Stage::BackOff if !is_subject => running,
        Stage::Pulling => creating,
        Stage::PullFailed | Stage::PullBackOff if !is_subject => creating,
        Stage::PullFailed => json!({"waiting": {"reason": "ErrImagePull", "message": pull_error(image)}}),
        Stage::PullBackOff => json!({"waiting": {
            "reason": "ImagePullBackOff",
            "message": format!("Back-off pulling image \"{image}\": ErrImagePull: {}", pull_error(image)),
        }}),
        Stage::Exited => exited(run, image, now),
        Stage::BackOff => json!({"waiting": {
            "reason": "CrashLoopBackOff",
            "message": format!(
                "back-off {} restarting failed container={} pod={}_{}({})",
                spelled(run.until.map_or(TimeDelta::zero(), |until| until - now)),
                subject(pod).0,
                json::text(pod, "/metadata/name"),
                json::text(pod, "/metadata/namespace"),
                json::uid(pod),
            ),
        }}),
    }
}

fn last_state(run: &PodRun, image: &str, is_subject: bool, now: Time) -> Value {
    if !is_subject {
        return json!({});
    }
    match run.stage {
        Stage::BackOff => exited(run, image, now),
        Stage::Running | Stage::Ready if run.restarts > 0 => exited(run, image, run.started),
        Stage::Pulling
        | Stage::PullFailed
        | Stage::PullBackOff
        | Stage::Running
        | Stage::Ready
        | Stage::Exited
        | Stage::Finished
        | Stage::Stopping => json!({}),
    }
}

fn exited(run: &PodRun, image: &str, at: Time) -> Value {
    if Behaviour::of(image) == Behaviour::OutOfMemory {
        terminated(137, "OOMKilled", run.started, at)
    } else {
        terminated(1, "Error", run.started, at)
    }
}

fn terminated(code: i64, reason: &str, started: Time, finished: Time) -> Value {
    json!({"terminated": {
        "exitCode": code,
        "reason": reason,
        "startedAt": stamp(started),
        "finishedAt": stamp(finished),
    }})
}

/// A span as the kubelet's messages spell it: `10s`, `2m40s`.
fn spelled(span: TimeDelta) -> String {
    let (minutes, seconds) = (span.num_minutes(), span.num_seconds() % 60);
    if minutes == 0 { format!("{seconds}s") } else { format!("{minutes}m{seconds}s") }
}

fn write_conditions(pod: &mut Value, run: &PodRun, now: Time) {
    let ready = run.stage == Stage::Ready;
    let started = !matches!(run.stage, Stage::Pulling);
    let unready = format!("containers with unready status: [{}]", subject(pod).0);
    let not_ready = match run.stage {
        Stage::Finished => Some(("PodCompleted", "")),
        _ if ready => None,
        _waiting => Some(("ContainersNotReady", unready.as_str())),
    };
    put(pod, "PodReadyToStartContainers", started, None, now);
    put(pod, "Initialized", true, None, now);
    put(pod, "Ready", ready, not_ready, now);
    put(pod, "ContainersReady", ready, not_ready, now);
    put(pod, "PodScheduled", true, None, now);
}

fn put(pod: &mut Value, kind: &str, holds: bool, why: Option<(&str, &str)>, now: Time) {
    let status = if holds { "True" } else { "False" };
    let since = json::condition(pod, kind)
        .filter(|known| json::text(known, "/status") == status)
        .map_or_else(|| stamp(now), |known| json::text(known, "/lastTransitionTime").to_owned());
    let mut condition =
        json!({"type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": since});
    if let Some((reason, message)) = why {
        json::set(&mut condition, &["reason"], reason);
        if !message.is_empty() {
            json::set(&mut condition, &["message"], message);
        }
    }
    let conditions = json::array_mut(pod, &["status", "conditions"]);
    match conditions.iter_mut().find(|known| json::text(known, "/type") == kind) {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}
