//! The pinned configuration with its live client and credentials: who we are may be renewed, where we go never.

use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use http::HeaderValue;
use kube::{Client, Config};
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::settings::CredentialSource;
use super::tls;
use crate::model::credential::{ClientCertificate, Credential, PluginCall};
use crate::model::{Text, Time};

/// A token file is read again at least this often.
const TOKEN_FILE_LIFE: Duration = Duration::from_secs(30);
/// A certificate file is looked at again at least this often.
const CERTIFICATE_FILE_LIFE: Duration = Duration::from_mins(10);

/// Where credentials come from.
pub(super) enum Source {
    /// The kubeconfig alone.
    Kubeconfig(Credential),
    /// A file with a client certificate, read again with every new client: somebody renews it.
    CertificateFile(PathBuf),
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
    turn: Mutex<Turn>,
}

/// What only one renewal at a time may touch.
struct Turn {
    certificate: Option<ClientCertificate>,
    /// When credentials were last not to be had, and why: whoever asked before that gets the same answer, so that a
    /// plugin that hangs is not waited for once for each request.
    refused: Option<(Instant, Text)>,
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
        let turn = Turn { certificate: credential.certificate, refused: None };
        Ok(Self { config, source, live: RwLock::new(live), turn: Mutex::new(turn) })
    }

    /// The client of the moment.
    pub(in crate::cluster) fn live(&self) -> Live {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A new client with new connections and the same credentials, unless someone made one since `seen`.
    pub(in crate::cluster) async fn reconnect(&self, seen: u64) -> Result<(), WireError> {
        let turn = self.turn.lock().await;
        let now = self.live();
        if now.generation > seen {
            return Ok(());
        }
        let client = build(&self.config, turn.certificate.as_ref()).await?;
        self.put(Live { client, generation: now.generation + 1, ..now });
        Ok(())
    }

    /// New credentials and a new client, unless someone got them since `seen`. The old ones serve meanwhile.
    pub(in crate::cluster) async fn reauthenticate(&self, seen: u64) -> Result<(), WireError> {
        let asked = Instant::now();
        let mut turn = self.turn.lock().await;
        let now = self.live();
        if now.generation > seen {
            return Ok(());
        }
        if let Some((_, why)) = turn.refused.as_ref().filter(|(at, _)| *at >= asked) {
            return Err(WireError::Credential(why.clone()));
        }
        let credential = match self.source.ask().await {
            Ok(credential) => credential,
            Err(error) => {
                if let WireError::Credential(why) = &error {
                    turn.refused = Some((Instant::now(), why.clone()));
                }
                return Err(error);
            }
        };
        let authorization = bearer(&credential)?;
        let same = match self.source {
            Source::TokenFile(_) => authorization == now.authorization,
            Source::CertificateFile(_) => credential.expires == now.expires,
            Source::Kubeconfig(_) | Source::Plugin(..) => false,
        };
        if same {
            return Ok(());
        }
        let client = build(&self.config, credential.certificate.as_ref()).await?;
        *turn = Turn { certificate: credential.certificate, refused: None };
        self.put(Live { client, authorization, expires: credential.expires, generation: now.generation + 1 });
        Ok(())
    }

    /// How long the present credentials may be used before they are asked for again; `None` while nothing says so.
    pub(in crate::cluster) fn good_for(&self, now: Time) -> Option<Duration> {
        const MARGIN: Duration = Duration::from_secs(30);
        match &self.source {
            Source::Kubeconfig(_) => None,
            Source::TokenFile(_) => Some(TOKEN_FILE_LIFE),
            Source::CertificateFile(_) | Source::Plugin(..) => {
                let left = (self.live().expires? - now).to_std().unwrap_or_default();
                // short-lived tokens are renewed at half of what is left
                let due = left.saturating_sub(MARGIN).max(left / 2);
                // a file may be renewed long before its end
                let file = matches!(self.source, Source::CertificateFile(_));
                Some(if file { due.min(CERTIFICATE_FILE_LIFE) } else { due })
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
            // a file that cannot be read now leaves the certificate that is in use
            Self::CertificateFile(path) => Ok(Credential {
                expires: tokio::fs::read(path).await.ok().and_then(|chain| tls::ends(&chain)),
                ..Credential::default()
            }),
            Self::Plugin(call, run) => {
                let mut credential = run(call.clone()).await.map_err(WireError::Credential)?;
                let chain = credential.certificate.as_ref().map(|certificate| &certificate.chain);
                let ends = chain.and_then(|chain| tls::ends(chain.as_bytes()));
                credential.expires = credential.expires.or(ends);
                Ok(credential)
            }
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
