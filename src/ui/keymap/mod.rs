//! Which key means which command: the shipped keymap, overlaid by the user's.
//!
//! A keymap that cannot be told apart, names what does not exist, or leaves the emergency stop without a key is
//! refused as a whole, with the place of every fault. Reading files is the runtime's business: text comes in here.

mod parse;
#[cfg(test)]
mod tests;

use super::command::{Command, Place};
use super::fault::Fault;
use super::key::Key;
use super::screens::ScreenId;

const SHIPPED: &str = include_str!("../../../keymaps/default.toml");

/// Keys by command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(Key, Command)>,
}

impl Keymap {
    /// The keymap that ships with the program.
    ///
    /// # Panics
    /// Never in a released program: the shipped file is checked by a test.
    #[must_use]
    pub fn shipped() -> Self {
        Self::overlaid(&[])
            .unwrap_or_else(|(_, faults)| unreachable!("the shipped keymap is sound: {faults:?}"))
    }

    /// The shipped keymap under the given texts, later ones on top. On a fault: the index of the text and its faults.
    pub fn overlaid(texts: &[&str]) -> Result<Self, (usize, Vec<Fault>)> {
        let mut keymap = Self { bindings: Vec::new() };
        keymap.lay(SHIPPED).map_err(|faults| (0, faults))?;
        for (index, text) in texts.iter().enumerate() {
            keymap.lay(text).map_err(|faults| (index, faults))?;
        }
        Ok(keymap)
    }

    /// Lays one file on top: a command named in it loses the keys it had.
    fn lay(&mut self, text: &str) -> Result<(), Vec<Fault>> {
        let entries = parse::entries(text)?;
        self.bindings.retain(|(_, command)| entries.iter().all(|entry| entry.command != *command));
        let mut faults = Vec::new();
        for entry in &entries {
            for (key, offset) in &entry.keys {
                if let Some(fault) = self.clash(text, *key, entry.command, *offset) {
                    faults.push(fault);
                } else {
                    self.bindings.push((*key, entry.command));
                }
            }
        }
        if self.keys(Command::Stop).next().is_none() {
            let at =
                entries.iter().find(|entry| entry.command == Command::Stop).map_or(0, |entry| entry.offset);
            let fault = Fault::at(text, at, "the emergency stop would have no key");
            faults.push(fault.suggesting(Some("write: stop = \"!\"".to_owned())));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn clash(&self, text: &str, key: Key, command: Command, offset: usize) -> Option<Fault> {
        let place = command.row().place;
        let (_, other) = self
            .bindings
            .iter()
            .find(|(bound, other)| *bound == key && *other != command && place.clashes(other.row().place))?;
        let message = if *other == Command::Stop || command == Command::Stop {
            format!("`{key}` would shadow the emergency stop: `{}` has it", other.row().word)
        } else {
            format!("`{key}` is the key of `{}` already", other.row().word)
        };
        let remedy = format!("give `{}` another key, or []", other.row().word);
        Some(Fault::at(text, offset, message).suggesting(Some(remedy)))
    }

    /// Keys of a command, the one to be shown first.
    pub fn keys(&self, command: Command) -> impl Iterator<Item = Key> + '_ {
        self.bindings.iter().filter(move |(_, bound)| *bound == command).map(|(key, _)| *key)
    }

    /// The key to show for a command.
    #[must_use]
    pub fn key(&self, command: Command) -> Option<Key> {
        self.keys(command).next()
    }

    /// Whether the key is the emergency stop's, which counts everywhere.
    #[must_use]
    pub fn is_stop(&self, key: Key) -> bool {
        self.keys(Command::Stop).any(|stop| stop == key)
    }

    /// What a key means on a screen while no dialog is open; `page` while a page of text is read.
    #[must_use]
    pub fn on_screen(&self, key: Key, screen: ScreenId, page: bool) -> Option<Command> {
        let in_page = page.then(|| self.find(key, |place| place == Place::Page)).flatten();
        in_page.or_else(|| {
            self.find(key, |place| match place {
                Place::Always | Place::Main => true,
                Place::Screens(screens) => screens.contains(&screen),
                Place::Page | Place::Sheet => false,
            })
        })
    }

    /// What a key means in an open sheet.
    #[must_use]
    pub fn in_sheet(&self, key: Key) -> Option<Command> {
        self.find(key, |place| place == Place::Sheet)
    }

    fn find(&self, key: Key, fits: impl Fn(Place) -> bool) -> Option<Command> {
        self.bindings
            .iter()
            .find(|(bound, command)| *bound == key && fits(command.row().place))
            .map(|(_, command)| *command)
    }
}
