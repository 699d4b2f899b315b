//! What this mechanism is known to do badly, said while it happens: each is an alarm.

use crate::model::text::Text;
use crate::model::view::Reason;

use super::scene::Scene;
use super::{routing, serving, steps};

/// Warnings that hold right now, the worst first. Nothing in them moves with each status write.
pub(super) fn of(scene: &Scene<'_>) -> Vec<Reason> {
    if !scene.is_full() {
        return Vec::new();
    }
    let since = scene.status().aborted_at.filter(|_| scene.is_aborted());
    let all = [
        blackout(scene),
        left_behind(scene),
        paused_after(scene),
        paused_abort(scene),
        guarded(scene),
        odd_step(scene),
    ];
    let reason = |(what, detail): (String, &str)| Reason {
        what: Text::clean(&what),
        detail: Some(Text::clean(detail)),
        since,
    };
    all.into_iter().flatten().map(reason).collect()
}

type Warning = Option<(String, &'static str)>;

/// Nobody serves, and somebody could.
fn blackout(scene: &Scene<'_>) -> Warning {
    let active = routing::service_of(scene, &scene.blue_green()?.active_service)?;
    active.endpoints.as_ref()?;
    let stable = scene.stable()?;
    let empty = serving::endpoints(scene, active).values().sum::<i64>() == 0;
    let elsewhere = routing::selected(scene, &active.name).is_some_and(|hash| hash != *stable);
    (empty && elsewhere && scene.ready(stable) > 0).then(|| {
        let ready = scene.ready(stable);
        let what = format!(
            "NOBODY SERVES: {} selects no ready pod; {ready} of {} are ready",
            active.name,
            scene.version(stable)
        );
        (
            what,
            "an abort left the active Service on the candidate and scaled it down; B puts the template back",
        )
    })
}

/// Aborted, and the active Service still on the candidate: its pods go when the delay ends.
fn left_behind(scene: &Scene<'_>) -> Warning {
    let spec = scene.blue_green().filter(|_| scene.is_aborted() && scene.is_past_cut_over())?;
    let seconds = spec.abort_scale_down_delay_seconds.unwrap_or(30);
    let what =
        format!("aborted, but {} still leads to {}", spec.active_service, scene.version(scene.current()?));
    let empty = scene.current().is_none_or(|hash| scene.ready(hash) == 0);
    (!empty && seconds > 0).then_some((
        what,
        "the controller scales it down when its abort delay ends, and then nobody serves; B puts the template back",
    ))
}

fn paused_after(scene: &Scene<'_>) -> Warning {
    (scene.spec().paused && scene.is_past_cut_over() && !scene.is_aborted()).then(|| {
        (
            "paused after the cut-over: a failing analysis would end with nobody serving".to_owned(),
            "nothing advances there but analysis and clean-up, and the controller spins; U lets it go on, B goes back",
        )
    })
}

/// A pause keeps pods and, in blue-green, the Service where they are, whatever the phase says.
fn paused_abort(scene: &Scene<'_>) -> Warning {
    (scene.spec().paused && scene.is_aborted() && !scene.is_past_cut_over()).then(|| {
        (
            "aborted while paused: pods stay where they are".to_owned(),
            "the pause holds the abort up; B puts the template back and un-pauses in one patch",
        )
    })
}

/// The controller waits for the stable version to be whole before it takes the weight away, and says Healthy or Degraded
/// meanwhile.
fn guarded(scene: &Scene<'_>) -> Warning {
    let stable = scene.stable()?;
    if scene.current() != Some(stable) && !scene.is_aborted() {
        return None;
    }
    let split = routing::splits(scene)
        .into_iter()
        .filter(|split| split.weight > 0)
        .max_by_key(|split| split.weight)?;
    let phase = if scene.is_observed() { scene.status().phase.as_str() } else { "nothing yet" };
    let what = format!("weight {} is held on {} while the phase says {phase}", split.weight, split.from());
    let stalled = scene
        .canary()
        .is_some_and(|canary| canary.dynamic_stable_scale && canary.abort_scale_down_delay_seconds.is_some());
    let detail = if stalled && scene.is_aborted() && scene.is_whole(stable) {
        "with dynamicStableScale an abort stalls where abortScaleDownDelaySeconds is written out; template back ends it"
    } else {
        "the controller waits until every pod of the stable version is available; ! and B set the weight by hand"
    };
    Some((what, detail))
}

/// The API takes any number for a step.
fn odd_step(scene: &Scene<'_>) -> Warning {
    let count = steps::steps(scene).len();
    let index = scene.status().step();
    (scene.canary().is_some() && index > count).then(|| {
        (format!("step {index} of {count} does not exist"), "somebody wrote a step index that no step has")
    })
}
