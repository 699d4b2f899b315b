//! The two bars: the emergency stop between its two keys, and the answer to a hold.

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::stopbar::{Chord, HoldBar, StopBar, StopRow};

use super::super::command::Command;
use super::super::key::Key;
use super::super::line::Line;
use super::super::paint::{Canvas, rows};
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::{glyph, words};

/// Seconds that the stop bar stays open for its second key.
const STOP_SECONDS: i64 = 5;
/// Rows of the stop bar.
const STOP_ROWS: u16 = 3;
/// Below this width the bar says less on more rows.
const NARROW: u16 = 50;
/// Rows of the narrow bar.
const NARROW_ROWS: u16 = 5;

/// Rows that the stop bar takes on a terminal of this size.
pub(crate) fn stop_rows(area: Rect) -> u16 {
    area.height.min(if area.width < NARROW { NARROW_ROWS } else { STOP_ROWS })
}

/// Draws the stop bar: what the second key stops, what it leaves alone, and what to press.
pub(crate) fn stop(ctx: &Ctx<'_>, bar: &StopBar, area: Rect, canvas: &mut Canvas<'_>) {
    canvas.clear(area, Role::Stop);
    let lines = if area.width < NARROW {
        narrow(ctx, bar, area.height)
    } else {
        vec![what(bar, usize::from(area.width)), untouched(bar, usize::from(area.width)), next(ctx, bar)]
    };
    for (row, line) in rows(area).zip(lines) {
        canvas.line(row, &Line::of(Role::Stop, glyph::BAR).and(line).on(Role::Stop));
        canvas.ground(row, Role::Stop);
    }
}

/// What fits on twenty columns: how many, which, and the key that must never be cut away.
fn narrow(ctx: &Ctx<'_>, bar: &StopBar, height: u16) -> Vec<Line> {
    let chosen = chosen(bar);
    let names: Vec<&str> = chosen.iter().map(|row| row.target.name.as_str()).collect();
    let key = ctx.ui.keymap.key(Command::Stop).map(Key::label).unwrap_or_default();
    let says = match (&bar.chord, &bar.complaint) {
        (Chord::Silence { .. }, _) => "seen: hands off".to_owned(),
        (Chord::Waiting, _) if chosen.is_empty() => "nothing moves".to_owned(),
        (Chord::Waiting, Some(_)) => format!("let go, {key} once {}", left(ctx.state, bar)),
        (Chord::Waiting, None) => format!("{key} once more ({})", left(ctx.state, bar)),
    };
    let away = bar.unreachable.is_some().then_some("API UNREACHABLE");
    let untouched = away.map_or_else(|| format!("untouched: {}", bar.untouched.len()), str::to_owned);
    let all = [format!("STOP {}", chosen.len()), names.join(" "), untouched, says, "Esc cancel".to_owned()];
    // on fewer rows the least needed go first
    let kept: &[usize] = match height {
        0 | 1 => &[3],
        2 => &[1, 3],
        3 => &[1, 3, 4],
        4 => &[0, 1, 3, 4],
        _ => &[0, 1, 2, 3, 4],
    };
    kept.iter().map(|index| Line::text(all[*index].clone())).collect()
}

/// Rows that the second key acts on.
fn chosen(bar: &StopBar) -> Vec<&StopRow> {
    bar.rows.iter().filter(|row| bar.only.as_ref().is_none_or(|only| row.target == *only)).collect()
}

fn what(bar: &StopBar, width: usize) -> Line {
    let chosen = chosen(bar);
    let shown: Vec<String> =
        chosen.iter().map(|row| format!("{} {}", row.target.name, row.versions)).collect();
    let text = match chosen.len() {
        0 => "STOP  nothing is in flight: the second key does nothing".to_owned(),
        1 if bar.rows.len() > 1 => format!("STOP  only  {}", shown.join("   ")),
        count => format!("STOP  {count} moving:  {}", shown.join("   ")),
    };
    if words::width(&text) < width || chosen.is_empty() {
        return Line::text(text);
    }
    // too many to name each with its versions: the names alone
    let names: Vec<&str> = chosen.iter().map(|row| row.target.name.as_str()).collect();
    Line::text(format!("STOP  {} moving: {}", chosen.len(), names.join(" ")))
}

fn untouched(bar: &StopBar, width: usize) -> Line {
    if let Some(why) = &bar.unreachable {
        let short = format!("API UNREACHABLE: {why}");
        let whole = format!("{short}; it is sent until it is answered");
        return Line::text(if words::width(&whole) < width { whole } else { short });
    }
    if bar.untouched.is_empty() {
        return Line::text("nothing else in view");
    }
    let lines: Vec<&str> = bar.untouched.iter().map(crate::model::Text::as_str).collect();
    Line::text(format!("untouched: {}", lines.join("; ")))
}

fn next(ctx: &Ctx<'_>, bar: &StopBar) -> Line {
    let key = ctx.ui.keymap.key(Command::Stop).map(Key::label).unwrap_or_default();
    if matches!(bar.chord, Chord::Silence { .. }) {
        return Line::text("seen: hands off the keys for a moment");
    }
    if let Some(complaint) = &bar.complaint {
        return Line::text(format!("{complaint} ({})", left(ctx.state, bar)));
    }
    let tab = match (&bar.only, &ctx.ui.selected) {
        (Some(_), _) => "    Tab all".to_owned(),
        (None, Some(target)) if bar.rows.len() > 1 => format!("    Tab only {}", target.name),
        (None, _) => String::new(),
    };
    if bar.rows.is_empty() {
        return Line::text("Esc closes");
    }
    Line::text(format!("press {key} once more ({}){tab}    Esc cancel", left(ctx.state, bar)))
}

fn left(state: &State, bar: &StopBar) -> String {
    format!("{} s", (STOP_SECONDS - (state.now - bar.since).num_seconds()).clamp(0, STOP_SECONDS))
}

/// The bar that answers a hold, in one line of `width` cells; the key that widens it is never cut away.
pub(crate) fn hold(bar: &HoldBar, width: usize) -> Line {
    let line = Line::new().gap(1).with(Role::Held, format!("{} {}", glyph::HELD, bar.line));
    if bar.others == 0 {
        return line;
    }
    let others = words::count(bar.others, "other");
    let widen = Line::new().gap(3).with(Role::Key, "Tab").plain(format!(" holds {others}"));
    line.cut(width.saturating_sub(widen.width())).and(widen)
}
