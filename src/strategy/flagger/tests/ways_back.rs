//! Stop and roll-back from every phase, followed to their end, and what a tick in flight does to them.

use super::world::World;
use super::{
    Act, Known, Next, ObjectSet, RefusalKind, canary, does, edit, operations, outline, project, refused, side,
};
use crate::model::canary::Phase;
use crate::model::objects::Depth;
use crate::model::outline::Want;
use crate::model::template::TemplateSummary;
use crate::model::view::Evidence;

const SUSPEND: &str = "suspend the Canary";
const GO_ON: &str = "let Flagger go on";
const FAIL: &str = "count its checks as failed";
const FAILED: &str = "set phase Failed";

/// Stops from a situation and returns the world after it and what was requests.
fn stopped(situation: &str) -> (World, Vec<String>) {
    let (set, known) = canary(situation);
    let stop = outline(&Act::Stop, &set, &known);
    let mut world = World::new(set, known);
    let requests = world.follow(&Act::Stop, &stop.want);
    (world, requests)
}

#[test]
fn a_stop_ends_each_phase_in_its_own_way() {
    let route = |name: &str| format!("give the target no traffic in HTTPRoute {name}");
    let template = |name: &str| format!("put the template of v1 back into {name}");
    let rows = [
        (
            "gatewayapi-waiting",
            vec![SUSPEND.into(), "fence".into(), template("s1-wait"), FAILED.into(), GO_ON.into()],
        ),
        (
            "gatewayapi-progressing-20",
            vec![SUSPEND.into(), route("s1-prog"), "fence".into(), FAIL.into(), GO_ON.into()],
        ),
        (
            "gatewayapi-waitingpromotion",
            vec![SUSPEND.into(), route("s1-wp"), "fence".into(), FAIL.into(), GO_ON.into()],
        ),
        (
            // crash-looping: no failed check would be looked at
            "gatewayapi-progressing-canary-notready",
            vec![SUSPEND.into(), "fence".into(), "scale s1-cnr to 0".into(), FAILED.into(), GO_ON.into()],
        ),
        (
            "gatewayapi-promoting",
            vec![
                SUSPEND.into(),
                template("s1-promo-primary"),
                route("s1-promo"),
                "fence".into(),
                template("s1-promo"),
                FAILED.into(),
                "scale s1-promo to 0".into(),
                GO_ON.into(),
            ],
        ),
        (
            "gatewayapi-finalising",
            vec![
                SUSPEND.into(),
                template("s1-promo-primary"),
                "fence".into(),
                template("s1-promo"),
                FAILED.into(),
                "scale s1-promo to 0".into(),
                GO_ON.into(),
            ],
        ),
        (
            // somebody began and left
            "gatewayapi-promoting-suspended-primary-restored",
            vec!["fence".into(), FAILED.into(), "scale s9-promodirect to 0".into(), GO_ON.into()],
        ),
        (
            "gatewayapi-suspended-route-overwritten-by-inflight-tick",
            vec![route("race-sus"), "fence".into(), FAIL.into(), GO_ON.into()],
        ),
        ("kubernetes-progressing", vec![SUSPEND.into(), "fence".into(), FAIL.into(), GO_ON.into()]),
        (
            "nginx-progressing-20",
            vec![
                SUSPEND.into(),
                "give the target no traffic in Ingress n-plain-canary".into(),
                "fence".into(),
                FAIL.into(),
                GO_ON.into(),
            ],
        ),
    ];
    for (situation, wanted) in rows {
        let (world, requests) = stopped(situation);
        assert_eq!(requests, wanted, "{situation}");
        let view = project(&world.set, &world.known);
        assert!(!view.in_flight && !view.paused, "{situation}");
        assert_eq!(view.version.as_str(), "v1", "{situation}");
        assert_eq!(view.truth.live.map(|share| share.part), Some(0), "{situation}");
    }
}

#[test]
fn a_stop_writes_every_rule_and_tests_what_it_addresses() {
    let (set, known) = canary("gatewayapi-sessionaffinity-40");
    let stop = outline(&Act::Stop, &set, &known);
    let requests = operations(&stop.steps[1]);
    let of = |op: &str, end: &str| {
        let paths =
            requests.iter().filter(|one| one["op"] == op && one["path"].as_str().unwrap().ends_with(end));
        paths.count()
    };
    assert_eq!(
        (of("test", "/generation"), of("test", "/name"), of("add", "/weight")),
        (1, 4, 4),
        "{requests:?}"
    );
    let (set, known) = canary("nginx-ab-progressing");
    let requests = operations(&outline(&Act::Stop, &set, &known).steps[1]);
    let removed: Vec<&str> = requests
        .iter()
        .filter(|one| one["op"] == "remove")
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        removed,
        [
            "/metadata/annotations/nginx.ingress.kubernetes.io~1canary-by-header",
            "/metadata/annotations/nginx.ingress.kubernetes.io~1canary-by-header-value"
        ],
        "a header wins over weight 0"
    );
}

