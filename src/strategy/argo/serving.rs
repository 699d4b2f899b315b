//! Whether a version serves alone, by selectors, weights and ready endpoints: what proves every way back and promotion.

use std::collections::BTreeMap;

use crate::model::ids::{Name, TemplateHash};
use crate::model::replicaset::ReplicaSet;
use crate::model::service::Service;

use super::routing::{self, Side};
use super::scene::Scene;

/// What is still to be seen before this version alone serves; `None`: it does.
pub(super) fn missing(scene: &Scene<'_>, to: &TemplateHash) -> Option<String> {
    if let Some(blue_green) = scene.blue_green() {
        return at_service(scene, &blue_green.active_service, to);
    }
    if scene.router().is_none() {
        return pods_alone(scene, to);
    }
    let splits = routing::splits(scene);
    if splits.is_empty() {
        // another router: only the controller's report, and that the pods themselves are gone
        let weight = scene.status().canary.weights.as_ref().map_or(0, |weights| weights.canary.weight);
        let reported = (weight > 0).then(|| format!("reported weight {weight} to become 0"));
        return reported.or_else(|| pods_alone(scene, to));
    }
    if let Some(split) = splits.iter().find(|split| split.weight > 0) {
        return Some(format!("weight {} of {} to become 0", split.weight, split.from()));
    }
    match scene.canary().and_then(|canary| canary.stable_service.as_ref()) {
        Some(service) => at_service(scene, service, to),
        None if routing::behind(scene, Side::Stable) != Some(to) => {
            Some(format!("the stable subset to lead to {}", scene.version(to)))
        }
        None if scene.ready(to) == 0 => Some(format!("ready pods of {}", scene.version(to))),
        None => None,
    }
}

fn at_service(scene: &Scene<'_>, name: &Name, to: &TemplateHash) -> Option<String> {
    let Some(service) = routing::service_of(scene, name) else {
        return Some(format!("Service {name} to be read"));
    };
    if routing::selected(scene, name).as_ref() != Some(to) {
        return Some(format!("{name} to select {}", scene.version(to)));
    }
    let ready = endpoints(scene, service);
    let own = ready.get(to).copied().unwrap_or(0);
    let others: i64 = ready.iter().filter(|(hash, _)| *hash != to).map(|(_, count)| count).sum();
    match (own, others) {
        (0, _) => Some(format!("ready endpoints of {name}")),
        (_, 0) => None,
        (_, others) => Some(format!("{others} endpoints of another version to leave {name}")),
    }
}

/// Ready endpoints of a Service by version; while its slices are not read, ready pods that its selector picks.
pub(super) fn endpoints(scene: &Scene<'_>, service: &Service) -> BTreeMap<TemplateHash, i64> {
    let mut counts = BTreeMap::new();
    let mut count = |hash: &TemplateHash| *counts.entry(hash.clone()).or_insert(0) += 1;
    if let Some(endpoints) = &service.endpoints {
        let pods: BTreeMap<&Name, &TemplateHash> =
            scene.objects.pods.iter().map(|pod| (&pod.name, &pod.hash)).collect();
        let stranger = TemplateHash::default();
        for pod in endpoints.iter().filter(|endpoint| endpoint.ready).filter_map(|one| one.pod.as_ref()) {
            count(pods.get(pod).copied().unwrap_or(&stranger));
        }
    } else {
        let hash = routing::selected(scene, &service.name);
        for pod in hash.iter().flat_map(|hash| scene.pods_of(hash)) {
            count(&pod.hash);
        }
    }
    counts
}

/// Without a router the share of the traffic is the share of the pods.
fn pods_alone(scene: &Scene<'_>, to: &TemplateHash) -> Option<String> {
    if scene.ready(to) == 0 {
        return Some(format!("ready pods of {}", scene.version(to)));
    }
    let others = scene.sets().map(ReplicaSet::hash).filter(|hash| hash != to);
    let others: i64 = others.map(|hash| scene.ready(&hash)).sum();
    (others > 0).then(|| format!("{others} pods of another version to go"))
}
