//! The settings: one table, four layers.

use std::fmt;
use std::path::{Path, PathBuf};

/// What one layer says; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each setting is told by its row in the table")]
pub struct Partial {
    pub theme: Option<String>,
    pub keymap: Option<String>,
    pub ascii: Option<bool>,
    pub mouse: Option<bool>,
    pub low_bandwidth: Option<bool>,
    pub read_only: Option<bool>,
    pub prometheus: Option<String>,
}

/// What holds after all layers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each setting is told by its row in the table")]
pub struct Effective {
    pub theme: Sourced<Option<String>>,
    pub keymap: Sourced<Option<String>>,
    pub ascii: Sourced<Option<bool>>,
    pub mouse: Sourced<bool>,
    pub low_bandwidth: Sourced<bool>,
    pub read_only: Sourced<bool>,
    pub prometheus: Sourced<Option<String>>,
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its source.
    pub source: Source,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything else.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// The layers above the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    File,
    Environment,
    Flag,
}

/// One row of the table.
pub struct Setting {
    /// Its key in `config.toml`.
    pub key: &'static str,
    /// Its variable.
    pub variable: &'static str,
    /// Its flag.
    pub flag: &'static str,
    /// What it does.
    pub tells: &'static str,
    /// Takes a value as text; the error says what would be understood.
    pub(super) set: fn(&mut Partial, &str) -> Result<(), &'static str>,
    /// Shows what holds.
    pub show: fn(&Effective) -> (String, &Source),
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)
    }
}

/// The table.
pub const SETTINGS: [Setting; 7] = [
    Setting {
        key: "theme",
        variable: "GONOGO_THEME",
        flag: "--theme",
        tells: "colours of the console",
        set: |partial, value| text(&mut partial.theme, value),
        show: |effective| shown(&effective.theme),
    },
    Setting {
        key: "keymap",
        variable: "GONOGO_KEYMAP",
        flag: "--keymap",
        tells: "which key does what",
        set: |partial, value| text(&mut partial.keymap, value),
        show: |effective| shown(&effective.keymap),
    },
    Setting {
        key: "ascii",
        variable: "GONOGO_ASCII",
        flag: "--ascii",
        tells: "draw with ASCII characters only",
        set: |partial, value| switch(&mut partial.ascii, value),
        show: |effective| shown(&effective.ascii),
    },
    Setting {
        key: "mouse",
        variable: "GONOGO_MOUSE",
        flag: "--mouse",
        tells: "the wheel moves the cursor; takes the terminal's own selection away",
        set: |partial, value| switch(&mut partial.mouse, value),
        show: |effective| (effective.mouse.value.to_string(), &effective.mouse.source),
    },
    Setting {
        key: "low_bandwidth",
        variable: "GONOGO_LOW_BANDWIDTH",
        flag: "--low-bandwidth",
        tells: "at most two frames a second",
        set: |partial, value| switch(&mut partial.low_bandwidth, value),
        show: |effective| (effective.low_bandwidth.value.to_string(), &effective.low_bandwidth.source),
    },
    Setting {
        key: "read_only",
        variable: "GONOGO_READ_ONLY",
        flag: "--read-only",
        tells: "nothing but reads leaves the process",
        set: |partial, value| switch(&mut partial.read_only, value),
        show: |effective| (effective.read_only.value.to_string(), &effective.read_only.source),
    },
    Setting {
        key: "prometheus",
        variable: "GONOGO_PROMETHEUS",
        flag: "--prometheus",
        tells: "where metrics come from; without it, it is looked for in the cluster",
        set: |partial, value| text(&mut partial.prometheus, value),
        show: |effective| {
            let (value, source) = shown(&effective.prometheus);
            (without_login(&value), source)
        },
    },
];

#[expect(clippy::unnecessary_wraps, reason = "a row of the table may refuse its value")]
fn text(slot: &mut Option<String>, value: &str) -> Result<(), &'static str> {
    *slot = Some(value.to_owned());
    Ok(())
}

fn switch(slot: &mut Option<bool>, value: &str) -> Result<(), &'static str> {
    *slot = Some(match value {
        "1" | "true" | "yes" | "on" => true,
        "0" | "false" | "no" | "off" => false,
        _ => return Err("true or false"),
    });
    Ok(())
}

