//! The drills that the real controller was put through, with the numbers it showed.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::sim::world::World;
use crate::sim::world::api::{self, Part, PatchKind, WriteOptions};
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::store::Key;
use crate::sim::world::tests::{cluster, create};

struct Drill {
    world: World,
    app: Key,
}

impl Drill {
    /// Four replicas of `img:v1` on three nodes, complete.
    fn new() -> Self {
        Self::with(&json!({"replicas": 4, "progressDeadlineSeconds": 15}))
    }

    fn with(spec: &Value) -> Self {
        let mut world = cluster();
        let mut body = json!({"metadata": {"name": "app"}, "spec": {
            "selector": {"matchLabels": {"app": "app"}},
            "template": {"metadata": {"labels": {"app": "app"}}, "spec": {"containers": [
                {"name": "main", "image": "img:v1", "resources": {"requests": {"cpu": "100m"}}},
            ]}},
        }});
        json_patch::merge(&mut body["spec"], spec);
        create(&mut world, Kind::Deployment, "ns", body);
        let mut drill = Self { world, app: Key::new(Kind::Deployment, "ns", "app") };
        drill.pass(20);
        assert_eq!(drill.reason(), "NewReplicaSetAvailable");
        drill
    }

    fn pass(&mut self, seconds: i64) {
        self.world.advance(TimeDelta::seconds(seconds));
    }

    fn patch(&mut self, patch: &Value) {
        let kind = if patch.is_array() { PatchKind::Json } else { PatchKind::Strategic };
        api::patch(&mut self.world, &self.app, kind, patch, Part::Main, &WriteOptions::default()).unwrap();
    }

    fn set_image(&mut self, image: &str) {
        self.patch(
            &json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}}),
        );
    }

    fn app(&self) -> &Value {
        self.world.store.get(&self.app).unwrap()
    }

    /// replicas, updated, ready, unavailable
    fn counts(&self) -> [i64; 4] {
        ["replicas", "updatedReplicas", "readyReplicas", "unavailableReplicas"]
            .map(|field| json::count(self.app(), &format!("/status/{field}")))
    }

    fn progress(&self) -> &Value {
        json::condition(self.app(), "Progressing").unwrap()
    }

    fn reason(&self) -> &str {
        json::text(self.progress(), "/reason")
    }

    fn revision(&self) -> &str {
        json::annotation(self.app(), "deployment.kubernetes.io/revision").unwrap()
    }

    fn set_of(&self, image: &str) -> &Value {
        let (_, set) = self
            .world
            .store
            .list(Kind::ReplicaSet, None)
            .find(|(_, set)| json::text(set, "/spec/template/spec/containers/0/image") == image)
            .unwrap();
        set
    }
}

#[test]
fn a_good_image_replaces_the_old_one_completely() {
    let mut drill = Drill::new();
    drill.set_image("img:v2");
    drill.pass(30);
    assert_eq!(drill.counts(), [4, 4, 4, 0]);
    assert_eq!(drill.reason(), "NewReplicaSetAvailable");
    assert_eq!(drill.revision(), "2");
    assert_eq!(json::count(drill.set_of("img:v1"), "/spec/replicas"), 0);
    assert_eq!(json::count(drill.app(), "/status/observedGeneration"), 2);
}

#[test]
fn an_image_that_cannot_be_pulled_sticks_and_exceeds_its_deadline() {
    let mut drill = Drill::new();
    drill.set_image("img:v3imagepull");
    drill.pass(10);
    assert_eq!(drill.counts(), [5, 2, 3, 2]);
    assert_eq!(drill.reason(), "ReplicaSetUpdated");
    assert!(json::holds(drill.app(), "Available"));
    drill.pass(20);
    assert_eq!(drill.counts(), [5, 2, 3, 2]);
    assert_eq!(drill.reason(), "ProgressDeadlineExceeded");
    assert_eq!(json::text(drill.progress(), "/status"), "False");
    let (_, pod) = drill
        .world
        .store
        .list(Kind::Pod, Some("ns"))
        .find(|(_, pod)| json::text(pod, "/spec/containers/0/image") == "img:v3imagepull")
        .unwrap();
    let waiting = json::text(pod, "/status/containerStatuses/0/state/waiting/reason");
    assert!(["ImagePullBackOff", "ErrImagePull"].contains(&waiting), "{waiting}");
}

#[test]
fn the_template_put_back_ends_an_exceeded_deadline_and_renumbers() {
    let mut drill = Drill::new();
    drill.set_image("img:v2crash");
    drill.pass(40);
    assert_eq!(drill.reason(), "ProgressDeadlineExceeded");
    let mut template = drill.set_of("img:v1").pointer("/spec/template").unwrap().clone();
    json::remove(&mut template, &["metadata", "labels", "pod-template-hash"]);
    drill.patch(&json!([{"op": "replace", "path": "/spec/template", "value": template}]));
    drill.pass(10);
    assert_eq!(drill.counts(), [4, 4, 4, 0]);
    assert_eq!(drill.reason(), "NewReplicaSetAvailable");
    assert_eq!(drill.revision(), "3");
    let back = drill.set_of("img:v1");
    assert_eq!(json::annotation(back, "deployment.kubernetes.io/revision"), Some("3"));
    assert_eq!(json::annotation(back, "deployment.kubernetes.io/revision-history"), Some("1"));
}

