use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::model::Time;
use crate::model::ids::{Name, Namespace};
use crate::model::kind::WorkloadKind;
use crate::model::series::{Side, Signal, SignalQuery, VersionLabel};
use crate::model::target::Target;
use crate::telemetry::prometheus::Sample;

const MINUTE: Duration = Duration::from_mins(1);

fn query() -> SignalQuery {
    SignalQuery {
        target: Target::new(WorkloadKind::Deployment, "fx", "api"),
        namespace: Namespace::new("fx"),
        sides: vec![(Side::Stable, Name::new("api-6d8f")), (Side::Candidate, Name::new("api-77c9"))],
        version_label: None,
    }
}

/// An answer to the discovery query.
fn seen(series: &[&[(&str, &str)]]) -> Vec<Sample> {
    let sample = |labels: &&[(&str, &str)]| Sample {
        labels: labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        evaluated: Time::UNIX_EPOCH,
        value: 3.0,
    };
    series.iter().map(sample).collect()
}

fn found(series: &[&[(&str, &str)]]) -> Found {
    read_discovery(&query(), &JOINS[0], &seen(series))
}

/// The stable side's part of each text.
fn texts_of_stable(found: &Found) -> BTreeMap<Signal, String> {
    let one = SignalQuery { sides: vec![(Side::Stable, Name::new("api-6d8f"))], ..query() };
    let texts = queries(&one, found, &CustomQueries::default(), MINUTE).unwrap();
    let bare = |text: String| {
        let text = text.strip_prefix("label_replace(").unwrap();
        text.strip_suffix(", \"side\", \"stable\", \"\", \"\")").unwrap().to_owned()
    };
    let sampled = texts.sampled.unwrap().unwrap();
    assert!(bare(sampled).starts_with("max(timestamp("));
    texts.signals.into_iter().map(|(signal, text)| (signal, bare(text.unwrap()))).collect()
}

#[test]
fn the_first_dialect_counts_by_code_and_measures_seconds() {
    let found = found(&[
        &[("__name__", "http_requests_total"), ("code", "200")],
        &[("__name__", "http_request_duration_seconds_bucket")],
    ]);
    assert_eq!(
        found.to_string(),
        "http_requests_total by code, http_request_duration_seconds (histogram), joined by pod"
    );
    let texts = texts_of_stable(&found);
    let own = "namespace=\"fx\", pod=~\"^api-6d8f-[a-z0-9]{5}$\"";
    assert_eq!(texts[&Signal::RequestRate], format!("sum(rate(http_requests_total{{{own}}}[60s]))"));
    assert_eq!(
        texts[&Signal::ErrorRate],
        format!(
            "100 * (sum(rate(http_requests_total{{{own}, code=~\"5..\"}}[60s])) or vector(0)) / \
             sum(rate(http_requests_total{{{own}}}[60s]))"
        )
    );
    for (signal, share) in
        [(Signal::LatencyP50, "0.5"), (Signal::LatencyP95, "0.95"), (Signal::LatencyP99, "0.99")]
    {
        assert_eq!(
            texts[&signal],
            format!(
                "1000 * histogram_quantile({share}, sum by (le) \
                 (rate(http_request_duration_seconds_bucket{{{own}}}[60s])))"
            )
        );
    }
}

#[test]
fn the_second_dialect_counts_by_status_and_measures_milliseconds() {
    let found = found(&[
        &[("__name__", "http_requests_total"), ("status", "5xx")],
        &[("__name__", "http_request_duration_milliseconds_bucket")],
    ]);
    assert_eq!(
        found.to_string(),
        "http_requests_total by status, http_request_duration_milliseconds (histogram), joined by pod"
    );
    let texts = texts_of_stable(&found);
    let own = "namespace=\"fx\", pod=~\"^api-6d8f-[a-z0-9]{5}$\"";
    assert!(texts[&Signal::ErrorRate].contains(&format!("{{{own}, status=~\"5..\"}}")));
    assert_eq!(
        texts[&Signal::LatencyP95],
        format!(
            "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_milliseconds_bucket{{{own}}}[60s])))"
        )
    );
}

