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
    /// Address of the proxy in between, without its login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Text>,
    /// Whether this is the embedded simulator: the header says SIMULATED.
    pub simulated: bool,
}

impl Connection {
    /// Whether the server is spoken to over TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        !self.server.as_str().starts_with("http://")
    }
}
