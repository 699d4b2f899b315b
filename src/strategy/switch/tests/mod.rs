//! On recorded pairs: Service `fx` selects blue, and the same with the stray key that a patch of a weight left.

mod properties;

use serde_json::{Value, json};

use crate::model::Time;
use crate::model::act::{Act, ActKind};
use crate::model::kind::WorkloadKind;
use crate::model::meta::Manager;
use crate::model::objects::{Depth, Known, ObjectSet, SeenComplete, Workload};
use crate::model::outline::{Next, Outline, Refusal, RefusalKind, Want};
use crate::model::recorded;
use crate::model::request::{Outcome, RequestId, Write};
use crate::model::service::{Autoscaler, Endpoint};
use crate::model::switch::Switch;
use crate::model::trace::{Sent, Stillness};
use crate::model::view::{WorkloadState, WorkloadView};
use crate::strategy::{Pursuit, strategy_of};

const ON_BLUE: &str = "service-bluegreen-on-blue";
const STRAY: &str = "service-bluegreen-stray-selector-key";

/// Both sides were made at 21:29:10; green got its template 20 minutes later, and it is 22:00 now.
fn pair(situation: &str) -> (ObjectSet, Known) {
    let (mut set, mut known) = recorded::workload("deployment", situation, WorkloadKind::Service);
    let green = set.replica_sets.iter_mut().find(|rs| rs.metadata.name.as_str().contains("green")).unwrap();
    green.metadata.created = Some(time("21:49:10"));
    known.now = time("22:00:00");
    (set, known)
}

fn time(clock: &str) -> Time {
    format!("2026-11-20T{clock}Z").parse().unwrap()
}

fn service(set: &mut ObjectSet) -> &mut Switch {
    match &mut set.workload {
        Workload::Service(switch) => switch,
        _ => panic!("a Service was recorded"),
    }
}

/// Somebody wrote the selector, and the endpoints followed.
fn select(set: &mut ObjectSet, value: &str, at: &str) {
    let switch = service(set);
    switch.selector = [("app", "fx"), ("version", value)].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    switch.face.metadata.managers =
        vec![Manager { manager: "ops".to_owned(), time: Some(time(at)), ..Manager::default() }];
    follow(set);
}

/// The endpoints as the selector and the pods would make them.
fn follow(set: &mut ObjectSet) {
    let switch = service(set).clone();
    let labels = |owner: &str| {
        set.replica_sets.iter().find(|rs| rs.metadata.name.as_str() == owner).unwrap().metadata.labels.clone()
    };
    let fits = |owner: &str| switch.selector.iter().all(|(k, v)| labels(owner).get(k) == Some(v));
    let pods = set.pods.iter().filter(|pod| fits(pod.owner.as_ref().unwrap().as_str()));
    let endpoints =
        pods.map(|pod| Endpoint { pod: Some(pod.name.clone()), ready: pod.ready }).collect::<Vec<_>>();
    let own = set.services.iter_mut().find(|service| service.name.as_str() == "fx").unwrap();
    own.selector = switch.selector;
    own.endpoints = Some(endpoints);
}

/// Leaves a side with this many ready pods.
fn shrink(set: &mut ObjectSet, side: &str, ready: usize) {
    let mut left = ready;
    set.pods.retain(|pod| {
        let its = pod.name.as_str().contains(side);
        let keep = !its || left > 0;
        left -= usize::from(its && keep);
        keep
    });
    let count = i64::try_from(ready).unwrap();
    let peer = set.peers.iter_mut().find(|peer| peer.metadata.name.as_str().contains(side)).unwrap();
    peer.spec.replicas = Some(count);
    peer.status.replicas = count;
    peer.status.updated_replicas = count;
    peer.status.ready_replicas = count;
    follow(set);
}

