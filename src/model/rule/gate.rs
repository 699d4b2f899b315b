//! What must be met before something goes on.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Span;
use crate::model::ids::{GateId, ItemId, MetricId, ProbeId, RuleId};

/// One thing that a gate asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// A rule is met: its bad condition is clearly not there.
    Rule(RuleId),
    /// A probe answers as it should.
    Probe(ProbeId),
    /// A checklist item is ticked.
    Item(ItemId),
    /// A metric meets its target.
    Target(MetricId),
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(id) => write!(f, "rule {id}"),
            Self::Probe(id) => write!(f, "probe {id}"),
            Self::Item(id) => write!(f, "item {id}"),
            Self::Target(id) => write!(f, "target of {id}"),
        }
    }
}

/// What must be met before something goes on. It passes only when everything in it is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Id.
    pub id: GateId,
    /// All of these.
    pub all_of: Vec<Condition>,
    /// For how long without a break. Default 0 s.
    #[serde(rename = "for")]
    pub lasts: Span,
    /// Whether the values are captured when somebody decides by it. Default yes.
    pub snapshot: bool,
}
