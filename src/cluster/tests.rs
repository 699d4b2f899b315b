//! Writes, reads and the view against a scripted server.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::fixture::{Answer, Script, serve, wire};
use super::*;
use crate::model::ids::{ActId, ClusterId, ContextName, Name};
use crate::model::kind::WorkloadKind;
use crate::model::objects::Depth;
use crate::model::observation::{Observation, StreamKey, StreamState};
use crate::model::request::{Outcome, Request, RequestId, Resource, Write};
use crate::model::target::{Scope, Target};

const TIMING: Timing = Timing {
    read: Duration::from_millis(400),
    write: Duration::from_millis(300),
    head: Duration::from_millis(300),
    tries: 3,
    longest_wait: Duration::from_millis(100),
};

fn cluster(wire: super::connect::Wire) -> Cluster {
    let connection = Connection {
        context: ContextName::new("t"),
        server: "http://t".into(),
        version: "v1".into(),
        ca_fingerprint: None,
        cluster: ClusterId::new("c"),
        user: "u".into(),
        groups: Vec::new(),
        insecure: false,
        proxy: None,
        simulated: false,
    };
    let clock: Clock = Arc::new(Time::default);
    Cluster::over(Http::new(wire, TIMING), connection, Namespace::new("shop"), clock, Pace::default())
}

async fn scripted(answers: impl IntoIterator<Item = Answer>) -> (Cluster, Arc<Script>) {
    let (wire, script) = serve(Script::of(answers)).await;
    (cluster(wire), script)
}

fn patch() -> Request {
    let resource = Resource {
        group: "apps".to_owned(),
        version: "v1".to_owned(),
        plural: "deployments".to_owned(),
        namespace: Namespace::new("shop"),
        name: Name::new("api"),
        subresource: String::new(),
    };
    Request {
        resource,
        write: Write::JsonPatch(json!([{"op": "add", "path": "/spec/paused", "value": true}])),
    }
}

fn id() -> RequestId {
    RequestId { act: ActId::new("a1"), step: 2, attempt: 3 }
}

const DEPLOYMENT: &str = r#"{"kind":"Deployment","metadata":{"name":"api","namespace":"shop","uid":"u1","resourceVersion":"7"},
    "spec":{"replicas":1,"selector":{"matchLabels":{"app":"api"}},"template":{}}}"#;

#[tokio::test]
async fn a_write_carries_its_id_and_its_manager_and_brings_the_object_back() {
    let (cluster, script) = scripted([Answer::Whole(200, DEPLOYMENT), Answer::Whole(200, DEPLOYMENT)]).await;
    let receipt = cluster.apply(&patch(), &id()).await;
    assert_eq!(receipt.outcome, Outcome::Applied { code: 200 });
    let (target, workload) = receipt.object.unwrap();
    assert_eq!((target.to_string().as_str(), workload.uid().as_str()), ("Deployment/api", "u1"));
    cluster.dry_run(&patch()).await;
    let seen = script.seen();
    let path = "PATCH /apis/apps/v1/namespaces/shop/deployments/api?fieldManager=gonogo";
    assert_eq!((seen[0].request.as_str(), seen[0].audit_id.as_str()), (path, "a1.2.3"));
    assert_eq!(seen[1].request, format!("{path}&dryRun=All"));
}

