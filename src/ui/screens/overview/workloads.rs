//! The list of workloads: state, versions, pods, traffic, signals. Columns never move.

use ratatui::layout::Rect;

use crate::core::world::Watched;
use crate::model::series::{Reading, Side, Signal, Track};
use crate::model::track::Share;
use crate::model::view::{WorkloadState, WorkloadView};

use super::super::super::line::Line;
use super::super::super::order;
use super::super::super::paint::Canvas;
use super::super::super::theme::Role;
use super::super::super::view::Ctx;
use super::super::super::widgets::gauge;
use super::super::super::widgets::sparkline::sparkline;
use super::super::super::widgets::table::{Column, Table, Window, number, text};
use super::super::super::{glyph, words};
use super::headline::versions;

/// Cells of the bar that shows the traffic.
const TRAFFIC: u16 = 16;
/// Cells of the curve.
const TREND: u16 = 9;
/// From this width on, a row in trouble or without data keeps its signals beside its reason.
const ROOMY: u16 = 130;

const COLUMNS: [Column; 11] = [
    text("", 2, 0, 0),
    text("workload", 8, 4, 0),
    text("strategy", 8, 0, 5),
    text("version", 13, 1, 3),
    text("stable / new", TRAFFIC, 0, 6),
    number("pods", 5, 1),
    number("new", 5, 2),
    text("state", 8, 2, 0),
    number("err %", 7, 3),
    number("p95", 7, 4),
    text("p95 trend", TREND, 0, 7),
];

/// Draws the list into `area`; with titles where it may be tall.
pub(super) fn draw(ctx: &Ctx<'_>, area: Rect, titles: bool, canvas: &mut Canvas<'_>) {
    let rows = order::rows(ctx.state, ctx.ui);
    let room = usize::from(area.height.saturating_sub(u16::from(titles)));
    let cursor = ctx.ui.selected.as_ref().and_then(|target| rows.iter().position(|row| row == target));
    let table = Table { columns: &COLUMNS, titles };
    let rest = rows.len() > room && room > 2;
    let list = Rect { height: area.height.saturating_sub(u16::from(rest)), ..area };
    let shown = table.draw(canvas, list, rows.len(), cursor, |index| {
        let watched = ctx.state.world.workloads.get(&rows[index]);
        watched.map(|watched| row(ctx, watched, area.width)).unwrap_or_default()
    });
    if rest {
        let bottom = Rect { y: area.bottom() - 1, height: 1, ..area };
        canvas.line(bottom, &hidden(ctx, &rows, shown));
    }
}

/// Title of the list: what it holds and how it is sorted, or how old it is.
pub(super) fn title(ctx: &Ctx<'_>) -> (Line, Line) {
    let title = if ctx.state.settings.plan.is_some() { "Components" } else { "Workloads" };
    let mut line = Line::of(Role::Title, title);
    if !ctx.ui.filter.is_empty() {
        let count = order::rows(ctx.state, ctx.ui).len();
        line = line
            .with(Role::Match, format!(" /{} ", ctx.ui.filter))
            .with(Role::Dim, format!(" {count} match"));
    }
    let remark = match ctx.state.world.stale(ctx.now()) {
        Some(age) => Line::of(Role::Banner, format!(" STALE {} ", words::silence(age))),
        None => Line::of(Role::Dim, ctx.ui.sort.word()),
    };
    (line, remark)
}

/// Rows that the list asks for.
pub(super) fn wanted(ctx: &Ctx<'_>) -> u16 {
    super::super::super::paint::cells(order::rows(ctx.state, ctx.ui).len().max(1))
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

fn row(ctx: &Ctx<'_>, watched: &Watched, width: u16) -> Vec<Line> {
    let view = &watched.view;
    let (glyph, role) = mark(view.state);
    let selected = ctx.ui.selected.as_ref() == Some(&view.target);
    let cursor = if selected { glyph::CURSOR } else { " " };
    let (pods, new) = pods(view);
    let stale = ctx.state.world.stale_target(&view.target, ctx.now()).is_some();
    let crowded = width < ROOMY && (view.state.is_trouble() || stale);
    let signal = |signal| if crowded { Line::new() } else { signal_cell(ctx, view, signal) };
    vec![
        Line::of(Role::Key, cursor).with(role, glyph),
        Line::of(Role::Name, words::fit(&ctx.name_of(&view.target), usize::from(width / 4))),
        Line::of(Role::Dim, strategy(view)),
        Line::text(words::fit(&versions(view), usize::from(width / 5))),
        traffic(view),
        pods,
        new,
        state(ctx, watched),
        signal(Signal::ErrorRate),
        signal(Signal::LatencyP95),
        if crowded { Line::new() } else { trend(ctx, view) },
    ]
}

/// The strategy in eight cells; kinds that are only listed by kubectl's short names.
fn strategy(view: &WorkloadView) -> &'static str {
    match view.strategy {
        "statefulsets" => "sts",
        "daemonsets" => "ds",
        "jobs" => "job",
        "rollouts" | "argo-canary" => "argo",
        "canaries" => "flagger",
        "argo-blue-green" => "argo b/g",
        "blue-green" => "b/g",
        driven_here => driven_here,
    }
}

