//! Conditions against something else: the target, the baseline, stable, another metric.
//!
//! Against stable a number alone is not enough: with few requests one failure makes any ratio. Where the counts behind
//! both sides are known, a difference counts only if it is no chance.

use super::{Subject, either, with_clear};
use crate::core::judge::claim::SURE;
use crate::core::judge::evidence::Judged;
use crate::core::judge::fresh;
use crate::core::judge::stats::{Tally, contrast, pairs};
use crate::core::judge::words;
use crate::model::ids::MetricId;
use crate::model::measure::{Comparison, Op, Unit};
use crate::model::reading::Measured;
use crate::model::rule::{Direction, Metric, Reference, Stat};
use crate::model::series::Side;

pub(super) fn ratio(of: &Reference, is: &Comparison, subject: &Subject<'_>) -> Judged {
    let judged = || {
        let (metric, _) = subject.own()?;
        let value = subject.value()?;
        let other = reference(of, subject)?;
        let is = with_clear(is, subject.clear);
        let shown = format!(
            "{} against {} {}",
            words::measured(value, &metric.unit),
            words::measured(other, &metric.unit),
            name(of)
        );
        if other < 0.0 {
            return Err(Judged::unknown(format!("{shown}: no ratio to less than nothing")));
        }
        // multiplied out: nothing against nothing is no more than twice nothing
        let bad = is.op.holds(value, is.value * other);
        let number = if other > 0.0 { value / other } else { value };
        let words = format!("{shown}, bad {}", words::condition(&is));
        let judged = subject.told(Judged::of(bad, number, words));
        Ok(if bad { no_chance(judged, of, &is, subject) } else { judged })
    };
    either(judged(), subject)
}

pub(super) fn difference(of: &Reference, is: &Comparison, subject: &Subject<'_>) -> Judged {
    let judged = || {
        let (metric, _) = subject.own()?;
        let value = subject.value()?;
        let other = reference(of, subject)?;
        let is = with_clear(is, subject.clear);
        let unit = if metric.unit == Unit::Percent { &Unit::PercentPoint } else { &metric.unit };
        let words = format!(
            "{} against {} {}, bad {}",
            words::measured(value, &metric.unit),
            words::measured(other, &metric.unit),
            name(of),
            words::condition(&Comparison { unit: unit.clone(), ..is.clone() })
        );
        let bad = is.holds(value - other);
        let judged = subject.told(Judged::of(bad, value - other, words));
        Ok(if bad { no_chance(judged, of, &is, subject) } else { judged })
    };
    either(judged(), subject)
}

fn name(of: &Reference) -> String {
    match of {
        Reference::Target => "wanted".to_owned(),
        Reference::Baseline => "before".to_owned(),
        Reference::Stable => "of stable".to_owned(),
        Reference::Metric(id) => format!("of {id}"),
    }
}

fn reference(of: &Reference, subject: &Subject<'_>) -> Result<f64, Judged> {
    let (metric, reading) = subject.own()?;
    match of {
        Reference::Target => match &metric.target {
            Some(target) => Ok(target.is.value),
            None => Err(Judged::unknown(format!("{} has no target", metric.id))),
        },
        Reference::Baseline => {
            let baseline = subject.samples.baselines.get(&metric.id).copied();
            baseline.filter(|value| value.is_finite()).ok_or_else(|| Judged::unknown("no baseline was taken"))
        }
        Reference::Stable => {
            let stable = reading.sides.get(&Side::Stable);
            fresh::fresh(stable, fresh::staleness(metric, reading), subject.now)
                .map_err(|why| Judged::unknown(format!("stable: {why}")))
        }
        Reference::Metric(id) => other(id, subject),
    }
}

/// Another metric's value of the same subject; what has no series for the subject is taken as a whole.
pub(super) fn other(id: &MetricId, subject: &Subject<'_>) -> Result<f64, Judged> {
    let (Some(metric), Some(reading)) = (subject.metrics.get(id), subject.samples.metrics.get(id)) else {
        return Err(Judged::unknown(format!("{id}: no data")));
    };
    let of_pod = || subject.pod.filter(|_| metric.per_pod).map(|pod| reading.pods.get(pod));
    let of_side = || {
        let own = subject.metric.map(|(_, reading)| reading.sides.get(&Side::Candidate));
        let is_candidate = own.flatten().zip(subject.measured).is_some_and(|(a, b)| std::ptr::eq(a, b));
        (is_candidate && metric.by_version).then(|| reading.sides.get(&Side::Candidate))
    };
    let measured = of_pod().or_else(of_side).unwrap_or(reading.total.as_ref());
    fresh::fresh(measured, fresh::staleness(metric, reading), subject.now)
        .map_err(|why| Judged::unknown(format!("{id}: {why}")))
}

/// A breach against stable stands only if it is no chance, where that can be computed.
fn no_chance(judged: Judged, of: &Reference, is: &Comparison, subject: &Subject<'_>) -> Judged {
    let upward = matches!(is.op, Op::Greater | Op::AtLeast);
    let (Reference::Stable, true, Some((metric, reading)), Some(own)) =
        (of, upward, subject.metric, subject.measured)
    else {
        return judged;
    };
    let stable = reading.sides.get(&Side::Stable);
    let Some(stable) = stable.filter(|_| metric.direction == Direction::Lower) else { return judged };
    match chance(metric, own, stable) {
        Some(p) if p < SURE => {
            Judged { words: format!("{} ({})", judged.words, words::chance(p)).into(), ..judged }
        }
        Some(p) => Judged {
            words: format!("cannot tell from chance ({}): {}", words::chance(p), judged.words).into(),
            ..Judged { verdict: crate::model::proof::Verdict::Unknown, measured: false, ..judged }
        },
        None => judged,
    }
}

/// The chance that both are alike and only look different, by the test that suits the metric.
fn chance(metric: &Metric, own: &Measured, stable: &Measured) -> Option<f64> {
    match metric.stat {
        Stat::Ratio => Some(contrast(tally(metric, own)?, tally(metric, stable)?)?.p_worse),
        Stat::P50 | Stat::P90 | Stat::P95 | Stat::P99 => {
            let (own, stable) = (own.buckets.as_ref()?, stable.buckets.as_ref()?);
            if own.bounds != stable.bounds {
                return None;
            }
            Some(pairs(&own.counts, &stable.counts)?.p_slower)
        }
        Stat::Mean | Stat::Rate | Stat::Gauge | Stat::Count => None,
    }
}

/// Failures and requests behind a share of failures.
pub(in crate::core::judge) fn tally(metric: &Metric, measured: &Measured) -> Option<Tally> {
    let requests = measured.samples.filter(|many| many.is_finite() && *many >= 1.0)?;
    let percent = metric.unit.convert(measured.last?.value, &Unit::Percent)?;
    let share = match metric.direction {
        Direction::Lower => percent / 100.0,
        Direction::Higher => 1.0 - percent / 100.0,
    };
    (metric.stat == Stat::Ratio && (0.0..=1.0).contains(&share))
        .then_some(Tally { requests, failed: requests * share })
}
