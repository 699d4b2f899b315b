//! Sets in the situations that a real control plane was recorded in.

use serde_json::{Value, json};

use crate::model::act::Act;
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Known, ObjectSet, Workload};
use crate::model::outline::{Next, Outline, RefusalKind, Want};
use crate::model::recorded;
use crate::model::request::Write;
use crate::model::sets::StatefulSet;
use crate::model::trace::Stillness;
use crate::model::view::WorkloadState;
use crate::strategy::{Pursuit, strategy_of};

const GOOD: &str = "s-5649f4d76d";

/// The StatefulSet `s` of a recording: another set of the same namespace stands in it too.
fn recorded(situation: &str, kind: WorkloadKind) -> (ObjectSet, Known) {
    let (mut set, known) = recorded::workload("deployment", situation, kind);
    let name = set.target.name.as_str().to_owned();
    set.pods.retain(|pod| pod.owner.as_ref().is_some_and(|owner| owner.as_str() == name));
    set.history.retain(|one| one.metadata.controller().is_some_and(|owner| owner.name.as_str() == name));
    (set, known)
}

fn stuck() -> (ObjectSet, Known) {
    let (set, mut known) = recorded("statefulset-stuck-image", WorkloadKind::StatefulSet);
    recorded::seen(&set, &mut known, GOOD, 1);
    (set, known)
}

fn edit(set: &mut ObjectSet) -> &mut StatefulSet {
    match &mut set.workload {
        Workload::StatefulSet(set) => set,
        other => panic!("{other:?}"),
    }
}

fn outline(act: &Act, set: &ObjectSet, known: &Known) -> Outline {
    strategy_of(set).outline(act, set, known).unwrap()
}

fn operations(outline: &Outline) -> Vec<Value> {
    match &outline.steps[0].request.write {
        Write::JsonPatch(body) => body.as_array().unwrap().clone(),
        other => panic!("{other:?}"),
    }
}

fn next(act: &Act, want: &Want, set: &ObjectSet, known: &Known) -> Next {
    let still = Stillness::default();
    let now = "2026-11-20T21:00:00Z".parse().unwrap();
    let uid = set.workload.uid();
    let pursuit = Pursuit { act, uid, want, known, sent: &[], still: &still, started: now, now };
    strategy_of(set).next(&pursuit, set)
}

#[test]
fn a_stuck_set_says_why_and_where_it_would_go_back_to() {
    let (set, known) = stuck();
    let view = strategy_of(&set).project(&set, &known);
    assert_eq!((view.strategy, view.state, view.in_flight), ("sts", WorkloadState::Stuck, true));
    assert!(view.reasons[0].what.as_str().starts_with("ImagePullBackOff on 1 of 3"), "{:?}", view.reasons);
    let names = |version: Option<crate::model::view::Version>| version.map(|one| one.name.to_string());
    assert_eq!(names(view.stable), Some("v1".to_owned()));
    assert_eq!(names(view.candidate), Some("v3imagepull".to_owned()));
    assert!(view.way_back.is_ok(), "{:?}", view.way_back);
}

#[test]
fn a_hold_raises_the_partition_and_keeps_what_stood_there() {
    let (mut set, mut known) = stuck();
    edit(&mut set).partition = 1;
    let hold = outline(&Act::Hold, &set, &known);
    let raise = json!({"op": "replace", "path": "/spec/updateStrategy/rollingUpdate/partition", "value": 3});
    assert_eq!(operations(&hold)[1], raise);
    assert_eq!(hold.want, Want::Fenced { fenced: true, before: json!(1) });
    edit(&mut set).partition = 3;
    edit(&mut set).face.moving = false;
    known.fenced = Some(json!(1));
    let view = strategy_of(&set).project(&set, &known);
    assert_eq!((view.state, view.paused, view.in_flight), (WorkloadState::Held, true, true));
    assert_eq!(next(&Act::Hold, &hold.want, &set, &known), Next::holds());
    let resume = outline(&Act::Promote, &set, &known);
    assert_eq!(resume.want, Want::Fenced { fenced: false, before: json!(1) }, "P on a held set is a resume");
    assert_eq!(operations(&resume)[2]["value"], json!(1), "what stood there comes back");
}

