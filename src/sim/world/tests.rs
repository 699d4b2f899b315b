//! The world beyond Deployments: pods, endpoints, sets, traffic, and that all of it repeats itself.

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::api::{self, Part, PatchKind, WriteOptions};
use super::kinds::Kind;
use super::store::Key;
use super::traffic::Matcher;
use super::{World, json, logs};

/// A world with three nodes and the namespace `ns`.
pub(super) fn cluster() -> World {
    let mut world = World::new(DateTime::UNIX_EPOCH, 1);
    for node in ["n1", "n2", "n3"] {
        let status = json!({"allocatable": {"cpu": "4", "memory": "8Gi"}});
        create(&mut world, Kind::Node, "", json!({"metadata": {"name": node}, "status": status}));
    }
    create(&mut world, Kind::Namespace, "", json!({"metadata": {"name": "ns"}}));
    world
}

/// Creates an object as a client does.
pub(super) fn create(world: &mut World, kind: Kind, namespace: &str, body: Value) {
    api::create(world, kind, namespace, body, &WriteOptions::default()).unwrap();
}

/// A workload of `replicas` pods with `image`, labelled with its name.
fn workload(name: &str, replicas: i64, image: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "main", "image": image}]},
        },
    }})
}

fn service(name: &str, selector: &Value) -> Value {
    json!({"metadata": {"name": name}, "spec": {"selector": selector, "ports": [{"port": 80}]}})
}

fn set_image(world: &mut World, key: &Key, image: &str) {
    let containers = json!([{"name": "main", "image": image}]);
    let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
    api::patch(world, key, PatchKind::Strategic, &patch, Part::Main, &WriteOptions::default()).unwrap();
}

fn pass(world: &mut World, seconds: i64) {
    world.advance(TimeDelta::seconds(seconds));
}

fn first_pod(world: &World) -> &Value {
    world.store.list(Kind::Pod, Some("ns")).next().unwrap().1
}

/// Names of the pods that the Service's slice says are ready.
fn ready_endpoints(world: &World) -> Vec<String> {
    let (_, slice) = world.store.list(Kind::EndpointSlice, Some("ns")).next().unwrap();
    json::items(slice, "/endpoints")
        .iter()
        .filter(|endpoint| json::flag(endpoint, "/conditions/ready"))
        .map(|endpoint| json::text(endpoint, "/targetRef/name").to_owned())
        .collect()
}

#[test]
fn a_crash_loop_waits_longer_each_time_and_says_why() {
    let mut world = cluster();
    create(&mut world, Kind::Deployment, "ns", workload("app", 1, "img:crash"));
    let mut restarts = Vec::new();
    for _ in 0..5 {
        pass(&mut world, 60);
        restarts.push(json::count(first_pod(&world), "/status/containerStatuses/0/restartCount"));
    }
    assert!(restarts.is_sorted() && restarts[0] >= 2 && restarts[4] <= 7, "{restarts:?}");
    let status = first_pod(&world).pointer("/status/containerStatuses/0").unwrap();
    assert_eq!(json::text(status, "/state/waiting/reason"), "CrashLoopBackOff");
    assert_eq!(json::count(status, "/lastState/terminated/exitCode"), 1);
    let last_words = logs::lines(first_pod(&world), "main", true, None, world.now());
    assert!(last_words.iter().any(|line| line.text.starts_with("panic:")));
}

#[test]
fn memory_kills_have_their_own_exit_code() {
    let mut world = cluster();
    create(&mut world, Kind::Deployment, "ns", workload("app", 1, "img:oom"));
    pass(&mut world, 60);
    let last = first_pod(&world).pointer("/status/containerStatuses/0/lastState/terminated").unwrap();
    assert_eq!((json::text(last, "/reason"), json::count(last, "/exitCode")), ("OOMKilled", 137));
}

#[test]
fn endpoints_follow_the_whole_selector_and_readiness() {
    let mut world = cluster();
    create(&mut world, Kind::Service, "ns", service("app", &json!({"app": "app"})));
    create(&mut world, Kind::Deployment, "ns", workload("app", 3, "img:slow"));
    pass(&mut world, 5);
    assert!(ready_endpoints(&world).is_empty());
    pass(&mut world, 30);
    assert_eq!(ready_endpoints(&world).len(), 3);
    let key = Key::new(Kind::Service, "ns", "app");
    let stray = json!({"spec": {"selector": {"weight": "10"}}});
    api::patch(&mut world, &key, PatchKind::Merge, &stray, Part::Main, &WriteOptions::default()).unwrap();
    pass(&mut world, 1);
    assert!(ready_endpoints(&world).is_empty(), "a stray key in a selector is a total outage");
}

