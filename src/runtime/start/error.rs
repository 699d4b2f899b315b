//! Why a console could not be started.

use std::path::PathBuf;

use crate::cluster::ConnectError;
use crate::model::ids::{ClusterId, ContextName};
use crate::telemetry::dialect::CustomError;

/// Why a console could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The plan is for other contexts.
    #[error("this plan is for {}, not for {context}: name one of them with --context", named.join(", "))]
    PlanElsewhere {
        /// The present one.
        context: ContextName,
        /// Those of the plan.
        named: Vec<String>,
    },
    /// The plan pins another cluster behind the same context.
    #[error("context {context} is cluster {found}, but the plan pins {pinned}: check the kubeconfig")]
    OtherCluster {
        /// The context.
        context: ContextName,
        /// The cluster's id.
        found: ClusterId,
        /// The plan's.
        pinned: String,
    },
    /// A file with a secret cannot be read.
    #[error("cannot read {} named in config.toml: {source}", path.display())]
    Secret {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Queries in the configuration.
    #[error("config.toml: {0}")]
    Queries(#[from] CustomError),
    /// The journal's thread.
    #[error("the journal cannot be served: {0}")]
    Thread(#[from] std::io::Error),
}
