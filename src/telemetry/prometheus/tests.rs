//! The client against a server on loopback that answers in every shape there is.

use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::model::{Text, Time};

/// A request as the server saw it.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Request line and headers, lower case.
    head: String,
    body: String,
}

/// A server that gives one answer to every request, or none at all.
struct Stub {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    async fn start(answer: Option<(u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let serve = async move {
            let mut silent = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                match &answer {
                    Some((status, body)) => respond(stream, *status, body, &record).await,
                    None => silent.push(stream),
                }
            }
        };
        #[expect(clippy::disallowed_methods, reason = "the server ends with the test's runtime")]
        tokio::spawn(serve);
        Self { url, seen }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap().last().cloned().unwrap_or_default()
    }
}

async fn respond(mut stream: TcpStream, status: u16, body: &str, record: &Mutex<Vec<Seen>>) {
    let mut raw = Vec::new();
    let whole = |raw: &[u8]| {
        let text = String::from_utf8_lossy(raw).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let due = length.map_or(0, |length| length.parse().unwrap());
        (body.len() >= due).then(|| Seen { head, body: body.to_owned() })
    };
    let seen = loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        raw.extend_from_slice(&chunk[..read]);
        match whole(&raw) {
            Some(seen) => break seen,
            None if read == 0 => return,
            None => {}
        }
    };
    record.lock().unwrap().push(seen);
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}

/// Every client uses the provider that the program installs; here the tests do.
fn install_tls() {
    #[cfg(feature = "tls-ring")]
    let provider = rustls::crypto::ring::default_provider();
    #[cfg(all(feature = "tls-aws-lc", not(feature = "tls-ring")))]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    // another test may have been first
    let _ = provider.install_default();
}

async fn open(endpoint: &Endpoint) -> Client {
    install_tls();
    Client::new(Transport::Direct(Direct::open(endpoint).await.unwrap()))
}

async fn ask(status: u16, body: &str) -> Result<Vec<Sample>, QueryError> {
    let stub = Stub::start(Some((status, body.to_owned()))).await;
    open(&Endpoint::at(&stub.url)).await.instant("up", None).await
}

fn success(result_type: &str, result: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"{result_type}","result":{result}}}}}"#)
}

