//! Signals of the selected workload: stable beside candidate, or why there are none.

use ratatui::layout::Rect;

use crate::model::series::{Counted, MetricsSource, Side, Signal, SignalSet};

use super::super::super::line::Line;
use super::super::super::paint::Canvas;
use super::super::super::theme::Role;
use super::super::super::view::Ctx;
use super::super::super::widgets::panel::Panel;
use super::super::super::words;

/// Seconds after which measured values say their age.
const OLD_SECONDS: i64 = 60;

/// From this height on there is room for curves.
const CURVES_FROM: u16 = 12;

/// Draws the panel: curves where there is room for them, else the newest values.
pub(super) fn draw(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    let panel = panel(ctx);
    if area.height < CURVES_FROM {
        return panel.framed(area, canvas);
    }
    let inside = canvas.frame(area, Role::Frame, &panel.title, &panel.remark);
    if !super::super::signals::draw_charts(ctx, inside, canvas) {
        canvas.lines(inside, &panel.lines);
    }
}

fn panel(ctx: &Ctx<'_>) -> Panel {
    let Some(target) = &ctx.ui.selected else { return Panel::new("Signals", Vec::new()) };
    let title = format!("{}: signals", ctx.name_of(target));
    match ctx.state.world.signals.get(target) {
        Some(set) => Panel::new(title, lines(set)).remarked(age(ctx, set)),
        None => Panel::new(
            title,
            vec![Line::of(Role::Unknown, format!(" {}", why_none(&ctx.state.world.metrics)))],
        ),
    }
}

/// Why nothing is measured, with the remedy: never a dash.
pub(in crate::ui::screens) fn why_none(source: &MetricsSource) -> String {
    match source {
        MetricsSource::Looking => "still looking for a metrics source".to_owned(),
        MetricsSource::Found { place, .. } => format!("asking {place}"),
        MetricsSource::Silent { place, why } => format!("{place} does not answer: {why}"),
        MetricsSource::None { why } => format!("no metrics source: --prometheus URL ({why})"),
    }
}

fn age(ctx: &Ctx<'_>, set: &SignalSet) -> Line {
    let seconds = (ctx.now() - set.asked).num_seconds();
    if seconds < OLD_SECONDS {
        Line::new()
    } else {
        Line::of(Role::Banner, format!(" {} old ", words::silence(seconds)))
    }
}

fn lines(set: &SignalSet) -> Vec<Line> {
    let mut lines = vec![titles(set)];
    for signal in Signal::ALL {
        let cell = |side: Side| reading(set, side, signal);
        let line = Line::new().gap(1).plain(signal.title()).padded(15);
        let line = line.and(right(cell(Side::Stable), 12)).gap(2);
        lines.push(line.and(right(cell(Side::Candidate), 12)));
    }
    lines.push(Line::new());
    for (side, counted) in &set.counted {
        lines.push(evidence(*side, counted));
    }
    lines.push(Line::of(Role::Dim, format!(" {}", set.found)));
    lines
}

fn titles(set: &SignalSet) -> Line {
    let line = Line::new().gap(15).and(right(Line::of(Role::Stable, "stable"), 12)).gap(2);
    let candidate = set.tracks.contains_key(&Side::Candidate);
    if candidate { line.and(right(Line::of(Role::Candidate, "candidate"), 12)) } else { line }
}

fn right(cell: Line, width: usize) -> Line {
    Line::new().gap(width.saturating_sub(cell.width())).and(cell)
}

fn reading(set: &SignalSet, side: Side, signal: Signal) -> Line {
    let Some(track) = set.tracks.get(&side).and_then(|tracks| tracks.get(&signal)) else {
        return Line::new();
    };
    match track.now.value() {
        Some(value) => Line::text(format!("{} {:<2}", words::decimal(value), signal.unit())),
        None => Line::of(Role::Unknown, track.now.why_not().unwrap_or_default()),
    }
}

/// What the error rate rests on.
fn evidence(side: Side, counted: &Counted) -> Line {
    let name = match side {
        Side::Stable => "stable",
        Side::Candidate => "candidate",
    };
    let text = match counted.upper_bound_percent() {
        Some(bound) => format!(
            " {name}: {} of {} failed, true rate under {} %",
            whole(counted.failed),
            whole(counted.requests),
            words::decimal(bound)
        ),
        None => format!(" {name}: no requests, nothing is shown"),
    };
    Line::of(Role::Dim, text)
}

pub(in crate::ui::screens) fn whole(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of requests")]
    let whole = number.max(0.0).round() as u64;
    words::grouped(whole)
}
