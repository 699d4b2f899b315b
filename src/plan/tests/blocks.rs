//! Strategies, probes, metrics, rules, gates, roll-back and stop.

use std::fmt::Write as _;

use super::*;
use crate::model::ids::{ComponentId, GateId, MetricId, RuleId};
use crate::model::measure::{Op, Share, Span, Unit};
use crate::model::plan::{
    Advance, Dependency, Gravity, Mechanism, SideRef, Step, StopAction, StrategyKind, TriggerAction,
};
use crate::model::rule::{Condition, Deed, MinSamples, OnMissing, RuleScope, Severity, When};

fn sample() -> Plan {
    load(SAMPLE).unwrap_or_else(|_| panic!("{}", rendered("fx-platform.yaml", SAMPLE)))
}

fn told(file: &str, source: &str) -> String {
    render(&check(source).findings, source, file, false)
}

/// Rule code, line and message of what a source is told.
fn findings(source: &str) -> Vec<(String, usize, String)> {
    check(source)
        .findings
        .into_iter()
        .map(|found| (found.rule, found.line, found.message.to_string()))
        .collect()
}

#[test]
fn the_sample_has_nothing_that_should_have_been_decided() {
    let serious: Vec<_> =
        check(SAMPLE).findings.into_iter().filter(|found| found.gravity != Gravity::Note).collect();
    assert!(serious.is_empty(), "{}", told("fx-platform.yaml", SAMPLE));
}

#[test]
fn a_canary_is_read_step_by_step_with_its_defaults() {
    let plan = sample();
    let quotes = &plan.components[1];
    let strategy = plan.strategy_of(quotes).unwrap();
    let StrategyKind::Canary(steps) = &strategy.kind else { panic!("{strategy:?}") };
    assert_eq!(steps.iter().map(|step| step.to.percent()).collect::<Vec<_>>(), [10.0, 25.0, 50.0, 100.0]);
    let second =
        Step { bake: Span::minutes(12), gate: Some(GateId::from("canary-ok")), ..Step::plain(Share(25.0)) };
    assert_eq!(steps[1], second);
    assert_eq!(
        (second.min_samples, second.min_coverage, second.advance),
        (MinSamples::Auto, Share(90.0), Advance::Manual)
    );
    assert_eq!(steps[2].advance, Advance::AutoWhenArmed);
    assert!(steps[3].hold);
    assert_eq!(strategy.on_breach.deed(Severity::Critical), Deed::ProposeRollback);
    let traffic = quotes.traffic.as_ref().unwrap();
    assert_eq!(
        (traffic.mechanism, traffic.refs[0].to_string()),
        (Mechanism::Httproute, "HTTPRoute/quotes".to_owned())
    );
    assert_eq!(quotes.containers[0].container.as_str(), "api");
}

#[test]
fn a_switch_keeps_the_old_side_and_a_component_follows_it() {
    let plan = sample();
    let gateway = &plan.components[2];
    assert_eq!(gateway.undo_window, Span::hours(1), "as long as the strategy keeps the old side");
    assert_eq!(gateway.depends_on[&ComponentId::from("quotes")], Dependency::Runtime);
    let Some(SideRef::Labels(labels)) = &gateway.traffic.as_ref().unwrap().new else { panic!() };
    assert_eq!(labels["colour"], "green");
    assert_eq!(
        plan.strategy_of(gateway).unwrap().id.as_str(),
        "gateway",
        "an inline strategy has its component's name"
    );
}

#[test]
fn rules_come_with_their_defaults_and_their_metrics_units() {
    let plan = sample();
    let rule = |id: &str| plan.rule(&RuleId::from(id)).unwrap();
    let warn = rule("err-warn");
    assert_eq!((warn.lasts, warn.clear_for), (Span(60), Span(120)), "twice as long to clear");
    assert_eq!(rule("oom").clear_for, Span(60), "a minute at least");
    assert_eq!(
        (rule("oom").on_missing, rule("no-orders").on_missing),
        (OnMissing::Unknown, OnMissing::Breached)
    );
    assert_eq!((warn.scope, warn.min_coverage, warn.min_samples), (RuleScope::PerVersion, Share(90.0), None));
    let When::Value(is) = &warn.when else { panic!() };
    assert_eq!((is.op, is.value, &is.unit), (Op::Greater, 1.0, &Unit::Percent));
    assert!(warn.deeds.is_empty() && rule("state").deeds.contains(&Deed::ProposeStop));
    let memory = plan.metric(&MetricId::from("mem")).unwrap();
    let target = &memory.target.as_ref().unwrap().is;
    assert_eq!(
        (target.value, &target.unit),
        (1536.0, &Unit::Mebibyte),
        "GiB is turned into the metric's MiB"
    );
    let err = plan.metric(&MetricId::from("err")).unwrap();
    assert_eq!(err.failure_target(), Some(Share(0.1)));
    assert!((err.target.as_ref().unwrap().under_per_second.unwrap() - 1000.0 / 60.0).abs() < 1e-9);
}

