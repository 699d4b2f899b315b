//! `environments`.

use super::super::fields::Fields;
use super::super::names::{Kind, Names};
use super::super::rules::Findings;
use super::super::schema;
use super::super::tree::Node;
use super::super::values::{is_slug, text};
use crate::model::ids::{ContextName, Namespace};
use crate::model::plan::{Environment, EnvironmentKind, PlanContext};

/// Reads all environments.
pub(super) fn read(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Vec<Environment> {
    file.filled_list("environments", found).iter().filter_map(|node| read_one(node, names, found)).collect()
}

fn read_one(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Environment> {
    let environment = Fields::read(node, &schema::ENVIRONMENT, found)?;
    let id = environment.slug("id", found);
    if let Some((id, spot)) = id {
        names.give(Kind::Environment, id, spot, found);
    }
    let kind = environment.word("kind", found);
    let contexts = environment
        .filled_list("contexts", found)
        .iter()
        .filter_map(|node| read_context(node, names, found))
        .collect();
    let about = environment.about(found);
    // an environment that is wrong in part still tells the rest of the file its namespaces
    Some(Environment {
        id: id.map_or("", |(id, _)| id).into(),
        kind: kind.unwrap_or(EnvironmentKind::Production),
        contexts,
        about,
    })
}

fn read_context(node: &Node, names: &mut Names, found: &mut Findings) -> Option<PlanContext> {
    let context = Fields::read(node, &schema::CONTEXT, found)?;
    let name = context.get("kubeconfig_context").and_then(|node| {
        let name = text(node, "kubeconfig_context", found)?;
        names.give(Kind::Context, name, node.spot, found);
        Some(name)
    });
    let mut namespaces = Vec::new();
    for (name, spot) in context.words("namespaces", found) {
        if is_slug(name, spot, "namespace", found) && !namespaces.contains(&Namespace::from(name)) {
            namespaces.push(Namespace::from(name));
        }
    }
    let cluster_uid = context.text("cluster_uid", found).map(|uid| uid.as_str().to_owned());
    let about = context.about(found);
    Some(PlanContext { context: ContextName::from(name.unwrap_or_default()), cluster_uid, namespaces, about })
}