/// One confirmed key is at most one mutating request, whatever the server answers.
#[tokio::test]
async fn a_write_is_sent_once_and_its_outcome_is_said_as_far_as_it_is_known() {
    let kind = |outcome: &Outcome| match outcome {
        Outcome::Applied { .. } => "applied",
        Outcome::Rejected { .. } => "rejected",
        Outcome::Unknown { .. } => "unknown",
        Outcome::NotSent { .. } => "not sent",
    };
    for (answer, expected) in [
        (Answer::Whole(200, ""), "applied"),
        (Answer::Whole(401, "{}"), "rejected"),
        (Answer::Whole(403, "{}"), "rejected"),
        (Answer::Whole(409, "{}"), "rejected"),
        (Answer::Whole(422, "{}"), "rejected"),
        (Answer::Wait(429, 3600), "rejected"),
        (Answer::Whole(500, "{}"), "unknown"),
        (Answer::Wait(503, 1), "unknown"),
        (Answer::Whole(504, "{}"), "unknown"),
        (Answer::Hang, "unknown"),
        (Answer::Break(&["{"]), "applied"),
    ] {
        let (cluster, script) = scripted([answer]).await;
        let receipt = cluster.apply(&patch(), &id()).await;
        assert_eq!(kind(&receipt.outcome), expected, "{:?}", receipt.outcome);
        // what comes next on the same connection shows that nothing was sent in between
        let _ = cluster.dry_run(&patch()).await;
        let real = script.seen().iter().filter(|seen| seen.audit_id != "-").count();
        assert_eq!(real, 1, "{expected}: {:?}", script.asked());
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let receipt = cluster(wire(&free.to_string()).await).apply(&patch(), &id()).await;
    assert_eq!(kind(&receipt.outcome), "not sent");
}

#[tokio::test]
async fn reads_are_repeated_politely_and_not_for_ever() {
    let (cluster, script) =
        scripted([Answer::Whole(503, "{}"), Answer::Wait(429, 3600), Answer::Whole(200, DEPLOYMENT)]).await;
    let target = Target::new(WorkloadKind::Deployment, "shop", "api");
    assert_eq!(cluster.workload(&target).await.unwrap().uid().as_str(), "u1");
    assert_eq!(script.asked().len(), 3);
    let (cluster, script) =
        scripted([Answer::Whole(503, "{}"), Answer::Whole(503, "{}"), Answer::Whole(503, "{}")]).await;
    assert!(matches!(cluster.workload(&target).await, Err(ReadError::Failed { .. })));
    assert_eq!(script.asked().len(), 3);
    let (cluster, script) = scripted([Answer::Whole(404, "{}")]).await;
    assert!(matches!(cluster.workload(&target).await, Err(ReadError::NotFound { .. })));
    assert_eq!(script.asked().len(), 1);
}

#[tokio::test]
async fn a_template_goes_back_value_for_value() {
    const SETS: &str = r#"{"items":[
        {"metadata":{"uid":"rs1","labels":{"pod-template-hash":"h1"}},"spec":{"template":{"spec":{"hostnameOverride":"x","n":12345678901234567}}}},
        {"metadata":{"uid":"other","labels":{"pod-template-hash":"h1"}},"spec":{"template":{}}}]}"#;
    let (cluster, script) = scripted([Answer::Whole(200, SETS)]).await;
    let target = Target::new(WorkloadKind::Deployment, "shop", "api");
    let key = crate::model::template::TemplateKey { replica_set: "rs1".into(), hash: "h1".into() };
    let found = cluster.templates(&target, std::slice::from_ref(&key)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, key);
    assert_eq!(found[0].1.raw()["spec"], json!({"hostnameOverride": "x", "n": 12_345_678_901_234_567_i64}));
    assert!(script.asked()[0].contains("pod-template-hash%20in%20%28h1%29"));
}

/// A small cluster: one Deployment with everything around it, autoscalers forbidden, no other workload.
fn small_cluster(uri: &str) -> Answer {
    const DEPLOYMENTS: &str = r#"{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"api","namespace":"shop","uid":"u1","resourceVersion":"7"},
        "spec":{"replicas":1,"selector":{"matchLabels":{"app":"api"}},"template":{}}}]}"#;
    const SETS: &str = r#"{"metadata":{"resourceVersion":"9"},"items":[
        {"metadata":{"name":"api-h1","namespace":"shop","uid":"rs1","labels":{"app":"api","pod-template-hash":"h1"},
         "ownerReferences":[{"kind":"Deployment","name":"api","uid":"u1","controller":true}]},"spec":{"template":{}}},
        {"metadata":{"name":"web-h2","namespace":"shop","uid":"rs2","ownerReferences":[{"kind":"Deployment","name":"web","uid":"u2","controller":true}]},"spec":{"template":{}}}]}"#;
    const PODS: &str = r#"{"metadata":{"resourceVersion":"9"},"items":[
        {"metadata":{"name":"api-h1-x","namespace":"shop","ownerReferences":[{"kind":"ReplicaSet","name":"api-h1","controller":true}]}},
        {"metadata":{"name":"web-h2-x","namespace":"shop","ownerReferences":[{"kind":"ReplicaSet","name":"web-h2","controller":true}]}}]}"#;
    const SERVICES: &str = r#"{"metadata":{"resourceVersion":"9"},"items":[
        {"metadata":{"namespace":"shop","name":"api"},"spec":{"selector":{"app":"api"}}},{"metadata":{"namespace":"shop","name":"web"},"spec":{"selector":{"app":"web"}}}]}"#;
    const SLICES: &str = r#"{"metadata":{"resourceVersion":"9"},"items":[
        {"metadata":{"name":"api-1","labels":{"kubernetes.io/service-name":"api"}},
         "endpoints":[{"conditions":{"ready":true},"targetRef":{"kind":"Pod","name":"api-h1-x"}},{"conditions":{"ready":false}}]}]}"#;
    const NOTHING: &str = r#"{"metadata":{"resourceVersion":"9"},"items":null}"#;
    let path = uri.split('?').next().unwrap_or_default();
    match path.rsplit('/').next().unwrap_or_default() {
        _ if uri.contains("watch=true") => Answer::Stall(&[]),
        "horizontalpodautoscalers" => Answer::Whole(403, r#"{"message":"autoscalers are not for you"}"#),
        "deployments" => Answer::Whole(200, DEPLOYMENTS),
        "replicasets" => Answer::Whole(200, SETS),
        "pods" => Answer::Whole(200, PODS),
        "services" => Answer::Whole(200, SERVICES),
        "endpointslices" => Answer::Whole(200, SLICES),
        "v1alpha1" | "v1beta1" => Answer::Whole(404, "{}"),
        _ => Answer::Whole(200, NOTHING),
    }
}

