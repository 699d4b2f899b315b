//! What runs and how it is rolled out: components, strategies, the way back, the stop.

use super::super::words::{Auto, ProbeWord, StopMode, StopWord, StrategyWord, TwoStep, run};
use super::{Block, EXPECT, Form, describes, later, required, runs};
use crate::model::kind::WorkloadKind;
use crate::model::plan::{
    Advance, Criticality, DbPolicy, Dependency, Mechanism, ProbeFrom, RollbackOrder, TriggerAction,
    TriggerScope, UndoMethod,
};
use crate::model::rule::Deed;

/// One of `components`.
pub(in super::super) static COMPONENT: Block = Block {
    name: "a component",
    members: &[
        required("id", Form::Slug),
        runs("title", Form::Text),
        runs("workloads", Form::Many(&Form::One(&WORKLOAD))),
        runs("depends_on", Form::Many(&Form::Either(&[Form::Slug, Form::One(&DEPENDENCY)]))),
        runs("external", Form::Flag),
        runs("criticality", Form::Word(run::<Criticality>)),
        runs("stop", Form::Word(run::<StopMode>)),
        runs("traffic", Form::One(&TRAFFIC)),
        runs("strategy", Form::Either(&[Form::Slug, Form::One(&INLINE_STRATEGY)])),
        runs("replicas", Form::One(&REPLICAS)),
        runs("probes", Form::Many(&Form::Slug)),
        runs("metrics", Form::Many(&Form::Slug)),
        runs("rules", Form::Many(&Form::Slug)),
        runs("validate", Form::Slug),
        runs("undo", Form::Many(&Form::One(&UNDO))),
        runs("undo_window", Form::Span),
        describes("group"),
        describes("owner"),
        describes("notes"),
        later("version_probe"),
        later("resources"),
        later("placement"),
        later("config"),
        later("secrets"),
    ],
};

/// One of a component's `workloads`.
pub(in super::super) static WORKLOAD: Block = Block {
    name: "a workload",
    members: &[
        required("kind", Form::Word(run::<WorkloadKind>)),
        required("name", Form::Text),
        runs("namespace", Form::Text),
        runs("container", Form::Text),
    ],
};

/// One of a component's `depends_on`, with its kind.
pub(in super::super) static DEPENDENCY: Block = Block {
    name: "a dependency",
    members: &[required("id", Form::Slug), runs("kind", Form::Word(run::<Dependency>))],
};

/// A component's `traffic`.
pub(in super::super) static TRAFFIC: Block = Block {
    name: "`traffic`",
    members: &[
        runs("mechanism", Form::Word(run::<Mechanism>)),
        runs("refs", Form::Texts),
        runs("stable", Form::Either(&[Form::Text, Form::Pairs])),
        runs("new", Form::Either(&[Form::Text, Form::Pairs])),
        runs("version_label", Form::Text),
    ],
};

/// A component's `replicas`.
pub(in super::super) static REPLICAS: Block = Block {
    name: "`replicas`",
    members: &[runs("min", Form::Whole), runs("max", Form::Whole), runs("autoscaler", Form::Text)],
};

/// One of a component's ways back.
pub(in super::super) static UNDO: Block = Block {
    name: "an undo method",
    members: &[
        required("method", Form::Word(run::<UndoMethod>)),
        runs("est", Form::Span),
        runs("needs", Form::Text),
        runs("loses", Form::Text),
    ],
};

/// One of `strategies`.
pub(in super::super) static STRATEGY: Block = Block {
    name: "a strategy",
    members: &[
        required("id", Form::Slug),
        required("kind", Form::Word(run::<StrategyWord>)),
        runs("deadline", Form::Span),
        runs("on_breach", Form::One(&ON_BREACH)),
        runs("cleanup", Form::One(&CLEANUP)),
        runs("steps", Form::Many(&Form::One(&STEP))),
        runs("stable_name", Form::Text),
        runs("new_name", Form::Text),
        runs("preview_probe", Form::Slug),
        runs("switch", Form::Word(run::<Advance>)),
        runs("keep_old_for", Form::Span),
        runs("capacity_factor", Form::Number),
        later("max_unavailable"),
        later("max_surge"),
        later("pause_points"),
    ],
};

