//! States for the pictures of the screens.

use std::sync::Arc;

use chrono::Duration;

use crate::core::event::{Event, Receipt, Stamped};
use crate::core::{State, update};
use crate::model::act::{Act, ActKind};
use crate::model::fact::{Author, Entry, Fact};
use crate::model::ids::{
    ActId, ChecklistId, EntryHash, FreshId, ItemId, Name, Namespace, SessionId, ShortName, TemplateHash, Uid,
};
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Depth, ListedWorkload, ObjectSet, Workload};
use crate::model::observation::{Change, EventLine, Observation, PodLine, StreamKey, StreamState};
use crate::model::outline::{RefusalKind, Want};
use crate::model::owner::{Driver, GitOpsOwner};
use crate::model::plan::{About, Checklist, EvidenceKind, Item, Phase, Plan, Release};
use crate::model::pod::ContainerState;
use crate::model::recorded;
use crate::model::series::{Counted, MetricsSource, Reading, Side, Signal};
use crate::model::service::Autoscaler;
use crate::model::target::{Scope, Target};
use crate::model::template::TemplateDigest;
use crate::model::{Text, Time};
use crate::ui::fixture::{self, picture};
use crate::ui::input::{InputEvent, handle};
use crate::ui::screens::ScreenId;
use crate::ui::state::UiState;
use crossterm::event::KeyEvent;

/// Some minutes after the newest recorded object was written.
pub(super) fn later() -> Time {
    "2026-11-20T21:40:00Z".parse().unwrap()
}

pub(super) fn see(state: &mut State, observation: Observation) {
    let event = Event::Observation(observation);
    update(state, Stamped { at: later(), id: FreshId(7 << 80), event });
}

/// A console that sees one recorded Deployment, with what belongs to it.
pub(super) fn recorded(situation: &str) -> (State, Target) {
    let (mut set, mut known) = recorded::deployment(situation);
    let first = set
        .replica_sets
        .iter()
        .min_by_key(|one| one.revision())
        .map(crate::model::replicaset::ReplicaSet::hash);
    if let Some(hash) = first {
        recorded::seen(&set, &mut known, hash.as_str(), 10);
    }
    let service = recorded::service(&set);
    set.services.push(service);
    set.autoscalers.push(Autoscaler {
        name: Name::new("app-hpa"),
        target_kind: None,
        target: set.target.name.clone(),
        min: 2,
        max: 12,
    });
    let labels = &mut recorded::edit(&mut set).metadata;
    labels.labels.insert("app.kubernetes.io/managed-by".into(), "Helm".into());
    labels.annotations.insert("meta.helm.sh/release-name".into(), "shop".into());
    let target = set.target.clone();
    let mut state = fixture::empty();
    state.world.scope = Scope::Namespaces(vec![target.namespace.clone()]);
    state.desk.remembered = known.seen_complete.clone();
    alive(&mut state, &target);
    see(&mut state, Observation::Objects { snapshot: Arc::new(set), seen: later() });
    let found = known.templates.into_iter().collect();
    see(&mut state, Observation::Templates { target: target.clone(), found });
    (state, target)
}

pub(super) fn alive(state: &mut State, target: &Target) {
    for key in [StreamKey::Kind(target.kind), StreamKey::Detail(target.clone()), StreamKey::Events] {
        see(state, Observation::Stream { key, state: StreamState::Alive });
    }
}

pub(super) fn events(state: &mut State, target: &Target, pod: &str) {
    let line =
        |minutes: i64, warning: bool, reason: &str, about: &str, message: &str, count: u32| EventLine {
            at: Some(later() - Duration::minutes(minutes)),
            warning,
            reason: Text::clean(reason),
            about: Text::clean(about),
            message: Text::clean(message),
            count,
        };
    let about = format!("Pod/{pod}");
    let lines = vec![
        line(1, true, "Failed", &about, "Error: ImagePullBackOff", 14),
        line(3, true, "Failed", &about, "Failed to pull image \"registry.example.com/app:2\": not found", 4),
        line(5, false, "Scheduled", &about, "Successfully assigned shop/app to node-1", 1),
        line(5, false, "ScalingReplicaSet", "Deployment/app", "Scaled up replica set app-7f to 3", 1),
    ];
    see(state, Observation::Events { target: target.clone(), lines });
}

