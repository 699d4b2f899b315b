use chrono::TimeDelta;

use super::fixture::*;
use crate::core::judge::rule::{RuleState, evaluate};
use crate::core::judge::sources::{asks, of_probe, of_signal, of_state};
use crate::model::ids::MetricId;
use crate::model::kind::WorkloadKind;
use crate::model::measure::{Comparison, Op, Share, Span, Unit};
use crate::model::proof::Verdict;
use crate::model::reading::{ProbeSeen, Samples, StateSeen};
use crate::model::rule::{Fit, Metric, MetricFrom, Query, Rule, RuleScope, When};
use crate::model::series::{Counted, Reading, Side, Signal, SignalSet, Track};
use crate::model::target::Target;

/// A set with one error rate of the candidate, and a curve with `gaps` of its twelve newest points missing.
fn signals(now: Reading, gaps: i64) -> SignalSet {
    let points = (0..40).map(|step| {
        let value = (step < 40 - gaps).then_some(2.0);
        (noon() - TimeDelta::seconds((39 - step) * 5), value)
    });
    let track = Track { now, sampled: Some(at(-5)), points: points.collect(), query: "err".into() };
    SignalSet {
        target: Target::new(WorkloadKind::Deployment, "shop", "api"),
        asked: noon(),
        window_seconds: 60,
        tracks: [(Side::Candidate, [(Signal::ErrorRate, track)].into())].into(),
        counted: [(Side::Candidate, Counted { requests: 900.0, failed: 18.0 })].into(),
        found: "http_requests_total".into(),
    }
}

fn judged(set: &SignalSet) -> (Verdict, String) {
    let rule = Rule { scope: RuleScope::PerVersion, ..value_over(1.0) };
    let reading = of_signal(set, Signal::ErrorRate, Span(15));
    let samples = Samples { metrics: [(MetricId::new("err"), reading)].into(), ..Samples::default() };
    let (_, standing) = evaluate(&rule, &RuleState::default(), &metrics(), &samples, noon());
    (standing.verdict, standing.judged.words.to_string())
}

#[test]
fn a_signal_that_the_console_found_is_judged_like_a_metric() {
    let (verdict, words) = judged(&signals(Reading::Value(2.0), 0));
    assert_eq!((verdict, words.as_str()), (Verdict::Breached, "2 %, bad over 1 %"));
    let reading = of_signal(&signals(Reading::Value(2.0), 0), Signal::ErrorRate, Span(15));
    let measured = &reading.sides[&Side::Candidate];
    assert_eq!((measured.samples, measured.coverage), (Some(900.0), Some(Share::WHOLE)));
}

#[test]
fn a_signal_that_tells_nothing_is_unknown() {
    for now in [
        Reading::NoData,
        Reading::NotFinite,
        Reading::Several,
        Reading::Stale { age_seconds: 70 },
        Reading::Failed("no answer".into()),
    ] {
        let (verdict, words) = judged(&signals(now.clone(), 0));
        assert_eq!(verdict, Verdict::Unknown, "{now:?}: {words}");
    }
    assert_eq!(judged(&signals(Reading::Value(2.0), 3)).1, "data for 75 % of the window, 90 % needed");
}

#[test]
fn objects_and_probes_can_be_metrics() {
    let rule = value_over(1.0);
    let told = |reading| {
        let samples = Samples { metrics: [(MetricId::new("err"), reading)].into(), ..Samples::default() };
        evaluate(&rule, &RuleState::default(), &metrics(), &samples, noon()).1.verdict
    };
    let state = |value| of_state(&StateSeen { at: at(-3), value }, Span(10));
    assert_eq!(told(state(Ok(3.0))), Verdict::Breached);
    assert_eq!(told(state(Err("may not be read".into()))), Verdict::Unknown);
    let probe = |answer| of_probe(&ProbeSeen { at: at(-3), staleness: Span(30), millis: Some(40), answer });
    assert_eq!(told(probe(Ok(()))), Verdict::Breached);
    assert_eq!(told(probe(Err("503".into()))), Verdict::Unknown);
}

#[test]
fn what_is_asked_follows_from_the_rules() {
    let versions = [(Side::Candidate, "1.1".to_owned()), (Side::Stable, "1.0".to_owned())];
    let growth = When::GrowthPer {
        per: Span::hours(1),
        is: over(5.0, Unit::Percent),
        window: Span::minutes(30),
        min_span: Span::minutes(20),
        fit: Fit::TheilSen,
    };
    let day =
        When::GrowthOver { over: Span::hours(24), is: over(2.0, Unit::Percent), edge: Span::minutes(5) };
    let below = When::Value(Comparison { op: Op::Less, value: 1.0, unit: Unit::Byte });
    let rules = [
        value_over(1.0),
        Rule { scope: RuleScope::PerPod, ..rule(Some("mem"), When::AnyOf(vec![growth, day])) },
        rule(Some("mem"), below),
    ];
    let signal = Metric { from: MetricFrom::Signal(Signal::ErrorRate), ..err() };
    let mem = Metric { from: MetricFrom::Query(Query("mem".into())), ..mem() };
    let asked = asks(&[err(), mem, signal], &rules, &versions, Span(15));
    assert_eq!(asked.len(), 2, "a signal needs no query");
    assert_eq!((asked[0].versions.len(), asked[0].history), (2, Span::ZERO));
    assert_eq!((asked[1].versions.len(), asked[1].history, asked[1].per_pod), (0, Span::hours(24), true));
}
