//! The HTTP API of Prometheus.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, State};
use axum::http::{Request, Uri};
use axum::response::Response;
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::kubernetes::Call;
use super::{Shared, respond};
use crate::sim::promql::{self, Expression, Outcome, QueryError, Row};
use crate::sim::world::clock::{self, Time, in_seconds};
use crate::sim::world::traffic::Series;

/// Most points of one series that a range query gives.
const POINT_LIMIT: i64 = 11_000;

/// Answers a request to Prometheus' own address.
pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response {
    if shared.world().faults.metrics_down {
        return respond::text(503, "Service Unavailable");
    }
    let (parts, body) = request.into_parts();
    let mut query = decode(&parts.uri);
    if let Ok(form) = to_bytes(body, 1 << 20).await
        && let Ok(text) = std::str::from_utf8(&form)
        && let Ok(uri) = format!("/?{text}").parse::<Uri>()
    {
        query.extend(decode(&uri));
    }
    serve(&shared, parts.uri.path(), &query)
}

/// Answers a request that came through the API server's proxy.
pub(super) fn answer(shared: &Arc<Shared>, path: &str, call: &Call) -> Response {
    let mut query = call.query.clone();
    if call.content_type.starts_with("application/x-www-form-urlencoded")
        && let Ok(text) = std::str::from_utf8(&call.body)
        && let Ok(uri) = format!("/?{text}").parse::<Uri>()
    {
        query.extend(decode(&uri));
    }
    serve(shared, path, &query)
}

type Parameters = BTreeMap<String, String>;

fn decode(uri: &Uri) -> Parameters {
    // A repeated parameter (`match[]`) is rare: the last one counts.
    Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|query| query.0.into_iter().collect())
        .unwrap_or_default()
}

fn serve(shared: &Shared, path: &str, query: &Parameters) -> Response {
    let result = match path.trim_end_matches('/') {
        "/-/healthy" => return respond::text(200, "Prometheus Server is Healthy.\n"),
        "/-/ready" => return respond::text(200, "Prometheus Server is Ready.\n"),
        "/api/v1/query" => instant(shared, query),
        "/api/v1/query_range" => range(shared, query),
        "/api/v1/series" => series(shared, query).map(|all| json!(all)),
        "/api/v1/labels" => label_names(shared, query),
        "/api/v1/status/buildinfo" => {
            Ok(json!({"version": "3.5.0", "revision": "simulated", "goVersion": "none"}))
        }
        other => match other.strip_prefix("/api/v1/label/").and_then(|rest| rest.strip_suffix("/values")) {
            Some(label) => label_values(shared, label, query),
            None => return respond::text(404, "404 page not found\n"),
        },
    };
    match result {
        Ok(data) => respond::json(200, &json!({"status": "success", "data": data})),
        Err(error) => {
            let error = json!({"status": "error", "errorType": "bad_data", "error": error.to_string()});
            respond::json(400, &error)
        }
    }
}

fn instant(shared: &Shared, query: &Parameters) -> Result<Value, QueryError> {
    let expression = parsed(query, "query")?;
    let at = time(query, "time")?.unwrap_or_else(|| shared.world().now());
    let data = expression.read(&shared.world().traffic, at, at);
    Ok(match promql::evaluate(&expression, &data, &[at])? {
        Outcome::Scalar(values) => {
            let value = values.first().copied().unwrap_or(f64::NAN);
            json!({"resultType": "scalar", "result": point(at, value)})
        }
        Outcome::Vector(rows) => {
            let rows: Vec<Value> = rows
                .into_iter()
                .filter_map(|row| {
                    let value = row.values.first().copied().flatten()?;
                    Some(json!({"metric": row.labels, "value": point(at, value)}))
                })
                .collect();
            json!({"resultType": "vector", "result": rows})
        }
        Outcome::Matrix(matrix) => {
            let rows: Vec<Value> = matrix
                .into_iter()
                .map(|Series { labels, samples }| {
                    let values: Vec<Value> =
                        samples.iter().map(|(time, value)| point(*time, *value)).collect();
                    json!({"metric": labels, "values": values})
                })
                .collect();
            json!({"resultType": "matrix", "result": rows})
        }
    })
}