/// The picture of one screen, after these keys.
pub(super) fn at(state: &State, screen: ScreenId, keys: &str) -> UiState {
    let mut ui = fixture::ui(state);
    ui.screen = screen;
    for word in keys.split_whitespace() {
        press(&mut ui, state, word);
    }
    ui
}

pub(super) fn press(ui: &mut UiState, state: &State, word: &str) -> crate::ui::input::Answer {
    use crossterm::event::{KeyCode, KeyModifiers};
    let code = match word {
        "down" => KeyCode::Down,
        "up" => KeyCode::Up,
        "enter" => KeyCode::Enter,
        "tab" => KeyCode::Tab,
        "esc" => KeyCode::Esc,
        "end" => KeyCode::End,
        one => KeyCode::Char(one.chars().next().unwrap()),
    };
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    handle(ui, state, InputEvent::Key { event, burst: 1, alone: true })
}

/// 2 000 pods of two namespaces, some of them ill.
pub(super) fn pod_table(state: &mut State, count: usize) {
    let rows = (0..count).map(|number| {
        let (ready, status, restarts) = match number % 400 {
            17 => ("0/1", "CrashLoopBackOff", "14 (3m ago)"),
            18 => ("0/1", "ImagePullBackOff", "0"),
            19 => ("0/1", "ContainerCreating", "0"),
            20 => ("0/1", "Completed", "0"),
            _ => ("1/1", "Running", "0"),
        };
        PodLine {
            namespace: Namespace::new(if number % 2 == 0 { "shop" } else { "payments" }),
            name: format!("load-{:04}-6d9c8f7b4-{:05}", number / 50, number).into(),
            ready: ready.into(),
            status: status.into(),
            restarts: restarts.into(),
            age: "4d2h".into(),
            node: format!("node-{}", number % 12).as_str().into(),
        }
    });
    see(state, Observation::PodTable { rows: Arc::new(rows.collect()), whole: true });
    see(state, Observation::Stream { key: StreamKey::PodTable, state: StreamState::Alive });
}

fn author(name: &str) -> Author {
    Author { kube_user: Text::clean(name), os_user: "ops".into(), host: "jump.example.com".into(), pid: 7 }
}

/// Entries of a journal, a minute apart.
pub(super) fn enter(state: &mut State, facts: Vec<(&str, Fact)>) {
    let first = i64::try_from(facts.len()).unwrap();
    let entries = (1..).zip(facts).map(|(seq, (by, fact))| Entry {
        seq,
        session: SessionId::new("0193-a1"),
        prev: EntryHash::default(),
        hash: EntryHash(seq.to_string()),
        at: state.now - Duration::minutes(first - i64::try_from(seq).unwrap()),
        author: author(by),
        fact,
    });
    let event = Event::Receipt(Receipt::Foreign { entries: entries.collect() });
    let at = state.now;
    update(state, Stamped { at, id: FreshId(9 << 80), event });
}

