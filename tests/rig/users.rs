//! Who may do what on the rig: one table of roles, each with a user of its name, a kubeconfig and its rights.

use std::{
    fs,
    path::{Path, PathBuf},
};

use color_eyre::eyre::Result;
use serde_json::{Value, json};

use super::{api::Api, pki::KeyFiles};

/// A set of rights. Every user of the rig has exactly one, through the group in the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// May do everything.
    Admin,
    /// May watch everything and drive rollouts.
    Driver,
    /// May watch everything.
    Observer,
    /// May see Deployments and pods, and nothing else.
    FewRights,
}

/// One rule of a role: API groups, resources, verbs.
type Rule = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const READ: &[&str] = &["get", "list", "watch"];
const WATCHING: &[Rule] = &[
    (&["", "apps", "batch", "autoscaling", "policy", "discovery.k8s.io", "events.k8s.io"], &["*"], READ),
    (&["networking.k8s.io", "storage.k8s.io", "apiextensions.k8s.io"], &["*"], READ),
    (&["argoproj.io", "flagger.app", "gateway.networking.k8s.io", "networking.istio.io"], &["*"], READ),
];
const DRIVING: &[Rule] = &[
    (&["apps"], &["deployments", "statefulsets", "daemonsets", "controllerrevisions"], &["patch", "update"]),
    (&["apps"], &["deployments/scale", "statefulsets/scale"], &["get", "patch", "update"]),
    (&[""], &["configmaps"], &["create", "patch", "update"]),
    (&["coordination.k8s.io"], &["leases"], &["get", "list", "watch", "create", "patch", "update"]),
    (&["", "events.k8s.io"], &["events"], &["create", "patch"]),
    (&[""], &["pods"], &["delete"]),
    (&[""], &["services"], &["patch", "update"]),
    (&["networking.k8s.io"], &["ingresses"], &["patch", "update"]),
    (&["gateway.networking.k8s.io"], &["httproutes"], &["patch", "update"]),
    (&["networking.istio.io"], &["virtualservices", "destinationrules"], &["patch", "update"]),
    (&["argoproj.io"], &["rollouts", "rollouts/status", "rollouts/scale"], &["get", "patch", "update"]),
    (&["argoproj.io"], &["analysisruns"], &["patch", "update"]),
    (&["flagger.app"], &["canaries", "canaries/status"], &["get", "patch", "update"]),
    (&["batch"], &["jobs"], &["create", "patch", "delete"]),
];
const LITTLE: &[Rule] =
    &[(&["apps"], &["deployments"], READ), (&[""], &["pods"], READ), (&[""], &["namespaces"], &["get"])];

impl Role {
    /// Every role.
    pub(crate) const ALL: [Self; 4] = [Self::Admin, Self::Driver, Self::Observer, Self::FewRights];

    /// Name of the role and of its user.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Driver => "driver",
            Self::Observer => "observer",
            Self::FewRights => "few-rights",
        }
    }

    /// The group that certificates of this role carry.
    pub(crate) const fn group(self) -> &'static str {
        match self {
            Self::Admin => "system:masters",
            Self::Driver => "rig:driver",
            Self::Observer => "rig:observer",
            Self::FewRights => "rig:few-rights",
        }
    }

    const fn rules(self) -> &'static [&'static [Rule]] {
        match self {
            Self::Admin => &[],
            Self::Driver => &[WATCHING, DRIVING],
            Self::Observer => &[WATCHING],
            Self::FewRights => &[LITTLE],
        }
    }
}

/// Gives every role its rights.
pub(crate) fn grant(admin: &Api) -> Result<()> {
    const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
    for role in Role::ALL.into_iter().filter(|role| !role.rules().is_empty()) {
        let name = format!("rig-{}", role.name());
        let rules: Vec<Value> = role
            .rules()
            .concat()
            .into_iter()
            .map(|(groups, resources, verbs)| {
                json!({ "apiGroups": groups, "resources": resources, "verbs": verbs })
            })
            .collect();
        admin.create(
            &format!("{RBAC}/clusterroles"),
            &json!({ "metadata": { "name": name }, "rules": rules }),
        )?;
        admin.create(
            &format!("{RBAC}/clusterrolebindings"),
            &json!({
                "metadata": { "name": name },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name },
                "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": role.group() }],
            }),
        )?;
    }
    Ok(())
}

/// What a kubeconfig says.
pub(crate) struct Kubeconfig<'a> {
    /// Name of the context, the cluster and the user.
    pub(crate) context: &'a str,
    /// URL of the API server, or of a proxy in front of it.
    pub(crate) server: &'a str,
    /// Certificate authority of the server.
    pub(crate) authority: &'a Path,
    /// The user's certificate and key.
    pub(crate) user: &'a KeyFiles,
    /// Default namespace.
    pub(crate) namespace: &'a str,
}

impl Kubeconfig<'_> {
    /// Writes the file (JSON, which is YAML) and returns its path.
    pub(crate) fn write(&self, path: PathBuf) -> Result<PathBuf> {
        let name = self.context;
        let document = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "contexts": [{
                "name": name,
                "context": { "cluster": name, "user": name, "namespace": self.namespace },
            }],
            "clusters": [{
                "name": name,
                "cluster": { "server": self.server, "certificate-authority": self.authority },
            }],
            "users": [{
                "name": name,
                "user": { "client-certificate": self.user.certificate, "client-key": self.user.key },
            }],
        });
        fs::write(&path, serde_json::to_vec_pretty(&document)?)?;
        Ok(path)
    }
}
