//! One line of text in roles: what screens are made of.

use super::theme::Role;
use super::{glyph, words};

/// A line: pieces of text, each with its role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    parts: Vec<(Role, String)>,
}

impl Line {
    /// An empty line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of ordinary text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().with(Role::Text, text)
    }

    /// A line of one role.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::new().with(role, text)
    }

    /// The same with a piece at its end.
    #[must_use]
    pub fn with(mut self, role: Role, text: impl Into<String>) -> Self {
        self.push(role, text);
        self
    }

    /// The same with ordinary text at its end.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.with(Role::Text, text)
    }

    /// The same with some cells left empty.
    #[must_use]
    pub fn gap(self, cells: usize) -> Self {
        self.plain(" ".repeat(cells))
    }

    /// The same, filled up with spaces to a width.
    #[must_use]
    pub fn padded(self, to: usize) -> Self {
        let missing = to.saturating_sub(self.width());
        self.gap(missing)
    }

    /// The same with another line at its end.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// The same with another role for ordinary text: a line on the ground of a sheet or a bar.
    #[must_use]
    pub fn on(mut self, ground: Role) -> Self {
        for (role, _) in self.parts.iter_mut().filter(|(role, _)| *role == Role::Text) {
            *role = ground;
        }
        self
    }

    /// The same, cut to `most` cells; a cut is shown.
    #[must_use]
    pub fn cut(self, most: usize) -> Self {
        if self.width() <= most {
            return self;
        }
        let mut out = Self::new();
        let mut left = most.saturating_sub(1);
        let mut last = Role::Text;
        for (role, text) in self.parts {
            let part = words::head(&text, left);
            left -= words::width(part);
            last = role;
            out.push(role, part);
            if part.len() < text.len() {
                break;
            }
        }
        if most == 0 { out } else { out.with(last, glyph::ELLIPSIS) }
    }

    /// Adds a piece.
    pub fn push(&mut self, role: Role, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.parts.push((role, text));
        }
    }

    /// Its pieces.
    #[must_use]
    pub fn parts(&self) -> &[(Role, String)] {
        &self.parts
    }

    /// Its width in cells.
    #[must_use]
    pub fn width(&self) -> usize {
        self.parts.iter().map(|(_, text)| words::width(text)).sum()
    }

    /// Whether there is nothing on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Its text without roles.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.parts.iter().map(|(_, text)| text.as_str()).collect()
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&crate::model::Text> for Line {
    fn from(text: &crate::model::Text) -> Self {
        Self::text(text.as_str())
    }
}
