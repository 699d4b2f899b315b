//! Waiting for something to become true, never for time to pass.

use std::{
    thread,
    time::{Duration, Instant},
};

use color_eyre::eyre::{Report, Result, eyre};

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Now, on a clock that only goes forward.
#[expect(clippy::disallowed_methods, reason = "the tests stand outside the program: this is their clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Looks again and again until `look` finds something, at most for `limit`; `what` names it in the error,
/// together with the last error of `look`.
pub(crate) fn eventually<T>(
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = now();
    loop {
        let seen = look();
        if let Ok(Some(found)) = seen {
            return Ok(found);
        }
        if start.elapsed() > limit {
            let waited = limit.as_secs_f32();
            return Err(seen.err().map_or_else(
                || eyre!("not within {waited} s: {what}"),
                |error: Report| error.wrap_err(format!("not within {waited} s: {what}")),
            ));
        }
        thread::sleep(PAUSE);
    }
}
