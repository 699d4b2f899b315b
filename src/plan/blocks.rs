//! The blocks of the file, each read into its part of the model.

mod environments;
mod lists;

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{Fields, is_slug, text};
use super::names::{Kind, Names};
use super::rules::{Findings, Rule};
use super::schema;
use super::tree::{Node, Spot};
use crate::model::Text;
use crate::model::ids::ComponentId;
use crate::model::kind::{KINDS, WorkloadKind};
use crate::model::plan::{About, Component, Criticality, Dependency, Plan, Release, UNDO_WINDOW};
use crate::model::target::Target;

/// The only edition of the format so far.
const FORMAT: &str = "1";

/// Reads all blocks. What is returned is whole only if nothing was found.
pub(super) fn read(root: &Node, found: &mut Findings) -> Option<Plan> {
    let file = Fields::read(root, &schema::FILE, found)?;
    let mut names = Names::default();
    let head = file.get("plan").and_then(|node| read_head(node, found));
    let release = file.get("release").and_then(|node| read_release(node, found));
    let environments = environments::read(&file, &mut names, found);
    let namespaces = environments.iter().flat_map(|environment| &environment.contexts);
    let namespaces =
        namespaces.flat_map(|context| &context.namespaces).map(|name| name.as_str().to_owned()).collect();
    let components = file
        .filled_list("components", found)
        .iter()
        .filter_map(|node| read_component(node, &namespaces, &mut names, found))
        .collect();
    let phases = lists::read_phases(&file, &mut names, found);
    let checklists = lists::read_checklists(&file, &mut names, found);
    names.check(found);
    let (id, title, about) = head?;
    let release = release?;
    Some(Plan {
        id,
        title,
        hash: String::new(),
        release,
        environments,
        components,
        phases,
        checklists,
        about,
        ..Plan::default()
    })
}

/// What `plan` says of itself.
fn read_head(node: &Node, found: &mut Findings) -> Option<(String, Text, About)> {
    let plan = Fields::read(node, &schema::PLAN, found)?;
    if let Some(node) = plan.get("format")
        && text(node, "format", found).is_some_and(|format| format != FORMAT)
    {
        found.add(Rule::Value, node.spot, format!("this version reads plans of `format: {FORMAT}`"));
    }
    let (id, title, about) = (plan.slug("id", found), plan.text("title", found), plan.about(found));
    Some((id?.0.to_owned(), title?, about))
}

fn read_release(node: &Node, found: &mut Findings) -> Option<Release> {
    let release = Fields::read(node, &schema::RELEASE, found)?;
    let version = release.text("version", found);
    let previous = release.text("previous", found);
    let about = release.about(found);
    Some(Release { version: version?, previous, about })
}

fn read_component(
    node: &Node,
    namespaces: &BTreeSet<String>,
    names: &mut Names,
    found: &mut Findings,
) -> Option<Component> {
    let component = Fields::read(node, &schema::COMPONENT, found)?;
    let id = component.slug("id", found);
    let workloads: Vec<Target> = component
        .filled_list("workloads", found)
        .iter()
        .filter_map(|node| read_workload(node, namespaces, names, found))
        .collect();
    check_external(&component, found);
    let mut depends_on = BTreeMap::new();
    for (on, spot) in component.words("depends_on", found) {
        if let Some((id, _)) = id {
            names.depend(id, on, spot);
        }
        depends_on.insert(ComponentId::from(on), Dependency::Deploy);
    }
    let stop_never = component.choice("stop", &[("auto", Some(false)), ("never", Some(true))], found);
    let traffic = component.get("traffic").and_then(|node| Fields::read(node, &schema::TRAFFIC, found));
    let version_label = traffic.and_then(|traffic| traffic.text("version_label", found));
    let title = component.text("title", found);
    let about = component.about(found);
    let (id, spot) = id?;
    names.give(Kind::Component, id, spot, found);
    Some(Component {
        id: id.into(),
        title: title.unwrap_or_else(|| id.into()),
        workloads,
        containers: Vec::new(),
        criticality: Criticality::Normal,
        depends_on,
        traffic: None,
        strategy: None,
        replicas: None,
        probes: Vec::new(),
        metrics: Vec::new(),
        rules: Vec::new(),
        validate: None,
        undo: Vec::new(),
        undo_window: UNDO_WINDOW,
        stop_never: stop_never.unwrap_or(false),
        version_label: version_label.map(|label| label.as_str().to_owned()),
        about,
    })
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

fn read_workload(
    node: &Node,
    namespaces: &BTreeSet<String>,
    names: &mut Names,
    found: &mut Findings,
) -> Option<Target> {
    let workload = Fields::read(node, &schema::WORKLOAD, found)?;
    let mut kinds: Vec<(&'static str, Option<WorkloadKind>)> =
        KINDS.iter().map(|row| (row.name, Some(row.kind))).collect();
    kinds.extend([("CronJob", None), ("HelmRelease", None)]);
    let kind = workload.choice("kind", &kinds, found);
    let name = workload.get("name").and_then(|node| object_name(node, "name", found));
    let namespace = namespace_of(&workload, namespaces, found);
    let (kind, (name, spot), namespace) = (kind?, name?, namespace?);
    let target = Target::new(kind, namespace, name);
    names.give(Kind::Workload, &format!("{}/{target}", target.namespace), spot, found);
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

/// A name as Kubernetes allows it, near enough to catch slips: the cluster has the last word.
fn object_name<'a>(node: &'a Node, name: &str, found: &mut Findings) -> Option<(&'a str, Spot)> {
    let word = text(node, name, found)?;
    // names of objects may have dots, which ids have not
    is_slug_of(word, node.spot, name, found).then_some((word, node.spot))
}

fn is_slug_of(word: &str, spot: Spot, name: &str, found: &mut Findings) -> bool {
    word.split('.').all(|part| !part.is_empty() && is_slug(part, spot, name, found))
}

/// A title, or the id where there is none.
fn title_or(fields: &Fields<'_>, id: &str, found: &mut Findings) -> Text {
    fields.text("title", found).unwrap_or_else(|| id.into())
}
