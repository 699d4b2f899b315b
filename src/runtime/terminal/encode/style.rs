//! From one look of a cell to another: the shortest codes.

use std::fmt::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// How a cell looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) fg: Color,
    pub(super) bg: Color,
    pub(super) underline: Color,
    pub(super) modifier: Modifier,
}

impl Default for Style {
    fn default() -> Self {
        Self { fg: Color::Reset, bg: Color::Reset, underline: Color::Reset, modifier: Modifier::empty() }
    }
}

impl Style {
    pub(super) fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, underline: cell.underline_color, modifier: cell.modifier }
    }

    /// The codes, each with a semicolon behind it, that turn `before` into this.
    pub(super) fn codes_from(self, before: Self) -> String {
        let mut codes = String::new();
        let mut known = before.modifier;
        for (modifier, _, off) in MODIFIERS {
            if known.contains(modifier) && !self.modifier.contains(modifier) {
                let _ = write!(codes, "{off};");
                // one code ends bold and dim alike
                known.remove(ended_by(off));
            }
        }
        for (modifier, on, _) in MODIFIERS {
            if self.modifier.contains(modifier) && !known.contains(modifier) {
                let _ = write!(codes, "{on};");
            }
        }
        if self.fg != before.fg {
            colour(&mut codes, self.fg, 30);
        }
        if self.bg != before.bg {
            colour(&mut codes, self.bg, 40);
        }
        if self.underline != before.underline {
            underline_colour(&mut codes, self.underline);
        }
        codes
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

/// The number under which terminals of 256 colours know exactly this colour: their cube of six steps a side, and their
/// 24 greys. It says the same in half of the bytes.
fn numbered(colour: (u8, u8, u8)) -> Option<u8> {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    const GREYS: u8 = 232;
    let (r, g, b) = colour;
    let step = |part: u8| (0..6_u8).zip(STEPS).find(|(_, step)| *step == part).map(|(index, _)| index);
    let grey = || (GREYS..=255).find(|number| r == g && g == b && r == 8 + 10 * (number - GREYS));
    let cube = || Some(16 + 36 * step(r)? + 6 * step(g)? + step(b)?);
    cube().or_else(grey)
}

/// Appends the code of a colour; `base` is 30 for the foreground and 40 for the background.
fn colour(codes: &mut String, colour: Color, base: u8) {
    let known = match colour {
        Color::Rgb(r, g, b) => numbered((r, g, b)).map_or(colour, Color::Indexed),
        other => other,
    };
    let _ = match known {
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
