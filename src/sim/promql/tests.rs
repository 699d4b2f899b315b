//! Queries over a hand-made store.

use chrono::{DateTime, TimeDelta};

use super::{Labels, Outcome, QueryError, Row, evaluate, parse};
use crate::sim::world::clock::Time;
use crate::sim::world::traffic::Series;

fn at(seconds: i64) -> Time {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

/// Two pods; `a` counts 2 requests a second, one in four of them failing, `b` counts 1.
fn store() -> Vec<Series> {
    let counter = |pod: &str, code: &str, rate: f64| {
        series(&[("__name__", "requests"), ("pod", pod), ("code", code)], rate)
    };
    let bucket = |le: &str, rate: f64| series(&[("__name__", "latency_bucket"), ("le", le)], rate);
    vec![
        counter("a", "200", 1.5),
        counter("a", "500", 0.5),
        counter("b", "200", 1.0),
        bucket("0.1", 5.0),
        bucket("0.5", 9.0),
        bucket("+Inf", 10.0),
    ]
}

fn series(labels: &[(&str, &str)], rate: f64) -> Series {
    Series {
        labels: labels.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect(),
        samples: (0..=600_u32).map(|second| (at(i64::from(second)), f64::from(second) * rate)).collect(),
    }
}

fn ask(query: &str) -> Result<Vec<(String, f64)>, QueryError> {
    let expression = parse(query)?;
    let data: Vec<Vec<Series>> = expression
        .selectors
        .iter()
        .map(|selector| {
            let takes = |series: &Series| {
                selector.matchers.iter().all(|matcher| {
                    (matcher.accepts)(series.labels.get(&matcher.label).map_or("", String::as_str))
                })
            };
            store().into_iter().filter(takes).collect()
        })
        .collect();
    let rows = match evaluate(&expression, &data, &[at(600)])? {
        Outcome::Scalar(values) => {
            vec![Row { labels: Labels::new(), values: values.into_iter().map(Some).collect() }]
        }
        Outcome::Vector(rows) => rows,
        Outcome::Matrix(_) => Vec::new(),
    };
    Ok(rows.into_iter().filter_map(|row| Some((format!("{:?}", row.labels), row.values[0]?))).collect())
}

fn only(query: &str) -> f64 {
    let rows = ask(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    assert_eq!(rows.len(), 1, "{query}: {rows:?}");
    rows[0].1
}

#[test]
fn numbers_come_out_as_prometheus_gives_them() {
    for (query, expected) in [
        ("1 + 2 * 3 ^ 2", 19.0),
        ("-2 ^ 2", -4.0),
        ("sum(rate(requests[1m]))", 3.0),
        ("sum(rate(requests{code=~\"5..\"}[30s])) / sum(rate(requests{pod=\"a\"}[30s]))", 0.25),
        ("sum by (pod) (rate(requests{code!~\"5..\"}[1m])) * 2 > 2.5", 3.0),
        ("increase(requests{pod=\"b\"}[1m])", 60.0),
        ("count(requests)", 3.0),
        ("max(requests)", 900.0),
        ("sum(requests offset 10m) or vector(7)", 0.0),
        ("sum(nothing) or vector(7)", 7.0),
        ("histogram_quantile(0.5, sum by (le) (rate(latency_bucket[1m])))", 0.1),
        ("histogram_quantile(0.7, sum by (le) (rate(latency_bucket[1m])))", 0.3),
        ("histogram_quantile(0.99, rate(latency_bucket[1m]))", 0.5),
        ("topk(1, requests)", 900.0),
        ("scalar(requests{pod=\"b\"}) / 6", 100.0),
        ("count(requests > bool 400)", 3.0),
        ("absent(nothing)", 1.0),
        ("max(timestamp(requests offset 1m))", 540.0),
        (
            "count(label_replace(sum(requests), \"side\", \"a\", \"\", \"\") or label_replace(sum(requests), \"side\", \"b\", \"\", \"\"))",
            2.0,
        ),
        ("100 * (sum(rate(requests{code=\"4..\"}[60s])) or vector(0)) / sum(rate(requests[60s]))", 0.0),
    ] {
        let value = only(query);
        assert!((value - expected).abs() < 1e-9, "{query}: {value}");
    }
}

#[test]
fn a_series_that_ended_has_no_present_value() {
    let expression = parse("requests").unwrap();
    let mut ended = series(&[("__name__", "requests")], 1.0);
    ended.samples.push((at(601), f64::NAN));
    for (seconds, expected) in [(600, Some(600.0)), (602, None)] {
        let outcome = evaluate(&expression, &[vec![ended.clone()]], &[at(seconds)]).unwrap();
        let Outcome::Vector(rows) = outcome else { panic!("a vector") };
        assert_eq!(rows[0].values, [expected]);
    }
}

#[test]
fn rows_keep_the_labels_that_were_asked_for() {
    let rows = ask("sum by (pod) (rate(requests[1m]))").unwrap();
    assert_eq!(rows, [("{\"pod\": \"a\"}".to_owned(), 2.0), ("{\"pod\": \"b\"}".to_owned(), 1.0)]);
    let errors =
        ask("sum by (pod) (rate(requests{code=\"500\"}[1m])) / on (pod) sum by (pod) (rate(requests[1m]))");
    assert_eq!(errors.unwrap(), [("{\"pod\": \"a\"}".to_owned(), 0.25)]);
}

#[test]
fn what_is_not_understood_is_an_error() {
    for query in [
        "sum(",
        "requests[5m] + 1",
        "predict_linear(requests[5m], 1)",
        "requests{pod=~\"(\"}",
        "1 1",
        "{pod}",
        "",
    ] {
        assert!(ask(query).is_err(), "{query}");
    }
}
