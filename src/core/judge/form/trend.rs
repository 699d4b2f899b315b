//! Conditions about the past: growth, increase, and when a limit is reached.

use super::{Subject, either};
use crate::core::judge::evidence::Judged;
use crate::core::judge::fresh::line;
use crate::core::judge::stats::{median, theil_sen};
use crate::core::judge::words;
use crate::model::Time;
use crate::model::measure::{Comparison, Op, Span, Unit};
use crate::model::reading::MetricReading;
use crate::model::rule::{Direction, Limit};

/// Fewer points than this are no trend.
const LEAST_POINTS: usize = 5;
/// A line to a limit is fitted over half of the time that it looks ahead, within these.
const SHORTEST_FIT: Span = Span::minutes(10);
const LONGEST_FIT: Span = Span::hours(6);

/// The subject's points of the last `span`, none from before its restart.
fn recent(span: Span, subject: &Subject<'_>) -> Vec<(f64, f64)> {
    let begin = subject.now - span.to_delta();
    let begin = subject.started.map_or(begin, |started: Time| started.max(begin));
    subject.measured.map(|measured| line(&measured.points, begin, subject.now)).unwrap_or_default()
}

/// Seconds from the first to the last point.
fn covers(points: &[(f64, f64)]) -> f64 {
    match (points.first(), points.last()) {
        (Some(first), Some(last)) => last.0 - first.0,
        _ => 0.0,
    }
}

fn too_short(points: &[(f64, f64)], needed: Span) -> Judged {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a window")]
    let covered = Span(covers(points).max(0.0) as u64);
    Judged::unknown(format!("data covers {covered}, {needed} needed"))
}

pub(super) fn growth_per(
    per: Span,
    is: &Comparison,
    window: Span,
    min_span: Span,
    subject: &Subject<'_>,
) -> Judged {
    let judged = || {
        subject.value()?;
        let points = recent(window, subject);
        if points.len() < LEAST_POINTS || covers(&points) < min_span.as_f64() {
            return Err(too_short(&points, min_span));
        }
        // the start is a median too: one wild first value must not scale the rest
        let from = points.first().map_or(0.0, |first| first.0);
        let edge = (window.as_f64() / 10.0).min(300.0);
        let start = median(points.iter().filter(|point| point.0 <= from + edge).map(|point| point.1));
        let slope = theil_sen(&points);
        let (Some(start), Some(slope)) = (start.filter(|start| *start > 0.0), slope) else {
            return Err(Judged::unknown("it starts at zero: growth has no percentage"));
        };
        let growth = 100.0 * slope * per.as_f64() / start;
        let judged = subject.by(growth, is, &Unit::Percent);
        Ok(Judged { words: format!("grows per {per} by {}", judged.words).into(), ..judged })
    };
    either(judged(), subject)
}

pub(super) fn growth_over(over: Span, is: &Comparison, edge: Span, subject: &Subject<'_>) -> Judged {
    let judged = || {
        subject.value()?;
        let points = recent(over, subject);
        let (begin, edge) = (-over.as_f64(), edge.as_f64());
        let start = median(points.iter().filter(|point| point.0 <= begin + edge).map(|point| point.1));
        let end = median(points.iter().filter(|point| point.0 >= -edge).map(|point| point.1));
        let (Some(start), Some(end)) = (start, end) else { return Err(too_short(&points, over)) };
        if start <= 0.0 {
            return Err(Judged::unknown("it starts at zero: growth has no percentage"));
        }
        let judged = subject.by(100.0 * (end - start) / start, is, &Unit::Percent);
        Ok(Judged { words: format!("grew in {over} by {}", judged.words).into(), ..judged })
    };
    either(judged(), subject)
}

