//! `components`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::fields::Fields;
use super::super::names::{Kind, Names};
use super::super::rules::{Findings, Rule};
use super::super::schema;
use super::super::tree::{Node, Value};
use super::super::values::{object_name, text};
use super::super::words::StopMode;
use super::{strategies, traffic};
use crate::model::ids::{ComponentId, GateId, Name, StrategyId};
use crate::model::measure::Span;
use crate::model::plan::{
    Component, Dependency, MainContainer, ReplicaRange, Strategy, StrategyChoice, UNDO_WINDOW, Undo,
};
use crate::model::target::Target;

/// Reads all components; a workload without a namespace is in the only one of `namespaces`.
pub(super) fn read(
    file: &Fields<'_>,
    namespaces: &BTreeSet<String>,
    strategies: &[Strategy],
    names: &mut Names,
    found: &mut Findings,
) -> Vec<Component> {
    let nodes = file.filled_list("components", found);
    nodes.iter().filter_map(|node| read_one(node, namespaces, strategies, names, found)).collect()
}

fn read_one(
    node: &Node,
    namespaces: &BTreeSet<String>,
    strategies: &[Strategy],
    names: &mut Names,
    found: &mut Findings,
) -> Option<Component> {
    let component = Fields::read(node, &schema::COMPONENT, found)?;
    let id = component.slug("id", found);
    let mut containers = Vec::new();
    let workloads: Vec<Target> = component
        .filled_list("workloads", found)
        .iter()
        .filter_map(|node| read_workload(node, namespaces, &mut containers, names, found))
        .collect();
    check_external(&component, found);
    let depends_on = read_dependencies(&component, id.map(|(id, _)| id), names, found);
    let stop = component.word("stop", found).unwrap_or(StopMode::Auto);
    let (traffic, version_label) = traffic::read(&component, found);
    let strategy = read_strategy(&component, id.map_or("", |(id, _)| id), names, found);
    let undo_window = component.span("undo_window", found);
    let title = component.text("title", found);
    let whole = Component {
        id: ComponentId::from(id.map_or("", |(id, _)| id)),
        title: title.unwrap_or_else(|| id.map_or("", |(id, _)| id).into()),
        workloads,
        containers,
        criticality: component.word("criticality", found).unwrap_or_default(),
        depends_on,
        traffic,
        undo_window: undo_window.unwrap_or_else(|| kept_for(strategy.as_ref(), strategies)),
        strategy,
        stop_never: stop == StopMode::Never,
        version_label,
        replicas: component.get("replicas").and_then(|node| read_replicas(node, found)),
        probes: component.refers("probes", Kind::Probe, names, found),
        metrics: component.refers("metrics", Kind::Metric, names, found),
        rules: component.refers("rules", Kind::Rule, names, found),
        validate: component.refer::<GateId>("validate", Kind::Gate, names, found),
        undo: component.list("undo", found).iter().filter_map(|node| read_undo(node, found)).collect(),
        about: component.about(found),
    };
    let (id, spot) = id?;
    names.give(Kind::Component, id, spot, found);
    Some(whole)
}

/// The default of `undo_window`: as long as its strategy keeps the old version.
fn kept_for(choice: Option<&StrategyChoice>, strategies: &[Strategy]) -> Span {
    let strategy = match choice {
        Some(StrategyChoice::Inline(strategy)) => Some(&**strategy),
        Some(StrategyChoice::Named(id)) => strategies.iter().find(|strategy| strategy.id == *id),
        None => None,
    };
    strategy.map_or(UNDO_WINDOW, strategies::undo_window)
}

/// A component has workloads, unless it says that it runs outside the cluster.
fn check_external(component: &Fields<'_>, found: &mut Findings) {
    let external = component.flag("external", found);
    let has_workloads = component.get("workloads").is_some();
    if external && has_workloads {
        let message = "a component with `external: true` runs outside the cluster and has no workloads";
        found.add(Rule::Value, component.spot(), message);
    }
    if !external && !has_workloads {
        let remedy = "name them, or write `external: true` for something outside the cluster";
        found.advise(Rule::Missing, component.spot(), "a component lacks `workloads`", remedy);
    }
}