#[test]
fn a_pause_stops_the_rollout_and_its_deadline() {
    let mut drill = Drill::new();
    drill.set_image("img:v2slow");
    drill.pass(1);
    drill.patch(&json!({"spec": {"paused": true}}));
    drill.pass(60);
    assert_eq!(drill.reason(), "DeploymentPaused");
    assert_eq!(json::text(drill.progress(), "/status"), "Unknown");
    assert!(drill.counts()[1] < 4, "{:?}", drill.counts());
    drill.patch(&json!({"spec": {"paused": null}}));
    drill.world.settle();
    assert!(["DeploymentResumed", "ReplicaSetUpdated"].contains(&drill.reason()), "{}", drill.reason());
    drill.pass(60);
    assert_eq!(drill.counts(), [4, 4, 4, 0]);
}

#[test]
fn a_stop_from_a_pause_is_one_patch() {
    let mut drill = Drill::new();
    let template = drill.app().pointer("/spec/template").unwrap().clone();
    let uid = json::uid(drill.app()).to_owned();
    drill.set_image("img:v2never");
    drill.pass(5);
    drill.patch(&json!({"spec": {"paused": true}}));
    drill.pass(5);
    drill.patch(&json!([
        {"op": "test", "path": "/metadata/uid", "value": uid},
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "add", "path": "/spec/paused", "value": false},
    ]));
    drill.pass(10);
    assert_eq!(drill.counts(), [4, 4, 4, 0]);
    assert_eq!(drill.app().pointer("/spec/paused"), None);
    assert_eq!(json::count(drill.set_of("img:v2never"), "/spec/replicas"), 0);
}

#[test]
fn a_quota_refuses_new_pods_and_says_so_until_reverted() {
    let mut drill = Drill::new();
    let quota = json!({"metadata": {"name": "q"}, "spec": {"hard": {"requests.cpu": "500m"}}});
    create(&mut drill.world, Kind::ResourceQuota, "ns", quota);
    drill.patch(&json!({"spec": {"template": {"spec": {"containers": [
        {"name": "main", "image": "img:v2", "resources": {"requests": {"cpu": "1"}}},
    ]}}}}));
    drill.pass(5);
    assert_eq!(drill.counts(), [3, 0, 3, 2], "an old pod is taken down all the same");
    let failure = json::condition(drill.app(), "ReplicaFailure").unwrap();
    let message = json::text(failure, "/message");
    assert!(
        message.contains("exceeded quota: q, requested: requests.cpu=1, used: requests.cpu="),
        "{message}"
    );
    drill.patch(&json!({"spec": {"template": {"spec": {"containers": [
        {"name": "main", "image": "img:v1", "resources": {"requests": {"cpu": "100m"}}},
    ]}}}}));
    drill.pass(15);
    assert_eq!(drill.counts(), [4, 4, 4, 0]);
    assert!(json::condition(drill.app(), "ReplicaFailure").is_none());
}

#[test]
fn a_pod_without_room_says_why() {
    let mut drill = Drill::new();
    drill.patch(&json!({"spec": {"template": {"spec": {"containers": [
        {"name": "main", "resources": {"requests": {"cpu": "64"}}},
    ]}}}}));
    drill.pass(5);
    assert_eq!(drill.counts(), [5, 2, 3, 2]);
    let unscheduled = drill.world.store.list(Kind::Pod, Some("ns")).find_map(|(_, pod)| {
        let condition = json::condition(pod, "PodScheduled")?;
        (json::text(condition, "/reason") == "Unschedulable")
            .then(|| json::text(condition, "/message").to_owned())
    });
    assert!(unscheduled.unwrap().starts_with("0/3 nodes are available: 3 Insufficient cpu."));
}

#[test]
fn scaling_in_mid_rollout_keeps_the_proportion() {
    let mut drill = Drill::with(
        &json!({"replicas": 10, "strategy": {"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}}),
    );
    drill.set_image("img:v2never");
    drill.pass(5);
    assert_eq!(drill.counts()[..2], [13, 5]);
    drill.patch(&json!({"spec": {"replicas": 15}}));
    drill.pass(5);
    let sizes = ["img:v1", "img:v2never"].map(|image| json::count(drill.set_of(image), "/spec/replicas"));
    assert_eq!(sizes, [11, 7], "as in the documentation of proportional scaling");
}

#[test]
fn old_revisions_beyond_the_limit_are_forgotten() {
    let mut drill = Drill::with(&json!({"replicas": 1, "revisionHistoryLimit": 2}));
    for version in 2..=6 {
        drill.set_image(&format!("img:v{version}"));
        drill.pass(20);
    }
    assert_eq!(drill.world.store.list(Kind::ReplicaSet, None).count(), 3);
    assert_eq!(drill.revision(), "6");
}

#[test]
fn no_deadline_means_no_progress_condition() {
    let mut drill = Drill::new();
    drill.patch(&json!({"spec": {"progressDeadlineSeconds": 2_147_483_647}}));
    drill.set_image("img:v2");
    drill.pass(30);
    assert_eq!(drill.counts(), [4, 4, 4, 0]);
    assert!(json::condition(drill.app(), "Progressing").is_none());
}

#[test]
fn recreate_takes_everything_down_first() {
    let mut drill = Drill::with(&json!({"replicas": 3, "strategy": {"type": "Recreate"}}));
    drill.set_image("img:v2");
    let mut most = 0;
    for _ in 0..40 {
        drill.world.advance(TimeDelta::milliseconds(500));
        most = most.max(drill.world.store.list(Kind::Pod, Some("ns")).count());
    }
    assert_eq!(drill.counts(), [3, 3, 3, 0]);
    assert_eq!(most, 3, "never more pods than wanted");
}

#[test]
fn a_deleted_deployment_takes_its_pods_along() {
    let mut drill = Drill::new();
    api::delete(&mut drill.world, &drill.app.clone(), &api::Deletion::default()).unwrap();
    drill.pass(10);
    assert_eq!(drill.world.store.list(Kind::ReplicaSet, None).count(), 0);
    assert_eq!(drill.world.store.list(Kind::Pod, None).count(), 0);
}
