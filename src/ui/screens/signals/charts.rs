//! The two charts: error rate, and latency or whatever signal the cursor stands on.

use ratatui::layout::Rect;

use crate::model::series::{Counted, Side, Signal};
use crate::model::view::Revision;
use crate::ui::line::Line;
use crate::ui::paint::Canvas;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::chart::{Chart, Limit, Mark, Series};
use crate::ui::words;

use super::super::overview::signals::whole;
use super::{Picture, chosen, span};

/// From this width on charts stand side by side.
const BESIDE: u16 = 130;
/// A chart of this height is worth more than two of half of it.
const TALL: u16 = 12;

/// Draws as many charts as have room: the error rate, what the cursor stands on, and the others.
pub(super) fn draw(ctx: &Ctx<'_>, picture: Picture<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    if area.height < 4 {
        return;
    }
    let columns = if area.width >= BESIDE { 2 } else { 1 };
    // error rate and latency are shown in any case, and never more than four: five would leave a hole
    let rows = (area.height / TALL).clamp(3 - columns, 4 - columns);
    let signals = shown(chosen(ctx.ui));
    for (signal, place) in signals.into_iter().zip(places(area, columns, rows)) {
        one(ctx, picture, signal, place, canvas);
    }
}

/// Signals in the order in which they are given room.
fn shown(chosen: Signal) -> Vec<Signal> {
    let wanted = [Signal::ErrorRate, chosen, Signal::LatencyP95, Signal::RequestRate];
    let mut signals: Vec<Signal> = Vec::new();
    for signal in wanted.into_iter().chain(Signal::ALL) {
        if !signals.contains(&signal) {
            signals.push(signal);
        }
    }
    signals
}

/// Equal places, row by row.
fn places(area: Rect, columns: u16, rows: u16) -> Vec<Rect> {
    let (width, height) = (area.width / columns, area.height / rows);
    let mut places = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let y = area.y + row * height;
            let x = area.x + column * width;
            let bottom = if row + 1 == rows { area.bottom() } else { y + height };
            let right = if column + 1 == columns { area.right() } else { x + width - 2 };
            places.push(Rect { x, y, width: right - x, height: bottom - y });
        }
    }
    places
}

fn one(ctx: &Ctx<'_>, picture: Picture<'_>, signal: Signal, area: Rect, canvas: &mut Canvas<'_>) {
    let title = Line::of(Role::Title, format!("{} {}", signal.title(), signal.unit()));
    canvas.rule(Rect { height: 1, ..area }, &title, &remark(picture, signal));
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let side = |side: Side| picture.set.tracks.get(&side).and_then(|tracks| tracks.get(&signal));
    let series: Vec<Series<'_>> = [(Side::Stable, Role::Stable), (Side::Candidate, Role::Candidate)]
        .into_iter()
        .filter_map(|(name, role)| {
            let heavy = name == Side::Candidate;
            Some(Series { points: side(name)?.points.as_slice(), role, heavy })
        })
        .collect();
    if series.iter().all(|series| series.points.iter().all(|(_, value)| value.is_none())) {
        let line = Line::new().gap(3).with(Role::Unknown, "no data in this window");
        return canvas.line(Rect { height: body.height.min(1), ..body }, &line);
    }
    let chart = Chart {
        limits: mean(picture, signal, &series).into_iter().collect(),
        series,
        marks: marks(ctx, picture),
        until: picture.until,
        span: span(ctx.ui),
        least_top: least_top(signal),
    };
    chart.draw(canvas, body);
}

/// Noise below this is not worth a scale of its own.
const fn least_top(signal: Signal) -> f64 {
    match signal {
        Signal::ErrorRate => 0.1,
        Signal::RequestRate => 1.0,
        Signal::LatencyP50 | Signal::LatencyP95 | Signal::LatencyP99 => 10.0,
    }
}

/// While there is a candidate: the stable version's mean, which it has to be compared with.
fn mean(picture: Picture<'_>, signal: Signal, series: &[Series<'_>]) -> Option<Limit> {
    if series.len() < 2 || signal == Signal::RequestRate {
        return None;
    }
    let stable = picture.set.tracks.get(&Side::Stable)?.get(&signal)?;
    let values: Vec<f64> = stable.points.iter().filter_map(|(_, value)| *value).collect();
    #[expect(clippy::cast_precision_loss, reason = "points of a curve")]
    let count = values.len() as f64;
    (count > 0.0).then(|| Limit { value: values.iter().sum::<f64>() / count, word: "stable mean".to_owned() })
}

/// Moments at which this workload changed.
fn marks(ctx: &Ctx<'_>, picture: Picture<'_>) -> Vec<Mark> {
    let target = &picture.set.target;
    let changes = ctx.state.world.changes.get(&target.namespace).into_iter().flatten();
    let mut marks: Vec<Mark> = changes
        .filter(|change| change.target == *target)
        .map(|change| Mark { at: change.at, word: tag(change.to.as_str()) })
        .collect();
    if marks.is_empty() {
        let current = ctx.selected_view().and_then(|view| view.revisions.iter().find(|row| row.current));
        marks.extend(current.and_then(born));
    }
    marks.sort_by_key(|mark| mark.at);
    marks
}

fn born(revision: &Revision) -> Option<Mark> {
    Some(Mark { at: revision.created?, word: revision.name.to_string() })
}

/// What differs between two images of a workload: the tag.
fn tag(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let tag = last.split_once(':').map_or(last, |(_, tag)| tag);
    words::fit(tag, 14)
}

/// For the error rate: on how many requests it rests, and what they show.
fn remark(picture: Picture<'_>, signal: Signal) -> Line {
    if signal == Signal::ErrorRate {
        let side =
            if picture.set.counted.contains_key(&Side::Candidate) { Side::Candidate } else { Side::Stable };
        return picture.set.counted.get(&side).map_or_else(Line::new, shows);
    }
    let value = |side: Side, role| {
        let track = picture.set.tracks.get(&side).and_then(|tracks| tracks.get(&signal))?;
        Some(match track.now.value() {
            Some(value) => Line::of(role, words::decimal(value)),
            None => Line::of(Role::Unknown, track.now.why_not().unwrap_or_default()),
        })
    };
    let both = [value(Side::Stable, Role::Stable), value(Side::Candidate, Role::Candidate)];
    both.into_iter()
        .flatten()
        .fold(Line::new(), |line, one| if line.is_empty() { one } else { line.gap(2).and(one) })
}

/// `0 of 1 840 failed: true rate under 0.16 %`
pub(super) fn shows(counted: &Counted) -> Line {
    match counted.upper_bound_percent() {
        Some(bound) => Line::text(format!(
            "{} of {} failed: true rate under {} %",
            whole(counted.failed),
            whole(counted.requests),
            words::decimal(bound)
        )),
        None => Line::of(Role::Unknown, "no requests: nothing is shown"),
    }
}
