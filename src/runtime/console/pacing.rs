//! How often the picture may change: a link over SSH is slower than a screen.

use std::time::Duration;

use tokio::time::Instant;

/// When the next frame is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pacing {
    interval: Duration,
    not_before: Option<Instant>,
}

impl Pacing {
    /// 30 frames a second, 8 over SSH, 2 where bandwidth is low.
    #[must_use]
    pub(super) fn of(over_ssh: bool, low_bandwidth: bool) -> Self {
        let frames = match (low_bandwidth, over_ssh) {
            (true, _) => 2,
            (false, true) => 8,
            (false, false) => 30,
        };
        Self { interval: Duration::from_secs(1) / frames, not_before: None }
    }

    /// A frame was drawn.
    pub(super) fn drawn(&mut self, at: Instant) {
        self.not_before = Some(at + self.interval);
    }

    /// A key was pressed: its answer is drawn at once.
    pub(super) fn hurry(&mut self) {
        self.not_before = None;
    }

    /// Until when the next frame has to wait; `None` if it need not.
    #[must_use]
    pub(super) fn waits_until(&self, now: Instant) -> Option<Instant> {
        self.not_before.filter(|at| *at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn frames_keep_their_distance_and_a_key_breaks_it() {
        let now = Instant::now();
        let mut pacing = Pacing::of(true, false);
        assert_eq!(pacing.waits_until(now), None);
        pacing.drawn(now);
        assert_eq!(pacing.waits_until(now), Some(now + Duration::from_millis(125)));
        assert_eq!(pacing.waits_until(now + Duration::from_millis(125)), None);
        pacing.hurry();
        assert_eq!(pacing.waits_until(now), None);
    }

    #[test]
    fn low_bandwidth_goes_before_ssh() {
        assert_eq!(Pacing::of(true, true).interval, Duration::from_millis(500));
    }
}