pub(super) fn story(target: &Target) -> Vec<(&'static str, Fact)> {
    let act = ActId::new("0193-b2");
    let want = Want::Serving { hash: None, digest: TemplateDigest(3), version: "1.8.2".into() };
    vec![
        ("lead", Fact::ControlTaken { short_name: ShortName::new("prod-eu") }),
        ("lead", Fact::StateSeen { target: target.clone(), what: "started 1.8.2 → 1.8.3".into() }),
        (
            "lead",
            Fact::ItemTicked { item: ItemId::new("health"), evidence: Some("3/3 probes 200, 41 ms".into()) },
        ),
        ("lead", Fact::StateSeen { target: target.clone(), what: "stopped progressing".into() }),
        (
            "ops-1",
            Fact::Refused {
                what: ActKind::Promote,
                target: target.clone(),
                kind: RefusalKind::NotPossibleHere,
                why: "Kubernetes advances a Deployment by itself".into(),
            },
        ),
        (
            "lead",
            Fact::Authorised {
                act: act.clone(),
                what: Act::RollBack { to: None },
                target: target.clone(),
                uid: Uid::new("uid-api"),
                title: "Roll back api to 1.8.2".into(),
                want,
                away_from: Some(TemplateHash::new("183")),
                digest: "d1".into(),
            },
        ),
        ("lead", Fact::Proven { act: act.clone(), seen: "9/9 pods run 1.8.2".into(), millis: 12_400 }),
        (
            "lead",
            Fact::Reverted {
                act,
                target: target.clone(),
                by: "helm-controller".into(),
                remedy: GitOpsOwner::ArgoCd("api".into()).suspend_command().map(Text::from),
            },
        ),
        ("ops-1", Fact::Noted { text: "called the release lead: the tag was never pushed".into() }),
    ]
}

pub(super) fn plan() -> Plan {
    let item = |id: &str, text: &str, owner: Option<&str>, critical, evidence, expect: Option<&str>| Item {
        id: ItemId::new(id),
        text: Text::clean(text),
        owner: owner.map(Text::clean),
        critical,
        expect: expect.map(Text::clean),
        evidence,
        about: About::default(),
    };
    let list = |id: &str, title: &str, items| Checklist {
        id: ChecklistId::new(id),
        title: Text::clean(title),
        items,
        about: About::default(),
    };
    Plan {
        id: "fx-platform".into(),
        about: About::default(),
        title: "fx-platform release".into(),
        hash: "c0ffee".into(),
        release: Release { version: "1.0.1".into(), previous: Some("1.0.0".into()), about: About::default() },
        environments: Vec::new(),
        components: Vec::new(),
        phases: vec![
            Phase {
                id: "before".into(),
                title: "Before".into(),
                checklists: vec![ChecklistId::new("pre")],
                about: About::default(),
            },
            Phase {
                id: "during".into(),
                title: "Gradual rollout".into(),
                checklists: vec![ChecklistId::new("go")],
                about: About::default(),
            },
        ],
        checklists: vec![
            list(
                "pre",
                "Pre-deployment",
                vec![
                    item(
                        "backup",
                        "Database backup is younger than an hour",
                        Some("dba"),
                        true,
                        EvidenceKind::Link,
                        None,
                    ),
                    item(
                        "health",
                        "Health checks passed",
                        Some("lead"),
                        false,
                        EvidenceKind::Note,
                        Some("3 of 3 probes answer 200"),
                    ),
                    item("freeze", "No change freeze is announced", None, false, EvidenceKind::None, None),
                ],
            ),
            list(
                "go",
                "Deployment",
                vec![
                    item("smoke", "Smoke tests on the candidate", Some("qa"), true, EvidenceKind::Link, None),
                    item(
                        "errors",
                        "Error rate seen after ten minutes",
                        Some("ops"),
                        false,
                        EvidenceKind::Value,
                        Some("under 0.1 %"),
                    ),
                ],
            ),
            list(
                "later",
                "Afterwards",
                vec![item("mail", "Release notes are sent", Some("lead"), false, EvidenceKind::None, None)],
            ),
        ],
    }
}

/// Signals of every kind of reading.
pub(super) fn patchy(state: &mut State) {
    let target = fixture::target("api");
    let mut set = fixture::signals("api");
    let candidate = set.tracks.get_mut(&Side::Candidate).unwrap();
    candidate.get_mut(&Signal::LatencyP99).unwrap().now =
        Reading::Failed("execution: many-to-many matching".into());
    candidate.get_mut(&Signal::LatencyP95).unwrap().now = Reading::Stale { age_seconds: 140 };
    candidate.get_mut(&Signal::LatencyP50).unwrap().now = Reading::NotFinite;
    candidate.remove(&Signal::RequestRate);
    set.counted.insert(Side::Candidate, Counted { requests: 22.0, failed: 1.0 });
    state.world.signals.insert(target, Arc::new(set));
    state.world.metrics =
        MetricsSource::Found { place: "monitoring/prometheus:9090".into(), how: "Service found".into() };
}

