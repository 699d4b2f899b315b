//! The thread that reads the terminal.
//!
//! The event source underneath is told of each piece of news once. When a key and a change of size arrive together it
//! hands on the first of them and forgets that there was another: a key would lie there until the next one, a size until
//! the next change. So the thread looks after both itself.

use std::time::Duration;

use crossterm::event::{self, Event, KeyEventKind};

use super::burst::{Bursts, Found, Next, SILENCE_MILLIS};
use super::guard::Guard;
use super::{Input, TerminalError, tty};
use crate::runtime::inbox::Inbox;

/// Without input the thread sleeps this long at a time; nothing depends on it.
const LONG: Duration = Duration::from_hours(1);

/// Starts the thread. It ends with the process: a blocked read cannot be taken back.
pub(super) fn start(guard: Guard, inbox: Inbox) -> Result<(), TerminalError> {
    std::thread::Builder::new()
        .name("keys".into())
        .spawn(move || {
            if let Err(error) = read(&guard, &inbox) {
                inbox.input(Input::Broken(format!("the terminal can no longer be read: {error}")));
            }
        })
        .map(drop)
        .map_err(TerminalError::Thread)
}

fn read(guard: &Guard, inbox: &Inbox) -> std::io::Result<()> {
    let mut bursts = Bursts::default();
    let mut size = tty::size_of_terminal();
    let mut patience = LONG;
    loop {
        let event = if event::poll(patience)? { Some(event::read()?) } else { None };
        let (next, quiet) = bursts.saw(event.as_ref().map_or(Found::Nothing, kind_of));
        if let Some(burst) = quiet {
            inbox.input(Input::Quiet { burst });
        }
        let resized = matches!(event, Some(Event::Resize(..)));
        if resized && tty::has_input() {
            guard.wake_input();
        }
        let seen = std::mem::replace(&mut size, tty::size_of_terminal());
        if let (Some((width, height)), false) = (size, resized || seen == size) {
            inbox.input(Input::Resized { width, height });
        }
        if let Some(input) = event.and_then(|event| input_of(event, bursts.number())) {
            inbox.input(input);
        }
        patience = match next {
            Next::LookAgain => Duration::ZERO,
            Next::AwaitSilence => Duration::from_millis(SILENCE_MILLIS),
            Next::Await => LONG,
        };
    }
}

fn kind_of(event: &Event) -> Found {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Press => Found::Key,
        Event::Key(key) if key.kind == KeyEventKind::Repeat => Found::Repeat,
        Event::Paste(_) | Event::Mouse(_) => Found::Other,
        Event::Key(_) | Event::Resize(..) | Event::FocusGained | Event::FocusLost => Found::Silent,
    }
}

fn input_of(event: Event, burst: u64) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key { key, burst }),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Mouse(mouse) => Some(Input::Mouse(mouse)),
        Event::Resize(width, height) => Some(Input::Resized { width, height }),
        Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
    }
}
