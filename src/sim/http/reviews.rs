//! Who may do what: the reviews of the API server, and the rule that they report.

use serde_json::{Value, json};

use super::kubernetes::Call;
use crate::sim::world::api::Refusal;
use crate::sim::world::json;
use crate::sim::world::store::Key;

/// The one user who may only look: for trying out a console with few rights.
const OBSERVER: &str = "observer";

const READING: [&str; 3] = ["get", "list", "watch"];

/// Whether `user` may do `verb`: everyone may do everything, but the observer only looks.
fn allowed(user: &str, verb: &str) -> bool {
    user != OBSERVER || READING.contains(&verb)
}

/// Refuses what the caller may not do.
pub(super) fn require(call: &Call, verb: &str, key: &Key) -> Result<(), Refusal> {
    if allowed(&call.user, verb) { Ok(()) } else { Err(Refusal::forbidden(key, &call.user, verb)) }
}

/// Answers the review of that `name`.
pub(super) fn answer(name: &str, call: &Call) -> Result<Value, Refusal> {
    let mut review = call.json()?;
    match name {
        "selfsubjectaccessreviews" => {
            let verb = json::text(&review, "/spec/resourceAttributes/verb");
            let allowed = allowed(&call.user, verb);
            json::set(&mut review, &["status"], json!({"allowed": allowed}));
            if !allowed {
                json::set(&mut review, &["status", "reason"], "the observer may only look");
            }
        }
        "selfsubjectrulesreviews" => {
            let verbs = if call.user == OBSERVER { json!(READING) } else { json!(["*"]) };
            let status = json!({
                "incomplete": false,
                "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}],
                "resourceRules": [{"verbs": verbs, "apiGroups": ["*"], "resources": ["*"]}],
            });
            json::set(&mut review, &["status"], status);
        }
        "selfsubjectreviews" => {
            let groups = ["system:authenticated"];
            json::set(&mut review, &["status", "userInfo"], json!({"username": call.user, "groups": groups}));
        }
        _unknown => return Err(Refusal::no_such_path()),
    }
    Ok(review)
}
