//! Recorded objects of a real API server (`tests/fixtures/`), as sets: what tests of every layer start from.

use serde_json::Value;

use super::deployment::Deployment;
use super::ids::{Name, TemplateHash};
use super::objects::{Depth, Known, ObjectSet, SeenComplete, Workload};
use super::pod::{Interner, WirePod};
use super::replicaset::ReplicaSet;
use super::service::{Endpoint, Service};
use super::target::Target;
use super::template::Template;
use super::{Time, kind::WorkloadKind};

/// A recorded Deployment with all that belongs to it, and its templates in hand.
pub(crate) fn deployment(situation: &str) -> (ObjectSet, Known) {
    let path = format!("{}/tests/fixtures/deployment/{situation}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let list: Value = serde_saphyr::from_str(&text).unwrap();
    let items = list["items"].as_array().unwrap();
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
    let set = ObjectSet {
        target,
        pods: pods.collect(),
        workload: Workload::Deployment(Box::new(deployment)),
        depth: Depth::Full,
        replica_sets,
        services: Vec::new(),
        autoscalers: Vec::new(),
        driver: None,
    };
    (set, known)
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
        Workload::Listed(_) => panic!("a Deployment was recorded"),
    }
}
