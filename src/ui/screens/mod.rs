//! The screens, one folder or file each, and their registry.
//!
//! A screen draws itself from (state, ui state), names in its first line what is wrong and the next key, and turns
//! commands that are its own into intents. Chrome (header, footer, sheets, bars) is not drawn here.

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::event::Look;
use crate::model::Text;
use crate::model::fact::Author;

use super::command::Command;
use super::input::Answer;
use super::line::Line;
use super::paint::Canvas;
use super::state::UiState;
use super::view::Ctx;

mod checklist;
mod freshness;
mod overview;
mod own_log;
mod page;
mod pods;
mod rollout;
mod signals;
#[cfg(test)]
mod tests;
mod timeline;

pub(super) use page::close as close_page;
pub use page::{Page, PageOf};

/// The screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScreenId {
    /// All workloads.
    Overview,
    /// One workload.
    Rollout,
    /// Pods of one workload, or of all.
    Pods,
    /// Signals of one workload.
    Signals,
    /// The plan's checklists.
    Checklist,
    /// What happened.
    Timeline,
    /// The console's own log.
    OwnLog,
}

/// What a screen says in the first line of the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headline {
    /// What is wrong, or that all is well.
    pub says: Line,
    /// The next key.
    pub keys: Line,
}

/// One screen.
pub trait Screen: Sync {
    /// Which.
    fn id(&self) -> ScreenId;

    /// The command whose key opens it.
    fn command(&self) -> Command;

    /// The first line of the terminal.
    fn headline(&self, ctx: &Ctx<'_>) -> Headline;

    /// Draws everything between header and footer.
    fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>);

    /// Takes a command; `None` leaves it to what all screens have in common (moving the selection, acts, dialogs).
    fn run(&self, _command: Command, _state: &State, _ui: &mut UiState) -> Option<Answer> {
        None
    }

    /// Adds what this screen needs to be read (pods in bulk, events, a log) while it is in front.
    fn look(&self, _state: &State, _ui: &UiState, _look: &mut Look) {}

    /// Whether a page of text is being read, where `n` and `N` search.
    fn reads_page(&self, _ui: &UiState) -> bool {
        false
    }

    /// What `c` copies.
    fn copies(&self, _ctx: &Ctx<'_>) -> Option<String> {
        None
    }

    /// Its own commands, for the footer.
    fn hints(&self) -> &'static [Command];
}

/// The registry, in the order of the digits.
pub const SCREENS: &[&dyn Screen] = &[
    &overview::Overview,
    &rollout::Rollout,
    &pods::Pods,
    &signals::Signals,
    &checklist::Checklist,
    &timeline::Timeline,
    &own_log::OwnLog,
];

/// The screen in front; the overview where a screen is not there.
#[must_use]
pub fn in_front(ui: &UiState) -> &'static dyn Screen {
    find(ui.screen).unwrap_or(&overview::Overview)
}

/// A screen by its id.
#[must_use]
pub fn find(id: ScreenId) -> Option<&'static dyn Screen> {
    SCREENS.iter().find(|screen| screen.id() == id).copied()
}

/// The screen that a command opens.
#[must_use]
pub fn opened_by(command: Command) -> Option<&'static dyn Screen> {
    SCREENS.iter().find(|screen| screen.command() == command).copied()
}

/// Rows that are wider than this are hard to follow from one end to the other.
const READABLE: u16 = 140;

/// The part of a wide area in which rows can be followed.
fn readable(area: Rect) -> Rect {
    Rect { width: area.width.min(READABLE), ..area }
}

/// Who did something, as the cluster names them.
fn who(author: &Author) -> &str {
    let named = [&author.kube_user, &author.os_user].into_iter().find(|name| !name.is_empty());
    named.map_or("someone", Text::as_str)
}