#[test]
fn the_third_dialect_leaves_out_what_the_pod_sent_to_others() {
    let found = found(&[
        &[("__name__", "istio_requests_total"), ("response_code", "503")],
        &[("__name__", "istio_request_duration_milliseconds_bucket"), ("response_code", "503")],
    ]);
    assert_eq!(
        found.to_string(),
        "istio_requests_total by response_code, istio_request_duration_milliseconds (histogram), joined by pod"
    );
    let own = "namespace=\"fx\", pod=~\"^api-6d8f-[a-z0-9]{5}$\", reporter!=\"source\"";
    let texts = texts_of_stable(&found);
    assert_eq!(
        texts[&Signal::ErrorRate],
        format!(
            "100 * (sum(rate(istio_requests_total{{{own}, response_code=~\"5..\"}}[60s])) or vector(0)) / \
             sum(rate(istio_requests_total{{{own}}}[60s]))"
        )
    );
    assert_eq!(
        texts[&Signal::LatencyP99],
        format!(
            "histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket{{{own}}}[60s])))"
        )
    );
}

#[test]
fn both_sides_are_asked_at_once_and_told_apart_by_a_label() {
    let found = found(&[&[("__name__", "http_requests_total"), ("code", "200")]]);
    let texts = queries(&query(), &found, &CustomQueries::default(), MINUTE).unwrap();
    assert_eq!(
        texts.signals[&Signal::RequestRate].as_deref(),
        Ok(concat!(
            r#"label_replace(sum(rate(http_requests_total{namespace="fx", pod=~"^api-6d8f-[a-z0-9]{5}$"}[60s])), "#,
            r#""side", "stable", "", "") or "#,
            r#"label_replace(sum(rate(http_requests_total{namespace="fx", pod=~"^api-77c9-[a-z0-9]{5}$"}[60s])), "#,
            r#""side", "candidate", "", "")"#
        ))
    );
}

#[test]
fn discovery_is_one_query_over_the_pods_of_all_sides() {
    let text = discovery_query(&query(), &JOINS[0]).unwrap();
    assert!(text.starts_with("count by (__name__, code, response_code, status) ({__name__=~\""), "{text}");
    assert!(
        text.ends_with("\", namespace=\"fx\", pod=~\"^api-6d8f-[a-z0-9]{5}$|^api-77c9-[a-z0-9]{5}$\"})"),
        "{text}"
    );
    assert!(discovery_query(&query(), &JOINS[1]).unwrap().contains("kubernetes_pod_name=~\"^api-6d8f"));
}

#[test]
fn a_status_label_with_words_in_it_is_not_taken_for_http_statuses() {
    let words = found(&[
        &[("__name__", "http_requests_total"), ("status", "success")],
        &[("__name__", "http_request_duration_seconds_bucket")],
    ]);
    let texts = texts_of_stable(&words);
    assert!(!texts.contains_key(&Signal::ErrorRate) && texts.contains_key(&Signal::LatencyP95), "{texts:?}");
    assert_eq!(
        words.to_string(),
        "no request counter with a status, http_request_duration_seconds (histogram), joined by pod"
    );
}

#[test]
fn nothing_found_says_what_was_looked_for() {
    assert_eq!(
        found(&[]).to_string(),
        "none of http_requests_total, istio_requests_total has series of these pods"
    );
}

