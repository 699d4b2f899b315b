//! No shape of answer but exactly one fresh finite value may decide.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::telemetry::prometheus::{Client, ProxyFn, ServicePort, Transport};

const STALE_AFTER: Duration = Duration::from_secs(50);

/// What a server answers, as HTTP has it.
#[derive(Clone, Debug)]
struct Shape {
    status: u16,
    word: &'static str,
    result_type: &'static str,
    /// Label `side` and value of each series.
    series: Vec<(Option<&'static str>, &'static str)>,
    warnings: bool,
    partial: bool,
    cut_off: bool,
}

impl Shape {
    fn body(&self) -> Vec<u8> {
        let series = self.series.iter().map(|(side, value)| {
            let labels = side.map_or_else(|| json!({}), |side| json!({ "side": side }));
            json!({ "metric": labels, "value": [1000.0, value] })
        });
        let result = match self.result_type {
            "vector" => series.collect(),
            "matrix" => json!([{ "metric": { "side": "stable" }, "values": [[1000.0, "1"]] }]),
            _ => json!([1000.0, "1"]),
        };
        let mut body =
            json!({ "status": self.word, "data": { "resultType": self.result_type, "result": result } });
        if self.warnings {
            body["warnings"] = json!(["a store did not answer"]);
        }
        if self.partial {
            body["isPartial"] = json!(true);
        }
        let mut body = body.to_string().into_bytes();
        if self.cut_off {
            body.truncate(body.len() / 2);
        }
        body
    }

    /// Whether this is one finite value for the stable side, wholly and successfully answered.
    fn is_one_value(&self) -> bool {
        let own: Vec<&str> =
            self.series.iter().filter(|(side, _)| *side == Some("stable")).map(|(_, value)| *value).collect();
        self.status == 200
            && self.word == "success"
            && self.result_type == "vector"
            && !(self.warnings || self.partial || self.cut_off)
            && self.series.iter().all(|(_, value)| value.parse::<f64>().is_ok())
            && matches!(own[..], [value] if value.parse::<f64>().is_ok_and(f64::is_finite))
    }

    /// The outcome, through the client.
    fn outcome(&self) -> Outcome {
        let (status, body) = (self.status, self.body());
        let call: ProxyFn = Arc::new(move |_| {
            let answer = Ok((status, body.clone()));
            Box::pin(async move { answer })
        });
        let to =
            ServicePort { namespace: "m".into(), service: "prometheus".into(), port: 9090, https: false };
        let client = Client::new(Transport::ServiceProxy { to, prefix: "", call });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(client.instant("x", None))
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let rarely = || prop::bool::weighted(0.2);
    let value = prop_oneof![
        3 => prop::sample::select(vec!["0", "1", "-1", "1e308", "0.5"]),
        1 => prop::sample::select(vec!["NaN", "+Inf", "-Inf", "", "x"]),
    ];
    let side = prop_oneof![4 => Just(Some("stable")), 1 => Just(Some("candidate")), 1 => Just(None)];
    (
        prop_oneof![6 => Just(200_u16), 1 => prop::sample::select(vec![204, 301, 400, 401, 403, 422, 500, 503])],
        prop_oneof![4 => Just("success"), 1 => Just("error")],
        prop_oneof![4 => Just("vector"), 1 => prop::sample::select(vec!["matrix", "scalar", "string"])],
        prop::collection::vec((side, value), 0..4),
        rarely(),
        rarely(),
        rarely(),
    )
        .prop_map(|(status, word, result_type, series, warnings, partial, cut_off)| Shape {
            status,
            word,
            result_type,
            series,
            warnings,
            partial,
            cut_off,
        })
}

fn ages() -> impl Strategy<Value = Age> {
    prop_oneof![
        3 => (-20.0..40.0_f64).prop_map(Age::Seconds),
        1 => (50.1..4e9_f64).prop_map(Age::Seconds),
        1 => (-4e9..-50.1_f64).prop_map(Age::Seconds),
        1 => Just(Age::Seconds(f64::NAN)),
        1 => Just(Age::Gone { at_most: 3.0 }),
        1 => Just(Age::Unknown(Text::from("no answer"))),
    ]
}

proptest! {
    // a failure prints its smallest case; nothing is written beside the sources
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_shape_but_exactly_one_fresh_finite_value_decides(shape in shapes(), age in ages()) {
        let fresh = matches!(age, Age::Seconds(seconds) if seconds.abs() <= STALE_AFTER.as_secs_f64());
        let reading = reading(&shape.outcome(), Side::Stable, &age, STALE_AFTER);
        prop_assert_eq!(reading.value().is_some(), shape.is_one_value() && fresh, "{:?}", reading);
        prop_assert_eq!(reading.why_not().is_none(), reading.value().is_some());
    }
}

fn vector(series: &[(Option<&'static str>, &'static str)]) -> Shape {
    Shape {
        status: 200,
        word: "success",
        result_type: "vector",
        series: series.to_vec(),
        warnings: false,
        partial: false,
        cut_off: false,
    }
}

#[test]
fn each_shape_is_named_for_what_it_is() {
    const FRESH: Age = Age::Seconds(3.0);
    let stable = Some("stable");
    let one = vector(&[(stable, "7")]);
    let said = |shape: &Shape, age: &Age| reading(&shape.outcome(), Side::Stable, age, STALE_AFTER);
    assert_eq!(said(&one, &FRESH), Reading::Value(7.0));
    assert_eq!(said(&vector(&[]), &FRESH), Reading::NoData);
    assert_eq!(said(&vector(&[(Some("candidate"), "7")]), &FRESH), Reading::NoData);
    assert_eq!(said(&vector(&[(stable, "NaN")]), &FRESH), Reading::NotFinite);
    assert_eq!(said(&vector(&[(stable, "+Inf")]), &FRESH), Reading::NotFinite);
    assert_eq!(said(&vector(&[(stable, "1"), (stable, "1")]), &FRESH), Reading::Several);
    assert_eq!(said(&one, &Age::Seconds(61.0)), Reading::Stale { age_seconds: 61 });
    assert_eq!(said(&one, &Age::Gone { at_most: 12.0 }), Reading::Stale { age_seconds: 12 });
    for faulty in [Shape { warnings: true, ..one.clone() }, Shape { cut_off: true, ..one }] {
        assert!(matches!(said(&faulty, &FRESH), Reading::Failed(_)), "{faulty:?}");
    }
}

#[test]
fn the_age_is_measured_by_the_sources_clock_alone() {
    let sampled = |series: &[(Option<&'static str>, &'static str)]| vector(series).outcome();
    let of = |outcome: &Outcome| age(outcome, Side::Stable, 1000.0, 60.0);
    assert_eq!(of(&sampled(&[(Some("stable"), "988.5")])), Age::Seconds(11.5));
    assert_eq!(of(&sampled(&[])), Age::Gone { at_most: 60.0 });
    for odd in [vec![(Some("stable"), "NaN")], vec![(Some("stable"), "1"), (Some("stable"), "2")]] {
        assert!(matches!(of(&sampled(&odd)), Age::Unknown(_)), "{odd:?}");
    }
}