/// How much a counter rose. One that falls began anew at zero.
pub(super) fn delta_over(over: Span, is: &Comparison, subject: &Subject<'_>) -> Judged {
    let judged = || {
        let (metric, reading) = subject.own()?;
        subject.value()?;
        let points = recent(over, subject);
        let rise: f64 = points
            .windows(2)
            .map(|pair| if pair[1].1 >= pair[0].1 { pair[1].1 - pair[0].1 } else { pair[1].1 })
            .sum();
        let judged = subject.by(rise, is, &metric.unit);
        let judged = Judged { words: format!("rose in {over} by {}", judged.words).into(), ..judged };
        // what rose too much already does not become less by seeing the beginning too
        let final_already = is.holds(rise) && matches!(is.op, Op::Greater | Op::AtLeast);
        let slack = 2.0 * reading.period.as_f64();
        if points.len() < 2 || (covers(&points) + slack < over.as_f64() && !final_already) {
            return Err(too_short(&points, over));
        }
        Ok(judged)
    };
    either(judged(), subject)
}

/// Over how much time the line to a limit is fitted.
pub(in crate::core::judge) fn fit_span(within: Span) -> Span {
    Span((within.seconds() / 2).clamp(SHORTEST_FIT.seconds(), LONGEST_FIT.seconds()))
}

/// A straight line to a limit.
pub(super) fn time_to(limit: &Limit, within: Span, subject: &Subject<'_>) -> Judged {
    let judged = || {
        let (metric, _) = subject.own()?;
        let value = subject.value()?;
        let limit = limit_of(limit, subject)?;
        let falling = metric.direction == Direction::Higher;
        let room = if falling { value - limit } else { limit - value };
        let shown =
            format!("{} of {}", words::measured(value, &metric.unit), words::measured(limit, &metric.unit));
        if room <= 0.0 {
            return Ok(subject.told(Judged::of(true, 0.0, format!("{shown}: the limit is reached"))));
        }
        let fit = fit_span(within);
        let points = recent(fit, subject);
        let needed = Span(fit.seconds() / 3);
        if points.len() < LEAST_POINTS || covers(&points) < needed.as_f64() {
            return Err(too_short(&points, needed));
        }
        let slope = theil_sen(&points).ok_or_else(|| Judged::unknown("no trend"))?;
        let speed = if falling { -slope } else { slope };
        if speed <= 0.0 {
            return Ok(subject.told(Judged::of(false, f64::MAX, format!("{shown}, not getting closer"))));
        }
        let left = room / speed;
        let words = format!("{shown}, reached in {}, bad within {within}", words::about(left));
        Ok(subject.told(Judged::of(left <= within.as_f64(), left, words)))
    };
    either(judged(), subject)
}

/// The limit in the metric's unit.
fn limit_of(limit: &Limit, subject: &Subject<'_>) -> Result<f64, Judged> {
    let (metric, _) = subject.own()?;
    let limits = &subject.samples.limits;
    let (number, unit, name) = match limit {
        Limit::Number(number) => return Ok(*number),
        Limit::Metric(id) => return super::against::other(id, subject),
        Limit::MemoryLimit => (limits.memory_limit, Unit::Byte, "memory limit"),
        Limit::MemoryRequest => (limits.memory_request, Unit::Byte, "memory request"),
        Limit::CpuLimit => (limits.cpu_limit, Unit::Core, "processor limit"),
        Limit::CpuRequest => (limits.cpu_request, Unit::Core, "processor request"),
    };
    let number = number.filter(|number| number.is_finite() && *number > 0.0);
    let number = number.ok_or_else(|| Judged::unknown(format!("the containers have no {name}")))?;
    unit.convert(number, &metric.unit)
        .ok_or_else(|| Judged::unknown(format!("a {name} cannot be told in {}", metric.unit)))
}

/// Mean of the subject's points over a span of which enough is covered.
pub(super) fn mean_over(over: Span, reading: &MetricReading, subject: &Subject<'_>) -> Result<f64, Judged> {
    let points = recent(over, subject);
    let slack = 2.0 * reading.period.as_f64();
    if points.len() < 2 || covers(&points) + slack < over.as_f64() * subject.min_coverage.fraction() {
        return Err(too_short(&points, over));
    }
    let many = crate::core::judge::claim::count(u64::try_from(points.len()).unwrap_or(u64::MAX));
    Ok(points.iter().map(|point| point.1).sum::<f64>() / many)
}
