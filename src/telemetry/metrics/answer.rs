//! From the answers about one subject to what was measured.

use std::collections::BTreeMap;

use super::SourceTime;
use crate::model::ids::Name;
use crate::model::measure::Share;
use crate::model::reading::{Buckets, Measured, MetricAsk, Point};
use crate::model::{Text, Time};
use crate::telemetry::prometheus::{QueryError, Sample, Series};

/// What tells pods apart.
const POD: &str = "pod";

type Vector = Result<Vec<Sample>, QueryError>;

/// All answers about one subject. What was not asked is `None`.
pub(super) struct Answered {
    pub(super) values: Vector,
    pub(super) samples: Option<Vector>,
    /// Unix seconds of the newest sample of each selector.
    pub(super) ages: Option<Vector>,
    /// Samples of each selector in the window.
    pub(super) counts: Option<Vector>,
    pub(super) past: Option<Result<Vec<Series>, QueryError>>,
    pub(super) buckets: Option<Buckets>,
}

impl Answered {
    pub(super) fn failed(why: Text) -> Self {
        Self {
            values: Err(QueryError::Malformed(why)),
            samples: None,
            ages: None,
            counts: None,
            past: None,
            buckets: None,
        }
    }
}

/// What was measured of a subject that is to have one series.
pub(super) fn measured(answered: &Answered, ask: &MetricAsk, time: SourceTime) -> Measured {
    of(answered, ask, time, &|_| true)
}

/// What was measured of each pod that is named by any answer.
pub(super) fn by_pod(answered: &Answered, ask: &MetricAsk, time: SourceTime) -> BTreeMap<Name, Measured> {
    let vectors = [Some(&answered.values), answered.ages.as_ref()];
    let named = vectors.into_iter().flatten().flatten().flatten();
    let pods: std::collections::BTreeSet<&String> = named.filter_map(|one| one.labels.get(POD)).collect();
    pods.into_iter()
        .map(|pod| {
            let own = |labels: &BTreeMap<String, String>| labels.get(POD) == Some(pod);
            (Name::new(pod), of(answered, ask, time, &own))
        })
        .collect()
}

type Own<'a> = &'a dyn Fn(&BTreeMap<String, String>) -> bool;

fn of(answered: &Answered, ask: &MetricAsk, time: SourceTime, own: Own<'_>) -> Measured {
    let values = match &answered.values {
        Ok(values) => values,
        Err(error) => return Measured { fault: Some(error.text()), ..Measured::default() },
    };
    let mut values = values.iter().filter(|one| own(&one.labels));
    let (first, more) = (values.next(), values.count());
    let series = u32::try_from(more).unwrap_or(u32::MAX).saturating_add(u32::from(first.is_some()));
    let sampled = match sampled(answered, own) {
        Ok(sampled) => sampled.map(|seconds| console(seconds, time)),
        Err(why) => return Measured { series, fault: Some(why), ..Measured::default() },
    };
    Measured {
        // without a time of its own a value has no age, and cannot count
        last: first.zip(sampled.flatten()).map(|(one, at)| Point { at, value: one.value }),
        series,
        fault: None,
        points: points(answered, time, own),
        coverage: coverage(answered, ask, own),
        samples: samples(answered, own),
        buckets: answered.buckets.clone(),
    }
}

/// The time of the oldest among the newest samples of all selectors that have any: a value is as old as its oldest part.
fn sampled(answered: &Answered, own: Own<'_>) -> Result<Option<f64>, Text> {
    let Some(ages) = &answered.ages else {
        return Err(Text::from("the age of its samples cannot be asked: the query names no series"));
    };
    let ages = ages.as_ref().map_err(|error| Text::from(format!("age of the samples: {error}")))?;
    let finite = ages.iter().filter(|one| own(&one.labels) && one.value.is_finite()).map(|one| one.value);
    Ok(finite.reduce(f64::min))
}

/// Unix seconds of the source as a time of this console.
fn console(seconds: f64, time: SourceTime) -> Option<Time> {
    crate::telemetry::prometheus::time_of(seconds).and_then(|at| at.checked_sub_signed(time.ahead))
}

/// Samples in the window of those that were due; the selector with the most tells, for the series of failures may be
/// young.
fn coverage(answered: &Answered, ask: &MetricAsk, own: Own<'_>) -> Option<Share> {
    let counts = answered.counts.as_ref()?.as_ref().ok()?;
    let finite = counts.iter().filter(|one| own(&one.labels) && one.value.is_finite()).map(|one| one.value);
    let most = finite.reduce(f64::max).unwrap_or(0.0);
    let period = ask.period.as_f64();
    let due = (period > 0.0).then(|| (ask.window.as_f64() / period).floor().max(1.0))?;
    Some(Share((100.0 * most / due).clamp(0.0, 100.0)))
}

fn samples(answered: &Answered, own: Own<'_>) -> Option<f64> {
    let vector = answered.samples.as_ref()?.as_ref().ok()?;
    let mut values = vector.iter().filter(|one| own(&one.labels));
    match (values.next(), values.next()) {
        (Some(one), None) => Some(one.value),
        // none or several: nobody knows how many
        (None, _) | (Some(_), Some(_)) => None,
    }
}

fn points(answered: &Answered, time: SourceTime, own: Own<'_>) -> Vec<Point> {
    let Some(Ok(series)) = &answered.past else { return Vec::new() };
    let mut series = series.iter().filter(|one| own(&one.labels));
    match (series.next(), series.next()) {
        (Some(one), None) => {
            one.points.iter().map(|(at, value)| Point { at: *at - time.ahead, value: *value }).collect()
        }
        (None, _) | (Some(_), Some(_)) => Vec::new(),
    }
}

/// Buckets from cumulated counts by `le`; `None` where they do not grow or have no upper ends.
pub(super) fn buckets(samples: &[Sample]) -> Option<Buckets> {
    let bound = |one: &Sample| one.labels.get("le")?.parse::<f64>().ok();
    let mut all: Vec<(f64, f64)> =
        samples.iter().map(|one| Some((bound(one)?, one.value))).collect::<Option<_>>()?;
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut bounds, mut counts, mut below) = (Vec::new(), Vec::new(), 0.0);
    for (bound, cumulated) in all {
        if !cumulated.is_finite() || bound.is_nan() {
            return None;
        }
        bounds.push(bound);
        // extrapolation may let a count fall by a hair from one bucket to the next
        counts.push((cumulated - below).max(0.0));
        below = below.max(cumulated);
    }
    (!bounds.is_empty()).then_some(Buckets { bounds, counts })
}
