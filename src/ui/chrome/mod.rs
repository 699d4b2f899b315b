//! What surrounds every screen: header, footer, bars, the act sheet, the page of a stop.
//!
//! Chrome only shows; what a key does is decided in `input`, what an act does in the core.

pub(super) mod bars;
mod footer;
mod header;
mod identity;
pub(super) mod sheet;
pub(super) mod stop_page;

use ratatui::layout::Rect;

use super::field::Field;
use super::line::Line;
use super::paint::{Canvas, cells};
use super::theme::Role;

pub(super) use footer::{draw as footer, one_line as short_footer};
pub(super) use header::{Lines as HeaderLines, draw as header, mode};
pub(super) use identity::{clock, identity, way_back};

/// Widest dialog: longer lines are harder to read.
const WIDEST: u16 = 100;

/// A framed dialog with room for `lines`, in the middle of `area` and never larger; gives back the room inside.
pub(super) fn dialog(area: Rect, lines: usize, title: &str, remark: &str, canvas: &mut Canvas<'_>) -> Rect {
    let width = area.width.min(WIDEST);
    let height = cells(lines + 2).min(area.height);
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height };
    canvas.clear(place, Role::Sheet);
    canvas.frame(place, Role::SheetFrame, &Line::of(Role::Title, title), &Line::of(Role::Label, remark))
}

/// A text field with its cursor.
pub(super) fn field(field: &Field, room: usize) -> Line {
    let (before, behind) = field.around_cursor(room);
    let mut rest = behind.chars();
    let under = rest.next().unwrap_or(' ').to_string();
    Line::of(Role::Field, before).with(Role::Selected, under).with(Role::Field, rest.collect::<String>())
}
