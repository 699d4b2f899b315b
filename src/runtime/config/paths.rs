//! Where files are: `$XDG_CONFIG_HOME/gonogo` and `$XDG_STATE_HOME/gonogo`, each moved by one variable.

use std::path::{Path, PathBuf};

use super::ConfigError;
use super::env::Environment;
use super::layers::{Source, Sourced};

/// The two directories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`, `themes/`, `keymaps/`.
    pub config: Sourced<PathBuf>,
    /// Journals, captures, logs.
    pub state: Sourced<PathBuf>,
}

/// How one of them is found.
struct Place {
    own: &'static str,
    xdg: &'static str,
    below_home: &'static str,
}

const CONFIG: Place = Place { own: "GONOGO_CONFIG_DIR", xdg: "XDG_CONFIG_HOME", below_home: ".config" };
const STATE: Place = Place { own: "GONOGO_STATE_DIR", xdg: "XDG_STATE_HOME", below_home: ".local/state" };

impl Paths {
    /// Finds both.
    pub fn find(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self { config: find(environment, &CONFIG)?, state: find(environment, &STATE)? })
    }

    /// The configuration file, whether it exists or not.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config.value.join("config.toml")
    }

    /// The user's themes.
    #[must_use]
    pub fn themes(&self) -> PathBuf {
        self.config.value.join("themes")
    }

    /// The user's keymaps.
    #[must_use]
    pub fn keymaps(&self) -> PathBuf {
        self.config.value.join("keymaps")
    }
}

fn find(environment: &Environment, place: &Place) -> Result<Sourced<PathBuf>, ConfigError> {
    if let Some(own) = environment.os(place.own) {
        return Ok(Sourced { value: own.into(), source: Source::Environment(place.own) });
    }
    // the base directory specification: a relative path is to be ignored
    if let Some(base) = environment.os(place.xdg).map(Path::new).filter(|path| path.is_absolute()) {
        return Ok(Sourced { value: base.join("gonogo"), source: Source::Environment(place.xdg) });
    }
    let home = environment.os("HOME").map(PathBuf::from).or_else(|| etcetera::home_dir().ok());
    let home = home.ok_or(ConfigError::NoHome { variable: place.own })?;
    Ok(Sourced { value: home.join(place.below_home).join("gonogo"), source: Source::Default })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_variable_goes_before_xdg_and_xdg_before_home() {
        let all = [("HOME", "/h"), ("XDG_STATE_HOME", "/x"), ("GONOGO_STATE_DIR", "/own")];
        let state = |environment: &[(&str, &str)]| Paths::find(&Environment::of(environment)).unwrap().state;
        assert_eq!(state(&all).value, PathBuf::from("/own"));
        assert_eq!(state(&all[..2]).value, PathBuf::from("/x/gonogo"));
        assert_eq!(state(&all[..1]).value, PathBuf::from("/h/.local/state/gonogo"));
        assert_eq!(state(&[("HOME", "/h"), ("XDG_STATE_HOME", "not/absolute")]).source, Source::Default);
    }
}
