//! The simulator's faces, asked over HTTP as a console and kubectl ask them.
#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod sim_support;

use std::time::Duration;

use gonogo::sim::{ScenarioName, scenarios};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sim_support::{Sim, answer};

const API: &str = "/apis/apps/v1/namespaces/shop/deployments/api";
const PODS: &str = "/api/v1/namespaces/shop/pods";
const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn names(list: &Value) -> Vec<&str> {
    items(list).iter().map(|item| text(item, "/metadata/name")).collect()
}

/// The events of a watch until its end, or until `enough`.
async fn events(mut watch: Response, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let (mut events, mut rest) = (Vec::new(), Vec::new());
    while let Some(bytes) = watch.chunk().await.unwrap() {
        rest.extend_from_slice(&bytes);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            events.push(serde_json::from_slice(&line).unwrap());
        }
        if enough(&events) {
            break;
        }
    }
    events
}

#[tokio::test]
async fn lists_come_in_pages_and_by_selector() {
    let sim = Sim::start(ScenarioName::Rollout).await;
    let whole = sim.get(PODS).await;
    let mut paged = Vec::new();
    let mut token = String::new();
    loop {
        let page = sim.get(&format!("{PODS}?limit=5&continue={token}")).await;
        assert!(items(&page).len() <= 5);
        paged.extend(items(&page).to_vec());
        token = text(&page, "/metadata/continue").to_owned();
        if token.is_empty() {
            break;
        }
        assert!(page.pointer("/metadata/remainingItemCount").is_some());
    }
    assert_eq!(names(&json!({"items": paged})), names(&whole));
    let web = sim.get(&format!("{PODS}?labelSelector=app%3Dweb")).await;
    assert_eq!(items(&web).len(), 4);
    let one = sim.get(&format!("{PODS}?fieldSelector=metadata.name%3Ddb-0")).await;
    assert_eq!(names(&one), ["db-0"]);
}

