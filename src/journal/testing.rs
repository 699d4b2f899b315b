//! What the journal's tests share.

use std::path::Path;

use super::chain::{Sealed, Stamp, genesis, seal};
use super::file::{Appended, Draft, FileJournal};
use crate::model::Time;
use crate::model::fact::{Author, Entry, Fact};
use crate::model::ids::{ClusterId, EntryHash, SessionId};
use crate::model::target::Scope;

pub(super) fn cluster() -> ClusterId {
    ClusterId::new("6f1a-cluster")
}

pub(super) fn session() -> SessionId {
    SessionId::new("0192-session")
}

pub(super) fn at(second: i64) -> Time {
    Time::from_timestamp(1_780_000_000 + second, 0).unwrap()
}

pub(super) fn author(pid: u32) -> Author {
    Author { kube_user: "lead".into(), os_user: "ops-1".into(), host: "jump.example.com".into(), pid }
}

pub(super) fn stamp(second: i64, pid: u32) -> Stamp {
    Stamp { at: at(second), clocks: None, author: author(pid) }
}

pub(super) fn note(text: &str) -> Fact {
    Fact::Noted { text: text.into() }
}

pub(super) fn opened(plan: Option<&str>) -> Fact {
    Fact::SessionOpened {
        cluster: cluster(),
        context: "prod-eu".into(),
        scope: Scope::All,
        plan: plan.map(str::to_owned),
        title: plan.map(|_| "Go live".into()),
    }
}

/// `count` sealed notes, chained.
pub(super) fn chained(count: u64) -> Vec<Sealed> {
    let mut prev = genesis();
    (1..=count)
        .map(|seq| {
            let text =
                format!("entry {seq} says \"ü\" and {}", "x".repeat(usize::try_from(seq % 40).unwrap()));
            let stamp = stamp(seq.cast_signed(), 1);
            let sealed = seal(prev.clone(), seq, session(), stamp, note(&text)).unwrap();
            prev = sealed.entry.hash.clone();
            sealed
        })
        .collect()
}

pub(super) fn text(sealed: &[Sealed]) -> String {
    sealed.iter().map(|sealed| sealed.line.as_str()).collect()
}

pub(super) fn create(state: &Path) -> FileJournal {
    FileJournal::create(state, &cluster(), &session()).unwrap()
}

pub(super) fn open(state: &Path) -> (FileJournal, Vec<Entry>) {
    let opened = FileJournal::open(state, &cluster(), &session()).unwrap().unwrap();
    (opened.journal, opened.entries)
}

pub(super) fn draft(expected: EntryHash, facts: Vec<Fact>) -> Draft {
    Draft { expected, stamp: stamp(0, 1), facts }
}

pub(super) fn append(journal: &mut FileJournal, fact: Fact) -> Vec<Entry> {
    match journal.append(draft(journal.head().clone(), vec![fact])) {
        Appended::Stored { entries, .. } => entries,
        other => panic!("not stored: {other:?}"),
    }
}

pub(super) fn file(journal: &FileJournal, name: &str) -> std::path::PathBuf {
    journal.folder().join(name)
}