fn range(shared: &Shared, query: &Parameters) -> Result<Value, QueryError> {
    let expression = parsed(query, "query")?;
    let start = time(query, "start")?.ok_or(QueryError::Parameter("start"))?;
    let end = time(query, "end")?.ok_or(QueryError::Parameter("end"))?;
    let step = step(query)?;
    let count = (end - start).num_milliseconds() / step.num_milliseconds();
    if !(0..=POINT_LIMIT).contains(&count) {
        return Err(QueryError::Parameter("step"));
    }
    let steps: Vec<Time> =
        std::iter::successors(Some(start), |at| Some(*at + step)).take_while(|at| *at <= end).collect();
    let data = expression.read(&shared.world().traffic, start, end);
    let rows = match promql::evaluate(&expression, &data, &steps)? {
        Outcome::Scalar(values) => {
            vec![Row { labels: BTreeMap::new(), values: values.into_iter().map(Some).collect() }]
        }
        Outcome::Vector(rows) => rows,
        Outcome::Matrix(_) => {
            return Err(QueryError::Type("a range query needs an instant vector or a scalar"));
        }
    };
    let result: Vec<Value> = rows
        .into_iter()
        .filter_map(|row| {
            let values: Vec<Value> =
                steps.iter().zip(row.values).filter_map(|(at, value)| Some(point(*at, value?))).collect();
            (!values.is_empty()).then(|| json!({"metric": row.labels, "values": values}))
        })
        .collect();
    Ok(json!({"resultType": "matrix", "result": result}))
}

fn series(shared: &Shared, query: &Parameters) -> Result<Vec<BTreeMap<String, String>>, QueryError> {
    let expression = match query.get("match[]").or_else(|| query.get("match")) {
        Some(text) => promql::parse(text)?,
        None => promql::parse("{__name__=~\".+\"}")?,
    };
    let world = shared.world();
    let now = world.now();
    let data = expression.read(&world.traffic, now, now);
    Ok(data.into_iter().flatten().map(|series| series.labels).collect())
}

fn label_names(shared: &Shared, query: &Parameters) -> Result<Value, QueryError> {
    let names: BTreeSet<String> = series(shared, query)?.into_iter().flat_map(BTreeMap::into_keys).collect();
    Ok(json!(names))
}

fn label_values(shared: &Shared, label: &str, query: &Parameters) -> Result<Value, QueryError> {
    let values: BTreeSet<String> =
        series(shared, query)?.into_iter().filter_map(|mut labels| labels.remove(label)).collect();
    Ok(json!(values))
}

fn parsed(query: &Parameters, name: &'static str) -> Result<Expression, QueryError> {
    promql::parse(query.get(name).ok_or(QueryError::Parameter(name))?)
}

/// A time as Unix seconds or RFC 3339; `None` when absent.
fn time(query: &Parameters, name: &'static str) -> Result<Option<Time>, QueryError> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let seconds = text.parse::<f64>().ok().map(|seconds| DateTime::UNIX_EPOCH + clock::seconds(seconds));
    seconds.or_else(|| clock::parse(text)).map(Some).ok_or(QueryError::Parameter(name))
}

/// A step as seconds or as a duration; never shorter than a second.
fn step(query: &Parameters) -> Result<TimeDelta, QueryError> {
    let text = query.get("step").ok_or(QueryError::Parameter("step"))?;
    let step = match text.parse::<f64>() {
        Ok(seconds) => clock::seconds(seconds),
        Err(_) => promql::duration(text)?,
    };
    if step < TimeDelta::milliseconds(100) { Err(QueryError::Parameter("step")) } else { Ok(step) }
}

/// A sample as Prometheus writes it: seconds as a number, the value as text.
fn point(time: Time, value: f64) -> Value {
    let text = match value {
        value if value.is_nan() => "NaN".to_owned(),
        value if value.is_infinite() => if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
        value => value.to_string(),
    };
    json!([in_seconds(time - DateTime::UNIX_EPOCH), text])
}
