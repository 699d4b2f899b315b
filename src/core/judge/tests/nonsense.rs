//! Ten thousand answers of which none is one fresh finite value: nothing is promoted and nothing rolled back on them.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::fixture::*;
use crate::core::judge::automation::{Automation, Glance, Happening, Policy, step};
use crate::core::judge::bake::{Bake, Look};
use crate::core::judge::deeds::{due, gravest};
use crate::core::judge::gate::{GateInputs, GateState, evaluate as judge_gate};
use crate::core::judge::rule::evaluate_all;
use crate::model::bake::BakeWants;
use crate::model::ids::{GateId, MetricId, Name, RuleId, TemplateHash};
use crate::model::measure::{Comparison, Op, Share, Span, Unit};
use crate::model::proof::Verdict;
use crate::model::reading::{Buckets, Measured, MetricReading, PodSeen, Point, Samples};
use crate::model::rule::{
    Condition, Deed, Fit, Gate, Limit, OnBreach, OnMissing, Reference, Rule, RuleScope, When,
};
use crate::model::series::Side;

/// A number that a source may give.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(0.0),
        Just(-0.0),
        -10.0..1e6_f64,
        prop::num::f64::ANY,
    ]
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    prop::collection::vec((0_i64..7200, number()), 0..12).prop_map(|mut all| {
        all.sort_by_key(|(ago, _)| -ago);
        all.into_iter().map(|(ago, value)| Point { at: at(-ago), value }).collect()
    })
}

/// Everything around the one value, as good or bad as it may be.
fn around() -> impl Strategy<Value = Measured> {
    let coverage = prop::option::of(prop_oneof![Just(Share(100.0)), number().prop_map(Share)]);
    let buckets = prop::option::of(prop::collection::vec((number(), number()), 0..6)).prop_map(|all| {
        all.map(|all| {
            let (bounds, counts) = all.into_iter().unzip();
            Buckets { bounds, counts }
        })
    });
    (points(), coverage, prop::option::of(number()), buckets).prop_map(
        |(points, coverage, samples, buckets)| Measured {
            points,
            coverage,
            samples,
            buckets,
            ..Measured::default()
        },
    )
}

/// An answer that is not one fresh finite value.
fn nonsense() -> impl Strategy<Value = Measured> {
    let point = |at_seconds: i64, value| Some(Point { at: at(at_seconds), value });
    let shape = prop_oneof![
        // nothing
        Just((None, 0, None)),
        Just((None, 1, None)),
        // several series, or none beside a value
        (2_u32..5, number()).prop_map(move |(series, value)| (point(0, value), series, None)),
        number().prop_map(move |value| (point(0, value), 0, None)),
        // not finite
        prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).prop_map(move |value| (
            point(0, value),
            1,
            None
        )),
        // stale, or from the future
        (46_i64..100_000, number()).prop_map(move |(ago, value)| (point(-ago, value), 1, None)),
        (46_i64..100_000, number()).prop_map(move |(ahead, value)| (point(ahead, value), 1, None)),
        // partial or failed
        number().prop_map(move |value| (point(0, value), 1, Some("some storage nodes did not answer"))),
    ];
    (around(), shape).prop_map(|(around, (last, series, fault))| Measured {
        last,
        series,
        fault: fault.map(Into::into),
        ..around
    })
}

/// A sound answer beside it, or another piece of nonsense: what one side says must not speak for the other.
fn reading(own: impl Strategy<Value = Measured>) -> impl Strategy<Value = MetricReading> {
    (own, prop_oneof![nonsense(), Just(measured(0.0)), Just(measured(50.0))]).prop_map(|(own, stable)| {
        MetricReading {
            period: Span(15),
            window: Span::minutes(5),
            total: Some(own.clone()),
            sides: [(Side::Candidate, own.clone()), (Side::Stable, stable)].into(),
            pods: [(Name::new("api-a"), own), (Name::new("api-b"), measured(0.0))].into(),
        }
    })
}