#[test]
fn a_target_becomes_a_notice_rule_once() {
    let all = sample().all_rules();
    let notices: Vec<_> = all.iter().filter(|rule| rule.id.as_str().ends_with("-target")).collect();
    assert_eq!(
        notices.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
        ["err-target", "order_latency-target", "mem-target", "orders-target"]
    );
    let When::Value(is) = &notices[0].when else { panic!() };
    assert_eq!((is.op, is.value, notices[0].severity), (Op::AtLeast, 0.1, Severity::Notice));
    assert_eq!(notices[0].scope, RuleScope::PerVersion);
}

#[test]
fn a_rule_judges_the_components_that_list_it_or_else_all() {
    let plan = sample();
    let ids = |at: usize| -> Vec<String> {
        plan.rules_of(&plan.components[at]).iter().map(|rule| rule.id.to_string()).collect()
    };
    let (quotes, gateway) = (ids(1), ids(2));
    assert!(quotes.contains(&"err-warn".to_owned()) && !gateway.contains(&"err-warn".to_owned()));
    assert!(quotes.contains(&"oom".to_owned()) && gateway.contains(&"oom".to_owned()));
    assert!(
        quotes.contains(&"order_latency-target".to_owned())
            && !gateway.contains(&"order_latency-target".to_owned())
    );
}

#[test]
fn components_come_after_those_that_their_rollout_depends_on() {
    let mut plan = sample();
    plan.components.reverse();
    let order: Vec<_> = plan.in_order().iter().map(|component| component.id.as_str()).collect();
    assert_eq!(order, ["ledger", "gateway", "mobile", "quotes"]);
}

#[test]
fn what_could_never_be_judged_is_told() {
    let source = around(
        "components:\n  - {id: web, workloads: [{kind: Deployment, name: web}]}\nprobes:\n  - {id: pods, kind: http, from: pod-proxy, target: \":80/\"}\nrules:\n  - {id: r, when: {skew: {}}, severity: notice, active: {steps: [\"50%\"]}}\n",
    );
    let told: Vec<_> = findings(&source).into_iter().map(|(rule, line, _)| (rule, line)).collect();
    assert_eq!(told, [("F04".to_owned(), 8), ("P43".to_owned(), 10)]);
}

#[test]
fn a_gate_finds_what_a_bare_id_means() {
    let gate = &sample().gates[0];
    assert_eq!(gate.all_of[0], Condition::Rule(RuleId::from("err-warn")));
    assert!(matches!(&gate.all_of[4], Condition::Probe(id) if id.as_str() == "front-door"));
    assert_eq!((gate.lasts, gate.snapshot), (Span(60), true));
}

#[test]
fn the_way_back_and_the_stop_are_read() {
    let plan = sample();
    let trigger = &plan.rollback.triggers[0];
    assert_eq!((trigger.action, trigger.countdown), (TriggerAction::ArmedAuto, Span(30)));
    assert_eq!(
        plan.rollback.triggers[1].countdown,
        Span(60),
        "nothing is rolled back without a countdown unless written"
    );
    let StopAction::Hook { run, timeout, .. } = &plan.emergency.stop[0] else { panic!() };
    assert_eq!((run.len(), *timeout), (2, Span(3)));
    assert_eq!(plan.emergency.stop[2], StopAction::SwitchBack { components: Vec::new() });
}

#[test]
fn a_small_plan_needs_none_of_it() {
    let source = "plan: {id: fx, title: FX}\nrelease: {version: 1.0.0}\nenvironments:\n  - {id: prod, kind: production, contexts: [{kubeconfig_context: prod, namespaces: [fx]}]}\ncomponents:\n  - {id: web, workloads: [{kind: Deployment, name: web}]}\n";
    let Checked { plan, findings } = check(source);
    assert_eq!(findings, []);
    let plan = plan.unwrap();
    assert_eq!(plan.rollback.target_time, Span::minutes(5));
    assert!(plan.emergency.stop.is_empty() && plan.all_rules().is_empty());
}

