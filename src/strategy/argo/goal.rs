//! Whether a goal on a Rollout holds, and what it needs next. A phase proves nothing; reported fields count only where
//! the field itself is what was asked for.

use crate::model::act::Act;
use crate::model::ids::TemplateHash;
use crate::model::outline::{Next, Outline, Refusal, RefusalKind, Step, Want};
use crate::model::request::Outcome;
use crate::model::text::Text;
use crate::strategy::{Milestone, Pursuit};

use super::back::{Clock, Move, towards};
use super::scene::Scene;
use super::{outline, reasons, routing, serving, steps};

/// What the goal needs next.
pub(super) fn next(scene: &Scene<'_>, pursuit: &Pursuit<'_>) -> Next {
    if scene.rollout.face.metadata.uid != *pursuit.uid {
        return Next::Impossible(Text::clean("it was deleted and made anew: this is another object now"));
    }
    match pursuit.want {
        Want::Serving { hash: Some(hash), .. } => returning(scene, hash, pursuit),
        Want::StepPassed { index, hash } => step_passed(scene, *index, hash, pursuit),
        Want::Promoted { hash, .. } => promoted(scene, hash, pursuit),
        Want::Retried { hash } => retried(scene, hash, pursuit),
        want => plain(scene, want, pursuit),
    }
}

fn impossible(why: &str) -> Next {
    Next::Impossible(Text::clean(why))
}

