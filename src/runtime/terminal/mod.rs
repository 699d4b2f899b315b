//! The terminal: one guard that owns its state, and three threads.
//!
//! *Keys* reads input and numbers its bursts, *draw* writes the newest scene, *watcher* sees signals and the hang-up.
//! None of them decides anything: keys and signals go to the inbox as [`Input`], scenes come from the loop. A stalled
//! link may block the drawing thread for as long as it likes; nobody waits for it, not even at the exit.

mod burst;
mod draw;
mod encode;
mod guard;
mod keys;
mod presses;
mod tty;
mod watcher;

use crossterm::event::{KeyEvent, MouseEvent};

pub use draw::{Canvas, Painter, Scene};
pub use guard::{Guard, Modes, TerminalError};
pub use presses::{Press, Presses};
pub use tty::size_of_terminal;
pub use watcher::EndedBy;

use super::inbox::Inbox;

/// What the terminal threads report.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A key was pressed.
    Key {
        /// Which.
        key: KeyEvent,
        /// Number of the burst it came in.
        burst: u64,
    },
    /// The key of this burst was alone in it, and 50 ms of silence followed.
    Quiet {
        /// Number of the burst.
        burst: u64,
    },
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The terminal has another size, or has to be painted anew.
    Resized {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// A scene reached the terminal, or was dropped because the terminal had another size by then.
    Painted {
        /// The scene's number.
        scene: u64,
        /// Whether it was dropped.
        dropped: bool,
    },
    /// The terminal went away or a signal asks to leave.
    Ended(EndedBy),
    /// A terminal thread cannot go on.
    Broken(String),
}

/// The three threads and the guard.
#[derive(Debug)]
pub struct Terminal {
    painter: Painter,
    guard: Guard,
}

impl Terminal {
    /// Takes the terminal over and starts the threads.
    pub fn open(modes: Modes, inbox: &Inbox) -> Result<Self, TerminalError> {
        let guard = Guard::enter(modes)?;
        let painter = draw::start(guard.clone(), inbox.clone())?;
        watcher::start(guard.clone(), painter.clone(), inbox.clone())?;
        keys::start(guard.clone(), inbox.clone())?;
        Ok(Self { painter, guard })
    }

    /// Where scenes go.
    #[must_use]
    pub fn painter(&self) -> &Painter {
        &self.painter
    }

    /// What restores the terminal.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }
}