fn wanted(details: &[&str]) -> Wanted {
    Wanted {
        scope: Scope::Namespaces(vec![Namespace::new("shop")]),
        home: Namespace::new("shop"),
        details: details.iter().map(|name| Target::new(WorkloadKind::Deployment, "shop", *name)).collect(),
        pod_table: false,
        events: None,
        changes: false,
        elsewhere: false,
    }
}

#[tokio::test]
async fn a_workload_is_put_together_from_its_parts_and_a_refusal_takes_none_of_them_down() {
    let (wire, script) = serve(Script::by_path(small_cluster)).await;
    let seen: Arc<Mutex<Vec<Observation>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let sink: Sink = Arc::new(move |observation| kept.lock().unwrap().push(observation));
    let (wish, wanted_now) = watch::channel(wanted(&[]));
    let cancel = CancellationToken::new();
    let mut tasks = cluster(wire).observe(wanted_now, sink, &cancel);

    let listed = |all: &[Observation]| all.iter().any(|one| matches!(one, Observation::Listed { .. }));
    until(&seen, &listed).await;
    assert!(
        !script.asked().iter().any(|uri| uri.contains("/pods")),
        "parts are read only where they are wanted"
    );
    wish.send_replace(wanted(&["api"]));
    let full = |one: &Observation| match one {
        Observation::Objects { snapshot, .. } if snapshot.depth == Depth::Full => Some(Arc::clone(snapshot)),
        _ => None,
    };
    until(&seen, &|all: &[Observation]| all.iter().any(|one| full(one).is_some())).await;
    let set = seen.lock().unwrap().iter().find_map(full).unwrap();
    let names = |of: Vec<&Name>| of.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(set.replica_sets.iter().map(|owned| &owned.metadata.name).collect()), ["api-h1"]);
    assert_eq!(names(set.pods.iter().map(|pod| &pod.name).collect()), ["api-h1-x"]);
    assert_eq!(names(set.services.iter().map(|service| &service.name).collect()), ["api"]);
    let ready = set.services[0].endpoints.as_ref().map(|all| all.iter().filter(|one| one.ready).count());
    assert_eq!(ready, Some(1));
    let kind_alive = |all: &[Observation]| {
        let key = StreamKey::Kind(WorkloadKind::Deployment);
        all.contains(&Observation::Stream { key, state: StreamState::Alive })
    };
    assert!(kind_alive(&seen.lock().unwrap()));
    cancel.cancel();
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

async fn until(seen: &Mutex<Vec<Observation>>, holds: &dyn Fn(&[Observation]) -> bool) {
    for _ in 0..1000 {
        if holds(&seen.lock().unwrap()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never seen; what was: {:#?}", seen.lock().unwrap());
}

/// Eight namespaces with a Deployment each, and no right to see them all at once.
fn many_namespaces(uri: &str) -> Answer {
    let path = uri.split('?').next().unwrap_or_default();
    let nothing = r#"{"metadata":{"resourceVersion":"9"},"items":null}"#;
    let forbidden = r#"{"message":"not at cluster scope"}"#;
    match path.strip_prefix("/apis/apps/v1/namespaces/").and_then(|rest| rest.strip_suffix("/deployments")) {
        _ if uri.contains("watch=true") => Answer::Stall(&[]),
        Some("n7") => Answer::Whole(
            200,
            r#"{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"far","namespace":"n7","uid":"u7","resourceVersion":"7"},
            "spec":{"replicas":1,"selector":{"matchLabels":{"app":"far"}},"template":{}}}]}"#,
        ),
        None if path == "/apis/apps/v1/deployments" => Answer::Whole(403, forbidden),
        None if path.ends_with("v1alpha1") || path.ends_with("v1beta1") => Answer::Whole(404, "{}"),
        Some(_) | None => Answer::Whole(200, nothing),
    }
}

#[tokio::test]
async fn namespaces_beyond_the_screen_are_listed_in_turn_with_their_age() {
    let (wire, script) = serve(Script::by_path(many_namespaces)).await;
    let seen: Arc<Mutex<Vec<Observation>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let sink: Sink = Arc::new(move |observation| kept.lock().unwrap().push(observation));
    let names = (0..8).map(|number| Namespace::new(format!("n{number}"))).collect();
    let wish = Wanted { scope: Scope::Namespaces(names), home: Namespace::new("n0"), ..wanted(&[]) };
    let (_wish, wanted_now) = watch::channel(wish);
    let cancel = CancellationToken::new();
    let _tasks = cluster(wire).observe(wanted_now, sink, &cancel);
    let far = Target::new(WorkloadKind::Deployment, "n7", "far");
    until(&seen, &|all: &[Observation]| {
        all.iter().any(|one| matches!(one, Observation::Objects { snapshot, .. } if snapshot.target == far))
    })
    .await;
    let listed = |one: &Observation| match one {
        Observation::NamespaceListed { namespace, at: Some(_) } => namespace.as_str() == "n7",
        _ => false,
    };
    assert!(seen.lock().unwrap().iter().any(listed), "its age is known");
    let watched = script.asked().into_iter().filter(|uri| uri.contains("/n7/") && uri.contains("watch=true"));
    assert_eq!(watched.count(), 0, "it is not watched");
    cancel.cancel();
}
