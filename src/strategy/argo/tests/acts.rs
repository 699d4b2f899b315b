//! What the acts that raise risk would send, and when they hold.

use serde_json::json;

use super::*;
use crate::model::outline::RefusalKind;
use crate::model::service::Autoscaler;

fn refused(act: &Act, set: &ObjectSet, known: &Known) -> (RefusalKind, String) {
    let refusal = outline(act, set, known).unwrap_err();
    (refusal.kind, refusal.to_string())
}

fn tests_of(step: &Step) -> Vec<String> {
    let tests = operations(step).into_iter().filter(|one| one["op"] == "test");
    tests.map(|one| format!("{} {}", one["path"].as_str().unwrap(), one["value"])).collect()
}

#[test]
fn a_promotion_names_the_one_pause_that_was_shown() {
    let (set, known) = load("canary-nginx-at-pause-step-50");
    let promote = outline(&Act::Promote, &set, &known).unwrap();
    assert_eq!((promote.short.as_str(), promote.destructive), ("50→75 %", false));
    assert_eq!(promote.steps[0].request.resource.subresource, "status");
    let uid = set.workload.uid().as_str();
    assert_eq!(
        operations(&promote.steps[0]),
        [
            json!({"op": "test", "path": "/metadata/uid", "value": uid}),
            json!({"op": "test", "path": "/status/currentPodHash", "value": CANDIDATE}),
            json!({"op": "test", "path": "/status/currentStepIndex", "value": 3}),
            json!({"op": "test", "path": "/status/pauseConditions/0/startTime", "value": "2026-11-20T21:18:04Z"}),
            json!({"op": "remove", "path": "/status/pauseConditions"}),
        ]
    );
}

#[test]
fn past_an_inconclusive_analysis_the_index_goes_too() {
    let (set, known) = load("canary-paused-inconclusive-analysis");
    let promote = outline(&Act::Promote, &set, &known).unwrap();
    assert_eq!(does(&promote), ["go on past the inconclusive analysis of step 4 of 7"]);
    let writes: Vec<Value> =
        operations(&promote.steps[0]).into_iter().filter(|one| one["op"] != "test").collect();
    assert_eq!(
        writes,
        [
            json!({"op": "add", "path": "/status/controllerPause", "value": false}),
            json!({"op": "remove", "path": "/status/pauseConditions"}),
            json!({"op": "add", "path": "/status/currentStepIndex", "value": 4}),
        ]
    );
}

#[test]
fn what_would_pass_over_a_running_step_is_called_so_and_typed() {
    let (set, known) = load("canary-mid-analysis-step-and-background-running");
    let promote = outline(&Act::Promote, &set, &known).unwrap();
    assert_eq!((promote.short.as_str(), promote.destructive), ("skip step 4", true));
    assert!(tests_of(&promote.steps[0]).contains(&"/status/pauseConditions null".to_owned()));
}

#[test]
fn held_at_a_pause_the_pause_of_the_person_goes_first() {
    let (mut set, known) = load("canary-nginx-paused-by-user");
    let promote = outline(&Act::Promote, &set, &known).unwrap();
    assert_eq!(does(&promote), ["un-pause the Rollout", "end the pause of step 4 of 6"]);
    let want = promote.want.clone();
    let first = sends(&Act::Promote, &want, &set, &known, &[]);
    assert_eq!(first, promote.steps[0]);
    // un-paused, and the controller has not looked: nothing is sent into that moment
    edit(&mut set).spec.paused = false;
    edit(&mut set).face.metadata.generation += 1;
    let done = [applied(&first, 10)];
    assert_eq!(waits(&Act::Promote, &want, &set, &known, &done), "controller to see it");
    edit(&mut set).status.observed_generation = "5".to_owned();
    let second = sends(&Act::Promote, &want, &set, &known, &done);
    assert_eq!(second, promote.steps[1]);
    // its own request is never sent twice, whatever pause comes next
    let done = [applied(&first, 20), applied(&second, 10)];
    assert_eq!(waits(&Act::Promote, &want, &set, &known, &done), "controller to take the step");
}

