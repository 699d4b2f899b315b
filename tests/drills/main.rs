//! The drills: the console on a real control plane, driven by keys, judged by its screen, by the live objects
//! and by the API server's audit log. `tests/run` runs them; by hand: `cargo test --test drills -- WORD`.
//! Most run against the simulator too, with every `cargo test`; those that need no more than a cluster run on any
//! that is handed in: `cargo test --test drills -- --kubeconfig FILE all`.

mod confinement;
mod console;
mod harness;
mod load;
#[path = "../rig/mod.rs"]
mod rig;
mod rig_itself;
mod runner;
#[path = "../support/mod.rs"]
mod support;

use std::{env, process::ExitCode};

use color_eyre::eyre::{Result, ensure};

use self::{
    harness::{cluster::Cluster, given::Given, simulator::Simulator},
    rig::{
        Rig,
        binaries::Binaries,
        clock,
        lifeline::{self, Role},
    },
    runner::{Drill, Wishes},
    support::terminal,
};

fn main() -> ExitCode {
    let roles: [Role; 3] = [
        (confinement::INIT_ROLE, confinement::init),
        (terminal::SESSION_ROLE, terminal::lead_session),
        (rig_itself::HOLD_ROLE, rig_itself::hold),
    ];
    if let Some(code) = lifeline::play_role(&roles) {
        return code;
    }
    match drill() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("drills: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn drill() -> Result<bool> {
    let wishes = Wishes::parse(env::args().skip(1))?;
    let drills: Vec<Drill> = wishes.choose(&[console::DRILLS, load::DRILLS, rig_itself::DRILLS].concat());
    if wishes.list {
        for drill in &drills {
            println!("{}: test", drill.name);
        }
        return Ok(true);
    }
    ensure!(!drills.is_empty(), "no drill has such a word in its name: {:?}", wishes.words);
    if wishes.simulated {
        let directory = tempfile::Builder::new().prefix("gonogo-drills-").tempdir()?.keep();
        lifeline::sweep_at_the_end(&directory)?;
        let cluster = Cluster::simulated(Simulator::start(directory)?)?;
        return Ok(runner::run(&drills, &cluster));
    }
    if let Some(kubeconfig) = &wishes.kubeconfig {
        let directory = tempfile::Builder::new().prefix("gonogo-drills-").tempdir()?.keep();
        lifeline::sweep_at_the_end(&directory)?;
        let cluster = Cluster::given(Given::open(kubeconfig, directory)?)?;
        return Ok(runner::run(&drills, &cluster));
    }
    // Outside of the namespaces, where the network is.
    let binaries = Binaries::ensure()?;
    let (confinement, directory) = confinement::enter()?;
    let start = clock::now();
    let rig = Rig::start(binaries, directory, confinement.prometheus_host())?;
    println!("control plane up in {:.1} s", start.elapsed().as_secs_f32());
    let cluster = Cluster::real(rig, confinement)?;
    Ok(runner::run(&drills, &cluster))
}
