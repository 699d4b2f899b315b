//! What the plan format knows, and how much of it this version runs: one table.

/// The members of one kind of block.
#[derive(Debug)]
pub(super) struct Block {
    /// What to call it in a message.
    pub(super) name: &'static str,
    /// Members that must be there.
    pub(super) required: &'static [&'static str],
    /// Members that may be there and do something.
    pub(super) runs: &'static [&'static str],
    /// Members that are kept and shown, and that nothing is judged by.
    pub(super) describes: &'static [&'static str],
    /// Members of the format that this version does not run. They are errors: a plan must not promise what nobody does.
    pub(super) later: &'static [&'static str],
}

impl Block {
    /// All members that this version takes.
    pub(super) fn taken(&self) -> impl Iterator<Item = &'static str> {
        [self.required, self.runs, self.describes].into_iter().flatten().copied()
    }
}

/// The file itself.
pub(super) const FILE: Block = Block {
    name: "the plan file",
    required: &["plan", "release", "environments", "components"],
    runs: &["phases", "checklists"],
    describes: &[],
    later: &[
        "people",
        "strategies",
        "probes",
        "metrics",
        "rules",
        "gates",
        "approvals",
        "polls",
        "schedule",
        "windows",
        "comms",
        "runbooks",
        "data",
        "rollback",
        "emergency",
        "risks",
        "scenarios",
        "success",
        "kpis",
        "observe",
        "profiles",
        "compat",
        "references",
        "compliance",
        "audit",
        "report",
        "retention",
        "include",
    ],
};

/// `plan`.
pub(super) const PLAN: Block = Block {
    name: "`plan`",
    required: &["id", "title"],
    runs: &["format"],
    describes: &["owner", "version", "created", "updated", "tags"],
    later: &["next_review", "review_cycle", "mandatory_for"],
};

/// `release`.
pub(super) const RELEASE: Block = Block {
    name: "`release`",
    required: &["version"],
    runs: &["previous"],
    describes: &["type", "change_ref", "notes", "supersedes"],
    later: &["semver_check", "source", "artifacts", "external_artifacts", "links", "depends_on_release"],
};

/// One of `environments`.
pub(super) const ENVIRONMENT: Block = Block {
    name: "an environment",
    required: &["id", "kind", "contexts"],
    runs: &[],
    describes: &["data_class", "cadence", "urls"],
    later: &["access", "protect", "windows", "mirrors", "metrics_source", "log_source", "outside_probe"],
};

/// One of an environment's `contexts`.
pub(super) const CONTEXT: Block = Block {
    name: "a context",
    required: &["kubeconfig_context"],
    runs: &["cluster_uid", "namespaces"],
    describes: &["region"],
    later: &["wave"],
};

/// One of `components`.
pub(super) const COMPONENT: Block = Block {
    name: "a component",
    required: &["id"],
    runs: &["title", "workloads", "depends_on", "external", "stop", "traffic"],
    describes: &["group", "criticality", "owner", "notes"],
    later: &[
        "strategy",
        "version_probe",
        "resources",
        "replicas",
        "placement",
        "config",
        "secrets",
        "probes",
        "metrics",
        "rules",
        "validate",
        "undo",
        "undo_window",
    ],
};

/// One of a component's `workloads`.
pub(super) const WORKLOAD: Block = Block {
    name: "a workload",
    required: &["kind", "name"],
    runs: &["namespace"],
    describes: &[],
    later: &["container"],
};

/// A component's `traffic`.
pub(super) const TRAFFIC: Block = Block {
    name: "`traffic`",
    required: &["version_label"],
    runs: &[],
    describes: &[],
    later: &["mechanism", "refs", "stable", "new"],
};

/// One of `phases`.
pub(super) const PHASE: Block = Block {
    name: "a phase",
    required: &["id"],
    runs: &["title", "steps", "checklists"],
    describes: &["criteria_text"],
    later: &["depends_on", "env", "planned", "entry_gate", "exit_gate", "parallel_with"],
};

/// One of `checklists`.
pub(super) const CHECKLIST: Block = Block {
    name: "a checklist",
    required: &["id", "items"],
    runs: &["title"],
    describes: &["mode"],
    later: &["signoff"],
};

/// One of a checklist's `items`.
pub(super) const ITEM: Block = Block {
    name: "an item",
    required: &["id", "text"],
    runs: &["kind", "expect", "owner", "critical", "evidence"],
    describes: &["group", "tags"],
    later: &[
        "phase",
        "due",
        "depends_on",
        "applies_if",
        "bind",
        "verify",
        "witness",
        "ttl",
        "reopen_on",
        "recheck",
        "na",
        "waive",
        "timebox",
        "on_fail",
    ],
};

/// Describing members that may be lists.
pub(super) const LISTED: &[&str] = &["tags", "urls"];

/// Keys that people use to write results into a plan. The format has none of them.
pub(super) const RESULTS: &[&str] = &[
    "done",
    "status",
    "state",
    "result",
    "results",
    "current",
    "actual",
    "checked",
    "ticked",
    "completed",
    "passed",
    "signed_off_by",
    "approved_by",
];
