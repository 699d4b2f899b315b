//! Where a plan may go.

use serde::{Deserialize, Serialize};

use super::About;
use crate::model::ids::{ContextName, Namespace, ShortName};

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
