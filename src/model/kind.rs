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
    /// `v1 Service`: a workload where its selector tells two Deployments apart
    Service,
    /// `networking.k8s.io/v1 Ingress`: a workload where an nginx canary Ingress stands beside it
    Ingress,
    /// `gateway.networking.k8s.io/v1 HTTPRoute`: a workload where it splits traffic
    HttpRoute,
    /// `networking.istio.io VirtualService`: a workload where it splits traffic
    VirtualService,
}

/// What the API calls a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindRow {
    /// The kind this row is about.
    pub kind: WorkloadKind,
    /// API group; empty for the core group.
    pub group: &'static str,
    /// API version inside the group.
    pub version: &'static str,
    /// Resource name in URLs.
    pub plural: &'static str,
    /// `kind` as the API spells it.
    pub name: &'static str,
    /// Whether every cluster serves it; the others are found by discovery.
    pub built_in: bool,
    /// Whether it has pods of its own. The others direct traffic, and count as workloads only where they tell two
    /// versions apart.
    pub has_pods: bool,
}

/// The table.
pub const KINDS: [KindRow; 10] = [
    row(WorkloadKind::Deployment, "apps", "v1", "deployments", "Deployment", true),
    row(WorkloadKind::StatefulSet, "apps", "v1", "statefulsets", "StatefulSet", true),
    row(WorkloadKind::DaemonSet, "apps", "v1", "daemonsets", "DaemonSet", true),
    row(WorkloadKind::Job, "batch", "v1", "jobs", "Job", true),
    row(WorkloadKind::Rollout, "argoproj.io", "v1alpha1", "rollouts", "Rollout", false),
    row(WorkloadKind::Canary, "flagger.app", "v1beta1", "canaries", "Canary", false),
    routing(WorkloadKind::Service, "", "v1", "services", "Service", true),
    routing(WorkloadKind::Ingress, "networking.k8s.io", "v1", "ingresses", "Ingress", true),
    routing(WorkloadKind::HttpRoute, "gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", false),
    // the version that Istio has served longest and still serves
    routing(
        WorkloadKind::VirtualService,
        "networking.istio.io",
        "v1beta1",
        "virtualservices",
        "VirtualService",
        false,
    ),
];

const fn row(
    kind: WorkloadKind,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    name: &'static str,
    built_in: bool,
) -> KindRow {
    KindRow { kind, group, version, plural, name, built_in, has_pods: true }
}

const fn routing(
    kind: WorkloadKind,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    name: &'static str,
    built_in: bool,
) -> KindRow {
    KindRow { kind, group, version, plural, name, built_in, has_pods: false }
}

impl KindRow {
    /// `apps/v1`, or `v1` in the core group: what `apiVersion` says.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Where the API serves it: `/apis/apps/v1`, or `/api/v1` in the core group.
    #[must_use]
    pub fn root(&self) -> String {
        let prefix = if self.group.is_empty() { "api" } else { "apis" };
        format!("/{prefix}/{}", self.api_version())
    }
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
            "svc" => "Service",
            "ing" => "Ingress",
            "vs" => "VirtualService",
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
