//! The command line: arguments, verbs, and answers as text or JSON.
//!
//! A verb that acts starts the same loop and core as the console does, without a terminal: same guards, same journal.
//! Nothing is decided here but how an answer is written and which exit code it has.

mod act;
pub mod args;
mod condition;
mod console;
mod documents;
pub mod exit;
mod info;
mod plan;
mod print;
mod session;
#[cfg(feature = "sim")]
mod simulated;
mod status;
mod stop;
mod verb;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use self::args::{Cli, ConnectionArgs, Verb};
use self::exit::Exit;
use crate::runtime::config::{Config, ConfigError, Environment, Paths};
use crate::runtime::headless::Headless;
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

/// Runs the verb on a runtime of its own; the TLS provider must stand before the first client is made.
fn run(cli: Cli, environment: Environment) -> Exit {
    tls::install();
    match tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(dispatch(cli, environment));
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

async fn dispatch(cli: Cli, environment: Environment) -> Exit {
    let (at, flags) = (&cli.connection.clone(), cli.settings());
    let load = || Config::load(flags, environment.clone());
    match cli.verb {
        None => with(load(), async |config| console::run(at, config).await).await,
        Some(Verb::Run { plan }) => {
            with(load(), async |config| console::run_plan(at, config, &plan).await).await
        }
        Some(Verb::Plan { verb }) => plan::run(&verb),
        #[cfg(feature = "sim")]
        Some(Verb::Demo { list: true, .. }) => simulated::list(),
        #[cfg(feature = "sim")]
        Some(Verb::Demo { scenario, list: false }) => {
            with(load(), async |config| simulated::demo(scenario.as_deref(), config).await).await
        }
        #[cfg(feature = "sim")]
        Some(Verb::Sim { scenario, port, write_kubeconfig }) => {
            simulated::serve(scenario.as_deref(), port, write_kubeconfig).await
        }
        Some(Verb::Status { targets, output }) => {
            headless(at, load(), async |console| status::status(console, &targets, output)).await
        }
        Some(Verb::Wait { targets, until, timeout, output }) => {
            let work = async |console: &mut _| status::wait(console, &targets, &until, timeout, output).await;
            headless(at, load(), work).await
        }
        Some(Verb::Act(verb)) => headless(at, load(), async |console| act::run(console, verb).await).await,
        Some(Verb::Stop { target, act }) => {
            headless(at, load(), async |console| stop::run(console, target.as_deref(), &act).await).await
        }
        Some(Verb::Info { output }) => {
            Box::pin(with(load(), async |config| info::run(at, config, output).await)).await
        }
        Some(Verb::Session { verb }) => match Paths::find(&environment) {
            Ok(paths) => session::run(&verb, &paths.state.value, at, load()).await,
            Err(error) => bad_configuration(&error),
        },
        Some(Verb::Completions { shell }) => documents::completions(shell),
        Some(Verb::Man) => documents::manual(),
        Some(Verb::Keys) => documents::keys(),
    }
}

/// Goes on with a configuration that could be read.
async fn with(config: Result<Config, ConfigError>, work: impl AsyncFnOnce(Config) -> Exit) -> Exit {
    match config {
        Ok(config) => work(config).await,
        Err(error) => bad_configuration(&error),
    }
}

async fn headless(
    at: &ConnectionArgs,
    config: Result<Config, ConfigError>,
    work: impl AsyncFnOnce(&mut Headless) -> Result<Exit, verb::Early>,
) -> Exit {
    with(config, async |config| verb::run(at, config, work).await).await
}

fn bad_configuration(error: &ConfigError) -> Exit {
    print::complain(&error.to_string());
    Exit::Usage
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn as_a_plugin_of_kubectl_it_is_called_so_in_its_own_help() {
        for (called, named) in
            [("/usr/bin/gonogo", "Usage: gonogo"), ("/usr/bin/kubectl-gonogo", "Usage: kubectl gonogo")]
        {
            let help = parse(&arguments(&[called, "--help"])).unwrap_err().to_string();
            assert!(help.contains(named), "{help}");
        }
        assert!(parse(&arguments(&["kubectl-gonogo", "status", "-A"])).is_ok());
    }

    #[test]
    fn help_is_no_failure_and_a_wrong_flag_is_wrong_usage() {
        let asked = parse(&arguments(&["gonogo", "--version"])).unwrap_err();
        assert!(!asked.use_stderr());
        let wrong = parse(&arguments(&["gonogo", "--nope"])).unwrap_err();
        assert!(wrong.use_stderr());
    }
}
