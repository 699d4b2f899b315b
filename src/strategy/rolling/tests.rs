//! Deployments in the situations that a real control plane was recorded in.

use serde_json::json;

use crate::model::act::Act;
use crate::model::ids::Uid;
use crate::model::objects::{Depth, Known, ObjectSet};
use crate::model::outline::{Next, Outline, RefusalKind, Want};
use crate::model::recorded;
use crate::model::replicaset::ReplicaSet;
use crate::model::request::Write;
use crate::model::template::TemplateKey;
use crate::model::trace::Stillness;
use crate::model::view::{Evidence, TrafficBasis, WorkloadState, WorkloadView};
use crate::strategy::{Pursuit, strategy_of};

const FIRST: &str = "546bcc5696";
const SECOND: &str = "66c4456dbf";

fn project(set: &ObjectSet, known: &Known) -> WorkloadView {
    strategy_of(set).project(set, known)
}

fn outline(act: &Act, set: &ObjectSet, known: &Known) -> Outline {
    strategy_of(set).outline(act, set, known).unwrap()
}

fn refused(act: &Act, set: &ObjectSet, known: &Known) -> RefusalKind {
    strategy_of(set).outline(act, set, known).unwrap_err().kind
}

fn pursuit<'a>(
    act: &'a Act,
    want: &'a Want,
    uid: &'a Uid,
    known: &'a Known,
    still: &'a Stillness,
) -> Pursuit<'a> {
    let now = "2026-11-20T21:00:00Z".parse().unwrap();
    Pursuit { act, uid, want, known, sent: &[], still, started: now, now }
}

fn next(act: &Act, want: &Want, set: &ObjectSet, known: &Known) -> Next {
    strategy_of(set).next(&pursuit(act, want, set.workload.uid(), known, &Stillness::default()), set)
}

fn operations(outline: &Outline) -> Vec<serde_json::Value> {
    match &outline.steps[0].request.write {
        Write::JsonPatch(body) => body.as_array().unwrap().clone(),
        other => panic!("a JSON Patch was expected: {other:?}"),
    }
}

fn set_of<'a>(set: &'a ObjectSet, hash: &str) -> &'a ReplicaSet {
    set.replica_sets.iter().find(|rs| rs.hash().as_str() == hash).unwrap()
}

#[test]
fn every_recorded_situation_is_judged_as_a_person_would() {
    let table = [
        ("complete", WorkloadState::Healthy, false, ""),
        ("progressing", WorkloadState::Progressing, true, ""),
        ("paused-mid-update", WorkloadState::Held, true, ""),
        ("stuck-image-before-deadline", WorkloadState::Stuck, true, "ImagePullBackOff on 2 of 2"),
        ("stuck-image-deadline-exceeded", WorkloadState::Stuck, true, "ImagePullBackOff on 2 of 2"),
        ("stuck-crashloop", WorkloadState::Stuck, true, "crash loop"),
        ("stuck-quota", WorkloadState::Stuck, true, "quota q allows no more pods"),
        ("stuck-quota-deadline-exceeded", WorkloadState::Stuck, true, "quota q allows no more pods"),
        ("stuck-unschedulable", WorkloadState::Stuck, true, "unschedulable on"),
    ];
    for (situation, state, in_flight, reason) in table {
        let (set, known) = recorded::deployment(situation);
        let view = project(&set, &known);
        assert_eq!((view.state, view.in_flight), (state, in_flight), "{situation}: {:?}", view.reasons);
        let worst = view.reasons.first().map_or("", |reason| reason.what.as_str());
        assert!(worst.starts_with(reason), "{situation}: {worst}");
        assert_eq!(reason.is_empty(), worst.is_empty(), "{situation}: {worst}");
    }
}

#[test]
fn the_deadline_and_the_schedulers_sentence_are_said_too() {
    let (set, known) = recorded::deployment("stuck-image-deadline-exceeded");
    let reasons = project(&set, &known).reasons;
    assert!(reasons.iter().any(|r| r.what.as_str() == "ProgressDeadlineExceeded after 15 s"), "{reasons:?}");
    let (set, known) = recorded::deployment("stuck-unschedulable");
    let detail = project(&set, &known).reasons.remove(0).detail.unwrap();
    assert!(detail.as_str().contains("Insufficient cpu"), "{detail}");
}

