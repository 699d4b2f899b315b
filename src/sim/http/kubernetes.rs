//! One request to the Kubernetes face, from its arrival to its answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, Method, Request as HttpRequest};
use axum::response::Response;
use serde_json::{Value, json};

use super::route::{Below, Route};
use super::{Shared, audit, discovery, logs, openapi, proxy, read, respond, reviews, watch, write};
use crate::sim::world::api::Refusal;
use crate::sim::world::kinds::Kind;
use crate::sim::world::store::Key;

/// The largest body that is read.
const BODY_LIMIT: usize = 3 << 20;

/// What a request says, besides its route.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The HTTP method.
    pub(super) method: Method,
    /// Path and query.
    pub(super) uri: String,
    /// The query, decoded.
    pub(super) query: BTreeMap<String, String>,
    /// Who asks.
    pub(super) user: String,
    /// `Accept`
    pub(super) accept: String,
    /// `Content-Type`
    pub(super) content_type: String,
    /// `Audit-ID`; empty when none was sent.
    pub(super) audit_id: String,
    /// `User-Agent`
    pub(super) agent: String,
    /// The body; empty when there is none.
    pub(super) body: Vec<u8>,
}

impl Call {
    /// The query parameter `name`; empty when absent.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// Whether the query parameter `name` is on.
    pub(super) fn is_set(&self, name: &str) -> bool {
        matches!(self.parameter(name), "true" | "1")
    }

    /// The body as JSON; null when there is none.
    pub(super) fn json(&self) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        if self.content_type.contains("protobuf") {
            return Err(Refusal::unsupported_media_type());
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Refusal::bad_request(format!("the object provided is unrecognized: {error}")))
    }
}

/// Answers a request; while the server is frozen nothing is answered.
pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    request: HttpRequest<axum::body::Body>,
) -> Response {
    if !shared.thawed().await {
        return respond::refused(&Refusal::unavailable("the simulator is stopping"));
    }
    let call = match read_call(request).await {
        Ok(call) => call,
        Err(refusal) => return respond::refused(&refusal),
    };
    let route = Route::parse(call.uri.split('?').next().unwrap_or_default());
    let response = match &route {
        Some(route) => answer(&shared, route, &call),
        None => Err(Refusal::no_such_path()),
    };
    let mut response = response.unwrap_or_else(|refusal| respond::refused(&refusal));
    let audit_id = record(&shared, route.as_ref(), call, response.status().as_u16());
    if let Ok(id) = HeaderValue::from_str(&audit_id) {
        response.headers_mut().insert(HeaderName::from_static("audit-id"), id);
    }
    response
}

async fn read_call(request: HttpRequest<axum::body::Body>) -> Result<Call, Refusal> {
    let (parts, body) = request.into_parts();
    let query = Query::<BTreeMap<String, String>>::try_from_uri(&parts.uri)
        .map_err(|error| Refusal::bad_request(error.to_string()))?
        .0;
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|error| Refusal::bad_request(error.to_string()))?;
    let headers = &parts.headers;
    let token = header(headers, &AUTHORIZATION);
    let user = token.strip_prefix("Bearer ").filter(|user| !user.is_empty()).unwrap_or("demo").to_owned();
    Ok(Call {
        method: parts.method,
        uri: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        query,
        user,
        accept: header(headers, &ACCEPT),
        content_type: header(headers, &CONTENT_TYPE),
        audit_id: header(headers, &HeaderName::from_static("audit-id")),
        agent: header(headers, &USER_AGENT),
        body: body.to_vec(),
    })
}

