//! How a cell looks: colours as a dark terminal has them.

/// The terminal's own ground.
pub(crate) const GROUND: &str = "#101418";
/// The terminal's own ink.
const INK: &str = "#d0d0d0";
/// The sixteen colours that a terminal names itself.
const NAMED: [&str; 16] = [
    "#101418", "#e05561", "#5fd787", "#d7af5f", "#5f9fff", "#c7a0ff", "#5fd7d7", "#d0d0d0", "#6c7680",
    "#ff6b6b", "#87ffaf", "#ffd75f", "#87bfff", "#d7bfff", "#87ffff", "#ffffff",
];

/// Everything about a cell but its text.
#[derive(PartialEq)]
pub(crate) struct Look {
    pub(crate) ink: String,
    /// None is the terminal's own ground.
    pub(crate) ground: Option<String>,
    attributes: Vec<&'static str>,
    dim: bool,
}

impl Look {
    pub(crate) fn of(cell: &vt100::Cell) -> Self {
        let (mut ink, mut ground) = (hex(cell.fgcolor()), hex(cell.bgcolor()));
        if cell.inverse() {
            let own =
                |colour: Option<String>, otherwise: &str| colour.unwrap_or_else(|| otherwise.to_owned());
            (ink, ground) = (Some(own(ground, GROUND)), Some(own(ink, INK)));
        }
        let attributes = [
            (cell.bold(), " font-weight=\"bold\""),
            (cell.italic(), " font-style=\"italic\""),
            (cell.underline(), " text-decoration=\"underline\""),
        ];
        Self {
            ink: ink.unwrap_or_else(|| INK.to_owned()),
            ground,
            attributes: attributes.into_iter().filter(|(has, _)| *has).map(|(_, name)| name).collect(),
            dim: cell.dim(),
        }
    }

    /// The attribute that makes it dim, where it is.
    pub(crate) fn opacity(&self) -> &'static str {
        if self.dim { " fill-opacity=\"0.6\"" } else { "" }
    }

    /// The attributes of its text.
    pub(crate) fn style(&self) -> String {
        self.attributes.concat() + self.opacity()
    }
}

/// A colour as it is written in a picture; none for the terminal's own.
fn hex(colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Idx(index) => Some(indexed(index)),
        vt100::Color::Rgb(red, green, blue) => Some(rgb(red, green, blue)),
    }
}

/// Colours by number: sixteen named ones, a cube of six by six by six, 24 greys.
fn indexed(index: u8) -> String {
    match index {
        0..16 => NAMED[usize::from(index)].to_owned(),
        16..232 => {
            let level = |digit: u8| if digit == 0 { 0 } else { 55 + 40 * digit };
            let place = index - 16;
            rgb(level(place / 36), level(place / 6 % 6), level(place % 6))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            rgb(grey, grey, grey)
        }
    }
}

fn rgb(red: u8, green: u8, blue: u8) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
