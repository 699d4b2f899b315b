//! The list of workloads.

use ratatui::layout::Rect;

use crate::core::world::Watched;
use crate::model::view::{WorkloadState, WorkloadView};

use super::super::super::line::Line;
use super::super::super::order;
use super::super::super::paint::Canvas;
use super::super::super::theme::Role;
use super::super::super::view::Ctx;
use super::super::super::widgets::table::{Column, Table, number, text};
use super::super::super::{glyph, words};
use super::headline::versions;

const NARROW: [Column; 7] = [
    text("", 2, 0, 0),
    text("workload", 14, 2, 0),
    text("strategy", 8, 0, 4),
    text("version", 13, 1, 3),
    number("pods", 5, 1),
    number("new", 5, 2),
    text("state", 16, 3, 0),
];

/// Draws the list into `area`.
pub(super) fn draw(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    let rows = order::rows(ctx.state, ctx.ui);
    let cursor = ctx.ui.selected.as_ref().and_then(|target| rows.iter().position(|row| row == target));
    let table = Table { columns: &NARROW, titles: false };
    table.draw(canvas, area, rows.len(), cursor, |index| {
        ctx.state.world.workloads.get(&rows[index]).map(|watched| row(ctx, watched)).unwrap_or_default()
    });
}

/// Glyph and role of a state.
pub(in crate::ui::screens) fn mark(state: WorkloadState) -> (&'static str, Role) {
    match state {
        WorkloadState::Stuck => (glyph::BAD, Role::Bad),
        WorkloadState::Unhealthy => (glyph::WARNING, Role::Warning),
        WorkloadState::Progressing | WorkloadState::Settling => (glyph::HALF, Role::Moving),
        WorkloadState::Held => (glyph::HELD, Role::Held),
        WorkloadState::Healthy => (glyph::WELL, Role::Good),
        WorkloadState::Idle => (glyph::EMPTY, Role::Dim),
    }
}

fn row(ctx: &Ctx<'_>, watched: &Watched) -> Vec<Line> {
    let view = &watched.view;
    let (glyph, role) = mark(view.state);
    let selected = ctx.ui.selected.as_ref() == Some(&view.target);
    let cursor = if selected { glyph::CURSOR } else { " " };
    let (pods, new) = pods(view);
    vec![
        Line::of(Role::Key, cursor).with(role, glyph),
        Line::of(Role::Name, ctx.name_of(&view.target)),
        Line::of(Role::Dim, view.strategy),
        Line::text(versions(view)),
        pods,
        new,
        state(ctx, watched),
    ]
}

fn pods(view: &WorkloadView) -> (Line, Line) {
    match (&view.stable, &view.candidate) {
        (stable, Some(candidate)) => {
            let old = stable.as_ref().map_or_else(Line::new, |v| Line::text(format!("{}/{}", v.ready, v.pods)));
            (old, Line::of(Role::Candidate, format!("{}/{}", candidate.ready, candidate.desired)))
        }
        (_, None) => (Line::text(format!("{}/{}", view.ready, view.wanted)), Line::new()),
    }
}

fn state(ctx: &Ctx<'_>, watched: &Watched) -> Line {
    let view = &watched.view;
    let (_, role) = mark(view.state);
    let age = words::age(watched.state_since, ctx.now());
    let line = Line::of(role, format!("{} {age}", view.state.word()));
    match view.reasons.first() {
        Some(reason) => line.with(role, format!(" {}", reason.what)),
        None => line,
    }
}
