//! The file store: a journal that several consoles on one host append to, none of them owning it.
//!
//! An append is compare-and-append: under a lock held for this one append, what others wrote since is read, the head is
//! compared with the one that the caller judged by, and only if they agree one write and one sync follow. Calls block
//! for as long as the disk does, so they belong on a thread of their own.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chain::{Chain, Stamp, seal};
use super::dir::{PrivateDir, read_from};
use super::error::JournalError;
use super::lock::Held;
use super::read;
use super::segment::{self, End, Place};
use crate::model::fact::{Entry, Fact};
use crate::model::ids::{ClusterId, EntryHash, SessionId};

/// Facts to be recorded together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Head of the journal as the caller knew it when it judged.
    pub expected: EntryHash,
    /// When and who.
    pub stamp: Stamp,
    /// What, in order. One line each, one sync for all.
    pub facts: Vec<Fact>,
}

/// Something about the files that somebody should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// What a crash left of an unfinished append was set aside.
    TornTail {
        /// File that holds the bytes now.
        file: String,
        /// How many.
        bytes: usize,
    },
    /// A write or sync failed; the journal goes on in a new file.
    NewFile {
        /// Its name.
        file: String,
        /// What failed.
        why: String,
    },
}

/// How an append ended.
#[derive(Debug)]
pub enum Appended {
    /// The facts are on disk.
    Stored {
        /// Their entries.
        entries: Vec<Entry>,
        /// What happened to the files on the way.
        notices: Vec<Notice>,
    },
    /// Nothing was written: others wrote since. Apply these, judge again, try again.
    Moved {
        /// Everything after the expected head. [`FileJournal::poll`] may have delivered some of it already.
        entries_between: Vec<Entry>,
    },
    /// Nothing was acknowledged, and the caller must not count on it.
    Failed(JournalError),
}

/// A journal, opened, and what it held.
#[derive(Debug)]
pub struct Opened {
    /// The journal.
    pub journal: FileJournal,
    /// All entries.
    pub entries: Vec<Entry>,
    /// What happened to the files on the way.
    pub notices: Vec<Notice>,
}

/// What others wrote.
#[derive(Debug, Default)]
pub struct Fresh {
    /// Their entries.
    pub entries: Vec<Entry>,
    /// What happened to the files on the way.
    pub notices: Vec<Notice>,
}

/// One session's journal.
#[derive(Debug)]
pub struct FileJournal {
    dir: PrivateDir,
    session: SessionId,
    lock: Arc<File>,
    open: OpenFile,
    chain: Chain,
    notices: Vec<Notice>,
}

/// The file that is appended to.
#[derive(Debug)]
struct OpenFile {
    file: File,
    number: u32,
    /// Bytes that were read and are sound.
    length: u64,
    lines: usize,
    /// Number and hash of each entry in it.
    hashes: Vec<(u64, EntryHash)>,
    /// Number and hash of each entry in the file before, until this one holds an entry of its own.
    before: Vec<(u64, EntryHash)>,
    /// Length up to which it can be trusted after a failed write or sync. It is not written to again.
    failed_at: Option<u64>,
}

impl OpenFile {
    fn new(file: File, number: u32, before: Vec<(u64, EntryHash)>) -> Self {
        Self { file, number, length: 0, lines: 0, hashes: Vec::new(), before, failed_at: None }
    }

    fn name(&self) -> String {
        segment::name(self.number)
    }

    fn write(&self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all_at(lines, self.length)?;
        self.file.sync_data()
    }

    fn advance(&mut self, lines: &[u8], entries: &[Entry]) {
        self.length += lines.len() as u64;
        self.lines += lines.split_inclusive(|byte| *byte == b'\n').count();
        if !entries.is_empty() {
            self.before.clear();
        }
        self.hashes.extend(entries.iter().map(|entry| (entry.seq, entry.hash.clone())));
    }
}

impl FileJournal {
    /// Starts a session below `state`. Fails if it exists.
    pub fn create(state: &Path, cluster: &ClusterId, session: &SessionId) -> Result<Self, JournalError> {
        let dir = PrivateDir::create_root(state)?.create_child(cluster.as_str())?;
        let dir = dir.create_child(session.as_str())?;
        let file = dir.create(&segment::name(1))?;
        Self::over(dir, session, file)
    }

