//! Facts: what the journal holds. Session state changes only by applying them, in journal order.

use serde::{Deserialize, Serialize};

use super::Time;
use super::act::{Act, ActKind};
use super::identity::Connection;
use super::ids::{ActId, ClusterId, ContextName, EntryHash, ItemId, SessionId, ShortName, TemplateHash, Uid};
use super::outline::{RefusalKind, Want};
use super::request::{Outcome, Request, RequestId};
use super::target::{Scope, Target};
use super::text::Text;

/// Something recorded as having happened. Past tense, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// First fact of every session.
    SessionOpened {
        /// Which cluster.
        cluster: ClusterId,
        /// Which context.
        context: ContextName,
        /// Namespaces in view.
        scope: Scope,
        /// Hash of the plan, if one was loaded.
        plan: Option<String>,
        /// Its title.
        title: Option<Text>,
    },
    /// A console joined the session (also the one that opened it).
    ConsoleStarted {
        /// Cluster, user and certificate as this console saw them.
        connection: Connection,
        /// The program's version.
        build: String,
    },
    /// Someone took control.
    ControlTaken {
        /// What was typed.
        short_name: ShortName,
    },
    /// Someone gave it up, or it lapsed.
    ControlGivenUp {
        /// `by hand`, `idle 30 minutes`, `quit`.
        why: Text,
    },
    /// An act was confirmed.
    Authorised {
        /// The act's id.
        act: ActId,
        /// Its kind and arguments.
        what: Act,
        /// On what.
        target: Target,
        /// Which life of it.
        uid: Uid,
        /// By its effect.
        title: Text,
        /// What will prove it.
        want: Want,
        /// The revision it leaves, where it leaves one: no evidence makes that one good again.
        away_from: Option<TemplateHash>,
        /// Digest that the confirmation carried.
        digest: String,
    },
    /// A stop that could only pause, because the revisions were not read yet, goes on to the revision that was known
    /// good when they were.
    StopPinned {
        /// The act.
        act: ActId,
        /// Which life of its workload.
        uid: Uid,
        /// By its effect.
        title: Text,
        /// What proves it from now on.
        want: Want,
        /// The revision it leaves.
        away_from: Option<TemplateHash>,
        /// Why the place it goes to is good.
        good: Option<Text>,
    },
    /// An act was asked for and refused.
    Refused {
        /// Which act.
        what: ActKind,
        /// On what.
        target: Target,
        /// Kind of refusal.
        kind: RefusalKind,
        /// Why.
        why: Text,
    },
    /// A request is about to leave.
    Sending {
        /// Which.
        id: RequestId,
        /// What it does.
        does: Text,
        /// As it leaves.
        request: Box<Request>,
    },
    /// Its outcome, as far as known.
    Answered {
        /// Which.
        id: RequestId,
        /// How it ended.
        outcome: Outcome,
        /// Milliseconds from sending to the answer.
        millis: u64,
    },
    /// The goal held without a break for its settling time.
    Proven {
        /// Which act.
        act: ActId,
        /// What was seen.
        seen: Text,
        /// Milliseconds from confirmation to the first moment at which the goal held.
        millis: u64,
    },
    /// The goal cannot be, or was not, proven.
    Unproven {
        /// Which act.
        act: ActId,
        /// Why, and what could be done.
        why: Text,
    },
    /// An emergency stop was latched.
    StopLatched {
        /// Which act.
        act: ActId,
        /// On what.
        target: Target,
        /// Which life of it.
        uid: Uid,
        /// The candidate that is blocked.
        candidate: TemplateHash,
        /// Whether the cluster holds the latch too.
        local_only: bool,
    },
    /// The latch was taken away.
    StopReset {
        /// On what.
        uid: Uid,
        /// For which candidate.
        candidate: TemplateHash,
    },
    /// After a proven stop or roll-back, someone brought the bad template back.
    Reverted {
        /// The act that was undone.
        act: ActId,
        /// On what.
        target: Target,
        /// Who, as the cluster tells it.
        by: Text,
        /// The command that suspends the owner, if there is one.
        remedy: Option<Text>,
    },
    /// A revision was seen complete.
    SeenComplete {
        /// On what.
        target: Target,
        /// Which life of it.
        uid: Uid,
        /// Which revision.
        hash: TemplateHash,
        /// What people call it.
        version: Text,
    },
    /// A workload changed its state.
    StateSeen {
        /// Which.
        target: Target,
        /// `started 1.8.2 → 1.8.3`, `stopped progressing`, `complete 1.8.3`.
        what: Text,
    },
    /// Logs, events and objects were captured beside the journal.
    EvidenceCaptured {
        /// For which act.
        act: ActId,
        /// File name in the session's capture folder.
        file: String,
        /// sha256 of the file.
        sha256: String,
        /// Lines in it.
        lines: u32,
    },
    /// A checklist item was ticked.
    ItemTicked {
        /// Which.
        item: ItemId,
        /// Note, link or value.
        evidence: Option<Text>,
    },
    /// A tick was taken back.
    ItemReopened {
        /// Which.
        item: ItemId,
        /// Why.
        reason: Text,
    },
    /// A note for the record.
    Noted {
        /// What.
        text: Text,
    },
    /// An act was recorded elsewhere while the journal could not be written, and entered here later.
    Recovered {
        /// When it happened.
        occurred: Time,
        /// What.
        text: Text,
    },
    /// A console of this host was found gone without having ended: what it had is free.
    ConsoleLost {
        /// Which.
        who: Author,
        /// How that is known.
        why: Text,
    },
    /// This console ended.
    ConsoleEnded {
        /// `quit`, `hang-up`, `signal`, `panic`.
        why: Text,
    },
}

/// A fact in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Place in the journal, from 1.
    pub seq: u64,
    /// Which session.
    pub session: SessionId,
    /// Hash of the entry before; of the first one, of nothing: 64 zeros.
    pub prev: EntryHash,
    /// This entry's hash: sha256 over its JSON line without this member.
    pub hash: EntryHash,
    /// When it was recorded.
    pub at: Time,
    /// What other clocks said then; journals of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clocks: Option<Clocks>,
    /// Who recorded it.
    pub author: Author,
    /// The fact.
    pub fact: Fact,
}

/// What clocks said when an entry was written: the wall clock can be set, these tell by how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// The run of the machine; empty where it does not tell.
    pub boot: Text,
    /// Milliseconds since that run began: goes on whatever is set.
    pub since_boot: u64,
    /// The system's wall clock.
    pub system: Time,
    /// The API server's clock, as its answers tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Time>,
}

/// A console that started and has not ended, as far as a journal tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Which.
    pub who: Author,
    /// What the clocks said when it started.
    pub since: Option<Clocks>,
}

/// Who wrote an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The cluster's name for this user (`SelfSubjectReview`).
    pub kube_user: Text,
    /// Login name on the host; weak on shared accounts.
    pub os_user: Text,
    /// Host name.
    pub host: Text,
    /// Process id: tells consoles of one host apart.
    pub pid: u32,
}