#[tokio::test]
async fn vectors_and_scalars_are_read_with_their_times() {
    let body = success("vector", r#"[{"metric":{"pod":"a"},"value":[1700000000.25,"1.5e3"]}]"#);
    let samples = ask(200, &body).await.unwrap();
    assert_eq!(samples.len(), 1);
    assert_eq!((samples[0].value, samples[0].labels["pod"].as_str()), (1500.0, "a"));
    assert_eq!(samples[0].evaluated, Time::from_timestamp_millis(1_700_000_000_250).unwrap());
    let samples = ask(200, &success("scalar", r#"[1700000000,"2"]"#)).await.unwrap();
    assert_eq!((samples.len(), samples[0].value), (1, 2.0));
    for (word, check) in
        [("NaN", f64::is_nan as fn(f64) -> bool), ("+Inf", f64::is_infinite), ("-Inf", f64::is_infinite)]
    {
        let samples = ask(200, &success("scalar", &format!("[1,\"{word}\"]"))).await.unwrap();
        assert!(check(samples[0].value), "{word}");
    }
}

#[tokio::test]
async fn infos_do_not_make_an_answer_partial_but_warnings_do() {
    let one = r#""data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}"#;
    let info = format!(r#"{{"status":"success",{one},"infos":["metric might not be a counter"]}}"#);
    assert_eq!(ask(200, &info).await.unwrap().len(), 1);
    for extra in [r#""warnings":["store b is down"]"#, r#""isPartial":true"#] {
        let partial = ask(200, &format!(r#"{{"status":"success",{one},{extra}}}"#)).await;
        assert!(matches!(partial, Err(QueryError::Partial(_))), "{extra}: {partial:?}");
    }
}

#[tokio::test]
async fn every_other_answer_is_an_error_that_says_what_happened() {
    let api_error = r#"{"status":"error","errorType":"bad_data","error":"parse error: unexpected end"}"#;
    let timeout = r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#;
    let forbidden =
        r#"{"kind":"Status","status":"Failure","message":"services/proxy is forbidden","code":403}"#;
    for (status, body, words) in [
        (400, api_error, "bad_data: parse error: unexpected end"),
        (200, api_error, "bad_data: parse error: unexpected end"),
        (503, timeout, "timeout: query timed out"),
        (
            403,
            forbidden,
            "refused (HTTP 403, services/proxy is forbidden): check credentials, tenant and rights",
        ),
        (401, "", "refused (HTTP 401): check credentials, tenant and rights"),
        (500, "<html>\u{1b}[31mboom</html>", "HTTP 500, <html>boom</html>"),
        (302, "", "HTTP 302"),
        (200, "<html>Sign in</html>", "not an answer of the Prometheus API: "),
        (200, "", "not an answer of the Prometheus API: "),
        (200, r#"{"status":"success"}"#, "not an answer of the Prometheus API: success without data"),
        (
            200,
            &success("string", r#"[1,"a"]"#),
            "not an answer of the Prometheus API: a result of type string",
        ),
        (200, &success("matrix", "[]"), "not an answer of the Prometheus API: ranges of values"),
        (
            200,
            &success("vector", r#"[{"metric":{},"value":[1,2]}]"#),
            "not an answer of the Prometheus API: ",
        ),
        (
            200,
            &success("vector", r#"[{"metric":{},"value":[1,"x"]}]"#),
            "not an answer of the Prometheus API: the value",
        ),
        (
            200,
            &success("vector", r#"[{"metric":{},"value":[-1,"1"]}]"#),
            "not an answer of the Prometheus API: a time",
        ),
        (
            200,
            &success("vector", r#"[{"metric":{},"histogram":[1,{}]}]"#),
            "not an answer of the Prometheus API: ",
        ),
    ] {
        let error = ask(status, body).await.unwrap_err().to_string();
        assert!(error.starts_with(words), "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn a_closed_port_and_an_endless_answer_are_errors() {
    let stub = Stub::start(Some((200, "x".repeat(9 * 1024 * 1024)))).await;
    let endless = open(&Endpoint::at(&stub.url)).await.instant("up", None).await;
    assert_eq!(endless, Err(QueryError::TooLarge(8)));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = open(&Endpoint::at(&format!("http://{closed}"))).await.probe().await.unwrap_err();
    assert!(refused.to_string().contains("refused"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_says_nothing_is_left_after_five_seconds() {
    let stub = Stub::start(None).await;
    let client = open(&Endpoint::at(&stub.url)).await;
    let asked = tokio::time::Instant::now();
    assert_eq!(client.probe().await, Err(QueryError::TimedOut(5)));
    assert_eq!(asked.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn the_query_goes_as_a_form_with_credentials_and_tenant() {
    let stub = Stub::start(Some((200, success("vector", "[]")))).await;
    let endpoint = Endpoint {
        credentials: Credentials::Bearer(SecretString::from("t0ken")),
        tenant: Some("team-a".to_owned()),
        ..Endpoint::at(&format!("{}/prom/?x=1", stub.url))
    };
    let at = Time::from_timestamp_millis(1_700_000_000_050).unwrap();
    open(&endpoint).await.instant("up{a=\"b c\"}", Some(at)).await.unwrap();
    let seen = stub.seen();
    assert!(seen.head.starts_with("post /prom/api/v1/query http/1.1"), "{}", seen.head);
    assert!(seen.head.contains("\r\nauthorization: bearer t0ken"), "{}", seen.head);
    assert!(seen.head.contains("\r\nx-scope-orgid: team-a"), "{}", seen.head);
    assert_eq!(seen.body, "query=up%7Ba%3D%22b+c%22%7D&time=1700000000.050");
}

#[tokio::test]
async fn user_and_password_in_the_url_become_credentials_and_stay_out_of_every_text() {
    let stub = Stub::start(Some((200, success("vector", "[]")))).await;
    let url = stub.url.replace("http://", "http://ops-1:p%40ss@");
    let endpoint = Endpoint::at(&url);
    assert!(!format!("{endpoint:?}").contains("p%40ss"));
    let client = open(&endpoint).await;
    assert_eq!(client.place(), Text::from(stub.url.as_str()));
    client.instant("up", None).await.unwrap();
    // "ops-1:p@ss" in base64, as the server's lower-case log has it
    assert!(stub.seen().head.contains("\r\nauthorization: basic b3bzlte6cebzcw=="), "{}", stub.seen().head);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_used_says_why() {
    install_tls();
    let ca = |path: &str| Endpoint {
        ca_file: Some(path.into()),
        ..Endpoint::at("https://prometheus.example.com")
    };
    let empty = tempfile::NamedTempFile::new().unwrap();
    let bad_tenant = Endpoint { tenant: Some("a\nb".to_owned()), ..Endpoint::at("http://localhost") };
    let bad_token = Endpoint {
        credentials: Credentials::Bearer(SecretString::from("a\nb")),
        ..Endpoint::at("http://localhost")
    };
    for (endpoint, words) in [
        (Endpoint::at("prometheus"), "is not a URL such as"),
        (Endpoint::at("prometheus.example.com:9090"), "must begin with http"),
        (ca("/nowhere/ca.pem"), "CA file /nowhere/ca.pem: "),
        (ca(&empty.path().display().to_string()), "no certificate"),
        (bad_tenant, "the tenant for Prometheus"),
        (bad_token, "the bearer token for Prometheus"),
    ] {
        let error = Direct::open(&endpoint).await.err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test]
async fn through_the_service_proxy_queries_are_reads() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let call: ProxyFn = Arc::new(move |call| {
        record.lock().unwrap().push(call);
        Box::pin(async {
            Ok((200, success("matrix", r#"[{"metric":{},"values":[[15,"1"],[45,"NaN"]]}]"#).into()))
        })
    });
    let to = ServicePort {
        namespace: "monitoring".into(),
        service: "prometheus-k8s".into(),
        port: 9090,
        https: false,
    };
    let client = Client::new(Transport::ServiceProxy { to, prefix: "", call });
    let at = |seconds| Time::from_timestamp(seconds, 0).unwrap();
    let span = Span { start: at(0), end: at(45), step: std::time::Duration::from_secs(15) };
    let series = client.range("a{b=~\"c|d\"} + 1", span).await.unwrap();
    assert_eq!(series[0].points.iter().map(|(at, _)| at.timestamp()).collect::<Vec<_>>(), [15, 45]);
    assert_eq!(
        seen.lock().unwrap()[0].path_and_query,
        "/api/v1/query_range?query=a%7Bb%3D~%22c%7Cd%22%7D%20%2B%201&start=0.000&end=45.000&step=15"
    );
    assert_eq!(client.place().as_str(), "monitoring/prometheus-k8s:9090");
}
