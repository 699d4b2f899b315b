//! The rules of each kind that a client can break by accident.

use serde_json::Value;

use super::refusal::Refusal;
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::selector::Selector;
use crate::sim::world::store::Key;

/// Checks `object`, new or in place of `before`.
pub(super) fn check(key: &Key, object: &Value, before: Option<&Value>) -> Result<(), Refusal> {
    match key.kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet => {
            workload(key, object, before)
        }
        Kind::Namespace
        | Kind::Node
        | Kind::Pod
        | Kind::Service
        | Kind::ConfigMap
        | Kind::Secret
        | Kind::ServiceAccount
        | Kind::ResourceQuota
        | Kind::Event
        | Kind::ControllerRevision
        | Kind::Job
        | Kind::CronJob
        | Kind::HorizontalPodAutoscaler
        | Kind::EndpointSlice
        | Kind::Lease
        | Kind::PodDisruptionBudget
        | Kind::Ingress
        | Kind::HttpRoute => Ok(()),
    }
}

fn workload(key: &Key, object: &Value, before: Option<&Value>) -> Result<(), Refusal> {
    if let Some(replicas) = object.pointer("/spec/replicas") {
        let count = replicas.as_i64().ok_or_else(|| {
            Refusal::bad_request(format!(
                "{} in version \"v1\" cannot be handled as a {0}: json: cannot unmarshal into Go struct field .spec.replicas of type int32",
                key.kind.resource().name
            ))
        })?;
        if count < 0 {
            let why = format!("Invalid value: {count}: must be greater than or equal to 0");
            return Err(Refusal::invalid(key, "spec.replicas", &why));
        }
    }
    let selector = object.pointer("/spec/selector").cloned().unwrap_or_default();
    if before.is_some_and(|before| before.pointer("/spec/selector") != Some(&selector)) {
        return Err(Refusal::invalid(
            key,
            "spec.selector",
            &format!("Invalid value: {selector}: field is immutable"),
        ));
    }
    let template = object.pointer("/spec/template").cloned().unwrap_or_default();
    let selector = Selector::of_object(&selector);
    if selector.is_empty() {
        return Err(Refusal::invalid(key, "spec.selector", "Required value"));
    }
    if !selector.matches_labels(&template) {
        let why = "Invalid value: `selector` does not match template `labels`";
        return Err(Refusal::invalid(key, "spec.template.metadata.labels", why));
    }
    containers(key, &template)
}

fn containers(key: &Key, template: &Value) -> Result<(), Refusal> {
    let containers = json::items(template, "/spec/containers");
    if containers.is_empty() {
        return Err(Refusal::invalid(key, "spec.template.spec.containers", "Required value"));
    }
    for (index, container) in containers.iter().enumerate() {
        for field in ["name", "image"] {
            if json::text(container, &format!("/{field}")).trim().is_empty() {
                let field = format!("spec.template.spec.containers[{index}].{field}");
                return Err(Refusal::invalid(key, &field, "Required value"));
            }
        }
    }
    Ok(())
}
