use chrono::TimeDelta;

use super::fixture::*;
use crate::core::judge::rule::{RuleState, evaluate};
use crate::model::ids::{MetricId, Name};
use crate::model::measure::{Comparison, Op, Share, Span, Unit};
use crate::model::proof::Verdict;
use crate::model::reading::{
    Buckets, EventLog, EventSeen, Limits, Measured, Samples, StateSeen, VersionsSeen,
};
use crate::model::rule::{Fit, Limit, Metric, Reference, Rule, RuleScope, Stat, StateField, When};
use crate::model::series::Side;

const HOUR: Span = Span::hours(1);

fn told(when: When, samples: &Samples) -> (Verdict, String) {
    let standing = look(&rule(Some("err"), when), samples);
    (standing.verdict, standing.judged.words.to_string())
}

fn per_pod(when: When) -> Rule {
    Rule { scope: RuleScope::PerPod, ..rule(Some("mem"), when) }
}

#[test]
fn a_value_is_told_with_its_limit_samples_and_age() {
    let counted = Measured { samples: Some(900.0), ..measured(2.123) };
    let standing = look(&value_over(1.0), &samples("err", counted));
    assert_eq!(standing.judged.words.as_str(), "2.12 %, bad over 1 %");
    assert_eq!((standing.judged.samples, standing.judged.age), (Some(900.0), Some(Span::ZERO)));
    assert_eq!((standing.verdict, standing.judged.value), (Verdict::Breached, Some(2.123)));
}

#[test]
fn against_its_target_a_value_may_be_twice_as_much() {
    let twice = || When::RatioTo { of: Reference::Target, is: over(2.0, Unit::Times) };
    assert_eq!(told(twice(), &samples("err", measured(0.15))).0, Verdict::Met);
    let (verdict, words) = told(twice(), &samples("err", measured(0.25)));
    assert_eq!((verdict, words.as_str()), (Verdict::Breached, "0.25 % against 0.1 % wanted, bad over 2×"));
}

#[test]
fn against_stable_a_single_failure_is_no_breach() {
    let rule = |is| Rule {
        scope: RuleScope::PerVersion,
        ..rule(Some("err"), When::RatioTo { of: Reference::Stable, is })
    };
    let rule = rule(over(2.0, Unit::Times));
    let counted = |value, samples| Measured { samples: Some(samples), ..measured(value) };
    // 1 of 500 against 4 of 5 000: more than twice, and nothing but chance
    let chance = look(&rule, &versions(counted(0.2, 500.0), counted(0.08, 5000.0)));
    assert_eq!(chance.verdict, Verdict::Unknown, "{chance:?}");
    assert!(chance.judged.words.as_str().starts_with("cannot tell from chance (p 0."), "{chance:?}");
    let sure = look(&rule, &versions(counted(4.0, 500.0), counted(0.08, 5000.0)));
    assert!(
        sure.verdict == Verdict::Breached && sure.judged.words.as_str().ends_with("(p < 0.001)"),
        "{sure:?}"
    );
    // nothing failed on either side
    assert_eq!(look(&rule, &versions(counted(0.0, 500.0), counted(0.0, 5000.0))).verdict, Verdict::Met);
    let lost = look(&rule, &versions(counted(4.0, 500.0), Measured::default()));
    assert_eq!(lost.judged.words.as_str(), "stable: no data");
}

#[test]
fn a_slower_candidate_must_be_slower_in_its_buckets_too() {
    let mut all = metrics();
    let latency = Metric { stat: Stat::P95, unit: Unit::Millisecond, ..err() };
    all.insert(MetricId::new("err"), latency);
    let rule = Rule {
        scope: RuleScope::PerVersion,
        ..rule(Some("err"), When::RatioTo { of: Reference::Stable, is: over(1.2, Unit::Times) })
    };
    let with = |value, counts: &[f64]| Measured {
        buckets: Some(Buckets { bounds: vec![10.0, 50.0, f64::INFINITY], counts: counts.to_vec() }),
        ..measured(value)
    };
    let judge = |candidate, stable| {
        let samples = versions(candidate, stable);
        evaluate(&rule, &RuleState::default(), &all, &samples, noon()).1.verdict
    };
    let stable = || with(40.0, &[900.0, 100.0, 0.0]);
    assert_eq!(judge(with(60.0, &[2.0, 1.0, 0.0]), stable()), Verdict::Unknown);
    assert_eq!(judge(with(60.0, &[20.0, 70.0, 10.0]), stable()), Verdict::Breached);
    assert_eq!(judge(with(41.0, &[20.0, 70.0, 10.0]), stable()), Verdict::Met);
}

