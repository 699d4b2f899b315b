//! Whether a goal on a Canary holds, judged on live objects: routes, templates, pods. Flagger's own status proves nothing
//! by itself.

pub(super) mod back;
pub(super) mod fence;

use crate::model::act::Act;
use crate::model::canary::Phase;
use crate::model::objects::ObjectSet;
use crate::model::outline::{Next, RefusalKind, Want};
use crate::model::text::Text;
use crate::strategy::{Milestone, Pursuit};

use super::pair::{Pair, Same};
use super::{outline, steps, weights};

/// What the goal needs next.
pub(super) fn next(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
    let Some(pair) = Pair::of(objects, pursuit.known) else {
        return Next::Impossible(Text::clean("not a Canary"));
    };
    if pair.canary.face.metadata.uid != *pursuit.uid {
        return Next::Impossible(Text::clean("it was deleted and made anew: this is another object now"));
    }
    match pursuit.want {
        Want::Serving { hash: Some(hash), version, .. } => back::next(pursuit, &pair, hash, version.as_str()),
        Want::Paused { paused: true } => held(pursuit, &pair),
        Want::Paused { paused: false } => {
            if pair.suspended() {
                outlined(pursuit, &pair)
            } else {
                Next::holds()
            }
        }
        Want::Promoted { hash, version } => promoted(pursuit, &pair, hash.as_str(), version.as_str()),
        Want::Retried { .. } => retried(pursuit, &pair),
        Want::Image { container, image } => imaged(pursuit, &pair, container, image),
        Want::Restarted { stamp } => restarted(pursuit, &pair, stamp),
        Want::LocalOnly => Next::holds(),
        // wants of other mechanisms are never made here
        Want::Serving { hash: None, .. }
        | Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Fenced { .. }
        | Want::Replicas { .. } => Next::Impossible(Text::clean("this is no goal of a Canary")),
    }
}

/// Held is proved at the fence only: the tick that runs may still move the weight, and promote.
fn held(pursuit: &Pursuit<'_>, pair: &Pair<'_>) -> Next {
    if !pair.suspended() {
        // a release that ended while the hold was on its way has nothing left to hold
        return if pair.phase().in_flight() { Next::Send(steps::suspend(pair)) } else { Next::holds() };
    }
    match fence::stands_until(pursuit, pair) {
        Some(until) => {
            let left = (until - pursuit.now).num_seconds() + 1;
            let what = format!("suspended; the tick that may still run to end: {left} s");
            Next::Wait { what: Text::clean(&what), until: Some(until) }
        }
        None => Next::holds(),
    }
}

/// Skips the analysis, and switches it on again once this release is through: it would go for all later ones.
fn promoted(pursuit: &Pursuit<'_>, pair: &Pair<'_>, hash: &str, version: &str) -> Next {
    let skips = pair.canary.spec.skip_analysis;
    if !pair.is_read() {
        return Next::wait("revisions to be read");
    }
    if pair.candidate().is_none_or(|candidate| candidate.hash().as_str() != hash) {
        let what = "another revision is on its way now";
        return if skips { Next::Send(steps::skip_analysis(pair, false)) } else { impossible(what) };
    }
    match pair.phase() {
        Phase::Succeeded | Phase::Failed if skips => Next::Send(steps::skip_analysis(pair, false)),
        Phase::Succeeded => match (pair.agree(), pair.primary_complete()) {
            (Same::Yes, true) if !weights::reaches_target(pair) => Next::holds(),
            (Same::No, _) => impossible("Flagger says Succeeded, and the primary runs something else"),
            _ => Next::wait(&format!("the primary to serve {version} alone")),
        },
        Phase::Failed => impossible("Flagger gave the release up"),
        _ if skips => Next::wait("Flagger to promote it at its next ticks"),
        _ => outlined(pursuit, pair),
    }
}

fn retried(pursuit: &Pursuit<'_>, pair: &Pair<'_>) -> Next {
    let sent = pursuit.sent.iter().any(crate::model::trace::Sent::applied);
    match pair.phase() {
        Phase::Failed if !sent => outlined(pursuit, pair),
        Phase::Failed => {
            if ended_since(pursuit, pair) {
                impossible("it failed again")
            } else {
                Next::wait("Flagger to see it at its next tick")
            }
        }
        phase if phase.in_flight() => Next::holds(),
        _ => Next::wait("Flagger to start the analysis anew"),
    }
}

