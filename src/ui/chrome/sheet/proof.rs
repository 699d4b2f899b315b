//! The proof of an act: stages with their elapsed times, and how it stands.

use crate::core::goal::Goal;
use crate::core::session::Ended;
use crate::model::ids::ActId;
use crate::model::proof::{Proof, Tick};

use super::super::super::command::Command;
use super::super::super::line::Line;
use super::super::super::theme::Role;
use super::super::super::view::Ctx;
use super::super::super::{glyph, words};
use super::{LABEL, labelled};

/// The proof of a sent act, in a sheet.
pub(super) fn lines(ctx: &Ctx<'_>, act: &ActId, width: usize) -> Vec<Line> {
    if let Some(goal) = ctx.state.desk.goals.get(act) {
        let mut lines = vec![Line::new()];
        lines.extend(
            ticks(goal, width.saturating_sub(LABEL)).into_iter().map(|line| Line::new().gap(LABEL).and(line)),
        );
        lines.push(Line::of(Role::Label, format!("{:<LABEL$}", "PROOF")).and(proof_line(ctx, goal)));
        lines.extend(moves(ctx, goal));
        if let Some(elsewhere) = &goal.elsewhere {
            lines.extend(labelled("RUN", Role::Name, elsewhere.as_str(), width));
        }
        return lines;
    }
    ended(ctx, act, width)
}

/// A goal that is no longer in hand: what the journal says.
fn ended(ctx: &Ctx<'_>, act: &ActId, width: usize) -> Vec<Line> {
    match ctx.state.session.acts.get(act).and_then(|record| record.ended.as_ref()) {
        Some(Ended::Proven { millis, .. }) => {
            let text = format!("PROVEN in {}", words::tenths(i64::try_from(*millis).unwrap_or(i64::MAX)));
            labelled("PROOF", Role::Good, &text, width)
        }
        Some(Ended::Unproven { why, .. }) => {
            labelled("PROOF", Role::Bad, &format!("NOT PROVEN: {why}"), width)
        }
        None => labelled("PROOF", Role::Unknown, "no longer followed here", width),
    }
}

/// Stages side by side, wrapped: `✓ sent 0.2 s   ✓ controller saw it 0.9 s   ◐ pods 7/9 1.8.2`.
pub(crate) fn ticks(goal: &Goal, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::new()];
    let mut waiting = false;
    for tick in &goal.ticks {
        let piece = stage(goal, tick, waiting);
        waiting |= tick.at.is_none();
        let at = lines.len() - 1;
        if !lines[at].is_empty() && lines[at].width() + piece.width() > width {
            lines.push(Line::new());
        }
        let at = lines.len() - 1;
        lines[at] = std::mem::take(&mut lines[at]).and(piece).gap(3);
    }
    lines
}

fn stage(goal: &Goal, tick: &Tick, waiting: bool) -> Line {
    match tick.at {
        Some(at) => {
            let line = Line::of(Role::Good, format!("{} ", glyph::TICK)).plain(tick.what.as_str());
            line.with(Role::Dim, format!(" {}", words::elapsed(goal.started, at)))
        }
        // the first stage that is missing is the one that is waited for
        None if !waiting && goal.open() => {
            Line::of(Role::Moving, format!("{} ", glyph::HALF)).with(Role::Moving, tick.what.as_str())
        }
        None => Line::of(Role::Dim, format!("{} {}", glyph::EMPTY, tick.what)),
    }
}

/// How the proof stands, in one line.
pub(crate) fn proof_line(ctx: &Ctx<'_>, goal: &Goal) -> Line {
    match &goal.proof {
        Proof::Proven { at } => {
            let held = goal.trace.holds_since.unwrap_or(*at);
            let line = Line::of(Role::Good, format!("PROVEN in {}", words::elapsed(goal.started, held)));
            match goal.guard_until.filter(|until| ctx.now() < *until) {
                Some(until) => line.with(Role::Dim, format!("   guarded until {}", words::clock(until))),
                None => line,
            }
        }
        Proof::Pending { why } => {
            let settle = goal.kind().row().settle_seconds;
            let line = Line::of(Role::Moving, why.as_str());
            match goal.trace.holds_since {
                Some(since) => {
                    line.with(Role::Dim, format!(" {} of {settle} s", (ctx.now() - since).num_seconds()))
                }
                None => line.with(Role::Dim, format!("   {}", words::elapsed(goal.started, ctx.now()))),
            }
        }
        Proof::Impossible { why } => Line::of(Role::Bad, format!("NOT PROVEN: {why}")),
        Proof::Unknown { since } => {
            let age = words::silence((ctx.now() - *since).num_seconds());
            Line::of(
                Role::Bad,
                format!("UNKNOWN: nothing was seen for {age}; read back as soon as it can be"),
            )
        }
    }
}

/// What could be done about an act that did not come true.
fn moves(ctx: &Ctx<'_>, goal: &Goal) -> Option<Line> {
    if !matches!(goal.proof, Proof::Impossible { .. }) {
        return None;
    }
    let hint = |command, says| ctx.hint(command, says).gap(3);
    Some(
        Line::new()
            .gap(LABEL)
            .and(hint(Command::RollBack, "another revision"))
            .and(hint(Command::Rollout, "why"))
            .and(hint(Command::Stop, "stop"))
            .on(Role::Sheet),
    )
}
