//! On recorded routes: pairs of each kind as a real API server gave them, before and after drills.

mod properties;

use serde_json::{Value, json};

use crate::model::Time;
use crate::model::act::Act;
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Known, ObjectSet, SeenComplete, Workload};
use crate::model::outline::{Next, Outline, Refusal, RefusalKind, Want};
use crate::model::recorded;
use crate::model::request::Write;
use crate::model::route::{Backend, Gateway, Route};
use crate::model::service::{Endpoint, Service};
use crate::model::trace::Stillness;
use crate::model::view::{WorkloadState, WorkloadView};
use crate::strategy::{Pursuit, strategy_of};

const BACK: Act = Act::RollBack { to: None };

/// A recorded route with two Services of three ready endpoints each.
fn recorded_route(situation: &str, kind: WorkloadKind, name: &str) -> (ObjectSet, Known) {
    let (set, known) = recorded::named("routes", situation, kind, name);
    (with_services(set), known)
}

fn with_services(mut set: ObjectSet) -> ObjectSet {
    let service = |name: &str| Service {
        name: name.into(),
        selector: [("app".to_owned(), name.to_owned())].into(),
        endpoints: Some(
            (0..3)
                .map(|n| Endpoint { pod: Some(format!("{name}-{n}").as_str().into()), ready: true })
                .collect(),
        ),
    };
    set.services = ["shop-stable", "shop-canary", "shop"].map(service).into();
    set
}

fn http(name: &str) -> (ObjectSet, Known) {
    recorded_route("httproute-pairs", WorkloadKind::HttpRoute, name)
}

fn istio(name: &str) -> (ObjectSet, Known) {
    recorded_route("istio-pairs", WorkloadKind::VirtualService, name)
}

fn nginx(situation: &str) -> (ObjectSet, Known) {
    recorded_route(situation, WorkloadKind::Ingress, "shop-canary")
}

fn route(set: &mut ObjectSet) -> &mut Route {
    match &mut set.workload {
        Workload::Route(route) => route,
        _ => panic!("a route was recorded"),
    }
}

