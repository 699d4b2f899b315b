//! From a kubeconfig to one pinned connection, or one sentence that says why there is none.
//!
//! Here stand the reading of kubeconfigs, the choice of context and proxy, certificates and credentials, and the
//! first questions to the server (who are you, who am I). What never stands here: a fallback. No in-cluster service
//! account, no other context, no unverified TLS stands in for what was asked for.

mod error;
mod identity;
mod kubeconfig;
mod proxy;
mod settings;
mod tls;
mod wire;

use std::time::Duration;

use http::Uri;
use kube::Config;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde_json::json;

pub use self::error::ConnectError;
pub(super) use self::identity::identify;
use self::kubeconfig::Pinned;
pub use self::settings::{CredentialSource, KubeSettings};
use self::tls::Roots;
use self::wire::Source;
pub(super) use self::wire::{Live, Wire, WireError};
use crate::model::Text;
use crate::model::credential::{Credential, Interaction, PluginCall};
use crate::model::ids::Namespace;

/// A connection attempt that takes longer fails.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// What is known of a connection before the server is asked anything.
pub(super) struct Facts {
    /// Exact context name.
    pub context: String,
    /// Server URL.
    pub server: Text,
    /// Namespace of the context; `default` where it names none.
    pub namespace: Namespace,
    /// sha256 of the CA.
    pub ca_fingerprint: Option<String>,
    /// Whether certificate checks are off.
    pub insecure: bool,
    /// Address of the proxy in between; never its login.
    pub proxy: Option<Text>,
}

/// Pins the context and builds its client. No request is sent but those of a credential plugin.
pub(super) async fn open(
    settings: &KubeSettings,
    plugins: CredentialSource,
) -> Result<(Wire, Facts), ConnectError> {
    let pinned = kubeconfig::pin(settings)?;
    let (config, facts) = configure(&pinned, settings)?;
    let source = source(&pinned, plugins)?;
    let wire = Wire::open(config, source).await.map_err(|error| match error {
        WireError::Credential(why) => ConnectError::NoCredential { context: facts.context.clone(), why },
        WireError::Setup => ConnectError::Setup { context: facts.context.clone() },
    })?;
    Ok((wire, facts))
}

fn configure(pinned: &Pinned, settings: &KubeSettings) -> Result<(Config, Facts), ConnectError> {
    let context = &pinned.context;
    let server = server(pinned)?;
    let insecure = pinned.cluster.insecure_skip_tls_verify.unwrap_or(false);
    if insecure && !settings.insecure_allowed {
        return Err(ConnectError::Insecure { context: context.clone() });
    }
    let roots = Roots::of(&pinned.cluster).map_err(|()| ConnectError::BadCertificate {
        context: context.clone(),
        what: "certificate authority",
    })?;
    let proxy = proxy::choose(
        &server,
        pinned.cluster.proxy_url.as_deref(),
        settings.https_proxy.as_deref(),
        settings.no_proxy.as_deref(),
    )
    .map_err(|unusable| match unusable {
        proxy::UnusableProxy::Address => ConnectError::BadProxy { context: context.clone() },
        proxy::UnusableProxy::SocksLogin => ConnectError::SocksLogin { context: context.clone() },
    })?;
    let facts = Facts {
        context: context.clone(),
        server: Text::from(server.to_string().trim_end_matches('/')),
        namespace: Namespace::new(pinned.namespace.as_deref().unwrap_or("default")),
        ca_fingerprint: roots.as_ref().and_then(Roots::fingerprint),
        insecure,
        proxy: proxy.as_ref().and_then(proxy::address),
    };
    let mut config = Config::new(server);
    config.root_cert = roots.map(|roots| roots.certificates);
    config.accept_invalid_certs = insecure;
    config.tls_server_name = pinned.cluster.tls_server_name.clone().filter(|name| !name.is_empty());
    config.proxy_url = proxy;
    config.disable_compression = pinned.cluster.disable_compression.unwrap_or(false);
    config.connect_timeout = Some(CONNECT_DEADLINE);
    // every request has a deadline of its own; a write must never be repeated behind our back
    config.write_timeout = None;
    config.default_retry = false;
    config.auth_info = static_identity(pinned)?;
    Ok((config, facts))
}

