//! A source behind a service proxy that answers by what a query begins with.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::model::ids::{MetricId, Name, Namespace};
use crate::model::measure::Share;
use crate::model::reading::Point;
use crate::model::series::Side;
use crate::telemetry::prometheus::{ProxyFn, ServicePort, Transport};

const NOW: i64 = 1_796_000_400;

fn now() -> Time {
    Time::from_timestamp(NOW, 0).unwrap()
}

fn time() -> SourceTime {
    SourceTime { now: now(), ahead: TimeDelta::seconds(10) }
}

fn vector(all: &[(&[(&str, &str)], &str)]) -> Value {
    let result: Vec<Value> = all
        .iter()
        .map(|(labels, value)| {
            let metric: serde_json::Map<String, Value> =
                labels.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            json!({"metric": metric, "value": [NOW, value]})
        })
        .collect();
    json!({"status": "success", "data": {"resultType": "vector", "result": result}})
}

/// Asks `ask` of a source whose answers `answer` gives by the query's text; what was asked comes back too.
async fn asked(ask: &MetricAsk, answer: fn(&str) -> Value) -> (MetricReading, Vec<String>) {
    let texts = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&texts);
    let call: ProxyFn = Arc::new(move |call| {
        let query = call.path_and_query.split("query=").nth(1).unwrap_or_default();
        let query = decoded(query.split('&').next().unwrap_or_default());
        let body = answer(&query).to_string().into_bytes();
        seen.lock().unwrap().push(query);
        Box::pin(async move { Ok((200, body)) })
    });
    let to = ServicePort {
        namespace: Namespace::new("monitoring"),
        service: Name::new("prometheus"),
        port: 9090,
        https: false,
    };
    let reading = read(&Client::new(Transport::ServiceProxy { to, prefix: "", call }), ask, time()).await;
    let texts = texts.lock().unwrap().clone();
    (reading, texts)
}

