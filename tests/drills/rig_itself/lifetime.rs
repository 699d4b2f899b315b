//! `kill -9` of the test leaves nothing behind.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    thread,
    time::Duration,
};

use color_eyre::eyre::{Result, ensure, eyre};

use crate::{
    confinement,
    harness::cluster::Cluster,
    rig::{Rig, binaries::Binaries, clock::eventually, lifeline, lifeline::Words},
};

/// Name of the role that starts a second control plane and holds it.
pub(crate) const HOLD_ROLE: &str = "hold";
/// How long the last traces may take to go.
const LIMIT: Duration = Duration::from_secs(10);

pub(crate) fn killed_in_namespaces(_: &Cluster) -> Result<()> {
    leaves_nothing("namespaces")
}

pub(crate) fn killed_without_namespaces(_: &Cluster) -> Result<()> {
    leaves_nothing("plain")
}

/// The role of the test that is killed: starts a control plane, says where, and waits.
pub(crate) fn hold(mut words: Words) -> Result<ExitCode> {
    let directory = if words.next().is_some_and(|how| how == "namespaces") {
        confinement::enter()?.1
    } else {
        let directory = tempfile::tempdir()?.keep();
        lifeline::sweep_at_the_end(&directory)?;
        directory
    };
    let _rig = Rig::start(Binaries::ensure()?, directory.clone(), "127.0.0.1")?;
    println!("{}", directory.display());
    loop {
        thread::park();
    }
}

fn leaves_nothing(how: &str) -> Result<()> {
    let mut test = Command::new(env::current_exe()?)
        .args([lifeline::ROLE, HOLD_ROLE, how])
        .env_remove(confinement::INSIDE)
        .stdout(Stdio::piped())
        .spawn()?;
    let output = test.stdout.take().ok_or_else(|| eyre!("no output"))?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let directory = PathBuf::from(line.trim());
    let before = programs_of(&directory)?;
    test.kill()?;
    test.wait()?;
    ensure!(before.len() >= 6, "only {before:?} ran in {}", directory.display());
    eventually("no program is left", LIMIT, || Ok(programs_of(&directory)?.is_empty().then_some(())))?;
    eventually("no file is left", LIMIT, || Ok((!directory.exists()).then_some(())))
}

/// The living programs that were started with something in `directory`.
fn programs_of(directory: &Path) -> Result<Vec<String>> {
    let needle = directory.display().to_string();
    let mut found = Vec::new();
    for process in fs::read_dir("/proc")?.flatten() {
        // A dead process has no command line; one that ends while it is looked at has no file.
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(&needle) && !line.contains(" sweep ") {
            found.push(line);
        }
    }
    Ok(found)
}
