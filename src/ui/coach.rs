//! The coach line of a demo: the next key worth pressing, and why.

use crate::core::State;
use crate::model::view::{WorkloadState, WorkloadView};

use super::command::Command;
use super::line::Line;
use super::screens::ScreenId;
use super::theme::Role;
use super::view::Ctx;

/// The line, while a simulated cluster is shown and nobody turned it off.
pub(super) fn line(ctx: &Ctx<'_>) -> Option<Line> {
    let simulated = ctx.state.world.connection.as_ref().is_some_and(|connection| connection.simulated);
    if !simulated || !ctx.ui.coach {
        return None;
    }
    let next = next(ctx);
    let off = ctx.hint(Command::Coach, "turns this line off");
    Some(Line::of(Role::Simulated, " COACH ").gap(1).and(next).gap(3).and(off))
}

fn next(ctx: &Ctx<'_>) -> Line {
    if let Some(sheet) = &ctx.state.desk.sheet {
        return match (&sheet.sent, &sheet.outline) {
            (Some(_), _) => Line::text("watch the ticks: done means PROVEN, not accepted"),
            (None, Ok(_)) => ctx.hint(Command::SheetSend, "sends it; Esc leaves everything as it is"),
            (None, Err(_)) => Line::text("choose a revision with the arrow keys"),
        };
    }
    if ctx.ui.prompt.is_some() || ctx.ui.overlay.is_some() {
        return Line::text("Enter takes it, Esc closes it");
    }
    match ctx.selected_view() {
        Some(view) => about(ctx, view),
        None if ctx.state.world.listed => {
            ctx.hint(Command::Namespaces, "chooses namespaces with something in them")
        }
        None => Line::text("the simulated cluster is starting"),
    }
}

fn about(ctx: &Ctx<'_>, view: &WorkloadView) -> Line {
    match view.state {
        WorkloadState::Stuck => ctx.hint(Command::RollBack, "rolls it back: read the sheet, then send it"),
        WorkloadState::Progressing if ctx.ui.screen == ScreenId::Overview => ctx
            .hint(Command::Rollout, "shows this rollout in full;")
            .gap(1)
            .and(ctx.hint(Command::Hold, "holds it")),
        WorkloadState::Progressing => ctx.hint(Command::Hold, "holds it where it is"),
        WorkloadState::Held if armed(ctx.state) => ctx.hint(Command::Resume, "lets it go on"),
        WorkloadState::Held => ctx.hint(Command::TakeControl, "takes control, so that it can go on"),
        WorkloadState::Unhealthy => ctx.hint(Command::Pods, "shows which pods are not well"),
        WorkloadState::Settling | WorkloadState::Healthy | WorkloadState::Idle => ctx
            .hint(Command::Timeline, "shows what happened;")
            .gap(1)
            .and(ctx.hint(Command::Help, "all keys")),
    }
}

fn armed(state: &State) -> bool {
    state.session.control.as_ref().is_some_and(|control| control.by == state.desk.author)
}
