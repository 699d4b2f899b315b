//! One key as keymaps write it: `H`, `ctrl-d`, `f1`, `enter`.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Shift is part of the character (`H`, `!`); only with named keys does it stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
}

/// Keys that have a name instead of a character.
const NAMED: [(&str, KeyCode); 16] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
];

/// Chords that multiplexers and flow control keep for themselves (`ctrl-a` of screen, `ctrl-b` of tmux ...).
const TAKEN: [char; 8] = ['a', 'b', 'g', 'o', 'p', 'q', 's', 'z'];

/// Why a word is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Not a key at all.
    Unknown(String),
    /// A chord that never arrives.
    Taken(String),
}

impl std::error::Error for KeyError {}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(word) => {
                write!(
                    f,
                    "`{word}` is no key: write one character, or a name such as `f1`, `enter`, `ctrl-d`"
                )
            }
            Self::Taken(word) => {
                write!(f, "`{word}` is kept by terminal multiplexers or flow control and would never arrive")
            }
        }
    }
}

impl Key {
    /// The character that was typed, where it is one without ctrl or alt.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Whether this is the named key, without modifiers.
    #[must_use]
    pub fn is(self, code: KeyCode) -> bool {
        self.code == code && !self.ctrl && !self.alt
    }

    /// Whether this is ctrl and the character.
    #[must_use]
    pub fn is_ctrl(self, c: char) -> bool {
        self.ctrl && self.code == KeyCode::Char(c)
    }
}

impl Key {
    /// The key as the screen names it: `H`, `Enter`, `F2`, `Ctrl-D`.
    #[must_use]
    pub fn label(self) -> String {
        let word = self.to_string();
        if self.typed().is_some_and(|c| c != ' ') {
            return word;
        }
        let capital = |part: &str| {
            let mut chars = part.chars();
            chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
        };
        word.split('-').map(capital).collect::<Vec<_>>().join("-")
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let code = match event.code {
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::CONTROL) => {
                KeyCode::Char(c.to_ascii_lowercase())
            }
            // terminals that report modifiers apart may send `h` with shift
            KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::SHIFT) => {
                KeyCode::Char(c.to_ascii_uppercase())
            }
            code => code,
        };
        Self {
            code,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
            alt: event.modifiers.contains(KeyModifiers::ALT),
        }
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(word: &str) -> Result<Self, KeyError> {
        let unknown = || KeyError::Unknown(word.to_owned());
        let (ctrl, rest) = word.strip_prefix("ctrl-").map_or((false, word), |rest| (true, rest));
        let (alt, rest) = rest.strip_prefix("alt-").map_or((false, rest), |rest| (true, rest));
        let code = code(rest).ok_or_else(unknown)?;
        match code {
            KeyCode::Char(c) if ctrl && TAKEN.contains(&c) => Err(KeyError::Taken(word.to_owned())),
            // a terminal sends these two as tab and enter
            KeyCode::Char('i' | 'm') if ctrl => Err(KeyError::Taken(word.to_owned())),
            _ => Ok(Self { code, ctrl, alt }),
        }
    }
}

fn code(word: &str) -> Option<KeyCode> {
    let mut chars = word.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control()).then_some(KeyCode::Char(c));
    }
    if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == word) {
        return Some(*code);
    }
    let number: u8 = word.strip_prefix('f')?.parse().ok()?;
    (1..=12).contains(&number).then_some(KeyCode::F(number))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut word = String::new();
        if self.ctrl {
            word.push_str("ctrl-");
        }
        if self.alt {
            word.push_str("alt-");
        }
        match (self.code, NAMED.iter().find(|(_, code)| *code == self.code)) {
            (_, Some((name, _))) => word.push_str(name),
            (KeyCode::Char(c), None) => word.push(c),
            (KeyCode::F(number), None) => write!(word, "f{number}")?,
            (_, None) => word.push('?'),
        }
        f.pad(&word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_they_are_written() {
        for word in ["H", "!", "ctrl-d", "f1", "enter", "shift-tab", "space", "alt-x", "/", "pagedown", "?"] {
            assert_eq!(word.parse::<Key>().unwrap().to_string(), word);
        }
        for word in ["", "hh", "f13", "ctrl-"] {
            assert!(matches!(word.parse::<Key>(), Err(KeyError::Unknown(_))), "{word}");
        }
        for word in ["ctrl-z", "ctrl-b", "ctrl-i"] {
            assert!(matches!(word.parse::<Key>(), Err(KeyError::Taken(_))), "{word}");
        }
    }

    #[test]
    fn a_shifted_letter_is_the_capital_however_the_terminal_reports_it() {
        let capital: Key = "H".parse().unwrap();
        assert_eq!(Key::from(KeyEvent::new(KeyCode::Char('H'), KeyModifiers::SHIFT)), capital);
        assert_eq!(Key::from(KeyEvent::new(KeyCode::Char('h'), KeyModifiers::SHIFT)), capital);
        assert_eq!(Key::from(KeyEvent::new(KeyCode::Char('H'), KeyModifiers::NONE)), capital);
    }
}