fn seen(set: &ObjectSet, known: &mut Known, side: &str, clock: &str) {
    let rs = set.replica_sets.iter().find(|rs| rs.metadata.name.as_str().contains(side)).unwrap();
    known.seen_complete.push(SeenComplete {
        workload: set.workload.uid().clone(),
        hash: rs.hash(),
        at: time(clock),
    });
}

fn project(set: &ObjectSet, known: &Known) -> WorkloadView {
    strategy_of(set).project(set, known)
}

fn outline(act: &Act, set: &ObjectSet, known: &Known) -> Outline {
    strategy_of(set).outline(act, set, known).unwrap()
}

fn refused(act: &Act, set: &ObjectSet, known: &Known) -> Refusal {
    strategy_of(set).outline(act, set, known).unwrap_err()
}

fn operations(outline: &Outline, step: usize) -> Value {
    match &outline.steps[step].request.write {
        Write::JsonPatch(body) => body.clone(),
        other => panic!("a JSON Patch was expected: {other:?}"),
    }
}

fn next_after(act: &Act, want: &Want, set: &ObjectSet, known: &Known, before: &[Sent], seconds: i64) -> Next {
    let started = known.now;
    let now = started + chrono::TimeDelta::seconds(seconds);
    let still = Stillness::default();
    let uid = set.workload.uid();
    strategy_of(set).next(&Pursuit { act, uid, want, known, sent: before, still: &still, started, now }, set)
}

fn next(act: &Act, want: &Want, set: &ObjectSet, known: &Known) -> Next {
    next_after(act, want, set, known, &[], 0)
}

fn selects(value: &str) -> Want {
    Want::Selects { key: "version".to_owned(), value: value.to_owned() }
}

const BACK: Act = Act::RollBack { to: None };

#[test]
fn a_pair_before_its_cut_over_names_both_versions_and_moves() {
    let (set, known) = pair(ON_BLUE);
    let view = project(&set, &known);
    assert_eq!((view.strategy, view.state, view.in_flight), ("blue-green", WorkloadState::Progressing, true));
    assert_eq!(view.stable.unwrap().name.as_str(), "blue");
    assert_eq!(view.candidate.unwrap().name.as_str(), "green");
    assert_eq!((view.wanted, view.ready), (3, 3));
    assert_eq!(view.complete.unwrap().as_str(), "99db47d87");
    assert_eq!((view.truth.live.as_ref().unwrap().part, view.truth.intended.unwrap().part), (0, 0));
    assert!(view.warnings.is_empty(), "{:?}", view.warnings);
    // the candidate that waits is no way back, and the side that serves needs none
    assert_eq!(view.way_back.unwrap_err().kind, RefusalKind::NoneKnownGood);
    assert_eq!(view.stop.unwrap_err().kind, RefusalKind::NothingToDo);
}

#[test]
fn a_promote_switches_the_whole_selector_and_tests_the_whole_selector() {
    let (set, known) = pair(ON_BLUE);
    let outline = outline(&Act::Promote, &set, &known);
    assert_eq!(outline.short.as_str(), "switch to green");
    assert_eq!(
        operations(&outline, 0),
        json!([
            {"op": "test", "path": "/metadata/uid", "value": "3aac6976-90b9-4043-9186-2a2ecb80681d"},
            {"op": "test", "path": "/spec/selector", "value": {"app": "fx", "version": "blue"}},
            {"op": "replace", "path": "/spec/selector", "value": {"app": "fx", "version": "green"}},
        ])
    );
    assert!(
        outline.after.iter().any(|line| line.as_str().contains("keep Deployment fx-blue")),
        "{outline:?}"
    );
    assert!(
        outline
            .effect
            .iter()
            .any(|line| line.as_str() == "3 ready endpoints of blue → 3 ready pods of green (v1)")
    );
}

