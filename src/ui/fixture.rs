//! States made by hand for the tests of pictures and keys: fixed clock, UTC, nothing measured.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Duration, TimeZone as _, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

use crate::core::State;
use crate::core::settings::Settings;
use crate::core::world::{Stream, Watched};
use crate::model::act::ActKind;
use crate::model::fact::Author;
use crate::model::identity::Connection;
use crate::model::ids::{ClusterId, ContextName, Name, Namespace, ShortName, TemplateHash, Uid};
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Depth, Known, ListedWorkload, ObjectSet, Workload};
use crate::model::observation::{Change, StreamKey, StreamState};
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::owner::GitOpsOwner;
use crate::model::request::{Request, Resource, Write};
use crate::model::series::{Counted, MetricsSource, Reading, Side, Signal, SignalSet, Track};
use crate::model::target::{Scope, Target};
use crate::model::template::{TemplateDigest, TemplateKey};
use crate::model::view::{
    Evidence, Reason, Revision, Traffic, TrafficBasis, Version, WorkloadState, WorkloadView,
};
use crate::model::{Text, Time};

use super::keymap::Keymap;
use super::skin::Skin;
use super::state::UiState;
use super::theme::{ROLES, Theme};
use super::{attend, render};

/// 03:14:07 on a Friday.
pub(crate) fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 20, 3, 14, 7).unwrap()
}

pub(crate) fn minutes_ago(minutes: i64) -> Time {
    now() - Duration::minutes(minutes)
}

pub(crate) fn target(name: &str) -> Target {
    Target::new(WorkloadKind::Deployment, "fx", name)
}

/// A connected console that looks at namespace `fx` and sees nothing in it.
pub(crate) fn empty() -> State {
    let scope = Scope::Namespaces(vec![Namespace::new("fx")]);
    let settings = Settings {
        read_only: false,
        short_name: ShortName::new("prod-eu"),
        plan: None,
        scope,
        default_namespace: Namespace::new("fx"),
        headless: false,
        build: "0.1.0".to_owned(),
        adopt_goals: true,
    };
    let author = Author {
        kube_user: Text::clean("signal-desk"),
        os_user: Text::clean("ops-1"),
        host: Text::clean("jump.example.com"),
        pid: 42,
    };
    let mut state = State::new(settings, author, now());
    state.world.connection = Some(Box::new(connection()));
    state.world.listed = true;
    state.world.round_trip = Some(12);
    state.world.metrics = MetricsSource::None { why: Text::clean("no Service looks like Prometheus") };
    let alive = Stream { state: StreamState::Alive, alive: Some(now()), since: minutes_ago(10) };
    state.world.streams.insert(StreamKey::Kind(WorkloadKind::Deployment), alive);
    state
}

fn connection() -> Connection {
    Connection {
        context: ContextName::new("prod-eu"),
        server: Text::clean("https://api.prod-eu.example.com:6443"),
        version: Text::clean("v1.33.2"),
        ca_fingerprint: Some("3F:9A:11:C0:22:7E:40:01:5D".to_owned()),
        cluster: ClusterId::new("0d1c7f4e"),
        user: Text::clean("signal-desk"),
        groups: vec![Text::clean("ops")],
        insecure: false,
        simulated: false,
    }
}

fn key(hash: &str) -> TemplateKey {
    TemplateKey { replica_set: Uid::new(format!("rs-{hash}")), hash: TemplateHash::new(hash) }
}

pub(crate) fn version(workload: &str, name: &str, ready: i64, pods: i64, desired: i64) -> Version {
    let hash = name.replace('.', "");
    Version {
        name: Text::clean(name),
        key: key(&hash),
        replica_set: Name::new(format!("{workload}-{hash}")),
        pods,
        ready,
        desired,
    }
}

pub(crate) fn revision(
    workload: &str,
    name: &str,
    ready: i64,
    evidence: Evidence,
    current: bool,
) -> Revision {
    let hash = name.replace('.', "");
    Revision {
        name: Text::clean(name),
        key: key(&hash),
        replica_set: Name::new(format!("{workload}-{hash}")),
        number: Some(7),
        images: vec![Text::clean(&format!("registry.example.com/{workload}:{name}"))],
        created: Some(minutes_ago(if current { 5 } else { 17_280 })),
        ready,
        pods: ready,
        evidence,
        current,
        differs: Some(vec![Text::clean(&format!("image {workload}:{name}"))]),
    }
}

/// A workload at rest and well.
pub(crate) fn at_rest(name: &str, release: &str, pods: i64) -> WorkloadView {
    let stable = version(name, release, pods, pods, pods);
    WorkloadView {
        target: target(name),
        uid: Uid::new(format!("uid-{name}")),
        strategy: "rolling",
        state: WorkloadState::Healthy,
        reasons: Vec::new(),
        in_flight: false,
        paused: false,
        finished: Some(minutes_ago(180)),
        started: None,
        wanted: pods,
        ready: pods,
        stable: Some(stable.clone()),
        candidate: None,
        revisions: vec![revision(name, release, pods, Evidence::SeenComplete { at: minutes_ago(180) }, true)],
        traffic: Traffic::default(),
        owner: None,
        driver: None,
        autoscaler: None,
        way_back: Err(Refusal::new(RefusalKind::NoneKnownGood, "no earlier revision is known good")),
        stop: Err(Refusal::new(RefusalKind::NothingToDo, "nothing is in flight")),
        needs_templates: Vec::new(),
        complete: None,
    }
}

