//! Promotions: one step, all steps, and an aborted update once more.
//!
//! The controller promotes whatever is present when the request comes, so a second press can skip a gate. Each request
//! here names the one pause that was shown: step index, hash and start time.

use serde_json::{Value, json};

use crate::model::act::ActKind;
use crate::model::ids::TemplateHash;
use crate::model::outline::{Outline, Refusal, Step, Want};
use crate::model::text::Text;
use crate::strategy::patch;

use super::super::scene::Scene;
use super::super::steps;
use super::hold::place;
use super::{as_shown, make, not_here, nothing, observed};

pub(super) fn one_step(scene: &Scene<'_>) -> Result<Outline, Refusal> {
    let hash = ready_to_go(scene)?;
    let paused = scene.spec().paused;
    let standing = steps::pause(scene);
    if paused && standing.is_none() {
        let why = format!("{} is held in the middle of {}", scene.name(), place(scene));
        return Err(not_here(&why).with_remedy("U lets it go on; no step is skipped"));
    }
    let at = scene.status().step();
    let (does, operations) = match standing {
        Some(pause) if pause.reason == "InconclusiveAnalysisRun" && is_canary_step(scene) => {
            past_analysis(scene, at)
        }
        Some(_) => end_of_pause(scene),
        None if scene.blue_green().is_some() => {
            return Err(not_here("nothing waits for a person: the controller switches by itself")
                .with_remedy("H holds it, B goes back"));
        }
        None if steps::steps(scene).is_empty() => {
            return Err(not_here("this Rollout has no steps: the controller replaces its pods by itself")
                .with_remedy("H holds it, B goes back"));
        }
        None => skip(scene, at),
    };
    let mut requests = Vec::new();
    if paused {
        requests.push(unpause(scene));
    }
    requests.push(scene.on_status(&does, &operations));
    let want = Want::StepPassed { index: u32::try_from(at).unwrap_or(u32::MAX), hash: hash.clone() };
    let short = short(scene, at, standing.is_none());
    let title = format!("Promote {} {}: {short}", scene.name(), scene.version(hash));
    let mut outline = make(scene, ActKind::Promote, &title, requests, want);
    outline.short = Text::clean(&short);
    outline.destructive = standing.is_none();
    outline.effect = effect(scene, at, standing.is_none(), hash);
    Ok(outline)
}

/// The candidate, where something can be promoted at all.
fn ready_to_go<'a>(scene: &Scene<'a>) -> Result<&'a TemplateHash, Refusal> {
    observed(scene)?;
    if scene.current() == scene.stable() {
        return Err(nothing(format!("{} is at rest: nothing to promote", scene.name())));
    }
    if scene.is_aborted() {
        return Err(not_here("the update is aborted")
            .with_remedy("retry begins it anew, set-image rolls out another"));
    }
    scene.current().ok_or_else(|| nothing("the controller has not seen it yet"))
}

fn unpause(scene: &Scene<'_>) -> Step {
    let operations =
        [scene.uid(), patch::test("/spec/paused", json!(true)), patch::replace("/spec/paused", json!(false))];
    scene.main("un-pause the Rollout", &operations)
}

fn is_canary_step(scene: &Scene<'_>) -> bool {
    let run = scene.status().canary.current_step_analysis_run_status.as_ref();
    scene.canary().is_some() && run.is_some_and(|run| run.status == "Inconclusive")
}

type Request = (String, Vec<Value>);

fn numbered(scene: &Scene<'_>, at: usize) -> String {
    format!("step {} of {}", at + 1, steps::steps(scene).len())
}

/// Without the index the analysis would only run again.
fn past_analysis(scene: &Scene<'_>, at: usize) -> Request {
    let mut operations = pause_as_shown(scene);
    operations.push(patch::test("/status/controllerPause", json!(true)));
    operations.push(patch::add("/status/controllerPause", json!(false)));
    operations.push(json!({ "op": "remove", "path": "/status/pauseConditions" }));
    operations.push(patch::add("/status/currentStepIndex", json!(at + 1)));
    (format!("go on past the inconclusive analysis of {}", numbered(scene, at)), operations)
}

fn end_of_pause(scene: &Scene<'_>) -> Request {
    let mut operations = pause_as_shown(scene);
    operations.push(json!({ "op": "remove", "path": "/status/pauseConditions" }));
    let does = match scene.blue_green() {
        Some(spec) => format!("end the pause before {} is switched", spec.active_service),
        None => format!("end the pause of {}", numbered(scene, scene.status().step())),
    };
    (does, operations)
}

/// Whatever runs there now (pods that come up, an analysis) is passed over.
fn skip(scene: &Scene<'_>, at: usize) -> Request {
    let next = (at + 1).min(steps::steps(scene).len());
    let mut operations = as_shown(scene);
    operations.push(patch::test("/status/pauseConditions", Value::Null));
    operations.push(patch::add("/status/currentStepIndex", json!(next)));
    (format!("skip step {}", at + 1), operations)
}

/// Index, hash and start time name one pause.
fn pause_as_shown(scene: &Scene<'_>) -> Vec<Value> {
    let mut operations = as_shown(scene);
    if let Some(pause) = steps::pause(scene) {
        operations.push(patch::test("/status/pauseConditions/0/startTime", json!(pause.start_time)));
    }
    operations
}

