//! Cost of one step of the core and of one projection. Figures are compared as ratios within one run: machines differ.

#![expect(clippy::expect_used, reason = "a bench that cannot build its objects measures nothing")]
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use gonogo::core::settings::Settings;
use gonogo::core::{Event, Stamped, State, update};
use gonogo::model::Time;
use gonogo::model::deployment::Deployment;
use gonogo::model::fact::Author;
use gonogo::model::ids::{FreshId, Name, Namespace, ShortName, TemplateHash};
use gonogo::model::kind::WorkloadKind;
use gonogo::model::objects::{Depth, Known, ObjectSet, Workload};
use gonogo::model::observation::Observation;
use gonogo::model::pod::{Interner, Pod, WirePod};
use gonogo::model::replicaset::ReplicaSet;
use gonogo::model::target::{Scope, Target};
use gonogo::strategy::strategy_of;
use serde_json::{Value, json};

fn template(hash: Option<&str>, tag: &str) -> Value {
    let mut labels = json!({"app": "api"});
    if let Some(hash) = hash {
        labels["pod-template-hash"] = json!(hash);
    }
    json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": format!("shop/api:{tag}")}]}})
}

/// A Deployment in mid-update with `count` pods, half of them new.
fn workload(name: &str, count: usize) -> ObjectSet {
    let deployment: Deployment = serde_json::from_value(json!({
        "metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": "1", "generation": 2,
                     "annotations": {"deployment.kubernetes.io/revision": "2"}},
        "spec": {"replicas": count, "template": template(None, "1.8.3")},
        "status": {"observedGeneration": 2, "replicas": count, "updatedReplicas": count / 2, "readyReplicas": count,
                   "availableReplicas": count,
                   "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]},
    }))
    .expect("a Deployment");
    let set = |hash: &str, tag: &str, revision: &str| -> ReplicaSet {
        serde_json::from_value(json!({
            "metadata": {"name": format!("{name}-{hash}"), "uid": format!("{name}-{hash}"),
                         "labels": {"pod-template-hash": hash},
                         "annotations": {"deployment.kubernetes.io/revision": revision}},
            "spec": {"replicas": count / 2, "template": template(Some(hash), tag)},
            "status": {"replicas": count / 2, "readyReplicas": count / 2, "availableReplicas": count / 2},
        }))
        .expect("a ReplicaSet")
    };
    let mut strings = Interner::default();
    let target = Target::new(WorkloadKind::Deployment, "shop", name);
    ObjectSet {
        depth: Depth::Full,
        replica_sets: vec![set("old", "1.8.2", "1"), set("new", "1.8.3", "2")],
        pods: (0..count).map(|index| pod(name, index, &mut strings)).collect(),
        ..ObjectSet::bare(target, Workload::Deployment(Box::new(deployment)), None)
    }
}

fn pod(name: &str, index: usize, strings: &mut Interner) -> Pod {
    let hash = if index.is_multiple_of(2) { "old" } else { "new" };
    let wire: WirePod = serde_json::from_value(json!({
        "metadata": {"name": format!("{name}-{hash}-{index:05}"), "namespace": "shop", "uid": index.to_string(),
                     "labels": {"pod-template-hash": hash},
                     "ownerReferences": [{"kind": "ReplicaSet", "name": format!("{name}-{hash}"), "controller": true}]},
        "spec": {"nodeName": format!("node-{}", index % 5), "containers": [{"name": "main", "image": "shop/api:1"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
                   "containerStatuses": [{"name": "main", "image": "shop/api:1", "ready": true,
                                          "state": {"running": {}}}]},
    }))
    .expect("a pod");
    let mut pod = wire.compact(strings);
    pod.hash = TemplateHash::new(hash);
    pod.owner = Some(Name::new(format!("{name}-{hash}")));
    pod
}

fn state() -> State {
    let settings = Settings {
        read_only: false,
        short_name: ShortName::new("bench"),
        plan: None,
        scope: Scope::All,
        default_namespace: Namespace::new("shop"),
        headless: false,
        build: "bench".into(),
        adopt_goals: true,
    };
    State::new(settings, Author::default(), Time::default())
}

/// 50 workloads of 200 pods each: one of them changes.
fn one_update(c: &mut Criterion) {
    let sets: Vec<ObjectSet> = (0..50).map(|index| workload(&format!("api-{index}"), 200)).collect();
    let mut state = state();
    let mut version = 1_u128;
    let mut show = |state: &mut State, set: &ObjectSet| {
        version += 1;
        let mut set = set.clone();
        if let Workload::Deployment(deployment) = &mut set.workload {
            deployment.metadata.resource_version.0 = version.to_string();
        }
        let event = Event::Observation(Observation::Objects { snapshot: Arc::new(set), seen: state.now });
        update(state, Stamped { at: state.now, id: FreshId(version << 80), event })
    };
    for set in &sets {
        show(&mut state, set);
    }
    c.bench_function("update: one of 50 workloads, 10 000 pods in all", |b| {
        b.iter(|| black_box(show(&mut state, &sets[25])));
    });
}

fn projection(c: &mut Criterion) {
    let mut group = c.benchmark_group("projection");
    for count in [100, 1_000, 10_000] {
        let set = workload("api", count);
        let known = Known::default();
        group.bench_function(format!("{count} pods"), |b| {
            b.iter(|| black_box(strategy_of(&set).project(black_box(&set), &known)));
        });
    }
    group.finish();
}

criterion_group!(benches, one_update, projection);
criterion_main!(benches);
