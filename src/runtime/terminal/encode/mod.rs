//! From the difference of two buffers to bytes.
//!
//! Every byte counts on a slow link: a blank has no colour of its own, a short gap is written over instead of jumped,
//! a jump on the same row is a relative one, the empty rest of a row is erased, and styles change by the shorter of two
//! ways: from the present one, or from none.
//!
//! Erasing uses the default ground only, which needs no terminal that erases in colour (`bce`).
//!
//! Named colours go out as the sixteen classic codes (30–37, 90–97), not as `38;5;n`: a terminal that knows only those
//! shows them as its user configured them.

mod style;

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};

use self::style::Style;

/// Bytes that turn `before` into `after` on the terminal; empty when there is nothing to change.
pub(super) fn difference(before: &Buffer, after: &Buffer) -> Vec<u8> {
    let mut out = Pen { right: after.area.right(), ..Pen::default() };
    // the row of the last stretch that was erased, and where it ends
    let mut erased = (0, 0);
    for (x, y, cell) in before.diff(after) {
        let done = erased.0 == y && x < erased.1;
        if done || look_alike(&before[(x, y)], cell) {
            continue;
        }
        out.bridge(x, y, after);
        match stretch_to_erase(x, y, before, after) {
            Some(until) => {
                out.erase(x, y, (until < after.area.right()).then_some(until - x));
                erased = (y, until);
            }
            None => out.put(x, y, cell),
        }
    }
    out.finish()
}

/// Where the empty stretch that begins here ends, if erasing it costs less than writing its blanks.
fn stretch_to_erase(x: u16, y: u16, before: &Buffer, after: &Buffer) -> Option<u16> {
    let right = after.area.right();
    let until = (x..right).find(|column| !is_empty(&after[(*column, y)])).unwrap_or(right);
    let changed =
        (x..until).filter(|column| !look_alike(&before[(*column, y)], &after[(*column, y)])).count();
    let cost = if until == right { TO_THE_END } else { IN_THE_MIDDLE };
    (changed > cost).then_some(until)
}

/// Bytes for erasing the rest of a row.
const TO_THE_END: usize = 3;
/// Bytes for erasing some cells, and going on behind them.
const IN_THE_MIDDLE: usize = 10;

/// A blank on the default ground: what erasing leaves.
fn is_empty(cell: &Cell) -> bool {
    is_blank(cell) && cell.bg == Color::Reset && !cell.modifier.intersects(SEEN_ON_BLANKS)
}

/// What can be seen of a blank: its ground, and attributes that draw something.
const SEEN_ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " "
}

fn look_alike(before: &Cell, after: &Cell) -> bool {
    let plain = |cell: &Cell| is_blank(cell) && !cell.modifier.intersects(SEEN_ON_BLANKS);
    plain(before) && plain(after) && before.bg == after.bg
}

/// Bytes that show (at a place) or hide the cursor.
pub(super) fn cursor(place: Option<Position>) -> String {
    place.map_or_else(
        || "\x1b[?25l".to_owned(),
        |at| format!("\x1b[{};{}H\x1b[?25h", u32::from(at.y) + 1, u32::from(at.x) + 1),
    )
}

/// Bytes that clear the screen in default colours.
pub(super) const CLEAR: &str = "\x1b[0m\x1b[2J";

/// Writes cells and remembers what the terminal already knows.
#[derive(Default)]
struct Pen {
    out: String,
    /// Right edge of the terminal.
    right: u16,
    at: Option<(u16, u16)>,
    /// The row that the terminal is in, where the column is not certain.
    row: Option<u16>,
    style: Style,
}

/// A jump costs about this many bytes.
const JUMP: u16 = 5;

impl Pen {
    /// What lies between here and the next cell is written over where that costs less than a jump: blanks, and
    /// anything that looks as the pen would write it.
    fn bridge(&mut self, x: u16, y: u16, after: &Buffer) {
        let Some((from, row)) = self.at else { return };
        let near = row == y && from < x && x - from <= JUMP;
        let as_it_is = |cell: &Cell| is_narrow(cell.symbol()) && Style::of(cell) == self.style;
        let gap = || (from..x).map(|column| &after[(column, y)]);
        if near
            && gap().all(|cell| self.would_show(cell) || as_it_is(cell))
            && gap().map(|cell| cell.symbol().len()).sum::<usize>() <= usize::from(JUMP)
        {
            gap().for_each(|cell| self.out.push_str(cell.symbol()));
            self.at = Some((x, y));
        }
    }

    /// Whether a blank written as things are would look like this cell.
    fn would_show(&self, cell: &Cell) -> bool {
        let seen = self.style.modifier.union(cell.modifier).intersects(SEEN_ON_BLANKS);
        is_blank(cell) && cell.bg == self.style.bg && !seen
    }

    fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        self.go(x, y);
        if !self.would_show(cell) {
            self.restyle(Style::of(cell));
        }
        self.out.push_str(cell.symbol());
        // after anything else terminals may disagree about the width: say the place again, and on the right edge, where
        // it may have gone on in the next row, the row too
        let narrow = is_narrow(cell.symbol());
        self.at = narrow.then_some((x + 1, y));
        self.row = (narrow || x + 2 < self.right).then_some(y);
    }

    /// Empties so many cells from here on, or the rest of the row.
    fn erase(&mut self, x: u16, y: u16, cells: Option<u16>) {
        self.go(x, y);
        if self.style.bg != Color::Reset || self.style.modifier.intersects(SEEN_ON_BLANKS) {
            let modifier = self.style.modifier.difference(SEEN_ON_BLANKS);
            self.restyle(Style { bg: Color::Reset, modifier, ..self.style });
        }
        let _ = match cells {
            Some(cells) => write!(self.out, "\x1b[{cells}X"),
            None => write!(self.out, "\x1b[K"),
        };
    }

    fn go(&mut self, x: u16, y: u16) {
        // writing to a String cannot fail
        let _ = match (self.at, self.row) {
            (Some(at), _) if at == (x, y) => Ok(()),
            (Some((from, row)), _) if row == y && from + 1 == x => write!(self.out, "\x1b[C"),
            (Some((from, row)), _) if row == y && from < x => write!(self.out, "\x1b[{}C", x - from),
            (_, Some(row)) if row == y => write!(self.out, "\x1b[{}G", u32::from(x) + 1),
            _ if x == 0 => write!(self.out, "\x1b[{}H", u32::from(y) + 1),
            _ => write!(self.out, "\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1),
        };
        self.at = Some((x, y));
        self.row = Some(y);
    }

    fn restyle(&mut self, style: Style) {
        if style == self.style {
            return;
        }
        let onward = style.codes_from(self.style);
        let anew = format!("0;{}", style.codes_from(Style::default()));
        let codes = if anew.len() < onward.len() { &anew } else { &onward };
        let _ = write!(self.out, "\x1b[{}m", codes.trim_end_matches(';'));
        self.style = style;
    }

    fn finish(mut self) -> Vec<u8> {
        if self.style != Style::default() {
            self.out.push_str("\x1b[0m");
        }
        self.out.into_bytes()
    }
}

/// Box drawing, block elements, arrows, geometric shapes and Braille: what the screens are made of, one column wide in
/// every terminal that is not set up for East Asian widths.
fn is_narrow(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => {
            matches!(c, '\u{20}'..='\u{7e}' | '\u{a1}'..='\u{ff}' | '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
