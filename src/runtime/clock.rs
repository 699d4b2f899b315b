//! The only place where the wall clock is read.

use std::sync::Mutex;

use crate::model::Time;

/// A wall clock that never runs backwards within one process.
///
/// A stepped system clock would otherwise make ages negative and timers of the core fire late; the step itself is
/// swallowed: time stands still until the system clock has caught up.
#[derive(Debug, Default)]
pub struct Clock {
    last: Mutex<Option<Time>>,
}

impl Clock {
    /// Now, UTC; never earlier than any earlier answer.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the lint protects")]
    pub fn now(&self) -> Time {
        let read = chrono::Utc::now();
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = last.map_or(read, |last| last.max(read));
        *last = Some(now);
        now
    }
}
