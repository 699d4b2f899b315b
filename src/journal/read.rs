//! A journal read as a whole, without changing anything: for verification, lists and a console that was overtaken.

use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::Arc;

use super::chain::{Chain, Problem, Verification, is_intact, verify};
use super::dir::{PrivateDir, read_from};
use super::error::JournalError;
use super::lock::Held;
use super::segment;
use crate::model::fact::Entry;
use crate::model::ids::EntryHash;

/// Bytes of the first entry that are read at most.
const LONGEST_FIRST: u64 = 64 * 1024;

/// A journal as it stands on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Entries that can be read, flawed or not.
    pub entries: Vec<Entry>,
    /// Hash of the last intact one.
    pub head: EntryHash,
    /// Everything that is wrong, and in which file.
    pub problems: Vec<(String, Problem)>,
    /// Bytes of an append that a crash cut short, at the end of the last file. The next console sets them aside.
    pub torn: usize,
}

/// One line of one file.
struct Line<'a> {
    file: u32,
    number: usize,
    text: &'a [u8],
}

/// Reads all files of a session's directory, between two appends. `None` if it holds no journal.
pub(super) fn check(dir: &PrivateDir) -> Result<Option<Checked>, JournalError> {
    let name = segment::name(1);
    let Some(file) = dir.open(&name)? else { return Ok(None) };
    let _held = Held::wait(&Arc::new(file), &dir.at(&name)?)?;
    check_held(dir).map(Some)
}

/// The same for a caller that holds the lock.
pub(super) fn check_held(dir: &PrivateDir) -> Result<Checked, JournalError> {
    let files = read_files(dir)?;
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut torn = 0;
    for (file, bytes) in (1..).zip(&files) {
        let sound = sound_length(bytes);
        torn = bytes.len() - sound;
        let before = lines.len();
        for (index, text) in bytes[..sound].split_inclusive(|byte| *byte == b'\n').enumerate() {
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            // a new file may begin by repeating what the one before may have lost
            let first = lines.len() == before;
            if !(first && lines[..before].iter().any(|line| line.text == text)) {
                lines.push(Line { file, number: index + 1, text });
            }
        }
    }
    let Verification { entries, head, problems } = verify(lines.iter().map(|line| line.text));
    let problems = problems.into_iter().filter_map(|problem| located(problem, &lines)).collect();
    Ok(Checked { entries, head, problems, torn })
}

/// The first entry alone, if it is intact: enough to tell what a session is about without reading all of it.
pub(super) fn first(dir: &PrivateDir) -> Result<Option<Entry>, JournalError> {
    let name = segment::name(1);
    let Some(file) = dir.open(&name)? else { return Ok(None) };
    let mut line = Vec::new();
    let mut reader = BufReader::new(file).take(LONGEST_FIRST);
    reader.read_until(b'\n', &mut line).map_err(JournalError::io("read", &dir.at(&name)?))?;
    Ok(Chain::default().accept(line.strip_suffix(b"\n").unwrap_or(&line)).ok())
}

fn located(problem: Problem, lines: &[Line<'_>]) -> Option<(String, Problem)> {
    let line = lines.get(problem.line.checked_sub(1)?)?;
    Some((segment::name(line.file), Problem { line: line.number, ..problem }))
}

fn read_files(dir: &PrivateDir) -> Result<Vec<Vec<u8>>, JournalError> {
    let mut files = Vec::new();
    for number in 1.. {
        let name = segment::name(number);
        let Some(file) = dir.open(&name)? else { break };
        files.push(read_from(&file, 0).map_err(JournalError::io("read", &dir.at(&name)?))?);
    }
    Ok(files)
}

/// Length without the remains of a write that did not finish.
fn sound_length(bytes: &[u8]) -> usize {
    let mut start = bytes.len();
    for line in bytes.split_inclusive(|byte| *byte == b'\n').rev() {
        if is_intact(line.strip_suffix(b"\n").unwrap_or(line)) {
            break;
        }
        start -= line.len();
    }
    if segment::is_torn(bytes, start, 0) { start } else { bytes.len() }
}
