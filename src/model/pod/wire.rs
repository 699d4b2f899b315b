//! A pod as the API server writes it, and its way into a compact row.

use super::{
    Arc, Condition, Container, ContainerState, Deserialize, Ended, HASH_LABELS, Interner, Meta, Pod,
};
use super::{TemplateHash, Text, Time, nullable};

/// `v1 Pod`, thin, as it is parsed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WirePod {
    /// Metadata.
    pub metadata: Meta,
    spec: Spec,
    status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    node_name: String,
    #[serde(deserialize_with = "nullable")]
    containers: Vec<SpecContainer>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SpecContainer {
    name: String,
    image: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    phase: String,
    reason: String,
    #[serde(rename = "podIP")]
    pod_ip: String,
    #[serde(deserialize_with = "nullable")]
    conditions: Vec<Condition>,
    #[serde(deserialize_with = "nullable")]
    container_statuses: Vec<StatusContainer>,
    #[serde(deserialize_with = "nullable")]
    init_container_statuses: Vec<StatusContainer>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StatusContainer {
    name: String,
    image: String,
    #[serde(rename = "imageID")]
    image_id: String,
    ready: bool,
    restart_count: u32,
    state: StateWire,
    last_state: StateWire,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct StateWire {
    waiting: Option<Waiting>,
    running: Option<Running>,
    terminated: Option<Terminated>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Waiting {
    reason: String,
    message: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Running {
    started_at: Option<Time>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Terminated {
    exit_code: i64,
    reason: String,
    finished_at: Option<Time>,
}

impl WirePod {
    /// The compact row.
    #[must_use]
    pub fn compact(self, strings: &mut Interner) -> Pod {
        let Self { metadata, spec, status } = self;
        let condition = |kind: &str| status.conditions.iter().find(|c| c.kind == kind);
        let unschedulable =
            condition("PodScheduled").filter(|c| c.status == "False").map(|c| c.message.clone());
        let ready = condition("Ready").is_some_and(|c| c.status == "True");
        let phase = if status.reason.is_empty() { &status.phase } else { &status.reason };
        let statuses = || status.container_statuses.iter().chain(blocking(&status.init_container_statuses));
        Pod {
            owner: metadata.controller().map(|owner| owner.name.clone()),
            hash: TemplateHash::new(hash(&metadata)),
            phase: strings.share(if status.phase == "Failed" { "Failed" } else { phase }),
            ready,
            terminating: metadata.deleted.is_some(),
            restarts: status.container_statuses.iter().map(|c| c.restart_count).sum(),
            node: shared(strings, &spec.node_name),
            ip: shared(strings, &status.pod_ip),
            created: metadata.created,
            containers: containers(strings, &spec.containers, statuses()),
            unschedulable,
            namespace: metadata.namespace,
            name: metadata.name,
            uid: metadata.uid,
        }
    }
}

/// An init container matters only while it stands in the way.
fn blocking(init: &[StatusContainer]) -> impl Iterator<Item = &StatusContainer> {
    init.iter().filter(|c| {
        c.state.waiting.as_ref().is_some_and(|w| w.reason != "PodInitializing")
            || c.state.terminated.as_ref().is_some_and(|t| t.exit_code != 0)
    })
}

fn shared(strings: &mut Interner, text: &str) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| strings.share(text))
}

fn containers<'a>(
    strings: &mut Interner,
    wanted: &[SpecContainer],
    reported: impl Iterator<Item = &'a StatusContainer>,
) -> Vec<Container> {
    let reported: Vec<&StatusContainer> = reported.collect();
    let mut rows: Vec<Container> = reported.iter().map(|c| container(strings, c)).collect();
    for c in wanted.iter().filter(|c| !reported.iter().any(|r| r.name == c.name)) {
        rows.push(Container {
            name: strings.share(&c.name),
            image: strings.share(&c.image),
            image_id: strings.share(""),
            ready: false,
            restarts: 0,
            state: ContainerState::Unreported,
            last: None,
        });
    }
    rows
}

fn container(strings: &mut Interner, c: &StatusContainer) -> Container {
    Container {
        name: strings.share(&c.name),
        image: strings.share(&c.image),
        image_id: strings.share(&c.image_id),
        ready: c.ready,
        restarts: c.restart_count,
        state: state(strings, &c.state),
        last: c.last_state.terminated.as_ref().map(|t| ended(strings, t)),
    }
}

fn state(strings: &mut Interner, wire: &StateWire) -> ContainerState {
    if let Some(waiting) = &wire.waiting {
        return ContainerState::Waiting {
            reason: strings.share(&waiting.reason),
            message: waiting.message.clone(),
        };
    }
    if let Some(terminated) = &wire.terminated {
        return ContainerState::Ended(ended(strings, terminated));
    }
    match &wire.running {
        Some(running) => ContainerState::Running { since: running.started_at },
        None => ContainerState::Unreported,
    }
}

fn ended(strings: &mut Interner, wire: &Terminated) -> Ended {
    Ended { reason: strings.share(&wire.reason), code: wire.exit_code, at: wire.finished_at }
}

/// The label that tells the pods of one revision apart, whoever owns them.
fn hash(metadata: &Meta) -> &str {
    HASH_LABELS.iter().find_map(|label| metadata.label(label)).unwrap_or_default()
}