/// Whether the phase is the end of a release that began after this goal: that takes one interval at the least. Flagger
/// writes the end of the one before more than once.
fn ended_since(pursuit: &Pursuit<'_>, pair: &Pair<'_>) -> bool {
    let interval = chrono::TimeDelta::seconds(i64::from(pair.canary.spec.analysis.interval_seconds()));
    pair.canary.status.last_transition_time.is_some_and(|at| at > pursuit.started + interval)
}

/// A new image is a new release, and the release is Flagger's: proved when Flagger has taken it up.
fn imaged(pursuit: &Pursuit<'_>, pair: &Pair<'_>, container: &str, image: &str) -> Next {
    let Some(target) = pair.target() else { return Next::wait("the target to be read") };
    let asked = target.spec.template.images.iter().any(|one| one.name == container && one.image == image);
    if !asked {
        return outlined(pursuit, pair);
    }
    let phase = pair.phase();
    let since = ended_since(pursuit, pair);
    if phase.in_flight() || (since && phase == Phase::Succeeded) {
        return Next::holds();
    }
    if since && phase == Phase::Failed {
        return impossible("Flagger gave the release up");
    }
    Next::wait("Flagger to take the release up at its next tick")
}

fn restarted(pursuit: &Pursuit<'_>, pair: &Pair<'_>, stamp: &str) -> Next {
    let Some(primary) = pair.primary() else { return Next::wait("the primary to be read") };
    if primary.spec.template.restarted.as_deref() != Some(stamp) {
        return outlined(pursuit, pair);
    }
    if pair.primary_complete() {
        return Next::holds();
    }
    let status = &primary.status;
    let arrived = status.updated_replicas.min(status.available_replicas);
    Next::wait(&format!("pods {arrived}/{} the restart", primary.wanted()))
}

/// The first request of the act as it would go out now.
fn outlined(pursuit: &Pursuit<'_>, pair: &Pair<'_>) -> Next {
    match outline::outline(pursuit.act, pair) {
        Ok(outline) => match outline.steps.into_iter().next() {
            Some(step) => Next::Send(step),
            None => Next::wait("nothing to send"),
        },
        Err(refusal) if refusal.kind == RefusalKind::TemplateNotRead => Next::wait(refusal.why.as_str()),
        Err(refusal) => Next::Impossible(Text::clean(&refusal.to_string())),
    }
}

fn impossible(why: &str) -> Next {
    Next::Impossible(Text::clean(why))
}

/// Stages, in their order.
pub(super) fn milestones(pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
    let Some(pair) = Pair::of(objects, pursuit.known) else { return Vec::new() };
    let stage = |what: &str, reached: bool| Milestone { what: Text::clean(what), reached };
    let done = || matches!(next(pursuit, objects), Next::Holds { .. });
    match pursuit.want {
        Want::Paused { paused: true } => {
            vec![stage("suspended", pair.suspended()), stage("the running tick ended", done())]
        }
        Want::Paused { paused: false } => vec![stage("Flagger may go on", done())],
        Want::Serving { hash, version, .. } => {
            let good =
                hash.as_ref().is_some_and(|hash| pair.serving().is_some_and(|set| set.hash() == *hash));
            let empty = pair
                .target()
                .is_some_and(|target| target.wanted() == 0 && pair.pods(target).next().is_none());
            let mut stages = vec![
                stage("no traffic to the target", !weights::reaches_target(&pair)),
                stage(&format!("primary runs {version}"), good && pair.primary_complete()),
            ];
            if matches!(pursuit.act, Act::Stop) || pair.phase() == Phase::Failed {
                stages.push(stage("no pods of the target", empty));
            }
            stages.push(stage("stays so without a hold", done()));
            stages
        }
        Want::Promoted { version, .. } => vec![
            stage("analysis skipped", pair.canary.spec.skip_analysis || pair.phase() == Phase::Succeeded),
            stage(&format!("primary serves {version} alone"), done()),
        ],
        Want::Retried { .. } | Want::Image { .. } => vec![stage("Flagger took it up", done())],
        Want::Restarted { .. } => vec![stage("primary restarted", done())],
        Want::LocalOnly
        | Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Fenced { .. }
        | Want::Replicas { .. } => Vec::new(),
    }
}
