//! Aligned tables whose columns stand still: widths come from the terminal, never from the rows. Only rows in view
//! are built.

use ratatui::layout::Rect;

use super::super::line::Line;
use super::super::paint::{Canvas, Hit, cells, rows};
use super::super::theme::Role;

/// Where a cell's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// At the left.
    Left,
    /// At the right: numbers.
    Right,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its title.
    pub(crate) title: &'static str,
    /// Its least width.
    pub(crate) width: u16,
    /// Its part of the width that is left over; 0: none.
    pub(crate) grows: u16,
    /// Where its text stands.
    pub(crate) align: Align,
    /// Columns with a higher number go first when there is no room.
    pub(crate) drops: u8,
}

/// A column of text.
pub(crate) const fn text(title: &'static str, width: u16, grows: u16, drops: u8) -> Column {
    Column { title, width, grows, align: Align::Left, drops }
}

/// A column of numbers.
pub(crate) const fn number(title: &'static str, width: u16, drops: u8) -> Column {
    Column { title, width, grows: 0, align: Align::Right, drops }
}

/// A column that grew by more would tear its row apart; what is over goes to the last column that grows.
const MOST_GROWTH: u16 = 40;

/// A table over columns.
pub(crate) struct Table<'c> {
    /// Its columns.
    pub(crate) columns: &'c [Column],
    /// Whether the titles are drawn.
    pub(crate) titles: bool,
}

/// Rows that were in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first one.
    pub(crate) first: usize,
    /// How many.
    pub(crate) shown: usize,
}

/// The rows in view of `count`, when `room` fit and the cursor must be among them.
#[must_use]
pub(crate) fn window(count: usize, room: usize, cursor: Option<usize>) -> Window {
    let shown = count.min(room);
    let wanted = cursor.unwrap_or(0).saturating_sub(room / 2);
    Window { first: wanted.min(count - shown), shown }
}

impl Table<'_> {
    /// Draws the rows that fit; `row` builds one, a cell for each column.
    pub(crate) fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        area: Rect,
        count: usize,
        cursor: Option<usize>,
        row: impl Fn(usize) -> Vec<Line>,
    ) -> Window {
        let places = self.places(area.width);
        let mut lines = rows(area);
        if self.titles
            && let Some(line) = lines.next()
        {
            let titles = self.columns.iter().map(|column| Line::of(Role::Dim, column.title)).collect();
            self.cells(canvas, line, &places, titles);
        }
        let room = usize::from(area.height.saturating_sub(u16::from(self.titles)));
        let window = window(count, room, cursor);
        for (line, index) in lines.zip(window.first..window.first + window.shown) {
            self.cells(canvas, line, &places, row(index));
            if let Some(cursor) = cursor {
                canvas.hits.push((line, Hit::Row(index.cast_signed() - cursor.cast_signed())));
            }
            if cursor == Some(index) {
                canvas.ground(line, Role::Selected);
            }
        }
        window
    }

    /// A text that is too long for its column runs on over empty cells behind it.
    fn cells(&self, canvas: &mut Canvas<'_>, line: Rect, places: &[Option<(u16, u16)>], row: Vec<Line>) {
        let mut free = line.right();
        let all: Vec<_> = self.columns.iter().zip(places).zip(row).collect();
        for ((column, place), cell) in all.into_iter().rev() {
            let Some((offset, width)) = *place else { continue };
            if cell.is_empty() {
                continue;
            }
            let x = line.x + offset;
            let area = match column.align {
                Align::Left => Rect { x, width: free.saturating_sub(x), ..line },
                Align::Right => {
                    let indent = width.saturating_sub(cells(cell.width()));
                    Rect { x: x + indent, width: width - indent, ..line }
                }
            };
            canvas.line(area.intersection(line), &cell);
            free = x.saturating_sub(1);
        }
    }

    /// Offset and width of each column that there is room for; one empty cell stands between two.
    fn places(&self, width: u16) -> Vec<Option<(u16, u16)>> {
        let mut kept: Vec<bool> = vec![true; self.columns.len()];
        while self.needed(&kept) > width
            && let Some(next) = (0..kept.len()).filter(|i| kept[*i]).max_by_key(|i| self.columns[*i].drops)
            && self.columns[next].drops > 0
        {
            kept[next] = false;
        }
        let spare = width.saturating_sub(self.needed(&kept));
        let parts: u16 = self.columns.iter().zip(&kept).filter(|(_, k)| **k).map(|(c, _)| c.grows).sum();
        let grown = |column: &Column| (spare * column.grows).checked_div(parts).unwrap_or(0);
        let growing = |(column, kept): &(&Column, &bool)| **kept && column.grows > 0;
        let last = self.columns.iter().zip(&kept).rposition(|pair| growing(&pair));
        let excess: u16 = (self.columns.iter().zip(&kept).filter(growing))
            .map(|(column, _)| grown(column).saturating_sub(MOST_GROWTH))
            .sum();
        let mut offset = 0;
        let mut places = Vec::new();
        for (number, (column, kept)) in self.columns.iter().zip(kept).enumerate() {
            if !kept {
                places.push(None);
                continue;
            }
            let own = grown(column).min(MOST_GROWTH);
            let extra = if last == Some(number) { own + excess } else { own };
            let own = (column.width + extra).min(width.saturating_sub(offset));
            places.push(Some((offset, own)));
            offset = (offset + own + 1).min(width);
        }
        places
    }

    fn needed(&self, kept: &[bool]) -> u16 {
        let own = self.columns.iter().zip(kept).filter(|(_, kept)| **kept);
        own.map(|(column, _)| column.width + 1).sum::<u16>().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [text("name", 6, 1, 0), number("pods", 4, 1), text("why", 10, 1, 2)];

    #[test]
    fn columns_drop_by_need_and_grow_by_share() {
        let table = Table { columns: &COLUMNS, titles: false };
        assert_eq!(table.places(22), [Some((0, 6)), Some((7, 4)), Some((12, 10))]);
        assert_eq!(table.places(26), [Some((0, 8)), Some((9, 4)), Some((14, 12))]);
        assert_eq!(table.places(15), [Some((0, 10)), Some((11, 4)), None]);
        assert_eq!(table.places(3), [Some((0, 3)), None, None]);
        assert_eq!(table.places(322), [Some((0, 46)), Some((47, 4)), Some((52, 270))]);
    }

    #[test]
    fn the_cursor_is_always_in_view_and_no_row_is_left_empty() {
        for (count, room, cursor) in
            [(100, 10, 0), (100, 10, 50), (100, 10, 99), (5, 10, 4), (0, 10, 0), (7, 1, 6)]
        {
            let window = window(count, room, Some(cursor));
            assert_eq!(window.shown, count.min(room));
            assert!(count == 0 || (window.first..window.first + window.shown).contains(&cursor));
        }
    }
}