fn server(pinned: &Pinned) -> Result<Uri, ConnectError> {
    let bad = || ConnectError::BadServer { cluster: pinned.cluster_name.clone() };
    let address = pinned.cluster.server.as_deref().unwrap_or_default().trim();
    let whole = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
    let uri: Uri = whole.parse().map_err(|_| bad())?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(host)) if !host.is_empty() && !address.is_empty() => Ok(uri),
        _ => Err(bad()),
    }
}

/// What the client itself may handle: certificates, basic authentication, impersonation and OIDC. Tokens and plugins
/// are taken out; they are ours.
fn static_identity(pinned: &Pinned) -> Result<AuthInfo, ConnectError> {
    if let Some(provider) = &pinned.user.auth_provider
        && provider.name != "oidc"
    {
        let provider = provider.name.clone();
        return Err(ConnectError::AuthProvider { context: pinned.context.clone(), provider });
    }
    let mut identity = pinned.user.clone();
    identity.token = None;
    identity.token_file = None;
    identity.exec = None;
    Ok(identity)
}

/// Inline token before token file before plugin, as kubectl orders them.
fn source(pinned: &Pinned, plugins: CredentialSource) -> Result<Source, ConnectError> {
    let context = pinned.context.clone();
    let user = &pinned.user;
    if let Some(token) = user.token.clone() {
        return Ok(Source::Kubeconfig(Credential { token: Some(token), ..Credential::default() }));
    }
    if let Some(path) = user.token_file.as_deref().filter(|path| !path.is_empty()) {
        return Ok(Source::TokenFile(path.into()));
    }
    match user.exec.clone() {
        Some(exec) => {
            plugin(exec, pinned).map(|call| Source::Plugin(call, plugins)).ok_or(ConnectError::NoCredential {
                context,
                why: "the exec entry names no command: correct the kubeconfig".into(),
            })
        }
        None => Ok(match certificate_file(user) {
            Some(path) => Source::CertificateFile(path.into()),
            None => Source::Kubeconfig(Credential::default()),
        }),
    }
}

/// The client certificate's file; data goes before it.
fn certificate_file(user: &AuthInfo) -> Option<&str> {
    let data = user.client_certificate_data.as_deref().filter(|data| !data.is_empty());
    user.client_certificate.as_deref().filter(|path| data.is_none() && !path.is_empty())
}

fn plugin(exec: ExecConfig, pinned: &Pinned) -> Option<PluginCall> {
    let pair = |entry: &std::collections::BTreeMap<String, String>| {
        Some((entry.get("name")?.clone(), entry.get("value")?.clone()))
    };
    Some(PluginCall {
        command: exec.command.filter(|command| !command.is_empty())?,
        args: exec.args.unwrap_or_default(),
        env: exec.env.into_iter().flatten().filter_map(|entry| pair(&entry.into_iter().collect())).collect(),
        api_version: exec.api_version.unwrap_or_default(),
        interaction: match exec.interactive_mode {
            Some(ExecInteractiveMode::Never) => Interaction::Never,
            Some(ExecInteractiveMode::Always) => Interaction::Always,
            Some(ExecInteractiveMode::IfAvailable) | None => Interaction::IfAvailable,
        },
        cluster: exec.provide_cluster_info.then(|| cluster_info(pinned)),
        install_hint: exec.install_hint,
    })
}

/// `spec.cluster` of the object that a plugin is given.
fn cluster_info(pinned: &Pinned) -> serde_json::Value {
    const EXTENSION: &str = "client.authentication.k8s.io/exec";
    let cluster = &pinned.cluster;
    let ca = cluster.certificate_authority_data.clone().or_else(|| {
        let path = cluster.certificate_authority.as_ref()?;
        tls::encode(&std::fs::read(path).ok()?)
    });
    let config = (cluster.extensions.iter().flatten())
        .find(|extension| extension.name == EXTENSION)
        .map(|extension| extension.extension.clone());
    let mut info = json!({
        "server": cluster.server,
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "certificate-authority-data": ca,
        "proxy-url": cluster.proxy_url,
        "tls-server-name": cluster.tls_server_name,
        "config": config,
    });
    if let Some(members) = info.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    info
}

#[cfg(test)]
mod tests;
