//! Running a credential plugin.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use super::answer;
use crate::model::credential::{Credential, Interaction, PluginCall};

/// After this time a plugin is killed.
const PATIENCE: Duration = Duration::from_secs(20);
/// After this time one that may ask is killed: people look for their tokens, and Ctrl-C is theirs.
const PATIENCE_WITH_PEOPLE: Duration = Duration::from_mins(3);
/// More output than this is no credential.
const LONGEST_ANSWER: u64 = 1024 * 1024;

/// What plugins may do here.
#[derive(Clone, Debug, Default)]
pub struct PluginPolicy {
    /// Absolute paths that may be run; `None` allows every plugin that the chosen kubeconfig names.
    pub allowed: Option<BTreeSet<PathBuf>>,
    /// Value of `PATH`, for commands without a path.
    pub search: Option<OsString>,
    /// Whether a plugin may ask at the terminal now. Never while the screen is taken over.
    pub interactive: bool,
}

/// A plugin that was found and may be run.
#[derive(Clone, Debug)]
pub struct Plugin {
    path: PathBuf,
    call: PluginCall,
}

/// Why a plugin gave no credential. No variant holds its output, its arguments or its environment.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The command does not exist.
    #[error("the credential plugin {command:?} is not installed{}", hint(.install_hint.as_deref()))]
    Missing {
        /// As written in the kubeconfig.
        command: String,
        /// The kubeconfig's own hint.
        install_hint: Option<String>,
    },
    /// The policy does not name it.
    #[error("the credential plugin {} is not on the allow-list: add this path to it if you trust it", .path.display())]
    NotAllowed {
        /// Resolved path.
        path: PathBuf,
    },
    /// Its protocol is not spoken here.
    #[error(
        "the credential plugin asks for {api_version:?}: only client.authentication.k8s.io/v1 and v1beta1 are known"
    )]
    Version {
        /// As written in the kubeconfig.
        api_version: String,
    },
    /// It has to ask, and it may not.
    #[error("the credential plugin {} must ask at the terminal: log in with kubectl first, then start again", .path.display())]
    NeedsTerminal {
        /// Resolved path.
        path: PathBuf,
    },
    /// The system did not start it.
    #[error("the credential plugin {} could not be started ({kind}): check that it is executable", .path.display())]
    NotStarted {
        /// Resolved path.
        path: PathBuf,
        /// Kind of the system's error.
        kind: std::io::ErrorKind,
    },
    /// It took too long and was killed.
    #[error("the credential plugin {} gave no answer in {} s and was ended: run it by hand to see why", .path.display(), .after.as_secs())]
    TimedOut {
        /// Resolved path.
        path: PathBuf,
        /// What it was given.
        after: Duration,
    },
    /// It failed.
    #[error("the credential plugin {} failed ({status}): run it by hand to see why", .path.display())]
    Failed {
        /// Resolved path.
        path: PathBuf,
        /// How it ended.
        status: ExitStatus,
    },
    /// It printed something else.
    #[error("the credential plugin {} printed no usable ExecCredential: run it by hand to see why", .path.display())]
    NoCredential {
        /// Resolved path.
        path: PathBuf,
    },
}

fn hint(text: Option<&str>) -> String {
    text.map_or_else(
        || ": install it or correct the kubeconfig".to_owned(),
        |text| format!(": {}", text.trim()),
    )
}

/// Runs plugins, one at a time.
#[derive(Debug, Default)]
pub struct Plugins {
    turn: Mutex<()>,
}

impl Plugins {
    /// Runs the plugin that `call` names and reads its answer.
    pub async fn run(&self, call: &PluginCall, policy: &PluginPolicy) -> Result<Credential, PluginError> {
        let plugin = Plugin::find(call, policy)?;
        let interactive = plugin.interactive(policy)?;
        let _turn = self.turn.lock().await;
        plugin.run(interactive, if interactive { PATIENCE_WITH_PEOPLE } else { PATIENCE }).await
    }
}

impl Plugin {
    /// Resolves the command to an absolute path and asks the allow-list.
    pub fn find(call: &PluginCall, policy: &PluginPolicy) -> Result<Self, PluginError> {
        if !answer::speaks(&call.api_version) {
            return Err(PluginError::Version { api_version: call.api_version.clone() });
        }
        let path = resolve(&call.command, policy.search.as_ref()).ok_or_else(|| PluginError::Missing {
            command: call.command.clone(),
            install_hint: call.install_hint.clone(),
        })?;
        match &policy.allowed {
            Some(allowed) if !allowed.contains(&path) => Err(PluginError::NotAllowed { path }),
            Some(_) | None => Ok(Self { path, call: call.clone() }),
        }
    }

    fn interactive(&self, policy: &PluginPolicy) -> Result<bool, PluginError> {
        match (self.call.interaction, policy.interactive) {
            (Interaction::Never, _) | (Interaction::IfAvailable, false) => Ok(false),
            (Interaction::IfAvailable | Interaction::Always, true) => Ok(true),
            (Interaction::Always, false) => Err(PluginError::NeedsTerminal { path: self.path.clone() }),
        }
    }

