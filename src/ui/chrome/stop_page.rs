//! After the chord: a full screen with a row for each workload and a tick for each proof.

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::goal::Goal;
use crate::model::act::ActKind;
use crate::model::proof::Proof;

use super::super::line::Line;
use super::super::paint::Canvas;
use super::super::state::UiState;
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::{glyph, words};
use super::sheet::{proof_line, ticks};

/// Goals of stops whose page was not closed.
pub(crate) fn goals<'a>(state: &'a State, ui: &'a UiState) -> impl Iterator<Item = &'a Goal> {
    state
        .desk
        .goals
        .values()
        .filter(|goal| goal.kind() == ActKind::Stop && !ui.stop_pages_closed.contains(&goal.act))
}

/// Whether the page is in front.
pub(crate) fn is_open(state: &State, ui: &UiState) -> bool {
    goals(state, ui).next().is_some()
}

pub(crate) fn draw(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    canvas.clear(area, Role::Text);
    let goals: Vec<&Goal> = goals(ctx.state, ctx.ui).collect();
    let open = goals.iter().filter(|goal| goal.open()).count();
    let mut lines = vec![summary(&goals, open), Line::new()];
    for goal in goals {
        lines.extend(component(ctx, goal, usize::from(area.width)));
        lines.push(Line::new());
    }
    let leaves = if open == 0 { " leaves this page" } else { " leaves this page; the stop goes on" };
    lines.push(Line::new().gap(1).with(Role::Key, "Esc").with(Role::Dim, leaves));
    canvas.lines(area, &lines);
}

fn summary(goals: &[&Goal], open: usize) -> Line {
    let proven = goals.iter().filter(|goal| matches!(goal.proof, Proof::Proven { .. })).count();
    let line = Line::of(Role::Stopped, " STOP ").gap(2);
    let failed = goals.len() - open - proven;
    let line = line.with(Role::Good, format!("{proven} proven")).gap(2);
    let line = if open > 0 { line.with(Role::Moving, format!("{open} being proved")).gap(2) } else { line };
    if failed > 0 { line.with(Role::Bad, format!("{failed} NOT proven")) } else { line }
}

fn component(ctx: &Ctx<'_>, goal: &Goal, width: usize) -> Vec<Line> {
    let (mark, role) = match &goal.proof {
        Proof::Proven { .. } => (glyph::TICK, Role::Good),
        Proof::Pending { .. } => (glyph::HALF, Role::Moving),
        Proof::Impossible { .. } => (glyph::BAD, Role::Bad),
        Proof::Unknown { .. } => (glyph::UNKNOWN, Role::Bad),
    };
    let title = Line::of(role, format!(" {mark} "))
        .with(Role::Name, ctx.name_of(&goal.target))
        .gap(2)
        .plain(goal.title.as_str());
    let mut lines = vec![title];
    lines.extend(ticks(goal, width.saturating_sub(4)).into_iter().map(|line| Line::new().gap(3).and(line)));
    lines.push(Line::new().gap(3).and(proof_line(ctx, goal)));
    if let Some(elsewhere) = &goal.elsewhere {
        lines.push(Line::new().gap(3).with(Role::Bad, "UNREACHABLE, still trying. Run this from elsewhere:"));
        let command = words::wrap(elsewhere.as_str(), width.saturating_sub(5));
        lines.extend(command.into_iter().map(|line| Line::new().gap(5).with(Role::Name, line)));
    }
    lines
}
