//! Newtypes for every identifier, so that a name can never stand where a uid is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a value that came from the API server, a file or the command line.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The bare value.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether nothing was given.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self(value.to_owned())
            }
        }
    )+};
}

text_ids! {
    /// `metadata.uid` of an object: one life of one object.
    Uid,
    /// A namespace's name.
    Namespace,
    /// An object's name inside its namespace.
    Name,
    /// The value of the label `pod-template-hash`.
    TemplateHash,
    /// Name of a kubeconfig context, exactly as it stands in the file.
    ContextName,
    /// The cluster's id: uid of namespace `kube-system`, else a digest of server URL and CA.
    ClusterId,
    /// One session of work on one cluster; names the journal's folder.
    SessionId,
    /// One confirmed or confirmable act of an operator.
    ActId,
    /// What people type to take control: environment id, else alias, else the last part of the context name.
    ShortName,
    /// Id of a checklist in a plan.
    ChecklistId,
    /// Id of a checklist item in a plan.
    ItemId,
    /// Id of a component in a plan.
    ComponentId,
    /// Id of a strategy in a plan.
    StrategyId,
    /// Id of a probe in a plan.
    ProbeId,
    /// Id of a metric in a plan.
    MetricId,
    /// Id of a rule.
    RuleId,
    /// Id of a gate in a plan.
    GateId,
    /// Id of a roll-back trigger in a plan.
    TriggerId,
}

/// `metadata.resourceVersion`: opaque text that real servers let us compare as an integer within one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceVersion(pub String);

impl ResourceVersion {
    /// Whether `self` is certainly older than `other`; `None` where one of them is no integer.
    #[must_use]
    pub fn older_than(&self, other: &Self) -> Option<bool> {
        Some(self.0.parse::<u64>().ok()? < other.0.parse::<u64>().ok()?)
    }
}

impl fmt::Display for ResourceVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Hash of a journal entry: sha256, lower-case hex. The chain's links are made of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryHash(pub String);

/// A 128-bit id drawn by `runtime` for each event; further ids of one update are this one with a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FreshId(pub u128);

impl FreshId {
    /// The `n`-th id of this update, as short text that sorts by time.
    #[must_use]
    pub fn nth(self, n: u16) -> String {
        let time = self.0 >> 80;
        let random = self.0 & 0xffff_ffff;
        if n == 0 { format!("{time:012x}-{random:08x}") } else { format!("{time:012x}-{random:08x}-{n}") }
    }
}
