//! Evidence beside the journal: logs, events and objects as they were when someone decided.
//!
//! The journal names a capture by its file and sha256 (`Fact::EvidenceCaptured`).

use std::os::unix::fs::FileExt as _;

use super::chain::sha256_hex;
use super::dir::PrivateDir;
use super::error::JournalError;
use super::file::FileJournal;

const FOLDER: &str = "capture";
/// Longest capture; more is cut at a line's end, and the file says so.
pub const LONGEST_CAPTURE: usize = 4 * 1024 * 1024;

/// The captures of one session. Apart from the journal, so that writing evidence never stands in an append's way.
#[derive(Debug)]
pub struct Captures {
    dir: PrivateDir,
}

/// A capture, written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// File name in the session's capture folder.
    pub file: String,
    /// sha256 of the file.
    pub sha256: String,
    /// Lines in it.
    pub lines: u32,
}

impl Captures {
    /// The captures of a journal's session.
    pub fn of(journal: &FileJournal) -> Result<Self, JournalError> {
        Ok(Self { dir: journal.directory().create_child(FOLDER)? })
    }

    /// Writes `content` under `name`, or under `name-2` ... where that is taken.
    pub fn store(&self, name: &str, content: &str) -> Result<Capture, JournalError> {
        let content = bounded(content);
        let numbered = |n| if n == 1 { name.to_owned() } else { format!("{name}-{n}") };
        let file = self.dir.free_name(numbered);
        let path = self.dir.at(&file)?;
        let open = self.dir.create(&file)?;
        open.write_all_at(content.as_bytes(), 0).map_err(JournalError::io("write", &path))?;
        open.sync_all().map_err(JournalError::io("sync", &path))?;
        let lines = u32::try_from(content.lines().count()).unwrap_or(u32::MAX);
        Ok(Capture { file, sha256: sha256_hex(content.as_bytes()), lines })
    }
}

fn bounded(content: &str) -> String {
    if content.len() <= LONGEST_CAPTURE {
        return content.to_owned();
    }
    let mut end = LONGEST_CAPTURE;
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    let end = content[..end].rfind('\n').map_or(end, |at| at + 1);
    format!("{}[cut here: {} bytes more]\n", &content[..end], content.len() - end)
}
