use std::sync::Mutex;

use super::*;
use crate::telemetry::prometheus::ProxyCall;

const ALIVE: &str =
    r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1000,"1"]}]}}"#;

fn service(namespace: &str, name: &str, label: Option<&str>, ports: &[(&str, u16)]) -> SeenService {
    SeenService {
        namespace: Namespace::new(namespace),
        name: Name::new(name),
        labels: label.map(|value| (NAME_LABEL.to_owned(), value.to_owned())).into_iter().collect(),
        ports: ports
            .iter()
            .map(|(name, port)| ((!name.is_empty()).then(|| (*name).to_owned()), *port))
            .collect(),
    }
}

/// Searches among `services`, of which those that `answers` picks are alive.
async fn search(
    services: Result<Vec<SeenService>, Text>,
    answers: fn(&ProxyCall) -> bool,
) -> (Result<MetricsSource, MetricsSource>, Vec<String>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let call: ProxyFn = Arc::new(move |call| {
        seen.lock().unwrap().push(format!("{}{}", call.to, call.path_and_query));
        let alive = answers(&call);
        Box::pin(async move {
            let unavailable =
                r#"{"kind":"Status","status":"Failure","message":"no endpoints available","code":503}"#;
            Ok(if alive { (200, ALIVE.into()) } else { (503, unavailable.into()) })
        })
    });
    let list: ServicesFn = Arc::new(move || {
        let services = services.clone();
        Box::pin(async move { services })
    });
    let found = Search::Services { list, call }.once().await.map(|hit| hit.source);
    let calls = calls.lock().unwrap().clone();
    (found, calls)
}

fn place(found: &Result<MetricsSource, MetricsSource>) -> String {
    match found {
        Ok(MetricsSource::Found { place, how }) => format!("{place} ({how})"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_service_that_looks_most_like_prometheus_is_found_among_others() {
    let services = vec![
        service("fx", "api", None, &[("http", 80)]),
        service(
            "monitoring",
            "prometheus-node-exporter",
            Some("prometheus-node-exporter"),
            &[("metrics", 9100)],
        ),
        service("monitoring", "prometheus-operated", None, &[("web", 9090), ("grpc", 10901)]),
        service("monitoring", "prometheus-k8s", Some("prometheus"), &[("web", 9090), ("reloader", 8080)]),
    ];
    let (found, calls) = search(Ok(services), |_| true).await;
    assert_eq!(place(&found), "monitoring/prometheus-k8s:9090 (Service found in monitoring)");
    assert!(calls.iter().all(|call| call.ends_with("/api/v1/query?query=vector%281%29")), "{calls:?}");
}

#[tokio::test]
async fn a_candidate_that_does_not_answer_gives_way_to_the_next() {
    let services = vec![
        service("old", "prometheus-server", None, &[("", 80)]),
        service("vm", "vmselect-main", Some("vmselect"), &[("http", 8481)]),
    ];
    let (found, calls) = search(Ok(services), |call| call.to.namespace.as_str() == "vm").await;
    assert_eq!(place(&found), "vm/vmselect-main:8481 (Service found in vm)");
    assert!(calls.iter().any(|call| call.starts_with("vm/vmselect-main:8481/select/0/prometheus/api/v1/")));
}

#[tokio::test]
async fn no_answer_is_told_with_place_and_reason() {
    let services = vec![service("monitoring", "prometheus", None, &[("", 9090)])];
    let (found, _) = search(Ok(services), |_| false).await;
    let Err(MetricsSource::Silent { place, why }) = found else { panic!("{found:?}") };
    assert_eq!(
        (place.as_str(), why.as_str()),
        ("monitoring/prometheus:9090", "HTTP 503, no endpoints available")
    );
}

#[tokio::test]
async fn none_is_told_with_its_reason() {
    for (services, word) in
        [(Ok(Vec::new()), "no Service looks like"), (Err(Text::from("forbidden")), "forbidden")]
    {
        let (found, _) = search(services, |_| true).await;
        let Err(MetricsSource::None { why }) = found else { panic!("{found:?}") };
        assert!(why.as_str().contains(word), "{why}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_told_with_who_gave_it() {
    for (by, word) in [(NamedBy::Flag, "--prometheus"), (NamedBy::Config, "config")] {
        let search = Search::Named { endpoint: Endpoint::at("nowhere"), by };
        let Some(MetricsSource::Silent { place, why }) = search.once().await.err() else { panic!("{word}") };
        assert_eq!(place.as_str(), word);
        assert!(why.as_str().contains("is not a URL"), "{why}");
    }
}

#[test]
fn the_port_with_the_api_is_chosen_by_name_then_number_and_never_guessed() {
    let chosen = |ports: &[(&str, u16)]| {
        candidate(&service("m", "prometheus", None, ports)).map(|found| (found.to.port, found.to.https))
    };
    assert_eq!(chosen(&[("reloader", 8080), ("http-web", 9091)]), Some((9091, false)));
    assert_eq!(chosen(&[("a", 1), ("b", 9090)]), Some((9090, false)));
    assert_eq!(chosen(&[("", 8000)]), Some((8000, false)));
    assert_eq!(chosen(&[("https", 9443)]), Some((9443, true)));
    assert_eq!(chosen(&[("a", 1), ("b", 2)]), None);
}
