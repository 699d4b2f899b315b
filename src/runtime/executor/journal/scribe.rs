//! The one who writes: everything that may block on the disk.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::{Order, Place, Wish, Witnesses};
use crate::core::Receipt;
use crate::journal::{Appended, Capture, Captures, Draft, FileJournal, JournalError, Stamp, presence};
use crate::model::Text;
use crate::model::fact::{Clocks, Entry, Fact};
use crate::runtime::clock::{self, Clock};
use crate::runtime::inbox::Inbox;

/// How often entries of other consoles are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// How often a journal that failed is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(2);
/// Others may write before a last word; more often than this in a row means something is wrong.
const TRIES: usize = 20;

pub(super) struct Scribe {
    place: Place,
    journal: Option<FileJournal>,
    witnesses: Witnesses,
    boot: Text,
    inbox: Inbox,
    failing: bool,
    /// Number of the newest entry that somebody else wrote.
    foreign: u64,
    /// The round that was lost last: everything of it is void.
    lost: Option<u64>,
}

/// How an append to the journal ended.
enum Written {
    /// Stored.
    Stored(Vec<Entry>),
    /// Others wrote first; these were not known here yet.
    Moved(Vec<Entry>),
}

impl Scribe {
    pub(super) fn new(
        place: Place,
        journal: Option<FileJournal>,
        witnesses: Witnesses,
        inbox: Inbox,
    ) -> Self {
        let boot = Text::clean(&presence::boot_id());
        Self { place, journal, witnesses, boot, inbox, failing: false, foreign: 0, lost: None }
    }

    pub(super) fn run(mut self, orders: &mpsc::Receiver<Order>) {
        loop {
            let patience = if self.failing { TRY_AGAIN } else { LOOK };
            match orders.recv_timeout(patience) {
                Ok(order) => self.carry_out(order),
                Err(RecvTimeoutError::Timeout) if self.failing => self.try_again(),
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Append(wish) => self.append(&wish),
            Order::Store { name, content, reply } => {
                let stored = self.store(&name, &content).map_err(|error| error.to_string());
                // nobody waits any more: the file is there all the same
                let _ = reply.send(stored);
            }
            Order::Last { why, done } => {
                if self.journal.is_some() {
                    self.end(&why);
                }
                let _ = done.send(());
            }
        }
    }

    fn append(&mut self, wish: &Wish) {
        if wish.answered.load(Ordering::Acquire) {
            return;
        }
        if self.lost.is_some_and(|lost| wish.round <= lost) {
            wish.answered.store(true, Ordering::Release);
            return;
        }
        let written = if self.foreign > wish.applied {
            Ok(Written::Moved(Vec::new()))
        } else {
            self.write(&wish.facts)
        };
        let late = wish.answered.swap(true, Ordering::AcqRel);
        match written {
            Ok(Written::Stored(entries)) => self.inbox.receipt(Receipt::Appended { entries }),
            Ok(Written::Moved(entries)) if late => {
                self.failing = true;
                self.inbox.receipt(Receipt::Foreign { entries });
            }
            Err(_) if late => self.failing = true,
            Ok(Written::Moved(entries)) => {
                self.lost = Some(wish.round);
                self.inbox.receipt(Receipt::Moved { entries });
            }
            Err(error) => {
                self.failing = true;
                tracing::error!(%error, "the journal cannot be written");
                let facts = wish.facts.len();
                self.inbox.receipt(Receipt::AppendFailed { facts, why: error.to_string().into() });
            }
        }
    }

    fn stamp(&self) -> Stamp {
        let since_boot = u64::try_from(clock::since_boot().as_millis()).unwrap_or(u64::MAX);
        let clocks = Clocks {
            boot: self.boot.clone(),
            since_boot,
            system: Clock::system(),
            server: (self.witnesses.server)(),
        };
        let at = self.witnesses.clock.now();
        Stamp { at, clocks: Some(clocks), author: self.place.author.clone() }
    }

    /// Appends behind the head that is known here, or brings what others wrote since.
    fn write(&mut self, facts: &[Fact]) -> Result<Written, JournalError> {
        let stamp = self.stamp();
        let journal = self.open()?;
        let draft = Draft { expected: journal.head().clone(), stamp, facts: facts.to_vec() };
        match journal.append(draft) {
            Appended::Stored { entries, notices } => {
                for notice in notices {
                    tracing::warn!(?notice, "the journal's files changed");
                }
                Ok(Written::Stored(entries))
            }
            Appended::Moved { entries_between } => {
                self.foreign = entries_between.last().map_or(self.foreign, |entry| entry.seq);
                Ok(Written::Moved(entries_between))
            }
            Appended::Failed(error) => Err(error),
        }
    }

    /// The last word stands whatever others wrote.
    fn end(&mut self, why: &Text) {
        for _ in 0..TRIES {
            match self.write(&[Fact::ConsoleEnded { why: why.clone() }]) {
                Ok(Written::Moved(_)) => {}
                // there is nobody left to tell that this failed
                Ok(Written::Stored(_)) | Err(_) => return,
            }
        }
    }

    fn open(&mut self) -> Result<&mut FileJournal, JournalError> {
        let journal = match self.journal.take() {
            Some(journal) => journal,
            None => FileJournal::create(&self.place.state, &self.place.cluster, &self.place.session)?,
        };
        Ok(self.journal.insert(journal))
    }

    fn store(&mut self, name: &str, content: &str) -> Result<Capture, JournalError> {
        Captures::of(self.open()?)?.store(name, content)
    }

    fn look(&mut self) {
        let Some(journal) = &mut self.journal else { return };
        match journal.poll() {
            Ok(fresh) if fresh.entries.is_empty() => {}
            Ok(fresh) => {
                self.foreign = fresh.entries.last().map_or(self.foreign, |entry| entry.seq);
                self.inbox.receipt(Receipt::Foreign { entries: fresh.entries });
            }
            Err(error) => tracing::warn!(%error, "the journal cannot be read"),
        }
    }

    /// Whether the disk takes writes again, tried on a file of its own.
    fn try_again(&mut self) {
        let probe = self.place.state.join(format!(".probe-{}", std::process::id()));
        let written = std::fs::File::create(&probe).and_then(|file| file.sync_all());
        // whether it could be removed or not does not matter: the next one has the same name
        let _ = std::fs::remove_file(&probe);
        if written.is_ok() {
            self.failing = false;
            self.inbox.receipt(Receipt::JournalBack);
        }
    }
}
