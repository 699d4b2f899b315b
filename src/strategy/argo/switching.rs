//! Blue-green: its stages as a track of steps.

use crate::model::text::Text;
use crate::model::track::{StepTrack, TrackStep};

use super::scene::Scene;
use super::steps::{after, duration, pause, pods, templates};

/// A stage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Preview,
    Before,
    Pause,
    Switch,
    After,
}

/// The stages of an update, as steps.
pub(super) fn track(scene: &Scene<'_>) -> StepTrack {
    let stages = stages(scene);
    let at = at(scene, &stages);
    let pause = pause(scene).filter(|pause| pause.reason == "BlueGreenPause");
    let automatic = scene.blue_green().and_then(|spec| spec.auto_promotion_seconds);
    StepTrack {
        at,
        waits: Text::clean(&waits(scene, stages.get(at).copied())),
        until: pause.zip(automatic).and_then(|(pause, seconds)| after(&pause.start_time, seconds)),
        since: pause.and_then(|pause| pause.start_time.parse().ok()),
        steps: stages.iter().map(|stage| in_words(scene, *stage)).collect(),
    }
}

fn stages(scene: &Scene<'_>) -> Vec<Stage> {
    let Some(spec) = scene.blue_green() else { return Vec::new() };
    let pauses = spec.auto_promotion_enabled == Some(false) || spec.auto_promotion_seconds.is_some();
    let all = [
        (Stage::Preview, true),
        (Stage::Before, spec.pre_promotion_analysis.is_some()),
        (Stage::Pause, pauses),
        (Stage::Switch, true),
        (Stage::After, spec.post_promotion_analysis.is_some()),
    ];
    all.into_iter().filter_map(|(stage, there)| there.then_some(stage)).collect()
}

fn in_words(scene: &Scene<'_>, stage: Stage) -> TrackStep {
    let spec = scene.blue_green();
    let automatic = spec.and_then(|spec| spec.auto_promotion_seconds);
    let of = |analysis: Option<&serde_json::Value>| analysis.map(templates).unwrap_or_default();
    let what = match stage {
        Stage::Preview => "pods for preview".to_owned(),
        Stage::Before => {
            format!("analysis {} before", of(spec.and_then(|spec| spec.pre_promotion_analysis.as_ref())))
        }
        Stage::Pause => {
            automatic.map_or_else(|| "pause".to_owned(), |seconds| format!("pause {}", duration(seconds)))
        }
        Stage::Switch => {
            format!("switch {}", spec.map(|spec| spec.active_service.to_string()).unwrap_or_default())
        }
        Stage::After => {
            format!("analysis {} after", of(spec.and_then(|spec| spec.post_promotion_analysis.as_ref())))
        }
    };
    TrackStep {
        what: Text::clean(&what),
        weight: (stage == Stage::Switch).then_some(100),
        seconds: automatic.filter(|_| stage == Stage::Pause),
        manual: stage == Stage::Pause && automatic.is_none(),
    }
}

fn at(scene: &Scene<'_>, stages: &[Stage]) -> usize {
    if scene.current() == scene.stable() {
        return stages.len();
    }
    if scene.is_aborted() {
        return 0;
    }
    let place = |wanted: Stage| stages.iter().position(|stage| *stage == wanted);
    let status = &scene.status().blue_green;
    if scene.is_past_cut_over() {
        return place(Stage::After).unwrap_or(stages.len());
    }
    let paused = pause(scene).is_some_and(|pause| pause.reason == "BlueGreenPause");
    let found = if paused {
        place(Stage::Pause)
    } else if status.pre_promotion_analysis_run_status.as_ref().is_some_and(|run| run.status == "Running") {
        place(Stage::Before)
    } else {
        place(Stage::Preview)
    };
    found.unwrap_or(0)
}

fn waits(scene: &Scene<'_>, stage: Option<Stage>) -> String {
    if !scene.is_observed() {
        return "controller to see the change".to_owned();
    }
    if scene.is_aborted() {
        return "aborted: retry begins anew".to_owned();
    }
    if scene.spec().paused && stage.is_some() {
        return "held".to_owned();
    }
    if pause(scene).is_some_and(|pause| pause.reason.starts_with("Inconclusive")) {
        return "inconclusive: a person decides".to_owned();
    }
    match stage {
        Some(Stage::Pause) => {
            let automatic = scene.blue_green().and_then(|spec| spec.auto_promotion_seconds);
            if automatic.is_some() { "timed pause".to_owned() } else { "until promoted".to_owned() }
        }
        Some(Stage::Before | Stage::After) => "analysis".to_owned(),
        Some(Stage::Preview) => pods(scene).unwrap_or_default(),
        Some(Stage::Switch) | None => String::new(),
    }
}