#[test]
fn a_finished_deployment_with_a_sick_pod_or_a_new_size_is_not_in_flight() {
    let (mut set, known) = recorded::deployment("complete");
    recorded::edit(&mut set).status.available_replicas = 3;
    recorded::edit(&mut set).status.ready_replicas = 3;
    set.pods[0].ready = false;
    let view = project(&set, &known);
    assert!(!view.in_flight);
    assert_eq!(view.state, WorkloadState::Unhealthy);
    assert_eq!(refused(&Act::Stop, &set, &known), RefusalKind::NothingToDo);

    // scaled, and the controller has not looked yet
    let (mut set, known) = recorded::deployment("complete");
    recorded::edit(&mut set).spec.replicas = Some(6);
    recorded::edit(&mut set).metadata.generation += 1;
    assert!(!project(&set, &known).in_flight);
    // the same moment with another template is an update
    recorded::edit(&mut set).spec.template.digest.0 ^= 1;
    assert!(project(&set, &known).in_flight);
}

#[test]
fn ready_pods_are_no_evidence() {
    // revision 1 completed; 2 and 3 came within seconds; the controller scaled the oldest down first
    let (mut set, mut known) = recorded::deployment("stuck-image-before-deadline");
    let one = set.replica_sets.iter_mut().find(|rs| rs.hash().as_str() == FIRST).unwrap();
    one.status.ready_replicas = 1;
    one.status.replicas = 1;
    let view = project(&set, &known);
    assert!(
        view.revisions.iter().all(|r| r.evidence == Evidence::Unproven),
        "two old ones serve side by side"
    );
    assert!(view.stable.is_none());
    // with nothing known good a stop only pauses, and roll back asks
    let stop = outline(&Act::Stop, &set, &known);
    assert_eq!(stop.want, Want::Paused { paused: true });
    assert!(stop.title.as_str().ends_with("choose with B"), "{}", stop.title);
    assert_eq!(refused(&Act::RollBack { to: None }, &set, &known), RefusalKind::NoneKnownGood);

    recorded::seen(&set, &mut known, FIRST, 5);
    for act in [Act::Stop, Act::RollBack { to: None }] {
        let Want::Serving { hash, .. } = outline(&act, &set, &known).want else { panic!("a return") };
        assert_eq!(
            hash.unwrap().as_str(),
            FIRST,
            "the one that was complete, although {SECOND} has more pods"
        );
    }
}

#[test]
fn one_that_serves_alone_is_good_until_somebody_rolls_back_from_it() {
    let (set, mut known) = recorded::deployment("stuck-image-before-deadline");
    let good = |view: &WorkloadView| view.stable.as_ref().map(|v| v.key.hash.to_string());
    assert_eq!(good(&project(&set, &known)).as_deref(), Some(SECOND));
    known.condemned.insert(SECOND.into());
    assert_eq!(good(&project(&set, &known)), None);
}

#[test]
fn a_way_back_without_its_template_is_not_prepared() {
    let (set, mut known) = recorded::deployment("stuck-image-before-deadline");
    known.templates.clear();
    let view = project(&set, &known);
    assert_eq!(view.way_back.unwrap_err().kind, RefusalKind::TemplateNotRead);
    let wanted: Vec<&TemplateKey> = view.needs_templates.iter().collect();
    assert!(wanted.contains(&&set_of(&set, SECOND).key()), "{wanted:?}");
}

#[test]
fn a_return_is_one_patch_with_the_template_as_it_was_read() {
    let (mut set, mut known) = recorded::deployment("paused-mid-update");
    let key = set_of(&set, SECOND).key();
    let mut raw = known.templates[&key].raw().clone();
    raw["spec"]["hostnameOverride"] = json!("newer-than-our-types");
    known.templates.insert(key, crate::model::template::Template::new(raw.clone()));
    set.services.push(recorded::service(&set));
    let outline = outline(&Act::RollBack { to: None }, &set, &known);
    let uid = set.workload.uid().as_str();
    assert_eq!(
        operations(&outline),
        [
            json!({"op": "test", "path": "/metadata/uid", "value": uid}),
            json!({"op": "replace", "path": "/spec/template", "value": raw}),
            json!({"op": "add", "path": "/spec/paused", "value": false}),
        ]
    );
    assert_eq!(outline.steps.len(), 1);
    assert!(raw["metadata"]["labels"].get("pod-template-hash").is_none());
}

