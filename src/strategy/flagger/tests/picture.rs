//! What each recorded situation looks like.

use super::{canary, edit, project};
use crate::model::view::WorkloadState::{self, Healthy, Held, Progressing, Stuck, Unhealthy};

/// Situation, state, live share of the canary, stable and candidate, whether the primary serves alone, what it waits for,
/// and the beginning of its first warning.
type Row = (&'static str, WorkloadState, i64, &'static str, bool, &'static str, &'static str);

const ROWS: [Row; 38] = [
    ("gatewayapi-initialized", Healthy, 0, "v1/-", true, "", ""),
    ("gatewayapi-waiting", Progressing, 0, "v1/v2", false, "gate confirm-rollout", ""),
    (
        "gatewayapi-progressing-20",
        Progressing,
        20,
        "v1/v2",
        false,
        "analysis and gate confirm-traffic-increase",
        "",
    ),
    ("gatewayapi-progressing-canary-notready", Progressing, 0, "v1/v2", false, "canary pods to be ready", ""),
    (
        "gatewayapi-progressing-primary-notready",
        Stuck,
        20,
        "v1/v2",
        false,
        "primary to be ready",
        "primary not ready (0 of 2): going back now would be an outage",
    ),
    ("gatewayapi-waitingpromotion", Progressing, 60, "v1/v2", false, "gate confirm-promotion", ""),
    (
        "gatewayapi-waitingpromotion-target-undone",
        Progressing,
        60,
        "v1/v1",
        false,
        "gate confirm-promotion",
        "Flagger judges v1 against itself",
    ),
    ("gatewayapi-waitingpromotion-reclimbed", Progressing, 60, "v1/v2", false, "gate confirm-promotion", ""),
    ("gatewayapi-promoting", Progressing, 60, "v1/v2", false, "primary to be ready", ""),
    ("gatewayapi-promoting-primary-stuck", Progressing, 60, "v1/v2", false, "primary to be ready", ""),
    ("gatewayapi-promoting-stuck", Progressing, 0, "v1/v2", false, "", "stuck in Promoting"),
    ("gatewayapi-bluegreen-promoting-100", Progressing, 100, "v1/v2", false, "primary to be ready", ""),
    ("gatewayapi-promoting-suspended-primary-restored", Held, 0, "v1/v1", false, "resumed by a person", ""),
    ("gatewayapi-finalising", Progressing, 0, "v1/v2", false, "", ""),
    ("gatewayapi-succeeded", Healthy, 0, "v2/-", true, "", ""),
    ("gatewayapi-succeeded-by-skip", Healthy, 0, "v2/-", true, "", "skipAnalysis is on"),
    (
        "gatewayapi-succeeded-by-skip-primary-broken",
        Unhealthy,
        0,
        "v1/-",
        false,
        "",
        "primary half-updated by a promotion that failed",
    ),
    ("gatewayapi-failed", Healthy, 0, "v1/v2", true, "", ""),
    ("gatewayapi-failed-by-deadline", Healthy, 0, "v1/v2", true, "", ""),
    ("gatewayapi-failed-primary-down", Unhealthy, 0, "v1/v2", false, "", ""),
    (
        "gatewayapi-failed-promotion",
        Unhealthy,
        0,
        "v1/-",
        false,
        "",
        "primary half-updated by a promotion that failed",
    ),
    ("gatewayapi-restored-by-hand", Healthy, 0, "v1/-", true, "", ""),
    ("gatewayapi-suspended-route-100-0", Held, 0, "v1/v2", false, "resumed by a person", ""),
    (
        "gatewayapi-suspended-route-overwritten-by-inflight-tick",
        Held,
        40,
        "v1/v2",
        false,
        "resumed by a person",
        "suspended with 40 % on the canary: Flagger will not roll back while held",
    ),
    (
        "gatewayapi-sessionaffinity-40",
        Progressing,
        40,
        "v1/v2",
        false,
        "analysis and gate confirm-traffic-increase",
        "",
    ),
    ("gatewayapi-sessionaffinity-failed", Healthy, 0, "v1/v2", true, "", ""),
    ("kubernetes-initialized", Healthy, 0, "v1/-", true, "", ""),
    ("kubernetes-progressing", Progressing, 0, "v1/v2", false, "check 0 of 3", ""),
    ("kubernetes-waitingpromotion", Progressing, 0, "v1/v2", false, "gate confirm-promotion", ""),
    ("kubernetes-promoting", Progressing, 0, "v1/v2", false, "", ""),
    ("kubernetes-finalising", Progressing, 0, "v1/v2", false, "", ""),
    ("kubernetes-succeeded", Healthy, 0, "v2/-", true, "", ""),
    ("kubernetes-failed", Healthy, 0, "v1/v2", true, "", ""),
    ("nginx-initialized", Healthy, 0, "v1/-", true, "", ""),
    (
        "nginx-progressing-20",
        Progressing,
        20,
        "v1/v2",
        false,
        "analysis and gate confirm-traffic-increase",
        "",
    ),
    ("nginx-waitingpromotion", Progressing, 60, "v1/v2", false, "gate confirm-promotion", ""),
    ("nginx-ab-progressing", Progressing, 0, "v1/v2", false, "check 1 of 4", ""),
    ("nginx-failed", Healthy, 0, "v1/v2", true, "", ""),
];

