//! Writes, their rehearsals, and questions of permission.

use std::time::Duration;

use ::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{HttpError, JSON, Mutation, with_query};
use super::{Cluster, Inner};
use crate::model::access::{AccessAnswer, AccessQuery};
use crate::model::kind::KINDS;
use crate::model::objects::Workload;
use crate::model::request::{Outcome, Request, RequestId, Resource, Write};
use crate::model::target::Target;
use crate::model::{Text, Time};

/// The field manager of every write.
const FIELD_MANAGER: &str = "gonogo";

/// What came back for one write.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// How it ended, as far as this side can tell.
    pub outcome: Outcome,
    /// The workload as the server left it, where the write was on one and the answer held it.
    pub object: Option<(Target, Workload)>,
}

impl Cluster {
    /// Sends a write, at most once and with a deadline of 8 s. Its id is the `Audit-ID` in the server's audit log.
    pub async fn apply(&self, request: &Request, id: &RequestId) -> Receipt {
        self.write(request, Some(id.to_string()), &[]).await
    }

    /// Rehearses a write (`dryRun=All`). It needs the same permission, may fail on webhooks, and proves nothing.
    pub async fn dry_run(&self, request: &Request) -> Receipt {
        self.write(request, None, &[("dryRun", "All")]).await
    }

    /// Asks whether we may. Nothing is kept here: who asks knows how old an answer may be.
    pub async fn review(&self, query: &AccessQuery) -> Result<AccessAnswer, Text> {
        let now = (self.inner.clock)();
        self.ask_review(query, now).await.map_err(|error| Text::from(error.to_string()))
    }

    async fn write(&self, request: &Request, audit_id: Option<String>, extra: &[(&str, &str)]) -> Receipt {
        let Request { resource, write } = request;
        let options;
        let (method, body) = match write {
            Write::JsonPatch(patch) => (Method::PATCH, Some(("application/json-patch+json", patch))),
            Write::MergePatch(patch) => (Method::PATCH, Some(("application/merge-patch+json", patch))),
            Write::Create(object) => (Method::POST, Some((JSON, object))),
            Write::Delete { uid } => {
                options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}});
                (Method::DELETE, Some((JSON, &options)))
            }
        };
        let mut query = vec![("fieldManager", FIELD_MANAGER)];
        if matches!(write, Write::Delete { .. }) {
            query.clear();
        }
        query.extend_from_slice(extra);
        let mutation = Mutation {
            method,
            path: with_query(&resource.path(matches!(write, Write::Create(_))), &query),
            body: body.map(|(kind, value)| (kind, value.to_string().into_bytes())),
            audit_id,
        };
        self.freshen().await;
        let (outcome, answer) = self.inner.http.write(mutation).await;
        let object = answer.and_then(|answer| workload(resource, &answer));
        Receipt { outcome, object }
    }

    /// After a sleep of the host the credentials may have ended unnoticed; a write with them would be refused for
    /// nothing. It waits a moment for new ones, no longer.
    async fn freshen(&self) {
        const MOMENT: Duration = Duration::from_secs(3);
        let Inner { http, clock, .. } = self.inner.as_ref();
        if http.wire().has_expired(clock()) {
            // if there are none in time, the server's answer says so
            let _ = tokio::time::timeout(MOMENT, http.reauthenticate(http.generation())).await;
        }
    }

    async fn ask_review(&self, query: &AccessQuery, now: Time) -> Result<AccessAnswer, HttpError> {
        #[derive(Deserialize)]
        struct Review {
            status: Status,
        }
        #[derive(Deserialize)]
        struct Status {
            allowed: bool,
            #[serde(default)]
            reason: Text,
        }
        let question = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {
                "verb": query.verb, "group": query.group, "resource": query.resource,
                "subresource": query.subresource, "namespace": query.namespace, "name": query.name,
            }},
        });
        let answer =
            self.inner.http.ask("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &question).await?;
        let Review { status } =
            serde_json::from_slice(&answer).map_err(|error| HttpError::not_json(&error))?;
        Ok(AccessAnswer { allowed: status.allowed, reason: status.reason, asked: now })
    }
}

/// The workload in an answer. `status` answers with the whole object, other subresources with one of their own kind.
fn workload(resource: &Resource, answer: &[u8]) -> Option<(Target, Workload)> {
    let row = KINDS.iter().find(|row| row.group == resource.group && row.plural == resource.plural)?;
    if !matches!(resource.subresource.as_str(), "" | "status") {
        return None;
    }
    let object: Value = serde_json::from_slice(answer).ok()?;
    if object["kind"] != row.name {
        return None;
    }
    Workload::read(row.kind, object)
}
