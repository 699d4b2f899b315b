//! Loads: how the console does in front of thousands of pods, with `kubectl get pods -w` beside it in the same run.
//!
//! `tests/run --long` runs them; by hand: `cargo build --release`, then `cargo test --test drills -- load --long`.
//! The release build is measured. What is a promise is asserted (no byte for a still screen, only the own pods asked
//! for, every pod counted); times and sizes depend on the machine: they are printed as a table, and those beyond the
//! aim are named. `GONOGO_LOAD_SECONDS` shortens the minutes that are watched, `GONOGO_RELEASE` names another program to
//! be measured.

mod churn;
mod course;
mod crowd;
mod process;
mod subject;
mod table;

use color_eyre::eyre::{Result, ensure};

use self::{
    course::Course,
    crowd::Crowd,
    subject::{Program, Subject},
    table::{Aims, Table},
};
use crate::{harness::cluster::Cluster, rig::clock::eventually, runner::Drill};

/// Every load.
pub(crate) const DRILLS: &[Drill] = &[
    Drill::long("load_two_thousand_pods", two_thousand_pods),
    Drill::long("load_ten_thousand_pods", ten_thousand_pods),
    Drill::long("load_fifty_pods_among_ten_thousand", fifty_among_ten_thousand),
];

/// The namespace with the crowd.
const CROWD: &str = "load";
/// The namespace of the release that is nobody's neighbour.
const RELEASE: &str = "release";

fn two_thousand_pods(cluster: &Cluster) -> Result<()> {
    let aims = Aims { whole: 0.1, resident: 20.0 };
    watched(cluster, &Crowd::of(cluster, CROWD, 2_000, 10)?, &aims).map(drop)
}

fn ten_thousand_pods(cluster: &Cluster) -> Result<()> {
    let aims = Aims { whole: 0.2, resident: 35.0 };
    watched(cluster, &Crowd::of(cluster, CROWD, 10_000, 10)?, &aims).map(drop)
}

fn fifty_among_ten_thousand(cluster: &Cluster) -> Result<()> {
    Crowd::of(cluster, CROWD, 10_000, 10)?;
    let release = Crowd::of(cluster, RELEASE, 50, 1)?;
    let console = watched(cluster, &release, &Aims { whole: 0.1, resident: 20.0 })?;
    let asked = cluster.audit_log().of(&console)?;
    println!("{} requests of the console in all", asked.len());
    ensure!(!asked.is_empty(), "the audit log knows nothing of {console}");
    let pods = || asked.iter().filter(|entry| entry.resource == "pods");
    ensure!(pods().any(|entry| entry.namespace == RELEASE), "the console did not ask for pods");
    let elsewhere: Vec<_> = pods().filter(|entry| entry.namespace != RELEASE).collect();
    ensure!(elsewhere.is_empty(), "the console asked for the pods of others: {elsewhere:#?}");
    Ok(())
}

/// Puts both programs in front of the crowd and prints the table. Returns the console's user.
fn watched(cluster: &Cluster, crowd: &Crowd, aims: &Aims) -> Result<String> {
    let kubectl = Course::run(Subject::new(cluster, Program::Kubectl, crowd)?)?;
    let console = Course::run(Subject::new(cluster, Program::Console, crowd)?)?;
    let courses = course::side_by_side(cluster, [console, kubectl])?;
    let [console, _] = &courses;
    eventually("the console counts every pod", crate::support::terminal::PATIENCE, || {
        Ok(console.subject.shows_all(&console.terminal.frame()).then_some(()))
    })?;
    let [console, kubectl] = courses.map(Course::finish);
    println!("{}", Table { crowd, console: &console, kubectl: &kubectl, aims });
    Ok(subject::user(Program::Console, crowd))
}
