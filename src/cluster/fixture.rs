//! A server that answers what a test scripts, and a wire to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use futures::StreamExt as _;
use futures::stream;
use tokio::time::sleep;

use super::connect::{CredentialSource, KubeSettings, Wire, open};
use crate::model::Text;
use crate::model::credential::Credential;

/// One scripted answer.
pub(super) enum Answer {
    /// A status and a whole body.
    Whole(u16, &'static str),
    /// A status with `Retry-After` in seconds.
    Wait(u16, u32),
    /// These lines, then a clean end.
    Lines(&'static [&'static str]),
    /// These lines, then silence.
    Stall(&'static [&'static str]),
    /// No response head at all.
    Hang,
    /// These lines, then the connection breaks.
    Break(&'static [&'static str]),
}

/// What the server answers, and what it was asked.
#[derive(Default)]
pub(super) struct Script {
    answers: Mutex<VecDeque<Answer>>,
    by_path: Option<fn(&str) -> Answer>,
    seen: Mutex<Vec<Seen>>,
}

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// `Authorization`.
    pub token: String,
    /// `Audit-ID`.
    pub audit_id: String,
    /// Method and URI.
    pub request: String,
}

impl Script {
    /// Answers in this order, whatever is asked; then none.
    pub(super) fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }

    /// Answers by what is asked.
    pub(super) fn by_path(answer: fn(&str) -> Answer) -> Self {
        Self { by_path: Some(answer), ..Self::default() }
    }

    /// What was asked so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Methods and URIs of it.
    pub(super) fn asked(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.request).collect()
    }
}

/// Notes what was asked and picks the answer.
fn choose(script: &Script, request: &Request<Body>) -> Answer {
    let header =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
    let seen = Seen {
        token: header("authorization").to_owned(),
        audit_id: header("audit-id").to_owned(),
        request: format!("{} {}", request.method(), request.uri()),
    };
    script.seen.lock().unwrap().push(seen);
    match &script.by_path {
        Some(by_path) => by_path(&request.uri().to_string()),
        None => script.answers.lock().unwrap().pop_front().unwrap_or(Answer::Hang),
    }
}

async fn give(answer: Answer) -> Response<Body> {
    let lines = |lines: &'static [&'static str]| {
        stream::iter(lines.iter().map(|line| Ok::<_, std::io::Error>(Bytes::from(format!("{line}\n")))))
    };
    match answer {
        Answer::Hang => futures::future::pending().await,
        Answer::Whole(code, body) => Response::builder().status(code).body(Body::from(body)).unwrap(),
        Answer::Wait(code, seconds) => {
            Response::builder().status(code).header("retry-after", seconds).body(Body::empty()).unwrap()
        }
        Answer::Lines(all) => Response::new(Body::from_stream(lines(all))),
        Answer::Stall(all) => Response::new(Body::from_stream(lines(all).chain(stream::pending()))),
        Answer::Break(all) => {
            // the server throws away what it has not sent yet when a body breaks
            let broken = stream::once(async {
                sleep(Duration::from_millis(50)).await;
                Err(std::io::Error::other("scripted"))
            });
            Response::new(Body::from_stream(lines(all).chain(broken)))
        }
    }
}

/// A credential plugin that gives a new token each time.
fn tokens() -> CredentialSource {
    let count = Arc::new(std::sync::atomic::AtomicU32::new(0));
    Arc::new(move |_| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let token = Some(format!("t{number}").into());
        Box::pin(async move { Ok::<_, Text>(Credential { token, ..Credential::default() }) })
    })
}

/// Starts a server for a script and opens a wire to it.
pub(super) async fn serve(script: Script) -> (Wire, Arc<Script>) {
    let script = Arc::new(script);
    let shared = Arc::clone(&script);
    let app = Router::new().fallback(move |request: Request<Body>| give(choose(&shared, &request)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let wire = wire(&listener.local_addr().unwrap().to_string()).await;
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (wire, script)
}

/// A wire to an address at which anybody or nobody may listen.
pub(super) async fn wire(address: &str) -> Wire {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let config = format!(
        "{{current-context: t, contexts: [{{name: t, context: {{cluster: t, user: t}}}}], \
         clusters: [{{name: t, cluster: {{server: 'http://{address}'}}}}], \
         users: [{{name: t, user: {{exec: {{command: x, apiVersion: client.authentication.k8s.io/v1}}}}}}]}}"
    );
    std::fs::write(&path, config).unwrap();
    let settings = KubeSettings { kubeconfig: Some(path), ..KubeSettings::default() };
    // another test of this process may have installed it
    let _ = rustls::crypto::ring::default_provider().install_default();
    open(&settings, tokens()).await.unwrap().0
}
