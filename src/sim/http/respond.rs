//! Answers: JSON, text and the `Status` of a refusal.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::Value;

use crate::sim::world::api::Refusal;

/// `value` as JSON with `code`.
pub(super) fn json(code: u16, value: &Value) -> Response {
    with_body(code, "application/json", Body::from(value.to_string()))
}

/// `text` as it is.
pub(super) fn text(code: u16, text: impl Into<String>) -> Response {
    with_body(code, "text/plain; charset=utf-8", Body::from(text.into()))
}

/// A refusal as its `Status` object.
pub(super) fn refused(refusal: &Refusal) -> Response {
    json(refusal.code, &refusal.status())
}

/// `body` of that type with `code`.
pub(super) fn with_body(code: u16, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