#[test]
fn a_difference_is_told_in_percentage_points() {
    let rule = Rule {
        scope: RuleScope::PerVersion,
        ..rule(Some("err"), When::DifferenceTo { of: Reference::Stable, is: over(0.5, Unit::PercentPoint) })
    };
    let standing = look(&rule, &versions(measured(1.0), measured(0.2)));
    assert_eq!(standing.verdict, Verdict::Breached);
    assert_eq!(standing.judged.words.as_str(), "1 % against 0.2 % of stable, bad over 0.5 pp");
    assert_eq!(look(&rule, &versions(measured(0.6), measured(0.2))).verdict, Verdict::Met);
}

#[test]
fn a_baseline_and_another_metric_can_be_held_against_it() {
    let mut samples = samples("err", measured(3.0));
    let baseline = || When::RatioTo { of: Reference::Baseline, is: over(2.0, Unit::Times) };
    assert_eq!(told(baseline(), &samples).1, "no baseline was taken");
    samples.baselines.insert(MetricId::new("err"), 1.0);
    assert_eq!(told(baseline(), &samples).0, Verdict::Breached);
    let other =
        || When::DifferenceTo { of: Reference::Metric(MetricId::new("other")), is: over(0.0, Unit::Percent) };
    assert_eq!(told(other(), &samples).0, Verdict::Unknown);
    samples.metrics.insert(MetricId::new("other"), reading(measured(4.0)));
    assert_eq!(told(other(), &samples).0, Verdict::Met);
}

fn growth(window: Span, min_span: Span) -> When {
    When::GrowthPer { per: HOUR, is: over(5.0, Unit::Percent), window, min_span, fit: Fit::TheilSen }
}

/// Thirty minutes of a value that grows by `percent` an hour.
fn leak(percent: f64) -> Measured {
    curve(15, (0..121).map(|step| 1000.0 * (1.0 + percent / 100.0 * f64::from(step) / 240.0)))
}

#[test]
fn growth_is_a_slope_and_the_worst_pod_counts() {
    let rule = per_pod(growth(Span::minutes(30), Span::minutes(20)));
    let fine = look(&rule, &pods([("api-a", leak(1.0)), ("api-b", leak(4.0))]));
    assert_eq!(fine.verdict, Verdict::Met);
    assert_eq!(fine.judged.pod, Some(Name::new("api-b")));
    let leaks = look(&rule, &pods([("api-a", leak(1.0)), ("api-b", leak(9.0)), ("api-c", leak(6.0))]));
    assert_eq!((leaks.verdict, leaks.judged.pod.clone()), (Verdict::Breached, Some(Name::new("api-b"))));
    assert!(leaks.judged.words.as_str().starts_with("api-b: grows per 1h by 8.98 %"), "{leaks:?}");
}

#[test]
fn a_restart_begins_a_new_series() {
    let rule = per_pod(growth(Span::minutes(30), Span::minutes(20)));
    let mut samples = pods([("api-a", leak(9.0))]);
    samples.pods.get_mut(&Name::new("api-a")).unwrap().started = Some(at(-300));
    let standing = look(&rule, &samples);
    assert_eq!(standing.verdict, Verdict::Unknown);
    assert_eq!(standing.judged.words.as_str(), "api-a: data covers 5m, 20m needed");
}

#[test]
fn a_living_pod_without_data_is_unknown_and_a_gone_one_counts_no_more() {
    let rule = per_pod(When::Value(over(100.0, Unit::Byte)));
    let mut samples = pods([("api-a", measured(1.0)), ("api-b", measured(2.0))]);
    assert_eq!(look(&rule, &samples).verdict, Verdict::Met);
    let seen = samples.pods[&Name::new("api-a")];
    samples.pods.insert(Name::new("api-new"), seen);
    let standing = look(&rule, &samples);
    assert_eq!((standing.verdict, standing.judged.words.as_str()), (Verdict::Unknown, "api-new: no data"));
    // a breach of one is a breach, whatever is not known of others
    samples.metrics.get_mut(&MetricId::new("mem")).unwrap().pods.insert(Name::new("api-b"), measured(200.0));
    assert_eq!(look(&rule, &samples).verdict, Verdict::Breached);
    samples.pods.remove(&Name::new("api-b"));
    samples.pods.remove(&Name::new("api-new"));
    assert_eq!(look(&rule, &samples).verdict, Verdict::Met);
}

#[test]
fn growth_over_a_day_is_unknown_until_a_day_is_covered() {
    let day =
        || When::GrowthOver { over: Span::hours(24), is: over(2.0, Unit::Percent), edge: Span::minutes(5) };
    let hours = |many: i32| curve(300, (0..=many * 12).map(|step| 1000.0 + f64::from(step)));
    let (verdict, words) = told(day(), &samples("err", hours(20)));
    assert_eq!((verdict, words.as_str()), (Verdict::Unknown, "data covers 20h, 24h needed"));
    let (verdict, words) = told(day(), &samples("err", hours(24)));
    assert!(verdict == Verdict::Breached && words.starts_with("grew in 24h by 28"), "{words}");
}