/// A strategy written at its component: the same without an id.
pub(in super::super) static INLINE_STRATEGY: Block = Block {
    name: "a strategy",
    members: &[
        required("kind", Form::Word(run::<StrategyWord>)),
        runs("deadline", Form::Span),
        runs("on_breach", Form::One(&ON_BREACH)),
        runs("cleanup", Form::One(&CLEANUP)),
        runs("steps", Form::Many(&Form::One(&STEP))),
        runs("stable_name", Form::Text),
        runs("new_name", Form::Text),
        runs("preview_probe", Form::Slug),
        runs("switch", Form::Word(run::<Advance>)),
        runs("keep_old_for", Form::Span),
        runs("capacity_factor", Form::Number),
        later("max_unavailable"),
        later("max_surge"),
        later("pause_points"),
    ],
};

/// One of a canary's `steps`.
pub(in super::super) static STEP: Block = Block {
    name: "a step",
    members: &[
        required("to", Form::Share),
        runs("bake", Form::Span),
        runs("gate", Form::Slug),
        runs("min_samples", Form::Either(&[Form::Whole, Form::Word(run::<Auto>)])),
        runs("min_coverage", Form::Share),
        runs("advance", Form::Word(run::<Advance>)),
        runs("hold", Form::Flag),
        later("poll"),
    ],
};

/// A strategy's `on_breach`.
pub(in super::super) static ON_BREACH: Block = Block {
    name: "`on_breach`",
    members: &[
        runs("warning", Form::Word(run::<Deed>)),
        runs("critical", Form::Word(run::<Deed>)),
        runs("emergency", Form::Word(run::<Deed>)),
    ],
};

/// A strategy's `cleanup`.
pub(in super::super) static CLEANUP: Block =
    Block { name: "`cleanup`", members: &[required("after", Form::Span), runs("needs", Form::Slug)] };

/// One of `probes`.
pub(in super::super) static PROBE: Block = Block {
    name: "a probe",
    members: &[
        required("id", Form::Slug),
        required("kind", Form::Word(run::<ProbeWord>)),
        required("target", Form::Text),
        runs("from", Form::Word(run::<ProbeFrom>)),
        runs("every", Form::Span),
        runs("timeout", Form::Span),
        runs("expect", Form::One(&EXPECT)),
        runs("all_pods", Form::Flag),
        runs("counts_as_downtime", Form::Flag),
    ],
};

/// `rollback`.
pub(in super::super) static ROLLBACK: Block = Block {
    name: "`rollback`",
    members: &[
        runs("triggers", Form::Many(&Form::One(&TRIGGER))),
        runs("order", Form::Word(run::<RollbackOrder>)),
        runs("target_time", Form::Span),
        runs("verify", Form::Slug),
        runs("db_policy", Form::Word(run::<DbPolicy>)),
        runs("evidence_first", Form::One(&EVIDENCE_FIRST)),
        later("after"),
    ],
};

/// One of a roll-back's `triggers`.
pub(in super::super) static TRIGGER: Block = Block {
    name: "a trigger",
    members: &[
        required("id", Form::Slug),
        runs("rule", Form::Slug),
        runs("gate", Form::Slug),
        runs("text", Form::Text),
        runs("action", Form::Word(run::<TriggerAction>)),
        runs("countdown", Form::Span),
        runs("veto_roles", Form::Texts),
        runs("scope", Form::Word(run::<TriggerScope>)),
    ],
};

/// A roll-back's `evidence_first`.
pub(in super::super) static EVIDENCE_FIRST: Block = Block {
    name: "`evidence_first`",
    members: &[
        runs("logs", Form::Flag),
        runs("events", Form::Flag),
        runs("objects", Form::Flag),
        runs("max_seconds", Form::Whole),
    ],
};

/// `emergency`.
pub(in super::super) static EMERGENCY: Block = Block {
    name: "`emergency`",
    members: &[
        required("stop", Form::Many(&Form::Either(&[Form::Word(run::<StopWord>), Form::One(&STOP_ACTION)]))),
        runs("who", Form::Texts),
        runs("confirm", Form::Word(run::<TwoStep>)),
        runs("rehearsed", Form::One(&REHEARSED)),
        later("then"),
    ],
};

/// An action of the stop with more to it: exactly one of `hook`, `abort`, `switch-back`, `scale`.
pub(in super::super) static STOP_ACTION: Block = Block {
    name: "an action of the stop",
    members: &[
        runs("hook", Form::Slug),
        runs("run", Form::Texts),
        runs("timeout", Form::Span),
        runs("abort", Form::Many(&Form::Slug)),
        runs("switch-back", Form::Many(&Form::Slug)),
        runs("scale", Form::Slug),
        runs("replicas", Form::Whole),
        later("runbook"),
    ],
};

/// `rehearsed`.
pub(in super::super) static REHEARSED: Block =
    Block { name: "`rehearsed`", members: &[runs("max_age", Form::Span)] };
