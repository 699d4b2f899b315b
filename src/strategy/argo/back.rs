//! The way back, composed: which request comes next, by which side is whole.
//!
//! Seen on the real controller: an abort moves the active Service of a blue-green only while the candidate is fully
//! available, a template put back only while the stable version is; a weight goes only when every stable pod is available;
//! under a pause an abort moves no pods. So the means are chosen by the sides, one at a time, until selectors, weights and
//! endpoints say that the version serves alone, and changed where a guard blocks them.

use chrono::TimeDelta;

use crate::model::Time;
use crate::model::ids::TemplateHash;
use crate::model::outline::{Refusal, Step};
use crate::strategy::Pursuit;

use super::scene::Scene;
use super::{revisions, routing, serving};

/// The controller reacts within 130 ms, idle: after this it is held up by something.
const PATIENCE_MILLIS: i64 = 3_000;
/// A stable version that was scaled down takes its weight back as it grows.
const GROWING_MILLIS: i64 = 15_000;
/// A controller that has seen nothing by now is not there.
const SILENT_MILLIS: i64 = 5_000;

/// What comes next.
pub(super) enum Move {
    Send(Box<Step>),
    Wait(String, Option<Time>),
    /// The version serves alone.
    There,
}

impl Move {
    fn send(step: Step) -> Self {
        Self::Send(Box::new(step))
    }

    fn wait(what: &str) -> Self {
        Self::Wait(what.to_owned(), None)
    }
}

/// How long ago this goal's newest request was taken.
#[derive(Clone, Copy)]
pub(super) struct Clock<'a>(pub(super) Option<&'a Pursuit<'a>>);

impl Clock<'_> {
    /// The end of a patience that began with the newest request, if it is still to come.
    fn within(self, millis: i64) -> Option<Time> {
        let pursuit = self.0?;
        let last =
            pursuit.sent.iter().filter(|sent| sent.applied()).filter_map(|sent| sent.answered).max()?;
        let end = last + TimeDelta::milliseconds(millis);
        (pursuit.now < end).then_some(end)
    }
}

/// The next request towards `to`, whatever happened meanwhile.
pub(super) fn towards(scene: &Scene<'_>, to: &TemplateHash, clock: Clock<'_>) -> Result<Move, Refusal> {
    if scene.stable().is_none_or(|stable| stable == to) {
        to_stable(scene, to, clock)
    } else {
        to_revision(scene, to, clock)
    }
}

/// Whether the spec asks for this version.
fn is_asked(scene: &Scene<'_>, to: &TemplateHash) -> bool {
    let wanted = scene.template().digest;
    let same = scene.set_of(to).is_some_and(|set| set.spec.template.digest == wanted);
    same || (scene.is_observed() && scene.current() == Some(to))
}

/// In mid-run, to the version that serves by right.
fn to_stable(scene: &Scene<'_>, to: &TemplateHash, clock: Clock<'_>) -> Result<Move, Refusal> {
    let back = is_asked(scene, to);
    if !back && !scene.status().abort {
        return first(scene, to).map(Move::send);
    }
    let seen = scene.is_observed() && scene.current() == Some(to);
    if back && scene.spec().paused {
        return Ok(Move::send(scene.unpause()));
    }
    if back
        && !seen
        && let Some(until) = clock.within(SILENT_MILLIS)
    {
        return Ok(Move::Wait("controller to see it".to_owned(), Some(until)));
    }
    match serving::missing(scene, to) {
        None if back && !seen => Ok(Move::wait("controller to see it")),
        None => Ok(Move::There),
        Some(what) => unblock(scene, to, &what, back, clock),
    }
}

/// The means to begin with.
fn first(scene: &Scene<'_>, to: &TemplateHash) -> Result<Step, Refusal> {
    let paused = scene.spec().paused;
    let template = || scene.template_back(to, false);
    // an abort needs no template: better than nothing while none was read, but not where it can leave nobody serving
    let either = || if paused { template() } else { template().or_else(|_| Ok(scene.abort())) };
    if let Some(spec) = scene.blue_green() {
        let candidate = scene.current().is_some_and(|hash| scene.is_whole(hash));
        let moved = scene.is_past_cut_over();
        return match (candidate && !paused, scene.is_whole(to)) {
            (true, _) => Ok(scene.abort()),
            (false, false) if moved && scene.ready(to) > 0 => {
                let from = routing::selected(scene, &spec.active_service).unwrap_or_default();
                Ok(scene.select(&spec.active_service, &from, to))
            }
            (false, _) if moved => template(),
            (false, _) => either(),
        };
    }
    let stalls = scene
        .canary()
        .is_some_and(|canary| canary.dynamic_stable_scale && canary.abort_scale_down_delay_seconds.is_some());
    if scene.is_whole(to) && !paused && !stalls { Ok(scene.abort()) } else { either() }
}