fn returning(scene: &Scene<'_>, hash: &TemplateHash, pursuit: &Pursuit<'_>) -> Next {
    if !scene.is_full() {
        return Next::wait("revisions to be read");
    }
    if scene.set_of(hash).is_none() {
        return impossible("the revision to return to is gone");
    }
    match towards(scene, hash, Clock(Some(pursuit))) {
        Ok(Move::Send(step)) => Next::Send(*step),
        Ok(Move::Wait(what, until)) => Next::Wait { what: Text::clean(&what), until },
        Ok(Move::There) => Next::holds(),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> Next {
    match refusal.kind {
        RefusalKind::TemplateNotRead => Next::wait(refusal.why.as_str()),
        _ => impossible(&refusal.to_string()),
    }
}

/// Wants that a field of the spec expresses and pods follow.
fn plain(scene: &Scene<'_>, want: &Want, pursuit: &Pursuit<'_>) -> Next {
    if !is_asked(scene, want) {
        return ask(scene, pursuit);
    }
    if !scene.is_observed() {
        return Next::wait("controller to see it");
    }
    unreached(scene, want).map_or_else(Next::holds, |what| Next::wait(&what))
}

fn is_asked(scene: &Scene<'_>, want: &Want) -> bool {
    match want {
        // an update that ended while the pause was on its way has nothing left to hold
        Want::Paused { paused: true } => scene.spec().paused || !scene.is_in_flight() || scene.is_aborted(),
        Want::Paused { paused: false } => !scene.spec().paused,
        Want::Image { container, image } => {
            scene.template().images.iter().any(|one| one.name == *container && one.image == *image)
        }
        Want::Restarted { stamp } => scene.spec().restart_at.as_ref() == Some(stamp),
        Want::Replicas { replicas } => scene.wanted() == i64::from(*replicas),
        Want::LocalOnly => true,
        // made by other mechanisms, or answered above
        Want::Serving { .. }
        | Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Promoted { .. }
        | Want::Retried { .. }
        | Want::Fenced { .. } => false,
    }
}

fn unreached(scene: &Scene<'_>, want: &Want) -> Option<String> {
    match want {
        Want::Image { container, image } => {
            let set = scene.current().and_then(|hash| scene.set_of(hash));
            let runs = set.is_some_and(|set| {
                set.spec.template.images.iter().any(|one| one.name == *container && one.image == *image)
            });
            (!runs).then(|| format!("the revision of {image}"))
        }
        Want::Restarted { stamp } => restarted(scene, stamp),
        Want::Replicas { replicas } => {
            let (ready, wanted) = (scene.status().ready_replicas, i64::from(*replicas));
            // during an update both versions have pods
            let fits = if scene.is_in_flight() { ready >= wanted } else { ready == wanted };
            (!fits).then(|| format!("pods {ready}/{wanted}"))
        }
        _ => None,
    }
}

fn restarted(scene: &Scene<'_>, stamp: &str) -> Option<String> {
    let at: crate::model::Time = stamp.parse().ok()?;
    let pods = || scene.objects.pods.iter().filter(|pod| !pod.terminating);
    let old =
        pods().filter(|pod| pod.created.is_some_and(|created| created.timestamp() < at.timestamp())).count();
    if old > 0 {
        return Some(format!("{old} older pods to be replaced"));
    }
    let unready = pods().filter(|pod| !pod.ready).count();
    if unready > 0 {
        return Some(format!("{unready} new pods to be ready"));
    }
    (scene.status().restarted_at.as_deref() != Some(stamp))
        .then(|| "controller to finish the restart".to_owned())
}

/// The present request of an act, made from what is there now.
fn ask(scene: &Scene<'_>, pursuit: &Pursuit<'_>) -> Next {
    let act = match (pursuit.act, pursuit.want) {
        (Act::Stop, Want::Paused { .. }) => Act::Hold,
        (act, _) => act.clone(),
    };
    first(outline::outline(scene, &act))
}

fn first(outline: Result<Outline, Refusal>) -> Next {
    match outline.map(|outline| outline.steps.into_iter().next()) {
        Ok(Some(step)) => Next::Send(step),
        Ok(None) => Next::wait("nothing to send"),
        Err(refusal) => refused(&refusal),
    }
}

/// What ends a promotion: another revision, or an abort.
fn overtaken(scene: &Scene<'_>, hash: &TemplateHash) -> Option<Next> {
    if scene.is_observed() && scene.current() != Some(hash) {
        let other = scene.current().map_or_else(|| Text::clean("nothing"), |hash| scene.version(hash));
        return Some(impossible(&format!("another version took its place: {other}")));
    }
    let aborted = reasons::aborted(scene)?;
    Some(Next::Impossible(aborted.what))
}

fn step_passed(scene: &Scene<'_>, index: u32, hash: &TemplateHash, pursuit: &Pursuit<'_>) -> Next {
    if let Some(end) = overtaken(scene, hash) {
        return end;
    }
    if let Some(why) = beaten(scene, pursuit) {
        return Next::Impossible(why);
    }
    if scene.stable() == Some(hash) {
        return serving::missing(scene, hash).map_or_else(Next::holds, |what| Next::wait(&what));
    }
    let passed = match scene.blue_green() {
        Some(_) => scene.is_past_cut_over(),
        None => scene.status().current_step_index.unwrap_or(0) > i64::from(index),
    };
    if !passed {
        return to_pass(scene, pursuit);
    }
    effective(scene, index, hash).map_or_else(Next::holds, |what| Next::wait(&what))
}

/// Requests of this goal that were refused because somebody else was faster.
fn beaten(scene: &Scene<'_>, pursuit: &Pursuit<'_>) -> Option<Text> {
    let mine = pursuit.sent.iter().any(crate::model::trace::Sent::applied);
    let refused = pursuit
        .sent
        .iter()
        .any(|sent| matches!(sent.outcome, Some(Outcome::Rejected { code: 409 | 422, .. })));
    (refused && !mine).then(|| {
        let meta = &scene.rollout.face.metadata;
        let people = meta
            .managers
            .iter()
            .filter(|one| one.subresource == "status" && !one.manager.contains("rollouts-controller"));
        let who = people.max_by_key(|one| one.time).map_or_else(
            || "somebody else".to_owned(),
            |one| match one.time {
                Some(at) => format!("{} at {} UTC", one.manager, at.format("%H:%M:%S")),
                None => one.manager.clone(),
            },
        );
        Text::clean(&format!("not sent: the step is not what was shown any more; last written by {who}"))
    })
}

/// The request that passes the step; where it is held the un-pause comes first, and is seen before the other one goes.
fn to_pass(scene: &Scene<'_>, pursuit: &Pursuit<'_>) -> Next {
    if !scene.is_observed() {
        return Next::wait("controller to see it");
    }
    let outline = outline::outline(scene, &Act::Promote);
    let sent = |step: &Step| pursuit.sent.iter().any(|sent| sent.step.does == step.does && sent.applied());
    match outline.map(|outline| outline.steps.into_iter().next()) {
        Ok(Some(step)) if !sent(&step) => Next::Send(step),
        // the request was taken; what looks like the next one is not this goal's
        Ok(_) if !pursuit.sent.is_empty() => Next::wait("controller to take the step"),
        Ok(_) => Next::wait("nothing to send"),
        Err(_) if pursuit.sent.iter().any(crate::model::trace::Sent::applied) => {
            Next::wait("controller to take the step")
        }
        Err(refusal) => refused(&refusal),
    }
}

/// The step is left; what the next one sets is still to be seen.
fn effective(scene: &Scene<'_>, index: u32, hash: &TemplateHash) -> Option<String> {
    if let Some(spec) = scene.blue_green() {
        let service = routing::service_of(scene, &spec.active_service)?;
        let ready = serving::endpoints(scene, service).get(hash).copied().unwrap_or(0);
        return (ready == 0).then(|| format!("ready endpoints of {}", service.name));
    }
    let next = usize::try_from(index).unwrap_or(usize::MAX).saturating_add(1);
    let set = steps::steps(scene).get(next).and_then(|step| step.set_weight)?;
    let there = scene.status().current_step_index.unwrap_or(0) > i64::from(index) + 1;
    let splits = routing::splits(scene);
    let short = splits
        .iter()
        .find(|split| routing::share_of(scene, split, hash) * steps::weight_max(scene) < set * split.whole);
    match (there, short) {
        (_, Some(split)) => Some(format!("weight {set} on {}", split.from())),
        (false, None) => Some(
            steps::pods(scene)
                .map_or_else(|| format!("weight {set}"), |pods| format!("{pods} for weight {set}")),
        ),
        (true, None) => None,
    }
}

fn promoted(scene: &Scene<'_>, hash: &TemplateHash, pursuit: &Pursuit<'_>) -> Next {
    if scene.stable() == Some(hash) {
        if scene.spec().paused && asked_to_unpause(pursuit) {
            return unpause_of(scene, pursuit);
        }
        return serving::missing(scene, hash).map_or_else(Next::holds, |what| Next::wait(&what));
    }
    if let Some(end) = overtaken(scene, hash) {
        return end;
    }
    if let Some(why) = beaten(scene, pursuit) {
        return Next::Impossible(why);
    }
    let sent =
        pursuit.sent.iter().any(|sent| sent.applied() && sent.step.request.resource.subresource == "status");
    if !scene.status().promote_full && !sent {
        return ask(scene, pursuit);
    }
    if scene.spec().paused {
        return unpause_of(scene, pursuit);
    }
    let wanted = scene.wanted();
    Next::wait(&format!("pods {}/{wanted} {}", scene.ready(hash).min(wanted), scene.version(hash)))
}

fn asked_to_unpause(pursuit: &Pursuit<'_>) -> bool {
    pursuit.sent.iter().any(crate::model::trace::Sent::applied)
}

/// Promoted in full while held: the un-pause of the same sheet.
fn unpause_of(scene: &Scene<'_>, pursuit: &Pursuit<'_>) -> Next {
    match outline::outline(scene, &Act::Resume).map(|outline| outline.steps.into_iter().next()) {
        Ok(Some(step)) if pursuit.last(step.does.as_str()).is_none() => Next::Send(step),
        _ => Next::wait("controller to see that it is un-paused"),
    }
}

fn retried(scene: &Scene<'_>, hash: &TemplateHash, pursuit: &Pursuit<'_>) -> Next {
    if scene.is_observed() && scene.current() != Some(hash) {
        return overtaken(scene, hash).unwrap_or_else(|| Next::wait("controller to see it"));
    }
    if scene.status().abort {
        return ask(scene, pursuit);
    }
    let desired = scene.set_of(hash).map_or(0, |set| set.spec.replicas);
    if desired == 0 && scene.stable() != Some(hash) && !scene.spec().paused && !begins_at_nothing(scene) {
        return Next::wait("controller to begin anew");
    }
    Next::holds()
}

/// A first step that wants no pods yet.
fn begins_at_nothing(scene: &Scene<'_>) -> bool {
    scene.canary().is_some() && steps::weight_at(scene, 0) == 0
}

/// Stages, in their order.
pub(super) fn milestones(scene: &Scene<'_>, pursuit: &Pursuit<'_>) -> Vec<Milestone> {
    let stage = |what: &str, reached: bool| Milestone { what: Text::clean(what), reached };
    let done = matches!(next(scene, pursuit), Next::Holds { .. });
    match pursuit.want {
        Want::Serving { hash: Some(hash), version, .. } => {
            let safe = scene.current() == Some(hash) && scene.is_observed() || scene.is_aborted();
            vec![
                stage("controller saw it", safe),
                stage(&format!("{version} serves alone"), safe && serving::missing(scene, hash).is_none()),
            ]
        }
        Want::StepPassed { index, hash } => {
            let left = scene.status().current_step_index.unwrap_or(0) > i64::from(*index)
                || scene.stable() == Some(hash)
                || scene.is_past_cut_over();
            vec![
                stage("controller took the step", left && !scene.is_aborted()),
                stage("traffic follows", done),
            ]
        }
        Want::Promoted { hash, version } => vec![
            stage(&format!("{version} is stable"), scene.stable() == Some(hash)),
            stage(&format!("{version} serves alone"), done),
        ],
        Want::Image { .. } => {
            vec![stage("controller saw it", scene.is_observed()), stage("the update began", done)]
        }
        Want::Replicas { replicas } => {
            vec![
                stage("controller saw it", scene.is_observed()),
                stage(&format!("pods {replicas}/{replicas}"), done),
            ]
        }
        Want::Restarted { .. } => {
            vec![stage("controller saw it", scene.is_observed()), stage("all pods are new", done)]
        }
        _ => vec![stage("controller saw it", done)],
    }
}
