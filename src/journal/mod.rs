//! The journal: an ordered list of facts on disk, chained by hashes, and what is kept beside it.
//!
//! Here live the form of an entry and its verification ([`chain`], pure), the file store that several consoles share
//! (`file`), the revisions that some console saw complete ([`revisions`]), captured evidence ([`capture`]) and the
//! list of sessions on this host ([`sessions`]). What a fact means lives in `core`; clocks and ids come from the caller.
//! Everything that is written belongs to the user alone: files 0600, directories 0700, symbolic links refused.
//!
//! ```text
//! <state>/<cluster id>/revisions.jsonl
//! <state>/<cluster id>/<session>/journal.jsonl      then journal-2.jsonl ... after a failed write
//! <state>/<cluster id>/<session>/torn-1             bytes that a crash left behind, set aside
//! <state>/<cluster id>/<session>/capture/<name>
//! ```

pub mod anchor;
pub mod capture;
pub mod chain;
mod dir;
mod error;
pub mod file;
#[cfg(test)]
mod kill_tests;
mod lock;
pub mod presence;
mod read;
pub mod revisions;
mod segment;
pub mod sessions;
#[cfg(test)]
mod testing;

pub use capture::{Capture, Captures};
pub use chain::Stamp;
pub use dir::private_directory;
pub use error::JournalError;
pub use file::{Appended, Draft, FileJournal, Fresh, Notice, Opened};
pub use read::Checked;
pub use revisions::{Revisions, SeenRevision};
pub use sessions::SessionInfo;