#[test]
fn every_recorded_situation_is_told_as_it_is() {
    for (situation, state, live, versions, complete, waits, warning) in ROWS {
        let (set, known) = canary(situation);
        let view = project(&set, &known);
        assert_eq!((view.strategy, view.state), ("flagger", state), "{situation}: {:?}", view.reasons);
        let share = view.truth.live.as_ref().unwrap_or_else(|| panic!("{situation} has no live share"));
        assert_eq!(share.part * 100 / share.whole, live, "{situation}: {share:?}");
        let name = |version: &Option<crate::model::view::Version>| {
            version.as_ref().map_or("-".to_owned(), |version| version.name.to_string())
        };
        assert_eq!(format!("{}/{}", name(&view.stable), name(&view.candidate)), versions, "{situation}");
        assert_eq!(view.complete.is_some(), complete, "{situation}");
        let waited = view.track.as_ref().map_or("", |track| track.waits.as_str());
        assert_eq!(waited, waits, "{situation}");
        let first = view.warnings.first().map_or("", |reason| reason.what.as_str());
        assert!(first.starts_with(warning), "{situation}: {first}");
        assert_eq!(first.is_empty(), warning.is_empty(), "{situation}: {first}");
        assert!(view.needs_templates.is_empty(), "{situation}");
    }
}

#[test]
fn a_track_goes_from_gate_to_gate() {
    let (set, known) = canary("gatewayapi-waitingpromotion");
    let track = project(&set, &known).track.unwrap();
    let steps: Vec<&str> = track.steps.iter().map(|step| step.what.as_str()).collect();
    assert_eq!(steps, ["confirm-rollout", "20 %", "40 %", "60 %", "confirm-promotion", "promote"]);
    assert_eq!(track.at, 4);
    let (set, known) = canary("gatewayapi-progressing-20");
    assert_eq!(project(&set, &known).track.unwrap().at, 1);
}

#[test]
fn a_status_that_says_nothing_is_not_quoted() {
    // status 0, iterations -1, and the route sends 60 %
    let (set, known) = canary("gatewayapi-waitingpromotion");
    let truth = project(&set, &known).truth;
    assert_eq!((truth.reported.is_none(), truth.disagreement()), (true, None));
    assert_eq!(truth.intended.unwrap().part, 60);
    // the override is one that Flagger does not know of
    let (set, known) = canary("gatewayapi-suspended-route-100-0");
    assert_eq!(project(&set, &known).truth.disagreement().unwrap(), "reported 40 %, live 0 %");
}

#[test]
fn every_rule_that_reaches_the_canary_is_shown() {
    let (set, known) = canary("gatewayapi-sessionaffinity-40");
    let also = project(&set, &known).truth.also;
    assert_eq!(also.len(), 1, "{also:?}");
    assert!(
        also[0].as_str().contains("header Cookie=") && also[0].as_str().contains("100 of 100"),
        "{also:?}"
    );
    let (set, known) = canary("nginx-ab-progressing");
    let also = project(&set, &known).truth.also;
    assert!(
        also[0].as_str().starts_with("canary-by-header=x-canary and canary-by-header-value=insider"),
        "{also:?}"
    );
}

#[test]
fn failed_checks_and_limits_are_shown_without_values_that_nobody_published() {
    let (mut set, known) = canary("gatewayapi-progressing-20");
    edit(&mut set).status.failed_checks = 2;
    let metric = serde_json::json!({"name": "errors", "thresholdRange": {"max": 0.5}});
    edit(&mut set).spec.analysis.metrics = vec![serde_json::from_value(metric).unwrap()];
    let view = project(&set, &known);
    assert_eq!(view.reasons[0].what.as_str(), "2 of 3 checks failed");
    let lines: Vec<(&str, &str, &str)> = view
        .analysis
        .iter()
        .map(|line| (line.name.as_str(), line.value.as_str(), line.limit.as_str()))
        .collect();
    assert_eq!(lines, [("failed checks", "2", "< 3"), ("errors", "", "≤ 0.5")]);
}

#[test]
fn a_failed_phase_with_traffic_and_a_second_canary_are_alarms() {
    let (mut set, known) = canary("gatewayapi-progressing-20");
    edit(&mut set).status.phase = crate::model::canary::Phase::Failed;
    let view = project(&set, &known);
    assert!(view.warnings[0].what.as_str().starts_with("phase Failed, and the route"), "{:?}", view.warnings);
    assert_eq!(view.complete, None, "a phase proves nothing");
    let (mut set, known) = canary("gatewayapi-progressing-20");
    edit(&mut set).face.metadata.uid = "another".into();
    let view = project(&set, &known);
    assert!(view.warnings[0].what.as_str().starts_with("two Canaries drive s1-prog"), "{:?}", view.warnings);
}
