//! A write: sent at most once, and what can be said about it afterwards.

use http::{HeaderValue, Method};
use kube::client::Body;
use tokio::time::timeout;

use super::{Http, HttpError, JSON, LARGEST, body, request};
use crate::model::request::Outcome;

/// A write as it goes on the wire.
pub(in crate::cluster) struct Mutation {
    /// Method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Body and its media type.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// `Audit-ID`: the server's audit log keeps it.
    pub audit_id: Option<String>,
}

impl Http {
    /// Sends a write once, past the rate limit, and sorts what came back. The object in the answer comes along.
    pub(in crate::cluster) async fn write(&self, mutation: Mutation) -> (Outcome, Option<Vec<u8>>) {
        let Mutation { method, path, body, audit_id } = mutation;
        let mut request = request(method, &path, JSON, body);
        if let Some(id) = audit_id.and_then(|id| HeaderValue::try_from(id).ok()) {
            request.headers_mut().insert("audit-id", id);
        }
        let live = self.wire.live();
        let generation = live.generation;
        let sent = timeout(self.timing.write, self.write_once(live, request))
            .await
            .unwrap_or(Err(HttpError::TimedOut { after: self.timing.write }));
        if let Err(error) = &sent {
            self.heal(error, generation);
        }
        match sent {
            Ok((code, object)) => (Outcome::Applied { code }, object),
            Err(error) => (outcome(error), None),
        }
    }

    async fn write_once(
        &self,
        live: crate::cluster::connect::Live,
        request: http::Request<Body>,
    ) -> Result<(u16, Option<Vec<u8>>), HttpError> {
        let response = self.send(live, request).await?;
        let code = response.status().as_u16();
        // the write is done; an answer that breaks off takes nothing back
        Ok((code, body::collect(response.into_body(), LARGEST, self.timing.write).await.ok()))
    }

    /// Readies the connection for the next request without holding up this answer.
    fn heal(&self, error: &HttpError, generation: u64) {
        let http = self.clone();
        let renew = error.is_unauthenticated();
        if renew || error.is_transport() {
            #[expect(clippy::disallowed_methods, reason = "ends by itself and has nothing to report")]
            tokio::spawn(async move {
                if renew {
                    // the next request says what is wrong with the credentials
                    let _ = http.reauthenticate(generation).await;
                } else {
                    http.replace(generation).await;
                }
            });
        }
    }
}

/// What can be said about a write that got no success.
fn outcome(error: HttpError) -> Outcome {
    match error {
        HttpError::Unreachable { why, .. } | HttpError::Untrusted { why } | HttpError::Credential { why } => {
            Outcome::NotSent { why }
        }
        // the server gave up on it: it may have been applied all the same
        HttpError::Status(status) if status.code >= 500 || status.code == 408 => {
            Outcome::Unknown { why: status.to_string().into() }
        }
        HttpError::Status(status) => {
            Outcome::Rejected { code: status.code, reason: status.reason, message: status.message }
        }
        other @ (HttpError::Broken { .. }
        | HttpError::TimedOut { .. }
        | HttpError::TooLarge
        | HttpError::NotJson { .. }) => Outcome::Unknown { why: other.to_string().into() },
    }
}