#[test]
fn a_stateful_set_does_not_replace_a_broken_pod_when_its_template_comes_back() {
    let mut world = cluster();
    let key = Key::new(Kind::StatefulSet, "ns", "db");
    create(&mut world, Kind::StatefulSet, "ns", workload("db", 3, "img:v1"));
    pass(&mut world, 60);
    set_image(&mut world, &key, "img:v2imagepull");
    pass(&mut world, 30);
    set_image(&mut world, &key, "img:v1");
    pass(&mut world, 120);
    let set = world.store.get(&key).unwrap();
    assert_eq!(json::text(set, "/status/updateRevision"), json::text(set, "/status/currentRevision"));
    assert_eq!(json::count(set, "/status/readyReplicas"), 2);
    let broken = Key::new(Kind::Pod, "ns", "db-2");
    api::delete(&mut world, &broken, &api::Deletion::default()).unwrap();
    pass(&mut world, 30);
    assert_eq!(json::count(world.store.get(&key).unwrap(), "/status/readyReplicas"), 3);
}

#[test]
fn a_daemon_set_has_a_pod_on_each_node_and_rolls_them_one_by_one() {
    let mut world = cluster();
    let key = Key::new(Kind::DaemonSet, "ns", "agent");
    create(&mut world, Kind::DaemonSet, "ns", workload("agent", 1, "img:v1"));
    pass(&mut world, 10);
    set_image(&mut world, &key, "img:v2");
    let mut fewest = 3;
    for _ in 0..60 {
        pass(&mut world, 1);
        fewest = fewest.min(json::count(world.store.get(&key).unwrap(), "/status/numberReady"));
    }
    let set = world.store.get(&key).unwrap();
    assert_eq!(json::count(set, "/status/updatedNumberScheduled"), 3);
    assert_eq!((fewest, json::count(set, "/status/numberReady")), (2, 3));
}

#[test]
fn a_job_runs_once_and_is_complete() {
    let mut world = cluster();
    create(&mut world, Kind::Job, "ns", workload("migrate", 1, "img:v1"));
    pass(&mut world, 60);
    let job = world.store.get(&Key::new(Kind::Job, "ns", "migrate")).unwrap();
    assert!(json::holds(job, "Complete"));
    assert_eq!(json::text(first_pod(&world), "/status/phase"), "Succeeded");
}

#[test]
fn requests_fall_on_ready_pods_alone() {
    let mut world = cluster();
    create(&mut world, Kind::Service, "ns", service("app", &json!({"app": "app"})));
    create(&mut world, Kind::Deployment, "ns", workload("app", 2, "img:v1"));
    pass(&mut world, 20);
    create(&mut world, Kind::Deployment, "ns", {
        let mut never = workload("app", 1, "img:never");
        json::set(&mut never, &["metadata", "name"], "candidate");
        json::set(&mut never, &["spec", "selector", "matchLabels", "track"], "candidate");
        json::set(&mut never, &["spec", "template", "metadata", "labels", "track"], "candidate");
        never
    });
    world.traffic.start(world.now());
    pass(&mut world, 60);
    let requests = |pod: &'static str| {
        let name = Matcher {
            label: "__name__".to_owned(),
            accepts: Box::new(|name| name == "http_request_duration_seconds_count"),
        };
        let pod = Matcher { label: "pod".to_owned(), accepts: Box::new(move |name| name.starts_with(pod)) };
        let series = world.traffic.select(&[name, pod], DateTime::UNIX_EPOCH, world.now());
        series.iter().filter_map(|series| series.samples.last()).map(|(_, value)| value).sum::<f64>()
    };
    assert!((500.0..900.0).contains(&requests("app-")), "{}", requests("app-"));
    assert!(requests("candidate-").abs() < 0.5);
}

#[test]
fn nobody_writes_while_the_api_server_is_frozen() {
    let mut world = cluster();
    create(&mut world, Kind::Deployment, "ns", workload("app", 3, "img:v1"));
    world.faults.frozen = true;
    let revision = world.store.revision();
    pass(&mut world, 60);
    assert_eq!(world.store.revision(), revision);
    world.faults.frozen = false;
    pass(&mut world, 10);
    let app = world.store.get(&Key::new(Kind::Deployment, "ns", "app")).unwrap();
    assert_eq!(json::count(app, "/status/readyReplicas"), 3);
}

#[test]
fn equal_seeds_and_calls_give_equal_worlds() {
    let run = || {
        let mut world = cluster();
        create(&mut world, Kind::Deployment, "ns", workload("app", 3, "img:v1"));
        pass(&mut world, 7);
        set_image(&mut world, &Key::new(Kind::Deployment, "ns", "app"), "img:crash");
        pass(&mut world, 90);
        world.store.all().map(|(_, object)| object.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn many_small_steps_and_one_long_one_lead_to_the_same_world() {
    let run = |steps: i64| {
        let mut world = cluster();
        create(&mut world, Kind::Deployment, "ns", workload("app", 3, "img:v1slow"));
        (0..steps).for_each(|_| world.advance(TimeDelta::milliseconds(60_000 / steps)));
        world.store.all().map(|(_, object)| object.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(run(600), run(1));
}
