//! Scheduler and kubelet in one: a pod from its creation to its removal.

pub(crate) mod behaviour;
mod report;
mod schedule;

use chrono::TimeDelta;
use serde_json::Value;

use super::clock::{Time, seconds, stamp};
use super::events::{self, Note, Reporter, Severity};
use super::store::Key;
use super::{World, json};
use behaviour::Behaviour;

/// Longest wait before a container is started, or an image pulled, again.
const LONGEST_BACKOFF: TimeDelta = TimeDelta::seconds(300);
/// First wait of that kind; doubled each time.
const FIRST_BACKOFF: TimeDelta = TimeDelta::seconds(10);

/// How far the kubelet is with a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The image is being pulled.
    Pulling,
    /// The pull failed just now.
    PullFailed,
    /// The next pull waits.
    PullBackOff,
    /// The containers run, and are not ready yet.
    Running,
    /// The containers run and are ready.
    Ready,
    /// A container exited for the first time and is restarted at once.
    Exited,
    /// A container exited again and its restart waits.
    BackOff,
    /// The work is done.
    Finished,
    /// The containers are being stopped.
    Stopping,
}

/// What the kubelet remembers of a pod.
#[derive(Debug, Clone)]
pub(crate) struct PodRun {
    stage: Stage,
    /// When the stage ends by itself.
    until: Option<Time>,
    restarts: i64,
    started: Time,
    backoff: TimeDelta,
}

/// Asks for the pod with `key` to be removed: gracefully when it runs somewhere.
pub(super) fn begin_termination(world: &mut World, key: &Key) {
    let Some(pod) = world.store.get(key) else { return };
    if json::text(pod, "/spec/nodeName").is_empty() {
        world.store.remove(key);
        return;
    }
    if json::terminating(pod) {
        return;
    }
    let grace = json::integer(pod, "/spec/terminationGracePeriodSeconds").unwrap_or(30);
    let deadline = stamp(world.now + TimeDelta::seconds(grace));
    world.modify(key, |pod| {
        json::set(pod, &["metadata", "deletionTimestamp"], deadline);
        json::set(pod, &["metadata", "deletionGracePeriodSeconds"], grace);
    });
}

/// Moves the pod with `key` on, if its time has come.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    let Some(pod) = world.store.get(key).cloned() else { return };
    let uid = json::uid(&pod);
    let run = world.runs.get(uid).cloned();
    if json::terminating(&pod) {
        stop(world, key, uid, run);
        return;
    }
    if json::text(&pod, "/spec/nodeName").is_empty() {
        schedule::schedule(world, key, &pod);
        return;
    }
    match run {
        None => begin(world, key, &pod),
        Some(run) if run.until.is_some_and(|until| until <= world.now) => proceed(world, key, &pod, run),
        Some(_waiting) => {}
    }
}

fn begin(world: &mut World, key: &Key, pod: &Value) {
    if matches!(json::text(pod, "/status/phase"), "Succeeded" | "Failed") {
        return;
    }
    let wait = seconds(world.random.between(0.6, 1.6));
    let run = PodRun {
        stage: Stage::Pulling,
        until: Some(world.now + wait),
        restarts: 0,
        started: world.now,
        backoff: FIRST_BACKOFF,
    };
    let now = stamp(world.now);
    world.modify(key, |pod| json::set(pod, &["status", "startTime"], now));
    let message = format!("Pulling image \"{}\"", subject(pod).1);
    note(world, key, Severity::Normal, "Pulling", &message);
    enter(world, key, pod, run);
}

/// Ends the present stage and begins the next.
fn proceed(world: &mut World, key: &Key, pod: &Value, mut run: PodRun) {
    let behaviour = Behaviour::of(subject(pod).1);
    run.stage = match run.stage {
        Stage::Pulling | Stage::PullBackOff if behaviour == Behaviour::ImagePull => Stage::PullFailed,
        Stage::PullFailed => Stage::PullBackOff,
        Stage::Pulling | Stage::PullBackOff => Stage::Running,
        Stage::Running if matches!(behaviour, Behaviour::Crash | Behaviour::OutOfMemory) => {
            if run.restarts == 0 { Stage::Exited } else { Stage::BackOff }
        }
        Stage::Running if runs_once(pod) => Stage::Finished,
        Stage::Running => Stage::Ready,
        Stage::Exited if json::text(pod, "/spec/restartPolicy") == "Never" => return,
        Stage::Exited | Stage::BackOff => {
            run.restarts += 1;
            Stage::Running
        }
        Stage::Ready | Stage::Finished | Stage::Stopping => return,
    };
    if run.stage == Stage::Running {
        run.started = world.now;
    }
    run.until = lasting(world, &mut run, pod, behaviour).map(|span| world.now + span);
    announce(world, key, pod, &run);
    enter(world, key, pod, run);
}

