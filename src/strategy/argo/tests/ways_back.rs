//! The stop and the roll-back in each situation: the means by which side is whole, and what proves them.

use serde_json::json;

use super::*;
use crate::model::outline::RefusalKind;

const BACK: Act = Act::RollBack { to: None };
const TEMPLATE: &str = "put the template of v1 back and un-pause";
const SELECTOR: &str = "point Service app-active back at v1";
const ABORT: &str = "abort the update";

/// What a stop would send first; or why there is nothing to send.
fn stop(set: &ObjectSet, known: &Known) -> String {
    match outline(&Act::Stop, set, known) {
        Ok(outline) => outline.steps[0].does.to_string(),
        Err(refusal) => {
            assert_eq!(refusal.kind, RefusalKind::NothingToDo, "{refusal}");
            "nothing".to_owned()
        }
    }
}

#[test]
fn the_means_follow_from_the_situation() {
    let table = [
        ("bluegreen-aborted-healthy", "nothing"),
        ("bluegreen-aborted-unhealthy-after-selector-remedy", "nothing"),
        ("bluegreen-aborted-unhealthy-all-pods-by-analysis", TEMPLATE),
        ("bluegreen-aborted-unhealthy-all-pods", TEMPLATE),
        ("bluegreen-aborted-unhealthy-one-pod", TEMPLATE),
        ("bluegreen-after-cutover-aborted-unpaused-late-blackout", TEMPLATE),
        ("bluegreen-after-cutover-paused-by-user", TEMPLATE),
        ("bluegreen-after-cutover-paused-then-aborted-blackout", TEMPLATE),
        ("bluegreen-before-cutover-paused-by-user", TEMPLATE),
        ("bluegreen-before-cutover-aborted-after-unpause", "nothing"),
        ("bluegreen-before-promotion", ABORT),
        ("bluegreen-postpromotion-analysis-running", ABORT),
        ("bluegreen-initial-healthy", "nothing"),
        ("canary-at-timed-pause", ABORT),
        ("canary-basic-at-pause-step-50", ABORT),
        ("canary-basic-paused-by-user", TEMPLATE),
        ("canary-basic-paused-then-aborted", TEMPLATE),
        ("canary-basic-aborted-after-unpause", "nothing"),
        ("canary-degraded-progress-deadline", ABORT),
        ("canary-istio-abort-one-stable-pod-down", "set VirtualService app to 100/0 by hand"),
        ("canary-istio-dynamicstablescale-abort-stalled-4-replicas", TEMPLATE),
        ("canary-istio-dynamicstablescale-abort-stalled-at-25", TEMPLATE),
        ("canary-istio-dynamicstablescale-default-delay-aborted", "nothing"),
        (
            "canary-istio-subset-undo-one-stable-pod-down-phase-healthy-weight-50",
            "set VirtualService app to 100/0 by hand",
        ),
        (
            "canary-istio-subset-abort-then-undo-one-stable-pod-down-phase-healthy-weight-50",
            "set VirtualService app to 100/0 by hand",
        ),
        ("canary-mid-analysis-step-and-background-running", ABORT),
        ("canary-nginx-abort-one-stable-pod-down", "set Ingress app-app-canary to 100/0 by hand"),
        ("canary-nginx-at-pause-step-50", ABORT),
        ("canary-nginx-paused-by-user", TEMPLATE),
        ("canary-nginx-paused-then-aborted", "nothing"),
        ("canary-nginx-aborted-healthy", "nothing"),
        ("canary-progressing-image-pull", ABORT),
        ("canary-completed-healthy", "nothing"),
    ];
    for (situation, means) in table {
        let (set, known) = load(situation);
        assert_eq!(stop(&set, &known), means, "{situation}");
    }
}

#[test]
fn after_a_cut_over_the_sides_decide() {
    let (whole, known) = load("bluegreen-postpromotion-analysis-running");
    assert_eq!(stop(&whole, &known), ABORT);
    // one unready pod of the candidate is enough for an abort to end in a blackout
    let mut sick = whole.clone();
    unready(&mut sick, CANDIDATE, 1);
    assert_eq!(stop(&sick, &known), TEMPLATE);
    let mut both = sick.clone();
    unready(&mut both, STABLE, 1);
    assert_eq!(stop(&both, &known), SELECTOR);
    // a Service is never pointed at a version without a ready pod
    let mut gone = sick.clone();
    unready(&mut gone, STABLE, 4);
    assert_eq!(stop(&gone, &known), TEMPLATE);
    // after the selector the template follows: until then the controller could switch again
    let step = sends(&Act::Stop, &to(STABLE), &both, &known, &[]);
    let active = both.services.iter_mut().find(|one| one.name.as_str() == "app-active").unwrap();
    active.selector.insert("rollouts-pod-template-hash".to_owned(), STABLE.to_owned());
    assert_eq!(sends(&Act::Stop, &to(STABLE), &both, &known, &[applied(&step, 10)]).does.as_str(), TEMPLATE);
}

