//! Theme and keymap: the shipped ones under the user's files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::runtime::config::Config;
use crate::ui::Skin;
use crate::ui::keymap::Keymap;
use crate::ui::theme::{Depth, Theme, ThemeError};

/// Why the picture cannot look as it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum SkinError {
    /// The theme.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// A keymap has faults.
    #[error("{}:{faults}", path.display())]
    Keymap {
        /// Which file.
        path: PathBuf,
        /// Its faults.
        faults: String,
    },
    /// No keymap of that name.
    #[error("there is no keymap `{name}`: it would be {}", path.display())]
    NoSuchKeymap {
        /// The name.
        name: String,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Loads both.
pub(super) fn load(config: &Config) -> Result<(Keymap, Skin), SkinError> {
    Ok((keymap(config)?, skin(config)?))
}

fn skin(config: &Config) -> Result<Skin, SkinError> {
    let environment = &config.environment;
    let depth = Depth::of_environment(
        environment.text("NO_COLOR"),
        environment.text("TERM"),
        environment.text("COLORTERM"),
    );
    let asked = config.effective.theme.value.as_deref();
    let name = asked.unwrap_or_else(|| by_ground(environment.text("COLORFGBG")));
    let theme = Theme::load(name, &themes(&config.paths.themes())?)?;
    let ascii = config.effective.ascii.value.unwrap_or(!environment.utf8());
    Ok(Skin::new(theme, depth, ascii))
}

/// The theme for the terminal's own ground, as far as the terminal tells it: `COLORFGBG` ends with the number of its
/// background colour. Asking the terminal itself would delay the start, and its answer may come as keys.
fn by_ground(colours: Option<&str>) -> &'static str {
    let ground = colours.and_then(|colours| colours.rsplit(';').next()?.parse().ok());
    if matches!(ground, Some(7 | 15)) { "light" } else { "dark" }
}

/// The user's theme files by name.
fn themes(folder: &Path) -> Result<BTreeMap<String, String>, SkinError> {
    let unreadable = |path: &Path, source| SkinError::Unreadable { path: path.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(unreadable(folder, source)),
    };
    let mut found = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        if path.extension().is_some_and(|extension| extension == "toml")
            && let Some(name) = path.file_stem().and_then(|stem| stem.to_str())
        {
            let text = std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
            found.insert(name.to_owned(), text);
        }
    }
    Ok(found)
}

/// The shipped keymap under the one that was asked for, else under `keymaps/default.toml` where there is one.
fn keymap(config: &Config) -> Result<Keymap, SkinError> {
    let asked = config.effective.keymap.value.as_deref();
    let path = config.paths.keymaps().join(format!("{}.toml", asked.unwrap_or("default")));
    let text = match (std::fs::read_to_string(&path), asked) {
        (Ok(text), _) => text,
        (Err(error), None) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Keymap::shipped()),
        (Err(error), Some(name)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(SkinError::NoSuchKeymap { name: name.to_owned(), path });
        }
        (Err(source), _) => return Err(SkinError::Unreadable { path, source }),
    };
    Keymap::overlaid(&[&text]).map_err(|(_, faults)| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        SkinError::Keymap { path, faults: faults.join("; ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_says_so_gets_the_light_theme() {
        for (said, theme) in [
            (Some("0;15"), "light"),
            (Some("0;default;7"), "light"),
            (Some("15;0"), "dark"),
            (Some("x"), "dark"),
            (None, "dark"),
        ] {
            assert_eq!(by_ground(said), theme, "{said:?}");
        }
    }
}
