//! The only place where text becomes cells: cut to its width, cleaned once more, styled by its role.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::model::Text;

use super::line::Line;
use super::screens::ScreenId;
use super::skin::Skin;
use super::theme::Role;
use super::{glyph, words};

/// A buffer with the skin it is drawn in.
pub struct Canvas<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// Colours.
    pub skin: &'a Skin,
    /// What a click would mean, and where; later ones lie over earlier ones.
    pub hits: Vec<(Rect, Hit)>,
}

/// What lies under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A row, so many below the one under the cursor (above it: negative).
    Row(isize),
    /// The name of a screen.
    Screen(ScreenId),
}

impl Canvas<'_> {
    /// Draws a line into the first row of `area`, cut at its right edge.
    pub fn line(&mut self, area: Rect, line: &Line) {
        let width = usize::from(area.width);
        if line.width() <= width {
            self.pieces(area, line.parts());
        } else {
            self.pieces(area, line.clone().cut(width).parts());
        }
    }

    /// Draws lines below each other, as many as fit; gives back the rows used.
    pub fn lines<'l>(&mut self, area: Rect, lines: impl IntoIterator<Item = &'l Line>) -> u16 {
        let mut used = 0;
        for (row, line) in rows(area).zip(lines) {
            self.line(row, line);
            used += 1;
        }
        used
    }

    /// Draws `left` and, if both fit with a gap, `right` at the right edge. When there is no room for both, the left
    /// one is cut unless `right` is wider than half of the row.
    pub fn both(&mut self, area: Rect, left: &Line, right: &Line) {
        let (total, wide) = (usize::from(area.width), right.width());
        if wide * 2 > total && left.width() + 2 + wide > total {
            return self.line(area, left);
        }
        let room = total.saturating_sub(if wide == 0 { 0 } else { wide + 2 });
        self.line(Rect { width: cells(room), ..area }, left);
        let at = area.x + cells(total.saturating_sub(wide));
        self.line(Rect { x: at, width: area.right().saturating_sub(at), ..area }, right);
    }

    fn pieces(&mut self, area: Rect, parts: &[(Role, String)]) {
        let area = area.intersection(self.buffer.area);
        if area.height == 0 {
            return;
        }
        let mut x = area.x;
        for (role, text) in parts {
            let safe = clean(text);
            let room = usize::from(area.right().saturating_sub(x));
            x = self.put(x, area.y, words::head(&safe, room), self.skin.theme.style(*role));
        }
    }

    /// Writes text that is known to fit.
    fn put(&mut self, mut x: u16, y: u16, text: &str, style: Style) -> u16 {
        for grapheme in text.graphemes(true) {
            let wide = cells(words::cell_width(grapheme));
            if wide == 0 {
                continue;
            }
            if let Some(cell) = self.buffer.cell_mut((x, y)) {
                cell.set_symbol(grapheme).set_style(style);
            }
            for covered in 1..wide {
                if let Some(cell) = self.buffer.cell_mut((x + covered, y)) {
                    cell.set_symbol(" ").set_style(style);
                }
            }
            x += wide;
        }
        x
    }

    /// Lays the style of a role over an area: selection, grounds.
    pub fn ground(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, self.skin.theme.style(role));
    }

    /// Empties an area and gives it the ground of a role.
    pub fn clear(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
        let ground = self.skin.theme.style(Role::Text).patch(self.skin.theme.style(role));
        self.buffer.set_style(area, ground);
    }

    /// A rule with a title and, at its right end, a remark: `── Workloads ───── moving first ──`.
    pub fn rule(&mut self, area: Rect, title: &Line, remark: &Line) {
        let total = usize::from(area.width);
        let mut line = Line::of(Role::Frame, glyph::RULE.repeat(2)).gap(1);
        line = line.and(title.clone()).gap(1);
        let tail = if remark.is_empty() { 0 } else { remark.width() + 4 };
        let dashes = total.saturating_sub(line.width() + tail);
        line = line.with(Role::Frame, glyph::RULE.repeat(dashes));
        if !remark.is_empty() && dashes > 0 {
            line = line.gap(1).and(remark.clone()).gap(1).with(Role::Frame, glyph::RULE.repeat(2));
        }
        self.line(area, &line);
    }

    /// A frame with a title in its top line and a remark at the right of it; gives back the area inside.
    pub fn frame(&mut self, area: Rect, role: Role, title: &Line, remark: &Line) -> Rect {
        if area.width < 2 || area.height < 2 {
            return area;
        }
        let total = usize::from(area.width);
        let mut top = Line::of(role, glyph::CORNERS[0]).with(role, " ").and(title.clone()).with(role, " ");
        let tail = if remark.is_empty() { 1 } else { remark.width() + 4 };
        let dashes = total.saturating_sub(tail + top.width());
        top = top.with(role, glyph::RULE.repeat(dashes));
        if !remark.is_empty() {
            top = top.with(role, " ").and(remark.clone()).with(role, " ").with(role, glyph::RULE);
        }
        self.line(Rect { height: 1, width: area.width - 1, ..area }, &top);
        self.line(
            Rect { x: area.right() - 1, width: 1, height: 1, ..area },
            &Line::of(role, glyph::CORNERS[1]),
        );
        for y in area.y + 1..area.bottom() - 1 {
            for x in [area.x, area.right() - 1] {
                self.line(Rect { x, y, width: 1, height: 1 }, &Line::of(role, glyph::SIDE));
            }
        }
        let bottom = Line::of(role, glyph::CORNERS[2])
            .with(role, glyph::RULE.repeat(total - 2))
            .with(role, glyph::CORNERS[3]);
        self.line(Rect { y: area.bottom() - 1, height: 1, ..area }, &bottom);
        Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
    }

    /// Replaces every character that is not ASCII by its twin (`--ascii`).
    pub fn to_ascii(&mut self) {
        for cell in &mut self.buffer.content {
            if !cell.symbol().is_ascii() {
                let twin = cell.symbol().chars().next().map_or(' ', glyph::twin);
                cell.set_char(twin);
            }
        }
    }
}

/// The rows of an area, one by one.
pub fn rows(area: Rect) -> impl Iterator<Item = Rect> {
    (area.y..area.bottom()).map(move |y| Rect { y, height: 1, ..area })
}

/// Cells as the terminal counts them; no terminal is wider than a `u16`.
#[must_use]
pub fn cells(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// Names and context names are no [`Text`]; what a careless path lets through is made visible here.
fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let cleaned = Text::clean(text);
    if cleaned.as_str() == text { Cow::Borrowed(text) } else { Cow::Owned(cleaned.as_str().to_owned()) }
}
