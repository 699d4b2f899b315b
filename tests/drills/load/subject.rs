//! The programs that are measured: how each is started, and when its screen is useful, and whole.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use color_eyre::eyre::{Result, WrapErr, ensure};
use tempfile::TempDir;

use super::{crowd::Crowd, process};
use crate::{
    harness::{cluster::Cluster, proxy::Proxy, site::GONOGO},
    rig::users::Role,
    support::{
        screen::{Frame, Size},
        terminal::{Launch, Terminal},
    },
};

/// A list may take this long; kubectl's does.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// The console, on its list of all pods.
    Console,
    /// `kubectl get pods -w`.
    Kubectl,
}

/// A program with a user, a home and a way to the API server of its own.
pub(super) struct Subject<'c> {
    pub(super) program: Program,
    cluster: &'c Cluster,
    path: PathBuf,
    kubeconfig: PathBuf,
    home: TempDir,
    proxy: Proxy,
    namespace: &'static str,
    pods: usize,
    last: String,
}

/// How a start went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Start {
    /// Seconds to the first row of anything.
    pub(super) useful: f64,
    /// Seconds to the whole list; of the console with the keys that open it.
    pub(super) whole: f64,
    /// Seconds of processor time until then.
    pub(super) cpu: f64,
    /// Bytes from the API server until then.
    pub(super) received: u64,
    /// Resident MiB then.
    pub(super) resident: f64,
}

/// The user of a program in front of a crowd.
pub(super) fn user(program: Program, crowd: &Crowd) -> String {
    format!("{program:?}-at-{}-of-{}", crowd.namespace, crowd.pods).to_lowercase()
}

impl<'c> Subject<'c> {
    /// Gets everything ready but starts nothing.
    pub(super) fn new(cluster: &'c Cluster, program: Program, crowd: &Crowd) -> Result<Self> {
        let path = match program {
            Program::Console => release_build()?,
            Program::Kubectl => cluster.kubectl_path()?,
        };
        // what is measured is the program, not the disk
        fs::read(&path).wrap_err_with(|| format!("{} cannot be read", path.display()))?;
        let proxy = cluster.api_proxy()?;
        let user = user(program, crowd);
        let kubeconfig = cluster.kubeconfig_through(&proxy, &user, Role::Driver, crowd.namespace)?;
        let (namespace, pods, last) = (crowd.namespace, crowd.pods, crowd.last.clone());
        let home = tempfile::tempdir()?;
        Ok(Self { program, cluster, path, kubeconfig, home, proxy, namespace, pods, last })
    }

    /// Starts the program and waits for its whole list.
    pub(super) fn start(&self) -> Result<(Terminal, Start)> {
        let received = self.proxy.received();
        let launch = Launch {
            program: &self.path,
            arguments: self.arguments().into_iter().map(OsString::from).collect(),
            environment: self.environment(),
            size: Size::WIDE,
        };
        let terminal = Terminal::start(self.cluster.lifeline(), launch)?;
        let useful = terminal.moment_when(PATIENCE, "a first row", |frame| self.shows_some(frame))?;
        if self.program == Program::Console {
            // the pods of the selected workload, then those of all
            terminal.send(b"3\t")?;
        }
        let whole = terminal.moment_when(PATIENCE, "the whole list", |frame| self.shows_all(frame))?;
        let since = |moment: Instant| (moment - terminal.started).as_secs_f64();
        let start = Start {
            useful: since(useful),
            whole: since(whole),
            cpu: process::cpu(terminal.process())?,
            received: self.proxy.received() - received,
            resident: process::memory(terminal.process())?.now,
        };
        Ok((terminal, start))
    }

    /// Where its pods are.
    pub(super) fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// Bytes that came from the API server so far.
    pub(super) fn received(&self) -> u64 {
        self.proxy.received()
    }

    /// Whether some row of the crowd is on the screen: of its workloads, or of its pods.
    fn shows_some(&self, frame: &Frame) -> bool {
        match self.program {
            // with the cursor on it: keys mean the row that it stands on
            Program::Console => frame.full_screen && frame.rows.iter().any(|row| row.contains('▸')),
            Program::Kubectl => frame.rows.iter().any(|row| row.contains("Running")),
        }
    }

    /// Whether the whole list is there: the console counts it, kubectl has printed its last row.
    pub(super) fn shows_all(&self, frame: &Frame) -> bool {
        match self.program {
            Program::Console => {
                let title = format!("Pods in {}   {} pods", self.namespace, grouped(self.pods));
                frame.rows.iter().any(|row| row.contains(&title) && !row.contains("so far"))
            }
            Program::Kubectl => frame.shows(&self.last),
        }
    }

    fn arguments(&self) -> Vec<&'static str> {
        match self.program {
            Program::Console => vec!["-n", self.namespace],
            Program::Kubectl => vec!["get", "pods", "-n", self.namespace, "-w"],
        }
    }

    fn environment(&self) -> Vec<(&'static str, OsString)> {
        let directory = |name: &str| OsString::from(self.home.path().join(name));
        vec![
            ("HOME", directory("home")),
            ("XDG_CONFIG_HOME", directory("config")),
            ("XDG_STATE_HOME", directory("state")),
            ("XDG_CACHE_HOME", directory("cache")),
            ("KUBECONFIG", self.kubeconfig.clone().into()),
            ("LANG", "C.UTF-8".into()),
        ]
    }
}

/// `10 000`, as the console writes it.
fn grouped(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands} {rest:03}"),
    }
}

/// The release build beside the build that the drills use; one that is older than the sources is refused.
fn release_build() -> Result<PathBuf> {
    const REMEDY: &str = "build it first: cargo build --release";
    let given = env::var_os("GONOGO_RELEASE").map(PathBuf::from);
    let beside = || Path::new(GONOGO).parent().and_then(Path::parent).map(|at| at.join("release/gonogo"));
    let path = given.clone().or_else(beside).unwrap_or_default();
    let built = fs::metadata(&path).and_then(|found| found.modified());
    let built =
        built.wrap_err_with(|| format!("there is no release build at {}: {REMEDY}", path.display()))?;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let (Some(folder), None) = (folders.pop(), &given) {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let newer = entry.metadata()?.modified()? > built;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                ensure!(!newer, "the release build is older than {}: {REMEDY}", entry.path().display());
            }
        }
    }
    Ok(path)
}