#[test]
fn one_stable_pod_down_is_no_reason_to_abort() {
    let (mut set, known) = load("canary-nginx-at-pause-step-50");
    unready(&mut set, STABLE, 1);
    assert_eq!(stop(&set, &known), TEMPLATE);
}

#[test]
fn an_abort_is_given_a_moment_and_then_the_means_change() {
    let (mut set, known) = load("bluegreen-postpromotion-analysis-running");
    let abort = sends(&Act::Stop, &to(STABLE), &set, &known, &[]);
    assert_eq!(abort.does.as_str(), ABORT);
    edit(&mut set).status.abort = true;
    assert_eq!(
        waits(&Act::Stop, &to(STABLE), &set, &known, &[applied(&abort, 100)]),
        "app-active to select v1"
    );
    assert_eq!(
        sends(&Act::Stop, &to(STABLE), &set, &known, &[applied(&abort, 4_000)]).does.as_str(),
        TEMPLATE
    );
    // its pods break right after the abort: no moment is left
    unready(&mut set, CANDIDATE, 1);
    assert_eq!(sends(&Act::Stop, &to(STABLE), &set, &known, &[applied(&abort, 100)]).does.as_str(), TEMPLATE);
}

#[test]
fn a_weight_that_a_guard_holds_is_set_by_hand_and_the_phase_convinces_nobody() {
    let (mut set, known) = load("canary-istio-subset-undo-one-stable-pod-down-phase-healthy-weight-50");
    let step = sends(&BACK, &to(STABLE), &set, &known, &[]);
    let operations = operations(&step);
    assert_eq!(operations[1]["path"], "/metadata/generation");
    let writes: Vec<(&str, i64)> = operations
        .iter()
        .filter(|one| one["op"] == "add")
        .map(|one| (one["path"].as_str().unwrap(), one["value"].as_i64().unwrap()))
        .collect();
    assert_eq!(writes, [("/spec/http/0/route/0/weight", 100), ("/spec/http/0/route/1/weight", 0)]);
    for backend in
        set.routes.iter_mut().flat_map(|route| &mut route.rules).flat_map(|rule| &mut rule.backends)
    {
        backend.weight = if backend.subset.as_deref() == Some("stable") { 100 } else { 0 };
    }
    assert_eq!(
        next(&BACK, &to(STABLE), &set, &known, &[]),
        Next::holds(),
        "although the status still says 50"
    );
    // with Services too, where only the weight is left
    let (set, known) = load("canary-nginx-undo-one-stable-pod-down-phase-healthy-weight-50");
    assert_eq!(
        sends(&BACK, &to(STABLE), &set, &known, &[]).does.as_str(),
        "set Ingress app-app-canary to 100/0 by hand"
    );
}

#[test]
fn goals_end_by_selectors_weights_and_endpoints_alone() {
    for (situation, holds) in [
        ("bluegreen-aborted-healthy", true),
        ("bluegreen-aborted-unhealthy-after-selector-remedy", true),
        ("bluegreen-before-cutover-aborted-after-unpause", true),
        ("canary-nginx-aborted-healthy", true),
        ("canary-basic-aborted-after-unpause", true),
        ("canary-istio-dynamicstablescale-default-delay-aborted", true),
        ("bluegreen-aborted-unhealthy-one-pod", false),
        ("bluegreen-after-cutover-paused-then-aborted-blackout", false),
        ("canary-basic-abort-one-stable-pod-down", false),
        ("canary-nginx-abort-one-stable-pod-down", false),
    ] {
        let (set, known) = load(situation);
        assert_eq!(next(&Act::Stop, &to(STABLE), &set, &known, &[]) == Next::holds(), holds, "{situation}");
    }
    // a selector without a ready pod behind it serves nobody
    let (mut set, known) = load("bluegreen-aborted-healthy");
    unready(&mut set, STABLE, 4);
    assert_eq!(waits(&Act::Stop, &to(STABLE), &set, &known, &[]), "ready endpoints of app-active");
    // retried by somebody: stopped again
    let (mut set, known) = load("canary-nginx-aborted-healthy");
    edit(&mut set).status.abort = false;
    assert_eq!(sends(&Act::Stop, &to(STABLE), &set, &known, &[]).does.as_str(), ABORT);
}

#[test]
fn a_basic_canary_with_a_stable_pod_down_is_waited_for() {
    let (set, known) = load("canary-basic-abort-one-stable-pod-down");
    assert_eq!(waits(&Act::Stop, &to(STABLE), &set, &known, &[]), "2 pods of another version to go");
}

