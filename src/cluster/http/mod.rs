//! One request to the API server: its deadline, its credentials, its place in the rate, and what became of it.
//!
//! The client underneath retries nothing. Reads are repeated here, a few times, politely; a write is sent at most
//! once, whatever happens, because a confirmed key may cause at most one mutation. What never stands here: knowledge
//! of any resource.

mod body;
mod dates;
mod error;
mod limiter;
mod query;
mod write;

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use kube::client::Body;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

pub(super) use self::body::Lines;
use self::dates::Dates;
pub(super) use self::error::{HttpError, Status};
use self::limiter::{Lane, Lanes};
pub(super) use self::query::with_query;
pub(super) use self::write::Mutation;
use super::connect::{Wire, WireError};

/// No object, page or line may be larger.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;
/// JSON as the API server writes it.
pub(super) const JSON: &str = "application/json";

/// Deadlines and patience; short ones in tests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// Of the head of a read, and of each part of its body.
    pub read: Duration,
    /// Of a write.
    pub write: Duration,
    /// Of the response head of a stream.
    pub head: Duration,
    /// How often a read is sent at most.
    pub tries: usize,
    /// A longer `Retry-After` is cut to this.
    pub longest_wait: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(10),
            write: Duration::from_secs(8),
            head: Duration::from_secs(5),
            tries: 3,
            longest_wait: Duration::from_secs(5),
        }
    }
}

/// The request layer. Cheap to clone.
#[derive(Clone)]
pub(super) struct Http {
    wire: Arc<Wire>,
    lanes: Arc<Lanes>,
    dates: Arc<Dates>,
    timing: Timing,
}

impl Http {
    /// A layer over an open wire.
    pub(super) fn new(wire: Wire, timing: Timing) -> Self {
        Self {
            wire: Arc::new(wire),
            lanes: Arc::new(Lanes::default()),
            dates: Arc::new(Dates::new()),
            timing,
        }
    }

    /// What the server's clock says.
    pub(super) fn dates(&self) -> &Dates {
        &self.dates
    }

    /// The wire underneath, for renewal by the clock.
    pub(super) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Reads one JSON object.
    pub(super) async fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, HttpError> {
        let body = self.get(path, JSON).await?;
        serde_json::from_slice(&body).map_err(|error| HttpError::not_json(&error))
    }

    /// Reads a whole body.
    pub(super) async fn get(&self, path: &str, accept: &str) -> Result<Vec<u8>, HttpError> {
        self.read(Lane::Read, || request(Method::GET, path, accept, None)).await
    }

    /// Reads a page of the list that a watch begins with. It is as urgent as the watch: behind the reads of a busy
    /// start it would be late by seconds.
    pub(super) async fn list(&self, path: &str, accept: &str) -> Result<Vec<u8>, HttpError> {
        self.read(Lane::Stream, || request(Method::GET, path, accept, None)).await
    }

    /// Reads a whole body through the API server (a metrics query).
    pub(super) async fn get_proxied(&self, path: &str) -> Result<Vec<u8>, HttpError> {
        self.read(Lane::Proxied, || request(Method::GET, path, JSON, None)).await
    }

    /// Posts a question (access review, query): it changes nothing, so it counts as a read.
    pub(super) async fn ask(&self, path: &str, question: &Value) -> Result<Vec<u8>, HttpError> {
        let body = question.to_string().into_bytes();
        self.read(Lane::Read, || request(Method::POST, path, JSON, Some((JSON, body.clone())))).await
    }

    /// Posts a form through the API server (a metrics query): a read as well.
    pub(super) async fn ask_form(&self, path: &str, form: Vec<u8>) -> Result<Vec<u8>, HttpError> {
        const FORM: &str = "application/x-www-form-urlencoded";
        self.read(Lane::Proxied, || request(Method::POST, path, JSON, Some((FORM, form.clone())))).await
    }

    /// Opens a stream of lines and tells how long its response head took, which is all that the deadline covers.
    pub(super) async fn stream(&self, path: &str, accept: &str) -> Result<(Lines, Duration), HttpError> {
        self.lanes.admit(Lane::Stream).await;
        let asked = Instant::now();
        // a compressed stream would be held back until a block is full
        let mut request = request(Method::GET, path, accept, None);
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let live = self.wire.live();
        let response = timeout(self.timing.head, self.send(live, request))
            .await
            .map_err(|_| HttpError::TimedOut { after: self.timing.head })??;
        Ok((Lines::new(response.into_body()), asked.elapsed()))
    }

