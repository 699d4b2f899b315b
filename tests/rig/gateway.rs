//! Plays the gateway: accepts every route as soon as it sees it, and says which generation it has taken.

use std::{thread, time::Duration};

use color_eyre::eyre::Result;
use http::Method;
use serde_json::{Value, json};

use super::api::{Api, items};

/// Time between two looks at the routes.
const PERIOD: Duration = Duration::from_millis(200);

const ROUTES: &str = "/apis/gateway.networking.k8s.io/v1";
const TYPES: [(&str, &str); 2] = [("Accepted", "Accepted"), ("ResolvedRefs", "ResolvedRefs")];

/// Accepts routes until this process ends. While they cannot be read or written they wait.
pub(crate) fn accept_routes(api: Api) {
    thread::spawn(move || {
        loop {
            let _ = accept_new(&api);
            thread::sleep(PERIOD);
        }
    });
}

fn accept_new(api: &Api) -> Result<()> {
    let routes = api.get(&format!("{ROUTES}/httproutes?resourceVersion=0"))?;
    for route in items(&routes).iter().filter(|route| !is_accepted(route)) {
        let metadata = &route["metadata"];
        let (namespace, name) = (metadata["namespace"].as_str(), metadata["name"].as_str());
        let (Some(namespace), Some(name)) = (namespace, name) else { continue };
        let path = format!("{ROUTES}/namespaces/{namespace}/httproutes/{name}/status");
        let status = json!({ "status": { "parents": parents(route) } });
        // It may be gone or changed by now: the next look sees.
        let _ = api.send(Method::PATCH, &path, "application/merge-patch+json", Some(&status));
    }
    Ok(())
}

/// Whether every parent has taken the generation that is wanted.
fn is_accepted(route: &Value) -> bool {
    let generation = &route["metadata"]["generation"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let parents = list(&route["status"]["parents"]);
    let taken = |parent: &Value| {
        let conditions = list(&parent["conditions"]);
        !conditions.is_empty() && conditions.iter().all(|one| one["observedGeneration"] == *generation)
    };
    parents.len() == list(&route["spec"]["parentRefs"]).len() && parents.iter().all(taken)
}

fn parents(route: &Value) -> Vec<Value> {
    let references = route["spec"]["parentRefs"].as_array().map_or(&[][..], Vec::as_slice);
    let conditions: Vec<Value> = TYPES
        .iter()
        .map(|(kind, reason)| {
            json!({
                "type": kind,
                "status": "True",
                "reason": reason,
                "message": "",
                "observedGeneration": route["metadata"]["generation"],
                "lastTransitionTime": route["metadata"]["creationTimestamp"],
            })
        })
        .collect();
    let parent = |reference: &Value| {
        json!({
            "parentRef": reference,
            "controllerName": "example.com/rig-gateway",
            "conditions": conditions,
        })
    };
    references.iter().map(parent).collect()
}
