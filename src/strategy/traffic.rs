//! Who gets the traffic, counted from ready endpoints, or from ready pods where no Service selects them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ids::Name;
use crate::model::objects::ObjectSet;
use crate::model::template::TemplateKey;
use crate::model::view::{Traffic, TrafficBasis};

/// Counts the shares of the ReplicaSets of one workload.
pub(super) fn count(objects: &ObjectSet) -> Traffic {
    let keys: BTreeMap<&Name, TemplateKey> =
        objects.replica_sets.iter().map(|set| (&set.metadata.name, set.key())).collect();
    let owner_of: BTreeMap<&Name, &TemplateKey> =
        objects.pods.iter().filter_map(|pod| Some((&pod.name, keys.get(pod.owner.as_ref()?)?))).collect();
    let read: Vec<_> = objects.services.iter().filter(|service| service.endpoints.is_some()).collect();
    if read.is_empty() {
        return by_pods(objects, &keys);
    }
    let ready: BTreeSet<&Name> = read
        .iter()
        .flat_map(|service| service.endpoints.iter().flatten())
        .filter(|endpoint| endpoint.ready)
        .filter_map(|endpoint| endpoint.pod.as_ref())
        .collect();
    let mut shares: BTreeMap<TemplateKey, u32> = BTreeMap::new();
    for key in ready.iter().filter_map(|pod| owner_of.get(*pod)) {
        *shares.entry((*key).clone()).or_default() += 1;
    }
    Traffic {
        basis: TrafficBasis::Endpoints,
        shares: shares.into_iter().collect(),
        services: read.iter().map(|service| service.name.clone()).collect(),
    }
}

fn by_pods(objects: &ObjectSet, keys: &BTreeMap<&Name, TemplateKey>) -> Traffic {
    let mut shares: BTreeMap<TemplateKey, u32> = BTreeMap::new();
    for pod in objects.pods.iter().filter(|pod| pod.ready && !pod.terminating) {
        if let Some(key) = pod.owner.as_ref().and_then(|owner| keys.get(owner)) {
            *shares.entry(key.clone()).or_default() += 1;
        }
    }
    let basis = if keys.is_empty() { TrafficBasis::Unknown } else { TrafficBasis::ReadyPods };
    Traffic { basis, shares: shares.into_iter().collect(), services: Vec::new() }
}
