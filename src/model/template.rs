//! Pod templates: a summary that views are made of, and the raw value that a roll-back sends.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::{TemplateHash, Uid};

/// The label by which a ReplicaSet tells its pods apart; never part of a Deployment's own template.
pub const HASH_LABEL: &str = "pod-template-hash";

/// The label by which Argo Rollouts tells its ReplicaSets' pods apart.
pub const ARGO_HASH_LABEL: &str = "rollouts-pod-template-hash";

/// What two templates have in common when they are the same, hash label aside.
///
/// Kubernetes finds the ReplicaSet of a Deployment's template by comparing the two, not by the hash label
/// (`EqualIgnoreHash` in its deployment utilities); this is that comparison, made once while parsing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TemplateDigest(pub u64);

impl TemplateDigest {
    /// Of anything else that an object wants.
    #[must_use]
    pub fn of(wanted: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        wanted.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// A container and the image it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerImage {
    /// Container name.
    pub name: String,
    /// Image reference as written in the template.
    pub image: String,
}

/// What a view shows of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateSummary {
    /// Containers in their order (init containers are not served by and are left out).
    pub images: Vec<ContainerImage>,
    /// Labels of its pods, without the one that tells revisions apart.
    pub labels: BTreeMap<String, String>,
    /// Label `app.kubernetes.io/version`, if set.
    pub version_label: Option<String>,
    /// ConfigMaps and Secrets it refers to, as `ConfigMap/name`.
    pub config: BTreeSet<String>,
    /// Value of kubectl's restart annotation, if it was ever restarted.
    pub restarted: Option<String>,
    /// Whether the template has annotations at all: a JSON Patch needs to know whether their parent exists.
    pub annotated: bool,
    /// Identity of the whole template.
    pub digest: TemplateDigest,
}

/// Template annotation by which `kubectl rollout restart` makes a template differ.
pub const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

impl TemplateSummary {
    /// Summarises a template as the API server wrote it.
    #[must_use]
    pub fn of(template: &Value) -> Self {
        let spec = &template["spec"];
        Self {
            images: images(spec),
            labels: labels(&template["metadata"]["labels"]),
            version_label: template["metadata"]["labels"]["app.kubernetes.io/version"]
                .as_str()
                .map(str::to_owned),
            config: config(spec),
            restarted: template["metadata"]["annotations"][RESTARTED_AT].as_str().map(str::to_owned),
            annotated: template["metadata"]["annotations"].is_object(),
            digest: digest(template),
        }
    }
}

fn labels(labels: &Value) -> BTreeMap<String, String> {
    let own = |key: &&String| *key != HASH_LABEL && *key != ARGO_HASH_LABEL;
    let members = labels.as_object().into_iter().flatten();
    members
        .filter(|(key, _)| own(key))
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn images(spec: &Value) -> Vec<ContainerImage> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    spec["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| ContainerImage { name: text(&c["name"]), image: text(&c["image"]) })
        .collect()
}

fn config(value: &Value) -> BTreeSet<String> {
    /// The places in a pod spec that name a ConfigMap or a Secret, and the member that holds the name.
    const REFERENCES: [(&str, &str, &str); 6] = [
        ("configMapRef", "name", "ConfigMap"),
        ("configMapKeyRef", "name", "ConfigMap"),
        ("configMap", "name", "ConfigMap"),
        ("secretRef", "name", "Secret"),
        ("secretKeyRef", "name", "Secret"),
        ("secret", "secretName", "Secret"),
    ];
    let mut found = BTreeSet::new();
    let mut open = vec![value];
    while let Some(next) = open.pop() {
        match next {
            Value::Object(members) => {
                for (key, inner) in members {
                    if let Some((_, member, kind)) = REFERENCES.iter().find(|(name, ..)| name == key)
                        && let Some(name) = inner[*member].as_str()
                    {
                        found.insert(format!("{kind}/{name}"));
                    }
                    open.push(inner);
                }
            }
            Value::Array(items) => open.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

fn digest(template: &Value) -> TemplateDigest {
    let mut bare = template.clone();
    strip_hash(&mut bare);
    let mut hasher = DefaultHasher::new();
    bare.to_string().hash(&mut hasher);
    TemplateDigest(hasher.finish())
}

fn strip_hash(template: &mut Value) {
    if let Some(members) = template.as_object_mut() {
        // how a ControllerRevision says that its template replaces the whole one
        members.remove("$patch");
    }
    let Some(meta) = template.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if let Some(labels) = meta.get_mut("labels").and_then(Value::as_object_mut) {
        labels.remove(HASH_LABEL);
        labels.remove(ARGO_HASH_LABEL);
    }
    // Go writes a zero time as null in one place and leaves it out in another
    if meta.get("creationTimestamp").is_some_and(Value::is_null) {
        meta.remove("creationTimestamp");
    }
}

/// Under one hash the template of a ReplicaSet does not change, so it is read once and kept by this key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TemplateKey {
    /// uid of the ReplicaSet.
    pub replica_set: Uid,
    /// Its hash label.
    pub hash: TemplateHash,
}

/// A whole pod template, opaque: read from the server as JSON and sent back as the same JSON, less the hash label.
/// It goes through no typed struct, so fields newer than this program survive a roll-back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    summary: TemplateSummary,
    raw: Arc<Value>,
}

impl Template {
    /// Takes `spec.template` of a ReplicaSet or Deployment as it was read.
    #[must_use]
    pub fn new(mut raw: Value) -> Self {
        strip_hash(&mut raw);
        Self { summary: TemplateSummary::of(&raw), raw: Arc::new(raw) }
    }

    /// What it runs.
    #[must_use]
    pub fn summary(&self) -> &TemplateSummary {
        &self.summary
    }

    /// The value to send.
    #[must_use]
    pub fn raw(&self) -> &Value {
        &self.raw
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_label_makes_no_difference_and_everything_else_does() {
        let own = json!({"metadata": {"labels": {"app": "a"}}, "spec": {"hostnameOverride": "x", "containers": [{"name": "main", "image": "a:1"}]}});
        let mut of_set = own.clone();
        of_set["metadata"]["labels"][HASH_LABEL] = json!("abc");
        of_set["metadata"]["creationTimestamp"] = Value::Null;
        assert_eq!(TemplateSummary::of(&own).digest, TemplateSummary::of(&of_set).digest);
        of_set["spec"]["hostnameOverride"] = json!("y");
        assert_ne!(TemplateSummary::of(&own).digest, TemplateSummary::of(&of_set).digest);
        assert_eq!(Template::new(own.clone()).raw()["spec"], own["spec"]);
    }

    #[test]
    fn config_references_are_found_wherever_they_stand() {
        let template = json!({"spec": {"volumes": [{"configMap": {"name": "files"}}, {"secret": {"secretName": "tls"}}],
            "containers": [{"name": "m", "image": "i", "envFrom": [{"configMapRef": {"name": "env"}}],
                            "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "key", "key": "k"}}}]}]}});
        let found = TemplateSummary::of(&template).config;
        assert_eq!(
            found,
            ["ConfigMap/env", "ConfigMap/files", "Secret/key", "Secret/tls"].map(String::from).into()
        );
    }
}
