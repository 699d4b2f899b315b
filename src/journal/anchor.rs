//! The head as it was recorded outside: a chain alone cannot show that its tail was cut off, or that its owner wrote all
//! of it anew. Pure; who keeps anchors, and how they are read, stands elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::fact::Entry;
use crate::model::ids::{EntryHash, SessionId};
use crate::model::{Text, Time};

/// Name of the ConfigMap that holds anchors, one key for each session.
pub const CONFIG_MAP: &str = "gonogo-witness";

/// A head, recorded outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Number of the entry.
    pub seq: u64,
    /// Its hash.
    pub head: EntryHash,
    /// When it was anchored.
    pub at: Time,
    /// By whom, as claimed.
    pub by: Text,
}

/// What an anchor says about a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The journal holds the anchored entry; so many were added since.
    Holds {
        /// Entries that nothing outside vouches for yet.
        unanchored: u64,
        /// When the first of them was written.
        since: Option<Time>,
    },
    /// The anchored entry is missing: the tail was cut off.
    Cut {
        /// Entries in the journal.
        entries: u64,
    },
    /// Another entry stands in its place: the journal was written anew.
    Replaced,
}

impl Anchor {
    /// Compares a journal's entries with this anchor.
    #[must_use]
    pub fn compare(&self, entries: &[Entry]) -> Compared {
        let Some(anchored) = entries.iter().find(|entry| entry.seq == self.seq) else {
            return Compared::Cut { entries: entries.len() as u64 };
        };
        if anchored.hash != self.head {
            return Compared::Replaced;
        }
        let mut later = entries.iter().filter(|entry| entry.seq > self.seq);
        let since = later.next().map(|entry| entry.at);
        Compared::Holds { unanchored: since.map_or(0, |_| 1 + later.count() as u64), since }
    }
}

impl Compared {
    /// Whether the journal agrees with the anchor.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self, Self::Holds { .. })
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds { unanchored: 0, .. } => f.write_str("holds, and nothing was written since"),
            Self::Holds { unanchored, since } => {
                write!(f, "holds; not anchored yet: the last {unanchored}")?;
                since.map_or(Ok(()), |since| write!(f, ", since {}", since.format("%Y-%m-%d %H:%M:%SZ")))
            }
            Self::Cut { entries } => {
                write!(f, "BROKEN: the journal ends at entry {entries}: its tail was cut off")
            }
            Self::Replaced => f.write_str("BROKEN: another entry stands there: it was written anew"),
        }
    }
}

/// The newest anchor of a session in what was read: the ConfigMap, or a list of them, as JSON.
#[must_use]
pub fn newest(read: &Value, session: &SessionId) -> Option<Anchor> {
    let maps = match read["items"].as_array() {
        Some(items) => items.iter().collect(),
        None => vec![read],
    };
    let anchors = maps.into_iter().filter_map(|map| map["data"][session.as_str()].as_str());
    anchors.filter_map(|text| serde_json::from_str::<Anchor>(text).ok()).max_by_key(|anchor| anchor.seq)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::journal::testing::{at, chained, session};

    fn entries(count: u64) -> Vec<Entry> {
        chained(count).into_iter().map(|sealed| sealed.entry).collect()
    }

    fn anchor(entries: &[Entry], seq: usize) -> Anchor {
        Anchor { seq: seq as u64, head: entries[seq - 1].hash.clone(), at: at(90), by: "ops-1".into() }
    }

    #[test]
    fn a_tail_that_was_cut_off_and_a_journal_written_anew_are_told_from_one_that_grew() {
        let all = entries(9);
        let anchor = anchor(&all, 6);
        assert_eq!(
            anchor.compare(&all),
            Compared::Holds { unanchored: 3, since: Some(all[6].at) },
            "the window that nothing vouches for"
        );
        assert_eq!(anchor.compare(&all[..6]), Compared::Holds { unanchored: 0, since: None });
        // an intact chain each time: alone it shows nothing
        assert_eq!(anchor.compare(&all[..5]), Compared::Cut { entries: 5 });
        let mut forged = all.clone();
        forged[5].hash = EntryHash("0".repeat(64));
        assert_eq!(anchor.compare(&forged), Compared::Replaced);
    }

    #[test]
    fn the_newest_anchor_of_a_session_is_found_in_a_map_and_in_a_list() {
        let all = entries(3);
        let map = |seq| {
            let text = serde_json::to_string(&anchor(&all, seq)).unwrap();
            json!({ "kind": "ConfigMap", "data": { session().as_str(): text, "another": "{}" } })
        };
        assert_eq!(newest(&map(2), &session()), Some(anchor(&all, 2)));
        let list = json!({ "kind": "List", "items": [map(1), map(3), map(2)] });
        assert_eq!(newest(&list, &session()), Some(anchor(&all, 3)));
        assert_eq!(newest(&list, &"other".into()), None);
    }
}
