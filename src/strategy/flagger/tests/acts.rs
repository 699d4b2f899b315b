//! Hold, resume, and what lets a release through or brings a new one.

use chrono::TimeDelta;
use serde_json::json;

use super::world::World;
use super::{
    Act, Next, RefusalKind, Want, canary, does, edit, next, operations, outline, refused, side, start,
};
use crate::model::canary::Phase;
use crate::model::outline::Step;
use crate::model::request::Outcome;
use crate::model::trace::Sent;

#[test]
fn a_hold_is_proved_at_the_fence_only() {
    let (set, known) = canary("gatewayapi-progressing-20");
    let hold = outline(&Act::Hold, &set, &known);
    assert!(hold.effect[0].as_str().contains("Flagger will not roll back while held"), "{:?}", hold.effect);
    let mut world = World::new(set, known);
    let Next::Send(step) = world.next(&Act::Hold, &hold.want) else { panic!("suspend") };
    world.apply(&step);
    let suspended = world.now;
    let Next::Wait { until: Some(until), .. } = world.next(&Act::Hold, &hold.want) else {
        panic!("the fence")
    };
    // four webhooks of 3 s each last longer than the interval
    assert_eq!(until - suspended, TimeDelta::seconds(14));
    world.overwrite(40);
    assert!(matches!(world.next(&Act::Hold, &hold.want), Next::Wait { .. }), "it moved under the hold");
    world.now = until + TimeDelta::seconds(4);
    assert_eq!(world.next(&Act::Hold, &hold.want), Next::holds());
}

#[test]
fn nothing_is_held_at_rest() {
    for situation in ["gatewayapi-initialized", "gatewayapi-succeeded", "gatewayapi-failed"] {
        let (set, known) = canary(situation);
        assert_eq!(refused(&Act::Hold, &set, &known).0, RefusalKind::NothingToDo, "{situation}");
        assert_eq!(refused(&Act::Stop, &set, &known).0, RefusalKind::NothingToDo, "{situation}");
    }
}

#[test]
fn a_suspended_waiting_promotion_is_never_resumed_undecided() {
    let (mut set, known) = canary("gatewayapi-suspended-route-100-0");
    let back = outline(&Act::Resume, &set, &known);
    assert!(back.effect[0].as_str().contains("begins again at its first step"), "{:?}", back.effect);
    edit(&mut set).status.phase = Phase::WaitingPromotion;
    let (kind, why) = refused(&Act::Resume, &set, &known);
    assert_eq!(kind, RefusalKind::NotPossibleHere);
    assert!(
        why.contains("climbs all steps again and asks no gate") && why.contains("B returns to stable"),
        "{why}"
    );
    // decided: it will be given up
    edit(&mut set).status.failed_checks = 9;
    let decided = outline(&Act::Resume, &set, &known);
    assert!(decided.effect[0].as_str().contains("rolls back at its next tick"), "{:?}", decided.effect);
    // with steps back in Promoting nothing would ever move again
    let (mut set, known) = canary("gatewayapi-promoting-stuck");
    edit(&mut set).spec.suspend = true;
    assert!(refused(&Act::Resume, &set, &known).1.contains("stay in Promoting for ever"));
}

#[test]
fn a_gate_is_its_owners() {
    for (situation, gate) in [
        ("gatewayapi-waiting", "confirm-rollout"),
        ("gatewayapi-progressing-20", "confirm-traffic-increase"),
        ("gatewayapi-waitingpromotion", "confirm-promotion"),
    ] {
        let (set, known) = canary(situation);
        let (kind, why) = refused(&Act::Promote, &set, &known);
        assert_eq!(kind, RefusalKind::NotPossibleHere);
        assert!(why.starts_with(&format!("not possible here: the gate {gate} is a webhook")), "{why}");
    }
}

