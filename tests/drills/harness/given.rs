//! A cluster that was handed in: its kubeconfig says who the drills are, and there is nothing else to hold on to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use color_eyre::eyre::{Result, WrapErr, eyre};
use kube::config::Kubeconfig;
use serde_json::{Value, json};
use tokio::runtime::{Handle, Runtime};

use crate::rig::lifeline::Lifeline;

/// Such a cluster.
pub(crate) struct Given {
    cluster: Value,
    user: Value,
    directory: PathBuf,
    runtime: Runtime,
    lifeline: Lifeline,
}

impl Given {
    /// Reads the current context; files of ours go into `directory`.
    pub(crate) fn open(kubeconfig: &Path, directory: PathBuf) -> Result<Self> {
        // The process-wide TLS provider; another start in the process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let path = std::path::absolute(kubeconfig)?;
        let file = Kubeconfig::read_from(&path).wrap_err_with(|| format!("{}", path.display()))?;
        let file = serde_json::to_value(file)?;
        let named = |list: &str, name: &Value| {
            let mut entries = file[list].as_array().into_iter().flatten();
            entries.find(|entry| entry["name"] == *name).cloned().unwrap_or_default()
        };
        let context = named("contexts", &file["current-context"])["context"].clone();
        let cluster = named("clusters", &context["cluster"])["cluster"].clone();
        let user = named("users", &context["user"])["user"].clone();
        let given = Self { cluster, user, directory, runtime: Runtime::new()?, lifeline: Lifeline::new() };
        given.server().map(|server| println!("on {server}"))?;
        Ok(given)
    }

    /// URL of its API server.
    pub(crate) fn server(&self) -> Result<String> {
        let server = self.cluster["server"].as_str();
        server.map(str::to_owned).ok_or_else(|| eyre!("the current context names no server"))
    }

    /// Runs the tests' own asynchronous work.
    pub(crate) fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Starts programs that cannot outlive the drills.
    pub(crate) fn lifeline(&self) -> &Lifeline {
        &self.lifeline
    }

    /// The same user under another file name and in another namespace, at the server or at a proxy before it.
    pub(crate) fn kubeconfig(&self, name: &str, proxy: Option<&str>, namespace: &str) -> Result<PathBuf> {
        let mut cluster = self.cluster.clone();
        if let Some(proxy) = proxy {
            let server = self.server()?;
            let (scheme, rest) = server.split_once("://").unwrap_or(("https", &server));
            let host = rest.split([':', '/']).next().unwrap_or_default();
            cluster["server"] = format!("{scheme}://{proxy}").into();
            if cluster["tls-server-name"].is_null() {
                cluster["tls-server-name"] = host.into();
            }
        }
        let document = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "rig",
            "contexts": [{ "name": "rig", "context": { "cluster": "rig", "user": "rig", "namespace": namespace } }],
            "clusters": [{ "name": "rig", "cluster": cluster }],
            "users": [{ "name": "rig", "user": self.user }],
        });
        let path = self.directory.join(format!("{name}.kubeconfig"));
        fs::write(&path, serde_json::to_vec_pretty(&document)?)?;
        Ok(path)
    }
}
