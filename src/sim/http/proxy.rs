//! The service proxy: the Prometheus face behind its Service, and a plain `ok` from whatever else is ready.

use std::sync::Arc;

use axum::response::Response;

use super::kubernetes::Call;
use super::{Shared, prometheus, respond};
use crate::sim::world::api::Refusal;
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::store::Key;

/// Label of the Service behind which the Prometheus face answers.
const APP: &str = "app.kubernetes.io/name";

/// Answers for what stands behind the Service or pod named by `key` (`scheme:name:port`) at the path `rest`.
pub(super) fn answer(shared: &Arc<Shared>, key: &Key, rest: &str, call: &Call) -> Result<Response, Refusal> {
    let named = key.name.trim_start_matches("http:").trim_start_matches("https:");
    let name = named.split(':').next().unwrap_or_default();
    let target = Key::new(key.kind, &key.namespace, name);
    let (is_prometheus, ready) = {
        let world = shared.world();
        let object = world.store.get(&target).ok_or_else(|| Refusal::not_found(&target))?;
        let is_prometheus = json::label(object, APP) == Some("prometheus");
        let ready = match target.kind {
            Kind::Pod => json::holds(object, "Ready"),
            _service => world.has_ready_endpoint(&target),
        };
        (is_prometheus, ready && !(is_prometheus && world.faults.metrics_down))
    };
    if !ready {
        return Err(Refusal::unavailable(format!("no endpoints available for service \"{}\"", key.name)));
    }
    if is_prometheus {
        return Ok(prometheus::answer(shared, rest, call));
    }
    Ok(respond::text(200, "ok\n"))
}
