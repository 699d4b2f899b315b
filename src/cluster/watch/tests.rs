//! The watch against a scripted server: each test says what the server answers, request by request.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::mpsc;

use super::*;
use crate::cluster::fixture::{Answer, Script, serve};
use crate::cluster::http::Timing;
use crate::model::meta::Meta;

struct Bench {
    script: Arc<Script>,
    feeds: mpsc::Receiver<Feed<String>>,
    cancel: CancellationToken,
}

#[derive(Deserialize)]
struct Named {
    metadata: Meta,
}

const PACE: Pace = Pace {
    server_seconds: 1,
    silence: Duration::from_millis(300),
    first_wait: Duration::from_millis(10),
    longest_wait: Duration::from_millis(50),
    forbidden_wait: Duration::from_millis(400),
    refused_wait: Duration::from_millis(100),
    alive_every: Duration::ZERO,
};
const TIMING: Timing = Timing {
    read: Duration::from_millis(500),
    write: Duration::from_millis(500),
    head: Duration::from_millis(300),
    tries: 1,
    longest_wait: Duration::from_millis(50),
};

async fn bench(answers: impl IntoIterator<Item = Answer>) -> Bench {
    let (wire, script) = serve(Script::of(answers)).await;
    bench_of(Http::new(wire, TIMING), script)
}

fn bench_of(http: Http, script: Arc<Script>) -> Bench {
    let (sender, feeds) = mpsc::channel(64);
    let spec = WatchSpec { path: "/things".to_owned(), query: Vec::new() };
    let decoder = Objects::new(|thing: Named| thing.metadata.name.to_string());
    let cancel = CancellationToken::new();
    let outlet = Outlet::new(sender, |feed| feed);
    let task = run(http, spec, PACE, decoder, outlet, cancel.clone());
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(task);
    Bench { script, feeds, cancel }
}

impl Bench {
    /// The next feed that is neither `Alive` nor a round trip, in short.
    async fn next(&mut self) -> String {
        loop {
            let feed = tokio::time::timeout(Duration::from_secs(10), self.feeds.recv()).await;
            return match feed.expect("the watch says something").expect("the watch runs") {
                Feed::State(StreamState::Alive) | Feed::RoundTrip(_) => continue,
                Feed::State(state) => format!("{state:?}").split('(').next().unwrap_or_default().to_owned(),
                Feed::Page { items, first, last } => format!("page {items:?} {first} {last}"),
                Feed::Put(item) => format!("put {item}"),
                Feed::Gone(item) => format!("gone {item}"),
            };
        }
    }

    async fn expect(&mut self, wanted: &[&str]) {
        for wanted in wanted {
            assert_eq!(self.next().await, *wanted, "asked so far: {:#?}", self.script.asked());
        }
    }

    /// Waits until so many requests were made.
    async fn requests(&self, count: usize) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.script.asked().len() < count {
            assert!(Instant::now() < deadline, "asked so far: {:#?}", self.script.asked());
            sleep(Duration::from_millis(5)).await;
        }
        self.script.asked()
    }
}

const LIST: &str = r#"{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"a"}}]}"#;
const OTHER_LIST: &str = r#"{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"c"}}]}"#;
const FIRST_PAGE: &str =
    r#"{"metadata":{"resourceVersion":"5","continue":"next"},"items":[{"metadata":{"name":"a"}}]}"#;
const ADDED: &str = r#"{"type":"ADDED","object":{"metadata":{"name":"b","resourceVersion":"6"}}}"#;
const DELETED: &str = r#"{"type":"DELETED","object":{"metadata":{"name":"b","resourceVersion":"7"}}}"#;
const BOOKMARK: &str = r#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"8"}}}"#;
const GONE: &str = r#"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}"#;

#[tokio::test]
async fn a_watch_resumes_where_it_ended() {
    let mut bench =
        bench([Answer::Whole(200, LIST), Answer::Lines(&[ADDED, DELETED, "", BOOKMARK]), Answer::Stall(&[])])
            .await;
    bench.expect(&["page [\"a\"] true true", "put b", "gone b"]).await;
    let asked = bench.requests(3).await;
    assert!(asked[1].ends_with("watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=5"));
    assert!(asked[2].ends_with("resourceVersion=8"), "{asked:#?}");
    bench.cancel.cancel();
    assert!(bench.feeds.recv().await.is_some_and(|feed| matches!(feed, Feed::State(_) | Feed::RoundTrip(_))));
}

