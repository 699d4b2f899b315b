//! A Prometheus behind a Service proxy: it answers what it is told to, and counts.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::model::Text;
use crate::model::ids::{Name, Namespace};
use crate::telemetry::Clock;
use crate::telemetry::find::{Search, SeenService};
use crate::telemetry::prometheus::ProxyCall;

/// How the source behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Alive,
    /// No connection.
    Dead,
    /// Connections, and no word.
    Hanging,
    /// It answers, but scraped its targets so many seconds ago for the last time.
    ScrapedAgo(i64),
    /// It answers, and its targets are gone.
    TargetsGone,
    /// It has no metric that is known here.
    Empty,
}

struct State {
    mood: Mood,
    ahead: TimeDelta,
    /// Query texts with the moment they came.
    asked: Vec<(Instant, String)>,
    in_flight: Vec<String>,
    overlapped: bool,
}

#[derive(Clone)]
pub(super) struct Source {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

impl Source {
    pub(super) fn alive(clock: Clock) -> Self {
        let state = State {
            mood: Mood::Alive,
            ahead: TimeDelta::zero(),
            asked: Vec::new(),
            in_flight: Vec::new(),
            overlapped: false,
        };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    pub(super) fn set(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    /// Puts its clock ahead of the console's.
    pub(super) fn put_ahead(&self, ahead: TimeDelta) {
        self.state.lock().unwrap().ahead = ahead;
    }

    pub(super) fn asked(&self) -> Vec<(Instant, String)> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Whether one query was sent while the same was still under way.
    pub(super) fn overlapped(&self) -> bool {
        self.state.lock().unwrap().overlapped
    }

    pub(super) fn search(&self) -> Search {
        let service = SeenService {
            namespace: Namespace::new("monitoring"),
            name: Name::new("prometheus-k8s"),
            ports: vec![(None, 9090)],
            ..SeenService::default()
        };
        let own = self.clone();
        Search::Services {
            list: Arc::new(move || {
                let listed = Ok(vec![service.clone()]);
                Box::pin(async move { listed })
            }),
            call: Arc::new(move |call| {
                let own = own.clone();
                Box::pin(async move { own.answer(&call).await })
            }),
        }
    }

    async fn answer(&self, call: &ProxyCall) -> Result<(u16, Vec<u8>), Text> {
        let query = parameter(&call.path_and_query, "query").unwrap();
        let under_way = format!("{} {query}", call.path_and_query.split('?').next().unwrap());
        let mood = {
            let mut state = self.state.lock().unwrap();
            state.asked.push((Instant::now(), query.clone()));
            state.overlapped |= state.in_flight.contains(&under_way);
            state.in_flight.push(under_way.clone());
            state.mood
        };
        // the way there and back
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        if mood == Mood::Hanging {
            self.arrived(&under_way);
            std::future::pending::<()>().await;
        }
        self.arrived(&under_way);
        if mood == Mood::Dead {
            return Err(Text::from("connection refused"));
        }
        let body = json!({ "status": "success", "data": self.data(call, &query, mood) });
        Ok((200, body.to_string().into_bytes()))
    }

    fn arrived(&self, under_way: &str) {
        let mut state = self.state.lock().unwrap();
        let at = state.in_flight.iter().position(|one| one == under_way);
        at.map(|at| state.in_flight.remove(at));
    }

    fn data(&self, call: &ProxyCall, query: &str, mood: Mood) -> Value {
        let source_now = (self.clock)() + self.state.lock().unwrap().ahead;
        let seconds = |name| parameter(&call.path_and_query, name).map(|raw| raw.parse::<f64>().unwrap());
        if let (Some(start), Some(end), Some(step)) = (seconds("start"), seconds("end"), seconds("step")) {
            return matrix(query, start, end, step);
        }
        let at =
            seconds("time").unwrap_or_else(|| (source_now - chrono::DateTime::UNIX_EPOCH).as_seconds_f64());
        let vector = |series: Vec<Value>| json!({ "resultType": "vector", "result": series });
        let sample =
            |labels: Value, value: f64| json!({ "metric": labels, "value": [at, value.to_string()] });
        if query == "vector(1)" {
            return vector(vec![sample(json!({}), 1.0)]);
        }
        if query.starts_with("count by") {
            let names = [("http_requests_total", "200"), ("http_request_duration_seconds_bucket", "")];
            let series = names.map(|(name, code)| sample(json!({ "__name__": name, "code": code }), 1.0));
            return vector(if mood == Mood::Empty { Vec::new() } else { series.into() });
        }
        let value = match (query.contains("timestamp("), mood) {
            (true, Mood::TargetsGone) => return vector(Vec::new()),
            (true, Mood::ScrapedAgo(ago)) => at - f64::from(i32::try_from(ago).unwrap()),
            (true, _) => at - 3.0,
            (false, _) if query.contains("100 * ") => 2.0,
            (false, _) => 50.0,
        };
        vector(sides(query).into_iter().map(|side| sample(json!({ "side": side }), value)).collect())
    }
}

fn matrix(query: &str, start: f64, end: f64, step: f64) -> Value {
    let times = std::iter::successors(Some(start), |at| Some(at + step)).take_while(|at| *at <= end);
    let values: Vec<Value> = times.map(|at| json!([at, "40"])).collect();
    let series = sides(query).into_iter().map(|side| json!({ "metric": { "side": side }, "values": values }));
    json!({ "resultType": "matrix", "result": series.collect::<Vec<_>>() })
}

/// The sides that a query asks about.
fn sides(query: &str) -> Vec<&'static str> {
    ["stable", "candidate"]
        .into_iter()
        .filter(|side| query.contains(&format!("\"side\", \"{side}\"")))
        .collect()
}

/// A parameter of a URL, decoded.
fn parameter(path_and_query: &str, name: &str) -> Option<String> {
    let (_, parameters) = path_and_query.split_once('?')?;
    let raw = parameters.split('&').find_map(|one| one.strip_prefix(name)?.strip_prefix('='))?;
    let mut bytes = Vec::new();
    let mut rest = raw;
    while let Some((plain, escaped)) = rest.split_once('%') {
        bytes.extend_from_slice(plain.as_bytes());
        bytes.push(u8::from_str_radix(&escaped[..2], 16).unwrap());
        rest = &escaped[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}
