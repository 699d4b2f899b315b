//! The audit log: one record for each request that may change something, as the API server writes it.

use serde_json::{Value, json};

use super::super::world::clock::{Time, micro_stamp};

/// Records kept; older ones are dropped.
const KEPT: usize = 10_000;

/// The records, older first.
#[derive(Debug, Default)]
pub(super) struct Trail {
    records: Vec<Value>,
}

/// What a record tells of its request.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    /// `Audit-ID` as it was sent, or drawn here.
    pub(super) id: String,
    /// `create`, `update`, `patch`, `delete`.
    pub(super) verb: String,
    /// Path and query.
    pub(super) uri: String,
    /// Who sent it.
    pub(super) user: String,
    /// `User-Agent`
    pub(super) agent: String,
    /// Resource, namespace, name and subresource.
    pub(super) object: Value,
    /// The body.
    pub(super) body: Value,
}

impl Trail {
    /// Adds the record of `request`, answered with `code`.
    pub(super) fn add(&mut self, request: &Request, code: u16, now: Time) {
        if self.records.len() >= KEPT {
            self.records.remove(0);
        }
        self.records.push(json!({
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Request",
            "stage": "ResponseComplete",
            "auditID": request.id,
            "verb": request.verb,
            "requestURI": request.uri,
            "user": {"username": request.user},
            "userAgent": request.agent,
            "objectRef": request.object,
            "requestObject": request.body,
            "responseStatus": {"code": code},
            "requestReceivedTimestamp": micro_stamp(now),
        }));
    }

    /// All records, older first.
    pub(super) fn records(&self) -> &[Value] {
        &self.records
    }
}
