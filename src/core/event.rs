//! What can happen to the core.

use crate::model::Time;
use crate::model::act::Act;
use crate::model::fact::{Author, Entry};
use crate::model::ids::{FreshId, ItemId, Name, Namespace};
use crate::model::objects::Workload;
use crate::model::observation::Observation;
use crate::model::outline::Refusal;
use crate::model::request::{Outcome, RequestId};
use crate::model::target::{Scope, Target};
use crate::model::text::Text;

use super::desk::AlarmKey;
use super::effect::TimerId;
use super::sheet::SheetId;

/// An event with the moment it arrived and one fresh id.
#[derive(Clone, Debug)]
pub struct Stamped<T> {
    /// When.
    pub at: Time,
    /// For ids that this update may need.
    pub id: FreshId,
    /// What.
    pub event: T,
}

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// The operator wants something.
    Intent(Intent),
    /// An adapter saw something.
    Observation(Observation),
    /// An effect ended.
    Receipt(Receipt),
    /// A timer ran out.
    Timer(TimerId),
    /// A frame reached the terminal; it showed this sheet and this bar, if any.
    Drawn {
        /// The sheet on it.
        sheet: Option<SheetId>,
    },
}

/// What an operator can want of the core. What concerns only the picture (cursor, filter, screen) stays in `ui`.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// The picture now looks at this; decides what is watched.
    Look(Look),
    /// Other namespaces.
    Scope(Scope),
    /// Open the sheet of an act (hold: do it at once).
    Propose {
        /// On what.
        target: Target,
        /// What.
        act: Act,
    },
    /// Choose another revision in the open roll-back sheet: +1 older, -1 newer.
    ChooseRevision(i32),
    /// Send what the open sheet shows; `typed` is the short name where the sheet asks for it.
    Confirm {
        /// Typed short name.
        typed: Option<String>,
    },
    /// Close the sheet or the bar; a goal in hand goes on.
    Dismiss,
    /// `Tab` in a bar: widen a hold to all that moves, or narrow a stop to the selected component.
    Widen,
    /// `!`, in which burst of input it came.
    Bang {
        /// Number of the burst.
        burst: u64,
    },
    /// The emergency stop without the chord: the headless verb, whose `--yes` is the chord.
    StopNow {
        /// Only these; empty: everything in scope.
        only: Vec<Target>,
    },
    /// Any other key while the stop bar is open.
    OtherKey,
    /// Take control, with what was typed.
    TakeControl {
        /// Typed short name.
        typed: String,
    },
    /// Give it up.
    GiveUpControl,
    /// Tick an item.
    Tick {
        /// Which.
        item: ItemId,
        /// Note, link or value.
        evidence: Option<String>,
    },
    /// Take a tick back.
    Reopen {
        /// Which.
        item: ItemId,
        /// Why.
        reason: String,
    },
    /// Put a note on the record.
    Note(String),
    /// An alarm was seen: it stays, but no longer asks for attention.
    Acknowledge(AlarmKey),
    /// Read a document (YAML) of a workload or a pod.
    Read(DocumentOf),
    /// Leave. With something in flight the first one only warns.
    Quit {
        /// Why, for the journal.
        why: QuitReason,
    },
    /// Any key at all: keeps control from lapsing.
    Active,
}

/// Why a console ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitReason {
    /// `q`.
    Asked,
    /// The terminal went away.
    HangUp,
    /// SIGTERM or SIGINT.
    Signal,
}

/// What a document is wanted of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentOf {
    /// A workload's YAML.
    Workload(Target),
    /// A pod's YAML.
    Pod {
        /// Namespace.
        namespace: Namespace,
        /// Name.
        name: Name,
    },
}

impl std::fmt::Display for DocumentOf {
    /// The title under which the document comes back.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Workload(target) => write!(f, "{target} in {}", target.namespace),
            Self::Pod { namespace, name } => write!(f, "Pod/{name} in {namespace}"),
        }
    }
}

/// What the picture looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The selected workload.
    pub selected: Option<Target>,
    /// Whether pods in bulk are on the screen.
    pub pods_in_bulk: bool,
    /// The pod whose log is followed.
    pub log: Option<LogOf>,
    /// Whether events are on the screen.
    pub events: bool,
}

/// A pod's log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogOf {
    /// Namespace.
    pub namespace: Namespace,
    /// Pod.
    pub pod: Name,
    /// Container; the first one if none.
    pub container: Option<String>,
    /// The run before the present one.
    pub previous: bool,
}

/// How an effect ended.
#[derive(Clone, Debug)]
pub enum Receipt {
    /// Facts are in the journal, in journal order.
    Appended {
        /// Entries to apply.
        entries: Vec<Entry>,
    },
    /// Nothing of this round was written: others wrote first.
    Moved {
        /// Entries to apply before what was on its way is judged again; some may have come already.
        entries: Vec<Entry>,
    },
    /// Entries that somebody else wrote.
    Foreign {
        /// Entries to apply.
        entries: Vec<Entry>,
    },
    /// The journal could not be written.
    AppendFailed {
        /// How many facts are lost to the journal and kept in memory.
        facts: usize,
        /// Why.
        why: Text,
    },
    /// The journal can be written again.
    JournalBack,
    /// A request was answered, or not.
    Answered {
        /// Which.
        id: RequestId,
        /// How.
        outcome: Outcome,
        /// The object as the answer showed it, and which one it is.
        object: Option<(Target, Workload)>,
        /// Milliseconds it took.
        millis: u64,
    },
    /// A dry run was answered.
    DryRun {
        /// For which sheet.
        sheet: SheetId,
        /// How.
        outcome: Outcome,
    },
    /// The full re-read that acts which raise risk wait for.
    ReadBack {
        /// For which sheet.
        sheet: SheetId,
        /// What stands there now, or why it could not be read.
        result: Result<Workload, Refusal>,
    },
    /// Consoles of this host that were asked after and are gone.
    ConsolesGone(Vec<Author>),
    /// Evidence was captured.
    Captured {
        /// For which act.
        act: crate::model::ids::ActId,
        /// File name.
        file: String,
        /// Its sha256.
        sha256: String,
        /// Lines.
        lines: u32,
    },
    /// Revisions that some console of this user saw complete, read at the start.
    Remembered(Vec<crate::model::objects::SeenComplete>),
    /// The journal's head was recorded in the cluster, or not.
    Anchored {
        /// Number of the entry.
        seq: u64,
        /// Whether the cluster holds it.
        outcome: Outcome,
    },
    /// The latch was written, or not.
    LatchWritten {
        /// Which.
        latch: crate::model::observation::Latch,
        /// Whether the cluster holds it.
        outcome: Outcome,
    },
}
