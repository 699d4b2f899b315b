//! What is shown of each recorded situation.

use super::*;
use crate::model::proof::Verdict;
use crate::model::view::{TrafficBasis, WorkloadState};

use WorkloadState::{Healthy, Held, Progressing, Stuck, Unhealthy};

/// Situation, state, candidate, its live share in percent, the worst reason's and the first warning's beginning.
type Row = (&'static str, WorkloadState, Option<&'static str>, Option<i64>, &'static str, &'static str);

const C: Option<&str> = Some(CANDIDATE);

const TABLE: [Row; 46] = [
    ("bluegreen-aborted-healthy", Stuck, C, Some(0), "aborted", ""),
    ("bluegreen-aborted-unhealthy-after-selector-remedy", Stuck, C, Some(0), "aborted", ""),
    (
        "bluegreen-aborted-unhealthy-all-pods-by-analysis",
        Stuck,
        C,
        None,
        "aborted: metric \"m\" assessed Failed due to failed (1) > failureLimit (0)",
        "NOBODY SERVES: app-active selects no ready pod; 4 of v1 are ready",
    ),
    ("bluegreen-aborted-unhealthy-all-pods", Stuck, C, None, "aborted", "NOBODY SERVES"),
    ("bluegreen-aborted-unhealthy-one-pod", Stuck, C, None, "aborted", "NOBODY SERVES"),
    ("bluegreen-after-cutover-aborted-unpaused-late-blackout", Stuck, C, None, "aborted", "NOBODY SERVES"),
    ("bluegreen-after-cutover-paused-by-user", Held, C, Some(100), "", "paused after the cut-over"),
    ("bluegreen-after-cutover-paused-then-aborted-blackout", Stuck, C, None, "aborted", "NOBODY SERVES"),
    ("bluegreen-after-promotion-within-scaledowndelay", Healthy, None, None, "", ""),
    ("bluegreen-before-cutover-aborted-after-unpause", Stuck, C, Some(0), "aborted", ""),
    ("bluegreen-before-cutover-paused-by-user", Held, C, Some(0), "", ""),
    ("bluegreen-before-cutover-paused-then-aborted", Stuck, C, Some(0), "aborted", "aborted while paused"),
    ("bluegreen-before-promotion", Progressing, C, Some(0), "", ""),
    ("bluegreen-completed-old-rs-scaled-down", Healthy, None, None, "", ""),
    ("bluegreen-initial-healthy", Healthy, None, None, "", ""),
    ("bluegreen-postpromotion-analysis-running", Progressing, C, Some(100), "", ""),
    (
        "canary-aborted-by-analysis-error",
        Stuck,
        C,
        Some(0),
        "aborted: metric \"error-rate\" assessed Error due to consecutiveErrors (3) > consecutiveErrorLimit (2)",
        "",
    ),
    ("canary-aborted-by-background-analysis-failed", Stuck, C, Some(0), "aborted: metric \"m\"", ""),
    ("canary-at-timed-pause", Progressing, Some("5b57c49775"), Some(25), "", ""),
    ("canary-basic-abort-one-stable-pod-down", Stuck, C, Some(50), "aborted", ""),
    ("canary-basic-aborted-after-unpause", Stuck, C, Some(0), "aborted", ""),
    ("canary-basic-at-pause-step-50", Progressing, C, Some(50), "", ""),
    ("canary-basic-paused-by-user", Held, C, Some(50), "", ""),
    ("canary-basic-paused-then-aborted", Stuck, C, Some(50), "aborted", "aborted while paused"),
    ("canary-completed-healthy", Healthy, None, None, "", ""),
    (
        "canary-degraded-progress-deadline",
        Stuck,
        Some("848f684878"),
        Some(0),
        "ImagePullBackOff on 1 of 1",
        "",
    ),
    (
        "canary-istio-abort-one-stable-pod-down",
        Stuck,
        C,
        Some(50),
        "aborted",
        "weight 50 is held on VirtualService app",
    ),
    (
        "canary-istio-dynamicstablescale-abort-stalled-4-replicas",
        Stuck,
        C,
        Some(25),
        "aborted",
        "weight 25 is held",
    ),
    (
        "canary-istio-dynamicstablescale-abort-stalled-at-25",
        Stuck,
        C,
        Some(25),
        "aborted",
        "weight 25 is held",
    ),
    ("canary-istio-dynamicstablescale-default-delay-aborted", Stuck, C, Some(0), "aborted", ""),
    (
        "canary-istio-subset-abort-then-undo-one-stable-pod-down-phase-healthy-weight-50",
        Stuck,
        C,
        Some(50),
        "weight 50 of VirtualService app still leads to v2",
        "weight 50 is held on VirtualService app while the phase says Healthy",
    ),
    (
        "canary-istio-subset-undo-one-stable-pod-down-phase-healthy-weight-50",
        Stuck,
        C,
        Some(50),
        "weight 50 of VirtualService app still leads to v2",
        "weight 50 is held on VirtualService app while the phase says Healthy",
    ),
    ("canary-mid-analysis-prometheus-unreachable", Progressing, C, Some(60), "", ""),
    ("canary-mid-analysis-step-and-background-running", Progressing, C, Some(40), "", ""),
    (
        "canary-nginx-abort-one-stable-pod-down",
        Stuck,
        C,
        Some(50),
        "aborted",
        "weight 50 is held on Ingress app-app-canary while the phase says Degraded",
    ),
    ("canary-nginx-aborted-after-unpause", Stuck, C, Some(0), "aborted", ""),
    ("canary-nginx-aborted-healthy", Stuck, C, Some(0), "aborted", ""),
    ("canary-nginx-at-pause-step-50", Progressing, C, Some(50), "", ""),
    ("canary-nginx-completed-old-rs-scaled-down", Healthy, None, None, "", ""),
    ("canary-nginx-paused-by-user", Held, C, Some(50), "", ""),
    ("canary-nginx-paused-then-aborted", Stuck, C, Some(0), "aborted", "aborted while paused"),
    // the canary Service leads to the stable pods: the weight stands, the traffic is safe
    (
        "canary-nginx-undo-one-stable-pod-down-phase-healthy-weight-50",
        Unhealthy,
        None,
        None,
        "1 of 4 not available",
        "weight 50 is held on Ingress app-app-canary while the phase says Healthy",
    ),
    ("canary-paused-inconclusive-analysis", Stuck, C, Some(40), "analysis inconclusive", ""),
    (
        "canary-progress-deadline-abort-crashloop",
        Stuck,
        Some("6cc9d8b78c"),
        Some(0),
        "aborted: ReplicaSet \"app-6cc9d8b78c\" has timed out progressing.",
        "",
    ),
    ("canary-progressing-image-pull", Stuck, Some("848f684878"), Some(0), "ImagePullBackOff on 1 of 1", ""),
    (
        "rollout-invalidspec",
        Unhealthy,
        None,
        None,
        "invalid spec: spec.strategy.blueGreen.postPromotionAnalysis",
        "",
    ),
];

