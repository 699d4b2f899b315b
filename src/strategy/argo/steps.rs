//! The steps of a canary: in words, which one is present, what it waits for, and what the next promotion would do.

use chrono::TimeDelta;
use serde_json::Value;

use crate::model::Time;
use crate::model::rollout::{CanaryStep, PauseCondition};
use crate::model::text::Text;
use crate::model::track::{StepTrack, TrackStep};

use super::scene::Scene;
use super::switching;

/// Steps of an update; none where all pods are simply replaced.
pub(super) fn track(scene: &Scene<'_>) -> Option<StepTrack> {
    if scene.blue_green().is_some() {
        return Some(switching::track(scene));
    }
    let steps: Vec<TrackStep> = steps(scene).iter().map(|step| in_words(step, weight_max(scene))).collect();
    if steps.is_empty() || scene.current().is_none() {
        return None;
    }
    let at = at(scene);
    Some(StepTrack {
        at,
        waits: Text::clean(&waits(scene, at)),
        until: until(scene, at),
        since: pause(scene).and_then(|pause| pause.start_time.parse().ok()),
        steps,
    })
}

pub(super) fn steps<'a>(scene: &Scene<'a>) -> &'a [CanaryStep] {
    scene.canary().map_or(&[], |canary| canary.steps.as_slice())
}

/// The present step; as many as there are: done. The index is not range-checked by anybody.
pub(super) fn at(scene: &Scene<'_>) -> usize {
    let count = steps(scene).len();
    if scene.current() == scene.stable() { count } else { scene.status().step().min(count) }
}

/// The weight that means everything.
pub(super) fn weight_max(scene: &Scene<'_>) -> i64 {
    scene.router().and_then(|router| router.max_traffic_weight).filter(|max| *max > 0).unwrap_or(100)
}

/// The weight that is set once these many steps are passed or under way: of the newest `setWeight` among them.
pub(super) fn weight_at(scene: &Scene<'_>, step: usize) -> i64 {
    let all = steps(scene);
    if step >= all.len() {
        return weight_max(scene);
    }
    all[..=step].iter().rev().find_map(|step| step.set_weight).unwrap_or(0)
}

/// The pause in which it stands.
pub(super) fn pause<'a>(scene: &Scene<'a>) -> Option<&'a PauseCondition> {
    scene.status().pause_conditions.first()
}

fn in_words(step: &CanaryStep, max: i64) -> TrackStep {
    if let Some(weight) = step.set_weight {
        let percent = u32::try_from(100 * weight / max).ok();
        return TrackStep {
            what: Text::clean(&format!("{} %", 100 * weight / max)),
            weight: percent,
            ..TrackStep::default()
        };
    }
    if let Some(pause) = &step.pause {
        let seconds = pause.seconds();
        let what =
            seconds.map_or_else(|| "pause".to_owned(), |seconds| format!("pause {}", duration(seconds)));
        return TrackStep {
            what: Text::clean(&what),
            seconds,
            manual: seconds.is_none(),
            ..TrackStep::default()
        };
    }
    TrackStep { what: Text::clean(&other(step)), ..TrackStep::default() }
}

fn other(step: &CanaryStep) -> String {
    let named = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    if let Some(analysis) = &step.analysis {
        return format!("analysis {}", templates(analysis));
    }
    if step.experiment.is_some() {
        return "experiment".to_owned();
    }
    if let Some(scale) = &step.set_canary_scale {
        let size = match (&scale["replicas"], &scale["weight"]) {
            (Value::Number(replicas), _) => format!("{replicas} pods"),
            (_, Value::Number(weight)) => format!("pods for {weight} %"),
            _ => "as the weight".to_owned(),
        };
        return format!("canary size {size}");
    }
    if let Some(route) = &step.set_header_route {
        return format!("header route {}", named(route));
    }
    if let Some(route) = &step.set_mirror_route {
        return format!("mirror route {}", named(route));
    }
    step.plugin
        .as_ref()
        .map_or_else(|| "step of another kind".to_owned(), |plugin| format!("plugin {}", named(plugin)))
}

/// Names of the templates of an analysis.
pub(super) fn templates(analysis: &Value) -> String {
    let all = analysis["templates"].as_array().into_iter().flatten();
    all.filter_map(|one| one["templateName"].as_str()).collect::<Vec<_>>().join(", ")
}

/// `90 s`, `5 m`, `1 h 30 m`.
pub(super) fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds % 3600 / 60, seconds % 60) {
        (0, minutes, 0) if minutes > 0 => format!("{minutes} m"),
        (0, ..) => format!("{seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} m"),
    }
}

fn waits(scene: &Scene<'_>, at: usize) -> String {
    if !scene.is_observed() {
        return "controller to see the change".to_owned();
    }
    if scene.is_aborted() {
        return "aborted: retry begins anew".to_owned();
    }
    let Some(step) = steps(scene).get(at) else { return String::new() };
    if scene.spec().paused {
        return "held: U lets it go on".to_owned();
    }
    match (pause(scene), step) {
        (Some(pause), _) if pause.reason.starts_with("Inconclusive") => {
            "inconclusive: a person decides".to_owned()
        }
        (Some(_), CanaryStep { pause: Some(spec), .. }) => match spec.seconds() {
            None => "until promoted".to_owned(),
            Some(_) => "timed pause".to_owned(),
        },
        (_, CanaryStep { analysis: Some(analysis), .. }) => format!("analysis {}", templates(analysis)),
        (None, CanaryStep { set_weight: Some(_), .. }) => pods(scene).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Pods of the candidate that are still to come.
pub(super) fn pods(scene: &Scene<'_>) -> Option<String> {
    let set = scene.set_of(scene.candidate()?)?;
    let missing = set.spec.replicas - set.status.available_replicas;
    (missing > 0).then(|| format!("{missing} pods"))
}

fn until(scene: &Scene<'_>, at: usize) -> Option<Time> {
    let seconds = steps(scene).get(at)?.pause.as_ref()?.seconds()?;
    let pause = pause(scene).filter(|pause| pause.reason == "CanaryPauseStep")?;
    after(&pause.start_time, seconds)
}

/// A moment so many seconds after a time as written.
pub(super) fn after(start: &str, seconds: u64) -> Option<Time> {
    let start: Time = start.parse().ok()?;
    start.checked_add_signed(TimeDelta::try_seconds(i64::try_from(seconds).ok()?)?)
}
