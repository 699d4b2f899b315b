//! Discovery: which groups, versions and resources are served.

use axum::body::Body;
use axum::response::Response;
use serde_json::{Value, json};

use super::respond;
use crate::sim::world::api::Refusal;
use crate::sim::world::kinds::{RESOURCES, Resource};

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// Reviews: created, answered, never stored. Group, plural, kind.
const REVIEWS: [(&str, &str, &str); 3] = [
    ("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
    ("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
];

/// Groups with their one version, in the order of discovery; the core group is not among them.
pub(super) const GROUPS: [(&str, &str); 8] = [
    ("apps", "v1"),
    ("authentication.k8s.io", "v1"),
    ("authorization.k8s.io", "v1"),
    ("autoscaling", "v2"),
    ("batch", "v1"),
    ("coordination.k8s.io", "v1"),
    ("discovery.k8s.io", "v1"),
    ("policy", "v1"),
];

/// `/version`
pub(super) fn version() -> Value {
    json!({
        "major": "1",
        "minor": "36",
        "gitVersion": "v1.36.3+simulated",
        "gitCommit": "simulated",
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
        "goVersion": "none",
        "compiler": "none",
        "platform": "linux/simulated",
    })
}

/// `/api`
pub(super) fn core_versions() -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
}

/// `/apis`
pub(super) fn groups() -> Value {
    let groups: Vec<Value> = GROUPS.iter().map(|(name, version)| api_group(name, version)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/apps`
pub(super) fn group(name: &str) -> Result<Value, Refusal> {
    let (name, version) =
        GROUPS.iter().find(|(known, _)| *known == name).ok_or_else(Refusal::no_such_path)?;
    let mut group = api_group(name, version);
    group["kind"] = "APIGroup".into();
    group["apiVersion"] = "v1".into();
    Ok(group)
}

fn api_group(name: &str, version: &str) -> Value {
    let version = json!({"groupVersion": format!("{name}/{version}"), "version": version});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

/// `/api/v1`, `/apis/apps/v1`
pub(super) fn resources(group: &str, version: &str) -> Result<Value, Refusal> {
    let known = (group.is_empty() && version == "v1") || GROUPS.contains(&(group, version));
    if !known {
        return Err(Refusal::no_such_path());
    }
    let stored = RESOURCES.iter().filter(|resource| resource.group == group).flat_map(rows);
    let reviews = REVIEWS.iter().filter(|(home, _, _)| *home == group).map(|(_, plural, kind)| {
        json!({
            "name": plural, "singularName": kind.to_lowercase(), "namespaced": false, "kind": kind,
            "verbs": ["create"],
        })
    });
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Ok(json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version,
        "resources": stored.chain(reviews).collect::<Vec<_>>(),
    }))
}

fn rows(resource: &'static Resource) -> Vec<Value> {
    let mut own = json!({
        "name": resource.plural,
        "singularName": resource.singular(),
        "namespaced": resource.namespaced,
        "kind": resource.name,
        "verbs": VERBS,
    });
    if !resource.short.is_empty() {
        own["shortNames"] = json!([resource.short]);
    }
    if resource.in_all {
        own["categories"] = json!(["all"]);
    }
    let below = resource.subresources.iter().map(|name| {
        let mut row = json!({
            "name": format!("{}/{name}", resource.plural),
            "singularName": "",
            "namespaced": resource.namespaced,
            "kind": resource.name,
            "verbs": subresource_verbs(name),
        });
        if *name == "scale" {
            row["kind"] = "Scale".into();
            row["group"] = "autoscaling".into();
            row["version"] = "v1".into();
        }
        row
    });
    std::iter::once(own).chain(below).collect()
}

fn subresource_verbs(name: &str) -> &'static [&'static str] {
    if name == "log" { &["get"] } else { &["get", "patch", "update"] }
}

/// `/api` in the aggregated form.
pub(super) fn aggregated_core() -> Response {
    aggregated(&[("", "v1")])
}

/// `/apis` in the aggregated form.
pub(super) fn aggregated_groups() -> Response {
    aggregated(&GROUPS)
}

fn aggregated(groups: &[(&str, &str)]) -> Response {
    let items: Vec<Value> = groups
        .iter()
        .map(|(group, version)| {
            let resources: Vec<Value> =
                RESOURCES.iter().filter(|resource| resource.group == *group).map(aggregated_row).collect();
            json!({
                "metadata": {"name": group, "creationTimestamp": null},
                "versions": [{"version": version, "resources": resources, "freshness": "Current"}],
            })
        })
        .collect();
    let list = json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    });
    let content_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    respond::with_body(200, content_type, Body::from(list.to_string()))
}

fn aggregated_row(resource: &Resource) -> Value {
    let kind =
        |group: &str, version: &str, kind: &str| json!({"group": group, "version": version, "kind": kind});
    let own = kind(resource.group, resource.version, resource.name);
    let below: Vec<Value> = resource
        .subresources
        .iter()
        .map(|name| {
            let response = if *name == "scale" { kind("autoscaling", "v1", "Scale") } else { own.clone() };
            json!({"subresource": name, "responseKind": response, "verbs": subresource_verbs(name)})
        })
        .collect();
    let mut row = json!({
        "resource": resource.plural,
        "responseKind": own,
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular(),
        "verbs": VERBS,
        "subresources": below,
    });
    if !resource.short.is_empty() {
        row["shortNames"] = json!([resource.short]);
    }
    if resource.in_all {
        row["categories"] = json!(["all"]);
    }
    row
}
