//! Where metrics come from: the flag, else this context's table, else what `config.toml` says for all; else they are
//! looked for in the cluster.

use std::path::Path;

use secrecy::SecretString;

use super::{Connected, StartError};
use crate::runtime::config::{PrometheusConfig, Source};
use crate::runtime::executor::{self, Metrics};
use crate::telemetry::dialect::CustomQueries;
use crate::telemetry::find::NamedBy;
use crate::telemetry::prometheus::{Credentials, Endpoint};

impl Connected {
    /// The source that was named, and how it is read.
    pub fn metrics(&self) -> Result<Metrics, StartError> {
        let file = self.start.config.file.context(self.connection().context.as_str());
        let settings =
            executor::metrics_settings(CustomQueries::parse(&file.queries)?, file.prometheus.scrape_seconds);
        let asked = &self.start.config.effective.prometheus;
        let named = choose(asked.value.as_ref(), &asked.source, file.prometheus.url.as_ref());
        let named = match named {
            Some((url, by)) => Some((endpoint(url, &file.prometheus)?, by)),
            None => None,
        };
        Ok(Metrics { named, settings })
    }
}

fn choose<'a>(
    asked: Option<&'a String>,
    source: &Source,
    of_context: Option<&'a String>,
) -> Option<(&'a String, NamedBy)> {
    match (asked, source, of_context) {
        (Some(url), Source::Flag(_) | Source::Environment(_), _) => Some((url, NamedBy::Flag)),
        (_, _, Some(url)) | (Some(url), Source::File(_) | Source::Default, None) => {
            Some((url, NamedBy::Config))
        }
        (None, _, None) => None,
    }
}

/// The context's credentials are for the context's source: another URL never gets to see them.
fn endpoint(url: &String, file: &PrometheusConfig) -> Result<Endpoint, StartError> {
    let theirs = file.url.as_ref().is_none_or(|own| own == url);
    Ok(Endpoint {
        url: SecretString::from(url.as_str()),
        credentials: if theirs { credentials(file)? } else { Credentials::None },
        tenant: file.tenant.clone(),
        ca_file: file.ca_file.clone(),
    })
}

fn credentials(file: &PrometheusConfig) -> Result<Credentials, StartError> {
    Ok(match (&file.token_file, &file.user, &file.password_file) {
        (Some(token), _, _) => Credentials::Bearer(secret(token)?),
        (None, Some(user), Some(password)) => {
            Credentials::Basic { user: user.clone(), password: secret(password)? }
        }
        (None, _, _) => Credentials::None,
    })
}

fn secret(path: &Path) -> Result<SecretString, StartError> {
    std::fs::read_to_string(path)
        .map(|text| SecretString::from(text.trim()))
        .map_err(|source| StartError::Secret { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_before_the_context_and_the_context_before_the_rest() {
        let (asked, own) = (&"asked".to_owned(), &"own".to_owned());
        let file = Source::File("config.toml".into());
        for (asked, source, own, chosen) in [
            (Some(asked), Source::Flag("--prometheus"), Some(own), Some(("asked", NamedBy::Flag))),
            (Some(asked), Source::Environment("GONOGO_PROMETHEUS"), None, Some(("asked", NamedBy::Flag))),
            (Some(asked), file.clone(), Some(own), Some(("own", NamedBy::Config))),
            (Some(asked), file, None, Some(("asked", NamedBy::Config))),
            (None, Source::Default, Some(own), Some(("own", NamedBy::Config))),
            (None, Source::Default, None, None),
        ] {
            let found = choose(asked, &source, own).map(|(url, by)| (url.as_str(), by));
            assert_eq!(found, chosen, "{source}");
        }
    }

    #[test]
    fn credentials_of_a_context_go_to_its_own_source_only() {
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "secret\n").unwrap();
        let own = "https://metrics.example.com".to_owned();
        let file = PrometheusConfig {
            url: Some(own.clone()),
            token_file: Some(token),
            ..PrometheusConfig::default()
        };
        let credentials = |url: &String| endpoint(url, &file).unwrap().credentials;
        assert!(matches!(credentials(&own), Credentials::Bearer(_)));
        assert!(matches!(credentials(&"https://elsewhere.example.com".to_owned()), Credentials::None));
    }
}