/// A workload in flight from one version to the next: `old` of `pods` serve, `new` of `pods` are ready.
pub(crate) fn in_flight(name: &str, from: &str, to: &str, old: i64, new: i64, pods: i64) -> WorkloadView {
    let (stable, candidate) =
        (version(name, from, old, old, old), version(name, to, new, new.max(3), new.max(3)));
    let shares = vec![
        (stable.key.clone(), u32::try_from(old).unwrap()),
        (candidate.key.clone(), u32::try_from(new).unwrap()),
    ];
    WorkloadView {
        state: WorkloadState::Progressing,
        in_flight: true,
        started: Some(minutes_ago(5)),
        finished: None,
        wanted: pods,
        ready: old + new,
        stable: Some(stable),
        candidate: Some(candidate),
        revisions: vec![
            revision(name, to, new, Evidence::Unproven, true),
            revision(name, from, old, Evidence::SeenComplete { at: minutes_ago(17_280) }, false),
        ],
        traffic: Traffic { basis: TrafficBasis::Endpoints, shares, services: vec![Name::new(name)] },
        way_back: Ok(back_to(name, from)),
        stop: Ok(back_to(name, from)),
        ..at_rest(name, from, pods)
    }
}

/// The outline of a roll-back.
pub(crate) fn back_to(name: &str, release: &str) -> Outline {
    let hash = release.replace('.', "");
    let body = serde_json::json!([
        {"op": "test", "path": "/metadata/uid", "value": format!("uid-{name}")},
        {"op": "replace", "path": "/spec/template", "value": {"spec": {"containers": [{"name": "main", "image": format!("{name}:{release}")}]}}},
    ]);
    Outline {
        act: ActKind::RollBack,
        target: target(name),
        uid: Uid::new(format!("uid-{name}")),
        title: Text::clean(&format!("Roll back {name} to {release}")),
        effect: vec![Text::clean("3 new pods of 1.8.3 (0 ready) go; 9 pods of 1.8.2 stay, 0 restart")],
        good: Some(Text::clean(&format!("{release} serves now on 9 of 9 pods"))),
        after: vec![Text::clean("owned by Helm release api: a redeploy will bring 1.8.3 back")],
        steps: vec![Step {
            does: Text::clean(&format!("put the template of {release} back")),
            request: Request {
                resource: Resource {
                    group: "apps".to_owned(),
                    version: "v1".to_owned(),
                    plural: "deployments".to_owned(),
                    namespace: Namespace::new("fx"),
                    name: Name::new(name),
                    subresource: String::new(),
                },
                write: Write::JsonPatch(body),
            },
        }],
        want: Want::Serving {
            hash: Some(TemplateHash::new(hash)),
            digest: TemplateDigest(7),
            version: Text::clean(release),
        },
        destructive: false,
        estimate_seconds: Some(20),
    }
}

/// Puts a workload into view.
pub(crate) fn add(state: &mut State, view: WorkloadView, state_since: Time) {
    let set = ObjectSet {
        target: view.target.clone(),
        workload: Workload::Listed(Box::<ListedWorkload>::default()),
        depth: Depth::Full,
        replica_sets: Vec::new(),
        pods: Vec::new(),
        services: Vec::new(),
        autoscalers: Vec::new(),
        driver: view.driver.clone(),
    };
    let watched = Watched {
        set: Arc::new(set),
        seen: now(),
        known: Known::default(),
        state_since,
        asked_templates: None,
        view: view.clone(),
    };
    state.world.workloads.insert(view.target, watched);
}

/// Twelve workloads, all well.
pub(crate) fn healthy() -> State {
    let mut state = empty();
    for (name, release, pods) in [
        ("auth", "4.2.0", 3),
        ("billing", "2.0.7", 2),
        ("config", "1.1.0", 2),
        ("feed", "0.9.4", 4),
        ("gateway", "1.0.1", 12),
        ("ledger", "3.3.1", 3),
        ("mailer", "1.0.0", 1),
        ("quotes", "5.1.2", 6),
        ("search", "2.2.2", 3),
        ("signal-engine", "2.4.1", 6),
        ("telegram-bot", "0.3.0", 2),
        ("trading", "1.0.1", 8),
    ] {
        add(&mut state, at_rest(name, release, pods), minutes_ago(180));
    }
    state
}

