//! The only place where clocks are read.

use std::time::Duration;

use chrono::TimeDelta;
use rustix::time::{ClockId, clock_gettime};

use crate::model::Time;

/// Wall time as it was at the start, carried on by a clock that nobody sets.
///
/// The system's clock is stepped: by hand, by a time service, by a machine that was frozen. With a step in it, panels
/// that live would look silent, control would lapse and goals would settle at once; after a step back all of that would
/// stand still. So the step is left out until the next start; [`Clock::system`] tells it apart.
#[derive(Debug)]
pub struct Clock {
    wall: Time,
    since: Duration,
}

impl Default for Clock {
    fn default() -> Self {
        Self { wall: system_clock(), since: since_boot() }
    }
}

impl Clock {
    /// Now, UTC; never earlier than any earlier answer, and never moved by somebody who sets the clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.at(since_boot())
    }

    fn at(&self, since_boot: Duration) -> Time {
        let passed = since_boot.saturating_sub(self.since);
        self.wall + TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX)
    }

    /// What the system's clock says now.
    #[must_use]
    pub fn system() -> Time {
        system_clock()
    }
}

/// Time since the machine was started, sleep included where the system counts it.
#[must_use]
pub fn since_boot() -> Duration {
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    let time = clock_gettime(clock);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that the lint protects")]
fn system_clock() -> Time {
    chrono::Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_from_the_start_by_the_clock_that_nobody_sets() {
        let wall: Time = "2026-11-20T21:30:00Z".parse().unwrap();
        let clock = Clock { wall, since: Duration::from_secs(1_000) };
        assert_eq!(clock.at(Duration::from_secs(1_000)), wall);
        assert_eq!(clock.at(Duration::from_secs(4_600)), wall + TimeDelta::hours(1));
        assert_eq!(clock.at(Duration::from_mins(15)), wall, "never earlier");
        let (first, second) = (clock.now(), clock.now());
        assert!(second >= first);
    }
}