#[test]
fn dots_and_quotes_cannot_change_what_a_query_means() {
    let odd = SignalQuery {
        namespace: Namespace::new("f\"x"),
        sides: vec![(Side::Stable, Name::new("api.v1-6d8f"))],
        ..query()
    };
    let text = discovery_query(&odd, &JOINS[0]).unwrap();
    assert!(text.ends_with(r#"namespace="f\"x", pod=~"^api\\.v1-6d8f-[a-z0-9]{5}$"})"#), "{text}");
}

#[test]
fn a_long_name_is_cut_as_the_api_server_cuts_it() {
    let long = "a".repeat(52) + "-77c9d4f8b5";
    let long = SignalQuery { sides: vec![(Side::Stable, Name::new(long))], ..query() };
    let text = discovery_query(&long, &JOINS[0]).unwrap();
    assert!(text.contains(&format!("pod=~\"^{}-77c9d[a-z0-9]{{5}}$\"", "a".repeat(52))), "{text}");
}

#[test]
fn versions_whose_pods_are_named_alike_are_not_told_apart_by_guessing() {
    let alike = "a".repeat(60);
    let sides = vec![
        (Side::Stable, Name::new(format!("{alike}-6d8f"))),
        (Side::Candidate, Name::new(format!("{alike}-77c9"))),
    ];
    let alike = SignalQuery { sides, ..query() };
    let found = found(&[&[("__name__", "http_requests_total"), ("code", "200")]]);
    let why = queries(&alike, &found, &CustomQueries::default(), MINUTE).unwrap_err();
    assert!(why.as_str().contains("cannot be told apart"), "{why}");
    assert!(discovery_query(&SignalQuery { sides: Vec::new(), ..query() }, &JOINS[0]).is_err());
}

#[test]
fn a_version_label_takes_the_place_of_pod_names() {
    let label = VersionLabel {
        label: "version".to_owned(),
        values: vec![(Side::Stable, "1.0".to_owned()), (Side::Candidate, "1.1".to_owned())],
    };
    let labelled = SignalQuery { version_label: Some(label), ..query() };
    let text = discovery_query(&labelled, &JOINS[0]).unwrap();
    assert!(text.ends_with(r#"namespace="fx", version=~"1\\.0|1\\.1"})"#), "{text}");
    let series = seen(&[&[("__name__", "http_requests_total"), ("code", "200")]]);
    let found = read_discovery(&labelled, &JOINS[0], &series);
    assert!(found.to_string().ends_with("joined by version"), "{found}");
    let texts = queries(&labelled, &found, &CustomQueries::default(), MINUTE).unwrap();
    let rate = texts.signals[&Signal::RequestRate].clone().unwrap();
    assert!(rate.contains(r#"http_requests_total{namespace="fx", version="1.1"}"#), "{rate}");
}

#[test]
fn a_version_label_that_is_no_label_or_lacks_a_value_is_refused() {
    let with = |label: &str, values: Vec<(Side, String)>| SignalQuery {
        version_label: Some(VersionLabel { label: label.to_owned(), values }),
        ..query()
    };
    let both = vec![(Side::Stable, "1".to_owned()), (Side::Candidate, "2".to_owned())];
    assert!(discovery_query(&with("v\"} or vector(1", both), &JOINS[0]).is_err());
    let one = vec![(Side::Stable, "1".to_owned())];
    let why = discovery_query(&with("version", one), &JOINS[0]).unwrap_err();
    assert!(why.as_str().contains("candidate"), "{why}");
}

#[test]
fn queries_of_the_configuration_have_their_places_filled() {
    let custom = CustomQueries::parse(&CustomTexts {
        error_rate: Some("my:errors{ns=\"${namespace}\",pod=~\"${pods}\"}[${window}] # mine".to_owned()),
        sampled: Some("max(timestamp(my_total{pod=~\"${pods}\"}))".to_owned()),
        ..CustomTexts::default()
    })
    .unwrap();
    let one = SignalQuery { sides: vec![(Side::Stable, Name::new("api-6d8f"))], ..query() };
    let texts = queries(&one, &found(&[]), &custom, MINUTE).unwrap();
    assert_eq!(
        texts.signals[&Signal::ErrorRate].as_deref(),
        Ok("label_replace((my:errors{ns=\"fx\",pod=~\"^api-6d8f-[a-z0-9]{5}$\"}[60s] # mine\n), \"side\", \
            \"stable\", \"\", \"\")")
    );
    assert_eq!(texts.signals.len(), 1);
    let said = sentence(&found(&[]), &custom);
    assert!(said.as_str().starts_with("queries of the configuration for error rate; "), "{said}");
}

#[test]
fn faulty_queries_of_the_configuration_are_refused_with_the_remedy() {
    let parse = |error_rate: &str, sampled: Option<&str>| {
        let texts = CustomTexts {
            error_rate: Some(error_rate.to_owned()),
            sampled: sampled.map(str::to_owned),
            ..CustomTexts::default()
        };
        CustomQueries::parse(&texts).map_err(|error| error.to_string())
    };
    let unknown = parse("x{pod=\"${pod}\"}", Some("y")).unwrap_err();
    assert!(unknown.starts_with("query error-rate: ${pod} is unknown; known are ${namespace}"), "{unknown}");
    assert!(parse("x{${pods", Some("y")).unwrap_err().contains("without its }"));
    assert!(parse("x", None).unwrap_err().contains("`sampled`"));
}

#[test]
fn a_query_by_version_without_a_version_says_so_in_its_place() {
    let custom = CustomQueries::parse(&CustomTexts {
        request_rate: Some("my{v=\"${version}\"}".to_owned()),
        sampled: Some("max(timestamp(my))".to_owned()),
        ..CustomTexts::default()
    })
    .unwrap();
    let texts = queries(&query(), &found(&[]), &custom, MINUTE).unwrap();
    assert!(texts.signals[&Signal::RequestRate].as_ref().unwrap_err().as_str().contains("version_label"));
    assert!(texts.sampled.unwrap().is_ok());
}