#[test]
fn held_in_the_middle_of_a_step_nothing_is_promoted() {
    let (mut set, known) = load("canary-mid-analysis-step-and-background-running");
    edit(&mut set).spec.paused = true;
    let (kind, why) = refused(&Act::Promote, &set, &known);
    assert_eq!(kind, RefusalKind::NotPossibleHere);
    assert!(why.contains("U lets it go on"), "{why}");
}

#[test]
fn a_step_is_passed_when_the_traffic_follows_and_not_by_its_index() {
    let (mut set, known) = load("canary-nginx-at-pause-step-50");
    let want = outline(&Act::Promote, &set, &known).unwrap().want;
    let step = sends(&Act::Promote, &want, &set, &known, &[]);
    let done = [applied(&step, 10)];
    edit(&mut set).status.pause_conditions.clear();
    edit(&mut set).status.current_step_index = Some(4);
    assert_eq!(waits(&Act::Promote, &want, &set, &known, &done), "weight 75 on Ingress app-app-canary");
    let route = set.routes.iter_mut().find(|route| route.canary.is_some()).unwrap();
    route.canary.as_mut().unwrap().weight = Some("75".to_owned());
    edit(&mut set).status.current_step_index = Some(5);
    assert_eq!(next(&Act::Promote, &want, &set, &known, &done), Next::holds());
    edit(&mut set).status.abort = true;
    assert!(
        matches!(next(&Act::Promote, &want, &set, &known, &done), Next::Impossible(_)),
        "aborted meanwhile"
    );
    edit(&mut set).status.current_pod_hash = TemplateHash::new("other");
    let Next::Impossible(why) = next(&Act::Promote, &want, &set, &known, &done) else { panic!("overtaken") };
    assert!(why.as_str().contains("another version"), "{why}");
}

#[test]
fn the_loser_of_two_promotions_is_told() {
    let (mut set, known) = load("canary-nginx-at-pause-step-50");
    let want = outline(&Act::Promote, &set, &known).unwrap().want;
    let step = sends(&Act::Promote, &want, &set, &known, &[]);
    let refused = Outcome::Rejected { code: 422, reason: "Invalid".to_owned(), message: "no".into() };
    edit(&mut set).status.current_step_index = Some(5);
    edit(&mut set).face.metadata.managers.push(crate::model::meta::Manager {
        manager: "kubectl-argo-rollouts".to_owned(),
        operation: "Update".to_owned(),
        time: Some(now()),
        subresource: "status".to_owned(),
    });
    let Next::Impossible(why) = next(&Act::Promote, &want, &set, &known, &[sent(&step, 5, refused)]) else {
        panic!("somebody else took the step")
    };
    assert!(why.as_str().ends_with("last written by kubectl-argo-rollouts at 22:00:00 UTC"), "{why}");
}

#[test]
fn a_blue_green_is_switched_by_ending_its_pause() {
    let (mut set, known) = load("bluegreen-before-promotion");
    let promote = outline(&Act::Promote, &set, &known).unwrap();
    assert_eq!(promote.short.as_str(), "switch app-active");
    let want = promote.want;
    let done = [applied(&promote.steps[0], 10)];
    edit(&mut set).status.pause_conditions.clear();
    assert!(
        waits(&Act::Promote, &want, &set, &known, &done).contains("controller"),
        "the selector has not moved"
    );
    let (cut, known) = load("bluegreen-postpromotion-analysis-running");
    let mut cut = ObjectSet { workload: cut.workload.clone(), ..cut };
    crate::model::recorded::meta(&mut cut.workload).uid = set.workload.uid().clone();
    assert_eq!(next(&Act::Promote, &want, &cut, &known, &done), Next::holds());
    // afterwards nothing waits for a person
    assert_eq!(refused(&Act::Promote, &cut, &known).0, RefusalKind::NotPossibleHere);
}