/// How long the stage of `run` lasts; `None` when it does not end by itself.
fn lasting(world: &mut World, run: &mut PodRun, pod: &Value, behaviour: Behaviour) -> Option<TimeDelta> {
    match run.stage {
        Stage::Pulling | Stage::PullFailed | Stage::Exited => Some(seconds(world.random.between(0.8, 1.6))),
        Stage::PullBackOff | Stage::BackOff => {
            let wait = run.backoff;
            run.backoff = (wait * 2).min(LONGEST_BACKOFF);
            Some(wait)
        }
        Stage::Running if runs_once(pod) => Some(TimeDelta::seconds(24)),
        Stage::Running => match behaviour {
            Behaviour::Healthy | Behaviour::ImagePull => {
                Some(warm_up(pod) + seconds(world.random.between(1.2, 3.0)))
            }
            Behaviour::SlowStart => Some(TimeDelta::seconds(15)),
            Behaviour::Crash | Behaviour::OutOfMemory => Some(seconds(world.random.between(1.0, 2.0))),
            Behaviour::NeverReady => None,
        },
        Stage::Ready | Stage::Finished | Stage::Stopping => None,
    }
}

fn stop(world: &mut World, key: &Key, uid: &str, run: Option<PodRun>) {
    match run {
        Some(run) if run.stage == Stage::Stopping => {
            if run.until.is_none_or(|until| until <= world.now) {
                world.store.remove(key);
            }
        }
        Some(mut run) => {
            run.stage = Stage::Stopping;
            let until = world.now + seconds(world.random.between(0.8, 2.0));
            run.until = Some(until);
            world.runs.insert(uid.to_owned(), run);
            world.queue.add_at(until, key.clone());
            note(world, key, Severity::Normal, "Killing", "Stopping container");
        }
        None => {
            world.store.remove(key);
        }
    }
}

/// Remembers the stage, reports it in the pod's status and sets its timer.
fn enter(world: &mut World, key: &Key, pod: &Value, run: PodRun) {
    if let Some(until) = run.until {
        world.queue.add_at(until, key.clone());
    }
    report::write(world, key, &run);
    world.runs.insert(json::uid(pod).to_owned(), run);
}

/// The container that decides how the pod does, and its image: the first that does not simply run, else the first.
fn subject(pod: &Value) -> (&str, &str) {
    let containers = json::items(pod, "/spec/containers");
    let unusual = containers
        .iter()
        .find(|container| Behaviour::of(json::text(container, "/image")) != Behaviour::Healthy);
    unusual
        .or_else(|| containers.first())
        .map_or(("", ""), |container| (json::text(container, "/name"), json::text(container, "/image")))
}

/// How long the readiness probe waits before it asks at all.
fn warm_up(pod: &Value) -> TimeDelta {
    TimeDelta::seconds(json::count(pod, "/spec/containers/0/readinessProbe/initialDelaySeconds"))
}

fn runs_once(pod: &Value) -> bool {
    matches!(json::text(pod, "/spec/restartPolicy"), "Never" | "OnFailure")
}

fn announce(world: &mut World, key: &Key, pod: &Value, run: &PodRun) {
    let (container, image) = subject(pod);
    match run.stage {
        Stage::PullFailed => {
            let message = format!("Failed to pull image \"{image}\": {}", report::pull_error(image));
            note(world, key, Severity::Warning, "Failed", &message);
            note(world, key, Severity::Warning, "Failed", "Error: ErrImagePull");
        }
        Stage::PullBackOff => {
            let message = format!("Back-off pulling image \"{image}\"");
            note(world, key, Severity::Normal, "BackOff", &message);
            note(world, key, Severity::Warning, "Failed", "Error: ImagePullBackOff");
        }
        Stage::Running => {
            let message = format!("Container image \"{image}\" already present on machine");
            note(world, key, Severity::Normal, "Pulled", &message);
            note(world, key, Severity::Normal, "Created", &format!("Created container: {container}"));
            note(world, key, Severity::Normal, "Started", &format!("Started container {container}"));
        }
        Stage::BackOff => {
            let message = format!(
                "Back-off restarting failed container {container} in pod {}_{}({})",
                key.name,
                key.namespace,
                json::uid(pod)
            );
            note(world, key, Severity::Warning, "BackOff", &message);
        }
        Stage::Pulling | Stage::Ready | Stage::Exited | Stage::Finished | Stage::Stopping => {}
    }
}

fn note(world: &mut World, key: &Key, severity: Severity, reason: &str, message: &str) {
    events::record(world, key, Note { severity, reporter: Reporter::Kubelet, reason, message });
}