fn shown<T: fmt::Display>(sourced: &Sourced<Option<T>>) -> (String, &Source) {
    let value = sourced.value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    (value, &sourced.source)
}

/// The same URL with dots for its login.
fn without_login(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rfind('@') {
        Some(at) if scheme.is_empty() => format!("...{}", &rest[at..]),
        Some(at) => format!("{scheme}://...{}", &rest[at..]),
        None => url.to_owned(),
    }
}

/// Puts the layers together: for each setting the last layer that says something wins.
#[must_use]
pub(super) fn resolve(layers: &[(Layer, Partial)], file: &Path) -> Effective {
    let pick = Pick { layers, file };
    Effective {
        theme: pick.optional(0, |partial| &partial.theme),
        keymap: pick.optional(1, |partial| &partial.keymap),
        ascii: pick.optional(2, |partial| &partial.ascii),
        mouse: pick.switch(3, |partial| &partial.mouse),
        low_bandwidth: pick.switch(4, |partial| &partial.low_bandwidth),
        read_only: pick.switch(5, |partial| &partial.read_only),
        prometheus: pick.optional(6, |partial| &partial.prometheus),
    }
}

struct Pick<'a> {
    layers: &'a [(Layer, Partial)],
    file: &'a Path,
}

impl Pick<'_> {
    fn optional<T: Clone>(&self, row: usize, field: fn(&Partial) -> &Option<T>) -> Sourced<Option<T>> {
        let said =
            self.layers.iter().rev().find_map(|(layer, partial)| Some((*layer, field(partial).clone()?)));
        match said {
            None => Sourced { value: None, source: Source::Default },
            Some((layer, value)) => {
                let source = match layer {
                    Layer::File => Source::File(self.file.to_owned()),
                    Layer::Environment => Source::Environment(SETTINGS[row].variable),
                    Layer::Flag => Source::Flag(SETTINGS[row].flag),
                };
                Sourced { value: Some(value), source }
            }
        }
    }

    fn switch(&self, row: usize, field: fn(&Partial) -> &Option<bool>) -> Sourced<bool> {
        let said = self.optional(row, field);
        Sourced { value: said.value.unwrap_or(false), source: said.source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(theme: Option<&str>, ascii: Option<bool>) -> Partial {
        Partial { theme: theme.map(str::to_owned), ascii, ..Partial::default() }
    }

    #[test]
    fn a_login_in_a_url_is_not_shown() {
        for (url, told) in [
            ("http://me:word@metrics.example.com:9090/x", "http://...@metrics.example.com:9090/x"),
            ("me:p@ss@host", "...@host"),
            ("https://metrics.example.com/a@b", "https://metrics.example.com/a@b"),
        ] {
            assert_eq!(without_login(url), told);
        }
    }

    #[test]
    fn the_last_layer_that_says_something_wins_and_is_named() {
        let effective = resolve(
            &[
                (Layer::File, layer(Some("light"), Some(true))),
                (Layer::Environment, layer(Some("mono"), None)),
                (Layer::Flag, layer(None, Some(false))),
            ],
            Path::new("/etc/config.toml"),
        );
        assert_eq!(effective.theme.value.as_deref(), Some("mono"));
        assert_eq!(effective.theme.source, Source::Environment("GONOGO_THEME"));
        assert_eq!(effective.ascii, Sourced { value: Some(false), source: Source::Flag("--ascii") });
        assert_eq!(effective.mouse, Sourced { value: false, source: Source::Default });
    }

    #[test]
    fn every_row_sets_and_shows_its_own_setting() {
        for setting in &SETTINGS {
            let mut partial = Partial::default();
            let word = if (setting.set)(&mut partial.clone(), "x").is_ok() { "x" } else { "true" };
            (setting.set)(&mut partial, word).unwrap();
            let effective = resolve(&[(Layer::Flag, partial)], Path::new(""));
            let (value, source) = (setting.show)(&effective);
            assert_eq!((value.as_str(), source), (word, &Source::Flag(setting.flag)), "{}", setting.key);
        }
    }
}