#[test]
fn in_full_needs_an_observed_update_that_nobody_aborted() {
    let (set, known) = load("canary-nginx-at-pause-step-50");
    let full = outline(&Act::PromoteFull, &set, &known).unwrap();
    let tests = tests_of(&full.steps[0]);
    assert!(tests.contains(&format!("/status/currentPodHash \"{CANDIDATE}\"")), "{tests:?}");
    assert!(tests.contains(&format!("/status/stableRS \"{STABLE}\"")), "{tests:?}");
    let (aborted, known) = load("canary-nginx-aborted-healthy");
    assert!(
        refused(&Act::PromoteFull, &aborted, &known).1.contains("would ship the version that was aborted")
    );
    let (rest, known) = load("canary-completed-healthy");
    assert_eq!(refused(&Act::PromoteFull, &rest, &known).0, RefusalKind::NothingToDo);
    let (mut unseen, known) = load("canary-nginx-at-pause-step-50");
    edit(&mut unseen).face.metadata.generation += 1;
    assert!(refused(&Act::PromoteFull, &unseen, &known).1.contains("has not seen"));
}

#[test]
fn held_and_promoted_in_full_it_is_un_paused_afterwards() {
    let (mut set, known) = load("canary-nginx-paused-by-user");
    let full = outline(&Act::PromoteFull, &set, &known).unwrap();
    assert_eq!(does(&full), ["promote v2 in full", "un-pause the Rollout"]);
    let first = sends(&Act::PromoteFull, &full.want, &set, &known, &[]);
    assert_eq!(first, full.steps[0]);
    edit(&mut set).status.promote_full = true;
    let done = [applied(&first, 10)];
    assert_eq!(
        sends(&Act::PromoteFull, &full.want, &set, &known, &done).does.as_str(),
        "un-pause the Rollout"
    );
    edit(&mut set).spec.paused = false;
    assert!(waits(&Act::PromoteFull, &full.want, &set, &known, &done).starts_with("pods 2/4"));
}

#[test]
fn retry_is_for_what_was_aborted() {
    let (mut set, known) = load("canary-nginx-aborted-healthy");
    let retry = outline(&Act::Retry, &set, &known).unwrap();
    assert!(tests_of(&retry.steps[0]).contains(&"/status/abort true".to_owned()));
    edit(&mut set).status.abort = false;
    assert_eq!(waits(&Act::Retry, &retry.want, &set, &known, &[]), "controller to begin anew");
    set_of(&mut set, CANDIDATE).spec.replicas = 1;
    assert_eq!(next(&Act::Retry, &retry.want, &set, &known, &[]), Next::holds());
    assert_eq!(refused(&Act::Retry, &set, &known).0, RefusalKind::NothingToDo);
}

#[test]
fn a_hold_pauses_what_would_go_on_by_itself() {
    let (mut set, known) = load("canary-mid-analysis-step-and-background-running");
    let hold = outline(&Act::Hold, &set, &known).unwrap();
    assert_eq!(operations(&hold.steps[0])[1], json!({"op": "add", "path": "/spec/paused", "value": true}));
    assert!(hold.effect[1].as_str().contains("can still abort"), "{:?}", hold.effect);
    edit(&mut set).spec.paused = true;
    edit(&mut set).face.metadata.generation += 1;
    assert_eq!(waits(&Act::Hold, &hold.want, &set, &known, &[]), "controller to see it");
    assert!(
        outline(&Act::Hold, &load("canary-at-timed-pause").0, &known).is_ok(),
        "a timed pause ends by itself"
    );
    for (situation, why) in [
        ("canary-nginx-at-pause-step-50", "until somebody promotes it"),
        ("canary-nginx-paused-by-user", "held already"),
        ("canary-completed-healthy", "at rest"),
        ("canary-nginx-aborted-healthy", "aborted"),
    ] {
        let (set, known) = load(situation);
        let (kind, said) = refused(&Act::Hold, &set, &known);
        assert_eq!(kind, RefusalKind::NothingToDo, "{situation}");
        assert!(said.contains(why), "{situation}: {said}");
    }
    let (set, known) = load("bluegreen-postpromotion-analysis-running");
    assert_eq!(refused(&Act::Hold, &set, &known).1, "already switched: B goes back");
}