#[test]
fn a_side_without_or_with_too_few_ready_pods_is_refused_with_the_numbers() {
    let (mut set, known) = pair(ON_BLUE);
    shrink(&mut set, "green", 2);
    let refusal = refused(&Act::Promote, &set, &known);
    assert_eq!(refusal.why.as_str(), "green has 2 ready pods, blue carries the load with 3");
    assert!(refusal.remedy.unwrap().as_str().contains("scale Deployment fx-green to 3"));
    for pod in set.pods.iter_mut().filter(|pod| pod.name.as_str().contains("green")) {
        pod.ready = false;
    }
    assert!(refused(&Act::Promote, &set, &known).why.as_str().contains("green has no ready pods"));
    // what was confirmed while green was whole is not sent any more
    assert!(matches!(next(&Act::Promote, &selects("green"), &set, &known), Next::Impossible(_)));
}

#[test]
fn a_pod_that_lost_the_label_is_not_counted() {
    let (mut set, known) = pair(ON_BLUE);
    let green = set.replica_sets.iter_mut().find(|rs| rs.metadata.name.as_str().contains("green")).unwrap();
    green.metadata.labels.insert("version".to_owned(), "grin".to_owned());
    assert!(refused(&Act::Promote, &set, &known).why.as_str().contains("green has no ready pods"));
}

#[test]
fn after_the_switch_the_way_back_is_measured_and_a_stop_takes_it() {
    let (mut set, mut known) = pair(ON_BLUE);
    seen(&set, &mut known, "blue", "21:40:00");
    select(&mut set, "green", "21:55:00");
    service(&mut set).sticky = true;
    set.autoscalers = vec![Autoscaler {
        name: "fx-blue".into(),
        target_kind: Some(WorkloadKind::Deployment),
        target: "fx-blue".into(),
        min: 1,
        max: 9,
    }];
    let view = project(&set, &known);
    assert!(view.in_flight);
    assert_eq!(view.truth.disagreement(), None);
    assert_eq!(view.truth.live.unwrap().part, 3);
    assert!(
        view.warnings.iter().any(|w| w.what.as_str().contains("autoscaler is bound to blue only: green"))
    );
    let (back, stop) = (view.way_back.unwrap(), view.stop.unwrap());
    assert_eq!((back.want, stop.want), (selects("blue"), selects("blue")));
    assert_eq!(back.estimate_seconds, Some(1));
    assert!(back.good.unwrap().as_str().starts_with("blue was seen serving alone"));
    assert!(back.after.iter().any(|line| line.as_str().starts_with("lost: clients")), "{:?}", back.after);
    assert_eq!((stop.act, stop.steps.len()), (ActKind::Stop, 1));
}

#[test]
fn a_pair_at_rest_is_left_alone_by_a_stop() {
    let (mut set, mut known) = pair(ON_BLUE);
    seen(&set, &mut known, "blue", "21:40:00");
    select(&mut set, "green", "21:55:00");
    // an hour after the switch the release is over; B still goes back
    known.now = time("22:56:00");
    assert!(!project(&set, &known).in_flight);
    assert_eq!(refused(&Act::Stop, &set, &known).kind, RefusalKind::NothingToDo);
    assert_eq!(outline(&BACK, &set, &known).want, selects("blue"));
    // so it is when the old side is scaled away, or when green was rolled back from
    known.now = time("22:00:00");
    let mut gone = set.clone();
    shrink(&mut gone, "blue", 0);
    assert!(!project(&gone, &known).in_flight);
    let green = set.replica_sets.iter().find(|rs| rs.metadata.name.as_str().contains("green")).unwrap();
    known.condemned.insert(green.hash());
    assert!(!project(&set, &known).in_flight);
    // and nothing is known of the time on a clock that was never read
    known = Known { now: Time::default(), ..Known::default() };
    known.now += chrono::TimeDelta::days(365 * 70);
    assert!(!project(&set, &known).in_flight);
}

