//! The file, what it says of itself, where it goes, and what people do.

use super::super::words::{ItemKind, run};
use super::{
    Block, COMPONENT, EMERGENCY, Form, GATE, METRIC, PROBE, ROLLBACK, RULE, STRATEGY, describes, later,
    listed, required, runs,
};
use crate::model::plan::{EnvironmentKind, EvidenceKind};

/// The file itself.
pub(in super::super) static FILE: Block = Block {
    name: "the plan file",
    members: &[
        required("plan", Form::One(&PLAN)),
        required("release", Form::One(&RELEASE)),
        required("environments", Form::Many(&Form::One(&ENVIRONMENT))),
        required("components", Form::Many(&Form::One(&COMPONENT))),
        runs("strategies", Form::Many(&Form::One(&STRATEGY))),
        runs("probes", Form::Many(&Form::One(&PROBE))),
        runs("metrics", Form::Many(&Form::One(&METRIC))),
        runs("rules", Form::Many(&Form::One(&RULE))),
        runs("gates", Form::Many(&Form::One(&GATE))),
        runs("phases", Form::Many(&Form::One(&PHASE))),
        runs("checklists", Form::Many(&Form::One(&CHECKLIST))),
        runs("rollback", Form::One(&ROLLBACK)),
        runs("emergency", Form::One(&EMERGENCY)),
        later("people"),
        later("approvals"),
        later("polls"),
        later("schedule"),
        later("windows"),
        later("comms"),
        later("runbooks"),
        later("data"),
        later("risks"),
        later("scenarios"),
        later("success"),
        later("kpis"),
        later("observe"),
        later("profiles"),
        later("compat"),
        later("references"),
        later("compliance"),
        later("audit"),
        later("report"),
        later("retention"),
        later("include"),
    ],
};

/// `plan`.
pub(in super::super) static PLAN: Block = Block {
    name: "`plan`",
    members: &[
        required("id", Form::Slug),
        required("title", Form::Text),
        runs("format", Form::Whole),
        describes("owner"),
        describes("version"),
        describes("created"),
        describes("updated"),
        listed("tags"),
        later("next_review"),
        later("review_cycle"),
        later("mandatory_for"),
    ],
};

/// `release`.
pub(in super::super) static RELEASE: Block = Block {
    name: "`release`",
    members: &[
        required("version", Form::Text),
        runs("previous", Form::Text),
        describes("type"),
        describes("change_ref"),
        describes("notes"),
        describes("supersedes"),
        later("semver_check"),
        later("source"),
        later("artifacts"),
        later("external_artifacts"),
        later("links"),
        later("depends_on_release"),
    ],
};

/// One of `environments`.
pub(in super::super) static ENVIRONMENT: Block = Block {
    name: "an environment",
    members: &[
        required("id", Form::Slug),
        required("kind", Form::Word(run::<EnvironmentKind>)),
        required("contexts", Form::Many(&Form::One(&CONTEXT))),
        describes("data_class"),
        describes("cadence"),
        listed("urls"),
        later("access"),
        later("protect"),
        later("windows"),
        later("mirrors"),
        later("metrics_source"),
        later("log_source"),
        later("outside_probe"),
    ],
};

/// One of an environment's `contexts`.
pub(in super::super) static CONTEXT: Block = Block {
    name: "a context",
    members: &[
        required("kubeconfig_context", Form::Text),
        runs("cluster_uid", Form::Text),
        runs("namespaces", Form::Texts),
        describes("region"),
        later("wave"),
    ],
};

/// One of `phases`.
pub(in super::super) static PHASE: Block = Block {
    name: "a phase",
    members: &[
        required("id", Form::Slug),
        runs("title", Form::Text),
        runs("steps", Form::Texts),
        runs("checklists", Form::Texts),
        describes("criteria_text"),
        later("depends_on"),
        later("env"),
        later("planned"),
        later("entry_gate"),
        later("exit_gate"),
        later("parallel_with"),
    ],
};

/// One of `checklists`.
pub(in super::super) static CHECKLIST: Block = Block {
    name: "a checklist",
    members: &[
        required("id", Form::Slug),
        required("items", Form::Many(&Form::One(&ITEM))),
        runs("title", Form::Text),
        describes("mode"),
        later("signoff"),
    ],
};

/// One of a checklist's `items`.
pub(in super::super) static ITEM: Block = Block {
    name: "an item",
    members: &[
        required("id", Form::Slug),
        required("text", Form::Text),
        runs("kind", Form::Word(run::<ItemKind>)),
        runs("expect", Form::Text),
        runs("owner", Form::Text),
        runs("critical", Form::Flag),
        runs("evidence", Form::Word(run::<EvidenceKind>)),
        describes("group"),
        listed("tags"),
        later("phase"),
        later("due"),
        later("depends_on"),
        later("applies_if"),
        later("bind"),
        later("verify"),
        later("witness"),
        later("ttl"),
        later("reopen_on"),
        later("recheck"),
        later("na"),
        later("waive"),
        later("timebox"),
        later("on_fail"),
    ],
};
