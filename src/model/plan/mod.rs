//! A plan, loaded: what a go-live session wants. Intent only; what happened stands in the journal.
//!
//! One file for each block. Rules, metrics and gates are the same data with a plan and without one: see
//! [`crate::model::rule`].

mod checklist;
mod component;
mod diagnostic;
mod environment;
mod probe;
mod rollback;
mod strategy;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::checklist::{Checklist, EvidenceKind, Item, Phase};
pub use self::component::{
    Component, Criticality, Dependency, MainContainer, Mechanism, ReplicaRange, SideRef, StrategyChoice,
    Traffic, TrafficRef, UNDO_WINDOW, Undo, UndoMethod,
};
pub use self::diagnostic::{Diagnostic, Gravity};
pub use self::environment::{Environment, EnvironmentKind, PlanContext};
pub use self::probe::{
    DOWNTIME_EVERY, Expect, JsonExpect, PROBE_EVERY, PROBE_TIMEOUT, Probe, ProbeFrom, ProbeTarget,
};
pub use self::rollback::{
    COUNTDOWN, DbPolicy, Emergency, EvidenceFirst, HOOK_TIMEOUT, REHEARSED_WITHIN, ROLLBACK_TARGET, Rollback,
    RollbackOrder, StopAction, Trigger, TriggerAction, TriggerOn, TriggerScope,
};
pub use self::strategy::{Advance, BlueGreen, Cleanup, Step, Strategy, StrategyKind};
pub use super::rule::{Gate, Metric, Rule};

use super::ids::{ComponentId, GateId, MetricId, ProbeId, RuleId};
use super::target::Target;
use super::text::Text;

/// Members that describe and that nothing is judged by, as written: owner, tags, notes ...
pub type About = BTreeMap<String, Text>;

/// A checked plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Slug.
    pub id: String,
    /// For people.
    pub title: Text,
    /// sha256 of the plan's canonical form: names the plan in the journal.
    #[serde(default)]
    pub hash: String,
    /// What goes out.
    pub release: Release,
    /// Where it may go.
    pub environments: Vec<Environment>,
    /// Its parts, in the order of the file.
    pub components: Vec<Component>,
    /// Reusable ways of rolling out.
    #[serde(default)]
    pub strategies: Vec<Strategy>,
    /// Probes.
    #[serde(default)]
    pub probes: Vec<Probe>,
    /// Metrics.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// Rules.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Gates.
    #[serde(default)]
    pub gates: Vec<Gate>,
    /// Order of the stages.
    pub phases: Vec<Phase>,
    /// Checklists.
    pub checklists: Vec<Checklist>,
    /// The way back.
    #[serde(default)]
    pub rollback: Rollback,
    /// The emergency stop.
    #[serde(default)]
    pub emergency: Emergency,
    /// Description.
    #[serde(default)]
    pub about: About,
}

/// `release`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Version going out.
    pub version: Text,
    /// Version before, if the plan names it.
    pub previous: Option<Text>,
    /// Description.
    #[serde(default)]
    pub about: About,
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

    /// The component that a workload belongs to.
    #[must_use]
    pub fn component_of(&self, target: &Target) -> Option<&Component> {
        self.components.iter().find(|component| component.workloads.contains(target))
    }

    /// How a component is rolled out, if the plan says so.
    #[must_use]
    pub fn strategy_of<'a>(&'a self, component: &'a Component) -> Option<&'a Strategy> {
        match component.strategy.as_ref()? {
            StrategyChoice::Named(id) => self.strategies.iter().find(|strategy| strategy.id == *id),
            StrategyChoice::Inline(strategy) => Some(strategy),
        }
    }

    /// A metric by its id.
    #[must_use]
    pub fn metric(&self, id: &MetricId) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.id == *id)
    }

    /// A rule by its id.
    #[must_use]
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }

    /// A gate by its id.
    #[must_use]
    pub fn gate(&self, id: &GateId) -> Option<&Gate> {
        self.gates.iter().find(|gate| gate.id == *id)
    }

    /// A probe by its id.
    #[must_use]
    pub fn probe(&self, id: &ProbeId) -> Option<&Probe> {
        self.probes.iter().find(|probe| probe.id == *id)
    }

    /// The rules as written, and after them a notice rule for each target that one of them derives: once for each
    /// metric, in the scope of its first rule, unless a written rule has that id.
    #[must_use]
    pub fn all_rules(&self) -> Vec<Rule> {
        self.with_notices(self.rules.clone())
    }

    /// The rules that judge a component: those that it lists, and those that no component lists, which judge all of
    /// them; with their notices.
    #[must_use]
    pub fn rules_of(&self, component: &Component) -> Vec<Rule> {
        let listed = |rule: &Rule| self.components.iter().any(|other| other.rules.contains(&rule.id));
        let own = self.rules.iter().filter(|rule| component.rules.contains(&rule.id) || !listed(rule));
        self.with_notices(own.cloned().collect())
    }

    fn with_notices(&self, mut rules: Vec<Rule>) -> Vec<Rule> {
        let mut taken: BTreeSet<RuleId> = self.rules.iter().map(|rule| rule.id.clone()).collect();
        let deriving = rules.iter().filter(|rule| rule.derive_notice);
        let notices: Vec<Rule> = deriving
            .filter_map(|rule| self.metric(rule.metric.as_ref()?)?.notice(rule.scope))
            .filter(|notice| taken.insert(notice.id.clone()))
            .collect();
        rules.extend(notices);
        rules
    }

    /// Components after those that they depend on for their rollout, else in the order of the file. A roll-back goes the
    /// other way.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Component> {
        let mut done: BTreeSet<&ComponentId> = BTreeSet::new();
        let mut order = Vec::new();
        let mut rest: Vec<&Component> = self.components.iter().collect();
        while !rest.is_empty() {
            let ready = rest.iter().position(|component| {
                component
                    .depends_on
                    .iter()
                    .all(|(on, kind)| *kind == Dependency::Runtime || done.contains(on))
            });
            // a cycle is an error of the plan; without one there is always a next component
            let component = rest.remove(ready.unwrap_or(0));
            done.insert(&component.id);
            order.push(component);
        }
        order
    }
}
