//! What the other drills break things with.

use std::{path::Path, sync::atomic::Ordering, thread, time::Duration};

use color_eyre::eyre::{Result, ensure};
use http::Method;
use rustix::process::Signal;
use serde_json::json;

use crate::{
    harness::{cluster::Cluster, proxy::Mode, site::Site, workload::Workload},
    rig::{clock, clock::eventually, programs::Program, users::Role},
    support::{
        screen::Size,
        terminal::{Launch, Terminal},
    },
};

/// How long silence is watched.
const SILENCE: Duration = Duration::from_millis(700);
/// How long recovery may take.
const RECOVERY: Duration = Duration::from_secs(15);

pub(crate) fn proxy_freezes_and_counts(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "rig-proxy-freezes", Role::Driver)?;
    let proxy = cluster.api_proxy()?;
    site.go_through(&proxy, Role::Driver)?;
    let api = site.api()?;
    api.get("/version")?;
    let before = proxy.received();
    ensure!(before > 0 && proxy.connections()[0].to_server.load(Ordering::Relaxed) > 0, "nothing is counted");
    proxy.set(Mode::Freeze);
    let frozen = thread::spawn(move || api.get("/version"));
    thread::sleep(SILENCE);
    ensure!(!frozen.is_finished() && proxy.received() == before, "something passed a frozen proxy");
    proxy.set(Mode::Slow(Duration::from_millis(50)));
    let answer = frozen.join().map_err(|_| color_eyre::eyre::eyre!("the client panicked"))?;
    ensure!(answer.is_ok() && proxy.received() > before, "{answer:?}");
    Ok(())
}

pub(crate) fn proxy_resets(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "rig-proxy-resets", Role::Driver)?;
    let proxy = cluster.api_proxy()?;
    site.go_through(&proxy, Role::Driver)?;
    let api = site.api()?;
    api.get("/version")?;
    proxy.set(Mode::Reset);
    let start = clock::now();
    ensure!(api.get("/version").is_err(), "an answer passed");
    ensure!(start.elapsed() < Duration::from_secs(5), "a reset is noticed at once");
    proxy.set(Mode::Pass);
    eventually("the server answers again", RECOVERY, || Ok(Some(api.get("/version")?))).map(drop)
}

pub(crate) fn proxy_drops_answers(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "rig-proxy-drops", Role::Driver)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    let proxy = cluster.api_proxy()?;
    site.go_through(&proxy, Role::Driver)?;
    let api = site.api()?;
    api.get("/version")?;
    proxy.set(Mode::DropAnswers);
    let path = format!("/apis/apps/v1/namespaces/{}/deployments/api", site.namespace);
    let pause = json!({ "spec": { "paused": true } });
    let client =
        thread::spawn(move || api.send(Method::PATCH, &path, "application/merge-patch+json", Some(&pause)));
    site.await_deployment("api", "is paused", |deployment| deployment["spec"]["paused"] == true)?;
    thread::sleep(SILENCE);
    ensure!(!client.is_finished(), "the client learned of it");
    proxy.set(Mode::Pass);
    let answer = client.join().map_err(|_| color_eyre::eyre::eyre!("the client panicked"))?;
    ensure!(answer.is_err(), "a connection that lost an answer went on");
    Ok(())
}

pub(crate) fn terminal_types_resizes_hangs_up(cluster: &Cluster) -> Result<()> {
    let script = "trap 'stty size' WINCH; stty size; while :; do read word && echo \"<$word>\"; \
                  [ \"$word\" = end ] && exit 7; done";
    let start = |script: &str| {
        let arguments = vec!["-c".into(), script.into()];
        let (program, size) = (Path::new("/bin/sh"), Size::SMALL);
        Terminal::start(cluster.lifeline(), Launch { program, arguments, environment: Vec::new(), size })
    };
    let mut terminal = start(script)?;
    terminal.wait_text("24 80")?;
    terminal.send(b"hello")?;
    terminal.press("Enter")?;
    terminal.wait_text("<hello>")?;
    terminal.resize(Size::WIDE)?;
    terminal.press("Enter")?;
    terminal.wait_text("40 120")?;
    terminal.send(b"end\r")?;
    let code = terminal.exit_code(RECOVERY)?;
    ensure!(code == Some(7), "{code:?}");
    let mut terminal = start("stty size; exec sed -u 's/^/got /'")?;
    terminal.wait_text("24 80")?;
    terminal.signal(Signal::STOP)?;
    terminal.send(b"it\r")?;
    terminal.signal(Signal::CONT)?;
    terminal.wait_text("got it")?;
    ensure!(terminal.received() > 0, "bytes are not counted");
    terminal.hang_up()?;
    // by the signal or, under a runner that ignores hang-ups and hands that on, by the end of its input
    terminal.exit_code(RECOVERY)?;
    Ok(())
}

pub(crate) fn api_server_stops_and_goes_on(cluster: &Cluster) -> Result<()> {
    let api = cluster.as_role(Role::Observer)?;
    api.get("/version")?;
    cluster.signal(Program::ApiServer, Signal::STOP)?;
    let asked = api.clone();
    let client = thread::spawn(move || asked.get("/version"));
    thread::sleep(SILENCE);
    let silent = !client.is_finished();
    cluster.signal(Program::ApiServer, Signal::CONT)?;
    ensure!(silent, "a stopped server answered");
    ensure!(client.join().is_ok_and(|answer| answer.is_ok()), "the question was lost");
    Ok(())
}

pub(crate) fn store_and_server_restart(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-restart", Role::Driver)?;
    let api = Workload::new("api", "1.0.0");
    site.deploy(&api)?;
    cluster.restart(Program::Etcd)?;
    cluster.restart(Program::ApiServer)?;
    let change = || Ok(Some(site.set_image(&api, "1.1.0")?));
    eventually("the server takes changes again", RECOVERY, change)?;
    site.await_complete("api")
}
