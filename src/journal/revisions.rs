//! Revisions that some console of this user saw complete: the best evidence that a revision is good.
//!
//! One file per cluster, outside all sessions, so that a console started tomorrow still knows. It is evidence, not a
//! record of acts: lines are not chained, a line that cannot be read is skipped, and old ones are dropped.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::dir::{PrivateDir, read_from};
use super::error::JournalError;
use super::lock::Held;
use crate::model::Text;
use crate::model::ids::{ClusterId, TemplateHash, Uid};
use crate::model::objects::SeenComplete;
use crate::model::target::Target;

const FILE: &str = "revisions.jsonl";
const NEW_FILE: &str = "revisions.jsonl.new";
/// Revisions of one workload that are kept: Kubernetes itself keeps ten old ones unless told otherwise.
const KEPT_PER_WORKLOAD: usize = 20;
/// Workloads that are kept, those seen last.
const KEPT_WORKLOADS: usize = 2_000;
/// The file is written anew when it has this many lines more than it needs.
const SLACK: usize = 1_000;

/// A revision that was seen complete, with what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRevision {
    /// Which, and when.
    #[serde(flatten)]
    pub seen: SeenComplete,
    /// On what.
    pub target: Target,
    /// What people call it.
    pub version: Text,
}

/// The revisions of one cluster.
#[derive(Debug)]
pub struct Revisions {
    dir: PrivateDir,
}

type Newest = BTreeMap<(Uid, TemplateHash), SeenRevision>;

impl Revisions {
    /// Those of `cluster`, below `state`.
    pub fn of(state: &Path, cluster: &ClusterId) -> Result<Self, JournalError> {
        Ok(Self { dir: PrivateDir::create_root(state)?.create_child(cluster.as_str())? })
    }

    /// The newest sight of each revision, oldest first.
    pub fn load(&self) -> Result<Vec<SeenRevision>, JournalError> {
        let Some(file) = self.dir.open(FILE)? else { return Ok(Vec::new()) };
        let bytes = read_from(&file, 0).map_err(JournalError::io("read", &self.dir.at(FILE)?))?;
        let mut revisions: Vec<_> = parse(&bytes).into_values().collect();
        revisions.sort_by_key(|revision| revision.seen.at);
        Ok(revisions)
    }

    /// Remembers a sight, unless a newer one of the same revision is known. Says whether it was written.
    pub fn remember(&self, revision: &SeenRevision) -> Result<bool, JournalError> {
        let path = self.dir.at(FILE)?;
        let (file, _held) = self.locked()?;
        let bytes = read_from(&file, 0).map_err(JournalError::io("read", &path))?;
        let mut known = parse(&bytes);
        let key = (revision.seen.workload.clone(), revision.seen.hash.clone());
        if known.get(&key).is_some_and(|earlier| earlier.seen.at >= revision.seen.at) {
            return Ok(false);
        }
        known.insert(key, revision.clone());
        let lines = bytes.split(|byte| *byte == b'\n').count();
        if lines > known.len() + SLACK {
            self.rewrite(known)?;
            return Ok(true);
        }
        // a line that a crash cut short must not swallow this one
        let fresh_line = if bytes.last().is_none_or(|byte| *byte == b'\n') { "" } else { "\n" };
        let line = format!("{fresh_line}{}\n", serde_json::to_string(revision)?);
        file.write_all_at(line.as_bytes(), bytes.len() as u64).map_err(JournalError::io("write", &path))?;
        file.sync_data().map_err(JournalError::io("sync", &path))?;
        Ok(true)
    }

    /// The file under its lock; anew if another console replaced it while this one waited.
    fn locked(&self) -> Result<(Arc<File>, Held), JournalError> {
        let path = self.dir.at(FILE)?;
        loop {
            let file = Arc::new(self.dir.open_or_create(FILE)?);
            let held = Held::wait(&file, &path)?;
            if self.dir.names(FILE, &file) {
                return Ok((file, held));
            }
        }
    }

    /// Writes what is worth keeping into a new file and puts it in the place of the old one.
    fn rewrite(&self, known: Newest) -> Result<(), JournalError> {
        let path = self.dir.at(NEW_FILE)?;
        let mut lines = String::new();
        for revision in bounded(known) {
            lines.push_str(&serde_json::to_string(&revision)?);
            lines.push('\n');
        }
        if self.dir.size(NEW_FILE).is_some() {
            self.dir.remove(NEW_FILE)?;
        }
        let file = self.dir.create(NEW_FILE)?;
        file.write_all_at(lines.as_bytes(), 0).map_err(JournalError::io("write", &path))?;
        file.sync_all().map_err(JournalError::io("sync", &path))?;
        self.dir.rename(NEW_FILE, FILE)
    }
}

fn parse(bytes: &[u8]) -> Newest {
    let mut newest = Newest::new();
    let readable = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    for revision in readable {
        let revision: SeenRevision = revision;
        let key = (revision.seen.workload.clone(), revision.seen.hash.clone());
        let known = newest.get(&key);
        if known.is_none_or(|earlier| earlier.seen.at < revision.seen.at) {
            newest.insert(key, revision);
        }
    }
    newest
}

/// The last revisions of the workloads that were seen last, oldest first.
fn bounded(known: Newest) -> Vec<SeenRevision> {
    let mut newest_first: Vec<_> = known.into_values().collect();
    newest_first.sort_by_key(|revision| std::cmp::Reverse(revision.seen.at));
    let mut kept: BTreeMap<Uid, usize> = BTreeMap::new();
    newest_first.retain(|revision| {
        let room = kept.len() < KEPT_WORKLOADS || kept.contains_key(&revision.seen.workload);
        let count =
            if room { kept.entry(revision.seen.workload.clone()).or_default() } else { return false };
        *count += 1;
        *count <= KEPT_PER_WORKLOAD
    });
    newest_first.reverse();
    newest_first
}

#[cfg(test)]
#[path = "revisions_tests.rs"]
mod tests;
