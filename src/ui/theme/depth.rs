//! How many colours the terminal shows, and the nearest one that it has.
//!
//! crossterm writes even the sixteen named colours as `38;5;n`. Terminals with 16 colours only understand `30` to
//! `37` and `90` to `97`: for them the runtime must write those codes itself, around crossterm's backend.

use ratatui::style::Color;

use super::colour::{NAMED, Rgb};

/// Colour depth, poorest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The terminal's default colours only (`NO_COLOR`, `TERM=dumb`); attributes remain.
    None,
    /// The sixteen named colours.
    Sixteen,
    /// xterm's table of 256.
    Indexed,
    /// Any colour.
    True,
}

impl Depth {
    /// What the environment says: `NO_COLOR` (set and not empty), `TERM`, `COLORTERM`.
    #[must_use]
    pub fn of_environment(no_color: Option<&str>, term: Option<&str>, colorterm: Option<&str>) -> Self {
        let term = term.unwrap_or_default();
        if no_color.is_some_and(|value| !value.is_empty()) || term == "dumb" {
            return Self::None;
        }
        if matches!(colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            return Self::True;
        }
        if term.contains("256") || term.starts_with("alacritty") || term.starts_with("xterm-kitty") {
            return Self::Indexed;
        }
        Self::Sixteen
    }

    /// The nearest colour that this depth has.
    #[must_use]
    pub(super) fn of(self, colour: Color) -> Color {
        match (self, colour) {
            (Self::None, _) | (_, Color::Reset) => Color::Reset,
            (Self::Sixteen, Color::Rgb(r, g, b)) => nearest_named(Rgb(r, g, b)),
            (Self::Indexed, Color::Rgb(r, g, b)) => Color::Indexed(nearest_indexed(Rgb(r, g, b))),
            (Self::Sixteen | Self::Indexed | Self::True, kept) => kept,
        }
    }
}

/// The named colour of the same hue, for a colour that has one: a pale red must become red, not gray.
fn nearest_named(wanted: Rgb) -> Color {
    const COLOURED: u8 = 48;
    let Rgb(r, g, b) = wanted;
    let (low, high) = (r.min(g).min(b), r.max(g).max(b));
    let spread = high - low;
    if spread < COLOURED {
        return nearest(wanted, |Rgb(r, g, b)| r == g && g == b);
    }
    // the pure hue at full strength; ordinary colours are the dark half of the table, light ones the other
    let stretch =
        |channel: u8| u8::try_from(u16::from(channel - low) * 255 / u16::from(spread)).unwrap_or(u8::MAX);
    let pure = Rgb(stretch(r), stretch(g), stretch(b));
    let strength: u8 = if high > 150 { 255 } else { 205 };
    nearest(pure, |Rgb(r, g, b)| {
        !(r == g && g == b) && (r.max(g).max(b) == strength || (strength == 205 && b == 238))
    })
}

fn nearest(wanted: Rgb, fits: impl Fn(Rgb) -> bool) -> Color {
    let mut best = (u32::MAX, Color::Reset);
    for (_, colour, rgb) in NAMED {
        let far = wanted.distance(rgb);
        if fits(rgb) && far < best.0 {
            best = (far, colour);
        }
    }
    best.1
}

/// Index of the nearest colour in the 6x6x6 cube (16 to 231) or the ramp of grays (232 to 255).
fn nearest_indexed(wanted: Rgb) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level = |channel: u8| {
        (0_u8..6).min_by_key(|index| LEVELS[usize::from(*index)].abs_diff(channel)).unwrap_or_default()
    };
    let (r, g, b) = (level(wanted.0), level(wanted.1), level(wanted.2));
    let cube = Rgb(LEVELS[usize::from(r)], LEVELS[usize::from(g)], LEVELS[usize::from(b)]);
    let gray = |index: u8| Rgb(8 + 10 * index, 8 + 10 * index, 8 + 10 * index);
    let ramp = (0_u8..24).min_by_key(|index| wanted.distance(gray(*index))).unwrap_or_default();
    if wanted.distance(gray(ramp)) < wanted.distance(cube) { 232 + ramp } else { 16 + 36 * r + 6 * g + b }
}
