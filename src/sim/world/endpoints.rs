//! EndpointSlices: which pods a Service's selector finds, and whether they are ready.

use serde_json::{Value, json};

use super::World;
use super::clock::stamp;
use super::json;
use super::kinds::Kind;
use super::selector::Selector;
use super::store::Key;

const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// Rewrites the EndpointSlice of the Service with `key`; one without a selector keeps what it has.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    let Some(service) = world.store.get(key).cloned() else { return };
    let Some(selector) =
        service.pointer("/spec/selector").map(Selector::of_map).filter(|map| !map.is_empty())
    else {
        return;
    };
    let endpoints: Vec<Value> = world
        .store
        .list(Kind::Pod, Some(&key.namespace))
        .filter(|(_, pod)| selector.matches_labels(pod) && !json::text(pod, "/status/podIP").is_empty())
        .filter(|(_, pod)| !matches!(json::text(pod, "/status/phase"), "Succeeded" | "Failed"))
        .map(|(key, pod)| endpoint(key, pod))
        .collect();
    let ports = ports(&service);
    match slice_of(world, key) {
        Some(slice) => {
            world.modify(&slice, |slice| {
                json::set(slice, &["endpoints"], endpoints);
                json::set(slice, &["ports"], ports);
            });
        }
        None => create(world, key, &service, &endpoints, &ports),
    }
}

/// The slice that belongs to the Service with `key`.
pub(super) fn slice_of(world: &World, key: &Key) -> Option<Key> {
    world
        .store
        .list(Kind::EndpointSlice, Some(&key.namespace))
        .find(|(_, slice)| json::label(slice, SERVICE_NAME) == Some(key.name.as_str()))
        .map(|(slice, _)| slice.clone())
}

fn create(world: &mut World, key: &Key, service: &Value, endpoints: &[Value], ports: &[Value]) {
    let name = format!("{}-{}", key.name, world.random.suffix());
    let mut slice = json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": name,
            "generateName": format!("{}-", key.name),
            "namespace": key.namespace,
            "uid": world.random.uuid(),
            "generation": 1,
            "creationTimestamp": stamp(world.now),
            "labels": {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
            "ownerReferences": [key.as_controller(json::uid(service))],
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": ports,
    });
    json::set(&mut slice, &["metadata", "labels", SERVICE_NAME], key.name.as_str());
    let key = Key::of(Kind::EndpointSlice, &slice);
    world.store.put(&key, slice);
}

fn endpoint(key: &Key, pod: &Value) -> Value {
    let ready = json::holds(pod, "Ready");
    let terminating = json::terminating(pod);
    json!({
        "addresses": [json::text(pod, "/status/podIP")],
        "conditions": {"ready": ready && !terminating, "serving": ready, "terminating": terminating},
        "nodeName": json::text(pod, "/spec/nodeName"),
        "targetRef": {"kind": "Pod", "name": key.name, "namespace": key.namespace, "uid": json::uid(pod)},
    })
}

fn ports(service: &Value) -> Vec<Value> {
    json::items(service, "/spec/ports")
        .iter()
        .map(|port| {
            let number =
                json::integer(port, "/targetPort").or_else(|| json::integer(port, "/port")).unwrap_or(80);
            json!({"name": json::text(port, "/name"), "port": number, "protocol": "TCP"})
        })
        .collect()
}
