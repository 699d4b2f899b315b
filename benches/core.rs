//! Cost of the core's steps, of projections and of frames. Figures are compared as ratios within one run: machines
//! differ.

#![expect(clippy::expect_used, reason = "a bench that cannot build its objects measures nothing")]
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use gonogo::core::settings::Settings;
use gonogo::core::{Event, Stamped, State, update};
use gonogo::model::Time;
use gonogo::model::deployment::Deployment;
use gonogo::model::fact::Author;
use gonogo::model::ids::{FreshId, Name, Namespace, ShortName, TemplateHash};
use gonogo::model::kind::WorkloadKind;
use gonogo::model::objects::{Depth, Known, ObjectSet, Workload};
use gonogo::model::observation::{Observation, PodLine};
use gonogo::model::pod::{Interner, Pod, WirePod};
use gonogo::model::replicaset::ReplicaSet;
use gonogo::model::target::{Scope, Target};
use gonogo::strategy::strategy_of;
use gonogo::ui::keymap::Keymap;
use gonogo::ui::{self, InputEvent, Skin, UiState};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
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

fn tell(state: &mut State, number: &mut u128, event: Event) {
    *number += 1;
    black_box(update(state, Stamped { at: state.now, id: FreshId(*number << 80), event }));
}

/// The set as it is, and with one pod that is no longer ready.
fn two_faces(index: usize) -> [Arc<ObjectSet>; 2] {
    let whole = workload(&format!("api-{index:02}"), PODS / WORKLOADS);
    let mut ill = whole.clone();
    ill.pods[0].ready = !ill.pods[0].ready;
    [Arc::new(whole), Arc::new(ill)]
}

const WORKLOADS: usize = 50;
const PODS: usize = 10_000;
/// Changed pods a second.
const CHANGES: usize = 200;

/// 50 components of 200 pods each, a way back prepared for all of them: one changes, and a second in which 200 pods do.
/// No change shares a batch with another here, which is the worst case: watches collect for a tenth of a second.
fn updates(c: &mut Criterion) {
    let faces: Vec<[Arc<ObjectSet>; 2]> = (0..WORKLOADS).map(two_faces).collect();
    let (mut state, mut number) = (state(), 1);
    let seen = state.now;
    let show = |state: &mut State, number: &mut u128, workload: usize, face: usize| {
        let snapshot = Arc::clone(&faces[workload][face % 2]);
        tell(state, number, Event::Observation(Observation::Objects { snapshot, seen }));
    };
    for workload in 0..WORKLOADS {
        show(&mut state, &mut number, workload, 0);
    }
    let mut turn = 0;
    let mut group = c.benchmark_group("update, 50 components and 10 000 pods");
    group.throughput(Throughput::Elements(1));
    group.bench_function("one change", |b| {
        b.iter(|| {
            turn += 1;
            show(&mut state, &mut number, 25, turn);
        });
    });
    group.throughput(Throughput::Elements(CHANGES as u64));
    group.bench_function("a second of 200 changes", |b| {
        b.iter(|| {
            turn += 1;
            for change in 0..CHANGES {
                show(&mut state, &mut number, change % WORKLOADS, turn + change / WORKLOADS);
            }
        });
    });
    group.finish();
}

/// By the pod, so that what grows faster than the number of pods is seen at once. Aim: under 2 ms for 10 000.
fn projection(c: &mut Criterion) {
    let mut group = c.benchmark_group("projection");
    for count in [100, 1_000, PODS] {
        let set = workload("api", count);
        let known = Known::default();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} pods"), |b| {
            b.iter(|| black_box(strategy_of(&set).project(black_box(&set), &known)));
        });
    }
    group.finish();
}

fn line(index: usize) -> Arc<PodLine> {
    Arc::new(PodLine {
        namespace: Namespace::new("shop"),
        name: format!("api-7d4b9c6f5d-{index:05}").into(),
        ready: "1/1".into(),
        status: if index.is_multiple_of(97) { "CrashLoopBackOff" } else { "Running" }.into(),
        restarts: "0".into(),
        age: "5m".into(),
        node: format!("node-{}", index % 5).into(),
    })
}

/// The list of all pods on a screen of 120x40: a key with the frame that answers it.
fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("a key and its frame");
    for count in [40, 1_000, PODS] {
        let (mut state, mut number) = (state(), 1);
        let rows = Arc::new((0..count).map(line).collect());
        let table = Observation::PodTable { rows, whole: true };
        tell(&mut state, &mut number, Event::Observation(table));
        let mut ui = UiState::new(Keymap::shipped());
        ui.size = (120, 40);
        let mut press = |state: &State, code: KeyCode| {
            let event = KeyEvent::new(code, KeyModifiers::NONE);
            drop(ui::handle(&mut ui, state, InputEvent::Key { event, burst: 1, alone: false }));
            let mut cells = Buffer::empty(Rect::new(0, 0, 120, 40));
            ui::render(state, &ui, &Skin::plain(), &mut cells);
            cells
        };
        press(&state, KeyCode::Char('3'));
        group.bench_function(format!("{count} pods"), |b| {
            b.iter(|| black_box(press(&state, KeyCode::Down)));
        });
    }
    group.finish();
}

criterion_group!(benches, updates, projection, frames);
criterion_main!(benches);
