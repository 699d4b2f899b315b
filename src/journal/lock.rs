//! The lock of one append. The operating system frees it when its holder dies.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::error::JournalError;

const PAUSE: Duration = Duration::from_millis(1);
/// About two seconds: an append takes less than a millisecond, so whoever holds the lock for longer stands still.
const TRIES: u32 = 2_000;

/// Held until dropped.
#[derive(Debug)]
pub(super) struct Held(Arc<File>);

impl Held {
    /// Waits for the lock, but not for ever: a console that was stopped while holding it must not stop the others.
    pub(super) fn wait(file: &Arc<File>, path: &Path) -> Result<Self, JournalError> {
        for _ in 0..TRIES {
            if let Some(held) = Self::try_now(file, path)? {
                return Ok(held);
            }
            std::thread::sleep(PAUSE);
        }
        Err(JournalError::Busy { path: path.to_owned() })
    }

    /// Takes the lock if it is free.
    pub(super) fn try_now(file: &Arc<File>, path: &Path) -> Result<Option<Self>, JournalError> {
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(Arc::clone(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(JournalError::io("lock", path)(error)),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // closing the file frees it too; there is nothing else to do about a failure
        let _ = self.0.unlock();
    }
}
