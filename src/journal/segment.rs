//! One file of a journal: telling whole entries, a torn tail and damage apart. Pure.
//!
//! An append is one write and one sync, so a crash can spoil the last write only: it leaves a beginning of it, or (after
//! a power failure) sectors of zeros in it. That is a torn tail, never acknowledged to anyone, and is set aside. All else
//! that is not an intact entry is damage to a record that once was complete, and nothing may be written behind it.

use super::chain::{Chain, Flaw, Problem, begins_with_entry, is_intact};
use crate::model::fact::Entry;
use crate::model::ids::EntryHash;

/// What disks write whole or not at all.
const SECTOR: usize = 512;

/// Name of a journal's `number`-th file, from 1.
pub(super) fn name(number: u32) -> String {
    if number == 1 { "journal.jsonl".to_owned() } else { format!("journal-{number}.jsonl") }
}

/// How a stretch of bytes ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With the line break of an entry, or empty.
    Whole,
    /// With an entry that lacks only its line break.
    NoLineBreak,
    /// With the remains of a write that did not finish.
    Torn,
    /// With something that must not be there.
    Damaged(Problem),
}

/// What a stretch of bytes holds.
#[derive(Debug)]
pub(super) struct Scan {
    /// Entries, in their order.
    pub(super) entries: Vec<Entry>,
    /// Length of the sound beginning.
    pub(super) sound: usize,
    /// What follows it.
    pub(super) end: End,
}

/// Where in a file the bytes of a scan stand, and what went before.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// Offset of the first byte.
    pub(super) offset: u64,
    /// Lines before it.
    pub(super) lines: usize,
    /// Entries of the file before, while nothing else was read from this one: it may begin by repeating some of them.
    pub(super) repeats: &'a [(u64, EntryHash)],
}

/// Reads `bytes` as the continuation of `chain`.
pub(super) fn scan(bytes: &[u8], place: &Place<'_>, chain: &mut Chain) -> Scan {
    let mut entries = Vec::new();
    let mut sound = 0;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let ends = line.last() == Some(&b'\n');
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let repeats = if entries.is_empty() { place.repeats } else { &[] };
        match accept(text, repeats, chain) {
            Ok(entry) => entries.extend(entry),
            Err(flaw) => {
                let problem = Problem { line: place.lines + index + 1, seq: seq_of(text), flaw };
                let end = if is_torn(bytes, sound, place.offset) { End::Torn } else { End::Damaged(problem) };
                return Scan { entries, sound, end };
            }
        }
        if !ends {
            return Scan { entries, sound, end: End::NoLineBreak };
        }
        sound += line.len();
    }
    Scan { entries, sound, end: End::Whole }
}

/// The next entry; none if the line repeats one of the file before.
fn accept(line: &[u8], repeats: &[(u64, EntryHash)], chain: &mut Chain) -> Result<Option<Entry>, Flaw> {
    match chain.accept(line) {
        Ok(entry) => Ok(Some(entry)),
        Err(Flaw::OutOfOrder { .. }) if is_repeat(line, repeats) => Ok(None),
        Err(flaw) => Err(flaw),
    }
}

fn is_repeat(line: &[u8], repeats: &[(u64, EntryHash)]) -> bool {
    let Ok(entry) = serde_json::from_slice::<Entry>(line) else { return false };
    is_intact(line) && repeats.iter().any(|(seq, hash)| *seq == entry.seq && *hash == entry.hash)
}

fn seq_of(line: &[u8]) -> Option<u64> {
    serde_json::from_slice::<serde_json::Value>(line).ok()?["seq"].as_u64()
}

/// Whether what stands from `start` on can be what is left of the last write.
pub(super) fn is_torn(bytes: &[u8], start: usize, offset: u64) -> bool {
    let rest = &bytes[start..];
    let intact_behind = rest.split(|byte| *byte == b'\n').any(is_intact);
    if intact_behind {
        return false;
    }
    let unfinished = !rest.contains(&b'\n') && !begins_with_entry(rest);
    unfinished || has_zero_sector(rest, offset, start)
}

/// Whether some sector's share of `rest` is all zeros; JSON holds none.
fn has_zero_sector(rest: &[u8], offset: u64, start: usize) -> bool {
    let sector = SECTOR as u64;
    let into_sector = usize::try_from((offset + start as u64) % sector).unwrap_or(0);
    let (first, others) = rest.split_at(rest.len().min(SECTOR - into_sector));
    std::iter::once(first)
        .chain(others.chunks(SECTOR))
        .any(|chunk| !chunk.is_empty() && chunk.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
#[path = "segment_tests.rs"]
mod tests;