#[test]
fn a_tick_in_flight_is_outlasted() {
    let (set, known) = canary("gatewayapi-progressing-20");
    let want = outline(&Act::Stop, &set, &known).want;
    let mut world = World::new(set, known);
    for _ in 0..2 {
        let Next::Send(step) = world.next(&Act::Stop, &want) else { panic!("suspend, then the route") };
        world.apply(&step);
    }
    let Next::Wait { until: Some(first), .. } = world.next(&Act::Stop, &want) else { panic!("the fence") };
    world.overwrite(40);
    let Next::Send(again) = world.next(&Act::Stop, &want) else { panic!("the route once more") };
    world.apply(&again);
    let Next::Wait { until: Some(second), .. } = world.next(&Act::Stop, &want) else { panic!("a new fence") };
    assert!(second > first, "it is counted from the last change");
    assert_eq!(world.follow(&Act::Stop, &want), ["fence", FAIL, GO_ON]);
}

#[test]
fn a_tick_that_promotes_under_the_stop_is_undone() {
    let (set, known) = canary("gatewayapi-promoting");
    // a moment before: the primary still has its own template, and the gate's answer is on its way
    let good =
        set.replica_sets.iter().find(|one| one.metadata.name.as_str() == "s1-promo-primary-64cdd9c4c4");
    let bad = side(&mut set.clone(), "-primary").spec.template.clone();
    let good = good.unwrap().spec.template.clone();
    let mut world = World::new(set, known);
    edit(&mut world.set).status.phase = Phase::WaitingPromotion;
    world.retemplate("s1-promo-primary", good);
    let want = outline(&Act::Stop, &world.set, &world.known).want;
    for _ in 0..2 {
        let Next::Send(step) = world.next(&Act::Stop, &want) else { panic!("suspend, then the route") };
        world.apply(&step);
    }
    edit(&mut world.set).status.phase = Phase::Promoting;
    world.retemplate("s1-promo-primary", bad);
    let requests = world.follow(&Act::Stop, &want);
    let wanted = [
        "put the template of v1 back into s1-promo-primary",
        "fence",
        "put the template of v1 back into s1-promo",
        FAILED,
        "scale s1-promo to 0",
        GO_ON,
    ];
    assert_eq!(requests, wanted);
}

#[test]
fn going_back_to_a_primary_that_does_not_serve_would_be_an_outage() {
    let (set, known) = canary("gatewayapi-progressing-primary-notready");
    let stop = outline(&Act::Stop, &set, &known);
    assert!(stop.effect.iter().any(|line| line.as_str().starts_with("NOT AT ONCE")), "{:?}", stop.effect);
    let mut world = World::new(set, known);
    let Next::Send(first) = world.next(&Act::Stop, &stop.want) else { panic!("suspend") };
    assert_eq!(first.does.as_str(), SUSPEND);
    world.apply(&first);
    let Next::Wait { what, .. } = world.next(&Act::Stop, &stop.want) else { panic!("the route stays") };
    assert!(what.as_str().contains("would be an outage"), "{what}");
}

#[test]
fn a_finished_release_goes_back_without_an_analysis_of_the_bad_version() {
    let (set, mut known) = canary("gatewayapi-succeeded");
    let good =
        set.replica_sets.iter().find(|one| one.metadata.name.as_str() == "s1-promo-primary-64cdd9c4c4");
    let key = good.unwrap().key();
    let unproven = refused(&Act::RollBack { to: None }, &set, &known);
    assert_eq!(unproven.0, RefusalKind::NoneKnownGood, "an old revision without pods is no evidence");
    crate::model::recorded::seen(&set, &mut known, key.hash.as_str(), 1);
    let act = Act::RollBack { to: None };
    let back = outline(&act, &set, &known);
    let wanted = [
        SUSPEND,
        "put the template of v1 back into s1-promo-primary",
        "put the template of v1 back into s1-promo",
        GO_ON,
    ];
    assert_eq!(does(&back), wanted);
    assert!(back.after.iter().any(|line| line.as_str().contains("against itself")), "{:?}", back.after);
    let mut world = World::new(set, known);
    assert_eq!(world.follow(&act, &back.want), wanted);
    // Flagger starts to judge the good version against itself: nothing of the bad one runs
    edit(&mut world.set).status.phase = Phase::Progressing;
    side(&mut world.set, "").spec.replicas = Some(2);
    assert_eq!(world.next(&act, &back.want), Next::Holds { settle_seconds: Some(10) });
    assert_eq!(refused(&Act::Stop, &world.set, &world.known).0, RefusalKind::NothingToDo);
}

#[test]
fn a_phase_that_says_failed_is_not_believed() {
    let (mut set, known) = canary("gatewayapi-progressing-20");
    let want = outline(&Act::Stop, &set, &known).want;
    edit(&mut set).status.phase = Phase::Failed;
    let back = outline(&Act::RollBack { to: None }, &set, &known);
    assert_eq!(back.want, want);
    let mut world = World::new(set, known);
    let requests = world.follow(&Act::RollBack { to: None }, &want);
    assert_eq!(requests, ["give the target no traffic in HTTPRoute s1-prog", "scale s1-prog to 0"]);
}