#[test]
fn a_counter_that_rises_is_seen_across_its_restart() {
    let rose = |values: &[f64]| {
        let when = When::DeltaOver { over: Span::minutes(1), is: over(0.0, Unit::Percent) };
        told(when, &samples("err", curve(15, values.iter().copied()))).0
    };
    assert_eq!(rose(&[7.0, 7.0, 7.0, 7.0, 7.0]), Verdict::Met);
    assert_eq!(rose(&[7.0, 7.0, 8.0, 8.0, 8.0]), Verdict::Breached);
    assert_eq!(rose(&[7.0, 7.0, 0.0, 0.0, 0.0]), Verdict::Met);
    assert_eq!(rose(&[7.0, 7.0, 0.0, 2.0, 2.0]), Verdict::Breached);
    // the beginning is missing: no rise is not known, a rise is
    assert_eq!(rose(&[7.0, 7.0]), Verdict::Unknown);
    assert_eq!(rose(&[7.0, 9.0]), Verdict::Breached);
}

#[test]
fn absent_needs_a_source_that_answers() {
    let absent = |measured: Measured| {
        let standing =
            look(&rule(Some("err"), When::AbsentFor { lasts: Span::minutes(2) }), &samples("err", measured));
        (standing.verdict, standing.acts)
    };
    assert_eq!(absent(measured(1.0)), (Verdict::Met, false));
    let old = |seconds: i64| {
        let mut old = measured(1.0);
        old.last.as_mut().unwrap().at = at(-seconds);
        old
    };
    assert_eq!(absent(old(90)), (Verdict::Unknown, false));
    assert_eq!(absent(old(150)), (Verdict::Breached, false));
    assert_eq!(absent(Measured::default()), (Verdict::Breached, false));
    let silent = Measured { fault: Some("no answer in 5 s".into()), ..Measured::default() };
    assert_eq!(absent(silent), (Verdict::Unknown, false));
}

#[test]
fn a_burn_rate_is_a_share_of_failures_by_its_budget() {
    let burn = |over_span| When::Burn { budget: Share(0.1), over: over_span, is: over(14.0, Unit::Times) };
    assert_eq!(told(burn(Span::minutes(5)), &samples("err", measured(1.3))).0, Verdict::Met);
    let (verdict, words) = told(burn(Span::minutes(5)), &samples("err", measured(1.5)));
    assert_eq!((verdict, words.as_str()), (Verdict::Breached, "15×, bad over 14×"));
    // another window than that of the query: put together from the past
    let hour = curve(15, (0..241).map(|_| 2.0));
    assert_eq!(told(burn(HOUR), &samples("err", hour)).0, Verdict::Breached);
    assert_eq!(told(burn(HOUR), &samples("err", measured(2.0))).0, Verdict::Unknown);
}

#[test]
fn a_limit_comes_closer_along_a_straight_line() {
    let rule = per_pod(When::TimeTo { limit: Limit::MemoryLimit, within: Span::hours(2) });
    let limited = |limit, measured| Samples {
        limits: Limits { memory_limit: limit, ..Limits::default() },
        ..pods([("api-a", measured)])
    };
    // 1 025 bytes and 50 more an hour
    assert_eq!(look(&rule, &limited(Some(1080.0), leak(5.0))).verdict, Verdict::Breached);
    assert_eq!(look(&rule, &limited(Some(1500.0), leak(5.0))).verdict, Verdict::Met);
    assert_eq!(look(&rule, &limited(Some(1500.0), leak(-5.0))).verdict, Verdict::Met);
    assert_eq!(look(&rule, &limited(Some(900.0), leak(0.0))).verdict, Verdict::Breached);
    let none = look(&rule, &limited(None, leak(5.0)));
    assert_eq!(none.judged.words.as_str(), "api-a: the containers have no memory limit");
}

#[test]
fn a_field_of_an_object_is_judged_while_it_is_seen() {
    let field = StateField { kind: "Deployment".into(), path: "unavailableReplicas".into() };
    let rule = rule(None, When::State { field: field.clone(), is: over(0.0, Unit::Count) });
    let seen = |value: Result<f64, crate::model::Text>, seconds: i64| Samples {
        states: [(field.clone(), StateSeen { at: at(-seconds), value })].into(),
        ..Samples::default()
    };
    assert_eq!(look(&rule, &seen(Ok(0.0), 5)).verdict, Verdict::Met);
    let breached = look(&rule, &seen(Ok(2.0), 5));
    assert_eq!(breached.verdict, Verdict::Breached);
    assert_eq!(breached.judged.words.as_str(), "Deployment.unavailableReplicas 2, bad over 0");
    assert_eq!(look(&rule, &seen(Ok(0.0), 60)).verdict, Verdict::Unknown);
    assert_eq!(look(&rule, &seen(Err("may not be read".into()), 5)).verdict, Verdict::Unknown);
    assert_eq!(look(&rule, &Samples::default()).verdict, Verdict::Unknown);
}