    /// Opens a session; `None` if there is none of that name. What a crash left behind is set aside.
    pub fn open(
        state: &Path,
        cluster: &ClusterId,
        session: &SessionId,
    ) -> Result<Option<Opened>, JournalError> {
        let Some(root) = PrivateDir::open_root(state)? else { return Ok(None) };
        let Some(dir) = root.child(cluster.as_str())? else { return Ok(None) };
        let Some(dir) = dir.child(session.as_str())? else { return Ok(None) };
        let Some(file) = dir.open(&segment::name(1))? else { return Ok(None) };
        let mut journal = Self::over(dir, session, file)?;
        let entries = {
            let _held = Held::wait(&journal.lock, &journal.path())?;
            journal.catch_up()?
        };
        let notices = std::mem::take(&mut journal.notices);
        Ok(Some(Opened { journal, entries, notices }))
    }

    fn over(dir: PrivateDir, session: &SessionId, file: File) -> Result<Self, JournalError> {
        let path = dir.at(&segment::name(1))?;
        let lock = file.try_clone().map_err(JournalError::io("open", &path))?;
        let open = OpenFile::new(file, 1, Vec::new());
        Ok(Self {
            dir,
            session: session.clone(),
            lock: Arc::new(lock),
            open,
            chain: Chain::default(),
            notices: Vec::new(),
        })
    }

    /// Hash of the last entry that was delivered or stored.
    #[must_use]
    pub fn head(&self) -> &EntryHash {
        self.chain.head()
    }

