//! When the API server, the connection or the console itself fails in the middle of something.

use std::{thread, time::Duration};

use color_eyre::eyre::{Result, ensure};
use rustix::process::Signal;

use crate::{
    harness::{cluster::Cluster, keys::PROOF, proxy::Mode, site::Site, workload::Workload},
    rig::{clock, programs::Program, users::Role},
    support::{screen::Size, terminal::Terminal},
};

/// Silence has to be said within this time; three times as long is let pass.
const STALE_GOAL: Duration = Duration::from_secs(15);
/// The picture has to be live again within this time.
const LIVE_GOAL: Duration = Duration::from_secs(5);
/// How long a namespace in which nothing happens is watched.
const QUIET: Duration = Duration::from_mins(5);
/// How long a program that was killed may take to be gone.
const GONE: Duration = Duration::from_secs(5);

/// A held rollout behind a proxy, and a console that has control.
fn held<'c>(cluster: &'c Cluster, name: &str) -> Result<(Site<'c>, crate::harness::proxy::Proxy, Terminal)> {
    let mut site = Site::new(cluster, name, Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let proxy = cluster.api_proxy()?;
    site.go_through(&proxy, Role::Driver)?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    console.press("H")?;
    console.wait_text("PROVEN: Hold api")?;
    console.take_control()?;
    Ok((site, proxy, console))
}

pub(crate) fn silence_is_said(cluster: &Cluster) -> Result<()> {
    let (site, proxy, console) = held(cluster, "silence")?;
    proxy.set(Mode::Freeze);
    let frozen = clock::now();
    console.wait_within(STALE_GOAL * 3, "STALE", |frame| frame.shows("STALE 1"))?;
    println!("STALE after {:.1} s, goal {STALE_GOAL:?}", frozen.elapsed().as_secs_f32());
    // The panels go stale one after the other, as their last sign of life was; by now all of them are.
    console.wait_within(STALE_GOAL * 3, "all is stale", |frame| {
        (27..45).any(|s| frame.shows(&format!("STALE {s} s")))
    })?;
    console.press("U")?;
    console.wait_for("resuming is locked, with the age", |frame| frame.shows("data of api is "))?;
    proxy.set(Mode::Pass);
    let thawed = clock::now();
    console.wait_within(LIVE_GOAL * 3, "it is live again", |frame| !frame.shows("STALE"))?;
    println!("live again after {:.1} s, goal {LIVE_GOAL:?}", thawed.elapsed().as_secs_f32());
    console.open_sheet("U", "Resume api")?;
    site.ensure_sent(&["patch deployments/api"])
}

pub(crate) fn a_server_that_stands_still_is_said(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "stands-still", Role::Observer)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    cluster.signal(Program::ApiServer, Signal::STOP)?;
    let stopped = clock::now();
    let said = console.wait_within(STALE_GOAL * 3, "STALE", |frame| frame.shows("STALE 1"));
    println!("STALE after {:.1} s, goal {STALE_GOAL:?}", stopped.elapsed().as_secs_f32());
    cluster.signal(Program::ApiServer, Signal::CONT)?;
    let goes_on = clock::now();
    said?;
    console.wait_within(LIVE_GOAL * 3, "it is live again", |frame| !frame.shows("STALE"))?;
    println!("live again after {:.1} s, goal {LIVE_GOAL:?}", goes_on.elapsed().as_secs_f32());
    Ok(())
}

pub(crate) fn quiet_is_not_silence(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "quiet", Role::Observer)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    let start = clock::now();
    while start.elapsed() < QUIET {
        let frame = console.frame();
        ensure!(!frame.shows("STALE") && frame.shows("nothing moves"), "{frame}");
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

pub(crate) fn a_lost_answer_is_read_back(cluster: &Cluster) -> Result<()> {
    let (site, proxy, console) = held(cluster, "lost-answer")?;
    console.open_sheet("U", "Resume api")?;
    proxy.set(Mode::DropAnswers);
    console.press("y")?;
    site.await_deployment("api", "goes on", |deployment| deployment["spec"]["paused"] != true)?;
    let frame = console.wait_text("PROOF")?;
    ensure!(!frame.shows("PROVEN in"), "shown as done without an answer\n{frame}");
    proxy.set(Mode::Pass);
    console.wait_within(PROOF, "it is read back and proven", |frame| frame.shows("PROVEN in"))?;
    site.ensure_sent(&["patch deployments/api"; 2])
}

/// The console is killed after `y`, while the connection is as `mode` says; the next one, on a good connection,
/// finishes the proof.
fn killed(cluster: &Cluster, name: &str, mode: Mode) -> Result<()> {
    let (mut site, proxy, mut console) = held(cluster, name)?;
    console.open_sheet("B", "Roll back api to 1.0.0")?;
    proxy.set(mode);
    console.press("y")?;
    let frame = console.wait_text("PROOF")?;
    ensure!(!frame.shows("PROVEN in"), "{frame}");
    if mode == Mode::DropAnswers {
        site.await_deployment("api", "was rolled back", |deployment| deployment["spec"]["paused"] != true)?;
    }
    console.signal(Signal::KILL)?;
    console.exit_code(GONE)?;
    drop(proxy);
    site.go_straight(Role::Driver)?;
    let next = site.console(Size::SMALL, &[])?;
    next.wait_text("left without a word: control is free")?;
    ensure!(!next.frame().shows("has control"), "{}", next.frame());
    let ended = next.wait_within(PROOF, "the proof ends", |frame| frame.shows("PROVEN: Roll back api"))?;
    ensure!(!ended.shows("NOT PROVEN"), "{ended}\n{:#?}", site.facts());
    site.await_complete("api")?;
    site.ensure_sent(&["patch deployments/api"; 2])
}

pub(crate) fn killed_before_the_request_arrived(cluster: &Cluster) -> Result<()> {
    killed(cluster, "killed-before", Mode::Freeze)
}

pub(crate) fn killed_before_the_answer_came(cluster: &Cluster) -> Result<()> {
    killed(cluster, "killed-after", Mode::DropAnswers)
}
