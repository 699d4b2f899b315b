//! `gonogo demo` and `gonogo sim`: the embedded cluster.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::console;
use super::exit::Exit;
use super::print;
use crate::runtime::clock::Clock;
use crate::runtime::config::Config;
use crate::runtime::ids;
use crate::runtime::interrupt::Interrupt;
use crate::runtime::start::{Aim, Start};
use crate::sim::{ScenarioName, SimServer, StartOptions, scenarios};

/// A directory that is gone when the program is.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("gonogo-{}", ids::fresh().nth(0)));
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // what is left behind is in the system's folder for such things
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Opens the console on a simulated cluster.
pub(super) async fn demo(scenario: Option<&str>, config: Config) -> Exit {
    let (server, scratch) = match prepare(scenario, 0).await {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let aim = Aim { kubeconfig: Some(kubeconfig_in(&scratch)), ..Aim::default() };
    let state = scratch.path().join("state");
    let exit = console::open(Start {
        config: without_surroundings(config),
        aim,
        plan: None,
        state,
        headless: false,
    })
    .await;
    server.shutdown().await;
    exit
}

/// Serves a simulated cluster until it is interrupted.
pub(super) async fn serve(scenario: Option<&str>, port: u16, write_kubeconfig: Option<PathBuf>) -> Exit {
    let mut interrupt = Interrupt::listen();
    let (server, scratch) = match prepare(scenario, port).await {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let kubeconfig = write_kubeconfig.unwrap_or_else(|| kubeconfig_in(&scratch));
    if let Err(error) = std::fs::write(&kubeconfig, server.kubeconfig_yaml()) {
        print::complain(&format!("cannot write {}: {error}", kubeconfig.display()));
        return Exit::Failure;
    }
    print::lines([
        format!("Kubernetes  {}", server.url()),
        format!("Prometheus  {}", server.prometheus_url()),
        format!("kubeconfig  {}", kubeconfig.display()),
    ]);
    interrupt.wait().await;
    server.shutdown().await;
    Exit::Interrupted
}

async fn prepare(scenario: Option<&str>, port: u16) -> Result<(SimServer, Scratch), Exit> {
    let scenario = match scenario.map(str::parse::<ScenarioName>) {
        None => ScenarioName::default(),
        Some(Ok(name)) => name,
        Some(Err(unknown)) => {
            print::complain(&unknown.to_string());
            return Err(Exit::Usage);
        }
    };
    let options = StartOptions { listen: port, ..StartOptions::at(Clock::default().now()) };
    let failed = |error: &dyn std::error::Error| {
        print::complain(&error.to_string());
        Exit::Failure
    };
    let server = SimServer::start(scenario, options).await.map_err(|error| failed(&error))?;
    let scratch = Scratch::make().map_err(|error| failed(&error))?;
    std::fs::write(kubeconfig_in(&scratch), server.kubeconfig_yaml()).map_err(|error| failed(&error))?;
    Ok((server, scratch))
}

fn kubeconfig_in(scratch: &Scratch) -> PathBuf {
    scratch.path().join("kubeconfig")
}

/// A demo shows the simulated cluster whatever stands around it: no proxy and no metrics source of another cluster.
fn without_surroundings(mut config: Config) -> Config {
    config.environment = config.environment.without(&["HTTPS_PROXY", "https_proxy", "KUBECONFIG"]);
    config.effective.prometheus.value = None;
    config
}

/// Tells which scenarios there are.
pub(super) fn list() -> Exit {
    print::lines(scenarios().iter().map(|scenario| format!("{:<12} {}", scenario.word, scenario.tells)));
    Exit::Done
}
