//! Configuration: defaults, then `config.toml`, then the environment, then flags; each value remembers where it came
//! from, so that `gonogo info` can say it.
//!
//! Nothing here talks to the cluster, and nothing here decides what a setting means: it only says what was asked for.

mod env;
mod file;
mod layers;
mod paths;

use std::path::PathBuf;

pub use env::Environment;
pub use file::{ContextConfig, FileConfig, PrometheusConfig, read as read_file};
pub use layers::{Effective, Partial, SETTINGS, Setting, Source, Sourced};
pub use paths::Paths;

/// What is wrong with the configuration, in words that name the place and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no home directory to put anything below.
    #[error("neither HOME nor {variable} is set: set {variable}")]
    NoHome {
        /// The variable that would help.
        variable: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}:{fault}", path.display())]
    Bad {
        /// Which.
        path: PathBuf,
        /// Where and what.
        fault: String,
    },
    /// A variable of the environment has a value that means nothing.
    #[error("{variable}={value} means nothing: write {expected}")]
    Variable {
        /// Which.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What would be understood.
        expected: &'static str,
    },
    /// A directory cannot be made.
    #[error("cannot create {}: {source}", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Settings with their sources.
    pub effective: Effective,
    /// The tables of contexts in `config.toml`.
    pub file: FileConfig,
    /// Where files are.
    pub paths: Paths,
    /// The environment that was read.
    pub environment: Environment,
}

impl Config {
    /// Reads everything that stands beside the flags.
    pub fn load(flags: Partial, environment: Environment) -> Result<Self, ConfigError> {
        let paths = Paths::find(&environment)?;
        let file = file::read(&paths.config_file())?;
        let layers = [
            (layers::Layer::File, file.settings()),
            (layers::Layer::Environment, environment.settings()?),
            (layers::Layer::Flag, flags),
        ];
        let effective = layers::resolve(&layers, &paths.config_file());
        Ok(Self { effective, file, paths, environment })
    }
}
