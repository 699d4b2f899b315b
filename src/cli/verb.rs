//! What all headless verbs share: a console without a terminal, and one way to end.

use std::future::Future;
use std::sync::Arc;

use super::args::ConnectionArgs;
use super::console::{exit_of_start, log};
use super::exit::Exit;
use super::print;
use crate::model::target::Target;
use crate::runtime::clock::Clock;
use crate::runtime::config::Config;
use crate::runtime::headless::{Halt, Headless, TargetError};
use crate::runtime::start::Start;

/// Why a verb ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum Early {
    /// Waiting ended without an answer.
    #[error("{}", match .0 {
        Halt::TimeUp => "the cluster did not answer in time",
        Halt::Interrupted => "interrupted",
    })]
    Halt(Halt),
    /// No such workload.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// No such revision, or several.
    #[error("`{word}` is not one revision: write one of {}", choices.join(", "))]
    Revision {
        /// As it was written.
        word: String,
        /// Those that there are.
        choices: Vec<String>,
    },
}

impl From<Halt> for Early {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl Early {
    fn exit(&self) -> Exit {
        match self {
            Self::Halt(Halt::TimeUp) => Exit::NoConnection,
            Self::Halt(Halt::Interrupted) => Exit::Interrupted,
            Self::Target(_) | Self::Revision { .. } => Exit::Usage,
        }
    }
}

/// Connects, looks around, does the verb's work and leaves.
pub(super) async fn run<W>(connection: &ConnectionArgs, config: Config, work: W) -> Exit
where
    W: AsyncFnOnce(&mut Headless) -> Result<Exit, Early>,
{
    let state = config.paths.state.value.clone();
    let start = Start { config, aim: connection.aim(), plan: None, state, headless: true };
    let _log = match log(&start) {
        Ok(log) => log,
        Err(exit) => return exit,
    };
    let mut console = match Headless::start(start, Arc::new(Clock::default())).await {
        Ok(console) => console,
        Err(error) => {
            print::complain(&error.to_string());
            return exit_of_start(&error);
        }
    };
    let done = async {
        console.look_around().await?;
        work(&mut console).await
    };
    let exit = finished(done).await;
    print::unwritten(&console.leave().await);
    exit
}

async fn finished(done: impl Future<Output = Result<Exit, Early>>) -> Exit {
    match done.await {
        Ok(exit) => exit,
        Err(early) => {
            print::complain(&early.to_string());
            early.exit()
        }
    }
}

/// The workloads that words mean; all in view where there are no words.
pub(super) fn targets(console: &Headless, words: &[String]) -> Result<Vec<Target>, TargetError> {
    if words.is_empty() {
        return Ok(console.state().world.workloads.keys().cloned().collect());
    }
    words.iter().map(|word| console.find(word)).collect()
}
