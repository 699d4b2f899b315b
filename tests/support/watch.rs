//! Reads along what a program writes to its terminal, and notes what is on no list.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// No more are kept.
const KEPT: usize = 8;
/// Final bytes of the sequences without a private mark: colours, places, clearing, erasing, and questions to the terminal.
const FINALS: &[u8] = b"mHJKcnCGX";
/// Private modes: cursor, screen, mouse, paste, whole frames.
const MODES: [&str; 8] = ["25", "1000", "1002", "1003", "1006", "1015", "1049", "2004"];
const WHOLE_FRAMES: &str = "2026";

/// Where in the stream it is.
#[derive(Debug, Default)]
enum Place {
    #[default]
    Text,
    Escape,
    Sequence(Vec<u8>),
    /// An operating system command, up to its end.
    Command(Vec<u8>),
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    place: Place,
    /// Bytes of a character that has not come whole.
    character: Vec<u8>,
    strays: Vec<String>,
    copied: Vec<String>,
    coloured: bool,
}

impl Watch {
    /// Takes output of the program.
    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.take(*byte);
        }
    }

    /// What was on no list.
    pub(crate) fn strays(&self) -> &[String] {
        &self.strays
    }

    /// What was put on the clipboard, in base64.
    pub(crate) fn copied(&self) -> &[String] {
        &self.copied
    }

    /// Whether any colour was asked for but the terminal's own.
    pub(crate) fn coloured(&self) -> bool {
        self.coloured
    }

    fn take(&mut self, byte: u8) {
        let place = std::mem::take(&mut self.place);
        self.place = match place {
            Place::Text => self.text(byte),
            Place::Escape => self.escape(byte),
            Place::Sequence(mut held) => {
                held.push(byte);
                if (0x40..=0x7E).contains(&byte) {
                    self.judge_sequence(&held);
                    Place::Text
                } else {
                    Place::Sequence(held)
                }
            }
            Place::Command(mut held) => {
                held.push(byte);
                if byte == 0x07 || held.ends_with(b"\x1b\\") {
                    // a copy to the clipboard; nothing else is set in this way
                    let text = String::from_utf8_lossy(&held).into_owned();
                    match text.strip_prefix("52;c;") {
                        Some(copied) => {
                            self.copied.push(copied.trim_end_matches(['\x07', '\x1b', '\\']).to_owned());
                        }
                        None => self.note(&format!("OSC {}", text.escape_debug())),
                    }
                    Place::Text
                } else {
                    Place::Command(held)
                }
            }
        };
    }

    fn text(&mut self, byte: u8) -> Place {
        if byte == 0x1B {
            return Place::Escape;
        }
        self.character.push(byte);
        match std::str::from_utf8(&self.character) {
            Ok(text) => {
                let stray = text.chars().find(|c| !is_harmless(*c));
                self.character.clear();
                if let Some(c) = stray {
                    self.note(&format!("U+{:04X}", u32::from(c)));
                }
            }
            Err(error) if error.error_len().is_none() && self.character.len() < 4 => {}
            Err(_) => {
                let bytes = std::mem::take(&mut self.character);
                self.note(&format!("bytes {bytes:02X?}"));
            }
        }
        Place::Text
    }

    fn escape(&mut self, byte: u8) -> Place {
        match byte {
            b'[' => Place::Sequence(Vec::new()),
            b']' => Place::Command(Vec::new()),
            other => {
                self.note(&format!("ESC {}", char::from(other).escape_debug()));
                Place::Text
            }
        }
    }

    fn judge_sequence(&mut self, held: &[u8]) {
        let text = String::from_utf8_lossy(held);
        let (parameters, last) = text.split_at(text.len() - 1);
        let known = match parameters.strip_prefix('?') {
            Some(modes) if matches!(last, "h" | "l") => {
                modes.split(';').all(|mode| MODES.contains(&mode) || mode == WHOLE_FRAMES)
            }
            Some(rest) => rest.is_empty() && last == "u",
            // the protocol for key repeats
            None if parameters.starts_with(['>', '<']) => last == "u",
            None => {
                let plain = parameters.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':'));
                plain && FINALS.contains(&held[held.len() - 1])
            }
        };
        if last == "m" {
            let colour = |code: u16| matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107);
            self.coloured |= parameters.split(';').filter_map(|code| code.parse().ok()).any(colour);
        }
        if !known {
            self.note(&format!("CSI {}", text.escape_debug()));
        }
    }

    fn note(&mut self, what: &str) {
        if self.strays.len() < KEPT {
            self.strays.push(what.to_owned());
        }
    }
}

/// Line ends are the terminal's own; everything else that moves it or hides is not.
fn is_harmless(c: char) -> bool {
    matches!(c, '\r' | '\n')
        || !matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
}
