//! The pinned configuration with its live client and credentials: who we are may be renewed, where we go never.

use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use http::HeaderValue;
use kube::{Client, Config};
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;

use super::settings::CredentialSource;
use super::tls;
use crate::model::credential::{ClientCertificate, Credential, PluginCall};
use crate::model::{Text, Time};

/// A token file is read again at least this often.
const TOKEN_FILE_LIFE: Duration = Duration::from_secs(30);

/// Where credentials come from.
pub(super) enum Source {
    /// The kubeconfig alone; client certificate files are read again with every new client.
    Kubeconfig(Credential),
    /// A file with a token.
    TokenFile(PathBuf),
    /// A plugin.
    Plugin(PluginCall, CredentialSource),
}

/// The client of the moment. Cheap to clone.
#[derive(Clone)]
pub(in crate::cluster) struct Live {
    /// The client; it adds no token by itself.
    pub client: Client,
    /// `Authorization`, where tokens are used.
    pub authorization: Option<HeaderValue>,
    /// When the credentials end, where known.
    pub expires: Option<Time>,
    /// Grows with every renewal: a request remembers it, so that many failures make one renewal.
    pub generation: u64,
}

/// See the module.
pub(in crate::cluster) struct Wire {
    config: Config,
    source: Source,
    live: RwLock<Live>,
    turn: Mutex<Option<ClientCertificate>>,
}

/// Why a wire could not be opened or renewed.
#[derive(Debug)]
pub(in crate::cluster) enum WireError {
    /// No credentials; a sentence with its remedy.
    Credential(Text),
    /// The client cannot be built from them.
    Setup,
}

impl Wire {
    /// Gets credentials and builds the first client.
    pub(super) async fn open(config: Config, source: Source) -> Result<Self, WireError> {
        let credential = source.ask().await?;
        let authorization = bearer(&credential)?;
        let client = build(&config, credential.certificate.as_ref()).await?;
        let live = Live { client, authorization, expires: credential.expires, generation: 0 };
        Ok(Self { config, source, live: RwLock::new(live), turn: Mutex::new(credential.certificate) })
    }

    /// The client of the moment.
    pub(in crate::cluster) fn live(&self) -> Live {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A new client with new connections and the same credentials, unless someone made one since `seen`.
    pub(in crate::cluster) async fn reconnect(&self, seen: u64) -> Result<(), WireError> {
        let certificate = self.turn.lock().await;
        let now = self.live();
        if now.generation > seen {
            return Ok(());
        }
        let client = build(&self.config, certificate.as_ref()).await?;
        self.put(Live { client, generation: now.generation + 1, ..now });
        Ok(())
    }

    /// New credentials and a new client, unless someone got them since `seen`. The old ones serve meanwhile.
    pub(in crate::cluster) async fn reauthenticate(&self, seen: u64) -> Result<(), WireError> {
        let mut certificate = self.turn.lock().await;
        let now = self.live();
        if now.generation > seen {
            return Ok(());
        }
        let credential = self.source.ask().await?;
        let authorization = bearer(&credential)?;
        if matches!(self.source, Source::TokenFile(_)) && authorization == now.authorization {
            return Ok(());
        }
        let client = build(&self.config, credential.certificate.as_ref()).await?;
        *certificate = credential.certificate;
        self.put(Live { client, authorization, expires: credential.expires, generation: now.generation + 1 });
        Ok(())
    }

    /// How long the present credentials may be used before they are asked for again; `None` while nothing says so.
    pub(in crate::cluster) fn good_for(&self, now: Time) -> Option<Duration> {
        const MARGIN: Duration = Duration::from_secs(30);
        match &self.source {
            Source::Kubeconfig(_) => None,
            Source::TokenFile(_) => Some(TOKEN_FILE_LIFE),
            Source::Plugin(..) => {
                let left = (self.live().expires? - now).to_std().unwrap_or_default();
                // short-lived tokens are renewed at half of what is left
                Some(left.saturating_sub(MARGIN).max(left / 2))
            }
        }
    }

    /// Whether the present credentials are known to have ended.
    pub(in crate::cluster) fn has_expired(&self, now: Time) -> bool {
        self.live().expires.is_some_and(|expires| expires <= now)
    }

    fn put(&self, live: Live) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
    }
}

impl Source {
    async fn ask(&self) -> Result<Credential, WireError> {
        match self {
            Self::Kubeconfig(credential) => Ok(credential.clone()),
            Self::TokenFile(path) => match tokio::fs::read_to_string(path).await {
                Ok(text) => Ok(Credential { token: Some(text.trim().into()), ..Credential::default() }),
                Err(error) => Err(WireError::Credential(
                    format!(
                        "the token file {} cannot be read ({}): log in again",
                        path.display(),
                        error.kind()
                    )
                    .into(),
                )),
            },
            Self::Plugin(call, run) => run(call.clone()).await.map_err(WireError::Credential),
        }
    }
}

fn bearer(credential: &Credential) -> Result<Option<HeaderValue>, WireError> {
    let Some(token) = &credential.token else { return Ok(None) };
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| {
        WireError::Credential("the token holds characters that no header may hold: log in again".into())
    })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Loading keys and roots blocks, so it happens off the tasks that serve requests.
async fn build(config: &Config, certificate: Option<&ClientCertificate>) -> Result<Client, WireError> {
    let mut config = config.clone();
    if let Some(ClientCertificate { chain, key }) = certificate {
        config.auth_info.client_certificate_data = tls::encode(chain.as_bytes());
        config.auth_info.client_key_data = tls::encode(key.expose_secret().as_bytes()).map(Into::into);
    }
    let built = tokio::task::spawn_blocking(move || Client::try_from(config));
    match built.await {
        Ok(Ok(client)) => Ok(client),
        // the client's own error may quote the configuration
        Ok(Err(_)) | Err(_) => Err(WireError::Setup),
    }
}
