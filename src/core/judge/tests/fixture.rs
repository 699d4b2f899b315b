use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::core::judge::Metrics;
use crate::core::judge::rule::{RuleState, Standing, evaluate};
use crate::model::Time;
use crate::model::ids::{MetricId, Name, RuleId};
use crate::model::measure::{Comparison, Op, Share, Span, Unit};
use crate::model::reading::{Measured, MetricReading, PodSeen, Point, Samples};
use crate::model::rule::{
    Active, Direction, MIN_COVERAGE, Metric, MetricFrom, MetricTarget, OnMissing, Query, Rule, RuleScope,
    Severity, Stat, When,
};
use crate::model::series::Side;

/// A fixed noon.
pub(super) fn noon() -> Time {
    Time::from_timestamp(1_796_000_400, 0).unwrap()
}

pub(super) fn at(seconds: i64) -> Time {
    noon() + TimeDelta::seconds(seconds)
}

pub(super) fn over(value: f64, unit: Unit) -> Comparison {
    Comparison { op: Op::Greater, value, unit }
}

/// `err`: the percentage of failed requests, under 0.1 % wanted.
pub(super) fn err() -> Metric {
    Metric {
        id: MetricId::new("err"),
        title: "error rate".into(),
        unit: Unit::Percent,
        stat: Stat::Ratio,
        from: MetricFrom::Query(Query("err".into())),
        by_version: true,
        per_pod: false,
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

/// `mem`: bytes, of each pod.
pub(super) fn mem() -> Metric {
    Metric {
        id: MetricId::new("mem"),
        title: "memory".into(),
        unit: Unit::Byte,
        stat: Stat::Gauge,
        by_version: false,
        per_pod: true,
        target: None,
        ..err()
    }
}

pub(super) fn metrics() -> Metrics {
    let other =
        Metric { id: MetricId::new("other"), stat: Stat::Gauge, target: None, by_version: false, ..err() };
    [err(), mem(), other].into_iter().map(|metric| (metric.id.clone(), metric)).collect()
}

/// A rule that acts at once.
pub(super) fn rule(metric: Option<&str>, when: When) -> Rule {
    Rule {
        id: RuleId::new("rule"),
        metric: metric.map(MetricId::new),
        scope: RuleScope::Total,
        when,
        severity: Severity::Critical,
        lasts: Span::ZERO,
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

pub(super) fn value_over(threshold: f64) -> Rule {
    rule(Some("err"), When::Value(over(threshold, Unit::Percent)))
}

/// One fresh value with its whole window covered.
pub(super) fn measured(value: f64) -> Measured {
    Measured {
        last: Some(Point { at: noon(), value }),
        series: 1,
        coverage: Some(Share::WHOLE),
        ..Measured::default()
    }
}

/// A curve: one value each period until noon, the newest last.
pub(super) fn curve(period: i64, values: impl IntoIterator<Item = f64>) -> Measured {
    let values: Vec<f64> = values.into_iter().collect();
    let many = i64::try_from(values.len()).unwrap();
    let points: Vec<Point> = (0..many)
        .zip(&values)
        .map(|(index, value)| Point { at: at((index - many + 1) * period), value: *value })
        .collect();
    Measured {
        last: points.last().copied(),
        series: 1,
        coverage: Some(Share::WHOLE),
        points,
        ..Measured::default()
    }
}

pub(super) fn reading(total: Measured) -> MetricReading {
    MetricReading {
        period: Span(15),
        window: Span::minutes(5),
        total: Some(total),
        ..MetricReading::default()
    }
}

/// Samples of one metric as a whole.
pub(super) fn samples(metric: &str, total: Measured) -> Samples {
    Samples { metrics: [(MetricId::new(metric), reading(total))].into(), ..Samples::default() }
}

/// Samples of `err` for both versions.
pub(super) fn versions(candidate: Measured, stable: Measured) -> Samples {
    let sides = [(Side::Candidate, candidate), (Side::Stable, stable)].into();
    let reading = MetricReading { sides, ..reading(measured(0.0)) };
    Samples { metrics: [(MetricId::new("err"), reading)].into(), ..Samples::default() }
}

/// Samples of `mem` for pods that live since long.
pub(super) fn pods(of: impl IntoIterator<Item = (&'static str, Measured)>) -> Samples {
    let pods: Vec<(Name, Measured)> = of.into_iter().map(|(name, one)| (Name::new(name), one)).collect();
    let seen = PodSeen { side: Side::Candidate, started: None };
    Samples {
        pods: pods.iter().map(|(name, _)| (name.clone(), seen)).collect(),
        metrics: [(
            MetricId::new("mem"),
            MetricReading { pods: pods.into_iter().collect(), total: None, ..reading(measured(0.0)) },
        )]
        .into(),
        ..Samples::default()
    }
}

/// One look with no memory, at noon.
pub(super) fn look(rule: &Rule, samples: &Samples) -> Standing {
    evaluate(rule, &RuleState::default(), &metrics(), samples, noon()).1
}

/// The same value again and again, always fresh.
pub(super) fn series(rule: &Rule, looks: &[(i64, Measured)]) -> Vec<Standing> {
    let mut state = RuleState::default();
    looks
        .iter()
        .map(|(seconds, measured)| {
            let now = at(*seconds);
            let mut measured = measured.clone();
            if let Some(last) = &mut measured.last {
                last.at = now;
            }
            let (after, standing) = evaluate(rule, &state, &metrics(), &samples("err", measured), now);
            state = after;
            standing
        })
        .collect()
}