/// Every form that reads a metric, each of which would be met by 0 and breached by 50.
fn rules(scope: RuleScope, on_missing: OnMissing) -> Vec<Rule> {
    let percent = || over(1.0, Unit::Percent);
    let times = || over(2.0, Unit::Times);
    let minutes = Span::minutes;
    let forms = [
        When::Value(percent()),
        When::RatioTo { of: Reference::Target, is: times() },
        When::RatioTo { of: Reference::Stable, is: times() },
        When::DifferenceTo { of: Reference::Stable, is: percent() },
        When::GrowthPer {
            per: minutes(60),
            is: percent(),
            window: minutes(30),
            min_span: minutes(1),
            fit: Fit::TheilSen,
        },
        When::GrowthOver { over: minutes(30), is: percent(), edge: minutes(5) },
        When::DeltaOver { over: minutes(5), is: percent() },
        When::Burn { budget: Share(0.1), over: minutes(5), is: times() },
        When::Burn { budget: Share(0.1), over: minutes(10), is: times() },
        When::TimeTo { limit: Limit::Number(10.0), within: minutes(60) },
        When::AbsentFor { lasts: minutes(2) },
        When::AllOf(vec![When::Value(percent()), When::Value(percent())]),
        When::AnyOf(vec![When::Value(percent()), When::Value(percent())]),
        When::Not(Box::new(When::Value(Comparison { op: Op::AtMost, ..percent() }))),
    ];
    forms
        .into_iter()
        .enumerate()
        .map(|(index, form)| Rule {
            id: RuleId::new(format!("rule-{index}")),
            scope,
            on_missing,
            deeds: [Deed::Rollback].into(),
            ..rule(Some("err"), form)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_nonsense_promotes_or_rolls_back(
        reading in reading(nonsense()),
        scope in prop::sample::select(vec![RuleScope::Total, RuleScope::PerVersion, RuleScope::PerPod]),
        on_missing in prop::sample::select(vec![OnMissing::Unknown, OnMissing::Breached]),
    ) {
        let rules = rules(scope, on_missing);
        let seen = PodSeen { side: Side::Candidate, started: None };
        let samples = Samples {
            metrics: [(MetricId::new("err"), reading)].into(),
            baselines: [(MetricId::new("err"), 1.0)].into(),
            pods: [(Name::new("api-a"), seen), (Name::new("api-b"), seen)].into(),
            ..Samples::default()
        };
        let (_, told) = evaluate_all(&rules, &[].into(), &metrics(), &samples, noon());
        for rule in &rules {
            let standing = &told[&rule.id];
            prop_assert!(standing.verdict != Verdict::Met, "{:?} {:?}: {standing:?}", rule.when, rule.scope);
            prop_assert!(!standing.acts, "{:?} {:?}: {standing:?}", rule.when, rule.scope);
            prop_assert!(!due(rule, standing, &OnBreach::default()).contains(&Deed::Rollback));
            let gate = Gate {
                id: GateId::new("gate"),
                all_of: vec![Condition::Rule(rule.id.clone())],
                lasts: Span::ZERO,
                snapshot: false,
            };
            let inputs = GateInputs { rules: &told, targets: &[].into(), samples: &samples, ticked: &BTreeSet::new() };
            prop_assert!(judge_gate(&gate, &GateState::default(), &inputs, noon()).1.verdict != Verdict::Met);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Nonsense, look after look, with all the memory that rules, bakes and automation have.
    #[test]
    fn not_even_a_series_of_nonsense(all in prop::collection::vec(reading(nonsense()), 1..30)) {
        let rule = value_over(1.0);
        let rules = [rule.clone()];
        let wants = BakeWants { length: Span(1), samples: None, coverage: Share(0.0), target: None };
        let mut bake = Bake::start(wants, noon());
        let mut states = std::collections::BTreeMap::new();
        let policy = Policy::default();
        let candidate = TemplateHash::new("77c9");
        let (mut automation, _) = step(&policy, Automation::default(), &Happening::Armed(candidate), noon());
        let mut now = noon();
        for reading in all {
            now += TimeDelta::seconds(15);
            let mut reading = reading;
            // as bad as it was, but of now: what is stale must stay stale
            for measured in reading.total.iter_mut().chain(reading.sides.values_mut()) {
                for point in measured.last.iter_mut().chain(&mut measured.points) {
                    point.at += now - noon();
                }
            }
            let samples = Samples { metrics: [(MetricId::new("err"), reading)].into(), ..Samples::default() };
            let (after, told) = evaluate_all(&rules, &states, &metrics(), &samples, now);
            states = after;
            let standing = &told[&rule.id];
            prop_assert!(standing.verdict == Verdict::Unknown && !standing.acts, "{standing:?}");
            let breach = gravest([(&rule, standing)]).map(|severity| (severity, "rule".into()));
            let unknown = (standing.verdict == Verdict::Unknown).then(|| standing.judged.words.clone());
            let _ = bake.look(&Look { breach, unknown, seen: None, window: Span::minutes(5) }, now);
            prop_assert!(!bake.is_done() && bake.count.healthy == 0);
            let glance = if standing.acts { Glance::Breached } else { Glance::Unknown };
            let (next, says) = step(&policy, automation, &Happening::Looked(glance, rule.id.clone()), now);
            automation = next;
            prop_assert!(says.is_empty(), "{says:?}");
        }
    }
}