fn header(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn answer(shared: &Arc<Shared>, route: &Route, call: &Call) -> Result<Response, Refusal> {
    match route {
        Route::Version => Ok(respond::json(200, &discovery::version())),
        Route::Health => Ok(respond::text(200, "ok")),
        Route::CoreVersions if call.accept.contains("as=APIGroupDiscoveryList") => {
            Ok(discovery::aggregated_core())
        }
        Route::Groups if call.accept.contains("as=APIGroupDiscoveryList") => {
            Ok(discovery::aggregated_groups())
        }
        Route::CoreVersions => Ok(respond::json(200, &discovery::core_versions())),
        Route::Groups => Ok(respond::json(200, &discovery::groups())),
        Route::Group(name) => discovery::group(name).map(|group| respond::json(200, &group)),
        Route::Resources { group, version } => {
            discovery::resources(group, version).map(|list| respond::json(200, &list))
        }
        Route::OpenApiIndex => Ok(respond::json(200, &openapi::index())),
        Route::OpenApi { group, version } => {
            openapi::document(group, version).map(|document| respond::json(200, &document))
        }
        Route::Review(name) => reviews::answer(name, call).map(|review| respond::json(201, &review)),
        Route::Collection { kind, namespace } => collection(shared, *kind, namespace.as_deref(), call),
        Route::Object { key, below } => object(shared, key, below, call),
    }
}

fn collection(
    shared: &Arc<Shared>,
    kind: Kind,
    namespace: Option<&str>,
    call: &Call,
) -> Result<Response, Refusal> {
    let place = Key::new(kind, namespace.unwrap_or_default(), "");
    match call.method {
        Method::GET if call.is_set("watch") => {
            reviews::require(call, "watch", &place)?;
            watch::answer(shared, kind, namespace, call)
        }
        Method::GET => {
            reviews::require(call, "list", &place)?;
            read::list(shared, kind, namespace, call)
        }
        Method::POST => {
            reviews::require(call, "create", &place)?;
            write::create(shared, kind, namespace.unwrap_or_default(), call)
        }
        Method::DELETE => {
            reviews::require(call, "deletecollection", &place)?;
            write::delete_all(shared, kind, namespace, call)
        }
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn object(shared: &Arc<Shared>, key: &Key, below: &Below, call: &Call) -> Result<Response, Refusal> {
    match below {
        Below::Log => {
            reviews::require(call, "get", key)?;
            return logs::answer(shared, key, call);
        }
        Below::Proxy(rest) => {
            reviews::require(call, "get", key)?;
            return proxy::answer(shared, key, rest, call);
        }
        Below::Whole | Below::Status | Below::Scale => {}
    }
    match call.method {
        Method::GET => {
            reviews::require(call, "get", key)?;
            read::get(shared, key, below, call)
        }
        Method::PUT => {
            reviews::require(call, "update", key)?;
            write::put(shared, key, below, call)
        }
        Method::PATCH => {
            reviews::require(call, "patch", key)?;
            write::patch(shared, key, below, call)
        }
        Method::DELETE => {
            reviews::require(call, "delete", key)?;
            write::delete(shared, key, call)
        }
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Puts what may change something into the audit log; gives the request's audit id.
fn record(shared: &Shared, route: Option<&Route>, call: Call, code: u16) -> String {
    let now = shared.world().now();
    let id = if call.audit_id.is_empty() { shared.trail().draw_id() } else { call.audit_id.clone() };
    let verb = match call.method {
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        _ => return id,
    };
    let body = call.json().unwrap_or_default();
    let request = audit::Request {
        id: id.clone(),
        verb: verb.to_owned(),
        uri: call.uri,
        user: call.user,
        agent: call.agent,
        object: route.map(reference).unwrap_or_default(),
        body,
    };
    shared.trail().add(&request, code, now);
    id
}

fn reference(route: &Route) -> Value {
    match route {
        Route::Collection { kind, namespace } => json!({
            "resource": kind.resource().plural,
            "apiGroup": kind.resource().group,
            "namespace": namespace,
        }),
        Route::Object { key, below } => {
            let mut reference = json!({
                "resource": key.kind.resource().plural,
                "apiGroup": key.kind.resource().group,
                "namespace": key.namespace,
                "name": key.name,
            });
            match below {
                Below::Whole => {}
                Below::Status => reference["subresource"] = "status".into(),
                Below::Scale => reference["subresource"] = "scale".into(),
                Below::Log => reference["subresource"] = "log".into(),
                Below::Proxy(_) => reference["subresource"] = "proxy".into(),
            }
            reference
        }
        Route::Review(name) => json!({"resource": name}),
        Route::Version
        | Route::Health
        | Route::CoreVersions
        | Route::Groups
        | Route::Group(_)
        | Route::OpenApiIndex
        | Route::OpenApi { .. }
        | Route::Resources { .. } => Value::Null,
    }
}
