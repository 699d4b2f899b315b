//! Reads answers of the query API (<https://prometheus.io/docs/prometheus/latest/querying/api/>).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::error::QueryError;
use crate::model::{Text, Time};

/// Longest excerpt of a body that is not an answer.
const EXCERPT: usize = 200;

/// One sample of an instant vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// When the expression was evaluated, by the source's clock.
    pub evaluated: Time,
    /// The value; may be NaN or infinite.
    pub value: f64,
}

/// One series of a range query.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Values, oldest first; steps without a value are absent.
    pub points: Vec<(Time, f64)>,
}

/// What a query evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Vector(Vec<Sample>),
    Matrix(Vec<Series>),
    Scalar(Sample),
}

/// The envelope: that of Prometheus, and the two fields of the API server's own errors (`message`, `kind: Status`).
#[derive(Deserialize)]
struct Body {
    status: String,
    data: Option<Data>,
    #[serde(rename = "errorType")]
    error_type: Option<String>,
    error: Option<String>,
    message: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
    /// `VictoriaMetrics`: some storage nodes did not answer.
    #[serde(default, rename = "isPartial")]
    is_partial: bool,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    result_type: String,
    result: Value,
}

#[derive(Deserialize)]
struct RawSample {
    metric: BTreeMap<String, String>,
    value: (f64, String),
}

#[derive(Deserialize)]
struct RawSeries {
    metric: BTreeMap<String, String>,
    values: Vec<(f64, String)>,
}

/// Reads status and body of one HTTP answer.
pub(super) fn read(status: u16, body: &[u8]) -> Result<Answer, QueryError> {
    let parsed = serde_json::from_slice::<Body>(body);
    match status {
        200 => complete(parsed.map_err(|error| malformed(&error, body))?),
        401 | 403 => Err(QueryError::Refused { status, said: said(parsed.ok()) }),
        _ => Err(match parsed {
            Ok(Body { error_type: Some(kind), error, .. }) => rejected(&kind, error.as_deref()),
            Ok(other) => QueryError::Http { status, said: said(Some(other)) },
            Err(_) => QueryError::Http { status, said: excerpt(body) },
        }),
    }
}

fn complete(body: Body) -> Result<Answer, QueryError> {
    if body.status != "success" {
        return Err(rejected(body.error_type.as_deref().unwrap_or("error"), body.error.as_deref()));
    }
    if !body.warnings.is_empty() {
        return Err(QueryError::Partial(Text::from(body.warnings.join("; "))));
    }
    if body.is_partial {
        return Err(QueryError::Partial(Text::from("some storage nodes did not answer")));
    }
    let data = body.data.ok_or_else(|| QueryError::Malformed(Text::from("success without data")))?;
    result(data)
}

fn result(data: Data) -> Result<Answer, QueryError> {
    match data.result_type.as_str() {
        "vector" => {
            let raw: Vec<RawSample> = typed(data.result)?;
            raw.into_iter()
                .map(|one| sample(one.metric, &one.value))
                .collect::<Result<_, _>>()
                .map(Answer::Vector)
        }
        "matrix" => {
            let raw: Vec<RawSeries> = typed(data.result)?;
            raw.into_iter().map(series).collect::<Result<_, _>>().map(Answer::Matrix)
        }
        "scalar" => sample(BTreeMap::new(), &typed(data.result)?).map(Answer::Scalar),
        other => Err(QueryError::Malformed(Text::from(format!("a result of type {other}")))),
    }
}

fn typed<T: serde::de::DeserializeOwned>(result: Value) -> Result<T, QueryError> {
    serde_json::from_value(result).map_err(|error| QueryError::Malformed(Text::from(error.to_string())))
}

fn sample(labels: BTreeMap<String, String>, raw: &(f64, String)) -> Result<Sample, QueryError> {
    let (evaluated, value) = point(raw)?;
    Ok(Sample { labels, evaluated, value })
}

fn series(raw: RawSeries) -> Result<Series, QueryError> {
    let points = raw.values.iter().map(point).collect::<Result<_, _>>()?;
    Ok(Series { labels: raw.metric, points })
}

fn point((seconds, value): &(f64, String)) -> Result<(Time, f64), QueryError> {
    let at = time_of(*seconds).ok_or_else(|| QueryError::Malformed(Text::from("a time out of range")))?;
    // Rust reads `NaN`, `+Inf` and `-Inf` as Prometheus writes them
    let value =
        value.parse().map_err(|_| QueryError::Malformed(Text::from(format!("the value {value:?}"))))?;
    Ok((at, value))
}

/// Unix seconds as a point in time, to the millisecond.
pub(in crate::telemetry) fn time_of(seconds: f64) -> Option<Time> {
    /// Year 9999.
    const LAST: f64 = 253_402_300_799.0;
    if !(0.0..=LAST).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
    Time::from_timestamp_millis((seconds * 1000.0).round() as i64)
}

/// A point in time as unix seconds with three decimals, the form of the API's parameters.
#[must_use]
pub fn seconds_of(time: Time) -> String {
    let millis = time.timestamp_millis();
    format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000))
}

fn rejected(kind: &str, error: Option<&str>) -> QueryError {
    QueryError::Rejected { kind: Text::from(kind), said: Text::from(error.unwrap_or("no reason given")) }
}

fn said(body: Option<Body>) -> Text {
    body.and_then(|body| body.message.or(body.error)).map(Text::from).unwrap_or_default()
}

fn malformed(error: &serde_json::Error, body: &[u8]) -> QueryError {
    QueryError::Malformed(Text::from(format!("{error}: {}", excerpt(body))))
}

fn excerpt(body: &[u8]) -> Text {
    let end = body.len().min(EXCERPT);
    Text::from(String::from_utf8_lossy(&body[..end]).into_owned())
}
