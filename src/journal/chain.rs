//! The form of an entry, its hash, and the verification of a whole journal. Pure.
//!
//! An entry is one line of JSON whose last member is `hash`: the sha256, in lower-case hex, of the line as it would be
//! without that member. `prev` is the hash of the entry before, 64 zeros for the first. The hash is taken over bytes,
//! not over a re-serialised value, so an auditor needs neither this program nor a canonical form of JSON:
//!
//! ```sh
//! prev=$(printf '%064d' 0); seq=0; broken=0
//! while IFS= read -r line; do
//!   seq=$((seq + 1))
//!   hash=$(printf '%s' "${line%,\"hash\":*}}" | sha256sum | cut -d ' ' -f 1)
//!   said=$(printf '%s' "$line" | jq -r '"\(.seq) \(.prev) \(.hash)"')
//!   [ "$said" = "$seq $prev $hash" ] || { echo "entry $seq is broken"; broken=1; }
//!   prev=$hash
//! done < journal.jsonl
//! [ "$broken" = 0 ] && echo "$seq entries, head $prev"
//! ```
//!
//! (A journal that was continued in `journal-2.jsonl` is read as one, less the lines that the new file repeats.)
//! A chain shows edits, gaps and splices. It cannot show that its tail was cut off at a line's end, or that the owner
//! of the file wrote all of it anew: for that, compare the head with one recorded elsewhere.

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::Time;
use crate::model::fact::{Author, Clocks, Entry, Fact};
use crate::model::ids::{EntryHash, SessionId};

/// What stands between an entry's content and its hash.
const HASH_MEMBER: &str = ",\"hash\":\"";
const HASH_LENGTH: usize = 64;
const LINE_END: &str = "\"}";

/// The `prev` of a first entry.
#[must_use]
pub fn genesis() -> EntryHash {
    EntryHash("0".repeat(HASH_LENGTH))
}

/// sha256 in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(HASH_LENGTH), |mut hex, byte| {
        // writing to a String cannot fail
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// An entry and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The entry.
    pub entry: Entry,
    /// Its line, line break included.
    pub line: String,
}

/// When and by whom something is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: Time,
    /// What other clocks say.
    pub clocks: Option<Clocks>,
    /// Who.
    pub author: Author,
}

/// All of an entry but its hash, in the order of the line.
#[derive(Serialize)]
struct Content<'a> {
    seq: u64,
    session: &'a SessionId,
    prev: &'a EntryHash,
    at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    clocks: Option<&'a Clocks>,
    author: &'a Author,
    fact: &'a Fact,
}

/// Makes an entry that follows `prev` as number `seq`.
pub fn seal(
    prev: EntryHash,
    seq: u64,
    session: SessionId,
    stamp: Stamp,
    fact: Fact,
) -> Result<Sealed, serde_json::Error> {
    let Stamp { at, clocks, author } = stamp;
    let content = Content {
        seq,
        session: &session,
        prev: &prev,
        at,
        clocks: clocks.as_ref(),
        author: &author,
        fact: &fact,
    };
    let mut line = serde_json::to_string(&content)?;
    let hash = EntryHash(sha256_hex(line.as_bytes()));
    line.pop();
    line.push_str(HASH_MEMBER);
    line.push_str(&hash.0);
    line.push_str(LINE_END);
    line.push('\n');
    Ok(Sealed { entry: Entry { seq, session, prev, hash, at, clocks, author, fact }, line })
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is no entry.
    Unreadable {
        /// Why.
        why: String,
    },
    /// Its content is not what its hash was made of.
    Altered,
    /// Entries are missing before it, or it stands in the wrong place.
    OutOfOrder {
        /// The number that was due.
        due: u64,
    },
    /// It was made to follow another entry than the one before it.
    Unlinked,
    /// It belongs to another session.
    OtherSession {
        /// The session that the journal began with.
        due: SessionId,
    },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { why } => write!(f, "cannot be read: {why}"),
            Self::Altered => f.write_str("was altered: its hash does not match its content"),
            Self::OutOfOrder { due } => write!(f, "stands where entry {due} was due"),
            Self::Unlinked => f.write_str("does not follow the entry before it: one of the two was replaced"),
            Self::OtherSession { due } => write!(f, "belongs to another session than {due}"),
        }
    }
}