fn endpoints(set: &mut ObjectSet, service: &str, ready: usize) {
    let service = set.services.iter_mut().find(|known| known.name.as_str() == service).unwrap();
    service.endpoints.as_mut().unwrap().iter_mut().enumerate().for_each(|(at, one)| one.ready = at < ready);
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

fn operations(outline: &Outline) -> Vec<Value> {
    assert_eq!(outline.steps.len(), 1, "all rules or none: one request");
    match &outline.steps[0].request.write {
        Write::JsonPatch(body) => body.as_array().unwrap().clone(),
        other => panic!("a JSON Patch was expected: {other:?}"),
    }
}

/// Paths and values of what is written; tests are left out.
fn written(outline: &Outline) -> Vec<(String, Value)> {
    let all = operations(outline);
    let writes = all.iter().filter(|op| op["op"] != "test");
    writes.map(|op| (op["path"].as_str().unwrap().to_owned(), op["value"].clone())).collect()
}

fn tested(outline: &Outline) -> Vec<String> {
    let all = operations(outline);
    let tests = all.iter().filter(|op| op["op"] == "test");
    tests.map(|op| op["path"].as_str().unwrap().to_owned()).collect()
}

fn next(act: &Act, want: &Want, set: &ObjectSet, known: &Known) -> Next {
    let still = Stillness::default();
    let now = known.now;
    let uid = set.workload.uid();
    strategy_of(set)
        .next(&Pursuit { act, uid, want, known, sent: &[], still: &still, started: now, now }, set)
}

/// Does to the set what the API server would do to the route.
fn apply(set: &mut ObjectSet, outline: &Outline) {
    for (path, value) in written(outline) {
        let route = route(set);
        if let Some(canary) = &mut route.canary {
            let name = path.rsplit("~1").next().unwrap();
            match value.as_str() {
                Some(weight) => canary.weight = Some(weight.to_owned()),
                None => canary.rules.retain(|(key, _)| key != name),
            }
            continue;
        }
        let (list, rest) = route
            .rules
            .iter_mut()
            .find_map(|rule| path.strip_prefix(rule.pointer.as_str()).map(|rest| (&mut rule.backends, rest)))
            .unwrap();
        let at: usize = rest.trim_matches('/').split('/').next().unwrap().parse().unwrap();
        list[at].weight = value.as_i64().unwrap();
        list[at].weighted = true;
    }
}

#[test]
fn a_route_tells_its_versions_by_share_and_shows_it() {
    let (set, known) = http("shop");
    let view = project(&set, &known);
    assert_eq!((view.strategy, view.state, view.in_flight), ("canary", WorkloadState::Progressing, true));
    assert_eq!(view.version.as_str(), "shop-canary 10 %");
    let shares = [view.truth.intended, view.truth.reported, view.truth.live];
    assert!(
        shares.iter().all(|share| share.as_ref().is_some_and(|share| (share.part, share.whole) == (10, 100)))
    );
    assert_eq!(view.promote.unwrap().short.as_str(), "10→25 %");
    assert_eq!(view.stop.unwrap().want, Want::Weight { percent: 100, version: "shop-stable".into() });
}

#[test]
fn a_promote_tests_life_generation_names_and_weights_and_writes_both() {
    let (set, known) = http("shop");
    let outline = outline(&Act::SetWeight { percent: 40 }, &set, &known);
    let rule = "/spec/rules/0/backendRefs";
    assert_eq!(
        tested(&outline),
        [
            "/metadata/uid".to_owned(),
            "/metadata/generation".to_owned(),
            format!("{rule}/0/name"),
            format!("{rule}/0/weight"),
            format!("{rule}/1/name"),
            format!("{rule}/1/weight"),
        ]
    );
    assert_eq!(
        written(&outline),
        [(format!("{rule}/1/weight"), json!(40)), (format!("{rule}/0/weight"), json!(60))]
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
    // a way back tests no weight: somebody else's step must not void it
    let back = super::super::strategy_of(&set).outline(&BACK, &set, &known).unwrap();
    assert!(tested(&back).iter().all(|path| !path.ends_with("weight")), "{:?}", tested(&back));
    assert!(tested(&back).contains(&"/metadata/generation".to_owned()));
}

#[test]
fn every_rule_that_names_both_is_changed_whatever_the_order_of_its_backends() {
    let (set, known) = http("shop-two-rules");
    let back = outline(&Act::Stop, &set, &known);
    assert_eq!(
        written(&back),
        [
            ("/spec/rules/0/backendRefs/0/weight".to_owned(), json!(100)),
            ("/spec/rules/0/backendRefs/1/weight".to_owned(), json!(0)),
            ("/spec/rules/1/backendRefs/0/weight".to_owned(), json!(0)),
            ("/spec/rules/1/backendRefs/1/weight".to_owned(), json!(100)),
        ]
    );
    assert!(back.effect.iter().any(|line| line.as_str().starts_with("in all 2 rules")));
}

#[test]
fn default_weights_are_half_and_half_and_names_alone_are_said_to_decide() {
    let (mut set, known) = http("shop-default-weights");
    let view = project(&set, &known);
    assert_eq!(view.truth.intended.unwrap().part, 1);
    let back = view.stop.unwrap();
    assert!(back.good.unwrap().as_str().starts_with("by the names of the Services alone"));
    // 1 and 1 cannot hold ten percent, and do hold nothing and all
    let promote = outline(&Act::SetWeight { percent: 75 }, &set, &known);
    assert_eq!(written(&promote)[1].1, json!(75));
    // without telling names, nothing tells
    for backend in &mut route(&mut set).rules[0].backends {
        let name = if backend.service.as_str() == "shop-canary" { "shop-b" } else { "shop-a" };
        backend.service = name.into();
    }
    let refusal = refused(&Act::Stop, &set, &known);
    assert!(refusal.why.as_str().starts_with("cannot tell which of shop-a and shop-b is stable"));
    assert_eq!(project(&set, &known).warnings.len(), 1);
}

#[test]
fn beyond_half_of_the_way_the_larger_share_is_not_the_stable_one() {
    let (mut set, mut known) = http("shop");
    let rule = &mut route(&mut set).rules[0];
    (rule.backends[0].weight, rule.backends[1].weight) = (25, 75);
    assert_eq!(
        outline(&Act::Stop, &set, &known).want,
        Want::Weight { percent: 100, version: "shop-stable".into() }
    );
    // whoever serves alone serves by right, whatever it is called
    let rule = &mut route(&mut set).rules[0];
    (rule.backends[0].weight, rule.backends[1].weight) = (0, 100);
    assert_eq!(refused(&Act::Stop, &set, &known).kind, RefusalKind::NothingToDo);
    // evidence wins over names: the one that was seen alone is stable
    let rule = &mut route(&mut set).rules[0];
    (rule.backends[0].weight, rule.backends[1].weight) = (50, 50);
    let (pair, _) = recorded::workload("deployment", "service-bluegreen-on-blue", WorkloadKind::Service);
    set.peers = pair.peers;
    set.replica_sets = pair.replica_sets;
    for (service, colour) in [(0, "green"), (1, "blue")] {
        set.services[service].selector = [("version".to_owned(), colour.to_owned())].into();
    }
    let blue = set.replica_sets.iter().find(|rs| rs.metadata.name.as_str().contains("blue")).unwrap().hash();
    let at: Time = "2026-11-20T21:00:00Z".parse().unwrap();
    known.seen_complete.push(SeenComplete { workload: set.workload.uid().clone(), hash: blue, at });
    let stop = outline(&Act::Stop, &set, &known);
    assert_eq!(stop.want, Want::Weight { percent: 100, version: "shop-canary".into() });
    assert!(stop.good.unwrap().as_str().starts_with("shop-canary was seen serving alone"));
}

#[test]
fn a_header_rule_is_shown_and_named_as_what_a_way_back_leaves() {
    let (mut set, known) = http("shop-header-rule");
    let view = project(&set, &known);
    assert_eq!(view.state, WorkloadState::Healthy);
    assert!(view.truth.also[0].as_str().contains("header x-canary=yes"), "{:?}", view.truth.also);
    assert!(view.warnings[0].what.as_str().starts_with("weight 0, and still: "), "{:?}", view.warnings);
    let rule = &mut route(&mut set).rules[1];
    (rule.backends[0].weight, rule.backends[1].weight) = (90, 10);
    let back = outline(&BACK, &set, &known);
    assert!(written(&back).iter().all(|(path, _)| path.starts_with("/spec/rules/1/")));
    assert!(back.after.iter().any(|line| line.as_str().starts_with("still there: ")), "{:?}", back.after);
}

#[test]
fn nobody_is_sent_to_a_service_without_ready_endpoints() {
    let (mut set, known) = http("shop");
    endpoints(&mut set, "shop-canary", 0);
    assert!(refused(&Act::Promote, &set, &known).why.as_str().contains("shop-canary has no ready endpoints"));
    let view = project(&set, &known);
    assert_eq!(view.state, WorkloadState::Stuck);
    assert!(view.reasons[0].what.as_str().contains("10 % of requests fail"));
    assert!(view.truth.disagreement().is_some());
    assert!(view.stop.is_ok(), "the way back is not blocked by an ill candidate");
    // and nobody back to a stable version that is gone
    endpoints(&mut set, "shop-stable", 0);
    assert!(refused(&Act::Stop, &set, &known).why.as_str().contains("shop-stable has no ready endpoints"));
    // what cannot be read shows nothing
    let (mut set, known) = http("shop");
    set.services.clear();
    assert!(refused(&Act::Promote, &set, &known).why.as_str().contains("cannot be read"));
}

#[test]
fn a_share_is_proven_by_the_gateway_and_by_endpoints() {
    let (mut set, known) = http("shop");
    let act = Act::SetWeight { percent: 50 };
    let promote = outline(&act, &set, &known);
    let Next::Send(step) = next(&act, &promote.want, &set, &known) else { panic!("nothing was sent yet") };
    assert_eq!(step, promote.steps[0]);
    apply(&mut set, &promote);
    recorded::meta(&mut set.workload).generation = 2;
    route(&mut set).gateway = Gateway::Behind;
    let Next::Wait { what, .. } = next(&act, &promote.want, &set, &known) else { panic!() };
    assert_eq!(what.as_str(), "the gateway to take generation 2");
    route(&mut set).gateway = Gateway::Accepted;
    assert_eq!(next(&act, &promote.want, &set, &known), Next::holds());
    endpoints(&mut set, "shop-stable", 0);
    assert!(matches!(next(&act, &promote.want, &set, &known), Next::Wait { .. }));
}

#[test]
fn the_goal_of_a_full_promote_holds_although_the_roles_have_changed() {
    let (mut set, known) = http("shop");
    let promote = outline(&Act::PromoteFull, &set, &known);
    assert!(promote.destructive);
    apply(&mut set, &promote);
    assert_eq!(next(&Act::PromoteFull, &promote.want, &set, &known), Next::holds());
    assert!(!project(&set, &known).in_flight);
}

#[test]
fn istio_tests_whole_destinations_and_makes_a_hundred() {
    let (set, known) = istio("shop-subset");
    let view = project(&set, &known);
    assert_eq!(view.truth.intended.unwrap().part, 20);
    assert!(view.truth.also[0].as_str().contains("header x-canary=yes"));
    let promote = outline(&Act::SetWeight { percent: 33 }, &set, &known);
    let all = operations(&promote);
    let destination = all.iter().find(|op| op["path"] == "/spec/http/1/route/1/destination").unwrap();
    assert_eq!(destination["value"], json!({"host": "shop", "subset": "canary"}));
    let sum: i64 = written(&promote).iter().map(|(_, value)| value.as_i64().unwrap()).sum();
    assert_eq!(sum, 100);
    assert_eq!(promote.steps[0].request.resource.path(false).split('/').next_back(), Some("shop-subset"));
}

#[test]
fn weight_0_of_an_nginx_canary_takes_its_header_rule_along_and_tells_of_the_cookie() {
    let (mut set, known) = nginx("nginx-pair-weight10-header");
    let view = project(&set, &known);
    assert_eq!(view.truth.also[0].as_str(), "canary-by-header: x-canary → shop-canary");
    let back = view.way_back.unwrap();
    let prefix = "/metadata/annotations/nginx.ingress.kubernetes.io~1";
    assert_eq!(
        written(&back),
        [(format!("{prefix}canary-weight"), json!("0")), (format!("{prefix}canary-by-header"), Value::Null)]
    );
    let removed = operations(&back).into_iter().find(|op| op["op"] == "remove").unwrap();
    assert_eq!(removed["path"], format!("{prefix}canary-by-header"));
    assert!(back.after.iter().any(|line| line.as_str().contains("hold the cookie stay on shop-canary")));
    apply(&mut set, &back);
    assert_eq!(next(&BACK, &back.want, &set, &known), Next::holds());
    // a promote tests the values: annotations move no generation
    let (set, known) = nginx("nginx-pair-weight10-header");
    let promote = outline(&Act::Promote, &set, &known);
    assert!(tested(&promote).contains(&format!("{prefix}canary-weight")));
    assert!(tested(&promote).contains(&format!("{prefix}canary-by-header")));
    assert_eq!(written(&promote), [(format!("{prefix}canary-weight"), json!("25"))]);
    assert!(promote.after.iter().any(|line| line.as_str().starts_with("stays as it is: canary-by-header")));
}

#[test]
fn weight_0_with_a_header_rule_left_is_not_back_yet() {
    let (mut set, known) = nginx("nginx-pair-weight10-header");
    route(&mut set).canary.as_mut().unwrap().weight = Some("0".to_owned());
    assert!(!project(&set, &known).in_flight);
    assert!(
        project(&set, &known).warnings[0].what.as_str().contains("weight 0, and still: canary-by-header")
    );
    let back = outline(&BACK, &set, &known);
    assert!(matches!(next(&BACK, &back.want, &set, &known), Next::Send(_)));
    // and without one there is nothing to go back from
    let (set, known) = nginx("nginx-after-weight0");
    assert_eq!(refused(&BACK, &set, &known).kind, RefusalKind::NoneKnownGood);
}

#[test]
fn a_total_other_than_a_hundred_holds_only_whole_weights() {
    let (mut set, known) = nginx("nginx-pair-weight10-header");
    route(&mut set).canary.as_mut().unwrap().total = 10;
    let promote = outline(&Act::SetWeight { percent: 30 }, &set, &known);
    assert_eq!(written(&promote)[0].1, json!("3"));
    let refusal = refused(&Act::SetWeight { percent: 25 }, &set, &known);
    assert_eq!(refusal.kind, RefusalKind::BadArgument);
    for percent in [0, 101] {
        assert_eq!(refused(&Act::SetWeight { percent }, &set, &known).kind, RefusalKind::BadArgument);
    }
}

#[test]
fn relative_weights_keep_their_sum_and_a_third_backend_keeps_its_share() {
    let backend = |service: &str, weight: i64| Backend {
        service: service.into(),
        weight,
        weighted: true,
        ..Backend::default()
    };
    let two = [backend("a", 9), backend("b", 1)];
    assert_eq!(super::requests::shares(&two, 0, 1, 30, false), Some(vec![Some(7), Some(3)]));
    assert_eq!(super::requests::shares(&two, 0, 1, 25, false), Some(vec![Some(75), Some(25)]));
    let three = [backend("a", 6), backend("b", 2), backend("c", 2)];
    // 10 % of 8 is no whole weight: all weights grow by five
    assert_eq!(super::requests::shares(&three, 0, 1, 10, false), Some(vec![Some(36), Some(4), Some(10)]));
    assert_eq!(super::requests::shares(&three, 0, 1, 50, false), Some(vec![Some(4), Some(4), None]));
}

#[test]
fn acts_that_routes_do_not_have_say_so() {
    let (set, known) = http("shop");
    assert_eq!(refused(&Act::Hold, &set, &known).kind, RefusalKind::NothingToDo);
    assert_eq!(refused(&Act::Retry, &set, &known).kind, RefusalKind::NotPossibleHere);
    assert!(refused(&Act::Scale { replicas: 2 }, &set, &known).why.as_str().contains("a route has none"));
}