#[test]
fn every_recorded_situation_is_judged_as_a_person_would() {
    for (situation, state, candidate, live, reason, warning) in TABLE {
        let (set, known) = load(situation);
        let view = project(&set, &known);
        let hash = view.candidate.as_ref().map(|version| version.key.hash.as_str());
        assert_eq!((view.state, hash), (state, candidate), "{situation}: {:?}", view.reasons);
        assert_eq!(view.in_flight, candidate.is_some(), "{situation}");
        #[expect(clippy::cast_possible_truncation, reason = "percent")]
        let share = view.truth.live.as_ref().map(|share| share.percent().round() as i64);
        assert_eq!(share, live, "{situation}: {:?}", view.truth);
        let worst = view.reasons.first().map_or("", |reason| reason.what.as_str());
        assert!(worst.starts_with(reason) && worst.is_empty() == reason.is_empty(), "{situation}: {worst}");
        let first = view.warnings.first().map_or("", |warning| warning.what.as_str());
        assert!(first.starts_with(warning) && first.is_empty() == warning.is_empty(), "{situation}: {first}");
    }
}

#[test]
fn a_phase_counts_only_when_it_is_about_the_present_spec() {
    let (mut set, known) = load("canary-nginx-completed-old-rs-scaled-down");
    edit(&mut set).face.metadata.generation += 1;
    edit(&mut set).spec.template.images[0].image = "img:v3".to_owned();
    let view = project(&set, &known);
    assert!(view.in_flight, "another template, although the phase says Healthy");
    assert!(outline(&Act::Promote, &set, &known).unwrap_err().why.as_str().contains("has not seen"));
    // a change of size alone is no update
    let (mut set, known) = load("canary-nginx-completed-old-rs-scaled-down");
    edit(&mut set).face.metadata.generation += 1;
    edit(&mut set).spec.replicas = Some(9);
    assert!(!project(&set, &known).in_flight);
}

