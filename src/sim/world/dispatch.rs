//! Which controller hears of which change.

use super::kinds::Kind;
use super::selector::Selector;
use super::store::{Change, ChangeKind, Key};
use super::{
    World, daemonset, deployment, endpoints, events, job, json, pod, quota, replicaset, statefulset,
};

/// Turns all changes, those that this makes included, into work.
pub(super) fn take_changes(world: &mut World) {
    while world.dispatched != world.store.revision() {
        take_new_changes(world);
    }
}

fn take_new_changes(world: &mut World) {
    let changes: Vec<Change> = match world.store.since(world.dispatched) {
        Ok(changes) => changes.cloned().collect(),
        Err(expired) => {
            world.dispatched = expired.oldest;
            return;
        }
    };
    world.dispatched = world.store.revision();
    for change in &changes {
        notify(world, change);
    }
}

/// Reconciles the object with `key`: its kind says which controller does.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    match key.kind {
        Kind::Deployment => deployment::reconcile(world, key),
        Kind::ReplicaSet => replicaset::reconcile(world, key),
        Kind::StatefulSet => statefulset::reconcile(world, key),
        Kind::DaemonSet => daemonset::reconcile(world, key),
        Kind::Job => job::reconcile(world, key),
        Kind::Pod => pod::reconcile(world, key),
        Kind::Service => endpoints::reconcile(world, key),
        Kind::ResourceQuota => quota::reconcile(world, key),
        Kind::Event => events::reconcile(world, key),
        Kind::Namespace
        | Kind::Node
        | Kind::ConfigMap
        | Kind::Secret
        | Kind::ServiceAccount
        | Kind::ControllerRevision
        | Kind::CronJob
        | Kind::HorizontalPodAutoscaler
        | Kind::EndpointSlice
        | Kind::Lease
        | Kind::PodDisruptionBudget
        | Kind::Ingress
        | Kind::HttpRoute => {}
    }
}

fn notify(world: &mut World, change: &Change) {
    if change.kind == ChangeKind::Deleted {
        collect_garbage(world, change);
    } else {
        world.queue.add(change.key.clone());
    }
    if let Some(owner) = owner_key(change) {
        world.queue.add(owner);
    }
    match change.key.kind {
        Kind::Pod => notify_of_pod(world, change),
        Kind::Node => wake_unscheduled(world),
        Kind::Namespace
        | Kind::Service
        | Kind::ConfigMap
        | Kind::Secret
        | Kind::ServiceAccount
        | Kind::ResourceQuota
        | Kind::Event
        | Kind::Deployment
        | Kind::ReplicaSet
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ControllerRevision
        | Kind::Job
        | Kind::CronJob
        | Kind::HorizontalPodAutoscaler
        | Kind::EndpointSlice
        | Kind::Lease
        | Kind::PodDisruptionBudget
        | Kind::Ingress
        | Kind::HttpRoute => {}
    }
}

fn owner_key(change: &Change) -> Option<Key> {
    let owner = json::controller(&change.object)?;
    let kind = Kind::named(json::text(owner, "/kind"))?;
    Some(Key::new(kind, &change.key.namespace, json::text(owner, "/name")))
}

fn notify_of_pod(world: &mut World, change: &Change) {
    let namespace = change.key.namespace.as_str();
    let services: Vec<Key> = world
        .store
        .list(Kind::Service, Some(namespace))
        .filter(|(_, service)| {
            service
                .pointer("/spec/selector")
                .is_some_and(|selector| Selector::of_map(selector).matches_labels(&change.object))
        })
        .map(|(key, _)| key.clone())
        .collect();
    let quotas: Vec<Key> =
        world.store.list(Kind::ResourceQuota, Some(namespace)).map(|(key, _)| key.clone()).collect();
    for key in services.into_iter().chain(quotas) {
        world.queue.add(key);
    }
    if change.kind == ChangeKind::Deleted {
        world.runs.remove(json::uid(&change.object));
        wake_unscheduled(world);
    }
}

fn wake_unscheduled(world: &mut World) {
    let waiting: Vec<Key> = world
        .store
        .list(Kind::Pod, None)
        .filter(|(_, pod)| json::text(pod, "/spec/nodeName").is_empty())
        .map(|(key, _)| key.clone())
        .collect();
    for key in waiting {
        world.queue.add(key);
    }
}

/// Deletes what the deleted object owned, as the garbage collector does in the background.
fn collect_garbage(world: &mut World, change: &Change) {
    if matches!(change.key.kind, Kind::Pod | Kind::Event | Kind::EndpointSlice | Kind::ControllerRevision) {
        return; // These own nothing, and they go often.
    }
    let uid = json::uid(&change.object);
    let dependents: Vec<Key> = world
        .store
        .all()
        .filter(|(_, object)| {
            json::items(object, "/metadata/ownerReferences")
                .iter()
                .any(|owner| json::text(owner, "/uid") == uid)
        })
        .map(|(key, _)| key.clone())
        .collect();
    for key in dependents {
        if key.kind == Kind::Pod {
            pod::begin_termination(world, &key);
        } else {
            world.store.remove(&key);
        }
    }
}