fn read_dependencies(
    component: &Fields<'_>,
    id: Option<&str>,
    names: &mut Names,
    found: &mut Findings,
) -> BTreeMap<ComponentId, Dependency> {
    let mut all = BTreeMap::new();
    for node in component.list("depends_on", found) {
        let (on, kind) = if let Value::Map(_) = node.value {
            let Some(fields) = Fields::read(node, &schema::DEPENDENCY, found) else { continue };
            let kind = fields.word("kind", found).unwrap_or_default();
            (fields.slug("id", found), kind)
        } else {
            (text(node, "depends_on", found).map(|on| (on, node.spot)), Dependency::Deploy)
        };
        let Some((on, spot)) = on else { continue };
        match (id, kind) {
            (Some(id), Dependency::Deploy) => names.depend(id, on, spot),
            (Some(_) | None, _) => names.refer(Kind::Component, on, spot),
        }
        if all.insert(ComponentId::from(on), kind).is_some() {
            found.add(Rule::Ambiguous, spot, format!("`depends_on` has `{on}` twice"));
        }
    }
    all
}

fn read_strategy(
    component: &Fields<'_>,
    id: &str,
    names: &mut Names,
    found: &mut Findings,
) -> Option<StrategyChoice> {
    let node = component.get("strategy")?;
    if let Value::Map(_) = node.value {
        let strategy = strategies::read_inline(node, id, names, found)?;
        return Some(StrategyChoice::Inline(Box::new(strategy)));
    }
    component.refer::<StrategyId>("strategy", Kind::Strategy, names, found).map(StrategyChoice::Named)
}

fn read_workload(
    node: &Node,
    namespaces: &BTreeSet<String>,
    containers: &mut Vec<MainContainer>,
    names: &mut Names,
    found: &mut Findings,
) -> Option<Target> {
    let workload = Fields::read(node, &schema::WORKLOAD, found)?;
    let kind = workload.word("kind", found);
    let name = workload.get("name").and_then(|node| object_name(node, "name", found));
    let namespace = namespace_of(&workload, namespaces, found);
    let container = workload.get("container").and_then(|node| object_name(node, "container", found));
    let (kind, (name, spot), namespace) = (kind?, name?, namespace?);
    let target = Target::new(kind, namespace, name);
    names.give(Kind::Workload, &format!("{}/{target}", target.namespace), spot, found);
    if let Some((container, _)) = container {
        containers.push(MainContainer { workload: target.clone(), container: Name::from(container) });
    }
    Some(target)
}

/// The namespace that is written, else the only one that the environments name.
fn namespace_of(
    workload: &Fields<'_>,
    namespaces: &BTreeSet<String>,
    found: &mut Findings,
) -> Option<String> {
    let Some(node) = workload.get("namespace") else {
        if namespaces.len() == 1 {
            return namespaces.first().cloned();
        }
        let message = "a workload lacks `namespace`, and the environments do not name exactly one";
        found.add(Rule::Missing, workload.spot(), message);
        return None;
    };
    let (namespace, spot) = object_name(node, "namespace", found)?;
    if !namespaces.is_empty() && !namespaces.contains(namespace) {
        let message = format!("no environment has the namespace `{namespace}` in view");
        found.advise(Rule::Reference, spot, message, "add it to the `namespaces` of a context");
    }
    Some(namespace.to_owned())
}

fn read_replicas(node: &Node, found: &mut Findings) -> Option<ReplicaRange> {
    let fields = Fields::read(node, &schema::REPLICAS, found)?;
    let (min, max) = (fields.small::<u32>("min", found), fields.small::<u32>("max", found));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        found.add(Rule::Value, fields.place("max"), format!("`max` is {max}, below `min`, which is {min}"));
    }
    let autoscaler = fields.get("autoscaler").and_then(|node| object_name(node, "autoscaler", found));
    Some(ReplicaRange { min, max, autoscaler: autoscaler.map(|(name, _)| Name::from(name)) })
}

fn read_undo(node: &Node, found: &mut Findings) -> Option<Undo> {
    let fields = Fields::read(node, &schema::UNDO, found)?;
    let method = match fields.get("method") {
        Some(node)
            if text(node, "method", &mut Findings::default()).is_some_and(|m| m.starts_with("runbook:")) =>
        {
            let message = "a runbook as a way back is known, but this version does not run it";
            found.advise(Rule::NotRun, node.spot, message, "name a method that the console runs itself");
            None
        }
        _ => fields.word("method", found),
    };
    let undo = (fields.span("est", found), fields.text("needs", found), fields.text("loses", found));
    Some(Undo { method: method?, est: undo.0, needs: undo.1, loses: undo.2 })
}
