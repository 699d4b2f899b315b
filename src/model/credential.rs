//! What proves who we are: handed from the place that runs credential plugins to the place that speaks to the cluster.

use std::fmt;

use secrecy::SecretString;
use serde_json::Value;

use super::Time;

/// A credential plugin as a kubeconfig names it (`users[].user.exec`).
#[derive(Clone, Default)]
pub struct PluginCall {
    /// Command as written; a bare name is looked up in `PATH`.
    pub command: String,
    /// Arguments.
    pub args: Vec<String>,
    /// Environment it gets on top of ours; may hold secrets.
    pub env: Vec<(String, String)>,
    /// `client.authentication.k8s.io/v1` or `v1beta1`.
    pub api_version: String,
    /// Whether it may ask at the terminal.
    pub interaction: Interaction,
    /// What it is told about the cluster, where the kubeconfig says so.
    pub cluster: Option<Value>,
    /// The kubeconfig's own words for when the command is missing.
    pub install_hint: Option<String>,
}

/// `interactiveMode` of a plugin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interaction {
    /// It never asks.
    Never,
    /// It may ask where a terminal is there.
    #[default]
    IfAvailable,
    /// It cannot work without asking.
    Always,
}

/// What a plugin answered.
#[derive(Clone, Default)]
pub struct Credential {
    /// Bearer token.
    pub token: Option<SecretString>,
    /// Client certificate.
    pub certificate: Option<ClientCertificate>,
    /// When it ends; without it, only a refusal by the server says so.
    pub expires: Option<Time>,
}

/// A client certificate with its key.
#[derive(Clone)]
pub struct ClientCertificate {
    /// Chain, PEM.
    pub chain: String,
    /// Private key, PEM.
    pub key: SecretString,
}

impl fmt::Debug for PluginCall {
    /// Names the command only: arguments and environment may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginCall").field("command", &self.command).finish_non_exhaustive()
    }
}

impl fmt::Debug for Credential {
    /// Says what is there, never its value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("token", &self.token.is_some())
            .field("certificate", &self.certificate.is_some())
            .field("expires", &self.expires)
            .finish()
    }
}