#[test]
fn the_track_says_where_it_stands_and_what_it_waits_for() {
    let track = |situation: &str| {
        let (set, known) = load(situation);
        let track = project(&set, &known).track.unwrap();
        let what = track.steps.get(track.at).map_or("done", |step| step.what.as_str()).to_owned();
        (track.at, what, track.waits.to_string(), track.until.map(|at| at.to_rfc3339()))
    };
    let row = |at: usize, what: &str, waits: &str| (at, what.to_owned(), waits.to_owned(), None);
    assert_eq!(track("canary-nginx-at-pause-step-50"), row(3, "pause", "until promoted"));
    assert_eq!(track("canary-nginx-paused-by-user"), row(3, "pause", "held: U lets it go on"));
    assert_eq!(track("canary-nginx-aborted-healthy").2, "aborted: retry begins anew");
    assert_eq!(track("canary-mid-analysis-prometheus-unreachable"), row(6, "analysis prom", "analysis prom"));
    assert_eq!(track("canary-paused-inconclusive-analysis").2, "inconclusive: a person decides");
    assert_eq!(track("canary-progressing-image-pull").2, "1 pods");
    assert_eq!(track("canary-nginx-completed-old-rs-scaled-down").1, "done");
    let timed = track("canary-at-timed-pause");
    assert_eq!(timed.2, "timed pause");
    assert!(timed.3.is_some(), "it ends by itself");
    assert_eq!(track("bluegreen-before-promotion"), row(1, "pause", "until promoted"));
    assert_eq!(track("bluegreen-postpromotion-analysis-running"), row(3, "analysis smoke after", "analysis"));
}

#[test]
fn three_accounts_of_the_traffic_and_their_disagreement() {
    let truth = |situation: &str| {
        let (set, known) = load(situation);
        project(&set, &known).truth
    };
    assert_eq!(truth("canary-nginx-at-pause-step-50").disagreement(), None);
    assert_eq!(truth("canary-basic-at-pause-step-50").disagreement(), None);
    let live = truth("canary-basic-at-pause-step-50").live.unwrap();
    assert!(live.from.as_str().starts_with("estimate"), "{}", live.from);
    let held = truth("canary-istio-subset-undo-one-stable-pod-down-phase-healthy-weight-50");
    assert_eq!(held.disagreement().as_deref(), Some("intended 0 %, reported 50 %, live 50 %"));
    assert_eq!(
        truth("canary-nginx-abort-one-stable-pod-down").disagreement().as_deref(),
        Some("intended 0 %, reported 50 %, live 50 %")
    );
}

#[test]
fn shares_are_weights_or_endpoints_of_the_service_that_serves() {
    let (set, known) = load("canary-nginx-at-pause-step-50");
    let traffic = project(&set, &known).traffic;
    assert_eq!(traffic.basis, TrafficBasis::Weights);
    assert_eq!(traffic.services[0].as_str(), "Ingress app-app-canary");
    // pods of the preview get no traffic
    let (set, known) = load("bluegreen-before-promotion");
    let view = project(&set, &known);
    assert_eq!(view.traffic.percent(&view.stable.unwrap().key), Some(100.0));
    assert_eq!(view.traffic.percent(&view.candidate.unwrap().key), Some(0.0));
}

