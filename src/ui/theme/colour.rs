//! Colours as theme files write them, and how well two of them can be told apart.

use ratatui::style::Color;

/// A colour by its three channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The sixteen colours that every terminal names, with the values that xterm gives them.
pub(super) const NAMED: [(&str, Color, Rgb); 16] = [
    ("black", Color::Black, Rgb(0, 0, 0)),
    ("red", Color::Red, Rgb(205, 0, 0)),
    ("green", Color::Green, Rgb(0, 205, 0)),
    ("yellow", Color::Yellow, Rgb(205, 205, 0)),
    ("blue", Color::Blue, Rgb(0, 0, 238)),
    ("magenta", Color::Magenta, Rgb(205, 0, 205)),
    ("cyan", Color::Cyan, Rgb(0, 205, 205)),
    ("gray", Color::Gray, Rgb(229, 229, 229)),
    ("dark-gray", Color::DarkGray, Rgb(127, 127, 127)),
    ("light-red", Color::LightRed, Rgb(255, 0, 0)),
    ("light-green", Color::LightGreen, Rgb(0, 255, 0)),
    ("light-yellow", Color::LightYellow, Rgb(255, 255, 0)),
    ("light-blue", Color::LightBlue, Rgb(92, 92, 255)),
    ("light-magenta", Color::LightMagenta, Rgb(255, 0, 255)),
    ("light-cyan", Color::LightCyan, Rgb(0, 255, 255)),
    ("white", Color::White, Rgb(255, 255, 255)),
];

/// Reads `#rrggbb`, `ansi.red` or `default`.
pub(super) fn parse(word: &str) -> Option<Color> {
    if word == "default" {
        return Some(Color::Reset);
    }
    if let Some(name) = word.strip_prefix("ansi.") {
        return NAMED.iter().find(|(known, ..)| *known == name).map(|(_, colour, _)| *colour);
    }
    let digits = word.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).ok();
    Some(Color::Rgb(channel(0)?, channel(2)?, channel(4)?))
}

impl Rgb {
    /// The channels of a colour; `None` for the terminal's own default.
    #[must_use]
    pub fn of(colour: Color) -> Option<Self> {
        match colour {
            Color::Rgb(r, g, b) => Some(Self(r, g, b)),
            named => NAMED.iter().find(|(_, known, _)| *known == named).map(|(.., rgb)| *rgb),
        }
    }

    /// Squared distance, green weighed most as the eye does.
    pub(super) fn distance(self, other: Self) -> u32 {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        2 * square(self.0, other.0) + 4 * square(self.1, other.1) + 3 * square(self.2, other.2)
    }

    /// Relative luminance (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

/// Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
#[must_use]
pub fn contrast(left: Rgb, right: Rgb) -> f64 {
    let (a, b) = (left.luminance(), right.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}