#[test]
fn what_flagger_does_in_two_moves_is_not_taken_for_something_else() {
    // giving up: the target is scaled to nothing a moment before the phase says so
    let (set, known) = canary("gatewayapi-progressing-20");
    let want = outline(&Act::Stop, &set, &known).want;
    let mut world = World::new(set, known);
    edit(&mut world.set).status.failed_checks = 9;
    for backend in &mut world.set.routes[0].rules[0].backends {
        backend.weight = if backend.service.as_str().ends_with("canary") { 0 } else { 100 };
    }
    side(&mut world.set, "").spec.replicas = Some(0);
    assert!(
        matches!(world.next(&Act::Stop, &want), Next::Wait { .. }),
        "nothing is to be suspended any more"
    );
    // beginning anew: the pods of the target come a moment before the phase says so
    let (set, mut known) = canary("gatewayapi-succeeded");
    let good =
        set.replica_sets.iter().find(|one| one.metadata.name.as_str().ends_with("64cdd9c4c4")).unwrap();
    crate::model::recorded::seen(&set, &mut known, good.hash().as_str(), 1);
    let act = Act::RollBack { to: None };
    let want = outline(&act, &set, &known).want;
    let mut world = World::new(set, known);
    world.follow(&act, &want);
    side(&mut world.set, "").spec.replicas = Some(2);
    assert!(matches!(world.next(&act, &want), Next::Holds { .. }), "the good version may come");
}

#[test]
fn a_promotion_that_failed_gets_the_primary_back() {
    let (set, known) = canary("gatewayapi-failed-promotion");
    let back = outline(&Act::RollBack { to: None }, &set, &known);
    assert_eq!(does(&back), ["put the template of v1 back into s7-prim-primary"]);
    assert_eq!(back.good.as_ref().unwrap().as_str(), "v1 served until this release; serves now on 2 pods");
    let mut world = World::new(set, known);
    assert_eq!(world.follow(&Act::RollBack { to: None }, &back.want).len(), 1);
}

#[test]
fn accepted_is_not_done() {
    let (mut world, _) = stopped("gatewayapi-progressing-20");
    let want = Want::Serving {
        hash: world
            .set
            .replica_sets
            .iter()
            .find(|one| one.metadata.name.as_str().contains("primary"))
            .map(crate::model::replicaset::ReplicaSet::hash),
        digest: TemplateSummary::default().digest,
        version: "v1".into(),
    };
    let waits = |set: &ObjectSet, known: &Known| match World::new(set.clone(), known.clone())
        .next(&Act::Stop, &want)
    {
        Next::Wait { what, .. } => what.to_string(),
        other => format!("{other:?}"),
    };
    assert!(waits(&world.set, &world.known).starts_with("Holds"));
    // the gateway has not taken the route
    let mut behind = world.set.clone();
    behind.routes[0].gateway = crate::model::route::Gateway::Behind;
    assert_eq!(waits(&behind, &world.known), "the gateway to take the route");
    // a pod of the target is still there
    let (before, _) = canary("gatewayapi-progressing-20");
    let pod = before.pods.iter().find(|pod| !pod.name.as_str().contains("primary")).unwrap().clone();
    world.set.pods.push(pod);
    assert_eq!(waits(&world.set, &world.known), "1 pods of s1-prog to leave");
    world.set.depth = Depth::Listed;
    assert_eq!(waits(&world.set, &world.known), "revisions to be read");
}

#[test]
fn where_only_flagger_can_move_traffic_the_release_is_failed_at_once() {
    let (mut set, known) = canary("gatewayapi-progressing-20");
    edit(&mut set).spec.provider = "linkerd".into();
    set.routes.clear();
    let stop = outline(&Act::Stop, &set, &known);
    assert_eq!(does(&stop), [FAIL]);
    let mut world = World::new(set, known);
    assert_eq!(world.follow(&Act::Stop, &stop.want), [FAIL]);
}

#[test]
fn stable_is_what_the_primary_runs_by_right() {
    let (set, known) = canary("gatewayapi-promoting");
    let view = project(&set, &known);
    let good: Vec<(&str, bool)> =
        view.revisions.iter().map(|one| (one.name.as_str(), one.evidence == Evidence::ServesAlone)).collect();
    assert_eq!(good, [("v2", false), ("v1", true)], "the primary's own v2 is the one on its way");
    let want = outline(&Act::Stop, &set, &known).want;
    assert_eq!(want.destination(), Some("v1"));
}

#[test]
fn templates_that_are_not_read_prepare_nothing_that_needs_them() {
    let (set, mut known) = canary("gatewayapi-promoting");
    known.templates.clear();
    let view = project(&set, &known);
    assert_eq!(view.way_back.unwrap_err().kind, RefusalKind::TemplateNotRead);
    assert_eq!(view.needs_templates.len(), 4);
}
