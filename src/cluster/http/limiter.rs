//! Politeness: a few requests a second in the long run, a burst at the start, and silence when the server asks for it.
//!
//! There are lanes, because a queue of metrics queries must never make a watch late: a late watch looks like a dead
//! server.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// What a request is for. Writes do not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// A watch, asked for anew every ten seconds, and the list before it.
    Stream,
    /// A read for the screen, a question of permission.
    Read,
    /// A metrics query through the API server.
    Proxied,
}

/// One limiter for each lane.
#[derive(Debug)]
pub(super) struct Lanes {
    streams: Limiter,
    reads: Limiter,
    proxied: Limiter,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            // forty watches ask four times a second: with no more than that a backlog would never shrink, and every
            // watch would be late for good
            streams: Limiter::new(60, Duration::from_millis(200)),
            reads: Limiter::new(20, Duration::from_millis(500)),
            proxied: Limiter::new(40, Duration::from_millis(500)),
        }
    }
}

impl Lanes {
    /// Waits until one more request may leave.
    pub(super) async fn admit(&self, lane: Lane) {
        let limiter = match lane {
            Lane::Stream => &self.streams,
            Lane::Read => &self.reads,
            Lane::Proxied => &self.proxied,
        };
        sleep_until(limiter.reserve(Instant::now())).await;
    }

    /// Nothing leaves for `wait` (the server said 429).
    pub(super) fn back_off(&self, wait: Duration) {
        for limiter in [&self.streams, &self.reads, &self.proxied] {
            limiter.back_off(wait);
        }
    }
}

/// Hands out the moments at which requests may leave.
#[derive(Debug)]
struct Limiter {
    /// Requests in a row that need not wait.
    burst: u32,
    /// Distance of the requests after them.
    steady: Duration,
    /// When the bucket is full again (generic cell rate algorithm); `None` before the first request.
    full_at: Mutex<Option<Instant>>,
}

impl Limiter {
    fn new(burst: u32, steady: Duration) -> Self {
        Self { burst, steady, full_at: Mutex::new(None) }
    }

    fn back_off(&self, wait: Duration) {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = Instant::now() + wait + self.steady * (self.burst - 1);
        *full_at = Some(full_at.map_or(quiet, |known| known.max(quiet)));
    }

    fn reserve(&self, now: Instant) -> Instant {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let next = full_at.unwrap_or(now).max(now) + self.steady;
        *full_at = Some(next);
        next.checked_sub(self.steady * self.burst).map_or(now, |leave| leave.max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEADY: Duration = Duration::from_millis(200);

    #[tokio::test(start_paused = true)]
    async fn a_burst_leaves_at_once_and_the_rest_at_five_a_second() {
        let limiter = Limiter::new(60, STEADY);
        let start = Instant::now();
        let leaves: Vec<Duration> = (0..70).map(|_| limiter.reserve(start) - start).collect();
        assert!(leaves[..60].iter().all(Duration::is_zero), "{leaves:?}");
        assert_eq!(leaves[69], STEADY * 10);
    }

    #[tokio::test(start_paused = true)]
    async fn metrics_never_make_a_watch_late() {
        let lanes = Lanes::default();
        for _ in 0..500 {
            lanes.proxied.reserve(Instant::now());
        }
        let start = Instant::now();
        lanes.admit(Lane::Stream).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_backlog_of_watches_shrinks_also_where_there_are_as_many_as_there_may_be() {
        let lanes = Lanes::default();
        // all that a change of scope can start, three times over
        for _ in 0..120 {
            lanes.streams.reserve(Instant::now());
        }
        let late = || lanes.streams.reserve(Instant::now()) - Instant::now();
        assert!(late() > Duration::from_secs(10));
        for _ in 0..8 {
            tokio::time::advance(Duration::from_secs(10)).await;
            for _ in 0..40 {
                lanes.streams.reserve(Instant::now());
            }
        }
        assert_eq!(late(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_silences_everything_for_its_time() {
        let limiter = Limiter::new(60, STEADY);
        limiter.back_off(Duration::from_secs(3));
        let start = Instant::now();
        assert!(limiter.reserve(start) - start >= Duration::from_secs(3));
    }
}
