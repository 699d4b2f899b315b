//! The environment, read once.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use super::ConfigError;
use super::layers::{Partial, SETTINGS};

/// A copy of the variables of the environment; tests make their own.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// That of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// A made one.
    #[must_use]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    /// The same without some variables.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| !names.iter().any(|gone| name == gone));
        self
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn os(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The same as text; none if it is not UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.os(name).and_then(OsStr::to_str)
    }

    /// The first of several spellings that is set.
    #[must_use]
    pub fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name)).map(str::to_owned)
    }

    /// Whether this console is reached over SSH.
    #[must_use]
    pub fn over_ssh(&self) -> bool {
        self.os("SSH_CONNECTION").is_some()
    }

    /// `TERM`; empty if it is not set.
    #[must_use]
    pub fn term(&self) -> &str {
        self.text("TERM").unwrap_or_default()
    }

    /// Whether colours are unwanted: `NO_COLOR` (any value) or a terminal that has none.
    #[must_use]
    pub fn no_color(&self) -> bool {
        self.os("NO_COLOR").is_some() || self.term() == "dumb"
    }

    /// Whether the locale writes UTF-8, by the usual order of its variables; an unset locale says nothing against it.
    #[must_use]
    pub fn utf8(&self) -> bool {
        self.first(&["LC_ALL", "LC_CTYPE", "LANG"]).is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }

    /// The settings it holds.
    pub(super) fn settings(&self) -> Result<Partial, ConfigError> {
        let mut partial = Partial::default();
        for setting in &SETTINGS {
            if let Some(value) = self.text(setting.variable) {
                (setting.set)(&mut partial, value).map_err(|expected| ConfigError::Variable {
                    variable: setting.variable,
                    value: value.to_owned(),
                    expected,
                })?;
            }
        }
        Ok(partial)
    }
}
