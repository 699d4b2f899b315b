//! A Prometheus at a URL.

use std::error::Error as _;
use std::net::IpAddr;
use std::path::PathBuf;

use reqwest::{Certificate, Client, Url, header, redirect};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::error::QueryError;
use crate::model::Text;

const MIB: usize = 1024 * 1024;
/// A curve of half an hour takes some KiB; an answer of this size is a mistake, and must not fill the memory.
const LARGEST_MIB: usize = 8;
/// Header by which Mimir, Cortex and others tell tenants apart.
const TENANT: &str = "x-scope-orgid";

/// How to prove who asks.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    /// Not at all.
    #[default]
    None,
    /// User and password.
    Basic {
        /// User.
        user: String,
        /// Password.
        password: SecretString,
    },
    /// A bearer token.
    Bearer(SecretString),
}

/// A Prometheus as the command line or the configuration names it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Base URL, up to but without `/api/v1`. User and password in it count as [`Credentials::Basic`].
    pub url: SecretString,
    /// Credentials.
    pub credentials: Credentials,
    /// Value of `X-Scope-OrgID`.
    pub tenant: Option<String>,
    /// PEM file of the authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
}

impl Endpoint {
    /// An endpoint that asks for no credentials.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self { url: SecretString::from(url), credentials: Credentials::None, tenant: None, ca_file: None }
    }
}

/// Why an endpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// Not a URL that can be asked.
    #[error("the address of Prometheus is not a URL such as https://prometheus.example.com: {0}")]
    Url(Text),
    /// A header value with characters that no header may carry.
    #[error("the {0} for Prometheus contains characters that no HTTP header may carry")]
    Header(&'static str),
    /// The CA file cannot be read, or holds no certificate.
    #[error("CA file {path}: {why}")]
    CaFile {
        /// Path.
        path: Text,
        /// Why.
        why: Text,
    },
    /// TLS could not be set up.
    #[error("TLS for Prometheus: {0}")]
    Tls(Text),
}

/// A ready client of one URL.
#[derive(Clone)]
pub struct Direct {
    http: Client,
    base: Url,
    credentials: Credentials,
}

impl Direct {
    /// Prepares the client; nothing is sent yet.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        let mut base = base_url(endpoint.url.expose_secret())?;
        let credentials = credentials_of(endpoint, &mut base)?;
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(EndpointError::Tls(Text::from("no provider is installed")));
        }
        let mut builder = Client::builder()
            // a redirect would turn a POST into a GET and carry the tenant header to another host
            .redirect(redirect::Policy::none())
            .default_headers(headers(endpoint)?);
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        if let Some(roots) = roots(endpoint, &base).await? {
            builder = builder.tls_certs_only(roots);
        }
        let http = builder.build().map_err(|error| EndpointError::Tls(cause(error)))?;
        Ok(Self { http, base, credentials })
    }

    pub(super) fn place(&self) -> Text {
        Text::from(self.base.as_str().trim_end_matches('/'))
    }

    /// Sends `parameters` as a form: a query may be longer than a URL may be.
    pub(super) async fn post(
        &self,
        path: &str,
        parameters: &[(&str, String)],
    ) -> Result<(u16, Vec<u8>), QueryError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/api/v1/{path}", self.base.path().trim_end_matches('/')));
        let request = self.http.post(url).form(parameters);
        let request = match &self.credentials {
            Credentials::None => request,
            Credentials::Basic { user, password } => request.basic_auth(user, Some(password.expose_secret())),
            Credentials::Bearer(token) => request.bearer_auth(token.expose_secret()),
        };
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LARGEST_MIB * MIB {
                return Err(QueryError::TooLarge(LARGEST_MIB));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    }
}

fn base_url(raw: &str) -> Result<Url, EndpointError> {
    let mut url = Url::parse(raw).map_err(|error| EndpointError::Url(Text::from(error.to_string())))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(EndpointError::Url(Text::from("it must begin with http:// or https://")));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// Takes user and password out of the URL, so that no message can carry them.
fn credentials_of(endpoint: &Endpoint, base: &mut Url) -> Result<Credentials, EndpointError> {
    let (user, password) = (base.username().to_owned(), base.password().unwrap_or_default().to_owned());
    let cleared = base.set_username("").and_then(|()| base.set_password(None));
    cleared.map_err(|()| EndpointError::Url(Text::from("user and password stand where none may be")))?;
    match &endpoint.credentials {
        Credentials::None if !user.is_empty() => {
            Ok(Credentials::Basic { user: decoded(&user), password: SecretString::from(decoded(&password)) })
        }
        Credentials::Bearer(token) if header::HeaderValue::from_str(token.expose_secret()).is_err() => {
            Err(EndpointError::Header("bearer token"))
        }
        given => Ok(given.clone()),
    }
}

/// Undoes the percent-encoding of a URL's user information.
fn decoded(raw: &str) -> String {
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = raw.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn headers(endpoint: &Endpoint) -> Result<header::HeaderMap, EndpointError> {
    let mut headers = header::HeaderMap::new();
    if let Some(tenant) = &endpoint.tenant {
        let value = header::HeaderValue::from_str(tenant).map_err(|_| EndpointError::Header("tenant"))?;
        headers.insert(TENANT, value);
    }
    Ok(headers)
}

/// The authorities to trust; `None` for the system's. Plain HTTP needs none, and a machine may have none.
async fn roots(endpoint: &Endpoint, base: &Url) -> Result<Option<Vec<Certificate>>, EndpointError> {
    let Some(path) = &endpoint.ca_file else {
        return Ok((base.scheme() == "http").then(Vec::new));
    };
    let fault = |why: Text| EndpointError::CaFile { path: Text::from(path.display().to_string()), why };
    let pem = tokio::fs::read(path).await.map_err(|error| fault(Text::from(error.to_string())))?;
    let roots = Certificate::from_pem_bundle(&pem).map_err(|error| fault(cause(error)))?;
    if roots.is_empty() {
        return Err(fault(Text::from("it holds no certificate")));
    }
    Ok(Some(roots))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn unreachable(error: reqwest::Error) -> QueryError {
    QueryError::Unreachable(cause(error))
}

/// The innermost cause: `Connection refused` says more than `error sending request`. The URL stays out.
fn cause(error: reqwest::Error) -> Text {
    let error = error.without_url();
    let mut deepest = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        deepest = inner.to_string();
        source = inner.source();
    }
    Text::from(deepest)
}
