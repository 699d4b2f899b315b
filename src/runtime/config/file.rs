//! `config.toml`: settings for all clusters, and one table for each context that needs more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;
use super::layers::Partial;
use crate::telemetry::dialect::CustomTexts;
use crate::ui::fault::{Fault, did_you_mean};

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileConfig {
    theme: Option<String>,
    keymap: Option<String>,
    ascii: Option<bool>,
    mouse: Option<bool>,
    low_bandwidth: Option<bool>,
    read_only: Option<bool>,
    prometheus: Option<String>,
    /// Credential plugins that a kubeconfig may run, by absolute path.
    pub exec_plugins: Vec<PathBuf>,
    /// By exact context name.
    pub contexts: BTreeMap<String, ContextConfig>,
}

/// What is particular to one context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContextConfig {
    /// Short name that arming asks for.
    pub alias: Option<String>,
    /// Namespaces in view when none are asked for.
    pub namespaces: Vec<String>,
    /// Where metrics come from.
    pub prometheus: PrometheusConfig,
    /// Queries in place of the built-in ones.
    pub queries: CustomTexts,
}

/// How Prometheus is reached. Secrets stand in files of their own, never here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrometheusConfig {
    /// URL.
    pub url: Option<String>,
    /// User name of basic authentication.
    pub user: Option<String>,
    /// File with its password.
    pub password_file: Option<PathBuf>,
    /// File with a bearer token.
    pub token_file: Option<PathBuf>,
    /// Value of the tenant header `X-Scope-OrgID`.
    pub tenant: Option<String>,
    /// Certificate authority, PEM.
    pub ca_file: Option<PathBuf>,
    /// How often it scrapes, in seconds; 15 without it.
    pub scrape_seconds: Option<u64>,
}

impl FileConfig {
    /// What it says about one context; nothing if there is no table of that name.
    #[must_use]
    pub fn context(&self, name: &str) -> ContextConfig {
        self.contexts.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn settings(&self) -> Partial {
        Partial {
            theme: self.theme.clone(),
            keymap: self.keymap.clone(),
            ascii: self.ascii,
            mouse: self.mouse,
            low_bandwidth: self.low_bandwidth,
            read_only: self.read_only,
            prometheus: self.prometheus.clone(),
        }
    }
}

/// Reads the file; one that is not there says nothing.
pub fn read(path: &Path) -> Result<FileConfig, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            parse(&text).map_err(|fault| ConfigError::Bad { path: path.to_owned(), fault: fault.to_string() })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(FileConfig::default()),
        Err(source) => Err(ConfigError::Unreadable { path: path.to_owned(), source }),
    }
}

fn parse(text: &str) -> Result<FileConfig, Fault> {
    toml::from_str(text).map_err(|error| {
        let fault = Fault::of_toml(text, &error);
        let suggestion = suggestion(error.message());
        fault.suggesting(suggestion)
    })
}

/// The parser says ``unknown field `thme`, expected one of `theme`, ...``: the words in backticks are all it takes.
fn suggestion(message: &str) -> Option<String> {
    let mut words = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    did_you_mean(words.next()?, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file_is_read() {
        let file = parse(
            r#"
            theme = "light"
            exec_plugins = ["/usr/bin/aws"]
            [contexts.prod-eu]
            alias = "prod"
            namespaces = ["shop"]
            prometheus = { url = "https://metrics.example.com", token_file = "/run/token", tenant = "shop" }
            queries = { error-rate = "sum(x)" }
            "#,
        )
        .unwrap();
        assert_eq!(file.settings().theme.as_deref(), Some("light"));
        assert_eq!(file.context("prod-eu").alias.as_deref(), Some("prod"));
        assert_eq!(file.context("other"), ContextConfig::default());
    }

    #[test]
    fn an_unknown_key_is_located_and_gets_a_suggestion() {
        let fault = parse("ascii = true\nthme = \"light\"\n").unwrap_err().to_string();
        assert!(fault.starts_with("2:1:") && fault.contains("did you mean `theme`?"), "{fault}");
        let fault = parse("[contexts.a.prometheus]\nurll = \"x\"\n").unwrap_err().to_string();
        assert!(fault.contains("did you mean `url`?"), "{fault}");
    }
}
