//! The two ways to a Prometheus: straight to its URL, or through the API server's service proxy.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::direct::Direct;
use super::error::QueryError;
use crate::model::Text;
use crate::model::ids::{Name, Namespace};

/// A port of a Service as the API server's proxy addresses it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServicePort {
    /// Namespace of the Service.
    pub namespace: Namespace,
    /// The Service.
    pub service: Name,
    /// Port number of the Service.
    pub port: u16,
    /// Whether the port speaks TLS.
    pub https: bool,
}

impl fmt::Display for ServicePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.namespace, self.service, self.port)
    }
}

/// One `GET` through the service proxy. Only `get services/proxy` is needed: people who may only look can use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyCall {
    /// Where to.
    pub to: ServicePort,
    /// Path and query behind `.../proxy`, beginning with `/`, percent-encoded.
    pub path_and_query: String,
}

/// Carries a [`ProxyCall`] out: HTTP status and body, or why there is none.
pub type ProxyFn = Arc<dyn Fn(ProxyCall) -> BoxFuture<'static, Result<(u16, Vec<u8>), Text>> + Send + Sync>;

/// How queries reach their source.
#[derive(Clone)]
pub enum Transport {
    /// Straight to a URL.
    Direct(Direct),
    /// Through the API server.
    ServiceProxy {
        /// The Service's port.
        to: ServicePort,
        /// What stands before `/api/v1`, such as `/prometheus`; empty for Prometheus itself.
        prefix: &'static str,
        /// Carries calls out.
        call: ProxyFn,
    },
}

impl Transport {
    /// The place as a person would name it, without secrets.
    #[must_use]
    pub fn place(&self) -> Text {
        match self {
            Self::Direct(direct) => direct.place(),
            Self::ServiceProxy { to, .. } => Text::from(to.to_string()),
        }
    }

    /// Sends `parameters` to `/api/v1/<path>`.
    pub(super) async fn send(
        &self,
        path: &str,
        parameters: &[(&str, String)],
    ) -> Result<(u16, Vec<u8>), QueryError> {
        match self {
            Self::Direct(direct) => direct.post(path, parameters).await,
            Self::ServiceProxy { to, prefix, call } => {
                let path_and_query = format!("{prefix}/api/v1/{path}?{}", encoded(parameters));
                call(ProxyCall { to: to.clone(), path_and_query }).await.map_err(QueryError::Unreachable)
            }
        }
    }
}

/// The parameters as a query string.
fn encoded(parameters: &[(&str, String)]) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    pairs.join("&")
}

/// Everything but RFC 3986's unreserved characters is escaped.
fn percent_encoded(raw: &str) -> String {
    use fmt::Write as _;
    let mut out = String::with_capacity(raw.len() * 2);
    for byte in raw.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // writing to a String cannot fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