    async fn run(&self, interactive: bool, patience: Duration) -> Result<Credential, PluginError> {
        let mut child = self
            .command(interactive)
            .spawn()
            .map_err(|error| PluginError::NotStarted { path: self.path.clone(), kind: error.kind() })?;
        let Ok((output, status)) = tokio::time::timeout(patience, finish(&mut child)).await else {
            kill(&mut child, interactive).await;
            return Err(PluginError::TimedOut { path: self.path.clone(), after: patience });
        };
        match status {
            Ok(status) if status.success() => answer::read(&output, &self.call.api_version)
                .ok_or_else(|| PluginError::NoCredential { path: self.path.clone() }),
            Ok(status) => Err(PluginError::Failed { path: self.path.clone(), status }),
            Err(error) => Err(PluginError::NotStarted { path: self.path.clone(), kind: error.kind() }),
        }
    }

    fn command(&self, interactive: bool) -> Command {
        let mut spec = json!({ "interactive": interactive });
        if let Some(cluster) = &self.call.cluster {
            spec["cluster"] = cluster.clone();
        }
        let info = json!({ "apiVersion": self.call.api_version, "kind": "ExecCredential", "spec": spec });
        let mut command = Command::new(&self.path);
        command
            .args(&self.call.args)
            .envs(self.call.env.iter().map(|(key, value)| (key, value)))
            .env("KUBERNETES_EXEC_INFO", info.to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if interactive {
            command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        } else {
            // a group of its own, so that its children end with it
            command.stdin(Stdio::null()).stderr(Stdio::null()).process_group(0);
        }
        command
    }
}

async fn finish(child: &mut Child) -> (Vec<u8>, std::io::Result<ExitStatus>) {
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take()
        && let Err(error) = stdout.take(LONGEST_ANSWER).read_to_end(&mut output).await
    {
        return (output, Err(error));
    }
    (output, child.wait().await)
}

async fn kill(child: &mut Child, interactive: bool) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let (Some(group), false) = (group, interactive) {
        // it may have ended by itself meanwhile
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    // the same holds here; waiting reaps it
    let _ = child.kill().await;
}

fn resolve(command: &str, search: Option<&OsString>) -> Option<PathBuf> {
    let found = if command.contains('/') {
        Some(PathBuf::from(command)).filter(|path| is_file(path))
    } else {
        std::env::split_paths(search?).map(|folder| folder.join(command)).find(|path| is_file(path))
    };
    found.and_then(|path| std::path::absolute(path).ok())
}

fn is_file(path: &Path) -> bool {
    !path.as_os_str().is_empty() && path.is_file()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use secrecy::ExposeSecret as _;

    use super::*;

    const V1: &str = "client.authentication.k8s.io/v1";

    fn script(folder: &Path, body: &str) -> PluginCall {
        let path = folder.join("plugin");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        PluginCall { command: "plugin".into(), api_version: V1.into(), ..PluginCall::default() }
    }

    fn policy(folder: &Path) -> PluginPolicy {
        PluginPolicy { search: Some(folder.into()), ..PluginPolicy::default() }
    }

    const ANSWER: &str = r#"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'"$GIVEN"'"}}'"#;

    #[tokio::test]
    async fn a_plugin_is_found_in_the_path_and_gets_its_environment() {
        let folder = tempfile::tempdir().unwrap();
        let mut call = script(folder.path(), ANSWER);
        call.env = vec![("GIVEN".into(), "secret-7".into())];
        let credential = Plugins::default().run(&call, &policy(folder.path())).await.unwrap();
        assert_eq!(credential.token.unwrap().expose_secret(), "secret-7");
    }

    #[tokio::test]
    async fn a_failing_plugin_is_named_without_what_it_printed() {
        let folder = tempfile::tempdir().unwrap();
        let call = script(folder.path(), "echo secret-7; echo secret-7 >&2; exit 3");
        let error = Plugins::default().run(&call, &policy(folder.path())).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("exit status: 3") && !text.contains("secret-7"), "{text}");
    }

    #[tokio::test]
    async fn a_hanging_plugin_is_ended_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let call = script(folder.path(), "sleep 1000 & echo $! > \"$0.pid\"; wait");
        let plugin = Plugin::find(&call, &policy(folder.path())).unwrap();
        let error = plugin.run(false, Duration::from_millis(300)).await.unwrap_err();
        assert!(matches!(error, PluginError::TimedOut { .. }));
        let pid = std::fs::read_to_string(folder.path().join("plugin.pid")).unwrap();
        // the signal is sent; dying takes the kernel a moment
        let stat = format!("/proc/{}/stat", pid.trim());
        let gone = || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
        for _ in 0..500 {
            if gone() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the plugin's child lives on");
    }

    #[test]
    fn the_allow_list_compares_absolute_paths() {
        let folder = tempfile::tempdir().unwrap();
        let call = script(folder.path(), ANSWER);
        let mut policy = policy(folder.path());
        policy.allowed = Some(BTreeSet::new());
        assert!(matches!(Plugin::find(&call, &policy), Err(PluginError::NotAllowed { .. })));
        policy.allowed = Some([folder.path().join("plugin")].into());
        assert!(Plugin::find(&call, &policy).is_ok());
        let missing = PluginCall { command: "nowhere".into(), install_hint: Some("get it".into()), ..call };
        assert!(Plugin::find(&missing, &policy).unwrap_err().to_string().contains("get it"));
    }
}