fn decoded(raw: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex: String = rest.by_ref().take(2).map(char::from).collect();
            bytes.push(u8::from_str_radix(&hex, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn ask(query: &str) -> MetricAsk {
    MetricAsk {
        id: MetricId::new("err"),
        query: Query(query.to_owned()),
        samples: None,
        versions: Vec::new(),
        per_pod: false,
        window: Span::minutes(5),
        history: Span::ZERO,
        period: Span(15),
    }
}

/// The newest sample is 5 s old, all 20 of the window are there, the value is 0.4.
fn sound(query: &str) -> Value {
    if query.contains("timestamp(") {
        vector(&[(&[("selector", "0")], "1796000395"), (&[("selector", "1")], "1796000398")])
    } else if query.contains("count_over_time(") {
        vector(&[(&[("selector", "0")], "4"), (&[("selector", "1")], "20")])
    } else if query.contains("increase(") {
        vector(&[(&[], "1840")])
    } else {
        vector(&[(&[], "0.4")])
    }
}

#[tokio::test]
async fn a_value_comes_with_its_own_time_its_samples_and_its_coverage() {
    let ask = MetricAsk {
        samples: Some(Query("sum(increase(r{v=\"${version}\"}[${window}]))".into())),
        versions: vec![(Side::Candidate, "1.1\"x".into())],
        ..ask("sum(rate(e{v=\"${version}\"}[${window}])) / sum(rate(r{v=\"${version}\"}[${window}]))")
    };
    let (reading, texts) = asked(&ask, sound).await;
    let measured = &reading.sides[&Side::Candidate];
    // as old as its older part, in this console's clock, which is ten seconds behind
    assert_eq!(measured.last, Some(Point { at: now() - TimeDelta::seconds(15), value: 0.4 }));
    assert_eq!((measured.series, &measured.fault), (1, &None));
    assert_eq!((measured.samples, measured.coverage), (Some(1840.0), Some(Share(100.0))));
    assert_eq!(reading.total, None, "a query for one version says nothing about all");
    assert!(texts.iter().any(|text| text.contains("sum(rate(e{v=\"1.1\\\"x\"}[300s]))")), "{texts:?}");
}

#[tokio::test]
async fn several_series_nan_and_errors_stay_what_they_are() {
    let (several, _) = asked(&ask("x"), |query| {
        if query == "x" { vector(&[(&[("a", "1")], "1"), (&[("a", "2")], "2")]) } else { sound(query) }
    })
    .await;
    assert_eq!(several.total.unwrap().series, 2);
    let (nan, _) =
        asked(&ask("x"), |query| if query == "x" { vector(&[(&[], "NaN")]) } else { sound(query) }).await;
    assert!(nan.total.unwrap().last.unwrap().value.is_nan());
    let (partial, _) = asked(&ask("x"), |query| {
        let mut answer = sound(query);
        answer["warnings"] = json!(["a store did not answer"]);
        answer
    })
    .await;
    assert!(partial.total.unwrap().fault.unwrap().as_str().contains("a store did not answer"));
}

#[tokio::test]
async fn a_value_without_an_age_never_counts() {
    let (reading, _) = asked(&ask("vector(1)"), sound).await;
    let total = reading.total.unwrap();
    assert!(total.last.is_none() && total.fault.unwrap().as_str().contains("names no series"));
    let (gone, _) =
        asked(&ask("x"), |query| if query.contains("timestamp(") { vector(&[]) } else { sound(query) }).await;
    assert_eq!(gone.total.unwrap().last, None);
}

#[tokio::test]
async fn each_pod_has_its_own_value_and_time() {
    let ask = MetricAsk { per_pod: true, ..ask("sum by (pod) (m)") };
    let (reading, _) = asked(&ask, |query| {
        let (a, b) = (&[("pod", "api-a")][..], &[("pod", "api-b")][..]);
        if query.contains("timestamp(") {
            vector(&[(a, "1796000395"), (b, "1796000200"), (&[("pod", "api-c")], "1796000395")])
        } else if query.contains("count_over_time(") {
            vector(&[(a, "20"), (b, "7")])
        } else {
            vector(&[(a, "5"), (b, "6")])
        }
    })
    .await;
    let pod = |name: &str| reading.pods[&Name::new(name)].clone();
    assert_eq!(pod("api-a").last.map(|point| point.value), Some(5.0));
    assert_eq!(pod("api-b").last.map(|point| (now() - point.at).num_seconds()), Some(210));
    assert_eq!(pod("api-b").coverage, Some(Share(35.0)));
    assert_eq!((pod("api-c").last, pod("api-c").series), (None, 0));
}

#[tokio::test]
async fn a_quantile_brings_the_buckets_behind_it() {
    let (reading, texts) =
        asked(&ask("histogram_quantile(0.95, sum by (le) (rate(d_bucket[${window}])))"), |query| {
            if query.starts_with("sum by (le) (increase(") {
                vector(&[(&[("le", "+Inf")], "100"), (&[("le", "0.1")], "60"), (&[("le", "0.5")], "90")])
            } else {
                sound(query)
            }
        })
        .await;
    let buckets = reading.total.unwrap().buckets.unwrap();
    assert_eq!((buckets.bounds, buckets.counts), (vec![0.1, 0.5, f64::INFINITY], vec![60.0, 30.0, 10.0]));
    assert!(texts.contains(&"sum by (le) (increase(d_bucket[300s]))".to_owned()), "{texts:?}");
}

#[tokio::test]
async fn the_past_is_asked_for_where_a_rule_looks_back() {
    let past = |labels: Value| {
        let values = json!([[NOW - 30, "1"], [NOW - 15, "NaN"], [NOW, "3"]]);
        let series = vec![Series {
            labels: serde_json::from_value(labels).unwrap(),
            points: values
                .as_array()
                .unwrap()
                .iter()
                .map(|one| {
                    let at = Time::from_timestamp(one[0].as_i64().unwrap(), 0).unwrap();
                    (at, one[1].as_str().unwrap().parse().unwrap())
                })
                .collect(),
        }];
        Answered {
            values: Ok(Vec::new()),
            ages: Some(Ok(Vec::new())),
            past: Some(Ok(series)),
            ..Answered::failed(Text::default())
        }
    };
    let points = measured(&past(json!({})), &ask("x"), time()).points;
    assert_eq!(points.first(), Some(&Point { at: now() - TimeDelta::seconds(40), value: 1.0 }));
    assert_eq!(points.len(), 3);
    let of_pods = by_pod(&past(json!({"pod": "api-a"})), &ask("x"), time());
    assert!(of_pods.is_empty(), "the past alone makes no pod");
    let (_, texts) = asked(&MetricAsk { history: Span::minutes(30), ..ask("x") }, sound).await;
    assert_eq!(texts.iter().filter(|text| *text == "x").count(), 2, "{texts:?}");
}