/// The templates that the controller of a finished release would go back to.
fn finished(situation: &str, warm: bool) -> (ObjectSet, Known) {
    let (mut set, mut known) = load(situation);
    recorded::seen(&set, &mut known, STABLE, 5);
    recorded::seen(&set, &mut known, CANDIDATE, 9);
    if warm {
        let wanted = edit(&mut set).spec.replicas.unwrap();
        let old = set_of(&mut set, STABLE);
        old.spec.replicas = wanted;
        old.status.replicas = wanted;
        old.status.ready_replicas = wanted;
        old.status.available_replicas = wanted;
    }
    (set, known)
}

#[test]
fn a_finished_release_goes_back_to_pods_that_are_gone_in_full() {
    let (mut set, known) = finished("canary-nginx-completed-old-rs-scaled-down", false);
    let back = outline(&BACK, &set, &known).unwrap();
    assert_eq!(does(&back), [TEMPLATE, "promote v1 in full"]);
    assert!(
        back.effect.iter().any(|line| line.as_str().contains("when 5 pods have started")),
        "{:?}",
        back.effect
    );
    let want = back.want.clone();
    // the answer holds the template; the controller has not looked: promoted now it would be forgotten
    let digest = set_of(&mut set, STABLE).spec.template.digest;
    edit(&mut set).spec.template.digest = digest;
    edit(&mut set).face.metadata.generation += 1;
    let done = [applied(&back.steps[0], 5)];
    assert_eq!(waits(&BACK, &want, &set, &known, &done), "controller to see it");
    edit(&mut set).status.observed_generation = "8".to_owned();
    edit(&mut set).status.current_pod_hash = TemplateHash::new(STABLE);
    let full = sends(&BACK, &want, &set, &known, &done);
    assert_eq!(full.does.as_str(), "promote v1 in full");
    assert!(
        operations(&full).iter().any(|one| one["path"] == "/status/currentPodHash" && one["value"] == STABLE)
    );
    edit(&mut set).status.promote_full = true;
    assert_eq!(waits(&BACK, &want, &set, &known, &done), "pods 0/5 v1");
    // meanwhile a stop does not bring the bad version back
    let mut known = known;
    known.condemned.insert(CANDIDATE.into());
    assert_eq!(stop(&set, &known), "nothing");
}

#[test]
fn warm_pods_are_kept_by_a_pause() {
    let (mut set, known) = finished("canary-nginx-completed-old-rs-scaled-down", true);
    let back = outline(&BACK, &set, &known).unwrap();
    assert_eq!(does(&back), ["put the template of v1 back and pause", "promote v1 in full", "un-pause"]);
    let want = back.want.clone();
    // each request follows from the objects alone, as after a restart of the console
    let digest = set_of(&mut set, STABLE).spec.template.digest;
    let rollout = edit(&mut set);
    rollout.spec.template.digest = digest;
    rollout.spec.paused = true;
    rollout.status.current_pod_hash = TemplateHash::new(STABLE);
    assert_eq!(sends(&BACK, &want, &set, &known, &[]).does.as_str(), "promote v1 in full");
    edit(&mut set).status.promote_full = true;
    assert_eq!(sends(&BACK, &want, &set, &known, &[]).does.as_str(), "un-pause");
    edit(&mut set).spec.paused = false;
    assert_eq!(waits(&BACK, &want, &set, &known, &[]), "pods 0/5 v1");
}

#[test]
fn a_blue_green_goes_back_by_itself_to_an_older_version_that_is_kept() {
    let (mut set, mut known) = load("bluegreen-after-promotion-within-scaledowndelay");
    recorded::seen(&set, &mut known, STABLE, 5);
    assert_eq!(does(&outline(&BACK, &set, &known).unwrap()), [TEMPLATE]);
    // of the same second the controller would pause again: kept by a pause, and promoted
    let created = set_of(&mut set, CANDIDATE).metadata.created;
    set_of(&mut set, STABLE).metadata.created = created;
    let back = outline(&BACK, &set, &known).unwrap();
    assert_eq!(does(&back), ["put the template of v1 back and pause", "promote v1 in full", "un-pause"]);
}

#[test]
fn nothing_is_good_because_it_is_there() {
    let (set, known) = load("canary-nginx-completed-old-rs-scaled-down");
    assert_eq!(outline(&BACK, &set, &known).unwrap_err().kind, RefusalKind::NoneKnownGood);
    // chosen by a person it can be gone back to all the same
    let view = project(&set, &known);
    let old = view.revisions.iter().find(|revision| !revision.current).unwrap();
    let chosen = outline(&Act::RollBack { to: Some(old.key.clone()) }, &set, &known).unwrap();
    assert!(chosen.good.unwrap().as_str().starts_with("UNPROVEN"));
}

