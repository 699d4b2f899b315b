//! How often the picture may change: a link over SSH is slower than a screen.

use std::time::Duration;

use tokio::time::Instant;

/// So many frames may follow each other at once after a rest: what comes in first (the start, an answer) is shown when
/// it is there, and only what goes on and on is slowed down.
const AT_ONCE: u32 = 4;

/// When the next frame is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pacing {
    interval: Duration,
    at_once: u32,
    /// When all frames that were drawn have had their time (generic cell rate algorithm).
    rested: Option<Instant>,
}

impl Pacing {
    /// 30 frames a second, 8 over SSH, 2 where bandwidth is low.
    #[must_use]
    pub(super) fn of(over_ssh: bool, low_bandwidth: bool) -> Self {
        let (frames, at_once) = match (low_bandwidth, over_ssh) {
            (true, _) => (2, 1),
            (false, true) => (8, AT_ONCE),
            (false, false) => (30, AT_ONCE),
        };
        Self { interval: Duration::from_secs(1) / frames, at_once, rested: None }
    }

    /// A frame was drawn.
    pub(super) fn drawn(&mut self, at: Instant) {
        self.rested = Some(self.rested.map_or(at, |rested| rested.max(at)) + self.interval);
    }

    /// A key was pressed: its answer is drawn at once.
    pub(super) fn hurry(&mut self) {
        self.rested = None;
    }

    /// Until when the next frame has to wait; `None` if it need not.
    #[must_use]
    pub(super) fn waits_until(&self, now: Instant) -> Option<Instant> {
        let due = self.rested?.checked_sub(self.interval * (self.at_once - 1))?;
        (due > now).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn frames_keep_their_distance_and_a_key_breaks_it() {
        let now = Instant::now();
        let mut pacing = Pacing::of(true, false);
        for _ in 0..AT_ONCE {
            assert_eq!(pacing.waits_until(now), None);
            pacing.drawn(now);
        }
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