#[test]
fn rules_that_lead_to_the_canary_whatever_the_weight_are_named() {
    let (mut set, known) = load("canary-nginx-aborted-healthy");
    let route = set.routes.iter_mut().find(|route| route.canary.is_some()).unwrap();
    let canary = route.canary.as_mut().unwrap();
    canary.rules.push(("canary-by-header".to_owned(), "x-canary".to_owned()));
    canary.sticky = true;
    let also = project(&set, &known).truth.also;
    assert_eq!(also[0].as_str(), "Ingress app-app-canary: canary-by-header x-canary");
    assert!(also[1].as_str().contains("stays there"), "{}", also[1]);
}

#[test]
fn analyses_are_judged_by_their_measurements() {
    let (set, known) = load("canary-mid-analysis-prometheus-unreachable");
    let lines = project(&set, &known).analysis;
    let of = |name: &str, place: &str| {
        let line = lines.iter().find(|line| line.name.as_str() == name && line.place.as_str() == place);
        line.unwrap_or_else(|| panic!("{name} at {place}: {lines:?}")).clone()
    };
    let background = of("m", "background");
    assert_eq!((background.verdict, background.tally.as_str()), (Verdict::Met, "8 of 8 ok"));
    assert_eq!(background.limit.as_str(), "result >= 0.9, fails if result < 0.5");
    assert_eq!((background.value.as_str(), background.values.len()), ("1", 8));
    let unreachable = of("error-rate", "step 7");
    assert_eq!(unreachable.verdict, Verdict::Unknown);
    assert!(unreachable.value.as_str().contains("connection refused"), "{}", unreachable.value);
    assert_eq!(unreachable.tally.as_str(), "0 of 1 ok, 1 not measured");
    let (set, known) = load("canary-aborted-by-analysis-error");
    assert_eq!(project(&set, &known).analysis[0].verdict, Verdict::Breached, "the worst comes first");
    // a run that reads Successful with NaN is no good news
    let (mut set, known) = load("canary-mid-analysis-step-and-background-running");
    for metric in set.analyses.iter_mut().flat_map(|run| &mut run.metrics) {
        metric.phase = "Successful".to_owned();
        metric.measurements.last_mut().unwrap().value = "[NaN]".into();
    }
    assert!(project(&set, &known).analysis.iter().all(|line| line.verdict != Verdict::Met));
}

#[test]
fn status_writes_of_a_spinning_controller_change_no_view() {
    let (set, known) = load("bluegreen-after-cutover-paused-by-user");
    let before = project(&set, &known);
    let mut spun = set.clone();
    let rollout = edit(&mut spun);
    rollout.face.metadata.resource_version.0 = "999999".to_owned();
    for condition in rollout.status.conditions.iter_mut().filter(|one| one.kind == "Progressing") {
        condition.reason = "NewReplicaSetAvailable".to_owned();
        condition.status = "True".to_owned();
        condition.last_update_time = Some(now());
        condition.last_transition_time = Some(now());
    }
    assert_eq!(project(&spun, &known), before);
}

#[test]
fn the_stable_version_is_evidence_and_an_aborted_one_beside_it_is_none() {
    let (set, known) = load("canary-nginx-at-pause-step-50");
    let view = project(&set, &known);
    assert_eq!(view.complete.unwrap().as_str(), STABLE);
    let good = |hash: &str| {
        let found = view.revisions.iter().find(|revision| revision.key.hash.as_str() == hash);
        found.unwrap().evidence.is_good()
    };
    assert!(good(STABLE) && !good(CANDIDATE));
    // v2 still has ready pods after the return to v1, and was never complete
    let (set, known) = load("canary-nginx-undo-one-stable-pod-down-phase-healthy-weight-50");
    let view = project(&set, &known);
    assert!(view.revisions.iter().all(|revision| revision.current || !revision.evidence.is_good()));
}