#[test]
fn all_mistakes_of_a_rollout_are_told_at_once() {
    insta::assert_snapshot!(told(
        "broken-rollout.yaml",
        include_str!("../../../tests/plans/broken-rollout.yaml")
    ));
}

#[test]
fn all_mistakes_of_judgement_are_told_at_once() {
    insta::assert_snapshot!(told(
        "broken-judged.yaml",
        include_str!("../../../tests/plans/broken-judged.yaml")
    ));
}

#[test]
fn what_should_have_been_decided_is_told_and_keeps_nothing_from_running() {
    let source = include_str!("../../../tests/plans/warned.yaml");
    assert!(load(source).is_ok());
    insta::assert_snapshot!(told("warned.yaml", source));
}

#[test]
fn the_plan_is_told_in_words() {
    insta::assert_snapshot!(explain(&sample()).join("\n"));
}

/// A plan around one piece of YAML.
fn around(piece: &str) -> String {
    format!(
        "plan: {{id: fx, title: FX}}\nrelease: {{version: 1.0.0}}\nenvironments:\n  - {{id: prod, kind: production, contexts: [{{kubeconfig_context: prod, namespaces: [fx]}}]}}\n{piece}"
    )
}

#[test]
fn a_weight_in_a_selector_is_refused_with_the_reason() {
    let source = around(
        "components:\n  - id: web\n    workloads: [{kind: Deployment, name: web}]\n    traffic:\n      mechanism: service-selector\n      new: {app: web, version: green, weight: \"10\"}\n",
    );
    let found = check(&source).findings;
    assert_eq!((found[0].rule.as_str(), found[0].line, found[0].column), ("P51", 10, 39));
    assert!(found[0].message.as_str().contains("select no pod"), "{}", found[0].message);
    assert!(found[0].suggestion.as_ref().unwrap().as_str().contains("httproute"));
}

#[test]
fn a_service_cannot_do_a_canary() {
    let source = around(
        "components:\n  - id: web\n    workloads: [{kind: Deployment, name: web}]\n    traffic: {mechanism: service-selector, refs: [web]}\n    strategy: {kind: canary, steps: [{to: \"10%\"}, {to: \"100%\"}]}\n",
    );
    assert_eq!(
        findings(&source),
        [(
            "P51".to_owned(),
            9,
            "`service-selector` shifts all traffic or none, and this canary has a step to 10 %".to_owned()
        )]
    );
}

/// The canary of a known document: 10, 25, 50, 100 percent with 5, 10, 15, 15 minutes against 0.1 percent.
fn canary(bakes: [&str; 4], load: &str, deadline: &str) -> String {
    let mut piece = String::from(
        "components:\n  - {id: web, workloads: [{kind: Deployment, name: web}], strategy: green}\nstrategies:\n",
    );
    let _ = writeln!(piece, "  - id: green\n    kind: canary\n    deadline: {deadline}\n    steps:");
    for (to, bake) in ["10%", "25%", "50%", "100%"].iter().zip(bakes) {
        let _ = writeln!(piece, "      - {{to: \"{to}\", bake: {bake}, gate: ok}}");
    }
    let _ = writeln!(
        piece,
        "metrics:\n  - {{id: err, from: {{signal: error-rate}}, by_version: true, target: {{op: \"<\", value: 0.1, under: \"{load}\"}}}}\nrules:\n  - {{id: warn, metric: err, scope: per_version, when: {{value: {{op: \">\", value: 1}}}}, severity: warning}}\ngates: [{{id: ok, all_of: [warn]}}]"
    );
    around(&piece)
}

#[test]
fn a_bake_that_cannot_prove_its_target_says_how_long_it_must_be() {
    let found = findings(&canary(["5m", "10m", "15m", "15m"], "1000/min", "30m"));
    let told: Vec<_> =
        found.iter().map(|(rule, line, message)| (rule.as_str(), *line, message.as_str())).collect();
    assert_eq!(
        told,
        [
            ("P10", 10, "the steps of `green` take 1h12m at least, more than its deadline of 30m"),
            (
                "P09",
                12,
                "this bake cannot prove the target of `err`: 500 of 3000 samples in 5m; it needs 30m"
            ),
            (
                "P09",
                13,
                "this bake cannot prove the target of `err`: 2500 of 3000 samples in 10m; it needs 12m"
            ),
        ]
    );
    assert_eq!(findings(&canary(["30m", "12m", "15m", "15m"], "1000/min", "90m")), []);
}