/// The spec no longer asks for the candidate, and yet it has traffic.
fn unblock(
    scene: &Scene<'_>,
    to: &TemplateHash,
    what: &str,
    back: bool,
    clock: Clock<'_>,
) -> Result<Move, Refusal> {
    let whole = scene.is_whole(to);
    let patience = clock.within(PATIENCE_MILLIS).filter(|_| !scene.spec().paused);
    let wait = |until: Option<Time>| Ok(Move::Wait(what.to_owned(), until));
    if let Some(spec) = scene.blue_green() {
        let works = if back { whole } else { scene.current().is_some_and(|hash| scene.is_whole(hash)) };
        if works && patience.is_some() {
            return wait(patience);
        }
        if !back && whole {
            return scene.template_back(to, false).map(Move::send);
        }
        let from = routing::selected(scene, &spec.active_service).unwrap_or_default();
        if from == *to || scene.ready(to) == 0 {
            return wait(None);
        }
        return Ok(Move::send(scene.select(&spec.active_service, &from, to)));
    }
    let grows = scene.canary().is_some_and(|canary| canary.dynamic_stable_scale);
    if !back && (scene.spec().paused || grows && patience.is_none()) {
        return scene.template_back(to, false).map(Move::send);
    }
    if whole && patience.is_some() {
        return wait(patience);
    }
    if grows && let Some(until) = clock.within(GROWING_MILLIS) {
        return wait(Some(until));
    }
    let held = routing::splits(scene).into_iter().find(|split| split.weight > 0);
    match held {
        Some(split) if scene.ready(to) > 0 => Ok(Move::send(split.set_by_hand(scene))),
        Some(_) => Ok(Move::Wait(format!("{what}; ready pods of {}", scene.version(to)), None)),
        None => wait(None),
    }
}

/// To another revision than the stable one: a new update, whose steps are skipped.
fn to_revision(scene: &Scene<'_>, to: &TemplateHash, clock: Clock<'_>) -> Result<Move, Refusal> {
    if !is_asked(scene, to) {
        return scene.template_back(to, keeps_pause(scene, to)).map(Move::send);
    }
    if !scene.is_observed() || scene.current() != Some(to) {
        return Ok(Move::Wait("controller to see it".to_owned(), clock.within(SILENT_MILLIS)));
    }
    let Some(stable) = scene.stable() else { return Ok(Move::wait("a stable version")) };
    let patience = clock.within(PATIENCE_MILLIS).filter(|_| !scene.spec().paused);
    // it may switch by itself, and by now has taken the mark of being kept away
    let switches = scene.blue_green().is_some() && revisions::is_warm(scene, to);
    if switches && let Some(until) = patience {
        return Ok(Move::Wait("controller to switch back".to_owned(), Some(until)));
    }
    if !scene.status().promote_full {
        return Ok(Move::send(scene.promote_in_full(to, stable)));
    }
    if scene.spec().paused {
        return Ok(Move::send(scene.unpause()));
    }
    let wanted = scene.wanted();
    Ok(Move::Wait(format!("pods {}/{wanted} {}", scene.ready(to).min(wanted), scene.version(to)), None))
}

/// Pods of a warm target stay only under a pause: without it the controller scales them to the first step before it can
/// be told to skip the steps. A blue-green goes back without it where the target is older and still kept.
pub(super) fn keeps_pause(scene: &Scene<'_>, to: &TemplateHash) -> bool {
    let divided = scene.router().is_some() || scene.blue_green().is_some();
    let at_rest = scene.current() == scene.stable();
    let own = scene.workload_ref().is_none();
    divided && at_rest && own && revisions::is_warm(scene, to) && !goes_by_itself(scene, to)
}

/// Whether the controller skips the pause and the analyses by itself: only in a blue-green, to a version that is older
/// than the stable one and still kept.
pub(super) fn goes_by_itself(scene: &Scene<'_>, to: &TemplateHash) -> bool {
    scene.blue_green().is_some() && revisions::is_warm(scene, to) && revisions::is_older_and_kept(scene, to)
}
