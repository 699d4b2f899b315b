//! What time it is on the API server, as the `Date` of its answers tells.
//!
//! A date is whole seconds, and an answer takes its time: one of them says little, but all of them have to be true at
//! once. Their common interval is narrow after a few answers, so that only a difference that is certain is spoken of.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::header::DATE;
use tokio::time::Instant;

use crate::model::Time;

/// The server's clock.
#[derive(Debug)]
pub(in crate::cluster) struct Dates {
    origin: Instant,
    /// Earliest and latest milliseconds of the server's clock (since 1970) at the origin.
    at_origin: Mutex<Option<(i64, i64)>>,
}

impl Dates {
    pub(super) fn new() -> Self {
        Self { origin: Instant::now(), at_origin: Mutex::new(None) }
    }

    /// Takes in the date of an answer to a request sent at `sent`.
    pub(super) fn heard(&self, headers: &HeaderMap, sent: Instant) {
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else { return };
        self.learn(date.timestamp_millis(), sent, Instant::now());
    }

    fn learn(&self, date: i64, sent: Instant, received: Instant) {
        let since_origin = |moment: Instant| millis(moment.saturating_duration_since(self.origin));
        let fresh = (date - since_origin(received), date + 1_000 - since_origin(sent));
        let mut known = self.at_origin.lock().unwrap_or_else(PoisonError::into_inner);
        let both = known.map(|known| (known.0.max(fresh.0), known.1.min(fresh.1)));
        // where they contradict each other somebody has set the server's clock, or this machine slept
        *known = Some(both.filter(|(earliest, latest)| earliest <= latest).unwrap_or(fresh));
    }

    /// Earliest and latest time that the server's clock may show now.
    fn now(&self) -> Option<(i64, i64)> {
        let passed = millis(self.origin.elapsed());
        let known = *self.at_origin.lock().unwrap_or_else(PoisonError::into_inner);
        known.map(|(earliest, latest)| (earliest + passed, latest + passed))
    }

    /// The server's time, as well as it is known.
    pub(in crate::cluster) fn time(&self) -> Option<Time> {
        let (earliest, latest) = self.now()?;
        DateTime::<Utc>::from_timestamp_millis(earliest + (latest - earliest) / 2)
    }

    /// By how many milliseconds `ours` is certainly ahead of the server (behind it: negative).
    pub(in crate::cluster) fn ahead(&self, ours: Time) -> Option<i64> {
        let (earliest, latest) = self.now()?;
        let ours = (ours - DateTime::UNIX_EPOCH).min(TimeDelta::MAX).num_milliseconds();
        Some((ours - latest).max(0) + (ours - earliest).min(0))
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_780_000_000_000;

    fn time(millis: i64) -> Time {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_difference_that_is_certain_counts() {
        let dates = Dates::new();
        assert_eq!((dates.ahead(time(NOON)), dates.time()), (None, None));
        let sent = Instant::now();
        tokio::time::advance(Duration::from_secs(3)).await;
        // answered after three seconds: the server wrote its date somewhen between
        dates.learn(NOON, sent, Instant::now());
        for (ours, ahead) in [(0, 0), (3_999, 0), (9_000, 5_000), (-7_000, -7_000)] {
            assert_eq!(dates.ahead(time(NOON + ours)), Some(ahead), "{ours}");
        }
        // a quick answer narrows it
        dates.learn(NOON + 1_000, Instant::now(), Instant::now());
        assert_eq!(dates.ahead(time(NOON + 9_000)), Some(7_000));
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(dates.ahead(time(NOON + 61_500)), Some(0), "it goes on by itself");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_whose_clock_was_set_is_believed_anew() {
        let dates = Dates::new();
        dates.learn(NOON, Instant::now(), Instant::now());
        dates.learn(NOON + 3_600_000, Instant::now(), Instant::now());
        assert_eq!(dates.ahead(time(NOON + 3_600_500)), Some(0));
    }
}
