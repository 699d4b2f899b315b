//! The sessions on this host: what there is, and which one a new console goes on with.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::dir::PrivateDir;
use super::error::JournalError;
use super::read::{self, Checked};
use crate::model::fact::{Entry, Fact};
use crate::model::ids::{ActId, ClusterId, ContextName, SessionId};
use crate::model::{Text, Time};

/// One session, summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Id.
    pub session: SessionId,
    /// Of which cluster.
    pub cluster: ClusterId,
    /// The context it was opened with.
    pub context: ContextName,
    /// Hash of its plan; none for a session that only watches.
    pub plan: Option<String>,
    /// Title of its plan.
    pub title: Option<Text>,
    /// First entry.
    pub started: Time,
    /// Last entry.
    pub last: Time,
    /// Entries.
    pub entries: usize,
    /// Consoles that started and did not end: running, or killed.
    pub open_consoles: usize,
    /// Acts that were confirmed and neither proven nor given up.
    pub open_acts: Vec<ActId>,
    /// Flaws in its journal.
    pub problems: usize,
    /// Its directory.
    pub folder: PathBuf,
}

impl SessionInfo {
    /// Whether nobody works in it and nothing of it is open.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.open_consoles == 0 && self.open_acts.is_empty()
    }
}

/// All sessions of all clusters, the one written to last first. Directories without an entry are left out.
pub fn list(state: &Path) -> Result<Vec<SessionInfo>, JournalError> {
    let Some(root) = PrivateDir::open_root(state)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for cluster in root.directories()? {
        found.extend(list_cluster(&root, &ClusterId::new(cluster))?);
    }
    found.sort_by_key(|info| std::cmp::Reverse(info.last));
    Ok(found)
}

fn list_cluster(root: &PrivateDir, cluster: &ClusterId) -> Result<Vec<SessionInfo>, JournalError> {
    let Some(dir) = root.child(cluster.as_str())? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for name in dir.directories()? {
        if let Some(folder) = dir.child(&name)?
            && let Some(checked) = read::check(&folder)?
        {
            found.extend(summary(cluster, SessionId::new(name), &checked, folder.path()));
        }
    }
    Ok(found)
}

/// The session that a console started now goes on with: with a plan the newest one of this very plan, so that ticks
/// outlive a restart; without, the newest one that only watches, unless it is ended. Ids sort by time. A damaged
/// journal is not gone on with.
pub fn to_resume(
    state: &Path,
    cluster: &ClusterId,
    plan: Option<&str>,
) -> Result<Option<SessionInfo>, JournalError> {
    let Some(root) = PrivateDir::open_root(state)? else { return Ok(None) };
    let Some(dir) = root.child(cluster.as_str())? else { return Ok(None) };
    for name in dir.directories()?.into_iter().rev() {
        let Some(folder) = dir.child(&name)? else { continue };
        let Some(first) = read::first(&folder)? else { continue };
        if !matches!(&first.fact, Fact::SessionOpened { plan: of, .. } if of.as_deref() == plan) {
            continue;
        }
        let checked = read::check(&folder)?;
        let info = checked.and_then(|c| summary(cluster, SessionId::new(name), &c, folder.path()));
        return Ok(info.filter(|info| info.problems == 0 && (plan.is_some() || !info.is_ended())));
    }
    Ok(None)
}

/// Reads and verifies one session without changing anything. `None` if there is none of that name.
pub fn check(
    state: &Path,
    cluster: &ClusterId,
    session: &SessionId,
) -> Result<Option<Checked>, JournalError> {
    let Some(root) = PrivateDir::open_root(state)? else { return Ok(None) };
    let Some(cluster) = root.child(cluster.as_str())? else { return Ok(None) };
    let Some(folder) = cluster.child(session.as_str())? else { return Ok(None) };
    read::check(&folder)
}

fn summary(cluster: &ClusterId, session: SessionId, checked: &Checked, folder: &Path) -> Option<SessionInfo> {
    let (first, last) = (checked.entries.first()?, checked.entries.last()?);
    let (context, plan, title) = if let Fact::SessionOpened { context, plan, title, .. } = first.fact.clone()
    {
        (context, plan, title)
    } else {
        // a journal that does not begin as one should is still listed
        (ContextName::default(), None, None)
    };
    Some(SessionInfo {
        session,
        cluster: cluster.clone(),
        context,
        plan,
        title,
        started: first.at,
        last: last.at,
        entries: checked.entries.len(),
        open_consoles: open_consoles(&checked.entries),
        open_acts: open_acts(&checked.entries),
        problems: checked.problems.len(),
        folder: folder.to_owned(),
    })
}

fn open_consoles(entries: &[Entry]) -> usize {
    let mut open = BTreeSet::new();
    for entry in entries {
        let console = (&entry.author.host, entry.author.pid);
        if matches!(entry.fact, Fact::ConsoleStarted { .. }) {
            open.insert(console);
        } else if matches!(entry.fact, Fact::ConsoleEnded { .. }) {
            open.remove(&console);
        } else if let Fact::ConsoleLost { who, .. } = &entry.fact {
            open.remove(&(&who.host, who.pid));
        }
    }
    open.len()
}

fn open_acts(entries: &[Entry]) -> Vec<ActId> {
    let mut open: Vec<ActId> = Vec::new();
    for entry in entries {
        if let Fact::Authorised { act, .. } = &entry.fact {
            open.push(act.clone());
        } else if let Fact::Proven { act, .. } | Fact::Unproven { act, .. } = &entry.fact {
            open.retain(|other| other != act);
        }
    }
    open
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;