pub(super) fn changed(state: &mut State, target: &Target, minutes: i64, to: &str) {
    let change = Change {
        target: target.clone(),
        at: state.now - Duration::minutes(minutes),
        from: Some("registry.example.com/app:1".into()),
        to: Text::clean(to),
        by: Some("helm (ci)".into()),
    };
    state.world.changes.entry(target.namespace.clone()).or_default().push(change);
}

/// Pictures at the three sizes of the house.
pub(super) fn pictures(state: &State, ui: &UiState) -> String {
    let sizes = [(80, 24), (120, 40), (200, 60)];
    sizes
        .map(|(width, height)| {
            picture(state, &UiState { size: (width, height), ..ui.clone() }, width, height)
        })
        .join("\n\n")
}

/// The name of the first pod that was recorded.
pub(super) fn first_pod(state: &State, target: &Target) -> String {
    state.world.workloads[target].set.pods[0].name.to_string()
}

pub(super) fn document(state: &mut State, title: &str, text: &str) {
    see(state, Observation::Document { title: title.into(), lines: Text::lines(text) });
}

/// The same workload with so many pods: copies of those that were recorded.
pub(super) fn many(state: &mut State, target: &Target, count: usize) {
    let watched = state.world.workloads.get_mut(target).unwrap();
    let mut set = (*watched.set).clone();
    let recorded = set.pods.clone();
    set.pods = (0..count)
        .map(|number| {
            let mut pod = recorded[(number * 7 + number / 9) % recorded.len()].clone();
            pod.name = Name::new(format!("{}-{number:05}", pod.owner.clone().unwrap_or_default()));
            pod
        })
        .collect();
    watched.set = Arc::new(set);
}

/// A pod that was ready ends again and again.
pub(super) fn make_ill(state: &mut State, target: &Target, name: &str) {
    let watched = state.world.workloads.get_mut(target).unwrap();
    let mut set = (*watched.set).clone();
    let pod = set.pods.iter_mut().find(|pod| pod.name.as_str() == name).unwrap();
    pod.ready = false;
    pod.containers[0].ready = false;
    pod.containers[0].state =
        ContainerState::Waiting { reason: "CrashLoopBackOff".into(), message: "".into() };
    watched.set = Arc::new(set);
}

/// Names of pods in a picture, from top to bottom.
pub(super) fn order_of_rows(picture: &str) -> Vec<String> {
    let body = picture.lines().filter(|line| line.contains("node-"));
    body.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("app-")))
        .map(str::to_owned)
        .collect()
}

/// A StatefulSet that an operator's controller drives, with a pod that waits for its volume.
pub(super) fn listed(state: &mut State) -> Target {
    let (recorded, _) = recorded::deployment("stuck-unschedulable");
    let target = Target::new(WorkloadKind::StatefulSet, "fx", "ledger-db");
    let listed = ListedWorkload {
        wanted: 3,
        ready: 2,
        phase: "Progressing".into(),
        message: "waiting for ledger-db-2 to be ready".into(),
        images: recorded.replica_sets[0].spec.template.images.clone(),
        ..ListedWorkload::default()
    };
    let ill = recorded.pods.iter().filter(|pod| !pod.ready).take(1).cloned();
    let set = ObjectSet {
        target: target.clone(),
        workload: Workload::Listed(Box::new(listed)),
        depth: Depth::Full,
        replica_sets: Vec::new(),
        pods: ill.collect(),
        services: Vec::new(),
        autoscalers: Vec::new(),
        driver: Some(Driver::by_kind("PostgresCluster", "ledger")),
    };
    alive(state, &target);
    see(state, Observation::Objects { snapshot: Arc::new(set), seen: later() });
    target
}
