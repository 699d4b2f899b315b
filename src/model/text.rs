//! Text that came from outside and is safe to show.
//!
//! Event messages, annotations, log lines and plugin output can carry control sequences, bidirectional overrides and
//! stacks of combining marks that would spoof what an operator reads. They are made harmless once, where they enter,
//! and the type says so. Invisible characters are shown as `<U+202E>` rather than deleted: a hidden trick is news.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

/// More combining marks than this on one letter are cut: no living script needs them.
const MARKS_PER_CELL: usize = 4;
/// A longer single text is cut: no screen shows it, and one hostile line must not fill the memory.
const LONGEST: usize = 64 * 1024;
const TAB: &str = "    ";

/// One line of sanitised text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// Sanitises `raw` into one line; line breaks become single spaces.
    #[must_use]
    pub fn clean(raw: &str) -> Self {
        // nearly all text is like this, and there is much of it
        if raw.len() <= LONGEST && raw.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self(raw.to_owned());
        }
        let mut out = String::with_capacity(raw.len().min(LONGEST));
        push_clean(&mut out, &without_sequences(cut(raw)));
        Self(out)
    }

    /// Sanitises `raw` line by line.
    #[must_use]
    pub fn lines(raw: &str) -> Vec<Self> {
        raw.lines().map(Self::clean).collect()
    }

    /// The sanitised text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::clean(raw)
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        Self::clean(&raw)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|raw| Self::clean(&raw))
    }
}

fn cut(raw: &str) -> &str {
    let mut end = raw.len().min(LONGEST);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    &raw[..end]
}

/// Drops whole escape sequences (CSI, OSC, DCS and the two-byte ones), so that no residue such as `[31m` remains.
fn without_sequences(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => skip_csi(&mut chars),
                Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut chars),
                Some(_) | None => {}
            },
            '\u{9b}' => skip_csi(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            other => out.push(other),
        }
    }
    out
}

fn skip_csi(chars: &mut impl Iterator<Item = char>) {
    // a CSI sequence ends with a byte in @..~ (ECMA-48, 5.4)
    for c in chars.by_ref() {
        if ('@'..='~').contains(&c) {
            return;
        }
    }
}

fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next() {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' if chars.peek() == Some(&'\\') => {
                chars.next();
                return;
            }
            _ => {}
        }
    }
}

fn push_clean(out: &mut String, raw: &str) {
    for grapheme in raw.graphemes(true) {
        let mut marks = 0;
        for c in grapheme.chars() {
            match c {
                '\t' => out.push_str(TAB),
                '\n' => out.push(' '),
                '\r' => {}
                _ => push_char(out, c, &mut marks),
            }
        }
    }
}

fn push_char(out: &mut String, c: char, marks: &mut usize) {
    match c.general_category() {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse => show_code(out, c),
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark => {
            *marks += 1;
            if *marks <= MARKS_PER_CELL {
                out.push(c);
            }
        }
        _ => out.push(c),
    }
}

fn show_code(out: &mut String, c: char) {
    use fmt::Write as _;
    // writing to a String cannot fail
    let _ = write!(out, "<U+{:04X}>", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_vanish_whole_and_invisible_characters_become_visible() {
        for (raw, shown) in [
            ("a\u{1b}[31mb\u{1b}[0m", "ab"),
            ("x\u{1b}]52;c;ZXZpbA==\u{7}y", "xy"),
            ("x\u{1b}]0;title\u{1b}\\y", "xy"),
            ("safe\u{202e}evil", "safe<U+202E>evil"),
            ("zero\u{200b}width", "zero<U+200B>width"),
            ("two\nlines\r", "two lines"),
            ("a\tb", "a    b"),
            ("bell\u{7}", "bell<U+0007>"),
        ] {
            assert_eq!(Text::clean(raw).as_str(), shown);
        }
    }

    #[test]
    fn stacked_marks_are_capped() {
        let zalgo = format!("a{}", "\u{301}".repeat(50));
        assert_eq!(Text::clean(&zalgo).as_str().chars().count(), 1 + MARKS_PER_CELL);
    }
}