#[tokio::test]
async fn patches_are_answered_as_the_api_server_does() {
    let sim = Sim::start(ScenarioName::Rollout).await;
    let uid = text(&sim.get(API).await, "/metadata/uid").to_owned();
    let pause = |uid: &str| {
        json!([
            {"op": "test", "path": "/metadata/uid", "value": uid},
            {"op": "test", "path": "/spec/paused", "value": null},
            {"op": "replace", "path": "/spec/paused", "value": true},
        ])
    };
    let (status, body) = sim.patch(API, &pause("another")).await;
    assert_eq!((status, text(&body, "/reason")), (StatusCode::UNPROCESSABLE_ENTITY, "Invalid"));
    let (status, dry) = sim.patch(&format!("{API}?dryRun=All"), &pause(&uid)).await;
    assert_eq!((status, &dry["spec"]["paused"]), (StatusCode::OK, &json!(true)));
    assert_eq!(sim.get(API).await["spec"].get("paused"), None, "a dry run stores nothing");
    let (status, body) = sim.patch(&format!("{API}?fieldManager=tester"), &pause(&uid)).await;
    assert_eq!((status, &body["spec"]["paused"]), (StatusCode::OK, &json!(true)));
    let managers = body["metadata"]["managedFields"].as_array().unwrap();
    let owner = managers.iter().find(|entry| entry.pointer("/fieldsV1/f:spec/f:paused").is_some()).unwrap();
    assert_eq!(text(owner, "/manager"), "tester");
    let stale = json!({"metadata": {"resourceVersion": "1"}, "spec": {"paused": false}});
    let (status, body) = sim.patch_as("application/merge-patch+json", API, &stale).await;
    assert_eq!((status, text(&body, "/reason")), (StatusCode::CONFLICT, "Conflict"));
    let (status, _) = sim.patch(&format!("{API}-gone"), &pause(&uid)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = sim.patch_as("application/json", API, &stale).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let (status, _) = sim.patch(API, &json!({"op": "test"})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn fields_unknown_to_typed_clients_survive_a_roll_back() {
    let sim = Sim::start(ScenarioName::Good).await;
    let cart = "/apis/apps/v1/namespaces/shop/deployments/cart";
    let add = json!([{"op": "add", "path": "/spec/template/spec/hostnameOverride", "value": "cart-host"}]);
    assert_eq!(sim.patch(cart, &add).await.0, StatusCode::OK);
    sim.advance(60).await;
    let with_field = sim.get(cart).await["spec"]["template"].clone();
    let remove = json!([{"op": "remove", "path": "/spec/template/spec/hostnameOverride"}]);
    sim.patch(cart, &remove).await;
    sim.advance(60).await;
    sim.patch(cart, &json!([{"op": "replace", "path": "/spec/template", "value": with_field}])).await;
    sim.advance(60).await;
    let back = sim.get(cart).await;
    assert_eq!(text(&back, "/spec/template/spec/hostnameOverride"), "cart-host");
    let sets = sim.get("/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3Dcart").await;
    assert_eq!(items(&sets).len(), 4, "the template that came back is an old revision, not a new one");
}

#[tokio::test]
async fn a_watch_resumes_where_a_list_ended_and_ends_cleanly() {
    let sim = Sim::start(ScenarioName::Good).await;
    let version = text(&sim.get(PODS).await, "/metadata/resourceVersion").to_owned();
    sim.request(Method::DELETE, &format!("{PODS}/db-0")).send().await.unwrap();
    let path = format!(
        "{PODS}?watch=true&timeoutSeconds=1&resourceVersion={version}&fieldSelector=metadata.name%3Ddb-0"
    );
    let seen = events(sim.request(Method::GET, &path).send().await.unwrap(), |_| false).await;
    assert_eq!(text(&seen[0], "/type"), "MODIFIED");
    assert!(seen[0].pointer("/object/metadata/deletionTimestamp").is_some());
    let old = format!("{PODS}?watch=true&timeoutSeconds=1&resourceVersion=1");
    let refused = events(sim.request(Method::GET, &old).send().await.unwrap(), |_| false).await;
    assert_eq!((text(&refused[0], "/type"), &refused[0]["object"]["code"]), ("ERROR", &json!(410)));
}

#[tokio::test]
async fn what_leaves_a_selection_is_deleted_for_its_watch() {
    let sim = Sim::start(ScenarioName::Good).await;
    let config = "/api/v1/namespaces/shop/configmaps";
    let marked = json!({"metadata": {"name": "marked", "labels": {"mark": "yes"}}});
    let (status, made) = sim.post(config, &marked).await;
    assert_eq!(status, StatusCode::CREATED);
    let version = text(&made, "/metadata/resourceVersion").to_owned();
    let path = format!("{config}?watch=1&labelSelector=mark&resourceVersion={version}");
    let watch = sim.request(Method::GET, &path).send().await.unwrap();
    let unmark = json!({"metadata": {"labels": {"mark": null}}});
    sim.patch_as("application/merge-patch+json", &format!("{config}/marked"), &unmark).await;
    let seen = events(watch, |events| !events.is_empty()).await;
    assert_eq!(text(&seen[0], "/type"), "DELETED");
}

#[tokio::test]
async fn tables_have_the_columns_that_kubectl_prints() {
    let sim = Sim::start(ScenarioName::Rollout).await;
    let get = |path: &str| sim.request(Method::GET, path).header("accept", TABLE).send();
    let path = format!("{PODS}?labelSelector=app%3Dweb&includeObject=None");
    let (_, table) = answer(get(&path).await.unwrap()).await;
    let columns: Vec<&str> =
        table["columnDefinitions"].as_array().unwrap().iter().map(|column| text(column, "/name")).collect();
    assert_eq!(columns[..5], ["Name", "Ready", "Status", "Restarts", "Age"]);
    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    let cells = rows[0]["cells"].as_array().unwrap();
    assert_eq!(cells[1..4], [json!("1/1"), json!("Running"), json!("0")]);
    assert_eq!(rows[0]["object"], Value::Null);
    let watched = get(&format!("{path}&watch=true&timeoutSeconds=1")).await.unwrap();
    let seen = events(watched, |events| events.len() == 4).await;
    assert!(seen[0]["object"]["columnDefinitions"].is_array());
    assert!(seen[1]["object"]["columnDefinitions"].is_null(), "columns come once");
}

#[tokio::test]
async fn the_audit_log_names_every_mutation_once() {
    let sim = Sim::start(ScenarioName::Rollout).await;
    let request = sim.request(Method::PATCH, &format!("{API}/scale")).header("audit-id", "entry.1.1");
    let request = request.header("content-type", "application/merge-patch+json").bearer_auth("ops-1");
    let response = request.body(r#"{"spec":{"replicas":13}}"#).send().await.unwrap();
    assert_eq!(response.headers()["audit-id"], "entry.1.1");
    sim.get(API).await;
    let log = sim.get("/sim/audit").await;
    assert_eq!(items(&log).len(), 1);
    let record = &items(&log)[0];
    assert_eq!(text(record, "/auditID"), "entry.1.1");
    assert_eq!(text(record, "/user/username"), "ops-1");
    assert_eq!(text(record, "/objectRef/subresource"), "scale");
    assert_eq!((text(record, "/verb"), &record["responseStatus"]["code"]), ("patch", &json!(200)));
}

#[tokio::test]
async fn an_observer_may_only_look() {
    let sim = Sim::start(ScenarioName::Rollout).await;
    let as_observer = |method, path: &str| sim.request(method, path).bearer_auth("observer");
    assert_eq!(as_observer(Method::GET, API).send().await.unwrap().status(), StatusCode::OK);
    let (status, body) = answer(as_observer(Method::DELETE, API).send().await.unwrap()).await;
    assert_eq!((status, text(&body, "/reason")), (StatusCode::FORBIDDEN, "Forbidden"));
    let review = json!({"spec": {"resourceAttributes": {"verb": "patch", "group": "apps", "resource": "deployments"}}});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let (_, review) = answer(as_observer(Method::POST, path).json(&review).send().await.unwrap()).await;
    assert_eq!(review["status"]["allowed"], json!(false));
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let (_, review) = answer(as_observer(Method::POST, path).json(&json!({})).send().await.unwrap()).await;
    assert_eq!(text(&review, "/status/userInfo/username"), "observer");
}

#[tokio::test]
async fn a_frozen_server_is_silent_until_it_thaws() {
    let sim = Sim::start(ScenarioName::Rollout).await;
    let watch =
        sim.request(Method::GET, &format!("{PODS}?watch=true&timeoutSeconds=1")).send().await.unwrap();
    sim.fault(&json!({"freeze": true})).await;
    let silent = sim.request(Method::GET, "/readyz").timeout(Duration::from_millis(300)).send().await;
    assert!(silent.unwrap_err().is_timeout());
    let end = tokio::time::timeout(Duration::from_secs(2), events(watch, |_| false)).await;
    assert!(end.is_err(), "a watch of a frozen server does not even end");
    sim.fault(&json!({"freeze": false})).await;
    assert_eq!(sim.request(Method::GET, "/readyz").send().await.unwrap().status(), StatusCode::OK);
}

/// Share of requests of pods like `pods` that fail, over the last minute.
async fn error_share(sim: &Sim, pods: &str) -> f64 {
    let rate = |more: &str| {
        format!("sum(rate(http_requests_total{{namespace=\"shop\",pod=~\"{pods}\"{more}}}[1m]))")
    };
    let answer = sim.query(&format!("{} / {}", rate(",code=~\"5..\""), rate(""))).await;
    text(&answer, "/data/result/0/value/1").parse().unwrap()
}

#[tokio::test]
async fn a_bad_candidate_shows_in_its_own_error_rate_only() {
    let sim = Sim::start(ScenarioName::Bad).await;
    sim.advance(60).await;
    let sets = sim.get("/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3Dapi").await;
    let set_of = |tag: &str| {
        let set = items(&sets)
            .iter()
            .find(|set| text(set, "/spec/template/spec/containers/0/image").ends_with(tag));
        format!("{}-.*", text(set.unwrap(), "/metadata/name"))
    };
    let (bad, good) =
        (error_share(&sim, &set_of("2.4.0-bad")).await, error_share(&sim, &set_of("2.3.1")).await);
    assert!((0.035..0.065).contains(&bad), "{bad}");
    assert!(good < 0.005, "{good}");
}

#[tokio::test]
async fn an_hour_of_history_is_there_from_the_start() {
    let sim = Sim::start(ScenarioName::Rollout).await;
    let now = sim_support::start_time().timestamp();
    let query = "histogram_quantile(0.95,sum%20by(le)(rate(http_request_duration_seconds_bucket%7Bpod%3D~%22web-.*%22%7D%5B1m%5D)))";
    let path = format!(
        "/api/v1/namespaces/monitoring/services/prometheus-server:9090/proxy/api/v1/query_range?query={query}&start={}&end={now}&step=60",
        now - 3_540
    );
    let answer = sim.get(&path).await;
    let points = answer["data"]["result"][0]["values"].as_array().unwrap();
    assert_eq!(points.len(), 60);
    assert!(points.iter().all(|point| (0.01..1.0).contains(&text(point, "/1").parse::<f64>().unwrap())));
}

#[tokio::test]
async fn without_prometheus_nothing_is_measured() {
    let sim = Sim::start(ScenarioName::NoMetrics).await;
    let proxied = "/api/v1/namespaces/monitoring/services/prometheus-server:9090/proxy/-/healthy";
    let response = sim.request(Method::GET, proxied).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    sim.fault(&json!({"metrics_down": false})).await;
    let response = sim.request(Method::GET, proxied).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn logs_tell_the_last_words_of_a_crash() {
    let sim = Sim::start(ScenarioName::CrashLoop).await;
    let pods = sim.get(&format!("{PODS}?labelSelector=app%3Dapi")).await;
    let crashed = items(&pods)
        .iter()
        .find(|pod| pod["status"]["containerStatuses"][0]["restartCount"].as_i64() > Some(1));
    let name = text(crashed.unwrap(), "/metadata/name").to_owned();
    let log = sim
        .request(Method::GET, &format!("{PODS}/{name}/log?previous=true&tailLines=5"))
        .send()
        .await
        .unwrap();
    let log = log.text().await.unwrap();
    assert_eq!(log.lines().count(), 5);
    assert!(log.contains("panic:"), "{log}");
}

/// What each scenario shows at its start: image tag of the candidate, and a word in the state of its pods.
#[tokio::test]
async fn every_scenario_is_under_way_at_its_start() {
    for info in scenarios() {
        let sim = Sim::start(info.name).await;
        let api = sim.get(API).await;
        let status = &api["status"];
        assert_ne!(status["updatedReplicas"], status["replicas"], "{}: a rollout is under way", info.word);
        let expected = match info.name {
            ScenarioName::CrashLoop => "CrashLoopBackOff",
            ScenarioName::ImagePull => "ErrImagePull",
            ScenarioName::Rollout
            | ScenarioName::Good
            | ScenarioName::Bad
            | ScenarioName::Slow
            | ScenarioName::NoMetrics
            | ScenarioName::Frozen => "running",
        };
        let pods = sim.get(&format!("{PODS}?labelSelector=app%3Dapi")).await;
        assert!(pods.to_string().contains(expected), "{}: {expected}", info.word);
        let metrics_up = !matches!(info.name, ScenarioName::NoMetrics);
        let faults = sim.get("/sim/fault").await;
        assert_eq!(faults, json!({"freeze": false, "metrics_down": !metrics_up}), "{}", info.word);
    }
}
