//! `gonogo sim` in place of a control plane: the same drills, without anything installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    time::Duration,
};

use color_eyre::eyre::{Result, eyre};
use serde_json::json;
use tokio::runtime::{Handle, Runtime};

use crate::rig::{api::Api, clock::eventually, lifeline::Lifeline};

/// How long the simulator may take to come up.
const STARTING: Duration = Duration::from_secs(15);

/// A running simulator. It ends with this value, or with this process.
pub(crate) struct Simulator {
    server: String,
    directory: PathBuf,
    runtime: Runtime,
    lifeline: Lifeline,
    child: Child,
}

impl Simulator {
    /// Starts it with its files in `directory`.
    pub(crate) fn start(directory: PathBuf) -> Result<Self> {
        // The process-wide TLS provider; another start in the process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (runtime, lifeline) = (Runtime::new()?, Lifeline::new());
        let kubeconfig = directory.join("simulator.kubeconfig");
        let arguments = ["sim", "good", "--write-kubeconfig"].map(str::to_owned);
        let arguments = [arguments.as_slice(), &[kubeconfig.display().to_string()]].concat();
        let program = Path::new(env!("CARGO_BIN_EXE_gonogo"));
        let mut child = lifeline.start(program, &arguments, &directory.join("simulator.log"))?;
        let server = eventually("the simulator says where it is", STARTING, || {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(Err(eyre!("the simulator has ended: {status}"))));
            }
            Ok(server_of(&fs::read_to_string(&kubeconfig)?).map(Ok))
        })??;
        Ok(Self { server, directory, runtime, lifeline, child })
    }

    /// Its URL.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Runs the tests' own asynchronous work.
    pub(crate) fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Starts programs that cannot outlive the drills.
    pub(crate) fn lifeline(&self) -> &Lifeline {
        &self.lifeline
    }

    /// A connection as `user`.
    pub(crate) fn api(&self, user: &str) -> Result<Api> {
        Api::new(&self.kubeconfig(user, &self.server, "default")?, self.handle())
    }

    /// A kubeconfig for `user`, who may do everything, at `server`, which may be a proxy.
    pub(crate) fn kubeconfig(&self, user: &str, server: &str, namespace: &str) -> Result<PathBuf> {
        let path = self.directory.join(format!("{user}.kubeconfig"));
        let document = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "rig",
            "contexts": [{ "name": "rig", "context": { "cluster": "rig", "user": "rig", "namespace": namespace } }],
            "clusters": [{ "name": "rig", "cluster": { "server": server } }],
            "users": [{ "name": "rig", "user": { "token": user } }],
        });
        fs::write(&path, serde_json::to_vec_pretty(&document)?)?;
        Ok(path)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server in a kubeconfig of the simulator, once it is written.
fn server_of(kubeconfig: &str) -> Option<String> {
    let (_, rest) = kubeconfig.split_once("server: ")?;
    let (server, _) = rest.split_once('\n')?;
    Some(server.trim().to_owned())
}
