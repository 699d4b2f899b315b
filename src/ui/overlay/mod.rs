//! Pages and lists over the screen: help, palette, identity.

mod help;
mod identity;
mod palette;

use crossterm::event::KeyCode;
use ratatui::layout::Rect;

use crate::core::State;

use super::command::Command;
use super::input::moved;
use super::key::Key;
use super::paint::Canvas;
use super::state::UiState;
use super::view::Ctx;

pub use palette::Palette;

/// What lies over the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// All commands with their keys.
    Help {
        /// First line shown.
        scroll: usize,
    },
    /// Commands by name.
    Palette(Palette),
    /// Cluster, certificate, user.
    Identity {
        /// First line shown.
        scroll: usize,
    },
}

impl Overlay {
    /// An empty palette.
    #[must_use]
    pub fn palette() -> Self {
        Self::Palette(Palette::default())
    }
}

/// What became of a key.
pub(super) enum Taken {
    /// It was used up.
    Yes,
    /// This command is to be carried out, with the overlay closed.
    Run(Command),
}

/// Takes a key while an overlay is open.
pub(super) fn key(ui: &mut UiState, state: &State, key: Key) -> Taken {
    if key.is(KeyCode::Esc) || key.is_ctrl('c') {
        ui.overlay = None;
        return Taken::Yes;
    }
    let command = ui.keymap.on_screen(key, ui.screen, false);
    let page = usize::from(ui.size.1.saturating_sub(6)).max(1);
    match &mut ui.overlay {
        Some(Overlay::Palette(palette)) => match palette.key(state, &ui.keymap, key) {
            Some(command) => {
                ui.overlay = None;
                return Taken::Run(command);
            }
            None => return Taken::Yes,
        },
        Some(Overlay::Help { scroll }) => match command {
            Some(Command::Help | Command::Quit) => ui.overlay = None,
            Some(command) => *scroll = moved(*scroll, command, page, help::LINES),
            None => {}
        },
        Some(Overlay::Identity { scroll }) => match command {
            Some(Command::Identity | Command::Quit) => ui.overlay = None,
            Some(command) => *scroll = moved(*scroll, command, page, identity::LINES),
            None => {}
        },
        None => {}
    }
    Taken::Yes
}

/// Draws what is open.
pub(super) fn draw(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    match &ctx.ui.overlay {
        Some(Overlay::Help { scroll }) => help::draw(ctx, *scroll, area, canvas),
        Some(Overlay::Palette(palette)) => palette.draw(ctx, area, canvas),
        Some(Overlay::Identity { scroll }) => identity::draw(ctx, *scroll, area, canvas),
        None => {}
    }
}
