//! The thread that writes the journal.
//!
//! Calls into the journal block for as long as the disk does, so they have a thread of their own and every append has
//! a deadline: a disk that hangs is reported like one that fails. Receipts leave here in journal order.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::core::Receipt;
use crate::journal::{Appended, Capture, Captures, Draft, FileJournal, JournalError};
use crate::model::Text;
use crate::model::fact::{Author, Entry, Fact};
use crate::model::ids::{ClusterId, SessionId};
use crate::runtime::clock::Clock;
use crate::runtime::inbox::Inbox;
use crate::runtime::tasks;

/// An append that takes longer counts as failed.
const DEADLINE: Duration = Duration::from_secs(5);
/// How often entries of other consoles are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// How often a journal that failed is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(2);
/// A console that is going to end waits this long for its last fact.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Others may write before a last word; more often than this in a row means something is wrong.
const TRIES: usize = 20;

/// Where the journal of this console is.
#[derive(Clone, Debug)]
pub struct Place {
    /// State directory.
    pub state: PathBuf,
    /// Which cluster.
    pub cluster: ClusterId,
    /// The session: the one that is resumed, or a new one that the first fact creates.
    pub session: SessionId,
    /// Who writes.
    pub author: Author,
}

/// Gives orders to the thread. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Journal {
    orders: mpsc::Sender<Order>,
    inbox: Inbox,
}

#[derive(Debug)]
enum Order {
    Append(Wish),
    Store { name: String, content: String, reply: oneshot::Sender<Result<Capture, String>> },
    Last { why: Text, done: mpsc::Sender<()> },
}

/// Facts on their way.
#[derive(Debug)]
struct Wish {
    facts: Vec<Fact>,
    /// Number of the newest entry that the core had applied when it judged them.
    applied: u64,
    round: u64,
    answered: Arc<AtomicBool>,
}

impl Journal {
    /// Starts the thread. `opened` is a journal that is gone on with.
    pub fn start(
        place: Place,
        opened: Option<FileJournal>,
        clock: Arc<Clock>,
        inbox: Inbox,
    ) -> std::io::Result<Self> {
        let (orders, received) = mpsc::channel();
        let scribe = Scribe {
            place,
            journal: opened,
            clock,
            inbox: inbox.clone(),
            failing: false,
            foreign: 0,
            lost: None,
        };
        std::thread::Builder::new().name("journal".into()).spawn(move || scribe.run(&received))?;
        Ok(Self { orders, inbox })
    }

    /// Appends facts if nobody else wrote behind the entry `applied`, by which they were judged; the receipt comes by the
    /// inbox. When somebody did, nothing more of that round is written.
    pub fn append(&self, facts: Vec<Fact>, applied: u64, round: u64) {
        let answered = Arc::new(AtomicBool::new(false));
        let (count, inbox, late) = (facts.len(), self.inbox.clone(), answered.clone());
        tasks::spawn(async move {
            tokio::time::sleep(DEADLINE).await;
            if !late.swap(true, Ordering::AcqRel) {
                let why = format!("the disk has not answered for {} s", DEADLINE.as_secs());
                inbox.receipt(Receipt::AppendFailed { facts: count, why: why.into() });
            }
        });
        // the thread ends with the process only
        let _ = self.orders.send(Order::Append(Wish { facts, applied, round, answered }));
    }

    /// Stores evidence beside the journal.
    pub async fn store(&self, name: String, content: String) -> Result<Capture, String> {
        let (reply, answer) = oneshot::channel();
        let _ = self.orders.send(Order::Store { name, content, reply });
        answer.await.unwrap_or_else(|_| Err("the journal's thread is gone".into()))
    }

    /// Writes a console's last fact if its session was opened; waits for it half a second at most.
    pub fn last_words(&self, why: &str) {
        let (done, wait) = mpsc::channel();
        if self.orders.send(Order::Last { why: Text::clean(why), done }).is_ok() {
            let _ = wait.recv_timeout(LAST_WORDS);
        }
    }
}