#[test]
fn a_stop_only_holds() {
    let (set, known) = stuck();
    let stop = outline(&Act::Stop, &set, &known);
    assert!(matches!(stop.want, Want::Fenced { fenced: true, .. }));
    assert!(stop.title.as_str().contains("hold only"));
}

#[test]
fn the_way_back_puts_the_template_back_and_then_deletes_the_pod_that_stays_broken() {
    let (mut set, known) = stuck();
    let back = outline(&Act::RollBack { to: None }, &set, &known);
    let template = operations(&back)[1].clone();
    assert_eq!(template["path"], "/spec/template");
    assert_eq!(template["value"]["$patch"], Value::Null, "the history's own marker never goes out");
    assert_eq!(template["value"]["spec"]["containers"][0]["image"], "img:v1");
    let act = Act::RollBack { to: None };
    assert!(matches!(next(&act, &back.want, &set, &known), Next::Send(_)));
    // the controller took it: same revision again, the pod still on the bad image
    let good = set.history.iter().find(|one| one.hash().as_str() == GOOD).unwrap().clone();
    let edited = edit(&mut set);
    edited.template = good.template.clone();
    edited.update_revision = GOOD.to_owned();
    edited.current_revision = GOOD.to_owned();
    edited.face.moving = false;
    let Next::Send(step) = next(&act, &back.want, &set, &known) else { panic!("the broken pod stays") };
    assert_eq!(step.request.resource.name.as_str(), "s-2");
    assert!(matches!(&step.request.write, Write::Delete { uid } if !uid.as_str().is_empty()));
    for pod in set.pods.iter_mut().filter(|pod| pod.name.as_str() == "s-2") {
        pod.hash = GOOD.into();
        pod.ready = true;
    }
    let edited = edit(&mut set);
    (edited.updated, edited.face.ready) = (3, 3);
    assert_eq!(next(&act, &back.want, &set, &known), Next::holds());
}

#[test]
fn a_partition_that_somebody_set_is_lowered_pod_by_pod() {
    let (set, known) = recorded("statefulset-held-by-partition", WorkloadKind::StatefulSet);
    let view = strategy_of(&set).project(&set, &known);
    assert!(!view.in_flight, "a partitioned roll-out that is done is at rest");
    let promote = view.promote.unwrap();
    assert_eq!(promote.short.as_str(), "partition 2→1");
    let want = &promote.want;
    let mut lowered = set.clone();
    edit(&mut lowered).partition = 1;
    assert!(matches!(next(&Act::Promote, want, &set, &known), Next::Send(_)));
    assert_eq!(next(&Act::Promote, want, &lowered, &known), Next::holds());
}

#[test]
fn a_daemon_set_is_held_by_on_delete_and_gets_its_strategy_back() {
    let (mut set, mut known) = recorded("statefulset-stuck-image", WorkloadKind::DaemonSet);
    let Workload::DaemonSet(daemon) = &mut set.workload else { panic!() };
    (daemon.face.moving, daemon.updated) = (true, 1);
    let before = daemon.update_strategy.clone();
    let hold = outline(&Act::Hold, &set, &known);
    assert_eq!(operations(&hold)[1]["value"], json!({"type": "OnDelete"}));
    assert_eq!(hold.want, Want::Fenced { fenced: true, before: before.clone() });
    let Workload::DaemonSet(daemon) = &mut set.workload else { panic!() };
    daemon.update_strategy = json!({"type": "OnDelete"});
    (daemon.on_delete, daemon.face.moving) = (true, false);
    known.fenced = Some(before.clone());
    let resume = outline(&Act::Resume, &set, &known);
    assert_eq!(operations(&resume).last().unwrap()["value"], before);
    let scale = strategy_of(&set).outline(&Act::Scale { replicas: 2 }, &set, &known).unwrap_err();
    assert_eq!(scale.kind, RefusalKind::NotPossibleHere);
}
