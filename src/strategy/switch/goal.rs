//! Whether the traffic of a pair goes where it was sent, judged on the selector and the ready endpoints.

use chrono::TimeDelta;

use crate::model::act::ActKind;
use crate::model::objects::{Depth, ObjectSet};
use crate::model::outline::{Next, Step, Want};
use crate::model::text::Text;
use crate::strategy::{Milestone, Pursuit};

use super::outline::{Way, load_for, scale_step, switch_step, way_to};
use super::sides::{Pair, Side};

/// A way back waits this long for pods of a side that is too small; after that, what is ready has to do.
const PATIENCE_SECONDS: i64 = 30;

/// What the goal needs next.
pub(super) fn next(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
    if objects.workload.uid() != pursuit.uid {
        return Next::Impossible(Text::clean("it was deleted and made anew: this is another object now"));
    }
    let value = match pursuit.want {
        Want::Selects { value, .. } => value,
        Want::LocalOnly => return Next::holds(),
        _ => return Next::Impossible(Text::clean("a Service has no such goal")),
    };
    let Some(pair) = Pair::of(objects) else {
        return Next::Impossible(Text::clean("it does not tell two Deployments apart any more"));
    };
    let Some(side) = pair.side(value) else {
        return Next::Impossible(Text::clean(&format!("the Deployment of {value} is gone")));
    };
    if objects.depth == Depth::Listed {
        return Next::wait("pods and endpoints to be read");
    }
    let Some(selector) = pair.selector_for(side) else {
        return Next::Impossible(Text::clean(&format!("pods of {value} do not carry its other labels")));
    };
    if selector != pair.service.selector {
        return towards(pursuit, &pair, side);
    }
    match unreached(&pair, side) {
        None => Next::holds(),
        Some(what) => Next::wait(&what),
    }
}

/// The request that brings it nearer. A promote goes only to a side that can take the load; a way back makes it so.
fn towards(pursuit: &Pursuit<'_>, pair: &Pair<'_>, side: &Side<'_>) -> Next {
    let ready = pair.standing_by(side);
    let load = load_for(pair, side);
    let switch = || switch_step(pair, side).map_or_else(|| Next::wait("its labels"), Next::Send);
    let back = matches!(pursuit.act.kind(), ActKind::Stop | ActKind::RollBack);
    match way_to(pair, side) {
        Way::Open => switch(),
        Way::Scale(_) | Way::Wait if !back => Next::Impossible(Text::clean(&format!(
            "{} has {ready} ready pods for a load of {load}: nothing was switched",
            side.value
        ))),
        Way::Scale(replicas) => {
            let step = scale_step(pair, side, replicas);
            if asked(pursuit, &step) {
                patient(pursuit, ready, side, load).unwrap_or_else(switch)
            } else {
                Next::Send(step)
            }
        }
        Way::Wait => patient(pursuit, ready, side, load).unwrap_or_else(switch),
    }
}

/// Whether the size was asked for already: the Deployment's watch may not have told yet.
fn asked(pursuit: &Pursuit<'_>, step: &Step) -> bool {
    pursuit.last(step.does.as_str()).is_some_and(crate::model::trace::Sent::applied)
}

/// Waits for pods, but not for ever: a few good pods are better than many bad ones.
fn patient(pursuit: &Pursuit<'_>, ready: i64, side: &Side<'_>, load: i64) -> Option<Next> {
    let until = pursuit.started + TimeDelta::seconds(PATIENCE_SECONDS);
    if ready > 0 && pursuit.now >= until {
        return None;
    }
    let needed = load.max(1);
    let what = Text::clean(&format!("ready pods {ready}/{needed} {}", side.value));
    Some(Next::Wait { what, until: (ready > 0).then_some(until) })
}

/// What of the switch cannot be seen yet.
fn unreached(pair: &Pair<'_>, side: &Side<'_>) -> Option<String> {
    let Some(foreign) = pair.foreign else { return Some("endpoints to be read".to_owned()) };
    let expected = pair.standing_by(side).max(1);
    let others = pair.load() - side.serves - foreign;
    if others > 0 {
        return Some(format!("{others} endpoints of the other side to leave"));
    }
    if foreign > 0 {
        return Some(format!("{foreign} endpoints of unknown pods to leave"));
    }
    (side.serves < expected).then(|| format!("endpoints {}/{expected} {}", side.serves, side.value))
}

/// Stages, in their order.
pub(super) fn milestones(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
    let (Want::Selects { value, .. }, Some(pair)) = (pursuit.want, Pair::of(objects)) else {
        return Vec::new();
    };
    let Some(side) = pair.side(value) else { return Vec::new() };
    let mut stages = Vec::new();
    if pursuit.sent.iter().any(|sent| sent.step.request.resource.subresource == "scale") {
        let reached = matches!(way_to(&pair, side), Way::Open);
        stages.push(Milestone { what: Text::clean(&format!("pods of {value} ready")), reached });
    }
    let selected = pair.selector_for(side).as_ref() == Some(&pair.service.selector);
    stages.push(Milestone { what: Text::clean(&format!("selects {value}")), reached: selected });
    let reached = selected && objects.depth == Depth::Full && unreached(&pair, side).is_none();
    stages.push(Milestone { what: Text::clean(&format!("endpoints are of {value} alone")), reached });
    stages
}
