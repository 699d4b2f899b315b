//! Time as the simulated cluster knows it: handed in, never read.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// An instant of the simulated clock.
pub(crate) type Time = DateTime<Utc>;

/// `time` as Kubernetes writes it in objects: RFC 3339 in whole seconds.
pub(crate) fn stamp(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `time` as Kubernetes writes it where microseconds count (Leases, events).
pub(crate) fn micro_stamp(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Reads what [`stamp`] wrote; `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<Time> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc))
}

/// A span of `seconds`, rounded to whole milliseconds.
pub(crate) fn seconds(seconds: f64) -> TimeDelta {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "spans of the simulation are far below the range of i64"
    )]
    TimeDelta::milliseconds((seconds * 1000.0).round() as i64)
}

/// `span` in seconds, fractions kept to the millisecond.
pub(crate) fn in_seconds(span: TimeDelta) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a simulation fit the mantissa")]
    let milliseconds = span.num_milliseconds() as f64;
    milliseconds / 1000.0
}
