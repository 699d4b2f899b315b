//! The command line: arguments, verbs, and answers as text or JSON.
//!
//! A verb that acts starts the same loop and core as the console does, without a terminal: same guards, same journal.
//! Nothing is decided here but how an answer is written and which exit code it has.

pub mod args;
mod console;
mod documents;
pub mod exit;
mod print;
mod session;
#[cfg(feature = "sim")]
mod simulated;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use self::args::{Cli, Verb};
use self::exit::Exit;
use crate::runtime::config::{Config, ConfigError, Environment, Paths};
use crate::runtime::{fatal, hardening, tls};

/// Threads that carry tasks. Two at least: one that is held up must not hold up the others.
const WORKERS: usize = 2;

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    hardening::harden();
    let environment = Environment::of_process();
    fatal::install(std::io::stderr().is_terminal() && !environment.no_color());
    let arguments: Vec<OsString> = std::env::args_os().collect();
    match parse(&arguments) {
        Ok(cli) => run(cli, environment).into(),
        Err(error) => explain(&error).into(),
    }
}

/// `kubectl gonogo` runs a program of this name; its help speaks of itself as it was called.
const PLUGIN: &str = "kubectl-gonogo";

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let called = arguments.first().map(Path::new).and_then(Path::file_name).unwrap_or_default();
    let mut command = Cli::command();
    if called == PLUGIN {
        command = command.bin_name("kubectl gonogo");
    }
    Cli::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

fn explain(error: &clap::Error) -> Exit {
    let asked = !error.use_stderr();
    match error.print() {
        Ok(()) if asked => Exit::Done,
        Err(failed) if failed.kind() == std::io::ErrorKind::BrokenPipe => Exit::Done,
        Ok(()) | Err(_) => Exit::Usage,
    }
}

fn run(cli: Cli, environment: Environment) -> Exit {
    match &cli.verb {
        Some(Verb::Completions { shell }) => documents::completions(*shell),
        Some(Verb::Man) => documents::manual(),
        Some(Verb::Keys) => documents::keys(),
        Some(Verb::Session { verb }) => match Paths::find(&environment) {
            Ok(paths) => session::run(verb, &paths.state.value),
            Err(error) => bad_configuration(&error),
        },
        _ => match Config::load(cli.settings(), environment) {
            Ok(config) => with_cluster(cli, config),
            Err(error) => bad_configuration(&error),
        },
    }
}

fn bad_configuration(error: &ConfigError) -> Exit {
    print::complain(&error.to_string());
    Exit::Usage
}

/// Everything that talks to a cluster needs the TLS provider and a runtime.
fn with_cluster(cli: Cli, config: Config) -> Exit {
    tls::install();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(dispatch(cli, config));
            // tasks that still wait for the network do not hold the exit up
            runtime.shutdown_background();
            exit
        }
        Err(error) => {
            print::complain(&format!("the program cannot be started: {error}"));
            Exit::Failure
        }
    }
}

async fn dispatch(cli: Cli, config: Config) -> Exit {
    match cli.verb {
        None => console::run(&cli.connection, config, None).await,
        #[cfg(feature = "sim")]
        Some(Verb::Demo { scenario, list }) => simulated::demo(scenario.as_deref(), list, config).await,
        #[cfg(feature = "sim")]
        Some(Verb::Sim { scenario, port, write_kubeconfig }) => {
            simulated::serve(scenario.as_deref(), port, write_kubeconfig).await
        }
        Some(_) => Exit::Failure,
    }
}