#[test]
fn resume_un_pauses_and_does_nothing_else() {
    let (set, known) = load("canary-nginx-paused-by-user");
    let resume = outline(&Act::Resume, &set, &known).unwrap();
    assert_eq!(resume.steps.len(), 1);
    let writes: Vec<Value> =
        operations(&resume.steps[0]).into_iter().filter(|one| one["op"] != "test").collect();
    assert_eq!(writes, [json!({"op": "replace", "path": "/spec/paused", "value": false})]);
}

#[test]
fn size_belongs_to_the_autoscaler_where_there_is_one() {
    let (mut set, known) = load("canary-completed-healthy");
    let scale = outline(&Act::Scale { replicas: 6 }, &set, &known).unwrap();
    assert_eq!(scale.steps[0].request.resource.subresource, "scale");
    set.autoscalers.push(Autoscaler {
        name: "hpa".into(),
        target_kind: Some(WorkloadKind::Rollout),
        target: set.target.name.clone(),
        min: 2,
        max: 9,
    });
    assert_eq!(refused(&Act::Scale { replicas: 6 }, &set, &known).0, RefusalKind::NotPossibleHere);
}

#[test]
fn a_restart_is_done_when_no_older_pod_is_left() {
    let (mut set, known) = load("canary-completed-healthy");
    let restart = outline(&Act::Restart { at: now() }, &set, &known).unwrap();
    assert!(tests_of(&restart.steps[0]).contains(&"/spec/restartAt null".to_owned()));
    let act = Act::Restart { at: now() };
    edit(&mut set).spec.restart_at = Some("2026-11-20T22:00:00Z".to_owned());
    assert_eq!(waits(&act, &restart.want, &set, &known, &[]), "4 older pods to be replaced");
    for pod in &mut set.pods {
        pod.created = Some(now());
    }
    assert_eq!(waits(&act, &restart.want, &set, &known, &[]), "controller to finish the restart");
    edit(&mut set).status.restarted_at = Some("2026-11-20T22:00:00Z".to_owned());
    assert_eq!(next(&act, &restart.want, &set, &known, &[]), Next::holds());
}

#[test]
fn where_another_object_holds_the_template_it_is_written_there_or_not_at_all() {
    let (mut set, known) = load("canary-completed-healthy");
    let reference =
        |kind: &str| crate::model::rollout::WorkloadRef { kind: kind.to_owned(), name: "api".into() };
    edit(&mut set).spec.workload_ref = Some(reference("PodTemplate"));
    let image = Act::SetImage { container: None, image: "img:v9".to_owned() };
    let (kind, why) = refused(&image, &set, &known);
    assert_eq!(kind, RefusalKind::NotPossibleHere);
    assert!(why.contains("PodTemplate api") && why.contains("change it there"), "{why}");
    // a Deployment that was not read yet is waited for
    edit(&mut set).spec.workload_ref = Some(reference("Deployment"));
    assert_eq!(refused(&image, &set, &known).0, RefusalKind::TemplateNotRead);
    let mut deployment = crate::model::deployment::Deployment::default();
    deployment.metadata.name = "api".into();
    deployment.metadata.uid = "u-api".into();
    deployment.spec.template = set.replica_sets[0].spec.template.clone();
    set.peers.push(deployment);
    let step = outline(&image, &set, &known).unwrap().steps.remove(0);
    assert_eq!(
        (step.request.resource.plural.as_str(), step.request.resource.name.as_str()),
        ("deployments", "api")
    );
    assert_eq!(operations(&step)[0]["value"], "u-api");
}
