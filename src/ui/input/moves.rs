//! Moving between screens and inside them.

use crate::core::State;

use super::super::command::Command;
use super::super::screens::{self, ScreenId};
use super::super::state::UiState;

/// Opens a screen.
pub(super) fn go(ui: &mut UiState, screen: ScreenId) {
    ui.screen = screen;
    screens::close_page(ui);
}

/// One level back: the filter, then to the overview. Never out of the program.
pub(super) fn back(ui: &mut UiState, state: &State) {
    let filtered = if ui.screen == ScreenId::Overview { &ui.filter } else { &ui.pane().filter };
    if filtered.is_empty() {
        go(ui, ScreenId::Overview);
    } else {
        super::set_filter(ui, state, String::new());
    }
}

/// Scrolls the screen in front; what is drawn keeps it in bounds.
pub(super) fn scroll(ui: &mut UiState, command: Command) {
    let rows = usize::from(ui.size.1.saturating_sub(6)).max(1);
    let pane = ui.pane_mut();
    pane.scroll = moved(pane.scroll, command, rows, usize::MAX);
}

/// Where a move leads from row `at`, when a page has `page` rows and the last row is `last`.
#[must_use]
pub(crate) fn moved(at: usize, command: Command, page: usize, last: usize) -> usize {
    let to = match command {
        Command::Up => at.saturating_sub(1),
        Command::Down => at.saturating_add(1),
        Command::PageUp => at.saturating_sub(page),
        Command::PageDown => at.saturating_add(page),
        Command::HalfUp => at.saturating_sub(page / 2),
        Command::HalfDown => at.saturating_add(page / 2),
        Command::Top => 0,
        Command::Bottom => last,
        _ => at,
    };
    to.min(last)
}
