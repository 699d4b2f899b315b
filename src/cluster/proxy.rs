//! Services reached through the API server, and Services found by their looks: how metrics are read without a route
//! into the cluster.

use serde::Deserialize;

use super::Cluster;
use super::http::{Http, HttpError};
use crate::model::Text;
use crate::model::ids::{Name, Namespace};
use crate::model::meta::Meta;
use crate::model::service::FoundService;

/// One port of one Service, behind the API server. Cheap to clone.
#[derive(Clone)]
pub struct ServiceProxy {
    http: Http,
    root: String,
}

/// Why a proxied request gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// The API server or the Service answered with an error.
    #[error("answered {code}: {message}")]
    Status {
        /// HTTP status.
        code: u16,
        /// First line of what it said.
        message: Text,
    },
    /// There was no answer.
    #[error("no answer: {why}")]
    NoAnswer {
        /// Why.
        why: Text,
    },
}

impl From<HttpError> for ProxyError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Status(status) => Self::Status { code: status.code, message: status.message },
            other => Self::NoAnswer { why: other.to_string().into() },
        }
    }
}

impl ServiceProxy {
    /// Reads below the Service's root; `path_and_query` begins with `/` and is encoded.
    pub async fn get(&self, path_and_query: &str) -> Result<Vec<u8>, ProxyError> {
        Ok(self.http.get_proxied(&format!("{}{path_and_query}", self.root)).await?)
    }

    /// Posts an encoded form that asks and changes nothing (a long metrics query).
    pub async fn post_form(&self, path: &str, form: Vec<u8>) -> Result<Vec<u8>, ProxyError> {
        Ok(self.http.ask_form(&format!("{}{path}", self.root), form).await?)
    }
}

#[derive(Deserialize)]
struct WireService {
    metadata: Meta,
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    ports: Option<Vec<Port>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Port {
    name: String,
    port: u16,
}

impl Cluster {
    /// A way to one port of a Service: by number, or by name where it has one.
    #[must_use]
    pub fn proxy(&self, namespace: &Namespace, service: &Name, port: &str) -> ServiceProxy {
        let root = format!("/api/v1/namespaces/{namespace}/services/{service}:{port}/proxy");
        ServiceProxy { http: self.inner.http.clone(), root }
    }

    /// Services that `looks_right` picks: of the whole cluster where they may be listed, else of the namespaces given.
    /// Namespaces that may not be listed are skipped.
    pub async fn find_services(
        &self,
        namespaces: &[Namespace],
        looks_right: impl Fn(&FoundService) -> bool,
    ) -> Result<Vec<FoundService>, ProxyError> {
        match self.services("/api/v1/services", &looks_right).await {
            Ok(found) => return Ok(found),
            Err(error) if error.code() == Some(403) => {}
            Err(error) => return Err(error.into()),
        }
        let mut found = Vec::new();
        for namespace in namespaces {
            match self.services(&format!("/api/v1/namespaces/{namespace}/services"), &looks_right).await {
                Ok(more) => found.extend(more),
                Err(error) if error.code() == Some(403) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    async fn services(
        &self,
        path: &str,
        looks_right: &impl Fn(&FoundService) -> bool,
    ) -> Result<Vec<FoundService>, HttpError> {
        const MOST_PAGES: usize = 20;
        let mut found = Vec::new();
        super::view::pages(&self.inner.http, path, MOST_PAGES, |wire: WireService| {
            let service = FoundService {
                namespace: wire.metadata.namespace,
                name: wire.metadata.name,
                labels: wire.metadata.labels,
                ports: wire.spec.ports.into_iter().flatten().map(|port| (port.name, port.port)).collect(),
            };
            if looks_right(&service) {
                found.push(service);
            }
        })
        .await?;
        Ok(found)
    }
}
