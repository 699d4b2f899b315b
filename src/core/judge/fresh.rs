//! The one place where a measured value may become one that decides: one fresh finite value does, nothing else.

use super::words::span;
use crate::model::measure::Span;
use crate::model::reading::{Measured, MetricReading, Point};
use crate::model::rule::Metric;
use crate::model::{Text, Time};

/// Sampling period of a source that did not tell its own.
const USUAL_PERIOD: Span = Span(15);

/// Older values of this metric say nothing about now: as written, else three sampling periods.
#[must_use]
pub fn staleness(metric: &Metric, reading: &MetricReading) -> Span {
    let period = if reading.period.is_zero() { USUAL_PERIOD } else { reading.period };
    metric.staleness.unwrap_or(Span(period.seconds().saturating_mul(3)))
}

/// The value, if it may decide; else why not.
pub(super) fn fresh(measured: Option<&Measured>, staleness: Span, now: Time) -> Result<f64, Text> {
    let Some(measured) = measured else { return Err(Text::from("no data")) };
    if let Some(fault) = &measured.fault {
        return Err(Text::from(format!("the source failed: {fault}")));
    }
    if measured.series > 1 {
        return Err(Text::from(format!("{} series where one is due", measured.series)));
    }
    let Some(last) = measured.last.filter(|_| measured.series == 1) else {
        return Err(Text::from("no data"));
    };
    if !last.value.is_finite() {
        return Err(Text::from("no number (0/0 or infinite): no requests?"));
    }
    within(last.at, staleness, now)?;
    Ok(last.value)
}

/// Whether something seen at `at` still says anything about now. What comes from the future says nothing either.
pub(super) fn within(at: Time, staleness: Span, now: Time) -> Result<(), Text> {
    let away = (now - at).abs();
    if away <= staleness.to_delta() {
        return Ok(());
    }
    let seconds = Span(away.num_seconds().unsigned_abs());
    let side = if at < now { "old" } else { "in the future" };
    Err(Text::from(format!("stale: {seconds} {side}")))
}

/// Age of something; none of what is in the future.
pub(super) fn age(at: Time, now: Time) -> Span {
    span(u64::try_from((now - at).num_milliseconds()).unwrap_or(0))
}

/// Finite points from `since` on, as (seconds before now as a negative number, value), oldest first. The subject's own
/// restart cuts off what another life left behind.
pub(super) fn line(points: &[Point], since: Time, now: Time) -> Vec<(f64, f64)> {
    points
        .iter()
        .filter(|point| point.at >= since && point.at <= now && point.value.is_finite())
        .map(|point| (-seconds(point.at, now), point.value))
        .collect()
}

/// Seconds from `at` to `now`.
pub(super) fn seconds(at: Time, now: Time) -> f64 {
    (now - at).as_seconds_f64()
}