#[test]
fn a_stop_without_a_template_still_aborts() {
    let (set, mut known) = load("canary-nginx-at-pause-step-50");
    known.templates.clear();
    assert_eq!(stop(&set, &known), ABORT);
    let (mut set, mut known) = load("canary-nginx-at-pause-step-50");
    known.templates.clear();
    unready(&mut set, STABLE, 1);
    assert_eq!(stop(&set, &known), ABORT);
    let (set, mut known) = load("canary-nginx-paused-by-user");
    known.templates.clear();
    assert_eq!(outline(&Act::Stop, &set, &known).unwrap_err().kind, RefusalKind::TemplateNotRead);
    assert!(!project(&set, &known).needs_templates.is_empty());
}

#[test]
fn the_first_version_of_all_is_only_paused() {
    let (mut set, known) = load("canary-progressing-image-pull");
    edit(&mut set).status.stable = TemplateHash::default();
    let stop = outline(&Act::Stop, &set, &known).unwrap();
    assert_eq!(stop.want, Want::Paused { paused: true });
    assert!(stop.title.as_str().ends_with("choose with B"), "{}", stop.title);
}

#[test]
fn a_stop_that_came_too_late_goes_back_from_the_finished_release() {
    let (set, known) = finished("canary-nginx-completed-old-rs-scaled-down", false);
    assert_eq!(sends(&Act::Stop, &to(STABLE), &set, &known, &[]).does.as_str(), TEMPLATE);
}

/// The nginx recording behind an HTTPRoute in place of the Ingress, as the Gateway API plugin keeps it.
fn behind_http_route(weights: [i64; 2]) -> (ObjectSet, Known) {
    let (mut set, known) = load("canary-nginx-at-pause-step-50");
    let canary = edit(&mut set).spec.strategy.canary.as_mut().unwrap();
    canary.traffic_routing = Some(crate::model::rollout::TrafficRouting {
        plugins: json!({"argoproj-labs/gatewayAPI": {"httpRoute": "app", "namespace": "n"}}),
        ..Default::default()
    });
    let object = json!({
        "metadata": {"name": "app", "namespace": "n", "uid": "r", "generation": 4},
        "spec": {"rules": [
            {"matches": [{"headers": [{"name": "x-canary", "value": "true"}]}], "backendRefs": [{"name": "app-canary"}]},
            {"backendRefs": [{"name": "app-stable", "weight": weights[0]}, {"name": "app-canary", "weight": weights[1]}]},
        ]},
    });
    let Some((_, Workload::Route(route))) = Workload::read(WorkloadKind::HttpRoute, object) else {
        panic!("an HTTPRoute")
    };
    set.routes = vec![*route];
    (set, known)
}

#[test]
fn an_http_route_is_read_and_set_in_its_weighted_rule_alone() {
    let (mut set, known) = behind_http_route([50, 50]);
    let truth = project(&set, &known).truth;
    assert_eq!(truth.live.unwrap().from.as_str(), "HTTPRoute app");
    assert_eq!(truth.also[0].as_str(), "HTTPRoute app: header x-canary=true → canary");
    // aborted with a stable pod down: by hand, and the header rule is not touched
    unready(&mut set, STABLE, 1);
    edit(&mut set).status.abort = true;
    let step = sends(&Act::Stop, &to(STABLE), &set, &known, &[]);
    assert_eq!(step.does.as_str(), "set HTTPRoute app to 100/0 by hand");
    let paths: Vec<String> = operations(&step)
        .iter()
        .map(|one| format!("{} {}", one["op"].as_str().unwrap(), one["path"].as_str().unwrap()))
        .collect();
    assert_eq!(
        paths,
        [
            "test /metadata/uid",
            "test /metadata/generation",
            "test /spec/rules/1/backendRefs/0/name",
            "add /spec/rules/1/backendRefs/0/weight",
            "test /spec/rules/1/backendRefs/1/name",
            "add /spec/rules/1/backendRefs/1/weight",
        ]
    );
    let (mut gone, known) = behind_http_route([100, 0]);
    edit(&mut gone).status.abort = true;
    assert_eq!(next(&Act::Stop, &to(STABLE), &gone, &known, &[]), Next::holds());
}

#[test]
fn another_router_is_believed_only_when_its_pods_are_gone_too() {
    let (mut set, known) = load("canary-nginx-aborted-healthy");
    set.routes.clear();
    assert_eq!(next(&Act::Stop, &to(STABLE), &set, &known, &[]), Next::holds());
    let (mut set, known) = load("canary-nginx-paused-then-aborted");
    set.routes.clear();
    assert_eq!(waits(&Act::Stop, &to(STABLE), &set, &known, &[]), "2 pods of another version to go");
}
