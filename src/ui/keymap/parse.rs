//! A keymap file, read: which commands it names, with which keys, and where they stand.

use std::str::FromStr as _;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::command::{COMMANDS, Command};
use super::super::fault::{Fault, did_you_mean};
use super::super::key::Key;

/// One command named in the file.
pub(super) struct Entry {
    pub(super) command: Command,
    /// Where it is named.
    pub(super) offset: usize,
    /// Its keys and where they stand.
    pub(super) keys: Vec<(Key, usize)>,
}

/// The entries of a file, or all its faults.
pub(super) fn entries(text: &str) -> Result<Vec<Entry>, Vec<Fault>> {
    let document = DeTable::parse(text).map_err(|error| vec![Fault::of_toml(text, &error)])?;
    let mut faults = Vec::new();
    let mut entries = Vec::new();
    for (name, value) in document.get_ref() {
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("keys", DeValue::Table(table)) => {
                for (word, keys) in table {
                    match entry(text, word.get_ref(), word.span().start, keys) {
                        Ok(entry) => entries.push(entry),
                        Err(fault) => faults.push(fault),
                    }
                }
            }
            (other, _) => {
                let fault = Fault::at(text, name.span().start, format!("`{other}` is not known here"));
                faults.push(fault.suggesting(Some("a keymap has one table: [keys]".to_owned())));
            }
        }
    }
    entries.sort_by_key(|entry| entry.offset);
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}

fn entry(text: &str, word: &str, offset: usize, value: &Spanned<DeValue<'_>>) -> Result<Entry, Fault> {
    let Some(command) = Command::parse(word) else {
        let fault = Fault::at(text, offset, format!("there is no command `{word}`"));
        return Err(fault.suggesting(did_you_mean(word, COMMANDS.iter().map(|row| row.word))));
    };
    let keys = match value.get_ref() {
        DeValue::Array(list) => list.iter().map(|item| key(text, item)).collect::<Result<_, _>>()?,
        _ => vec![key(text, value)?],
    };
    Ok(Entry { command, offset, keys })
}

fn key(text: &str, value: &Spanned<DeValue<'_>>) -> Result<(Key, usize), Fault> {
    let offset = value.span().start;
    let DeValue::String(word) = value.get_ref() else {
        let fault = Fault::at(text, offset, "a key is written as a string");
        return Err(fault.suggesting(Some("for example \"H\" or [\"?\", \"f1\"]".to_owned())));
    };
    Key::from_str(word).map(|key| (key, offset)).map_err(|error| Fault::at(text, offset, error.to_string()))
}
