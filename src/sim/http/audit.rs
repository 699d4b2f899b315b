//! The audit log: one record for each request that may change something, as the API server writes it.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::sim::world::clock::{Time, micro_stamp};
use crate::sim::world::random::Random;

/// Records kept; older ones are dropped.
const KEPT: usize = 10_000;

/// The records, older first.
#[derive(Debug)]
pub(super) struct Trail {
    records: VecDeque<Value>,
    /// Ids for requests that bring none; apart from the world's generator, which reads must not disturb.
    ids: Random,
}

impl Default for Trail {
    fn default() -> Self {
        Self { records: VecDeque::new(), ids: Random::new(0) }
    }
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
            self.records.pop_front();
        }
        self.records.push_back(json!({
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

    /// A fresh id.
    pub(super) fn draw_id(&mut self) -> String {
        self.ids.uuid()
    }

    /// All records, older first.
    pub(super) fn records(&self) -> &VecDeque<Value> {
        &self.records
    }
}
