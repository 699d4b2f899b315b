//! The blocks of the file, each read into its part of the model.

mod components;
mod environments;
mod judged;
mod lists;
mod metrics;
mod probes;
mod rollback;
mod strategies;
mod traffic;
mod when;

use super::fields::Fields;
use super::names::Names;
use super::rules::{Findings, Rule};
use super::schema;
use super::tree::Node;
use super::values::text;
use crate::model::Text;
use crate::model::plan::{About, Plan, Release};

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
    let strategies = strategies::read(&file, &mut names, found);
    let components = components::read(&file, &namespaces, &strategies, &mut names, found);
    let probes = probes::read(&file, &mut names, found);
    let metrics = metrics::read(&file, &mut names, found);
    let rules = judged::read_rules(&file, &metrics, &mut names, found);
    let phases = lists::read_phases(&file, &mut names, found);
    let checklists = lists::read_checklists(&file, &mut names, found);
    let gates = judged::read_gates(&file, &mut names, found);
    let rollback = rollback::read(&file, &mut names, found);
    let emergency = rollback::read_emergency(&file, &mut names, found);
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
        strategies,
        probes,
        metrics,
        rules,
        gates,
        phases,
        checklists,
        rollback,
        emergency,
        about,
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

/// A title, or the id where there is none.
fn title_or(fields: &Fields<'_>, id: &str, found: &mut Findings) -> Text {
    fields.text("title", found).unwrap_or_else(|| id.into())
}