#[test]
fn events_count_by_reason_or_by_a_part_of_their_message() {
    let rule = rule(
        None,
        When::Event {
            matches: "OOMKilled".into(),
            over: Span::minutes(10),
            is: Comparison { op: Op::AtLeast, value: 1.0, unit: Unit::Count },
        },
    );
    let log = |since: i64, until: i64, events: &[(i64, &str)]| Samples {
        events: Some(EventLog {
            since: at(-since),
            until: at(-until),
            seen: events
                .iter()
                .map(|(ago, message)| EventSeen {
                    at: noon() - TimeDelta::seconds(*ago),
                    reason: "Killing".into(),
                    message: (*message).into(),
                    count: 1,
                })
                .collect(),
        }),
        ..Samples::default()
    };
    assert_eq!(look(&rule, &log(900, 5, &[(30, "was OOMKilled")])).verdict, Verdict::Breached);
    assert_eq!(look(&rule, &log(900, 5, &[(700, "was OOMKilled"), (30, "stopped")])).verdict, Verdict::Met);
    assert_eq!(look(&rule, &log(60, 5, &[])).verdict, Verdict::Unknown);
    assert_eq!(look(&rule, &log(60, 5, &[(30, "was OOMKilled")])).verdict, Verdict::Breached);
    assert_eq!(look(&rule, &log(900, 300, &[])).verdict, Verdict::Unknown);
}

#[test]
fn two_versions_are_skew_only_outside_a_rollout() {
    let rule = rule(None, When::Skew { versions: 1 });
    let serving = |serving, moving| Samples {
        versions: Some(VersionsSeen { at: noon(), serving, moving }),
        ..Samples::default()
    };
    assert_eq!(look(&rule, &serving(2, false)).verdict, Verdict::Breached);
    assert_eq!(look(&rule, &serving(2, true)).verdict, Verdict::Met);
    assert_eq!(look(&rule, &serving(1, false)).verdict, Verdict::Met);
    assert_eq!(look(&rule, &Samples::default()).verdict, Verdict::Unknown);
}

#[test]
fn conditions_put_together_keep_their_three_values() {
    let value = |threshold| When::Value(over(threshold, Unit::Percent));
    let unknown = || When::RatioTo { of: Reference::Baseline, is: over(1.0, Unit::Times) };
    let of = |when| told(when, &samples("err", measured(3.0))).0;
    let (bad, good) = (|| value(1.0), || value(5.0));
    assert_eq!(of(When::AllOf(vec![bad(), bad()])), Verdict::Breached);
    assert_eq!(of(When::AllOf(vec![bad(), unknown()])), Verdict::Unknown);
    assert_eq!(of(When::AllOf(vec![good(), unknown()])), Verdict::Met);
    assert_eq!(of(When::AnyOf(vec![bad(), unknown()])), Verdict::Breached);
    assert_eq!(of(When::AnyOf(vec![good(), unknown()])), Verdict::Unknown);
    assert_eq!(of(When::AnyOf(vec![good(), good()])), Verdict::Met);
    assert_eq!(of(When::Not(Box::new(bad()))), Verdict::Met);
    assert_eq!(of(When::Not(Box::new(good()))), Verdict::Breached);
    assert_eq!(of(When::Not(Box::new(unknown()))), Verdict::Unknown);
    assert_eq!(of(When::AllOf(Vec::new())), Verdict::Unknown);
}

#[test]
fn what_is_put_together_is_so_within_one_pod() {
    // one pod is big, another grows: no pod does both
    let both = When::AllOf(vec![
        When::Value(over(5000.0, Unit::Byte)),
        growth(Span::minutes(30), Span::minutes(20)),
    ]);
    let big = curve(15, (0..121).map(|_| 9000.0));
    assert_eq!(look(&per_pod(both), &pods([("api-a", big), ("api-b", leak(9.0))])).verdict, Verdict::Met);
}

#[test]
fn only_the_candidate_side_is_compared_by_version() {
    let samples = versions(measured(0.2), measured(5.0));
    let reading = &samples.metrics[&MetricId::new("err")];
    assert!(reading.sides.contains_key(&Side::Stable));
    let rule = Rule { scope: RuleScope::PerVersion, ..value_over(1.0) };
    assert_eq!(look(&rule, &samples).verdict, Verdict::Met, "stable's own failures are not the candidate's");
}
