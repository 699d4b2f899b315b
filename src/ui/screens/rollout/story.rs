//! Why it stands as it does: reasons, goals in hand, conditions and events.

use crate::core::State;
use crate::core::goal::Goal;
use crate::core::world::Watched;
use crate::model::deployment::Condition;
use crate::model::objects::Workload;
use crate::model::observation::{EventLine, StreamKey};
use crate::model::proof::Proof;
use crate::model::target::Target;
use crate::model::view::{Reason, WorkloadView};
use crate::ui::chrome::sheet::{proof_line, ticks};
use crate::ui::line::Line;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::sections::Section;
use crate::ui::{glyph, words};

use super::super::freshness;
use super::super::overview::workloads::mark;

/// Reasons in the cluster's words.
pub(super) fn why(ctx: &Ctx<'_>, view: &WorkloadView, width: usize) -> Section {
    let (glyph, role) = mark(view.state);
    let mut lines = Vec::new();
    for reason in &view.reasons {
        lines.extend(reason_lines(ctx, reason, (glyph, role), width));
    }
    Section::new("Why", 1, lines)
}

fn reason_lines(ctx: &Ctx<'_>, reason: &Reason, (glyph, role): (&str, Role), width: usize) -> Vec<Line> {
    let mut first = Line::of(role, format!(" {glyph} {}", words::head(reason.what.as_str(), width)));
    if let Some(since) = reason.since {
        first = first.with(Role::Dim, format!("  for {}", words::age(since, ctx.now())));
    }
    let mut lines = vec![first];
    if let Some(detail) = &reason.detail {
        let broken = words::wrap_to(detail.as_str(), width.saturating_sub(4), 3);
        lines.extend(broken.into_iter().map(|line| Line::new().gap(3).plain(line)));
    }
    lines
}

/// Goals on this workload, the newest first.
pub(super) fn goals<'a>(state: &'a State, target: &'a Target) -> impl Iterator<Item = &'a Goal> {
    state.desk.goals.values().rev().filter(move |goal| goal.target == *target)
}

pub(super) fn in_hand(ctx: &Ctx<'_>, view: &WorkloadView, width: usize) -> Section {
    let mut lines = Vec::new();
    for goal in goals(ctx.state, &view.target) {
        let (glyph, role) = match &goal.proof {
            Proof::Proven { .. } => (glyph::TICK, Role::Good),
            Proof::Pending { .. } => (glyph::HALF, Role::Moving),
            Proof::Impossible { .. } | Proof::Unknown { .. } => (glyph::BAD, Role::Bad),
        };
        lines.push(Line::of(role, format!(" {glyph} ")).with(Role::Name, goal.title.as_str()));
        lines.extend(
            ticks(goal, width.saturating_sub(4)).into_iter().map(|line| Line::new().gap(3).and(line)),
        );
        lines.push(Line::new().gap(3).and(proof_line(ctx, goal)));
    }
    Section::new("Acts in hand", 1, lines)
}

/// What the controller reports, with its own sentences where something is wrong.
pub(super) fn conditions(ctx: &Ctx<'_>, watched: &Watched, width: usize) -> Section {
    let Workload::Deployment(deployment) = &watched.set.workload else { return Section::default() };
    let mut lines = Vec::new();
    for condition in &deployment.status.conditions {
        lines.extend(condition_lines(ctx, condition, width));
    }
    Section::new("What Kubernetes reports", 8, lines).right()
}

fn condition_lines(ctx: &Ctx<'_>, condition: &Condition, width: usize) -> Vec<Line> {
    // a failure is reported by a condition that is true, everything else by one that is not
    let bad = (condition.status == "True") == (condition.kind == "ReplicaFailure");
    let (glyph, role) = match (bad, condition.status.as_str()) {
        (_, "Unknown") => (glyph::UNKNOWN, Role::Unknown),
        (true, _) => (glyph::BAD, Role::Bad),
        (false, _) => (glyph::TICK, Role::Good),
    };
    let age = condition.last_transition_time.map_or_else(String::new, |at| words::age(at, ctx.now()));
    let mut lines = vec![
        Line::of(role, format!(" {glyph} "))
            .plain(condition.kind.as_str())
            .padded(18)
            .with(role, format!("{:<8}", condition.status))
            .with(Role::Dim, format!("{age:>5}  "))
            .plain(condition.reason.as_str()),
    ];
    let room = width.saturating_sub(4);
    let said = words::wrap_to(condition.message.as_str(), room, 2);
    lines.extend(said.into_iter().map(|line| Line::new().gap(3).with(Role::Dim, line)));
    lines
}

/// Events of the workload and its pods, newest first.
pub(super) fn events(ctx: &Ctx<'_>, view: &WorkloadView, width: usize) -> Section {
    let lines = match ctx.state.world.events.get(&view.target) {
        None => vec![Line::new().gap(2).with(Role::Unknown, "being read")],
        Some(rows) if rows.is_empty() => vec![Line::new().gap(2).with(Role::Dim, "the cluster keeps none")],
        Some(rows) => rows.iter().map(|row| event(ctx, row, width)).collect(),
    };
    Section::new("Events", 6, lines).remark(freshness::of(ctx, &StreamKey::Events)).right()
}

fn event(ctx: &Ctx<'_>, row: &EventLine, width: usize) -> Line {
    let at = row.at.map_or_else(|| "?".to_owned(), |at| words::age(at, ctx.now()));
    let (glyph, role) = if row.warning { (glyph::WARNING, Role::Warning) } else { (glyph::DOT, Role::Dim) };
    let times = if row.count > 1 { format!(" x{}", row.count) } else { String::new() };
    let about = row.about.as_str();
    let about = about.split_once('/').map_or(about, |(_, name)| name);
    let line = Line::of(Role::Dim, format!("{at:>6} ")).with(role, glyph).gap(1);
    let line = line.with(role, words::head(row.reason.as_str(), 40)).with(Role::Dim, times).gap(1);
    let line = if width >= 100 { line.with(Role::Name, words::head(about, 60)).gap(1) } else { line };
    line.plain(words::head(row.message.as_str(), width))
}
