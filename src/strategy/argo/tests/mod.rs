//! Rollouts in the situations that the real controller was recorded in.

mod acts;
mod picture;
mod ways_back;

use chrono::TimeDelta;
use serde_json::Value;

use crate::model::Time;
use crate::model::act::Act;
use crate::model::ids::{ActId, TemplateHash};
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Known, ObjectSet, Workload};
use crate::model::outline::{Next, Outline, Refusal, Step, Want};
use crate::model::recorded;
use crate::model::replicaset::ReplicaSet;
use crate::model::request::{Outcome, RequestId, Write};
use crate::model::rollout::Rollout;
use crate::model::trace::{Sent, Stillness};
use crate::model::view::WorkloadView;
use crate::strategy::{Pursuit, strategy_of};

/// Stable in nearly all recordings: `img:v1`.
const STABLE: &str = "5f798ff6b9";
/// The candidate in most: `img:v2`.
const CANDIDATE: &str = "d764d974d";

fn load(situation: &str) -> (ObjectSet, Known) {
    recorded::workload("argo", situation, WorkloadKind::Rollout)
}

fn project(set: &ObjectSet, known: &Known) -> WorkloadView {
    strategy_of(set).project(set, known)
}

fn outline(act: &Act, set: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
    strategy_of(set).outline(act, set, known)
}

fn does(outline: &Outline) -> Vec<&str> {
    outline.steps.iter().map(|step| step.does.as_str()).collect()
}

fn edit(set: &mut ObjectSet) -> &mut Rollout {
    match &mut set.workload {
        Workload::Rollout(rollout) => rollout,
        _ => panic!("a Rollout was recorded"),
    }
}

fn set_of<'a>(set: &'a mut ObjectSet, hash: &str) -> &'a mut ReplicaSet {
    set.replica_sets.iter_mut().find(|one| one.hash().as_str() == hash).unwrap()
}

/// Pods of a version that are not ready, in the counts and in the endpoints too.
fn unready(set: &mut ObjectSet, hash: &str, count: usize) {
    let names: Vec<_> = set
        .pods
        .iter()
        .filter(|pod| pod.hash.as_str() == hash)
        .map(|pod| pod.name.clone())
        .take(count)
        .collect();
    assert_eq!(names.len(), count, "pods of {hash}");
    for pod in set.pods.iter_mut().filter(|pod| names.contains(&pod.name)) {
        pod.ready = false;
    }
    for endpoint in set.services.iter_mut().flat_map(|service| service.endpoints.iter_mut().flatten()) {
        endpoint.ready &= !endpoint.pod.as_ref().is_some_and(|pod| names.contains(pod));
    }
    let status = &mut set_of(set, hash).status;
    status.ready_replicas -= i64::try_from(count).unwrap();
    status.available_replicas -= i64::try_from(count).unwrap();
}

fn operations(step: &Step) -> Vec<Value> {
    match &step.request.write {
        Write::JsonPatch(body) => body.as_array().unwrap().clone(),
        other => panic!("a JSON Patch was expected: {other:?}"),
    }
}

fn to(hash: &str) -> Want {
    Want::Serving {
        hash: Some(TemplateHash::new(hash)),
        digest: crate::model::template::TemplateDigest::default(),
        version: "v1".into(),
    }
}

fn now() -> Time {
    "2026-11-20T22:00:00Z".parse().unwrap()
}

/// A request of the goal that was answered so many milliseconds ago.
fn sent(step: &Step, millis_ago: i64, outcome: Outcome) -> Sent {
    let at = now() - TimeDelta::milliseconds(millis_ago);
    let id = RequestId { act: ActId::new("a"), step: 1, attempt: 1 };
    Sent { id, step: step.clone(), at, outcome: Some(outcome), answered: Some(at) }
}

fn applied(step: &Step, millis_ago: i64) -> Sent {
    sent(step, millis_ago, Outcome::Applied { code: 200 })
}

fn next(act: &Act, want: &Want, set: &ObjectSet, known: &Known, requests: &[Sent]) -> Next {
    let still = Stillness::default();
    let uid = set.workload.uid();
    let pursuit =
        Pursuit { act, uid, want, known, sent: requests, still: &still, started: now(), now: now() };
    strategy_of(set).next(&pursuit, set)
}

/// What the goal sends now.
fn sends(act: &Act, want: &Want, set: &ObjectSet, known: &Known, requests: &[Sent]) -> Step {
    match next(act, want, set, known, requests) {
        Next::Send(step) => step,
        other => panic!("a request was expected: {other:?}"),
    }
}

fn waits(act: &Act, want: &Want, set: &ObjectSet, known: &Known, requests: &[Sent]) -> String {
    match next(act, want, set, known, requests) {
        Next::Wait { what, .. } => what.to_string(),
        other => panic!("waiting was expected: {other:?}"),
    }
}
