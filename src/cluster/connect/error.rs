//! Why there is no connection: one sentence each, with what to do about it.
//!
//! No variant wraps an error of the Kubernetes client: its texts may quote tokens and plugin output.

use std::path::PathBuf;

use super::Facts;
use crate::cluster::http::HttpError;
use crate::model::Text;

/// Why no connection could be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// None of the files exists.
    #[error("no kubeconfig found (looked at {}): name one with --kubeconfig, or run `gonogo demo`", list(.looked_at))]
    NoKubeconfig {
        /// Paths in the order they were tried.
        looked_at: Vec<PathBuf>,
    },
    /// A file cannot be read.
    #[error("cannot read the kubeconfig {} ({kind}): check its path and permissions", .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Kind of the system's error.
        kind: std::io::ErrorKind,
    },
    /// A file is no kubeconfig.
    #[error("{} is not a valid kubeconfig: `kubectl --kubeconfig {} config view` shows where", .path.display(), .path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
    },
    /// No context was named, and the kubeconfig names none either.
    #[error("the kubeconfig has no current context: name one with --context ({})", known(.contexts))]
    NoContext {
        /// What there is.
        contexts: Vec<String>,
    },
    /// The context does not exist.
    #[error("context {name:?} is not in the kubeconfig: {}", known(.contexts))]
    UnknownContext {
        /// What was asked for.
        name: String,
        /// What there is.
        contexts: Vec<String>,
    },
    /// The context points to something that is not there.
    #[error(
        "context {context:?} names the {what} {name:?}, which the kubeconfig does not define: correct the context"
    )]
    Dangling {
        /// Which context.
        context: String,
        /// `cluster` or `user`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The server's address is missing or no URL.
    #[error("cluster {cluster:?} has no usable server address: correct `server` in the kubeconfig")]
    BadServer {
        /// Which cluster entry.
        cluster: String,
    },
    /// A certificate, key or CA cannot be loaded.
    #[error("the {what} of context {context:?} cannot be loaded: correct it in the kubeconfig")]
    BadCertificate {
        /// Which context.
        context: String,
        /// `certificate authority`, `client certificate` ...
        what: &'static str,
    },
    /// The proxy's address is no URL of a kind that is spoken here.
    #[error(
        "the proxy of context {context:?} is not an http, https or socks5 URL: correct `proxy-url` or HTTPS_PROXY"
    )]
    BadProxy {
        /// Which context.
        context: String,
    },
    /// A login at a SOCKS proxy.
    #[error(
        "the proxy of context {context:?} is a SOCKS proxy with a login, which is not spoken here: use one without, or an http proxy"
    )]
    SocksLogin {
        /// Which context.
        context: String,
    },
    /// The kubeconfig switches certificate checks off.
    #[error(
        "context {context:?} switches off the check of the server's certificate: give the cluster's CA in the kubeconfig, or allow it with --insecure-skip-tls-verify"
    )]
    Insecure {
        /// Which context.
        context: String,
    },
    /// An old in-tree way to authenticate.
    #[error(
        "context {context:?} authenticates by the removed provider {provider:?}: change it to an exec plugin"
    )]
    AuthProvider {
        /// Which context.
        context: String,
        /// Name of the provider.
        provider: String,
    },
    /// The credential plugin or token file gave nothing.
    #[error("no credentials for context {context:?}: {why}")]
    NoCredential {
        /// Which context.
        context: String,
        /// A sentence with its remedy.
        why: Text,
    },
    /// The client could not be set up.
    #[error(
        "the connection of context {context:?} cannot be set up: check its client certificate, key, CA and proxy"
    )]
    Setup {
        /// Which context.
        context: String,
    },
    /// The server refused the credentials.
    #[error("{server} does not accept the credentials of context {context:?} (401): log in again")]
    Unauthenticated {
        /// Which context.
        context: String,
        /// Which server.
        server: Text,
    },
    /// The server's certificate is not trusted.
    #[error(
        "the certificate of {server} is not trusted ({why}): correct the cluster's CA or tls-server-name in the kubeconfig"
    )]
    Untrusted {
        /// Which server.
        server: Text,
        /// What the check said.
        why: Text,
    },
    /// Nobody answers.
    #[error("{server} cannot be reached{} ({why}): check the network, the VPN and the proxy", through(.proxy.as_ref()))]
    Unreachable {
        /// Which server.
        server: Text,
        /// The proxy in between, where there is one.
        proxy: Option<Text>,
        /// What happened.
        why: Text,
    },
    /// Something answers that is not a Kubernetes API server.
    #[error(
        "{server} does not answer like a Kubernetes API server ({why}): check `server` in the kubeconfig"
    )]
    Strange {
        /// Which server.
        server: Text,
        /// What happened.
        why: Text,
    },
}

impl ConnectError {
    /// Puts a failed first request into words.
    pub(super) fn of(error: HttpError, facts: &Facts) -> Self {
        let Facts { context, server, proxy, .. } = facts;
        let (server, proxy) = (server.clone(), proxy.clone());
        match error {
            HttpError::Status(status) if status.code == 401 => {
                Self::Unauthenticated { context: context.clone(), server }
            }
            HttpError::Untrusted { why } => Self::Untrusted { server, why },
            HttpError::Unreachable { why, .. } | HttpError::Broken { why } => {
                Self::Unreachable { server, proxy, why }
            }
            HttpError::TimedOut { after } => {
                let why = format!("no answer in {} s", after.as_secs()).into();
                Self::Unreachable { server, proxy, why }
            }
            HttpError::Credential { why } => Self::NoCredential { context: context.clone(), why },
            other @ (HttpError::Status(_) | HttpError::TooLarge | HttpError::NotJson { .. }) => {
                Self::Strange { server, why: other.to_string().into() }
            }
        }
    }
}

fn through(proxy: Option<&Text>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"))
}

fn list(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    if names.is_empty() { "KUBECONFIG and ~/.kube/config".to_owned() } else { names.join(", ") }
}

fn known(contexts: &[String]) -> String {
    const SHOWN: usize = 12;
    match contexts {
        [] => "it defines no context at all".to_owned(),
        few if few.len() <= SHOWN => format!("it has {}", few.join(", ")),
        many => format!("it has {} and {} more", many[..SHOWN].join(", "), many.len() - SHOWN),
    }
}
