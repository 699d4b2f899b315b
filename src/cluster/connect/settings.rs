//! What a connection is made from.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::model::Text;
use crate::model::credential::{Credential, PluginCall};

/// Everything that the command line and the environment say about the cluster. Nothing here reads either by itself.
#[derive(Clone, Default)]
pub struct KubeSettings {
    /// `--kubeconfig`: exactly this file.
    pub kubeconfig: Option<PathBuf>,
    /// Value of `KUBECONFIG`: a list of files that are merged; those that are not there are skipped.
    pub kubeconfig_list: Option<OsString>,
    /// Home directory, for `~/.kube/config`.
    pub home: Option<PathBuf>,
    /// `--context`; without it the kubeconfig's current one.
    pub context: Option<String>,
    /// Whether `insecure-skip-tls-verify` in the kubeconfig may be obeyed.
    pub insecure_allowed: bool,
    /// Value of `HTTPS_PROXY` or `https_proxy`.
    pub https_proxy: Option<String>,
    /// Value of `NO_PROXY` or `no_proxy`.
    pub no_proxy: Option<String>,
}

impl fmt::Debug for KubeSettings {
    /// Leaves the proxy out: its address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubeSettings")
            .field("kubeconfig", &self.kubeconfig)
            .field("kubeconfig_list", &self.kubeconfig_list)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

/// Runs a credential plugin; made by `runtime` from `process`. The error is one sentence with its remedy.
pub type CredentialSource =
    Arc<dyn Fn(PluginCall) -> BoxFuture<'static, Result<Credential, Text>> + Send + Sync>;
