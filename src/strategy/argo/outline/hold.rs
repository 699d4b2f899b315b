//! Hold and resume: the pause that a person sets, apart from the pauses that are steps.

use serde_json::json;

use crate::model::act::ActKind;
use crate::model::outline::{Outline, Refusal, RefusalKind, Want};
use crate::model::text::Text;
use crate::strategy::patch;

use super::super::scene::Scene;
use super::super::steps;
use super::{as_shown, make, nothing};

pub(super) fn hold(scene: &Scene<'_>) -> Result<Outline, Refusal> {
    let name = scene.name();
    if scene.is_past_cut_over() {
        let why = if scene.spec().paused { "already switched, and paused" } else { "already switched" };
        return Err(Refusal::new(RefusalKind::NotPossibleHere, why).with_remedy("B goes back"));
    }
    if scene.spec().paused {
        return Err(nothing(format!("{name} is held already")));
    }
    if !scene.is_in_flight() {
        return Err(nothing(format!("{name} is at rest: nothing to hold")));
    }
    if scene.is_aborted() {
        return Err(nothing(format!("{name} is aborted: nothing advances")));
    }
    if waits_for_a_person(scene) {
        return Err(nothing(format!("{name} stands still at {} until somebody promotes it", place(scene))));
    }
    let step = scene.main("pause the Rollout", &[scene.uid(), patch::add("/spec/paused", json!(true))]);
    let mut outline =
        make(scene, ActKind::Hold, &format!("Hold {name}"), vec![step], Want::Paused { paused: true });
    let line = format!("paused at {}; weight and pods stay where they are", place(scene));
    outline.effect.push(Text::clean(&line));
    if runs_analysis(scene) {
        outline.effect.push(Text::clean("analysis runs on and can still abort"));
    }
    Ok(outline)
}

/// A pause without an end: nothing would advance by itself.
fn waits_for_a_person(scene: &Scene<'_>) -> bool {
    let Some(pause) = steps::pause(scene).filter(|_| scene.is_observed()) else { return false };
    match pause.reason.as_str() {
        "CanaryPauseStep" => {
            let step = steps::steps(scene).get(steps::at(scene)).and_then(|step| step.pause.as_ref());
            step.is_some_and(|step| step.duration.is_none())
        }
        "BlueGreenPause" => scene.blue_green().is_some_and(|spec| spec.auto_promotion_seconds.is_none()),
        _ => true,
    }
}

fn runs_analysis(scene: &Scene<'_>) -> bool {
    let (canary, switch) = (&scene.status().canary, &scene.status().blue_green);
    let runs = [
        &canary.current_step_analysis_run_status,
        &canary.current_background_analysis_run_status,
        &switch.pre_promotion_analysis_run_status,
        &switch.post_promotion_analysis_run_status,
    ];
    runs.into_iter().flatten().any(|run| run.status == "Running" || run.status == "Pending")
}

/// `step 3 of 6 (50 %)`.
pub(super) fn place(scene: &Scene<'_>) -> String {
    let Some(track) = steps::track(scene) else { return "its present pods".to_owned() };
    let all = track.steps.len();
    let what = track.steps.get(track.at).map_or("", |step| step.what.as_str());
    format!("step {} of {all} ({what})", (track.at + 1).min(all))
}

pub(super) fn resume(scene: &Scene<'_>) -> Result<Outline, Refusal> {
    let name = scene.name();
    if !scene.spec().paused {
        return Err(nothing(format!("{name} is not held")));
    }
    // un-pause alone: what upstream calls promote would skip the present step besides
    let mut operations = as_shown(scene);
    operations.push(patch::test("/spec/paused", json!(true)));
    operations.push(patch::replace("/spec/paused", json!(false)));
    let step = scene.main("un-pause the Rollout", &operations);
    let goes_on = if scene.is_in_flight() { format!(": {} goes on", place(scene)) } else { String::new() };
    let title = format!("Resume {name}{goes_on}");
    let mut outline = make(scene, ActKind::Resume, &title, vec![step], Want::Paused { paused: false });
    let line = if scene.is_aborted() {
        "the aborted update is cleaned up; nothing is promoted"
    } else if waits_for_a_person(scene) {
        "it stands at a pause and goes on waiting there until somebody promotes it"
    } else if scene.is_in_flight() {
        "the controller goes on by itself from the present step; no step is skipped"
    } else {
        "it is at rest: the next change of its template rolls out again"
    };
    outline.effect.push(Text::clean(line));
    Ok(outline)
}
