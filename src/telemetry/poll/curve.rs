//! A curve on an even grid: filled by a range query, grown by readings, cut to its span.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use crate::model::Time;
use crate::telemetry::prometheus::Span;

/// Values by grid point, in unix seconds of the source's clock. A grid point without a value is a gap.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    step: i64,
    span: i64,
    points: BTreeMap<i64, Option<f64>>,
}

impl Curve {
    pub(super) fn new(span: Duration, step: Duration) -> Self {
        let seconds = |length: Duration| i64::try_from(length.as_secs()).unwrap_or(i64::MAX).max(1);
        Self { step: seconds(step), span: seconds(span), points: BTreeMap::new() }
    }

    /// The stretch to ask for, ending at the grid point before `source_now`.
    pub(super) fn stretch(span: Duration, step: Duration, source_now: Time) -> Option<Span> {
        let curve = Self::new(span, step);
        let end = curve.slot(source_now);
        let at = |seconds| Time::from_timestamp(seconds, 0);
        let step = Duration::from_secs(curve.step.unsigned_abs());
        Some(Span { start: at(end - curve.span)?, end: at(end)?, step })
    }

    /// Takes over the answer to a range query; what was read later stays.
    pub(super) fn fill(&mut self, stretch: Span, values: &[(Time, f64)]) {
        let (start, end) = (self.slot(stretch.start), self.slot(stretch.end));
        let later = self.points.split_off(&(end + 1));
        self.points = self.grid(start, end).map(|slot| (slot, None)).collect();
        for (at, value) in values {
            let slot = self.slot(*at);
            if let Some(point) = self.points.get_mut(&slot) {
                *point = value.is_finite().then_some(*value);
            }
        }
        self.points.extend(later);
    }

    /// Puts the newest reading at its grid point; grid points in between are gaps.
    pub(super) fn push(&mut self, source_now: Time, value: Option<f64>) {
        let slot = self.slot(source_now);
        let last = self.points.last_key_value().map(|(last, _)| *last);
        match last {
            Some(last) if last > slot || slot - last > self.span => self.points.clear(),
            Some(last) => self.points.extend(self.grid(last + self.step, slot).map(|gap| (gap, None))),
            None => {}
        }
        self.points.insert(slot, value);
        self.points = self.points.split_off(&(slot - self.span));
    }

    /// The points in this console's clock, which `ahead` is behind the source's.
    pub(super) fn points(&self, ahead: TimeDelta) -> Vec<(Time, Option<f64>)> {
        let here =
            |(slot, value): (&i64, &Option<f64>)| Some((Time::from_timestamp(*slot, 0)? - ahead, *value));
        self.points.iter().filter_map(here).collect()
    }

    fn slot(&self, at: Time) -> i64 {
        at.timestamp().div_euclid(self.step) * self.step
    }

    fn grid(&self, from: i64, to: i64) -> impl Iterator<Item = i64> + use<> {
        let step = self.step;
        (0..).map(move |n| from + n * step).take_while(move |slot| *slot <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(seconds, 0).unwrap()
    }

    fn curve() -> Curve {
        Curve::new(Duration::from_mins(1), Duration::from_secs(15))
    }

    #[test]
    fn a_missed_round_is_a_gap_and_not_a_line() {
        let mut curve = curve();
        curve.push(at(1000), Some(1.0));
        curve.push(at(1004), Some(2.0));
        curve.push(at(1050), Some(3.0));
        let points = curve.points(TimeDelta::zero());
        assert_eq!(
            points,
            [
                (at(990), Some(2.0)),
                (at(1005), None),
                (at(1020), None),
                (at(1035), None),
                (at(1050), Some(3.0))
            ]
        );
    }

    #[test]
    fn the_curve_keeps_its_span_only() {
        let mut curve = curve();
        for second in 0_u8..200 {
            curve.push(at(i64::from(second)), Some(f64::from(second)));
        }
        let points = curve.points(TimeDelta::zero());
        assert_eq!(points.first().map(|(at, _)| at.timestamp()), Some(135));
        assert_eq!(points.len(), 5);
    }

    #[test]
    fn a_range_fills_the_grid_and_keeps_what_was_read_later() {
        let mut curve = curve();
        curve.push(at(1050), Some(9.0));
        let stretch = Curve::stretch(Duration::from_mins(1), Duration::from_secs(15), at(1049)).unwrap();
        assert_eq!((stretch.start, stretch.end), (at(975), at(1035)));
        curve.fill(stretch, &[(at(975), 1.0), (at(990), f64::NAN), (at(1035), 4.0)]);
        let values: Vec<Option<f64>> = curve.points(TimeDelta::zero()).into_iter().map(|(_, v)| v).collect();
        assert_eq!(values, [Some(1.0), None, None, None, Some(4.0), Some(9.0)]);
    }

    #[test]
    fn a_source_whose_clock_jumped_starts_a_new_curve() {
        let mut curve = curve();
        curve.push(at(5000), Some(1.0));
        curve.push(at(1000), Some(2.0));
        assert_eq!(curve.points(TimeDelta::zero()), [(at(990), Some(2.0))]);
    }

    #[test]
    fn points_are_told_in_the_consoles_clock() {
        let mut curve = curve();
        curve.push(at(1005), Some(1.0));
        assert_eq!(curve.points(TimeDelta::seconds(120)), [(at(885), Some(1.0))]);
    }
}
