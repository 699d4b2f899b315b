//! Runs the drills and says how each went, in the words of `cargo test`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use color_eyre::eyre::{Result, bail, eyre};

use crate::{harness::cluster::Cluster, rig::clock};

/// How many drills run side by side on the control plane, whose programs want the processors too.
const WORKERS: usize = 4;
/// How many run side by side on the simulator: most of their time is waiting for proofs to settle.
const SIMULATED_WORKERS: usize = 8;

/// When a drill may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Company {
    /// Beside others.
    Shared,
    /// Alone: it breaks what the others stand on.
    Alone,
    /// Alone, and only with `--long`: it is a load or a repetition.
    Long,
}

/// One drill.
#[derive(Clone, Copy)]
pub(crate) struct Drill {
    pub(crate) name: &'static str,
    pub(crate) company: Company,
    /// Whether it runs on a control plane.
    pub(crate) real: bool,
    /// Whether it needs no more than a kubeconfig: no audit log, no certificates of its own.
    pub(crate) given: bool,
    /// Whether the simulator stands in for a control plane as well.
    pub(crate) simulated: bool,
    pub(crate) run: fn(&Cluster) -> Result<()>,
}

impl Drill {
    /// A drill that may run beside others.
    pub(crate) const fn shared(name: &'static str, run: fn(&Cluster) -> Result<()>) -> Self {
        Self { name, company: Company::Shared, real: true, given: false, simulated: false, run }
    }

    /// A drill that may run beside others, on the simulator as well as on the control plane.
    pub(crate) const fn both(name: &'static str, run: fn(&Cluster) -> Result<()>) -> Self {
        Self { name, company: Company::Shared, real: true, given: false, simulated: true, run }
    }

    /// A drill on the simulator alone: what it is about does not depend on what stands behind the connection.
    pub(crate) const fn simulated(name: &'static str, run: fn(&Cluster) -> Result<()>) -> Self {
        Self { name, company: Company::Shared, real: false, given: false, simulated: true, run }
    }

    /// A repetition on the simulator, with `--simulated --long`.
    pub(crate) const fn simulated_long(name: &'static str, run: fn(&Cluster) -> Result<()>) -> Self {
        Self { name, company: Company::Long, real: false, given: false, simulated: true, run }
    }

    /// The same, on any cluster that is handed in.
    pub(crate) const fn anywhere(self) -> Self {
        Self { given: true, ..self }
    }

    /// A drill that needs the cluster for itself.
    pub(crate) const fn alone(name: &'static str, run: fn(&Cluster) -> Result<()>) -> Self {
        Self { name, company: Company::Alone, real: true, given: false, simulated: false, run }
    }

    /// A drill that takes minutes.
    pub(crate) const fn long(name: &'static str, run: fn(&Cluster) -> Result<()>) -> Self {
        Self { name, company: Company::Long, real: true, given: false, simulated: false, run }
    }
}

/// What the command line asks for.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// The drills whose name contains one of these words.
    pub(crate) words: Vec<String>,
    /// Name them in place of running them.
    pub(crate) list: bool,
    /// Run the long ones too.
    long: bool,
    /// Run on the simulator.
    pub(crate) simulated: bool,
    /// Run on the cluster of this kubeconfig.
    pub(crate) kubeconfig: Option<PathBuf>,
}

impl Wishes {
    /// Reads the arguments.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut wishes = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--list" => wishes.list = true,
                "--long" => wishes.long = true,
                "--simulated" => wishes.simulated = true,
                "--kubeconfig" => {
                    let path = arguments.next().ok_or_else(|| eyre!("--kubeconfig needs a file"))?;
                    wishes.kubeconfig = Some(path.into());
                }
                flag if flag.starts_with('-') => {
                    bail!(
                        "unknown flag {flag}: `all`, words of names, --list, --long, --simulated, --kubeconfig FILE"
                    )
                }
                _ => wishes.words.push(argument),
            }
        }
        // A plain `cargo test` needs nothing that is not built already.
        if wishes.words.is_empty() {
            wishes.simulated = wishes.kubeconfig.is_none();
            wishes.words.push("all".to_owned());
        }
        Ok(wishes)
    }

    /// The drills that are asked for.
    pub(crate) fn choose(&self, drills: &[Drill]) -> Vec<Drill> {
        let named = |name: &str| self.words.iter().any(|word| word == "all" || name.contains(word.as_str()));
        let wanted = |drill: &&Drill| {
            self.list
                || named(drill.name)
                    && (self.long || drill.company != Company::Long)
                    && match (&self.kubeconfig, self.simulated) {
                        (Some(_), _) => drill.given,
                        (None, true) => drill.simulated,
                        (None, false) => drill.real,
                    }
        };
        drills.iter().filter(wanted).copied().collect()
    }
}

/// What became of the drills.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<(&'static str, String)>,
}

/// Runs the drills, those that need to be alone last. True if all of them passed.
pub(crate) fn run(drills: &[Drill], cluster: &Cluster) -> bool {
    let tally = Mutex::new(Tally::default());
    let (alone, shared): (Vec<_>, Vec<_>) = drills.iter().partition(|drill| drill.company != Company::Shared);
    let workers = if cluster.is_simulated() { SIMULATED_WORKERS } else { WORKERS };
    work(&shared, workers, cluster, &tally);
    work(&alone, 1, cluster, &tally);
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (name, report) in &tally.failed {
        println!("\n---- {name} ----\n{report}");
    }
    println!("\n{} passed, {} failed", tally.passed, tally.failed.len());
    tally.failed.is_empty()
}

fn work(drills: &[&Drill], workers: usize, cluster: &Cluster, tally: &Mutex<Tally>) {
    let queue = Mutex::new(drills.iter());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(drill) = lock(&queue).next() else { return };
                    let start = clock::now();
                    let outcome = attempt(drill, cluster);
                    lock(tally).enter(drill.name, outcome, start.elapsed());
                }
            });
        }
    });
}

/// Runs one drill; a panic is a failure like another.
fn attempt(drill: &Drill, cluster: &Cluster) -> Result<()> {
    catch_unwind(AssertUnwindSafe(|| (drill.run)(cluster))).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(eyre!("panicked: {}", message.unwrap_or("without a message")))
    })
}

impl Tally {
    fn enter(&mut self, name: &'static str, outcome: Result<()>, took: Duration) {
        let seconds = took.as_secs_f32();
        match outcome {
            Ok(()) => {
                println!("test {name} ... ok ({seconds:.1} s)");
                self.passed += 1;
            }
            Err(error) => {
                println!("test {name} ... FAILED ({seconds:.1} s)");
                self.failed.push((name, format!("{error:#}")));
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