    /// The session's directory.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn directory(&self) -> &PrivateDir {
        &self.dir
    }

    /// The file that is appended to.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.dir.path().join(self.open.name())
    }

    /// Records facts behind the expected head, or not at all.
    pub fn append(&mut self, draft: Draft) -> Appended {
        self.try_append(draft).unwrap_or_else(Appended::Failed)
    }

    fn try_append(&mut self, draft: Draft) -> Result<Appended, JournalError> {
        let _held = Held::wait(&self.lock, &self.path())?;
        self.still_there()?;
        self.catch_up()?;
        if *self.chain.head() != draft.expected {
            return Ok(Appended::Moved { entries_between: self.entries_after(&draft.expected)? });
        }
        let (entries, lines) = self.seal_all(draft)?;
        self.store(&lines, &entries)?;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            // just sealed: it follows
            let _ = self.chain.accept(line.strip_suffix(b"\n").unwrap_or(line));
        }
        Ok(Appended::Stored { entries, notices: std::mem::take(&mut self.notices) })
    }

    fn seal_all(&self, draft: Draft) -> Result<(Vec<Entry>, Vec<u8>), JournalError> {
        let mut head = self.chain.head().clone();
        let mut entries = Vec::with_capacity(draft.facts.len());
        let mut lines = Vec::new();
        for (seq, fact) in (self.chain.seq() + 1..).zip(draft.facts) {
            let sealed = seal(head, seq, self.session.clone(), draft.stamp.clone(), fact)?;
            head = sealed.entry.hash.clone();
            lines.extend_from_slice(sealed.line.as_bytes());
            entries.push(sealed.entry);
        }
        Ok((entries, lines))
    }

    /// Delivers what others wrote. Costs two looks at the directory when they wrote nothing; made to be called about four
    /// times a second.
    pub fn poll(&mut self) -> Result<Fresh, JournalError> {
        let grown = self.dir.size(&self.open.name()) != Some(self.open.length);
        let continued = self.dir.size(&segment::name(self.open.number + 1)).is_some();
        if !grown && !continued {
            return Ok(Fresh::default());
        }
        // nothing is delivered that its writer may yet fail to sync: that is what the lock is for here
        let Some(_held) = Held::try_now(&self.lock, &self.path())? else { return Ok(Fresh::default()) };
        self.still_there()?;
        let entries = self.catch_up()?;
        Ok(Fresh { entries, notices: std::mem::take(&mut self.notices) })
    }

    fn still_there(&self) -> Result<(), JournalError> {
        let same = self.dir.names(&segment::name(1), &self.lock)
            && self.dir.names(&self.open.name(), &self.open.file);
        if same { Ok(()) } else { Err(JournalError::Replaced { path: self.path() }) }
    }

    /// Reads on to the end of the last file, and puts its tail in order. Needs the lock.
    fn catch_up(&mut self) -> Result<Vec<Entry>, JournalError> {
        let mut found = Vec::new();
        loop {
            let next = self.dir.open(&segment::name(self.open.number + 1))?;
            found.extend(self.read_on(next.is_none())?);
            let Some(file) = next else { return Ok(found) };
            let before = std::mem::take(&mut self.open.hashes);
            self.open = OpenFile::new(file, self.open.number + 1, before);
        }
    }

    fn read_on(&mut self, is_last: bool) -> Result<Vec<Entry>, JournalError> {
        let path = self.path();
        let bytes = read_from(&self.open.file, self.open.length).map_err(JournalError::io("read", &path))?;
        let place = Place { offset: self.open.length, lines: self.open.lines, repeats: &self.open.before };
        let scan = segment::scan(&bytes, &place, &mut self.chain);
        self.open.advance(&bytes[..scan.sound], &scan.entries);
        match scan.end {
            End::Damaged(problem) => Err(JournalError::Damaged { path, problem: Box::new(problem) }),
            End::NoLineBreak if is_last => {
                // the entry is whole and counts; only the line break was lost
                let line = &bytes[scan.sound..];
                let end = self.open.length + line.len() as u64;
                self.open.file.write_all_at(b"\n", end).map_err(JournalError::io("mend", &path))?;
                self.open.file.sync_data().map_err(JournalError::io("sync", &path))?;
                self.open.length = end + 1;
                self.open.lines += 1;
                Ok(scan.entries)
            }
            End::Torn if is_last => {
                self.set_aside(&bytes[scan.sound..])?;
                Ok(scan.entries)
            }
            End::Whole | End::NoLineBreak | End::Torn => Ok(scan.entries),
        }
    }

    /// Keeps torn bytes for whoever wants to look at them, then cuts them off.
    fn set_aside(&mut self, torn: &[u8]) -> Result<(), JournalError> {
        let path = self.path();
        let name = self.dir.free_name(|n| format!("torn-{n}"));
        let aside = self.dir.create(&name)?;
        let kept = self.dir.at(&name)?;
        aside.write_all_at(torn, 0).map_err(JournalError::io("write", &kept))?;
        aside.sync_all().map_err(JournalError::io("sync", &kept))?;
        self.open.file.set_len(self.open.length).map_err(JournalError::io("cut", &path))?;
        self.open.file.sync_all().map_err(JournalError::io("sync", &path))?;
        self.notices.push(Notice::TornTail { file: name, bytes: torn.len() });
        Ok(())
    }

    /// Writes and syncs; after a failure once more into a new file, because a file whose sync failed may lose what it
    /// seems to hold, and a second sync may claim success for it.
    fn store(&mut self, lines: &[u8], entries: &[Entry]) -> Result<(), JournalError> {
        let path = self.path();
        let failure = match self.open.failed_at {
            Some(_) => None,
            None => match self.open.write(lines) {
                Ok(()) => {
                    self.open.advance(lines, entries);
                    return Ok(());
                }
                Err(error) => Some(error),
            },
        };
        let why = failure.as_ref().map_or_else(|| "an earlier write failed".to_owned(), ToString::to_string);
        let trusted = *self.open.failed_at.get_or_insert(self.open.length);
        let Err(error) = self.continue_in_new_file(trusted, lines, entries) else {
            self.notices.push(Notice::NewFile { file: self.open.name(), why });
            return Ok(());
        };
        // what may have got into the old file was not acknowledged: other consoles must not see it
        let _ = self.open.file.set_len(self.open.length);
        Err(failure.map_or(error, JournalError::io("write", &path)))
    }

    fn continue_in_new_file(
        &mut self,
        trusted: u64,
        lines: &[u8],
        entries: &[Entry],
    ) -> Result<(), JournalError> {
        let mut whole =
            read_from(&self.open.file, trusted).map_err(JournalError::io("read", &self.path()))?;
        whole.truncate(usize::try_from(self.open.length - trusted).unwrap_or(0));
        whole.extend_from_slice(lines);
        let number = self.open.number + 1;
        let name = segment::name(number);
        let file = self.dir.create(&name)?;
        let mut next = OpenFile::new(file, number, self.open.hashes.clone());
        if let Err(error) = next.write(&whole) {
            // an empty name would make others look for the journal's end where it is not
            self.dir.remove(&name)?;
            return Err(JournalError::io("write", &self.dir.at(&name)?)(error));
        }
        next.advance(&whole, entries);
        self.open = next;
        Ok(())
    }

    /// Everything behind `known`, read anew.
    fn entries_after(&self, known: &EntryHash) -> Result<Vec<Entry>, JournalError> {
        let all = read::check_held(&self.dir)?;
        if *known == super::chain::genesis() {
            return Ok(all.entries);
        }
        let at = all.entries.iter().position(|entry| entry.hash == *known);
        let at = at.ok_or_else(|| JournalError::UnknownHead { path: self.path() })?;
        Ok(all.entries.into_iter().skip(at + 1).collect())
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