struct Scribe {
    place: Place,
    journal: Option<FileJournal>,
    clock: Arc<Clock>,
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
    fn run(mut self, orders: &mpsc::Receiver<Order>) {
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

    /// Appends behind the head that is known here, or brings what others wrote since.
    fn write(&mut self, facts: &[Fact]) -> Result<Written, JournalError> {
        let (at, author) = (self.clock.now(), self.place.author.clone());
        let journal = self.open()?;
        let draft = Draft { expected: journal.head().clone(), at, author, facts: facts.to_vec() };
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

#[cfg(test)]
mod tests {
    use crate::core::Event;

    use super::*;

    fn start(state: &std::path::Path, inbox: &Inbox) -> Journal {
        let place = Place {
            state: state.to_owned(),
            cluster: ClusterId::from("cluster"),
            session: SessionId::from("session"),
            author: Author::default(),
        };
        Journal::start(place, None, Arc::default(), inbox.clone()).unwrap()
    }

    /// A second console of the same session.
    fn join(state: &std::path::Path, inbox: &Inbox) -> Journal {
        let opened = FileJournal::open(state, &"cluster".into(), &"session".into()).unwrap().unwrap();
        let place = Place {
            state: state.to_owned(),
            cluster: "cluster".into(),
            session: "session".into(),
            author: Author { pid: 2, ..Author::default() },
        };
        Journal::start(place, Some(opened.journal), Arc::default(), inbox.clone()).unwrap()
    }

    fn note(text: &str) -> Fact {
        Fact::Noted { text: text.into() }
    }

    async fn receipts(inbox: &Inbox) -> Vec<Receipt> {
        let events = inbox.next(None).await.events.into_iter();
        events
            .map(|event| match event {
                Event::Receipt(receipt) => receipt,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[tokio::test]
    async fn the_first_fact_creates_the_session_and_others_follow_in_order() {
        let state = tempfile::tempdir().unwrap();
        let inbox = Inbox::default();
        let journal = start(state.path(), &inbox);
        assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0);
        journal.append(vec![note("one")], 0, 0);
        journal.append(vec![note("two"), note("three")], 0, 0);
        let mut written = Vec::new();
        while written.len() < 3 {
            for receipt in receipts(&inbox).await {
                match receipt {
                    Receipt::Appended { entries } => written.extend(entries),
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(written.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(written[2].fact, note("three"));
    }

    #[tokio::test]
    async fn two_consoles_see_each_others_entries() {
        let state = tempfile::tempdir().unwrap();
        let (ours, theirs) = (Inbox::default(), Inbox::default());
        let first = start(state.path(), &ours);
        first.append(vec![note("ours")], 0, 0);
        receipts(&ours).await;
        let second = join(state.path(), &theirs);
        second.append(vec![note("theirs")], 1, 0);
        receipts(&theirs).await;
        match receipts(&ours).await.as_slice() {
            [Receipt::Foreign { entries }] => assert_eq!(entries[0].fact, note("theirs")),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn facts_judged_by_an_older_head_are_not_written_and_come_again() {
        let state = tempfile::tempdir().unwrap();
        let (ours, theirs) = (Inbox::default(), Inbox::default());
        let first = start(state.path(), &ours);
        first.append(vec![note("ours")], 0, 0);
        receipts(&ours).await;
        let second = join(state.path(), &theirs);
        second.append(vec![note("theirs")], 1, 0);
        receipts(&theirs).await;

        // judged before anything of the other was applied: two on their way, and both are void
        first.append(vec![note("stale")], 1, 0);
        first.append(vec![note("stale too")], 1, 0);
        let mut between = Vec::new();
        let mut moved = 0;
        while moved == 0 {
            for receipt in receipts(&ours).await {
                match receipt {
                    Receipt::Foreign { entries } => between.extend(entries),
                    Receipt::Moved { entries } => {
                        between.extend(entries);
                        moved += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(between.iter().map(|entry| &entry.fact).collect::<Vec<_>>(), [&note("theirs")]);
        first.append(vec![note("judged again")], 2, 1);
        match receipts(&ours).await.as_slice() {
            [Receipt::Appended { entries }] => {
                assert_eq!((entries[0].seq, &entries[0].fact), (3, &note("judged again")));
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_state_directory_that_takes_no_files_is_reported() {
        let state = tempfile::tempdir().unwrap();
        let occupied = state.path().join("file");
        std::fs::write(&occupied, "").unwrap();
        let inbox = Inbox::default();
        start(&occupied, &inbox).append(vec![note("lost")], 0, 0);
        match receipts(&inbox).await.as_slice() {
            [Receipt::AppendFailed { facts: 1, .. }] => {}
            other => panic!("{other:?}"),
        }
    }
}