#[test]
fn a_full_promotion_switches_the_analysis_on_again() {
    let (set, known) = canary("gatewayapi-waitingpromotion");
    let promote = outline(&Act::PromoteFull, &set, &known);
    assert_eq!(does(&promote), ["skip the analysis of this release", "switch the analysis on again"]);
    let tests = operations(&promote.steps[0]);
    assert_eq!(tests[1]["path"], "/status/lastAppliedSpec", "the release that was shown");
    assert!(promote.after[0].as_str().contains("skipAnalysis stays on"), "{:?}", promote.after);
    let Next::Send(step) = next(&Act::PromoteFull, &promote.want, &set, &known, &[]) else { panic!("skip") };
    assert_eq!(step.does.as_str(), "skip the analysis of this release");
    // the recorded end of another one: skipAnalysis is still on
    let (mut set, known) = canary("gatewayapi-succeeded-by-skip");
    let hash =
        set.replica_sets.iter().find(|one| one.metadata.name.as_str() == "s6-skipprog-76b8f5c767").unwrap();
    let want = Want::Promoted { hash: hash.hash(), version: "v2".into() };
    let Next::Send(step) = next(&Act::PromoteFull, &want, &set, &known, &[]) else { panic!("put it back") };
    assert_eq!(step.does.as_str(), "switch the analysis on again");
    edit(&mut set).spec.skip_analysis = false;
    assert_eq!(next(&Act::PromoteFull, &want, &set, &known, &[]), Next::holds());
    let other = Want::Promoted { hash: "another".into(), version: "v3".into() };
    assert!(matches!(next(&Act::PromoteFull, &other, &set, &known, &[]), Next::Impossible(_)));
    for (situation, why) in [
        ("gatewayapi-waiting", "does not pass the gate confirm-rollout"),
        ("gatewayapi-progressing-canary-notready", "pods are not ready"),
    ] {
        let (set, known) = canary(situation);
        assert!(refused(&Act::PromoteFull, &set, &known).1.contains(why), "{situation}");
    }
}

#[test]
fn a_retry_makes_the_template_differ() {
    let (mut set, known) = canary("gatewayapi-failed");
    let retry = outline(&Act::Retry, &set, &known);
    let last = operations(&retry.steps[0]).pop().unwrap();
    assert_eq!(last["path"], "/spec/template/metadata/annotations");
    assert!(last["value"]["gonogo/retried"].is_string(), "{last}");
    assert_eq!(retry.steps[0].request.resource.name.as_str(), "s1-prog", "on the target");
    let trace = [applied(&retry.steps[0])];
    assert!(matches!(next(&Act::Retry, &retry.want, &set, &known, &trace), Next::Wait { .. }));
    edit(&mut set).status.phase = Phase::Progressing;
    assert_eq!(next(&Act::Retry, &retry.want, &set, &known, &trace), Next::holds());
    edit(&mut set).status.phase = Phase::Failed;
    // the end of the release before is written twice
    edit(&mut set).status.last_transition_time = Some(start() + TimeDelta::seconds(1));
    assert!(matches!(next(&Act::Retry, &retry.want, &set, &known, &trace), Next::Wait { .. }));
    edit(&mut set).status.last_transition_time = Some(start() + TimeDelta::seconds(30));
    assert!(matches!(next(&Act::Retry, &retry.want, &set, &known, &trace), Next::Impossible(_)));
    let (set, known) = canary("gatewayapi-failed-primary-down");
    assert!(refused(&Act::Retry, &set, &known).1.contains("primary is not ready"));
}

fn applied(step: &Step) -> Sent {
    let id = crate::model::request::RequestId { act: "act".into(), step: 1, attempt: 1 };
    let outcome = Some(Outcome::Applied { code: 200 });
    Sent { id, step: step.clone(), at: start(), outcome, answered: Some(start()) }
}

#[test]
fn a_restart_is_the_primarys() {
    let (mut set, known) = canary("gatewayapi-succeeded");
    let restart = outline(&Act::Restart { at: start() }, &set, &known);
    assert_eq!(restart.steps[0].request.resource.name.as_str(), "s1-promo-primary");
    let act = Act::Restart { at: start() };
    assert!(matches!(next(&act, &restart.want, &set, &known, &[]), Next::Send(_)));
    side(&mut set, "-primary").spec.template.restarted = Some("2026-11-20T22:00:00Z".into());
    assert_eq!(next(&act, &restart.want, &set, &known, &[]), Next::holds());
    let (set, known) = canary("gatewayapi-progressing-20");
    assert!(refused(&act, &set, &known).1.contains("H holds it first"));
}

#[test]
fn a_new_image_is_a_release_of_the_target() {
    let (mut set, known) = canary("gatewayapi-succeeded");
    let act = |image: &str| Act::SetImage { container: None, image: image.into() };
    let release = outline(&act("shop:v3"), &set, &known);
    assert_eq!(release.steps[0].request.resource.name.as_str(), "s1-promo");
    assert_eq!(operations(&release.steps[0]).pop().unwrap()["value"], json!("shop:v3"));
    side(&mut set, "").spec.template.images[0].image = "shop:v3".into();
    assert!(matches!(next(&act("shop:v3"), &release.want, &set, &known, &[]), Next::Wait { .. }));
    edit(&mut set).status.phase = Phase::Progressing;
    assert_eq!(next(&act("shop:v3"), &release.want, &set, &known, &[]), Next::holds());
    // an undo in mid-run is ignored, and the run goes on
    let (set, known) = canary("gatewayapi-progressing-20");
    assert!(refused(&act("shop:v1"), &set, &known).1.contains("no notice of an undo"));
    assert_eq!(refused(&Act::Scale { replicas: 5 }, &set, &known).0, RefusalKind::NotPossibleHere);
}
