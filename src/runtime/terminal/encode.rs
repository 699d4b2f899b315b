//! From the difference of two buffers to bytes.
//!
//! Every byte counts on a slow link: a blank has no colour of its own, short gaps are bridged with blanks instead of a
//! jump, and an attribute that ends does not take the colours with it.
//!
//! Named colours go out as the sixteen classic codes (30–37, 90–97), not as `38;5;n`: a terminal that knows only those
//! shows them as its user configured them.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};

/// Bytes that turn `before` into `after` on the terminal; empty when there is nothing to change.
pub(super) fn difference(before: &Buffer, after: &Buffer) -> Vec<u8> {
    let mut out = Pen::default();
    for (x, y, cell) in before.diff(after) {
        if !look_alike(&before[(x, y)], cell) {
            out.bridge(x, y, after);
            out.put(x, y, cell);
        }
    }
    out.finish()
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
    at: Option<(u16, u16)>,
    style: Style,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Style {
    fg: Color,
    bg: Color,
    underline: Color,
    modifier: Modifier,
}

impl Default for Style {
    fn default() -> Self {
        Self { fg: Color::Reset, bg: Color::Reset, underline: Color::Reset, modifier: Modifier::empty() }
    }
}

/// A jump to another place costs about this many bytes.
const JUMP: u16 = 5;

impl Pen {
    /// Where only blanks lie between here and the next cell, they cost less than a jump.
    fn bridge(&mut self, x: u16, y: u16, after: &Buffer) {
        let Some((from, row)) = self.at else { return };
        let near = row == y && from < x && x - from <= JUMP;
        if near && (from..x).all(|column| self.would_show(&after[(column, y)])) {
            self.out.extend(std::iter::repeat_n(' ', usize::from(x - from)));
            self.at = Some((x, y));
        }
    }

    /// Whether a blank written as things are would look like this cell.
    fn would_show(&self, cell: &Cell) -> bool {
        let seen = self.style.modifier.union(cell.modifier).intersects(SEEN_ON_BLANKS);
        is_blank(cell) && cell.bg == self.style.bg && !seen
    }

    fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        if self.at != Some((x, y)) {
            // writing to a String cannot fail
            let _ = write!(self.out, "\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1);
        }
        if !self.would_show(cell) {
            self.restyle(Style {
                fg: cell.fg,
                bg: cell.bg,
                underline: cell.underline_color,
                modifier: cell.modifier,
            });
        }
        self.out.push_str(cell.symbol());
        // after anything else terminals may disagree about the width: say the place again
        self.at = is_narrow(cell.symbol()).then_some((x + 1, y));
    }

    fn restyle(&mut self, style: Style) {
        if style == self.style {
            return;
        }
        let mut codes = String::new();
        let mut known = self.style.modifier;
        for (modifier, _, off) in MODIFIERS {
            if known.contains(modifier) && !style.modifier.contains(modifier) {
                let _ = write!(codes, "{off};");
                // one code ends bold and dim alike
                known.remove(ended_by(off));
            }
        }
        for (modifier, on, _) in MODIFIERS {
            if style.modifier.contains(modifier) && !known.contains(modifier) {
                let _ = write!(codes, "{on};");
            }
        }
        if style.fg != self.style.fg {
            colour(&mut codes, style.fg, 30);
        }
        if style.bg != self.style.bg {
            colour(&mut codes, style.bg, 40);
        }
        if style.underline != self.style.underline {
            underline_colour(&mut codes, style.underline);
        }
        codes.pop();
        let _ = write!(self.out, "\x1b[{codes}m");
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

/// Attributes with the codes that begin and end them.
const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// All attributes that a code ends.
fn ended_by(off: u8) -> Modifier {
    let ended = MODIFIERS.iter().filter(|(.., code)| *code == off);
    ended.fold(Modifier::empty(), |all, (modifier, ..)| all.union(*modifier))
}

/// Appends the code of a colour; `base` is 30 for the foreground and 40 for the background.
fn colour(codes: &mut String, colour: Color, base: u8) {
    let _ = match colour {
        Color::Reset => write!(codes, "{};", base + 9),
        Color::Rgb(r, g, b) => write!(codes, "{};2;{r};{g};{b};", base + 8),
        Color::Indexed(n) => write!(codes, "{};5;{n};", base + 8),
        Color::Black => write!(codes, "{base};"),
        Color::Red => write!(codes, "{};", base + 1),
        Color::Green => write!(codes, "{};", base + 2),
        Color::Yellow => write!(codes, "{};", base + 3),
        Color::Blue => write!(codes, "{};", base + 4),
        Color::Magenta => write!(codes, "{};", base + 5),
        Color::Cyan => write!(codes, "{};", base + 6),
        Color::Gray => write!(codes, "{};", base + 7),
        Color::DarkGray => write!(codes, "{};", base + 60),
        Color::LightRed => write!(codes, "{};", base + 61),
        Color::LightGreen => write!(codes, "{};", base + 62),
        Color::LightYellow => write!(codes, "{};", base + 63),
        Color::LightBlue => write!(codes, "{};", base + 64),
        Color::LightMagenta => write!(codes, "{};", base + 65),
        Color::LightCyan => write!(codes, "{};", base + 66),
        Color::White => write!(codes, "{};", base + 67),
    };
}

fn underline_colour(codes: &mut String, colour: Color) {
    let _ = match colour {
        Color::Rgb(r, g, b) => write!(codes, "58;2;{r};{g};{b};"),
        Color::Indexed(n) => write!(codes, "58;5;{n};"),
        // the sixteen have no codes for underlines: the text's own colour it is
        _ => write!(codes, "59;"),
    };
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn paint(bytes: &[u8]) -> vt100::Parser {
        let (rows, columns) = (std::num::NonZero::new(4).unwrap(), std::num::NonZero::new(20).unwrap());
        let mut parser = vt100::Parser::new(rows, columns, 0);
        parser.process(bytes);
        parser
    }

    fn buffer() -> Buffer {
        Buffer::empty(Rect::new(0, 0, 20, 4))
    }

    #[test]
    fn equal_buffers_cost_nothing() {
        let mut shown = buffer();
        shown.set_string(2, 1, "api ● 3/3", Style::new().red().bold());
        assert!(difference(&shown, &shown.clone()).is_empty());
    }

    #[test]
    fn the_terminal_shows_what_the_buffer_holds() {
        let mut after = buffer();
        after.set_string(0, 0, "┌ api ┐ ▁▂▃ ok", Style::new());
        after.set_string(3, 2, "日本 wide", Style::new().bold().fg(Color::Red).bg(Color::Indexed(17)));
        let screen = paint(&difference(&buffer(), &after));
        let screen = screen.screen();
        assert_eq!(screen.contents(), "┌ api ┐ ▁▂▃ ok\n\n   日本 wide");
        let cell = screen.cell(2, 8).unwrap();
        assert_eq!((cell.contents(), cell.bold()), ("w", true));
        assert_eq!(cell.fgcolor(), vt100::Color::Idx(1));
        assert_eq!(cell.bgcolor(), vt100::Color::Idx(17));
    }

    #[test]
    fn an_attribute_that_ends_takes_nothing_else_with_it() {
        let mut after = buffer();
        after.set_string(0, 0, "a", Style::new().bold().underlined().green());
        after.set_string(1, 0, "b", Style::new().underlined().green());
        let screen = paint(&difference(&buffer(), &after));
        let cell = screen.screen().cell(0, 1).unwrap();
        assert!(!cell.bold() && cell.underline());
        assert_eq!(cell.fgcolor(), vt100::Color::Idx(2));
    }

    #[test]
    fn bold_that_ends_leaves_dim_and_the_colours() {
        let mut after = buffer();
        after.set_string(0, 0, "a", Style::new().bold().dim().red().on_blue());
        after.set_string(1, 0, "b", Style::new().dim().red().on_blue());
        let bytes = difference(&buffer(), &after);
        assert_eq!(bytes, b"\x1b[1;1H\x1b[1;2;31;44ma\x1b[22;2mb\x1b[0m");
    }

    #[test]
    fn a_blank_has_no_colour_and_a_short_gap_is_bridged() {
        let mut after = buffer();
        after.set_string(0, 0, "                    ", Style::new().green());
        assert!(difference(&buffer(), &after).is_empty());
        after.set_string(0, 1, "one  two", Style::new().green());
        assert_eq!(difference(&buffer(), &after), b"\x1b[2;1H\x1b[32mone  two\x1b[0m");
        after.set_string(3, 1, "  ", Style::new().on_red());
        let screen = paint(&difference(&buffer(), &after));
        assert_eq!(screen.screen().cell(1, 4).unwrap().bgcolor(), vt100::Color::Idx(1));
        assert_eq!(screen.screen().cell(1, 5).unwrap().bgcolor(), vt100::Color::Default);
    }

    #[test]
    fn any_two_buffers_follow_each_other_on_the_terminal() {
        use proptest::prelude::*;
        let styles = [
            Style::new(),
            Style::new().red(),
            Style::new().bold().on_blue(),
            Style::new().reversed(),
            Style::new().dim().underlined().green(),
        ];
        let cells = proptest::collection::vec((0..20_u16, 0..4_u16, 0..5_usize, "[ a-c─]{1,4}"), 0..40);
        proptest!(|(first in cells.clone(), second in cells)| {
            let fill = |from: &Buffer, changes: &[(u16, u16, usize, String)]| {
                let mut buffer = from.clone();
                for (x, y, style, text) in changes {
                    buffer.set_string(*x, *y, text, styles[*style]);
                }
                buffer
            };
            let one = fill(&buffer(), &first);
            let two = fill(&one, &second);
            let mut stepwise = difference(&buffer(), &one);
            stepwise.extend(difference(&one, &two));
            let stepwise = paint(&stepwise);
            let mut whole = Vec::new();
            for (y, row) in two.content.chunks(20).enumerate() {
                for (x, cell) in row.iter().enumerate() {
                    let mut pen = Pen::default();
                    // every cell by itself, from nothing: the plainest way to the same picture
                    pen.restyle(super::Style { fg: cell.fg, bg: cell.bg, underline: cell.underline_color, modifier: cell.modifier });
                    pen.out.push_str(cell.symbol());
                    whole.extend(format!("\x1b[{};{}H", y + 1, x + 1).into_bytes());
                    whole.extend(pen.finish());
                }
            }
            let whole = paint(&whole);
            for y in 0..4 {
                for x in 0..20 {
                    let (left, right) = (stepwise.screen().cell(y, x).unwrap(), whole.screen().cell(y, x).unwrap());
                    let blank = |cell: &vt100::Cell| matches!(cell.contents(), "" | " ");
                    prop_assert!(left.contents() == right.contents() || (blank(left) && blank(right)));
                    prop_assert_eq!(left.bgcolor(), right.bgcolor());
                    prop_assert_eq!((left.underline(), left.inverse()), (right.underline(), right.inverse()));
                    if !blank(left) {
                        prop_assert_eq!(left.fgcolor(), right.fgcolor());
                        // this parser keeps one of the two
                        prop_assert_eq!(left.bold() || left.dim(), right.bold() || right.dim());
                    }
                }
            }
        });
    }

    #[test]
    fn a_change_of_one_cell_is_a_few_bytes() {
        let mut before = buffer();
        before.set_string(0, 0, "pods 2/3", Style::new());
        let mut after = before.clone();
        after.set_string(5, 0, "3", Style::new());
        assert_eq!(difference(&before, &after), b"\x1b[1;6H3");
    }
}
