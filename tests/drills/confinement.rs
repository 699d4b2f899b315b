//! The drills run in namespaces of their own: processes, network, users. What they start cannot outlive them,
//! and no address is real.

use std::{
    env,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

use color_eyre::eyre::{Result, WrapErr, bail, ensure, eyre};
use rustix::process::{Pid, WaitOptions};

use crate::rig::lifeline::{self, ROLE, Words};

/// Name of the role of process 1 in the namespaces.
pub(crate) const INIT_ROLE: &str = "init";
/// Set inside the namespaces.
pub(crate) const INSIDE: &str = "GONOGO_RIG_INSIDE";
/// The rig's directory, handed on into the namespaces.
const DIRECTORY: &str = "GONOGO_RIG_DIRECTORY";
/// An address that is neither loopback nor anybody else's: it exists in the drills' network only.
pub(crate) const CLUSTER_ADDRESS: &str = "10.7.0.1";

/// Where the drills run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confinement {
    /// In namespaces of their own.
    Namespaces,
    /// On the machine as it is, where user namespaces are not allowed.
    None,
}

impl Confinement {
    /// The address that Prometheus listens on.
    pub(crate) const fn prometheus_host(self) -> &'static str {
        match self {
            Self::Namespaces => CLUSTER_ADDRESS,
            Self::None => "127.0.0.1",
        }
    }
}

/// Moves this program into namespaces of its own, with a directory that is swept afterwards.
///
/// Where namespaces can be had this returns only inside of them, in a new process; elsewhere it returns here.
pub(crate) fn enter() -> Result<(Confinement, PathBuf)> {
    if env::var_os(INSIDE).is_some() {
        let directory = env::var_os(DIRECTORY).ok_or_else(|| eyre!("{DIRECTORY} is not set"))?;
        return Ok((Confinement::Namespaces, directory.into()));
    }
    let directory = tempfile::Builder::new().prefix("gonogo-rig-").tempdir()?.keep();
    lifeline::sweep_at_the_end(&directory)?;
    let Some(flags) = namespace_flags() else {
        return Ok((Confinement::None, directory));
    };
    let error = Command::new("unshare")
        .args(flags)
        .arg(env::current_exe()?)
        .args([ROLE, INIT_ROLE])
        .args(env::args_os().skip(1))
        .env(DIRECTORY, &directory)
        .exec();
    bail!("cannot enter the namespaces: {error}")
}

/// The role of process 1: gives the network its addresses, starts the drills, buries orphans, and ends with
/// the drills; everything else in the namespace then ends with it.
pub(crate) fn init(words: Words) -> Result<ExitCode> {
    let address = format!("{CLUSTER_ADDRESS}/32");
    for arguments in [["link", "set", "lo", "up"].as_slice(), &["address", "add", &address, "dev", "lo"]] {
        let status = Command::new("ip").args(arguments).status().wrap_err("cannot run `ip`")?;
        ensure!(status.success(), "`ip {}` failed", arguments.join(" "));
    }
    let child = Command::new(env::current_exe()?).args(words).env(INSIDE, "1").spawn()?;
    let drills = Pid::from_child(&child);
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == drills => {
                let code = status.exit_status().and_then(|code| u8::try_from(code).ok());
                return Ok(ExitCode::from(code.unwrap_or(1)));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The flags of `unshare` that work here; none where user namespaces are not allowed or `ip` is missing.
fn namespace_flags() -> Option<Vec<&'static str>> {
    let base = ["--map-root-user", "--net", "--pid", "--fork", "--kill-child"];
    let candidates = [[base.as_slice(), &["--mount-proc"]].concat(), base.to_vec()];
    candidates.into_iter().find(|flags| {
        let mut probe = Command::new("unshare");
        probe.args(flags).args(["ip", "link", "set", "lo", "up"]);
        probe.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    })
}
