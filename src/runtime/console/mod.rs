//! The console on a terminal: start, loop, end.

#[cfg(test)]
mod budget;
mod pacing;
mod picture;
mod run;
mod skin;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use self::pacing::Pacing;
use self::picture::Picture;
use self::run::Console;
pub use self::run::Ending;
pub use self::skin::SkinError;
use super::clock::Clock;
use super::engine::Engine;
use super::fatal;
use super::inbox::Inbox;
use super::start::{Connected, Start, StartError};
use super::terminal::{self, Guard, Modes, Terminal, TerminalError};
use crate::core::tell;
use crate::ui::UiState;

/// Why there is no console.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// There is no terminal, or it cannot be used.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// A theme or keymap.
    #[error(transparent)]
    Skin(#[from] SkinError),
    /// The rest.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// How a console ended, and what is still to be said when the terminal is the shell's again.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub ending: Ending,
    /// Exit code of an orderly end.
    pub code: u8,
    /// Facts that no journal took.
    pub unwritten: Vec<String>,
}

/// Runs a console from its start to its end. `say` prints one line before the screen is taken over.
pub async fn run(start: Start, clock: Arc<Clock>, say: impl Fn(&str)) -> Result<Ended, ConsoleError> {
    Guard::check()?;
    let environment = start.config.environment.clone();
    let settings = start.config.effective.clone();
    let (keymap, skin) = skin::load(&start.config)?;
    say("connecting ...");
    let connected = start.connect(clock).await?;
    connected.metrics()?;
    let inbox = Inbox::default();
    let modes = Modes::for_term(environment.term(), settings.mouse.value);
    let terminal = Terminal::open(modes, &inbox)?;
    let pacing = Pacing::of(environment.over_ssh(), settings.low_bandwidth.value);
    let mut ui = UiState::new(keymap);
    ui.mouse = settings.mouse.value;
    ui.size = terminal::size_of_terminal().unwrap_or((80, 24));
    let picture = Picture::new(ui, skin, terminal.painter().clone(), pacing);
    let ended = drive(connected, picture, &terminal, inbox).await;
    // the drawing thread is not joined: a stalled terminal may hold it for ever
    terminal.guard().restore();
    ended
}

async fn drive(
    connected: Connected,
    picture: Picture,
    terminal: &Terminal,
    inbox: Inbox,
) -> Result<Ended, ConsoleError> {
    let cancel = CancellationToken::new();
    let engine = connected.engine(&inbox, Some(terminal.painter().clone()), &cancel)?;
    last_words(&engine, terminal.guard().clone());
    let (ending, engine) = Console::new(engine, picture, inbox, terminal.guard().clone()).run().await;
    cancel.cancel();
    let unwritten = &engine.state().desk.unwritten;
    Ok(Ended {
        ending,
        code: engine.executor().quit().unwrap_or_default(),
        unwritten: unwritten.iter().map(|(at, fact)| format!("{at}  {}", tell::fact(fact))).collect(),
    })
}

/// What a panic anywhere still does before the process ends.
fn last_words(engine: &Engine, guard: Guard) {
    let journal = engine.executor().adapters().journal.clone();
    fatal::before_the_end(move |_| {
        guard.restore();
        journal.last_words("panic");
    });
}
