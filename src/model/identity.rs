//! Which cluster this is, and who we are to it.

use serde::{Deserialize, Serialize};

use super::ids::{ClusterId, ContextName};
use super::text::Text;

/// The pinned connection: resolved once at the start, never retargeted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Exact context name.
    pub context: ContextName,
    /// Server URL as in the kubeconfig.
    pub server: Text,
    /// Git version that the server reported.
    pub version: Text,
    /// sha256 of the CA certificate, hex with colons; `None` where the system's roots are used.
    pub ca_fingerprint: Option<String>,
    /// Cluster id.
    pub cluster: ClusterId,
    /// The cluster's own answer to "who am I" (`SelfSubjectReview`).
    pub user: Text,
    /// Groups it named.
    pub groups: Vec<Text>,
    /// Whether certificate checks were switched off on purpose: a permanent banner.
    pub insecure: bool,
    /// Whether this is the embedded simulator: the header says SIMULATED.
    pub simulated: bool,
}
