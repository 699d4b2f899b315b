//! The little of `OpenAPI` that kubectl reads before it creates or applies: which writes take which parameters.

use serde_json::{Map, Value, json};

use super::discovery::GROUPS;
use crate::sim::world::api::Refusal;
use crate::sim::world::kinds::{RESOURCES, Resource};

/// `/openapi/v3`: where the document of each group is.
pub(super) fn index() -> Value {
    let core = std::iter::once("api/v1".to_owned());
    let groups = GROUPS.iter().map(|(group, version)| format!("apis/{group}/{version}"));
    let paths: Map<String, Value> = core
        .chain(groups)
        .map(|path| {
            let url = format!("/openapi/v3/{path}");
            (path, json!({"serverRelativeURL": url}))
        })
        .collect();
    json!({"paths": paths})
}

/// `/openapi/v3/apis/apps/v1`: the writes of one group.
pub(super) fn document(group: &str, version: &str) -> Result<Value, Refusal> {
    let paths: Map<String, Value> = RESOURCES
        .iter()
        .filter(|resource| resource.group == group && resource.version == version)
        .map(|resource| (path_of(resource), json!({"patch": patch_of(resource)})))
        .collect();
    if paths.is_empty() {
        return Err(Refusal::no_such_path());
    }
    Ok(json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "simulated"},
        "paths": paths,
        "components": {"schemas": {}},
    }))
}

fn path_of(resource: &Resource) -> String {
    let root = if resource.group.is_empty() { "/api" } else { "/apis" };
    let home = if resource.namespaced { "/namespaces/{namespace}" } else { "" };
    format!("{root}/{}{home}/{}/{{name}}", resource.api_version(), resource.plural)
}

fn patch_of(resource: &Resource) -> Value {
    let parameters = ["dryRun", "fieldManager", "fieldValidation", "force"]
        .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}}));
    json!({
        "x-kubernetes-group-version-kind": {
            "group": resource.group,
            "version": resource.version,
            "kind": resource.name,
        },
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
    })
}
