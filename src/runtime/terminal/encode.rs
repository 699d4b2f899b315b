//! From the difference of two buffers to bytes.
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
        out.put(x, y, cell);
    }
    out.finish()
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

impl Pen {
    fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        if self.at != Some((x, y)) {
            // writing to a String cannot fail
            let _ = write!(self.out, "\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1);
        }
        let style =
            Style { fg: cell.fg, bg: cell.bg, underline: cell.underline_color, modifier: cell.modifier };
        if style != self.style {
            self.restyle(style);
        }
        self.out.push_str(cell.symbol());
        // after anything but plain ASCII terminals may disagree about the width: say the place again
        self.at = (cell.symbol().len() == 1).then_some((x + 1, y));
        if is_narrow(cell.symbol()) {
            self.at = Some((x + 1, y));
        }
    }

    fn restyle(&mut self, style: Style) {
        let mut codes = String::new();
        let known = if self.style.modifier.difference(style.modifier).is_empty() {
            self.style
        } else {
            // there is no code of its own for every attribute's end
            codes.push_str("0;");
            Style::default()
        };
        for (modifier, code) in MODIFIERS {
            if style.modifier.contains(modifier) && !known.modifier.contains(modifier) {
                let _ = write!(codes, "{code};");
            }
        }
        if style.fg != known.fg {
            colour(&mut codes, style.fg, 30);
        }
        if style.bg != known.bg {
            colour(&mut codes, style.bg, 40);
        }
        if style.underline != known.underline {
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

const MODIFIERS: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

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
    fn a_change_of_one_cell_is_a_few_bytes() {
        let mut before = buffer();
        before.set_string(0, 0, "pods 2/3", Style::new());
        let mut after = before.clone();
        after.set_string(5, 0, "3", Style::new());
        assert_eq!(difference(&before, &after), b"\x1b[1;6H3");
    }
}
