//! Themes: from role to colour. Shipped ones are embedded; the user's overlay them by name.
//!
//! No screen names a colour, and no state rests on colour alone: every one has a word or a glyph besides. Reading
//! files and the environment is the runtime's business: texts and the wanted colour depth come in here.

mod colour;
mod depth;
mod file;
mod roles;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use ratatui::style::{Color, Modifier, Style};

use super::fault::Fault;

pub use colour::{Rgb, contrast};
pub use depth::Depth;
pub use roles::{ROLES, Role, RoleRow};

/// The theme that is used when none is named.
pub const DEFAULT: &str = "dark";

/// Shipped theme files, by name.
pub const SHIPPED: [(&str, &str); 7] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("colour-blind-dark", include_str!("../../../themes/colour-blind-dark.toml")),
    ("colour-blind-light", include_str!("../../../themes/colour-blind-light.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
    ("16-colour", include_str!("../../../themes/16-colour.toml")),
];

/// A theme, resolved: one style for each role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    name: String,
    styles: [Style; ROLES.len()],
}

/// Why a theme cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThemeError {
    /// No file of that name.
    NoSuchTheme {
        /// The name.
        name: String,
    },
    /// Themes, or roles, inherit from each other in a ring.
    Ring(Vec<String>),
    /// Faults in one file.
    Faulty {
        /// Which theme.
        name: String,
        /// Its faults.
        faults: Vec<Fault>,
    },
    /// Roles that neither the theme nor what it inherits from defines.
    Incomplete {
        /// Which theme.
        name: String,
        /// Their words.
        roles: Vec<&'static str>,
    },
}

impl std::error::Error for ThemeError {}

impl fmt::Display for ThemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchTheme { name } => {
                let shipped = SHIPPED.map(|(known, _)| known).join(", ");
                write!(f, "there is no theme `{name}`: shipped are {shipped}")
            }
            Self::Ring(path) => write!(f, "inherited in a ring: {}", path.join(" -> ")),
            Self::Faulty { name, faults } => {
                let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
                write!(f, "theme `{name}`: {}", faults.join("; "))
            }
            Self::Incomplete { name, roles } => {
                write!(f, "theme `{name}` leaves roles without a style: {}", roles.join(", "))
            }
        }
    }
}

impl Theme {
    /// Loads a theme by name. `user` are the user's theme files by name; they go before shipped ones.
    pub fn load(name: &str, user: &BTreeMap<String, String>) -> Result<Self, ThemeError> {
        let styles =
            file::resolve(name, |wanted| user.get(wanted).map(String::as_str).or_else(|| shipped(wanted)))?;
        Ok(Self { name: name.to_owned(), styles })
    }

    /// The default theme.
    ///
    /// # Panics
    /// Never in a released program: the shipped files are checked by a test.
    #[must_use]
    pub fn shipped() -> Self {
        Self::load(DEFAULT, &BTreeMap::new())
            .unwrap_or_else(|error| unreachable!("shipped themes are sound: {error}"))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The style of a role.
    #[must_use]
    pub const fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The same theme for a terminal that shows fewer colours. Attributes stay; where a ground would vanish, the
    /// text is reversed instead, so that selection and banners remain.
    #[must_use]
    pub fn at(mut self, depth: Depth) -> Self {
        for style in &mut self.styles {
            let grounded = style.bg.is_some_and(|bg| bg != Color::Reset);
            style.fg = style.fg.map(|colour| depth.of(colour));
            style.bg = style.bg.map(|colour| depth.of(colour));
            if depth == Depth::None && grounded {
                *style = style.add_modifier(Modifier::REVERSED);
            }
        }
        // an own ground of the whole screen is no mark
        let text = &mut self.styles[Role::Text as usize];
        text.add_modifier.remove(Modifier::REVERSED);
        let sheet = &mut self.styles[Role::Sheet as usize];
        sheet.add_modifier.remove(Modifier::REVERSED);
        self
    }

    /// A theme whose foregrounds number the roles, so that a buffer can be read back as roles.
    #[cfg(test)]
    pub(crate) fn numbered() -> Self {
        let styles = ROLES.map(|row| Style::new().fg(Color::Indexed(row.role as u8)));
        Self { name: "numbered".to_owned(), styles }
    }
}

fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
