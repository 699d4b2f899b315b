//! What the core wants done. Effects are values: adapters carry them out and report back by events.

use crate::model::access::AccessQuery;
use crate::model::fact::{Fact, Present};
use crate::model::ids::{ActId, EntryHash, Namespace, SessionId};
use crate::model::objects::SeenComplete;
use crate::model::observation::Latch;
use crate::model::request::{Request, RequestId};
use crate::model::series::SignalQuery;
use crate::model::target::{Scope, Target};
use crate::model::template::TemplateKey;
use crate::model::text::Text;

use super::event::{DocumentOf, LogOf};
use super::sheet::SheetId;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Append facts to the journal, in this order, as one compare-and-append.
    Append {
        /// What.
        facts: Vec<Fact>,
        /// Number and hash of the newest entry that they were judged by. Only entries of this console may stand behind it.
        head: (u64, EntryHash),
        /// When a head has moved, everything of its round is void: what still stands comes again in the next one.
        round: u64,
    },
    /// Send a request, once.
    Apply {
        /// Its id; printed it is the Audit-ID.
        id: RequestId,
        /// What to send.
        request: Box<Request>,
    },
    /// Send a request with `dryRun=All`.
    DryRun {
        /// For which sheet.
        sheet: SheetId,
        /// What to try.
        request: Box<Request>,
    },
    /// Read the workload in full before an act that raises risk.
    ReadBack {
        /// For which sheet.
        sheet: SheetId,
        /// What.
        target: Target,
    },
    /// Ask whether something is permitted.
    Review(AccessQuery),
    /// Read whole templates.
    ReadTemplates {
        /// Of what.
        target: Target,
        /// Which.
        keys: Vec<TemplateKey>,
    },
    /// Read a document for the screen.
    ReadDocument(DocumentOf),
    /// Watch this from now on.
    Observe(Wanted),
    /// Run a timer. It takes the place of a running timer of the same id.
    Schedule {
        /// Which.
        timer: TimerId,
        /// Milliseconds from now.
        after_millis: u64,
    },
    /// Remember a revision that was seen complete, for later consoles of this user.
    Remember {
        /// The evidence.
        seen: SeenComplete,
        /// On what.
        target: Target,
        /// What people call it.
        version: Text,
    },
    /// Write a latch into `gonogo-stop`.
    Latch {
        /// Where.
        namespace: Namespace,
        /// Which.
        latch: Latch,
        /// Set (`true`) or take away.
        set: bool,
    },
    /// Record the journal's head in the cluster.
    Anchor {
        /// Where.
        namespace: Namespace,
        /// Of which session.
        session: SessionId,
        /// Number and hash of the newest entry.
        head: (u64, EntryHash),
    },
    /// Capture log lines and events of unready pods beside the journal.
    Capture {
        /// For which act.
        act: ActId,
        /// Of what.
        target: Target,
    },
    /// Record an act elsewhere while the journal cannot be written.
    SecondSink {
        /// About what.
        target: Target,
        /// What.
        text: Text,
    },
    /// See whether these consoles of this host still run.
    LookForConsoles(Vec<Present>),
    /// Ring the bell.
    Bell,
    /// End the process.
    Quit {
        /// Exit code.
        code: u8,
    },
}

/// What is to be watched, as a whole: the adapters compare it with what they already do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Namespaces.
    pub scope: Option<Scope>,
    /// Workloads whose ReplicaSets, pods, Services and autoscalers are watched; the most important first.
    pub details: Vec<Target>,
    /// Pods in bulk.
    pub pod_table: bool,
    /// Workload whose events are listed.
    pub events: Option<Target>,
    /// Log that is followed.
    pub log: Option<LogOf>,
    /// Workloads whose signals are measured.
    pub signals: Vec<SignalQuery>,
}

/// Timers of the core.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerId {
    /// Ask a goal again.
    Goal(ActId),
    /// The 200 ms of silence after the second `!`, for the bar of this number.
    ChordSilence(u64),
    /// The stop bar closes.
    BarCloses(u64),
    /// Once a second: ages, lapses, alarms.
    Second,
}
