//! Spans of time as kubectl writes them.

use chrono::TimeDelta;

use crate::sim::world::clock::{self, Time};

/// The time since `stamp`; `<unknown>` without one.
pub(super) fn since(stamp: &str, now: Time) -> String {
    clock::parse(stamp).map_or_else(|| "<unknown>".to_owned(), |time| span(now - time))
}

/// A span with at most two units, coarser the longer it is.
pub(super) fn span(span: TimeDelta) -> String {
    let (seconds, minutes, hours, days) =
        (span.num_seconds().max(0), span.num_minutes(), span.num_hours(), span.num_days());
    let two = |major: i64, unit: char, minor: i64, small: char| {
        if minor == 0 { format!("{major}{unit}") } else { format!("{major}{unit}{minor}{small}") }
    };
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        () if hours < 3 => format!("{minutes}m"),
        () if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        () if hours < 48 => format!("{hours}h"),
        () if days < 8 => two(days, 'd', hours % 24, 'h'),
        () if days < 365 * 2 => format!("{days}d"),
        () => two(days / 365, 'y', days % 365, 'd'),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::span;

    #[test]
    fn spans_are_written_as_kubectl_writes_them() {
        for (seconds, expected) in [
            (0, "0s"),
            (119, "119s"),
            (125, "2m5s"),
            (600, "10m"),
            (7_200, "120m"),
            (3 * 3_600 + 60, "3h1m"),
            (30 * 3_600, "30h"),
            (3 * 86_400 + 7_200, "3d2h"),
            (14 * 86_400, "14d"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), expected);
        }
    }
}