#[test]
fn goals_hold_on_live_objects_alone() {
    let (set, known) = recorded::deployment("complete");
    let digest = set_of(&set, FIRST).spec.template.digest;
    let want = Want::Serving { hash: Some(FIRST.into()), digest, version: "v1".into() };
    let back = Act::RollBack { to: None };
    assert_eq!(next(&back, &want, &set, &known), Next::holds());

    let mut unobserved = set.clone();
    recorded::edit(&mut unobserved).metadata.generation += 1;
    assert!(matches!(next(&back, &want, &unobserved, &known), Next::Wait { .. }), "accepted is not done");
    let mut paused = set.clone();
    recorded::edit(&mut paused).spec.paused = true;
    assert!(matches!(next(&back, &want, &paused, &known), Next::Send(_)));
    let mut other = set.clone();
    recorded::edit(&mut other).metadata.uid = "another-life".into();
    let still = Stillness::default();
    let pursuit = pursuit(&back, &want, set.workload.uid(), &known, &still);
    assert!(matches!(strategy_of(&other).next(&pursuit, &other), Next::Impossible(_)));
}

#[test]
fn a_revision_is_not_missed_before_the_revisions_were_read() {
    let (mut set, known) = recorded::deployment("paused-mid-update");
    let digest = set_of(&set, FIRST).spec.template.digest;
    let want = Want::Serving { hash: Some(FIRST.into()), digest, version: "v1".into() };
    let back = Act::RollBack { to: None };
    assert!(matches!(next(&back, &want, &set, &known), Next::Send(_)));
    let known = Known { templates: std::collections::BTreeMap::new(), ..known };
    set.replica_sets.clear();
    assert!(matches!(next(&back, &want, &set, &known), Next::Impossible(_)));
    set.depth = Depth::Listed;
    assert!(matches!(next(&back, &want, &set, &known), Next::Wait { .. }));
}

#[test]
fn a_hold_pauses_what_moves_and_nothing_else() {
    let (set, known) = recorded::deployment("progressing");
    assert_eq!(outline(&Act::Hold, &set, &known).want, Want::Paused { paused: true });
    assert_eq!(refused(&Act::Promote, &set, &known), RefusalKind::NotPossibleHere);
    let (set, known) = recorded::deployment("complete");
    assert_eq!(refused(&Act::Hold, &set, &known), RefusalKind::NothingToDo);
    // on a held one P is a resume, and says so
    let (set, known) = recorded::deployment("paused-mid-update");
    let promote = outline(&Act::Promote, &set, &known);
    assert_eq!(promote.want, Want::Paused { paused: false });
    assert!(promote.title.as_str().starts_with("Resume app: let the other"), "{}", promote.title);
}

#[test]
fn acts_that_raise_risk_test_every_field_that_is_shown() {
    let (set, known) = recorded::deployment("complete");
    let image = Act::SetImage { container: None, image: "img:v9".into() };
    for act in [image, Act::Scale { replicas: 2 }, Act::Restart { at: crate::model::Time::default() }] {
        let operations = operations(&outline(&act, &set, &known));
        assert_eq!(operations[0]["path"], "/metadata/uid");
        let tests = operations.iter().filter(|op| op["op"] == "test").count();
        assert!(tests >= 2, "{act:?}: {operations:?}");
    }
    assert!(outline(&Act::Scale { replicas: 0 }, &set, &known).destructive);
    assert_eq!(refused(&Act::Scale { replicas: 4 }, &set, &known), RefusalKind::NothingToDo);
}

#[test]
fn a_deployment_that_a_controller_drives_is_shown_and_left_alone() {
    let (mut set, known) = recorded::deployment("stuck-image-before-deadline");
    set.driver = Some(crate::model::owner::Driver::by_kind("Canary", "app"));
    let view = project(&set, &known);
    assert_eq!(view.state, WorkloadState::Stuck, "its trouble is still said");
    for act in [Act::Hold, Act::Stop, Act::RollBack { to: None }, Act::Scale { replicas: 1 }] {
        let refusal = strategy_of(&set).outline(&act, &set, &known).unwrap_err();
        assert_eq!(refusal.to_string(), "not possible here: driven by Flagger Canary app");
    }
}

#[test]
fn traffic_is_counted_from_endpoints_where_a_service_selects() {
    let (mut set, known) = recorded::deployment("progressing");
    assert_eq!(project(&set, &known).traffic.basis, TrafficBasis::ReadyPods);
    set.services.push(recorded::service(&set));
    let traffic = project(&set, &known).traffic;
    assert_eq!(traffic.basis, TrafficBasis::Endpoints);
    assert_eq!(traffic.percent(&set_of(&set, SECOND).key()), Some(100.0), "the new pods are not ready");
}

#[test]
fn the_complete_revision_is_known_without_its_replica_sets() {
    let (mut set, known) = recorded::deployment("complete");
    set.replica_sets.clear();
    set.depth = crate::model::objects::Depth::Listed;
    assert_eq!(project(&set, &known).complete.unwrap().as_str(), FIRST);
}
