//! 1: all workloads. Is it well? What is moving? What may I do?

pub(super) mod headline;
mod layout;
mod panels;
pub(super) mod signals;
pub(super) mod workloads;

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::event::Look;

use super::super::command::Command;
use super::super::input::{Answer, moved};
use super::super::order;
use super::super::paint::Canvas;
use super::super::state::UiState;
use super::super::view::Ctx;
use super::{Headline, Screen, ScreenId};

/// The overview.
pub(super) struct Overview;

impl Screen for Overview {
    fn id(&self) -> ScreenId {
        ScreenId::Overview
    }

    fn command(&self) -> Command {
        Command::Overview
    }

    fn headline(&self, ctx: &Ctx<'_>) -> Headline {
        headline::headline(ctx)
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
        layout::draw(ctx, area, canvas);
    }

    fn run(&self, command: Command, state: &State, ui: &mut UiState) -> Option<Answer> {
        match command {
            Command::Up
            | Command::Down
            | Command::PageUp
            | Command::PageDown
            | Command::HalfUp
            | Command::HalfDown
            | Command::Top
            | Command::Bottom => {
                select(command, state, ui);
                Some(Answer::done())
            }
            Command::Open => {
                ui.screen = ScreenId::Rollout;
                Some(Answer::done())
            }
            Command::Logs => {
                ui.screen = ScreenId::Pods;
                super::pods::Pods.run(command, state, ui)
            }
            Command::Yaml => {
                ui.screen = ScreenId::Rollout;
                super::rollout::Rollout.run(command, state, ui)
            }
            _ => None,
        }
    }

    fn look(&self, state: &State, ui: &UiState, look: &mut Look) {
        let selected = ui.selected.as_ref().and_then(|target| state.world.view(target));
        look.events = selected.is_some_and(|view| view.state.is_trouble());
    }

    fn hints(&self) -> &'static [Command] {
        &[]
    }
}

/// Moves the selection; it is by hand from now on.
fn select(command: Command, state: &State, ui: &mut UiState) {
    // the first line names what is worst, and this key is how to get there: it must be the first row now
    if command == Command::Top {
        ui.thaw_rows();
    }
    let rows = order::rows(state, ui);
    let Some(last) = rows.len().checked_sub(1) else { return };
    let at = ui.selected.as_ref().and_then(|target| rows.iter().position(|row| row == target)).unwrap_or(0);
    let page = usize::from(ui.size.1 / 2).max(1);
    if let Some(target) = rows.into_iter().nth(moved(at, command, page, last)) {
        ui.select(target);
    }
}