fn percent(scene: &Scene<'_>, weight: i64) -> i64 {
    100 * weight / steps::weight_max(scene)
}

/// The weight that follows the present one without a pause between, in percent, with the present one.
pub(in crate::strategy::argo) fn weights(scene: &Scene<'_>, at: usize) -> (i64, i64) {
    let all = steps::steps(scene);
    let mut next = at + 1;
    while all
        .get(next)
        .is_some_and(|step| step.set_weight.is_none() && step.pause.is_none() && step.analysis.is_none())
    {
        next += 1;
    }
    (percent(scene, steps::weight_at(scene, at)), percent(scene, steps::weight_at(scene, next)))
}

fn short(scene: &Scene<'_>, at: usize, skips: bool) -> String {
    if let Some(spec) = scene.blue_green() {
        return format!("switch {}", spec.active_service);
    }
    if skips {
        return format!("skip step {}", at + 1);
    }
    let (now, next) = weights(scene, at);
    if now == next { format!("pass step {}", at + 1) } else { format!("{now}→{next} %") }
}

fn effect(scene: &Scene<'_>, at: usize, skips: bool, hash: &TemplateHash) -> Vec<Text> {
    let mut lines = Vec::new();
    let version = scene.version(hash);
    let pods = format!(
        "{} of {} pods of {version} are ready",
        scene.ready(hash),
        scene.set_of(hash).map_or(0, |set| set.spec.replicas)
    );
    match scene.blue_green() {
        Some(spec) => {
            lines.push(format!("{} leads to {version} from then on; {pods}", spec.active_service));
            if spec.post_promotion_analysis.is_some() {
                lines.push("an analysis follows, and can abort".to_owned());
            }
            let seconds = spec.scale_down_delay_seconds.unwrap_or(30);
            lines.push(format!("the old pods stay {seconds} s after it is complete: the quick way back"));
        }
        None if skips => {
            lines.push(format!("step {} ({}) is passed over while it runs", at + 1, place(scene)));
            lines.push(format!("{pods}; nothing waits for those that are not"));
        }
        None => {
            let (now, next) = weights(scene, at);
            lines.push(format!("{now} → {next} % of the traffic to {version}; {pods}"));
            if at + 1 >= steps::steps(scene).len() {
                lines.push("it was the last step: the version becomes stable".to_owned());
            }
        }
    }
    if scene.spec().paused {
        lines.push("it is held: it is un-paused first, then the pause of the step is ended".to_owned());
    }
    lines.iter().map(|line| Text::clean(line)).collect()
}

/// All steps at once. It overrides an abort, so it is refused there.
pub(super) fn in_full(scene: &Scene<'_>) -> Result<Outline, Refusal> {
    observed(scene)?;
    if scene.is_aborted() {
        return Err(not_here("the update is aborted: in full it would ship the version that was aborted")
            .with_remedy("retry begins it anew, step by step"));
    }
    let hash = ready_to_go(scene)?;
    let Some(stable) = scene.stable() else {
        return Err(nothing("its first version has no steps: it is complete when its pods are ready"));
    };
    if scene.status().promote_full {
        return Err(nothing(format!("{} is promoted in full already", scene.name())));
    }
    let mut operations = as_shown(scene);
    operations.push(patch::test("/status/stableRS", json!(stable)));
    operations.push(patch::add("/status/promoteFull", json!(true)));
    let version = scene.version(hash);
    let mut requests = vec![scene.on_status(&format!("promote {version} in full"), &operations)];
    if scene.spec().paused {
        requests.push(unpause(scene));
    }
    let want = Want::Promoted { hash: hash.clone(), version: version.clone() };
    let title = format!("Promote {} to {version} in full", scene.name());
    let mut outline = make(scene, ActKind::PromoteFull, &title, requests, want);
    outline.short = Text::clean("→100 %");
    outline.destructive = true;
    let left = steps::track(scene).map_or(0, |track| track.steps.len().saturating_sub(track.at));
    outline.effect.push(Text::clean(&format!("{left} steps are skipped, analyses and pauses among them")));
    outline.effect.push(Text::clean(&format!(
        "the traffic moves when all {} pods of {version} are available; {} are ready now",
        scene.wanted(),
        scene.ready(hash)
    )));
    Ok(outline)
}

pub(super) fn retry(scene: &Scene<'_>) -> Result<Outline, Refusal> {
    observed(scene)?;
    let Some(hash) = scene.current().filter(|_| scene.is_aborted()) else {
        return Err(nothing(format!("{} is not aborted: nothing to retry", scene.name())));
    };
    let operations = [
        scene.uid(),
        patch::test("/status/currentPodHash", json!(hash)),
        patch::test("/status/abort", json!(true)),
        patch::replace("/status/abort", json!(false)),
    ];
    let version = scene.version(hash);
    let step = scene.on_status("take the abort back", &operations);
    let title = format!("Retry {} on {}", version, scene.name());
    let mut outline = make(scene, ActKind::Retry, &title, vec![step], Want::Retried { hash: hash.clone() });
    outline
        .effect
        .push(Text::clean("the update begins anew at its first step; which step failed is not recorded"));
    outline.effect.extend(super::super::reasons::aborted(scene).map(|reason| reason.what));
    if scene.spec().paused {
        outline.after.push(Text::clean("it is held: nothing moves until it is resumed"));
    }
    Ok(outline)
}
