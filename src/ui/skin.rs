//! How this console looks, as chosen at the start.

use super::theme::{Depth, Theme};

/// Theme and glyphs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skin {
    /// Colours, already brought to the terminal's depth.
    pub theme: Theme,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
}

impl Skin {
    /// A skin for a terminal of this colour depth.
    #[must_use]
    pub fn new(theme: Theme, depth: Depth, ascii: bool) -> Self {
        Self { theme: theme.at(depth), ascii }
    }
}

impl Skin {
    /// The default theme with all colours and glyphs.
    #[must_use]
    pub fn plain() -> Self {
        Self { theme: Theme::shipped(), ascii: false }
    }
}
