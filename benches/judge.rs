//! Cost of judging the rules of a component once: it happens with every look, so it must stay far below a frame.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;

use chrono::TimeDelta;
use criterion::{Criterion, criterion_group, criterion_main};
use gonogo::core::judge::rule::evaluate_all;
use gonogo::core::judge::{Metrics, stats};
use gonogo::model::Time;
use gonogo::model::ids::{MetricId, Name, RuleId};
use gonogo::model::measure::{Comparison, Op, Share, Span, Unit};
use gonogo::model::reading::{Measured, MetricReading, PodSeen, Point, Samples};
use gonogo::model::rule::{
    Active, Direction, Fit, MIN_COVERAGE, Metric, MetricFrom, MetricTarget, OnMissing, Query, Reference,
    Rule, RuleScope, Severity, Stat, When,
};
use gonogo::model::series::Side;

fn metric(id: &str) -> Metric {
    Metric {
        id: MetricId::new(id),
        title: id.into(),
        unit: Unit::Percent,
        stat: Stat::Ratio,
        from: MetricFrom::Query(Query(id.into())),
        by_version: true,
        per_pod: true,
        direction: Direction::Lower,
        samples_query: None,
        target: Some(MetricTarget {
            is: Comparison { op: Op::Less, value: 0.1, unit: Unit::Percent },
            window: Span::minutes(5),
            under_per_second: None,
        }),
        staleness: None,
        business: false,
        baseline: None,
    }
}

fn over(value: f64, unit: Unit) -> Comparison {
    Comparison { op: Op::Greater, value, unit }
}

fn rule(index: usize, scope: RuleScope, when: When) -> Rule {
    Rule {
        id: RuleId::new(format!("rule-{index}")),
        metric: Some(MetricId::new("err")),
        scope,
        when,
        severity: Severity::Warning,
        lasts: Span(30),
        clear_for: Span::minutes(1),
        clear: None,
        min_samples: None,
        min_coverage: MIN_COVERAGE,
        on_missing: OnMissing::Unknown,
        active: Active::default(),
        deeds: BTreeSet::new(),
        derive_notice: false,
    }
}

/// A fresh value with half an hour behind it.
fn measured(now: Time, value: f64) -> Measured {
    let points: Vec<Point> =
        (0..120).map(|ago| Point { at: now - TimeDelta::seconds((119 - ago) * 15), value }).collect();
    Measured {
        last: points.last().copied(),
        series: 1,
        fault: None,
        points,
        coverage: Some(Share::WHOLE),
        samples: Some(5_000.0),
        buckets: None,
    }
}

fn samples(now: Time, pods: usize) -> Samples {
    let names: Vec<Name> = (0..pods).map(|pod| Name::new(format!("api-{pod}"))).collect();
    let seen = PodSeen { side: Side::Candidate, started: None };
    let reading = MetricReading {
        period: Span(15),
        window: Span::minutes(5),
        total: Some(measured(now, 0.2)),
        sides: [(Side::Candidate, measured(now, 0.4)), (Side::Stable, measured(now, 0.2))].into(),
        pods: names.iter().map(|name| (name.clone(), measured(now, 0.3))).collect(),
    };
    Samples {
        metrics: [(MetricId::new("err"), reading)].into(),
        pods: names.into_iter().map(|name| (name, seen)).collect(),
        ..Samples::default()
    }
}

/// A kind of rule: its name, what it is about, and how its numbered ones are made.
type Kind<'a> = (&'a str, RuleScope, &'a dyn Fn(usize) -> When);

fn fifty_rules(c: &mut Criterion) {
    let now = Time::from_timestamp(1_796_000_400, 0).unwrap_or_default();
    let metrics: Metrics = [(MetricId::new("err"), metric("err"))].into();
    let samples = samples(now, 10);
    let growth = |_| When::GrowthPer {
        per: Span::hours(1),
        is: over(5.0, Unit::Percent),
        window: Span::minutes(30),
        min_span: Span::minutes(20),
        fit: Fit::TheilSen,
    };
    let stable = |_| When::RatioTo { of: Reference::Stable, is: over(2.0, Unit::Times) };
    let value = |_| When::Value(over(1.0, Unit::Percent));
    let mut group = c.benchmark_group("50 rules judged once");
    let kinds: [Kind<'_>; 3] = [
        ("values of the candidate", RuleScope::PerVersion, &value),
        ("against stable", RuleScope::PerVersion, &stable),
        ("growth of each of 10 pods", RuleScope::PerPod, &growth),
    ];
    for (name, scope, when) in kinds {
        let rules: Vec<Rule> = (0..50).map(|index| rule(index, scope, when(index))).collect();
        let states = BTreeMap::new();
        group.bench_function(name, |b| {
            b.iter(|| black_box(evaluate_all(black_box(&rules), &states, &metrics, &samples, now)));
        });
    }
    group.finish();
}

fn arithmetic(c: &mut Criterion) {
    let mut group = c.benchmark_group("arithmetic of a verdict");
    let tally = stats::Tally { requests: 1_840.0, failed: 3.0 };
    group.bench_function("exact upper bound", |b| b.iter(|| black_box(stats::upper_bound(black_box(tally)))));
    let (one, other): (Vec<f64>, Vec<f64>) = (0..20).map(|n| (f64::from(n), f64::from(20 - n))).unzip();
    group.bench_function("ranks of 20 buckets", |b| {
        b.iter(|| black_box(stats::pairs(black_box(&one), &other)));
    });
    let line: Vec<(f64, f64)> = (0..120).map(|n| (f64::from(n), f64::from(n % 7))).collect();
    group.bench_function("trend of 120 points", |b| b.iter(|| black_box(stats::theil_sen(black_box(&line)))));
    group.finish();
}

criterion_group!(benches, fifty_rules, arithmetic);
criterion_main!(benches);
