//! What can go wrong with files, in words that name the remedy.

use std::io;
use std::path::{Path, PathBuf};

use super::chain::Problem;

/// Why the journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The operating system refused.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// `create`, `read`, `write`, `sync` ...
        doing: &'static str,
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A symbolic link, device or pipe stands where a file or directory was due.
    #[error("{path} is a symbolic link or not a plain file or directory: move it away and try again")]
    NotPlain {
        /// What.
        path: PathBuf,
    },
    /// The place belongs to another user.
    #[error(
        "{path} belongs to uid {owner}, this process runs as uid {own}: set XDG_STATE_HOME to a directory of your own"
    )]
    Foreign {
        /// What.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// We.
        own: u32,
    },
    /// An id that would not be one plain file name.
    #[error("`{name}` cannot name a file of the journal")]
    BadName {
        /// What was asked for.
        name: String,
    },
    /// Another console holds the lock of one append for seconds: it is stopped, or its disk hangs.
    #[error("{path} is locked by another console: is one stopped (`fg`), or does its disk hang?")]
    Busy {
        /// What.
        path: PathBuf,
    },
    /// A record that was complete once is not intact.
    #[error(
        "{path}, {problem}: nothing is written to a damaged journal; keep the file and start a new session"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What and where.
        problem: Box<Problem>,
    },
    /// The file was deleted or replaced while it was in use.
    #[error("{path} was moved, deleted or replaced while in use: put it back or start a new session")]
    Replaced {
        /// What.
        path: PathBuf,
    },
    /// The head that an append was to follow is not in the journal.
    #[error("{path} does not hold the entry that this console saw last: it was replaced by another journal")]
    UnknownHead {
        /// What.
        path: PathBuf,
    },
    /// A fact that cannot be written as JSON.
    #[error("a fact cannot be written as JSON: {0}")]
    Encoding(#[from] serde_json::Error),
}

impl JournalError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    pub(super) fn os(doing: &'static str, path: &Path) -> impl FnOnce(rustix::io::Errno) -> Self {
        let wrap = Self::io(doing, path);
        move |errno| wrap(errno.into())
    }
}
