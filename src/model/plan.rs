//! A plan, loaded: what a go-live session wants. Intent only; what happened stands in the journal.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ids::{ChecklistId, ComponentId, ContextName, ItemId, Namespace, ShortName};
use super::target::Target;
use super::text::Text;

/// Members that describe and that nothing is judged by, as written: owner, tags, notes ...
pub type About = BTreeMap<String, Text>;

/// A checked plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Slug.
    pub id: String,
    /// For people.
    pub title: Text,
    /// sha256 of the plan's canonical form: names the plan in the journal.
    pub hash: String,
    /// What goes out.
    pub release: Release,
    /// Where it may go.
    pub environments: Vec<Environment>,
    /// Its parts, in the order of the file.
    pub components: Vec<Component>,
    /// Order of the stages.
    pub phases: Vec<Phase>,
    /// Checklists.
    pub checklists: Vec<Checklist>,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// `release`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Version going out.
    pub version: Text,
    /// Version before, if the plan names it.
    pub previous: Option<Text>,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// One of `environments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Id: the short name that arming asks for.
    pub id: ShortName,
    /// `production`, `staging` ...
    pub kind: EnvironmentKind,
    /// Contexts that belong to it.
    pub contexts: Vec<PlanContext>,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// Kinds of environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentKind {
    /// For building.
    Development,
    /// For testing.
    Testing,
    /// The last stop before production.
    Staging,
    /// The real thing.
    Production,
    /// A test network of the business.
    Testnet,
    /// An app store.
    Store,
}

/// One of an environment's contexts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanContext {
    /// Exact kubeconfig context.
    pub context: ContextName,
    /// uid of the cluster, if pinned.
    pub cluster_uid: Option<String>,
    /// Namespaces in view.
    pub namespaces: Vec<Namespace>,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// One of `components`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Id.
    pub id: ComponentId,
    /// For people.
    pub title: Text,
    /// Cluster objects behind it.
    pub workloads: Vec<Target>,
    /// Components that must be out first.
    pub depends_on: BTreeSet<ComponentId>,
    /// Whether the emergency stop only holds it.
    pub stop_never: bool,
    /// Metrics label that carries the version.
    pub version_label: Option<String>,
    /// Description.
    #[serde(default)]
    pub about: About,
}

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

/// What is wrong with a plan file, where, by which rule, and what helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Rule code, for example `P43`.
    pub rule: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, in characters, from 1.
    pub column: usize,
    /// Characters that it is about; none where it is about what follows.
    #[serde(default)]
    pub length: usize,
    /// What is wrong.
    pub message: Text,
    /// What to write instead.
    pub suggestion: Option<Text>,
}

impl Plan {
    /// The plan as JSON that is the same for the same intent: members sorted, no spaces, `hash` left out. Comments,
    /// quoting and the order of members in the file make no difference.
    pub fn canonical_json(&self) -> Result<String, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        if let Some(members) = value.as_object_mut() {
            members.remove("hash");
        }
        value.sort_all_objects();
        Ok(value.to_string())
    }

    /// All items with their checklists, in the order of the phases; checklists that no phase names come last.
    pub fn items(&self) -> impl Iterator<Item = (&Checklist, &Item)> {
        let named = self.phases.iter().flat_map(|phase| &phase.checklists);
        let in_phases = named.filter_map(|id| self.checklists.iter().find(|list| list.id == *id));
        let rest = self
            .checklists
            .iter()
            .filter(|list| !self.phases.iter().any(|phase| phase.checklists.contains(&list.id)));
        in_phases.chain(rest).flat_map(|list| list.items.iter().map(move |item| (list, item)))
    }
}