/// A flaw and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// The number that the line gives itself, where it can be read.
    pub seq: Option<u64>,
    /// What is wrong.
    pub flaw: Flaw,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "line {}: entry {seq} {}", self.line, self.flaw),
            None => write!(f, "line {} {}", self.line, self.flaw),
        }
    }
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Entries that can be read, flawed or not, in the order of the lines.
    pub entries: Vec<Entry>,
    /// Hash of the last intact one; of none, [`genesis`].
    pub head: EntryHash,
    /// Everything that is wrong, in the order of the lines.
    pub problems: Vec<Problem>,
}

/// Verifies whole lines, without their line breaks. Goes on behind a flaw, so that each is named.
pub fn verify<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Verification {
    let mut chain = Chain::default();
    let mut found = Verification { entries: Vec::new(), head: genesis(), problems: Vec::new() };
    for (index, line) in lines.into_iter().enumerate() {
        let (entry, flaw) = match read(line) {
            Ok((entry, true)) => {
                let flaw = chain.flaw(&entry);
                chain.advance(&entry);
                (Some(entry), flaw)
            }
            Ok((entry, false)) => {
                chain.skip();
                (Some(entry), Some(Flaw::Altered))
            }
            Err(flaw) => {
                chain.skip();
                (None, Some(flaw))
            }
        };
        if let Some(flaw) = flaw {
            let seq = entry.as_ref().map(|entry| entry.seq);
            found.problems.push(Problem { line: index + 1, seq, flaw });
        }
        found.entries.extend(entry);
    }
    found.head = chain.head().clone();
    found
}

/// The end of a chain: what the next entry must follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    session: Option<SessionId>,
    seq: u64,
    head: EntryHash,
    /// Whether the entry before was altered or could not be read, so that nothing can be said about the link to it.
    gap: bool,
}

impl Default for Chain {
    fn default() -> Self {
        Self { session: None, seq: 0, head: genesis(), gap: false }
    }
}

impl Chain {
    /// Hash of the last entry.
    #[must_use]
    pub fn head(&self) -> &EntryHash {
        &self.head
    }

    /// Number of the last entry.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Reads the next line, or says why it cannot be the next entry.
    pub fn accept(&mut self, line: &[u8]) -> Result<Entry, Flaw> {
        let (entry, intact) = read(line)?;
        if !intact {
            return Err(Flaw::Altered);
        }
        if let Some(flaw) = self.flaw(&entry) {
            return Err(flaw);
        }
        self.advance(&entry);
        Ok(entry)
    }

    fn flaw(&self, entry: &Entry) -> Option<Flaw> {
        let due = self.seq + 1;
        match &self.session {
            Some(session) if *session != entry.session => Some(Flaw::OtherSession { due: session.clone() }),
            _ if entry.seq != due => Some(Flaw::OutOfOrder { due }),
            _ if !self.gap && entry.prev != self.head => Some(Flaw::Unlinked),
            _ => None,
        }
    }

    fn advance(&mut self, entry: &Entry) {
        self.session.get_or_insert_with(|| entry.session.clone());
        self.seq = entry.seq;
        self.head = entry.hash.clone();
        self.gap = false;
    }

    fn skip(&mut self) {
        self.seq += 1;
        self.gap = true;
    }
}

/// Whether a line is an entry that matches its own hash, wherever it belongs.
#[must_use]
pub fn is_intact(line: &[u8]) -> bool {
    matches!(read(line), Ok((_, true)))
}

/// Reads a line; the flag says whether its hash matches its content.
fn read(line: &[u8]) -> Result<(Entry, bool), Flaw> {
    let entry: Entry =
        serde_json::from_slice(line).map_err(|error| Flaw::Unreadable { why: error.to_string() })?;
    let intact = content(line).is_some_and(|content| sha256_hex(&content) == entry.hash.0);
    Ok((entry, intact))
}

/// The line without its last member, if that is the hash.
fn content(line: &[u8]) -> Option<Vec<u8>> {
    let member = HASH_MEMBER.len() + HASH_LENGTH + LINE_END.len();
    let (content, rest) = line.split_at_checked(line.len().checked_sub(member)?)?;
    (rest.starts_with(HASH_MEMBER.as_bytes()) && rest.ends_with(LINE_END.as_bytes())).then(|| {
        let mut whole = content.to_vec();
        whole.push(b'}');
        whole
    })
}

/// Whether `bytes` hold a whole intact entry with something behind it: what a write cut short never leaves.
pub(super) fn begins_with_entry(bytes: &[u8]) -> bool {
    let member = HASH_MEMBER.as_bytes();
    let ends = bytes.windows(member.len()).enumerate().filter(|(_, window)| *window == member);
    ends.map(|(start, _)| start + member.len() + HASH_LENGTH + LINE_END.len())
        .any(|end| bytes.get(..end).is_some_and(is_intact))
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
