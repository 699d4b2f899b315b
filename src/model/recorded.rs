//! Recorded objects of a real API server (`tests/fixtures/`), as sets: what tests of every layer start from.

use std::collections::BTreeMap;

use serde_json::Value;

use super::analysis::AnalysisRun;
use super::deployment::Deployment;
use super::ids::{Name, TemplateHash};
use super::meta::Meta;
use super::objects::{Depth, Known, ObjectSet, SeenComplete, Workload};
use super::pod::{Interner, Pod, WirePod};
use super::replicaset::ReplicaSet;
use super::service::{Endpoint, Service};
use super::sets::ControllerRevision;
use super::target::Target;
use super::template::Template;
use super::{Time, kind::WorkloadKind};

/// A recorded Deployment with all that belongs to it, and its templates in hand.
pub(crate) fn deployment(situation: &str) -> (ObjectSet, Known) {
    let items = items("deployment", situation);
    let of = |kind: &str| items.iter().filter(|item| item["kind"] == kind).cloned().collect::<Vec<_>>();
    let raw = of("Deployment").remove(0);
    let deployment: Deployment = serde_json::from_value(raw).unwrap();
    let target = Target::new(
        WorkloadKind::Deployment,
        deployment.metadata.namespace.as_str(),
        deployment.metadata.name.as_str(),
    );
    let mut known = Known::default();
    let replica_sets: Vec<ReplicaSet> = of("ReplicaSet")
        .into_iter()
        .map(|raw| {
            let set: ReplicaSet = serde_json::from_value(raw.clone()).unwrap();
            known.templates.insert(set.key(), Template::new(raw["spec"]["template"].clone()));
            set
        })
        .collect();
    let mut strings = Interner::default();
    let pods = of("Pod").into_iter().map(|raw| {
        let wire: WirePod = serde_json::from_value(raw).unwrap();
        wire.compact(&mut strings)
    });
    let mut set = ObjectSet::bare(target, Workload::Deployment(Box::new(deployment)), None);
    set.depth = Depth::Full;
    set.pods = pods.collect();
    set.replica_sets = replica_sets;
    (set, known)
}

/// A recorded workload of any kind (`tests/fixtures/<folder>/<situation>.yaml`) with everything that belongs to it, and
/// its templates in hand. Services carry their pods as endpoints, as the endpoint controller would write them.
pub(crate) fn workload(folder: &str, situation: &str, kind: WorkloadKind) -> (ObjectSet, Known) {
    named(folder, situation, kind, "")
}

/// The same of one of several of its kind, by its name.
pub(crate) fn named(folder: &str, situation: &str, kind: WorkloadKind, name: &str) -> (ObjectSet, Known) {
    let items = items(folder, situation);
    let of = |kind: &str| items.iter().filter(|item| item["kind"] == kind).cloned().collect::<Vec<_>>();
    let is_it = |item: &Value| name.is_empty() || item["metadata"]["name"] == name;
    let raw = of(kind.name()).into_iter().find(is_it).unwrap();
    let (target, workload) = Workload::read(kind, raw).unwrap();
    let mut set = ObjectSet::bare(target, workload, None);
    let mut known = Known::default();
    set.depth = Depth::Full;
    set.replica_sets = of("ReplicaSet")
        .into_iter()
        .map(|raw| {
            let replica_set: ReplicaSet = serde_json::from_value(raw.clone()).unwrap();
            known.templates.insert(replica_set.key(), Template::new(raw["spec"]["template"].clone()));
            replica_set
        })
        .collect();
    set.history = of("ControllerRevision")
        .into_iter()
        .map(|raw| {
            let revision = ControllerRevision::read(&raw);
            known.templates.insert(revision.key(), Template::new(raw["data"]["spec"]["template"].clone()));
            revision
        })
        .collect();
    let mut strings = Interner::default();
    let pods: Vec<(Value, Pod)> = of("Pod")
        .into_iter()
        .map(|raw| (raw.clone(), serde_json::from_value::<WirePod>(raw).unwrap().compact(&mut strings)))
        .collect();
    set.services = of("Service").iter().map(|raw| service_of(raw, &pods)).collect();
    set.pods = pods.into_iter().map(|(_, pod)| pod).collect();
    set.peers = of("Deployment").into_iter().map(|raw| serde_json::from_value(raw).unwrap()).collect();
    set.analyses = of("AnalysisRun").iter().map(AnalysisRun::read).collect();
    for kind in [WorkloadKind::HttpRoute, WorkloadKind::VirtualService, WorkloadKind::Ingress] {
        for raw in of(kind.name()) {
            if let Some((target, Workload::Route(route))) = Workload::read(kind, raw)
                && target != set.target
            {
                set.routes.push(*route);
            }
        }
    }
    (set, known)
}

fn service_of(raw: &Value, pods: &[(Value, Pod)]) -> Service {
    let selector: BTreeMap<String, String> =
        serde_json::from_value(raw["spec"]["selector"].clone()).unwrap_or_default();
    let mut service =
        Service { name: Name::new(raw["metadata"]["name"].as_str().unwrap()), selector, endpoints: None };
    let selected = |raw: &Value| {
        let labels = serde_json::from_value(raw["metadata"]["labels"].clone()).unwrap_or_default();
        service.selects(&labels)
    };
    let endpoints = pods.iter().filter(|(raw, _)| selected(raw));
    service.endpoints =
        Some(endpoints.map(|(_, pod)| Endpoint { pod: Some(pod.name.clone()), ready: pod.ready }).collect());
    service
}

fn items(folder: &str, situation: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/{folder}/{situation}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let list: Value = serde_saphyr::from_str(&text).unwrap();
    list["items"].as_array().unwrap().clone()
}

/// A Service that selects all pods of the set, with its endpoints as the pods are.
pub(crate) fn service(set: &ObjectSet) -> Service {
    let endpoints = set.pods.iter().map(|pod| Endpoint { pod: Some(pod.name.clone()), ready: pod.ready });
    Service {
        name: Name::new("app"),
        selector: [("app".to_owned(), "app".to_owned())].into(),
        endpoints: Some(endpoints.collect()),
    }
}

/// Says that a revision was seen complete.
pub(crate) fn seen(set: &ObjectSet, known: &mut Known, hash: &str, minute: u32) {
    let at: Time = format!("2026-11-20T20:{minute:02}:00Z").parse().unwrap();
    let row = SeenComplete { workload: set.workload.uid().clone(), hash: TemplateHash::new(hash), at };
    known.seen_complete.push(row);
}

/// The Deployment of a set, to be changed.
pub(crate) fn edit(set: &mut ObjectSet) -> &mut Deployment {
    match &mut set.workload {
        Workload::Deployment(deployment) => deployment,
        _ => panic!("a Deployment was recorded"),
    }
}

/// The metadata of any workload, to be changed.
pub(crate) fn meta(workload: &mut Workload) -> &mut Meta {
    match workload {
        Workload::Deployment(deployment) => &mut deployment.metadata,
        Workload::Rollout(rollout) => &mut rollout.face.metadata,
        Workload::Canary(canary) => &mut canary.face.metadata,
        Workload::StatefulSet(set) => &mut set.face.metadata,
        Workload::DaemonSet(set) => &mut set.face.metadata,
        Workload::Service(switch) => &mut switch.face.metadata,
        Workload::Route(route) => &mut route.face.metadata,
        Workload::Listed(listed) => &mut listed.metadata,
    }
}