#[test]
fn a_colour_that_got_a_new_template_has_to_earn_its_evidence_anew() {
    let (mut set, mut known) = pair(ON_BLUE);
    known.seen_complete.push(SeenComplete {
        workload: set.workload.uid().clone(),
        hash: "an-older-green".into(),
        at: time("20:00:00"),
    });
    seen(&set, &mut known, "blue", "21:40:00");
    select(&mut set, "blue", "21:41:00");
    assert_eq!(refused(&BACK, &set, &known).kind, RefusalKind::NoneKnownGood);
}

#[test]
fn a_small_old_side_is_scaled_first_and_switched_to_when_it_is_ready() {
    let (mut set, mut known) = pair(ON_BLUE);
    seen(&set, &mut known, "blue", "21:40:00");
    let whole = set.clone();
    select(&mut set, "green", "21:55:00");
    shrink(&mut set, "blue", 1);
    let back = outline(&BACK, &set, &known);
    let does: Vec<&str> = back.steps.iter().map(|step| step.does.as_str()).collect();
    assert_eq!(does, ["scale fx-blue to 3", "select version=blue and nothing else"]);
    assert_eq!(back.steps[0].request.resource.subresource, "scale");
    assert!(operations(&back, 0).to_string().contains(r#""path":"/spec/replicas","value":3"#));
    assert!(back.effect[0].as_str().starts_with("blue has 1 ready pods for a load of 3"));

    let Next::Send(step) = next(&BACK, &back.want, &set, &known) else { panic!("the scale goes first") };
    let scaled = Sent {
        id: RequestId { act: crate::model::ids::ActId::new("a"), step: 1, attempt: 1 },
        step,
        at: known.now,
        outcome: Some(Outcome::Applied { code: 200 }),
        answered: Some(known.now),
    };
    let before = [scaled];
    let Next::Wait { what, .. } = next_after(&BACK, &back.want, &set, &known, &before, 5) else { panic!() };
    assert_eq!(what.as_str(), "ready pods 1/3 blue");
    // a few good pods are better than none that become ready
    let Next::Send(step) = next_after(&BACK, &back.want, &set, &known, &before, 31) else { panic!() };
    assert!(step.does.as_str().starts_with("select version=blue"));
    // all ready: at once
    let mut ready = whole;
    select(&mut ready, "green", "21:55:00");
    let Next::Send(step) = next_after(&BACK, &back.want, &ready, &known, &before, 5) else { panic!() };
    assert!(step.does.as_str().starts_with("select version=blue"));
}

#[test]
fn a_stray_key_is_an_outage_in_words_and_the_way_back_drops_it() {
    let (set, known) = pair(STRAY);
    let view = project(&set, &known);
    assert_eq!(view.state, WorkloadState::Unhealthy);
    assert_eq!(view.reasons[0].what.as_str(), "fx selects nothing: weight=10 is on no pod: total outage");
    assert!(view.warnings[0].what.as_str().contains("stray key"));
    assert!(view.in_flight, "an outage by a selector is no rest: the chord ends it");
    // blue was there before green, and nothing says that either ever served
    let back = view.way_back.unwrap();
    assert_eq!(back.want, selects("blue"));
    let written = &operations(&back, 0)[2];
    assert_eq!(written["value"], json!({"app": "fx", "version": "blue"}));
    assert_eq!(view.stop.unwrap().want, selects("blue"));
    assert_eq!(
        view.promote.unwrap_err().remedy.unwrap().as_str(),
        "B brings it back to a side that is ready"
    );
}

#[test]
fn a_stray_key_on_the_old_colour_is_removed_without_leaving_it() {
    let (mut set, mut known) = pair(STRAY);
    seen(&set, &mut known, "blue", "21:40:00");
    let selector = &mut service(&mut set).selector;
    selector.insert("version".to_owned(), "blue".to_owned());
    let back = outline(&BACK, &set, &known);
    assert_eq!(operations(&back, 0)[2]["value"], json!({"app": "fx", "version": "blue"}));
    // nothing was seen, and both came in the same second: the side that the selector names is the one that was meant
    known.seen_complete.clear();
    let green = set.replica_sets.iter_mut().find(|rs| rs.metadata.name.as_str().contains("green")).unwrap();
    green.metadata.created = Some(time("21:29:10"));
    assert_eq!(outline(&BACK, &set, &known).want, selects("blue"));
    // and a side that came in the same second as the one that serves is no way back from it
    select(&mut set, "blue", "21:41:00");
    assert_eq!(refused(&BACK, &set, &known).kind, RefusalKind::NoneKnownGood);
}

#[test]
fn a_weight_in_a_selector_is_refused_with_what_to_use_instead() {
    let (set, known) = pair(ON_BLUE);
    let refusal = refused(&Act::SetWeight { percent: 10 }, &set, &known);
    assert_eq!(refusal.kind, RefusalKind::NotPossibleHere);
    assert!(refusal.why.as_str().contains("10 % would be a total outage"));
    assert!(refusal.remedy.unwrap().as_str().contains("HTTPRoute"));
}

#[test]
fn acts_on_pods_name_the_deployments() {
    let (set, known) = pair(ON_BLUE);
    let image = Act::SetImage { container: None, image: "img:v2".to_owned() };
    for act in [Act::Restart { at: known.now }, Act::Scale { replicas: 2 }, image] {
        let remedy = refused(&act, &set, &known).remedy.unwrap();
        assert!(remedy.as_str().contains("fx-blue or fx-green"), "{remedy}");
    }
    assert_eq!(refused(&Act::Hold, &set, &known).kind, RefusalKind::NothingToDo);
}

#[test]
fn a_switch_is_proven_by_endpoints_and_never_by_the_selector() {
    let (mut set, known) = pair(ON_BLUE);
    let goal = selects("green");
    // the answer to the patch is in, the endpoints are those from before
    service(&mut set).selector.insert("version".to_owned(), "green".to_owned());
    let Next::Wait { what, .. } = next(&Act::Promote, &goal, &set, &known) else { panic!() };
    assert_eq!(what.as_str(), "3 endpoints of the other side to leave");
    follow(&mut set);
    assert_eq!(next(&Act::Promote, &goal, &set, &known), Next::holds());
    let own = set.services.iter_mut().find(|service| service.name.as_str() == "fx").unwrap();
    own.endpoints.as_mut().unwrap()[0].ready = false;
    let Next::Wait { what, .. } = next(&Act::Promote, &goal, &set, &known) else { panic!() };
    assert_eq!(what.as_str(), "endpoints 2/3 green");
    // endpoints that may not be read prove nothing
    set.services.iter_mut().for_each(|service| service.endpoints = None);
    assert!(matches!(next(&Act::Promote, &goal, &set, &known), Next::Wait { .. }));
    // another life of the Service is another object
    recorded::meta(&mut set.workload).uid = "new".into();
    let mut other = set.clone();
    recorded::meta(&mut other.workload).uid = "newer".into();
    let still = Stillness::default();
    let pursuit = Pursuit {
        act: &Act::Promote,
        uid: set.workload.uid(),
        want: &goal,
        known: &known,
        sent: &[],
        still: &still,
        started: known.now,
        now: known.now,
    };
    assert!(matches!(strategy_of(&other).next(&pursuit, &other), Next::Impossible(_)));
}

#[test]
fn before_pods_were_read_nothing_is_prepared_and_nothing_is_said_to_be_down() {
    let (mut set, known) = pair(ON_BLUE);
    set.depth = Depth::Listed;
    set.pods.clear();
    set.replica_sets.clear();
    set.services.clear();
    let view = project(&set, &known);
    assert!(!view.state.is_trouble(), "{:?}", view.reasons);
    assert_eq!(view.promote.unwrap_err().kind, RefusalKind::TemplateNotRead);
    assert_eq!(view.complete, None);
}
