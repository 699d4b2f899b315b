//! `gonogo` and `gonogo run`: the console.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ConnectionArgs;
use super::exit::Exit;
use super::print;
use crate::journal;
use crate::model::plan::Plan;
use crate::runtime::clock::Clock;
use crate::runtime::config::Config;
use crate::runtime::console::{self, ConsoleError, Ended, Ending};
use crate::runtime::logging::{self, LevelFilter, LogGuard};
use crate::runtime::start::{Aim, Start, StartError};
use crate::runtime::terminal::TerminalError;

impl ConnectionArgs {
    /// What they say about the cluster.
    #[must_use]
    pub fn aim(&self) -> Aim {
        Aim {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            namespaces: self.namespaces.clone(),
            all_namespaces: self.all_namespaces,
            allow_insecure: self.allow_insecure,
        }
    }
}

/// Opens the console on the cluster that was asked for.
pub(super) async fn run(connection: &ConnectionArgs, config: Config) -> Exit {
    with_plan(connection, config, None).await
}

/// Opens the console with a plan; what is wrong with the file is told all at once.
pub(super) async fn run_plan(connection: &ConnectionArgs, config: Config, path: &Path) -> Exit {
    match super::plan::load(path) {
        Ok(plan) => with_plan(connection, config, Some(Arc::new(plan))).await,
        Err(exit) => exit,
    }
}

async fn with_plan(connection: &ConnectionArgs, config: Config, plan: Option<Arc<Plan>>) -> Exit {
    let state = config.paths.state.value.clone();
    open(Start { config, aim: connection.aim(), plan, state, headless: false }).await
}

/// Opens a console and says how it ended.
pub(super) async fn open(start: Start) -> Exit {
    let _log = match log(&start) {
        Ok(log) => log,
        Err(exit) => return exit,
    };
    // the whole console is in this future: on the heap, so that its callers stay small
    let running = Box::pin(console::run(start, Arc::new(Clock::default()), print::complain));
    match running.await {
        Ok(ended) => farewell(&ended),
        Err(error) => {
            print::complain(&error.to_string());
            exit_of(&error)
        }
    }
}

/// Starts the log, as fully as the environment asks for.
pub(super) fn log(start: &Start) -> Result<LogGuard, Exit> {
    let level = match start.config.environment.text(logging::VARIABLE) {
        Some(word) => Some(word.parse::<LevelFilter>().map_err(|_| {
            let variable = logging::VARIABLE;
            print::complain(&format!("{variable}={word:?}: say off, error, warn, info, debug or trace"));
            Exit::Usage
        })?),
        None => None,
    };
    Ok(logging::start(log_directory(&start.state).as_deref(), level))
}

/// The log's directory is made where it is missing; where it cannot be had for this user alone, or a link waits in
/// it for somebody's file, the log is kept in memory only.
fn log_directory(state: &Path) -> Option<PathBuf> {
    let directory = journal::private_directory(state, "log").ok()?;
    let mut entries = std::fs::read_dir(&directory).ok()?;
    let plain =
        entries.all(|entry| entry.is_ok_and(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())));
    plain.then_some(directory)
}

fn farewell(ended: &Ended) -> Exit {
    print::unwritten(&ended.unwritten);
    match &ended.ending {
        Ending::Quit if ended.code == 0 => Exit::Done,
        Ending::Quit => Exit::Failure,
        Ending::By(_) => Exit::Interrupted,
        Ending::Broken(why) => {
            print::complain(why);
            Exit::Failure
        }
    }
}

fn exit_of(error: &ConsoleError) -> Exit {
    match error {
        ConsoleError::Terminal(TerminalError::NoTerminal) | ConsoleError::Skin(_) => Exit::Usage,
        ConsoleError::Terminal(TerminalError::Device(_) | TerminalError::Thread(_)) => Exit::Failure,
        ConsoleError::Start(error) => exit_of_start(error),
    }
}

/// Why a start failed, as scripts see it.
pub(super) fn exit_of_start(error: &StartError) -> Exit {
    match error {
        StartError::Connect(_) => Exit::NoConnection,
        StartError::PlanElsewhere { .. } | StartError::Secret { .. } | StartError::Queries(_) => Exit::Usage,
        StartError::OtherCluster { .. } => Exit::Refused,
        StartError::Thread(_) => Exit::Failure,
    }
}
