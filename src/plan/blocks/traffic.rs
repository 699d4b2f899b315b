//! A component's `traffic`.

use std::collections::BTreeMap;

use super::super::fields::Fields;
use super::super::rules::{Findings, Rule};
use super::super::schema;
use super::super::suggest::nearest;
use super::super::tree::{Node, Spot, Value};
use super::super::values::{is_object_name, listed, object_name, text};
use crate::model::ids::{Name, Namespace};
use crate::model::plan::{Mechanism, SideRef, Traffic, TrafficRef};

/// Kinds of object that each mechanism steers by; the first is the one that a bare name means.
const fn kinds(mechanism: Mechanism) -> &'static [&'static str] {
    match mechanism {
        Mechanism::ServiceSelector => &["Service"],
        Mechanism::IngressAnnotation => &["Ingress"],
        Mechanism::Httproute => &["HTTPRoute"],
        Mechanism::Rollout => &["Rollout"],
        Mechanism::Canary => &["Canary"],
        Mechanism::Istio => &["VirtualService", "DestinationRule"],
    }
}

/// Labels that people put into a selector to share traffic out. A selector matches them, and no pod has them.
const WEIGHTS: [&str; 4] = ["weight", "traffic", "percent", "percentage"];

/// The mechanism, if one is named, and the metrics label that carries the version.
pub(super) fn read(component: &Fields<'_>, found: &mut Findings) -> (Option<Traffic>, Option<String>) {
    let Some(node) = component.get("traffic") else { return (None, None) };
    let Some(fields) = Fields::read(node, &schema::TRAFFIC, found) else { return (None, None) };
    let label = fields.get("version_label").and_then(|node| label_name(node, found));
    let mechanism = fields.word::<Mechanism>("mechanism", found);
    let stable = fields.get("stable").and_then(|node| read_side(node, "stable", mechanism, found));
    let new = fields.get("new").and_then(|node| read_side(node, "new", mechanism, found));
    let refs = fields.words("refs", found);
    let Some(mechanism) = mechanism else {
        if fields.get("mechanism").is_none()
            && ["refs", "stable", "new"].iter().any(|key| fields.get(key).is_some())
        {
            let message = "`traffic` lacks `mechanism`: without it nobody knows what the objects are for";
            found.add(Rule::Missing, fields.spot(), message);
        }
        return (None, label);
    };
    let refs = refs.into_iter().filter_map(|(word, spot)| read_ref(word, spot, mechanism, found)).collect();
    if stable.is_some() && stable == new {
        found.add(Rule::Ambiguous, fields.place("new"), "`new` is the same as `stable`");
    }
    (Some(Traffic { mechanism, refs, stable, new }), label)
}

/// Label names of metrics are words of letters, digits and `_`.
fn label_name(node: &Node, found: &mut Findings) -> Option<String> {
    let label = text(node, "version_label", found)?;
    let start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let ok = label.starts_with(start) && label.chars().all(|c| start(c) || c.is_ascii_digit());
    if !ok {
        let message = format!("`{label}` cannot be the label of a metric: letters, digits and `_`");
        found.add(Rule::Value, node.spot, message);
    }
    ok.then(|| label.to_owned())
}

/// `HTTPRoute/fx`, `namespace/HTTPRoute/fx`, or `fx` alone.
fn read_ref(word: &str, spot: Spot, mechanism: Mechanism, found: &mut Findings) -> Option<TrafficRef> {
    let allowed = kinds(mechanism);
    let parts: Vec<&str> = word.split('/').collect();
    let (namespace, kind, name) = match parts.as_slice() {
        [name] => (None, *allowed.first()?, *name),
        [kind, name] => (None, *kind, *name),
        [namespace, kind, name] => (Some(*namespace), *kind, *name),
        _ => {
            found.advise(Rule::Value, spot, format!("`{word}` names no object"), "write `Kind/name`");
            return None;
        }
    };
    if !allowed.contains(&kind) {
        let message = format!("`{mechanism}` is steered by {}, and this is a `{kind}`", listed(allowed));
        match nearest(kind, allowed.iter().copied()).or(allowed.first().copied()) {
            Some(meant) => found.advise(Rule::Value, spot, message, format!("write `{meant}/{name}`")),
            None => found.add(Rule::Value, spot, message),
        }
        return None;
    }
    let ok = is_object_name(name, spot, "refs", found)
        && namespace.is_none_or(|namespace| is_object_name(namespace, spot, "refs", found));
    ok.then(|| TrafficRef {
        kind: kind.to_owned(),
        namespace: namespace.map(Namespace::from),
        name: Name::from(name),
    })
}

/// A side: an object's name, or the labels of a selector.
fn read_side(
    node: &Node,
    name: &'static str,
    mechanism: Option<Mechanism>,
    found: &mut Findings,
) -> Option<SideRef> {
    let Value::Map(members) = &node.value else {
        return object_name(node, name, found).map(|(word, _)| SideRef::Named(Name::from(word)));
    };
    if mechanism.is_some_and(|mechanism| mechanism != Mechanism::ServiceSelector) {
        let message =
            format!("labels tell the sides of a `service-selector` apart; here `{name}` is a Service's name");
        found.add(Rule::Value, node.spot, message);
        return None;
    }
    let mut labels = BTreeMap::new();
    for member in members {
        if WEIGHTS.contains(&member.key.as_str()) {
            let message = format!(
                "`{}` in a selector is a label that pods must have, not a share: it would select no pod, which is an outage",
                member.key
            );
            let advice = "a Service cannot split traffic: use `blue-green`, or a canary by `httproute`, `istio`, \
                          `ingress-annotation`, `rollout` or `canary`";
            found.advise(Rule::NoShift, member.spot, message, advice);
        } else if let Some(value) = text(&member.node, &member.key, found)
            && labels.insert(member.key.clone(), value.to_owned()).is_some()
        {
            found.add(Rule::DuplicateKey, member.spot, format!("`{}` is given twice", member.key));
        }
    }
    if members.is_empty() {
        found.add(Rule::Missing, node.spot, format!("`{name}` has no labels: it would select every pod"));
    }
    Some(SideRef::Labels(labels))
}
