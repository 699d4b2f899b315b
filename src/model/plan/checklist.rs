//! Phases, checklists and their items.

use serde::{Deserialize, Serialize};

use super::About;
use crate::model::Text;
use crate::model::ids::{ChecklistId, ItemId};

/// One of `phases`: at this version, an order of checklists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Id.
    pub id: String,
    /// For people.
    pub title: Text,
    /// Its checklists, in order.
    pub checklists: Vec<ChecklistId>,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// One of `checklists`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    /// Id.
    pub id: ChecklistId,
    /// For people.
    pub title: Text,
    /// Items, critical ones first, else in the order of the file.
    pub items: Vec<Item>,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Id, unique in the plan.
    pub id: ItemId,
    /// What is to be true.
    pub text: Text,
    /// Role that owns it.
    pub owner: Option<Text>,
    /// Never waivable by the driver alone.
    pub critical: bool,
    /// What the answer should be.
    pub expect: Option<Text>,
    /// What must come with the tick.
    pub evidence: EvidenceKind,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// What a tick must bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// Nothing.
    None,
    /// A sentence.
    Note,
    /// A URL.
    Link,
    /// The value seen.
    Value,
}
