//! The thread that writes the journal.
//!
//! Calls into the journal block for as long as the disk does, so they have a thread of their own and every append has
//! a deadline: a disk that hangs is reported like one that fails. Receipts leave here in journal order.

mod scribe;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::oneshot;

use self::scribe::Scribe;

use crate::core::Receipt;
use crate::journal::{Capture, FileJournal};
use crate::model::fact::{Author, Fact};
use crate::model::ids::{ClusterId, SessionId};
use crate::model::{Text, Time};
use crate::runtime::clock::Clock;
use crate::runtime::inbox::Inbox;
use crate::runtime::tasks;

/// An append that takes longer counts as failed.
const DEADLINE: Duration = Duration::from_secs(5);
/// A console that is going to end waits this long for its last fact.
const LAST_WORDS: Duration = Duration::from_millis(500);

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

/// What other clocks say, for the entries' stamps.
#[derive(Clone)]
pub struct Witnesses {
    /// Our own clock.
    pub clock: Arc<Clock>,
    /// The API server's, as its answers tell it.
    pub server: Arc<dyn Fn() -> Option<Time> + Send + Sync>,
}

impl std::fmt::Debug for Witnesses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witnesses").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Default for Witnesses {
    /// Without a server.
    fn default() -> Self {
        Self { clock: Arc::default(), server: Arc::new(|| None) }
    }
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
        witnesses: Witnesses,
        inbox: Inbox,
    ) -> std::io::Result<Self> {
        let (orders, received) = mpsc::channel();
        let scribe = Scribe::new(place, opened, witnesses, inbox.clone());
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

#[cfg(test)]
mod tests;
