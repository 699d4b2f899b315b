//! The way back and the stop: triggers, order, what is captured first, what runs before everything else.

use serde::{Deserialize, Serialize};

use crate::model::Text;
use crate::model::ids::{ComponentId, GateId, RuleId, TriggerId};
use crate::model::rule::Span;

/// `rollback`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// What proposes or starts it.
    pub triggers: Vec<Trigger>,
    /// Default `reverse-deps`.
    pub order: RollbackOrder,
    /// How long it should take at most. Default five minutes.
    pub target_time: Span,
    /// What must be met afterwards.
    pub verify: Option<GateId>,
    /// What happens to schemas. Default `keep-schema`.
    pub db_policy: DbPolicy,
    /// What is captured first. Default: logs, events and objects, three seconds at most.
    pub evidence_first: EvidenceFirst,
}

/// Default of `target_time`.
pub const ROLLBACK_TARGET: Span = Span::minutes(5);
/// Default of `countdown`.
pub const COUNTDOWN: Span = Span(60);

impl Default for Rollback {
    fn default() -> Self {
        Self {
            triggers: Vec::new(),
            order: RollbackOrder::default(),
            target_time: ROLLBACK_TARGET,
            verify: None,
            db_policy: DbPolicy::default(),
            evidence_first: EvidenceFirst::default(),
        }
    }
}

/// In which order components go back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RollbackOrder {
    /// What depends on others goes back before them.
    #[default]
    ReverseDeps,
}

/// What a roll-back does to schemas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DbPolicy {
    /// Nothing.
    #[default]
    KeepSchema,
}

/// What is captured before a roll-back changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFirst {
    /// Last log lines of unready pods.
    pub logs: bool,
    /// Events.
    pub events: bool,
    /// The objects themselves.
    pub objects: bool,
    /// It never takes longer than this.
    pub max: Span,
}

impl Default for EvidenceFirst {
    fn default() -> Self {
        Self { logs: true, events: true, objects: true, max: Span(3) }
    }
}

/// What proposes or starts a roll-back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Id.
    pub id: TriggerId,
    /// On what.
    pub on: TriggerOn,
    /// Default `propose`.
    pub action: TriggerAction,
    /// Before an armed roll-back starts, anybody may veto for so long. Default 60 s; 0 only if written.
    pub countdown: Span,
    /// Roles whose veto is asked for by name; empty: anybody's.
    pub veto_roles: Vec<Text>,
    /// What goes back. Default `component`.
    pub scope: TriggerScope,
}

/// What a trigger waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerOn {
    /// A rule is breached.
    Rule(RuleId),
    /// A gate is breached.
    Gate(GateId),
    /// A person sees something; it is shown and never fires by itself.
    Text(Text),
}

/// What a trigger does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerAction {
    /// It proposes.
    #[default]
    Propose,
    /// It rolls back after its countdown, where a person armed that; else it proposes.
    ArmedAuto,
}

/// What a trigger rolls back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerScope {
    /// The component that its rule or gate is about.
    #[default]
    Component,
    /// Every component that the session touched.
    Release,
}

/// `emergency`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// What the stop does, in this order. Empty: what each strategy has prepared, all components at once.
    pub stop: Vec<StopAction>,
    /// Who is expected to press it; anybody may.
    pub who: Vec<Text>,
    /// A rehearsal older than this is no rehearsal. Default 90 days.
    pub rehearsed_within: Option<Span>,
}

/// Default of `rehearsed.max_age`.
pub const REHEARSED_WITHIN: Span = Span(90 * 86_400);

/// One action of the emergency stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopAction {
    /// A command of the business runs first (a trading halt). The stop goes on after its time, whatever came of it.
    Hook {
        /// What to call it.
        id: String,
        /// Program and arguments; no shell.
        run: Vec<String>,
        /// Longest time. Default five seconds.
        timeout: Span,
    },
    /// What moves is aborted or taken back, by what its strategy has prepared.
    Abort {
        /// These, in this order; empty: all at once.
        components: Vec<ComponentId>,
    },
    /// Selectors and routes go back to the stable side.
    SwitchBack {
        /// These, in this order; empty: all at once.
        components: Vec<ComponentId>,
    },
    /// A component gets another number of pods.
    Scale {
        /// Which.
        component: ComponentId,
        /// How many.
        replicas: u32,
    },
}

/// Default of a hook's `timeout`.
pub const HOOK_TIMEOUT: Span = Span(5);
