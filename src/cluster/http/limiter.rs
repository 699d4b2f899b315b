//! Politeness: five requests a second in the long run, a burst at the start, and silence when the server asks for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Requests in a row that need not wait.
const BURST: u32 = 60;
/// Distance of the requests after them.
const STEADY: Duration = Duration::from_millis(200);

/// Hands out the moments at which requests may leave. Writes do not ask.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    /// When the bucket is full again (generic cell rate algorithm); `None` before the first request.
    full_at: Mutex<Option<Instant>>,
}

impl Limiter {
    /// Waits until one more request may leave.
    pub(super) async fn admit(&self) {
        sleep_until(self.reserve(Instant::now())).await;
    }

    /// Nothing leaves for `wait` (the server said 429).
    pub(super) fn back_off(&self, wait: Duration) {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = Instant::now() + wait + STEADY * (BURST - 1);
        *full_at = Some(full_at.map_or(quiet, |known| known.max(quiet)));
    }

    fn reserve(&self, now: Instant) -> Instant {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let next = full_at.unwrap_or(now).max(now) + STEADY;
        *full_at = Some(next);
        next.checked_sub(STEADY * BURST).map_or(now, |leave| leave.max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_leaves_at_once_and_the_rest_at_five_a_second() {
        let limiter = Limiter::default();
        let start = Instant::now();
        let leaves: Vec<Duration> = (0..70).map(|_| limiter.reserve(start) - start).collect();
        assert!(leaves[..60].iter().all(Duration::is_zero), "{leaves:?}");
        assert_eq!(leaves[69], STEADY * 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_silences_everything_for_its_time() {
        let limiter = Limiter::default();
        limiter.back_off(Duration::from_secs(3));
        let start = Instant::now();
        assert!(limiter.reserve(start) - start >= Duration::from_secs(3));
    }
}