#[test]
fn runtime_dependencies_may_go_in_a_circle_and_order_may_not() {
    let circle = |kind: &str| {
        around(&format!(
            "components:\n  - {{id: a, external: true, depends_on: [b]}}\n  - {{id: b, external: true, depends_on: [{{id: a, kind: {kind}}}]}}\n"
        ))
    };
    assert_eq!(findings(&circle("runtime")), []);
    assert_eq!(findings(&circle("deploy"))[0].2, "a cycle: a → b → a");
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..100_000, 0_u32..1_000).prop_map(|(whole, part)| format!("{whole}.{part}")),
        (-1_000_i32..1_000).prop_map(|whole| whole.to_string()),
        (0_u64..999_999_999_999_999).prop_map(|whole| whole.to_string()),
        (0_u64..999_999_999_999_999).prop_map(|part| format!("0.{part}").chars().take(16).collect()),
    ]
}

fn when() -> impl Strategy<Value = String> {
    let op = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let span = prop::sample::select(vec!["1s", "90s", "5m", "2h", "3d", "1h30m"]);
    let leaf = (0..10_usize, op, number(), span).prop_map(|(form, op, value, span)| {
        let is = format!("op: \"{op}\", value: {value}");
        match form {
            0 => format!("{{value: {{{is}}}}}"),
            1 => format!("{{ratio_to: {{of: stable, {is}}}}}"),
            2 => format!("{{difference_to: {{of: other, {is}}}}}"),
            3 => format!("{{growth_per: {{per: {span}, {is}}}}}"),
            4 => format!("{{growth_over: {{over: {span}, {is}}}}}"),
            5 => format!("{{delta_over: {{over: {span}, {is}}}}}"),
            6 => format!("{{absent_for: {{for: {span}}}}}"),
            7 => format!("{{burn: {{budget: 0.1%, over: {span}, {is}}}}}"),
            8 => format!("{{time_to: {{limit: {value}, within: {span}}}}}"),
            _ => format!("{{event: {{match: OOMKilled, over: {span}, {is}}}}}"),
        }
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3)
                .prop_map(|parts| format!("{{all_of: [{}]}}", parts.join(", "))),
            prop::collection::vec(inner.clone(), 1..3)
                .prop_map(|parts| format!("{{any_of: [{}]}}", parts.join(", "))),
            inner.prop_map(|part| format!("{{not: {part}}}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_plan_that_loads_comes_back_from_its_canonical_form(whens in prop::collection::vec(when(), 1..4), unit in prop::sample::select(vec!["ms", "s", "%", "count", "orders"]), shares in prop::collection::btree_set(1_u32..=100, 1..5), bake in 0_u32..100_000) {
        let mut piece = String::from("components:\n  - id: web\n    workloads: [{kind: Deployment, name: web}]\n    strategy:\n      kind: canary\n      steps:\n");
        for share in &shares {
            let _ = writeln!(piece, "        - {{to: \"{share}%\", bake: {bake}s}}");
        }
        let _ = writeln!(piece, "metrics:\n  - {{id: m, query: max(up), unit: \"{unit}\"}}\n  - {{id: other, query: max(up), unit: \"{unit}\"}}\nrules:");
        for (at, when) in whens.iter().enumerate() {
            // a rule of events alone reads no metric
            let metric = if when.contains("event") { "" } else { "metric: m, " };
            let _ = writeln!(piece, "  - {{id: r{at}, {metric}when: {when}, severity: warning}}");
        }
        let source = around(&piece);
        if let Ok(plan) = load(&source) {
            let canonical = plan.canonical_json().unwrap();
            let mut back: Plan = serde_json::from_str(&canonical).unwrap();
            prop_assert_eq!(back.canonical_json().unwrap(), canonical);
            back.hash.clone_from(&plan.hash);
            prop_assert_eq!(back, plan);
        } else {
            // the only mistakes that this can make
            prop_assert!(whens.iter().any(|when| when.contains("event") || when.contains("pp")), "{}", rendered("plan.yaml", &source));
        }
    }

    #[test]
    fn a_changed_sample_that_still_loads_comes_back(source in mutated()) {
        if let Ok(plan) = load(&source) {
            let back: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
            prop_assert_eq!(back, plan);
        }
    }
}
