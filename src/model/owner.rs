//! Who else has a say over a workload: owners that may put a change back, and controllers that drive it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::Name;
use super::meta::Meta;

/// A tool that owns the object's desired state and may revert what is done here.
///
/// Markers: `rollout-contracts.md` 12.2 (Argo CD tracking id, Flux labels, Helm release annotations).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GitOpsOwner {
    /// Argo CD, with the application's name.
    ArgoCd(String),
    /// Flux Kustomization, with its name and namespace.
    FluxKustomization(String, String),
    /// Flux `HelmRelease`, with its name and namespace.
    FluxHelm(String, String),
    /// A Helm release, with its name and namespace.
    Helm(String, String),
}

impl GitOpsOwner {
    /// Reads the markers; the strongest (a controller that reverts by itself) wins over Helm, which waits for a person.
    #[must_use]
    pub fn of(meta: &Meta) -> Option<Self> {
        let label = |key: &str| meta.label(key).map(str::to_owned);
        let annotation = |key: &str| meta.annotation(key).map(str::to_owned);
        if let Some(id) = annotation("argocd.argoproj.io/tracking-id") {
            let app = label("app.kubernetes.io/instance")
                .unwrap_or_else(|| id.split(':').next().unwrap_or_default().to_owned());
            return Some(Self::ArgoCd(app));
        }
        if let Some(name) = label("kustomize.toolkit.fluxcd.io/name") {
            return Some(Self::FluxKustomization(
                name,
                label("kustomize.toolkit.fluxcd.io/namespace").unwrap_or_default(),
            ));
        }
        if let Some(name) = label("helm.toolkit.fluxcd.io/name") {
            return Some(Self::FluxHelm(name, label("helm.toolkit.fluxcd.io/namespace").unwrap_or_default()));
        }
        if meta.label("app.kubernetes.io/managed-by") == Some("Helm") {
            let release = annotation("meta.helm.sh/release-name")?;
            return Some(Self::Helm(
                release,
                annotation("meta.helm.sh/release-namespace").unwrap_or_default(),
            ));
        }
        None
    }

    /// The literal command that keeps the owner from putting a change back; `None` where it only acts when asked.
    #[must_use]
    pub fn suspend_command(&self) -> Option<String> {
        match self {
            Self::ArgoCd(app) => Some(format!("argocd app set {app} --sync-policy none")),
            Self::FluxKustomization(name, namespace) => {
                Some(format!("flux suspend kustomization {name} -n {namespace}"))
            }
            Self::FluxHelm(name, namespace) => {
                Some(format!("flux suspend helmrelease {name} -n {namespace}"))
            }
            Self::Helm(..) => None,
        }
    }

    /// What will happen to a change made here.
    #[must_use]
    pub fn warning(&self, version: &str) -> String {
        match self {
            Self::ArgoCd(_) | Self::FluxKustomization(..) | Self::FluxHelm(..) => {
                format!("owned by {self}: it may bring {version} back at its next sync")
            }
            Self::Helm(..) => format!("owned by {self}: a redeploy will bring {version} back"),
        }
    }
}

impl fmt::Display for GitOpsOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ArgoCd(app) => write!(f, "Argo CD app {app}"),
            Self::FluxKustomization(name, _) => write!(f, "Flux Kustomization {name}"),
            Self::FluxHelm(name, _) => write!(f, "Flux HelmRelease {name}"),
            Self::Helm(name, _) => write!(f, "Helm release {name}"),
        }
    }
}

/// Another controller that drives a workload; what it drives is not ours to act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Driver {
    /// Product and kind as people say it: `Flagger Canary`, `Argo Rollout`, or the API's kind.
    pub kind: String,
    /// Its name.
    pub name: Name,
}

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

impl Driver {
    /// A driver named by an object's kind.
    #[must_use]
    pub fn by_kind(kind: &str, name: &str) -> Self {
        let kind = match kind {
            "Canary" => "Flagger Canary",
            "Rollout" => "Argo Rollout",
            other => other,
        };
        Self { kind: kind.to_owned(), name: Name::new(name) }
    }
}