fn pods(view: &WorkloadView) -> (Line, Line) {
    let ready = |ready: i64, wanted: i64, role: Role| {
        let role = if ready < wanted { Role::Warning } else { role };
        Line::of(role, format!("{ready}/{wanted}"))
    };
    match &view.candidate {
        Some(candidate) => {
            let old =
                view.stable.as_ref().map_or_else(Line::new, |old| ready(old.ready, old.pods, Role::Text));
            (old, ready(candidate.ready, candidate.desired, Role::Candidate))
        }
        None => (ready(view.ready, view.wanted, Role::Text), Line::new()),
    }
}

/// Who gets the traffic, while two versions share it.
fn traffic(view: &WorkloadView) -> Line {
    let counted = || view.candidate.as_ref().and_then(|candidate| view.traffic.percent(&candidate.key));
    // a route says more than the number of pods behind it
    let routed = view.candidate.as_ref().and(view.truth.live.as_ref()).map(Share::percent);
    let share = routed.or_else(counted);
    share.map_or_else(Line::new, |percent| gauge::split(percent / 100.0, TRAFFIC.into()))
}

fn state(ctx: &Ctx<'_>, watched: &Watched) -> Line {
    let view = &watched.view;
    let (_, role) = mark(view.state);
    if let Some(age) = ctx.state.world.stale_target(&view.target, ctx.now()) {
        return Line::of(Role::Unknown, format!("{}, STALE {}", view.state.word(), words::silence(age)));
    }
    if let Some(driver) = &view.driver {
        return Line::of(role, view.state.word()).with(Role::Dim, format!("  driven by {driver}"));
    }
    let (word, since) = match (view.state, view.finished) {
        (WorkloadState::Healthy, Some(finished)) => ("done", finished),
        (state, _) => (state.word(), view.started.unwrap_or(watched.state_since)),
    };
    let reason = view.reasons.first();
    let since = if view.state.is_trouble() {
        reason.and_then(|reason| reason.since).unwrap_or(watched.state_since)
    } else {
        since
    };
    let line = match super::super::rollout::brief(view) {
        Some(step) => Line::of(role, format!("{word} {step}")),
        None => Line::of(role, format!("{word} {}", words::age(since, ctx.now()))),
    };
    match reason {
        Some(reason) => line.with(role, format!(" {}", reason.what)),
        None => line,
    }
}

/// The newest value of a signal: the candidate's while there is one. No value says why.
fn signal_cell(ctx: &Ctx<'_>, view: &WorkloadView, signal: Signal) -> Line {
    let Some(track) = track(ctx, view, signal) else { return Line::new() };
    match track.now.value() {
        Some(value) => Line::text(format!("{} {}", words::decimal(value), signal.unit())),
        None if signal == Signal::ErrorRate => Line::of(Role::Unknown, brief(&track.now)),
        None => Line::new(),
    }
}

/// The curve of the last minutes.
fn trend(ctx: &Ctx<'_>, view: &WorkloadView) -> Line {
    let Some(track) = track(ctx, view, Signal::LatencyP95) else { return Line::new() };
    let points: Vec<Option<f64>> = track.points.iter().map(|(_, value)| *value).collect();
    let role = if view.candidate.is_some() { Role::Candidate } else { Role::Stable };
    sparkline(&points, usize::from(TREND), role)
}

/// Why there is no value, in seven cells.
fn brief(reading: &Reading) -> &'static str {
    match reading {
        Reading::Value(_) => "",
        Reading::NoData => "no data",
        Reading::NotFinite => "idle",
        Reading::Several => "several",
        Reading::Stale { .. } => "old",
        Reading::Failed(_) => "failed",
    }
}

fn track<'a>(ctx: &Ctx<'a>, view: &WorkloadView, signal: Signal) -> Option<&'a Track> {
    let set = ctx.state.world.signals.get(&view.target)?;
    let side = if view.candidate.is_some() { Side::Candidate } else { Side::Stable };
    set.tracks.get(&side)?.get(&signal)
}

/// What is not shown, in one line: nobody should have to scroll to know that the rest is well.
fn hidden(ctx: &Ctx<'_>, rows: &[crate::model::target::Target], shown: Window) -> Line {
    let views = rows
        .iter()
        .enumerate()
        .filter(|(index, _)| !(shown.first..shown.first + shown.shown).contains(index))
        .filter_map(|(_, target)| ctx.state.world.view(target));
    let (mut count, mut ill, mut moving) = (0, 0, 0);
    for view in views {
        count += 1;
        ill += usize::from(view.state.is_trouble());
        moving += usize::from(view.in_flight && !view.state.is_trouble());
    }
    let line = Line::of(Role::Dim, format!("   {} more", words::grouped(count)));
    let line = if ill > 0 { line.with(Role::Bad, format!(", {ill} not well")) } else { line };
    let line = if moving > 0 { line.with(Role::Moving, format!(", {moving} moving")) } else { line };
    if ill + moving == 0 { line.with(Role::Dim, ", all well") } else { line }
}