/// The 3 a.m. screen: one image cannot be pulled, one rollout is under way, ten workloads are well.
pub(crate) fn stuck() -> State {
    let mut state = healthy();
    for gone in ["mailer", "search"] {
        state.world.workloads.remove(&target(gone));
    }
    let mut api = in_flight("api", "1.8.2", "1.8.3", 9, 0, 9);
    api.state = WorkloadState::Stuck;
    api.owner = Some(GitOpsOwner::Helm("api".to_owned(), "fx".to_owned()));
    api.reasons = vec![
        Reason {
            what: Text::clean("ImagePullBackOff on 1 of 3"),
            detail: Some(Text::clean("manifest for registry.example.com/api:1.8.3 not found")),
            since: Some(minutes_ago(4)),
        },
        Reason {
            what: Text::clean("3 new pods wanted, 0 ready; Kubernetes gives up in 6 m (progress deadline)"),
            detail: None,
            since: None,
        },
    ];
    add(&mut state, api, minutes_ago(4));
    add(&mut state, in_flight("payments", "3.0.0", "3.1.0", 12, 4, 12), minutes_ago(6));
    state.world.changes.insert(
        Namespace::new("fx"),
        vec![
            change("api", 5, Some("api:1.8.2"), "api:1.8.3", Some("helm (ci)")),
            change("signal-engine", 182, Some("engine:2.4.0"), "engine:2.4.1", Some("argocd")),
            change("trading", 334, None, "trading:1.0.1", None),
        ],
    );
    state
}

fn change(name: &str, minutes: i64, from: Option<&str>, to: &str, by: Option<&str>) -> Change {
    Change {
        target: target(name),
        at: minutes_ago(minutes),
        from: from.map(Text::clean),
        to: Text::clean(to),
        by: by.map(Text::clean),
    }
}

/// The same with metrics of the workload that moves.
pub(crate) fn measured() -> State {
    let mut state = stuck();
    state.world.metrics = MetricsSource::Found {
        place: Text::clean("monitoring/prometheus:9090"),
        how: Text::clean("Service found"),
    };
    for name in ["payments", "api", "trading"] {
        state.world.signals.insert(target(name), Arc::new(signals(name)));
    }
    state
}

pub(crate) fn signals(name: &str) -> SignalSet {
    let track = |signal: Signal, base: f64| {
        let points = (0..60).map(|step| {
            let wave = f64::from((step * 7 + 3) % 11) / 11.0;
            (
                now() - Duration::seconds(30 * i64::from(60 - step)),
                (step != 20).then_some(base * (0.8 + 0.4 * wave)),
            )
        });
        let track = Track {
            now: Reading::Value(base),
            sampled: Some(now() - Duration::seconds(3)),
            points: points.collect(),
            query: Text::clean("sum(rate(http_requests_total[1m]))"),
        };
        (signal, track)
    };
    let side = |scale: f64| -> BTreeMap<Signal, Track> {
        [
            track(Signal::ErrorRate, 0.04 * scale),
            track(Signal::RequestRate, 310.0 * scale),
            track(Signal::LatencyP50, 40.0 * scale),
            track(Signal::LatencyP95, 198.0 * scale),
            track(Signal::LatencyP99, 410.0 * scale),
        ]
        .into()
    };
    let counted = Counted { requests: 1840.0, failed: 0.0 };
    SignalSet {
        target: target(name),
        asked: now() - Duration::seconds(3),
        window_seconds: 60,
        tracks: [(Side::Stable, side(1.0)), (Side::Candidate, side(1.1))].into(),
        counted: [(Side::Stable, counted), (Side::Candidate, counted)].into(),
        found: Text::clean("http_requests_total with label code"),
    }
}

/// The picture state that a console has after its first frame.
pub(crate) fn ui(state: &State) -> UiState {
    let mut ui = UiState::new(Keymap::shipped());
    attend(&mut ui, state);
    ui
}

/// The picture as text, a line for each row, without spaces at the ends.
pub(crate) fn text(state: &State, ui: &UiState, width: u16, height: u16) -> String {
    let buffer = drawn(state, ui, &Skin::plain(), width, height);
    rows(&buffer, |buffer, x, y| buffer[(x, y)].symbol().to_owned())
}

/// The picture as roles: one letter for each cell that shows something.
pub(crate) fn roles(state: &State, ui: &UiState, width: u16, height: u16) -> String {
    let skin = Skin { theme: Theme::numbered(), ascii: false };
    let buffer = drawn(state, ui, &skin, width, height);
    rows(&buffer, |buffer, x, y| {
        let cell = &buffer[(x, y)];
        let letter = match cell.fg {
            Color::Indexed(number) => ROLES[usize::from(number)].letter,
            _ => ' ',
        };
        if letter == '.' && cell.symbol() == " " { " ".to_owned() } else { letter.to_string() }
    })
}

/// Text and roles of one picture, for a snapshot.
pub(crate) fn picture(state: &State, ui: &UiState, width: u16, height: u16) -> String {
    format!("{}\n\n{}", text(state, ui, width, height), roles(state, ui, width, height))
}

pub(crate) fn drawn(state: &State, ui: &UiState, skin: &Skin, width: u16, height: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    render(state, ui, skin, &mut buffer);
    buffer
}

fn rows(buffer: &Buffer, cell: impl Fn(&Buffer, u16, u16) -> String) -> String {
    let row =
        |y| (0..buffer.area.width).map(|x| cell(buffer, x, y)).collect::<String>().trim_end().to_owned();
    (0..buffer.area.height).map(row).collect::<Vec<_>>().join("\n")
}
