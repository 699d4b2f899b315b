//! The kinds of workload that the console lists: one row each, everything else derives from the row.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WorkloadKind {
    /// `apps/v1 Deployment`
    Deployment,
    /// `apps/v1 StatefulSet`
    StatefulSet,
    /// `apps/v1 DaemonSet`
    DaemonSet,
    /// `batch/v1 Job`
    Job,
    /// `argoproj.io/v1alpha1 Rollout` (Argo Rollouts; other groups have a kind of the same name)
    Rollout,
    /// `flagger.app/v1beta1 Canary`
    Canary,
}

/// What the API calls a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindRow {
    /// The kind this row is about.
    pub kind: WorkloadKind,
    /// API group; empty never occurs among workloads.
    pub group: &'static str,
    /// API version inside the group.
    pub version: &'static str,
    /// Resource name in URLs.
    pub plural: &'static str,
    /// `kind` as the API spells it.
    pub name: &'static str,
    /// Whether every cluster serves it; the others are found by discovery.
    pub built_in: bool,
}

/// The table.
pub const KINDS: [KindRow; 6] = [
    row(WorkloadKind::Deployment, "apps", "v1", "deployments", "Deployment", true),
    row(WorkloadKind::StatefulSet, "apps", "v1", "statefulsets", "StatefulSet", true),
    row(WorkloadKind::DaemonSet, "apps", "v1", "daemonsets", "DaemonSet", true),
    row(WorkloadKind::Job, "batch", "v1", "jobs", "Job", true),
    row(WorkloadKind::Rollout, "argoproj.io", "v1alpha1", "rollouts", "Rollout", false),
    row(WorkloadKind::Canary, "flagger.app", "v1beta1", "canaries", "Canary", false),
];

const fn row(
    kind: WorkloadKind,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    name: &'static str,
    built_in: bool,
) -> KindRow {
    KindRow { kind, group, version, plural, name, built_in }
}

impl WorkloadKind {
    /// This kind's row.
    #[must_use]
    pub const fn row(self) -> KindRow {
        KINDS[self as usize]
    }

    /// `kind` as the API spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Finds a kind by the API's spelling, its plural or kubectl's short form.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let short = match word {
            "deploy" => "Deployment",
            "sts" => "StatefulSet",
            "ds" => "DaemonSet",
            "ro" => "Rollout",
            other => other,
        };
        KINDS
            .iter()
            .find(|row| row.name.eq_ignore_ascii_case(short) || row.plural.eq_ignore_ascii_case(short))
            .map(|row| row.kind)
    }
}

impl fmt::Display for WorkloadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_finds_its_own_row_and_its_own_names() {
        for row in KINDS {
            assert_eq!(row.kind.row(), row);
            assert_eq!(WorkloadKind::parse(row.name), Some(row.kind));
            assert_eq!(WorkloadKind::parse(row.plural), Some(row.kind));
        }
        assert_eq!(WorkloadKind::parse("deploy"), Some(WorkloadKind::Deployment));
        assert_eq!(WorkloadKind::parse("pod"), None);
    }
}
