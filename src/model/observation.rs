//! What adapters report. They never judge: they say what was seen, where and when it was seen.

use std::sync::Arc;

use serde::Serialize;

use super::Time;
use super::access::{AccessAnswer, AccessQuery};
use super::identity::Connection;
use super::ids::{Name, Namespace, Uid};
use super::kind::WorkloadKind;
use super::objects::SharedSet;
use super::series::{MetricsSource, SignalSet};
use super::target::Target;
use super::template::{Template, TemplateKey};
use super::text::Text;

/// One report.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// A workload as it is now. Equal sets are not sent again.
    Objects {
        /// The set.
        snapshot: SharedSet,
        /// When the last part of it was read.
        seen: Time,
    },
    /// A workload is gone.
    Gone {
        /// Which.
        target: Target,
    },
    /// All workloads of the kinds and namespaces in view were listed once: what is absent is not there.
    Listed {
        /// Namespaces that exist and may be listed, with workload counts where cheap.
        namespaces: Vec<Namespace>,
    },
    /// A namespace is listed now and then rather than watched.
    NamespaceListed {
        /// Which.
        namespace: Namespace,
        /// When it was listed last; `None` once it is watched, or out of view.
        at: Option<Time>,
    },
    /// How a stream of data is doing.
    Stream {
        /// Which.
        key: StreamKey,
        /// How.
        state: StreamState,
    },
    /// The connection, once it stands.
    Connected(Box<Connection>),
    /// Round-trip time of the last read, milliseconds.
    RoundTrip {
        /// Milliseconds.
        millis: u64,
    },
    /// By how much this host's clock is ahead of the API server's; behind it: negative.
    ClockAhead {
        /// Milliseconds that are certain.
        millis: i64,
    },
    /// Revisions of workloads in a namespace, newest first: what changed.
    Changes {
        /// Where.
        namespace: Namespace,
        /// Rows.
        rows: Vec<Change>,
    },
    /// Pods in bulk, from server-side tables.
    PodTable {
        /// Rows, in the server's order.
        rows: Arc<Vec<Arc<PodLine>>>,
        /// Whether the list is whole.
        whole: bool,
    },
    /// Events about a workload and its pods, newest first.
    Events {
        /// About what.
        target: Target,
        /// Lines.
        lines: Vec<EventLine>,
    },
    /// New lines of a followed log.
    LogLines {
        /// Which pod.
        pod: Name,
        /// Lines.
        lines: Vec<Text>,
        /// Lines dropped since the start because they came faster than they could be kept.
        dropped: u64,
    },
    /// A document that was asked for (YAML, describe).
    Document {
        /// What it is about.
        title: Text,
        /// Lines.
        lines: Vec<Text>,
    },
    /// Templates that were asked for.
    Templates {
        /// Of what.
        target: Target,
        /// What was found.
        found: Vec<(TemplateKey, Template)>,
    },
    /// An answer to a question of permission.
    Access {
        /// The question.
        query: AccessQuery,
        /// The answer.
        answer: AccessAnswer,
    },
    /// The latches in a namespace's `gonogo-stop`.
    Latches {
        /// Where.
        namespace: Namespace,
        /// Entries.
        latches: Vec<Latch>,
    },
    /// Signals of a workload.
    Signals(Box<SignalSet>),
    /// Where metrics come from.
    Metrics(MetricsSource),
    /// Workloads in flight in namespaces that are not in view.
    MovingElsewhere(Vec<(Namespace, u32)>),
}

/// Which stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum StreamKey {
    /// The watch of a workload kind.
    Kind(WorkloadKind),
    /// The parts of one workload (ReplicaSets, pods, Services).
    Detail(Target),
    /// Pods in bulk.
    PodTable,
    /// The stop's latches.
    Latches,
    /// Revisions.
    Changes,
    /// Log of a pod.
    Log(Name),
    /// Events.
    Events,
}

impl StreamKey {
    /// Seconds between two signs of life of a stream in good health, beyond what a watch needs: lists are asked for
    /// again after their period, and are not late before it is over.
    #[must_use]
    pub const fn period_seconds(&self) -> i64 {
        match self {
            Self::Changes => 60,
            Self::Events => 10,
            Self::Kind(_) | Self::Detail(_) | Self::PodTable | Self::Latches | Self::Log(_) => 0,
        }
    }
}

impl std::fmt::Display for StreamKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "{}", kind.row().plural),
            Self::Detail(target) => write!(f, "pods of {}", target.name),
            Self::PodTable => f.write_str("pods"),
            Self::Latches => f.write_str("stop latch"),
            Self::Changes => f.write_str("revisions"),
            Self::Log(pod) => write!(f, "log of {pod}"),
            Self::Events => f.write_str("events"),
        }
    }
}

/// How a stream is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum StreamState {
    /// It gave a sign of life: a response head, an event, or a clean end.
    Alive,
    /// 13 s without a sign of life; a new connection is being made.
    Silent,
    /// It failed; it will be tried again.
    Failed(Text),
    /// The cluster forbids it; it is not tried again before a minute has passed.
    Forbidden(Text),
    /// The credentials were refused.
    Unauthenticated(Text),
    /// It is no longer wanted.
    Closed,
}

/// A revision as the list of recent changes shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Of which workload.
    pub target: Target,
    /// When.
    pub at: Time,
    /// Image before, if there was a revision before.
    pub from: Option<Text>,
    /// Image after.
    pub to: Text,
    /// Field manager that made it, where one can be named.
    pub by: Option<Text>,
}

/// A pod in a bulk list: exactly what a server-side table tells. Texts are shared, so that copying ten thousand rows is
/// cheap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PodLine {
    /// Namespace; empty where the list is of one namespace and the table does not say.
    pub namespace: Namespace,
    /// Name.
    pub name: Arc<str>,
    /// Ready containers as `1/1`.
    pub ready: Arc<str>,
    /// The word kubectl shows.
    pub status: Arc<str>,
    /// Restarts, as the server words them.
    pub restarts: Arc<str>,
    /// Age as a word; nothing is computed from it.
    pub age: Arc<str>,
    /// Node.
    pub node: Arc<str>,
}

/// A cluster event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventLine {
    /// When it last happened.
    pub at: Option<Time>,
    /// `Normal` or `Warning`.
    pub warning: bool,
    /// One word.
    pub reason: Text,
    /// About which object, as `Pod/name`.
    pub about: Text,
    /// The sentence.
    pub message: Text,
    /// How often.
    pub count: u32,
}

/// One latch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Latch {
    /// Workload.
    pub uid: Uid,
    /// Blocked candidate.
    pub hash: super::ids::TemplateHash,
    /// Who latched it, as claimed.
    pub by: Text,
    /// When, as claimed.
    pub at: Option<Time>,
}
