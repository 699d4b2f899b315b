//! Whether a share is in force, judged on the route, on what its gateway says of it, and on ready endpoints.

use crate::model::act::ActKind;
use crate::model::objects::{Depth, ObjectSet};
use crate::model::outline::{Next, RefusalKind, Want};
use crate::model::route::Gateway;
use crate::model::text::Text;
use crate::strategy::{Milestone, Pursuit};

use super::arms::{Arm, Split};
use super::requests;

/// What the goal needs next.
pub(super) fn next(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
    if objects.workload.uid() != pursuit.uid {
        return Next::Impossible(Text::clean("it was deleted and made anew: this is another object now"));
    }
    let (percent, version) = match pursuit.want {
        Want::Weight { percent, version } => (*percent, version),
        Want::LocalOnly => return Next::holds(),
        _ => return Next::Impossible(Text::clean("a route has no such goal")),
    };
    let split = match Split::of(objects, pursuit.known) {
        Ok(split) => split,
        Err(refusal) => return Next::Impossible(Text::clean(&refusal.to_string())),
    };
    let Some(arm) = split.arm(version.as_str()) else {
        return Next::Impossible(Text::clean(&format!("{version} is named by no rule any more")));
    };
    if objects.depth == Depth::Listed {
        return Next::wait("endpoints to be read");
    }
    if !asked(&split, arm, percent) {
        return send(pursuit, &split, arm, percent);
    }
    match unreached(&split, arm, percent) {
        None => Next::holds(),
        Some(what) => Next::wait(&what),
    }
}

/// The share of the candidate that follows from the share of an arm.
fn of_candidate(split: &Split<'_>, arm: &Arm<'_>, percent: u32) -> u32 {
    if arm.name() == split.candidate.name() { percent } else { 100 - percent.min(100) }
}

/// Whether the route says what is wanted.
fn asked(split: &Split<'_>, arm: &Arm<'_>, percent: u32) -> bool {
    let share = of_candidate(split, arm, percent);
    let rules = split.route.canary.as_ref().is_some_and(|canary| !canary.rules.is_empty());
    split.is_at(share) && !(share == 0 && rules)
}

/// The step, made from the route as it is now: an index may have moved since the sheet was drawn.
fn send(pursuit: &Pursuit<'_>, split: &Split<'_>, arm: &Arm<'_>, percent: u32) -> Next {
    let raises = pursuit.act.kind().raises_risk();
    let back = matches!(pursuit.act.kind(), ActKind::Stop | ActKind::RollBack);
    if arm.ready == Some(0) {
        let what = format!("{} has no ready endpoints", arm.service);
        return if back { Next::wait(&what) } else { Next::Impossible(Text::clean(&what)) };
    }
    match requests::step(split, arm, percent, raises) {
        Ok(step) => Next::Send(step),
        Err(refusal) if refusal.kind == RefusalKind::TemplateNotRead => Next::wait(refusal.why.as_str()),
        Err(refusal) => Next::Impossible(Text::clean(&refusal.to_string())),
    }
}

/// What of it cannot be seen yet.
fn unreached(split: &Split<'_>, arm: &Arm<'_>, percent: u32) -> Option<String> {
    let taken = match split.route.gateway {
        Gateway::Accepted | Gateway::Silent => None,
        Gateway::Behind => {
            Some(format!("the gateway to take generation {}", split.route.face.metadata.generation))
        }
        Gateway::Refused => Some("the gateway, which refuses the route as it is".to_owned()),
    };
    let other = if arm.name() == split.stable.name() { &split.candidate } else { &split.stable };
    let serving = [(arm, percent > 0), (other, percent < 100)];
    let dark = serving.iter().find(|(arm, gets)| *gets && arm.ready.is_none_or(|ready| ready == 0));
    taken.or_else(|| dark.map(|(arm, _)| format!("ready endpoints of {}", arm.service)))
}

/// Stages, in their order.
pub(super) fn milestones(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
    let Want::Weight { percent, version } = pursuit.want else { return Vec::new() };
    let Ok(split) = Split::of(objects, pursuit.known) else { return Vec::new() };
    let Some(arm) = split.arm(version.as_str()) else { return Vec::new() };
    let asked = asked(&split, arm, *percent);
    let mut stages =
        vec![Milestone { what: Text::clean(&format!("{version} has {percent} %")), reached: asked }];
    if split.route.gateway != Gateway::Silent {
        let reached = asked && split.route.gateway == Gateway::Accepted;
        stages.push(Milestone { what: Text::clean("the gateway took it"), reached });
    }
    let reached = asked && objects.depth == Depth::Full && unreached(&split, arm, *percent).is_none();
    stages.push(Milestone { what: Text::clean("whoever gets traffic has ready endpoints"), reached });
    stages
}