    /// Replaces the client after a failure of its connections. Several callers of one generation make one new client.
    pub(super) async fn replace(&self, generation: u64) {
        // a client that cannot be rebuilt leaves the old one, whose next failure is reported like the last
        let _ = self.wire.reconnect(generation).await;
    }

    /// Generation of the client of the moment.
    pub(super) fn generation(&self) -> u64 {
        self.wire.live().generation
    }

    /// Gets new credentials after a 401.
    pub(super) async fn reauthenticate(&self, generation: u64) -> Result<(), HttpError> {
        self.wire.reauthenticate(generation).await.map_err(|error| match error {
            WireError::Credential(why) => HttpError::Credential { why },
            WireError::Setup => {
                HttpError::Credential { why: "the new credentials cannot be used: log in again".into() }
            }
        })
    }

    async fn read(&self, lane: Lane, make: impl Fn() -> Request<Body>) -> Result<Vec<u8>, HttpError> {
        let mut waits = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(self.timing.longest_wait)
            .with_max_times(self.timing.tries.saturating_sub(1))
            .with_jitter()
            .build();
        let mut renewed = false;
        loop {
            self.lanes.admit(lane).await;
            let generation = self.generation();
            let error = match self.read_once(make()).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            if error.is_unauthenticated() && !renewed {
                renewed = true;
                self.reauthenticate(generation).await?;
                continue;
            }
            if error.is_transport() {
                self.replace(generation).await;
            }
            match waits.next() {
                Some(wait) if error.is_passing() => sleep(self.polite(wait, &error)).await,
                Some(_) | None => return Err(error),
            }
        }
    }

    fn polite(&self, wait: Duration, error: &HttpError) -> Duration {
        error.retry_after().map_or(wait, |asked| asked.max(wait).min(self.timing.longest_wait))
    }

    /// The deadline is of the response head and then of each part of the body: a long list over a slow line arrives.
    async fn read_once(&self, request: Request<Body>) -> Result<Vec<u8>, HttpError> {
        let patience = self.timing.read;
        let response = timeout(patience, self.send(self.wire.live(), request))
            .await
            .map_err(|_| HttpError::TimedOut { after: patience })??;
        body::collect(response.into_body(), LARGEST * 4, patience).await
    }

    /// Sends one request, once. A status that is no success is an error with its parsed body.
    async fn send(
        &self,
        live: super::connect::Live,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, HttpError> {
        if let Some(authorization) = live.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization);
        }
        let (sent, proxied) = (Instant::now(), request.uri().path().contains("/proxy/"));
        let response = live.client.send(request).await.map_err(|error| HttpError::of_client(&error))?;
        // what comes through the API server carries somebody else's date
        if !proxied {
            self.dates.heard(response.headers(), sent);
        }
        if response.status().is_success() {
            return Ok(response);
        }
        let code = response.status();
        let retry_after = retry_after(response.headers());
        if code == StatusCode::TOO_MANY_REQUESTS {
            self.lanes.back_off(retry_after.unwrap_or(Duration::from_secs(1)).min(self.timing.longest_wait));
        }
        let body = body::collect(response.into_body(), LARGEST, self.timing.read).await.unwrap_or_default();
        Err(HttpError::Status(Box::new(Status::parse(code.as_u16(), &body, retry_after))))
    }
}

fn request(method: Method, path: &str, accept: &str, body: Option<(&'static str, Vec<u8>)>) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    // paths are made by this program from encoded parts; a bad one asks for the root, which nobody mistakes for data
    *request.uri_mut() = path.parse().unwrap_or_default();
    if let Ok(accept) = HeaderValue::from_str(accept) {
        request.headers_mut().insert(ACCEPT, accept);
    }
    if let Some((kind, bytes)) = body {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        *request.body_mut() = Body::from(bytes);
    }
    request
}

/// `Retry-After` in seconds; the form with a date is not used by API servers.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
