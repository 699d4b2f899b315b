//! A field that takes one line of text.

use crossterm::event::KeyCode;
use tui_input::{Input, InputRequest};

use super::key::Key;
use super::words;

/// Longer input is not taken: nothing asked for here is longer.
const LONGEST: usize = 2000;

/// One line of text and a cursor in it.
#[derive(Clone, Debug, Default)]
pub struct Field(Input);

impl Field {
    /// A field with text in it already.
    #[must_use]
    pub fn with(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn value(&self) -> &str {
        self.0.value()
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// Takes an editing key; `false` if it is none.
    pub fn key(&mut self, key: Key) -> bool {
        let Some(request) = request(key) else { return false };
        if !matches!(request, InputRequest::InsertChar(_)) || self.value().len() < LONGEST {
            self.0.handle(request);
        }
        true
    }

    /// Takes pasted text, its first line only: a line break in it must send nothing.
    pub fn paste(&mut self, text: &str) {
        let first = text.trim_start().lines().next().unwrap_or_default();
        for c in first.chars().filter(|c| !c.is_control()).take(LONGEST.saturating_sub(self.value().len())) {
            self.0.handle(InputRequest::InsertChar(c));
        }
    }

    /// The text in front of the cursor and behind it, cut so that the cursor stays in view.
    #[must_use]
    pub fn around_cursor(&self, most: usize) -> (String, String) {
        let before: String = self.value().chars().take(self.0.cursor()).collect();
        let behind: String = self.value().chars().skip(self.0.cursor()).collect();
        let mut shown = before.as_str();
        while words::width(shown) + 1 > most && !shown.is_empty() {
            let first = shown.chars().next().map_or(0, char::len_utf8);
            shown = &shown[first..];
        }
        (shown.to_owned(), behind)
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value() && self.0.cursor() == other.0.cursor()
    }
}

impl Eq for Field {}

fn request(key: Key) -> Option<InputRequest> {
    if let Some(c) = key.typed() {
        return Some(InputRequest::InsertChar(c));
    }
    let named = [
        (KeyCode::Backspace, InputRequest::DeletePrevChar),
        (KeyCode::Delete, InputRequest::DeleteNextChar),
        (KeyCode::Left, InputRequest::GoToPrevChar),
        (KeyCode::Right, InputRequest::GoToNextChar),
        (KeyCode::Home, InputRequest::GoToStart),
        (KeyCode::End, InputRequest::GoToEnd),
    ];
    let chords = [
        ('w', InputRequest::DeletePrevWord),
        ('u', InputRequest::DeleteFromStart),
        ('k', InputRequest::DeleteTillEnd),
        ('e', InputRequest::GoToEnd),
        ('h', InputRequest::DeletePrevChar),
    ];
    named
        .into_iter()
        .find(|(code, _)| key.is(*code))
        .map(|(_, request)| request)
        .or_else(|| chords.into_iter().find(|(c, _)| key.is_ctrl(*c)).map(|(_, request)| request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_lands_as_one_line_and_sends_nothing() {
        let mut field = Field::default();
        field.paste("prod\ny\n");
        assert_eq!(field.value(), "prod");
        field.paste("\u{1b}x\u{7}");
        assert_eq!(field.value(), "prodx");
    }

    #[test]
    fn the_cursor_stays_in_view() {
        let field = Field::with("abcdefgh");
        assert_eq!(field.around_cursor(4), ("fgh".to_owned(), String::new()));
    }
}