#[tokio::test]
async fn a_list_is_not_late_behind_the_reads_of_a_busy_start() {
    let by_path = |path: &str| match path {
        "/read" => Answer::Whole(200, "{}"),
        watch if watch.contains("watch=true") => Answer::Stall(&[]),
        _ => Answer::Whole(200, LIST),
    };
    let (wire, script) = serve(Script::by_path(by_path)).await;
    let http = Http::new(wire, TIMING);
    let reader = http.clone();
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    let reads = tokio::spawn(async move {
        futures::future::join_all((0..100).map(|_| reader.get("/read", "application/json"))).await
    });
    while script.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    let mut bench = bench_of(http, script);
    bench.expect(&["page [\"a\"] true true"]).await;
    assert!(!reads.is_finished(), "more reads than may leave at once still wait");
}

#[tokio::test]
async fn pages_are_told_apart_and_form_one_list() {
    let mut bench =
        bench([Answer::Whole(200, FIRST_PAGE), Answer::Whole(200, OTHER_LIST), Answer::Stall(&[ADDED])])
            .await;
    bench.expect(&["page [\"a\"] true false", "page [\"c\"] false true", "put b"]).await;
    let asked = bench.script.asked();
    assert!(
        asked[1].ends_with("limit=500&continue=next") && asked[2].ends_with("resourceVersion=9"),
        "{asked:#?}"
    );
}

#[tokio::test]
async fn an_expired_version_is_listed_anew_whether_by_status_or_by_event() {
    let mut bench = bench([
        Answer::Whole(200, LIST),
        Answer::Lines(&[GONE]),
        Answer::Whole(200, OTHER_LIST),
        Answer::Whole(410, "{}"),
        Answer::Whole(200, LIST),
        Answer::Stall(&[ADDED]),
    ])
    .await;
    bench
        .expect(&["page [\"a\"] true true", "page [\"c\"] true true", "page [\"a\"] true true", "put b"])
        .await;
}

#[tokio::test]
async fn silence_is_said_and_ended_by_a_new_connection() {
    let mut bench =
        bench([Answer::Whole(200, LIST), Answer::Stall(&[ADDED]), Answer::Hang, Answer::Stall(&[DELETED])])
            .await;
    bench.expect(&["page [\"a\"] true true", "put b", "Silent", "Silent", "gone b"]).await;
    let asked = bench.script.asked();
    assert!(asked[3].ends_with("resourceVersion=6"), "nothing seen is asked for again: {asked:#?}");
}

#[tokio::test]
async fn a_broken_stream_goes_on_where_it_was() {
    let mut bench =
        bench([Answer::Whole(200, LIST), Answer::Break(&[ADDED]), Answer::Stall(&[DELETED])]).await;
    bench.expect(&["page [\"a\"] true true", "put b", "Failed", "gone b"]).await;
}

#[tokio::test]
async fn a_refusal_is_asked_again_only_after_its_pause() {
    let begun = Instant::now();
    let mut bench =
        bench([Answer::Whole(403, r#"{"message":"no"}"#), Answer::Whole(200, LIST), Answer::Stall(&[])])
            .await;
    bench.expect(&["Forbidden", "page [\"a\"] true true"]).await;
    assert!(begun.elapsed() >= PACE.forbidden_wait, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn refused_credentials_are_renewed() {
    let mut bench = bench([
        Answer::Whole(401, "{}"),
        Answer::Whole(200, LIST),
        Answer::Whole(401, "{}"),
        Answer::Stall(&[ADDED]),
    ])
    .await;
    bench.expect(&["page [\"a\"] true true", "Unauthenticated", "put b"]).await;
    let tokens: Vec<String> = bench.script.seen().into_iter().map(|seen| seen.token).collect();
    assert_eq!(tokens, ["Bearer t0", "Bearer t1", "Bearer t1", "Bearer t2"]);
}

#[tokio::test]
async fn lines_that_are_no_events_fail_the_stream_and_are_not_quoted() {
    let mut bench =
        bench([Answer::Whole(200, LIST), Answer::Lines(&["canary"]), Answer::Stall(&[ADDED])]).await;
    bench.expect(&["page [\"a\"] true true"]).await;
    let failed = loop {
        match bench.feeds.recv().await.unwrap() {
            Feed::State(StreamState::Failed(why)) => break why,
            Feed::State(_) | Feed::RoundTrip(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(!failed.as_str().contains("canary"), "{failed}");
    bench.expect(&["put b"]).await;
}
