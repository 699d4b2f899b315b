//! Help: every command with its keys, made from the table.

use ratatui::layout::Rect;

use super::super::command::{COMMANDS, CommandRow, Place};
use super::super::key::Key;
use super::super::line::Line;
use super::super::paint::Canvas;
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::words;

/// Lines at most: one for each command, a title and a gap for each place.
pub(super) const LINES: usize = COMMANDS.len() + 3 * PLACES.len();

/// Titles of the parts, in their order.
const PLACES: [&str; 5] = [
    "Anywhere, also in dialogs",
    "On every screen",
    "On some screens",
    "In a page of text",
    "In an act sheet",
];

const fn part(place: Place) -> usize {
    match place {
        Place::Always => 0,
        Place::Main => 1,
        Place::Screens(_) => 2,
        Place::Page => 3,
        Place::Sheet => 4,
    }
}

pub(super) fn draw(ctx: &Ctx<'_>, scroll: usize, area: Rect, canvas: &mut Canvas<'_>) {
    canvas.clear(area, Role::Sheet);
    let title = Line::of(Role::Title, "Help");
    let remark = Line::of(Role::Label, "Esc closes");
    let inside = canvas.frame(area, Role::SheetFrame, &title, &remark);
    let lines = lines(ctx, usize::from(inside.width));
    let last = lines.len().saturating_sub(usize::from(inside.height));
    canvas.lines(inside, lines.iter().skip(scroll.min(last)));
}

fn lines(ctx: &Ctx<'_>, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, title) in PLACES.iter().enumerate() {
        if number > 0 {
            lines.push(Line::new());
        }
        lines.push(Line::of(Role::Title, *title));
        for row in COMMANDS.iter().filter(|row| part(row.place) == number) {
            lines.extend(told(ctx, row, width));
        }
    }
    lines
}

/// One command: keys, title, and what it does, wrapped under itself.
fn told(ctx: &Ctx<'_>, row: &CommandRow, width: usize) -> Vec<Line> {
    const KEYS: usize = 11;
    const TITLE: usize = 14;
    let keys: Vec<String> = ctx.ui.keymap.keys(row.command).map(Key::label).collect();
    let keys = if keys.is_empty() { "palette".to_owned() } else { keys.join(" ") };
    let room = width.saturating_sub(KEYS + TITLE + 1).max(16);
    let mut told = words::wrap(row.tells, room).into_iter();
    let first = Line::of(Role::Key, format!(" {}", words::fit(&keys, KEYS - 2))).padded(KEYS);
    let first = first.with(Role::Name, row.title).padded(KEYS + TITLE).plain(told.next().unwrap_or_default());
    let rest = told.map(|line| Line::new().gap(KEYS + TITLE).plain(line));
    std::iter::once(first).chain(rest).collect()
}
