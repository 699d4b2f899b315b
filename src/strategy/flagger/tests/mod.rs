//! Canaries in the situations that a real Flagger was recorded in.

mod acts;
mod picture;
mod ways_back;
mod world;

use serde_json::Value;

use crate::model::Time;
use crate::model::act::Act;
use crate::model::canary::Canary;
use crate::model::deployment::Deployment;
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Known, ObjectSet, Workload};
use crate::model::outline::{Next, Outline, RefusalKind, Step, Want};
use crate::model::recorded;
use crate::model::request::Write;
use crate::model::trace::{Sent, Stillness};
use crate::model::view::WorkloadView;
use crate::strategy::{Pursuit, strategy_of};

/// A recorded Canary with everything that belongs to it.
fn canary(situation: &str) -> (ObjectSet, Known) {
    recorded::workload("flagger", situation, WorkloadKind::Canary)
}

fn edit(set: &mut ObjectSet) -> &mut Canary {
    match &mut set.workload {
        Workload::Canary(canary) => canary,
        other => panic!("{other:?}"),
    }
}

/// The target, or with `-primary` the primary.
fn side<'a>(set: &'a mut ObjectSet, suffix: &str) -> &'a mut Deployment {
    let name = format!("{}{suffix}", set.target.name);
    set.peers.iter_mut().find(|peer| peer.metadata.name.as_str() == name).unwrap()
}

fn project(set: &ObjectSet, known: &Known) -> WorkloadView {
    strategy_of(set).project(set, known)
}

fn outline(act: &Act, set: &ObjectSet, known: &Known) -> Outline {
    strategy_of(set).outline(act, set, known).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn refused(act: &Act, set: &ObjectSet, known: &Known) -> (RefusalKind, String) {
    let refusal = strategy_of(set).outline(act, set, known).unwrap_err();
    (refusal.kind, refusal.to_string())
}

fn does(outline: &Outline) -> Vec<&str> {
    outline.steps.iter().map(|step| step.does.as_str()).collect()
}

fn operations(step: &Step) -> Vec<Value> {
    match &step.request.write {
        Write::JsonPatch(body) => body.as_array().unwrap().clone(),
        other => panic!("{other:?}"),
    }
}

fn start() -> Time {
    "2026-11-20T22:00:00Z".parse().unwrap()
}

/// What a goal needs at once.
fn next(act: &Act, want: &Want, set: &ObjectSet, known: &Known, trace: &[Sent]) -> Next {
    let still = Stillness::default();
    let now = start();
    let uid = set.workload.uid();
    let pursuit = Pursuit { act, uid, want, known, sent: trace, still: &still, started: now, now };
    strategy_of(set).next(&pursuit, set)
}
