//! Readings of metrics: what to ask a metrics source for, and how signals, objects and probes become readings too.

use crate::model::Time;
use crate::model::measure::{Share, Span};
use crate::model::reading::{Measured, MetricAsk, MetricReading, Point, ProbeSeen, StateSeen};
use crate::model::rule::{Metric, MetricFrom, Rule, RuleScope, When};
use crate::model::series::{Reading, Side, Signal, SignalSet, Track};

use super::form::fit_span;

/// Window of a metric whose target names none.
const WINDOW: Span = Span::minutes(5);

/// What to ask for, so that these rules can be judged. `versions`: what stands for `${version}` of each side.
#[must_use]
pub fn asks(metrics: &[Metric], rules: &[Rule], versions: &[(Side, String)], period: Span) -> Vec<MetricAsk> {
    let ask = |metric: &Metric| {
        let MetricFrom::Query(query) = &metric.from else { return None };
        let own: Vec<&Rule> = rules.iter().filter(|rule| rule.metric.as_ref() == Some(&metric.id)).collect();
        let by_version = metric.by_version || query.asks_for_version();
        let window = metric.target.as_ref().map_or(WINDOW, |target| target.window);
        Some(MetricAsk {
            id: metric.id.clone(),
            query: query.clone(),
            samples: metric.samples_query.clone(),
            versions: if by_version { versions.to_vec() } else { Vec::new() },
            per_pod: metric.per_pod || own.iter().any(|rule| rule.scope == RuleScope::PerPod),
            window,
            history: own.iter().map(|rule| looks_back(&rule.when, window)).max().unwrap_or_default(),
            period,
        })
    };
    metrics.iter().filter_map(ask).collect()
}

/// How far a condition looks back beyond the newest value.
fn looks_back(when: &When, window: Span) -> Span {
    let of = |part: &When| match part {
        When::GrowthPer { window, .. } => *window,
        When::GrowthOver { over, .. } | When::DeltaOver { over, .. } => *over,
        When::Burn { over, .. } if *over != window => *over,
        When::TimeTo { within, .. } => fit_span(*within),
        When::Value(_)
        | When::RatioTo { .. }
        | When::DifferenceTo { .. }
        | When::AbsentFor { .. }
        | When::Burn { .. }
        | When::State { .. }
        | When::Event { .. }
        | When::Skew { .. }
        | When::AllOf(_)
        | When::AnyOf(_)
        | When::Not(_) => Span::ZERO,
    };
    when.parts().into_iter().map(of).max().unwrap_or_default()
}

/// A signal that the console found by itself.
#[must_use]
pub fn of_signal(set: &SignalSet, signal: Signal, period: Span) -> MetricReading {
    let window = Span(u64::from(set.window_seconds));
    let measured = |side: &Side, track: &Track| Measured {
        samples: set.counted.get(side).map(|counted| counted.requests),
        ..of_track(track, set.asked, window)
    };
    let tracks = set.tracks.iter().filter_map(|(side, tracks)| Some((side, tracks.get(&signal)?)));
    MetricReading {
        period,
        window,
        sides: tracks.map(|(side, track)| (*side, measured(side, track))).collect(),
        ..MetricReading::default()
    }
}

fn of_track(track: &Track, asked: Time, window: Span) -> Measured {
    let point = |value| track.sampled.map(|at| Point { at, value });
    let (last, series, fault) = match &track.now {
        Reading::Value(value) => (point(*value), 1, None),
        Reading::NotFinite => (point(f64::NAN), 1, None),
        Reading::NoData => (None, 0, None),
        Reading::Several => (None, 2, None),
        Reading::Stale { age_seconds } => {
            let old = Span(u64::from(*age_seconds));
            (None, 1, Some(format!("its newest sample is {old} old").into()))
        }
        Reading::Failed(why) => (None, 0, Some(why.clone())),
    };
    let points = track.points.iter().filter_map(|(at, value)| Some(Point { at: *at, value: (*value)? }));
    Measured {
        last,
        series,
        fault,
        points: points.collect(),
        coverage: covered(track, asked, window),
        ..Measured::default()
    }
}

/// Share of the grid points of the window that have a value.
fn covered(track: &Track, asked: Time, window: Span) -> Option<Share> {
    let since = asked - window.to_delta();
    let inside = track.points.iter().filter(|(at, _)| *at > since && *at <= asked);
    let (all, with) =
        inside.fold((0_u32, 0_u32), |(all, with), (_, value)| (all + 1, with + u32::from(value.is_some())));
    (all > 0).then(|| Share(100.0 * f64::from(with) / f64::from(all)))
}

/// A field of an object, as a metric.
#[must_use]
pub fn of_state(seen: &StateSeen, period: Span) -> MetricReading {
    let measured = match &seen.value {
        Ok(value) => single(seen.at, *value),
        Err(why) => Measured { fault: Some(why.clone()), ..Measured::default() },
    };
    MetricReading { period, window: period, total: Some(measured), ..MetricReading::default() }
}

/// How long a probe took, in milliseconds, as a metric; no reading where it fails.
#[must_use]
pub fn of_probe(seen: &ProbeSeen) -> MetricReading {
    let measured = match (&seen.answer, seen.millis) {
        (Ok(()), Some(millis)) => single(seen.at, f64::from(millis)),
        (Ok(()), None) | (Err(_), _) => Measured::default(),
    };
    // its own staleness is three periods, as everywhere
    let period = Span(seen.staleness.seconds() / 3);
    MetricReading { period, window: period, total: Some(measured), ..MetricReading::default() }
}

/// One value that is looked at, not sampled: it covers its window by itself.
fn single(at: Time, value: f64) -> Measured {
    Measured {
        last: Some(Point { at, value }),
        series: 1,
        coverage: Some(Share::WHOLE),
        ..Measured::default()
    }
}
