//! `phases` and `checklists`.

use super::super::fields::Fields;
use super::super::names::{Kind, Names};
use super::super::rules::{Findings, Rule};
use super::super::schema;
use super::super::tree::{Node, Spot};
use super::super::values::text;
use super::super::words::ItemKind;
use super::title_or;
use crate::model::ids::ChecklistId;
use crate::model::plan::{Checklist, EvidenceKind, Item, Phase};

/// Kinds of step that a phase may have in the format; this version runs the first.
const STEPS: [&str; 9] =
    ["checklist", "deploy", "runbook", "migration", "poll", "hold", "approval", "observe", "comms"];

/// Reads all phases.
pub(super) fn read_phases(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Vec<Phase> {
    file.list("phases", found).iter().filter_map(|node| read_phase(node, names, found)).collect()
}

fn read_phase(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Phase> {
    let phase = Fields::read(node, &schema::PHASE, found)?;
    let id = phase.slug("id", found);
    let mut held = phase.words("checklists", found);
    for node in phase.list("steps", found) {
        held.extend(checklist_of_step(node, found).map(|id| (id, node.spot)));
    }
    match (phase.get("steps"), phase.get("checklists")) {
        (Some(steps), Some(_)) => {
            let message = "a phase has `steps`, or the short form `checklists`, not both";
            found.add(Rule::Ambiguous, steps.spot, message);
        }
        (None, None) => {
            let message = "a phase lacks `steps`";
            found.advise(Rule::Missing, phase.spot(), message, "write `steps: [\"checklist:<id>\"]`");
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    for (checklist, spot) in &held {
        names.hold(checklist, *spot, found);
    }
    let about = phase.about(found);
    let (id, spot) = id?;
    names.give(Kind::Phase, id, spot, found);
    let checklists = held.into_iter().map(|(id, _)| ChecklistId::from(id)).collect();
    Some(Phase { id: id.to_owned(), title: title_or(&phase, id, found), checklists, about })
}

/// The checklist that a step such as `checklist:before` names.
fn checklist_of_step<'a>(node: &'a Node, found: &mut Findings) -> Option<&'a str> {
    let step = text(node, "steps", found)?;
    let (kind, id) = step.split_once(':').map_or((step, None), |(kind, id)| (kind, Some(id.trim())));
    match (kind.trim(), id) {
        ("checklist", Some(id)) if !id.is_empty() => Some(id),
        (kind, _) if kind != "checklist" && STEPS.contains(&kind) => {
            let message = format!("a `{kind}` step is known, but this version does not run it");
            found.advise(Rule::NotRun, node.spot, message, "it runs `checklist:<id>`");
            None
        }
        _ => {
            let message = format!("`{step}` is no step");
            found.advise(
                Rule::Value,
                node.spot,
                message,
                format!("write `checklist:{}`", id.unwrap_or(kind)),
            );
            None
        }
    }
}

/// Reads all checklists.
pub(super) fn read_checklists(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Vec<Checklist> {
    file.list("checklists", found).iter().filter_map(|node| read_checklist(node, names, found)).collect()
}

fn read_checklist(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Checklist> {
    let checklist = Fields::read(node, &schema::CHECKLIST, found)?;
    let id = checklist.slug("id", found);
    if let Some((id, spot)) = id {
        names.give(Kind::Checklist, id, spot, found);
    }
    let mut items: Vec<Item> = checklist
        .filled_list("items", found)
        .iter()
        .filter_map(|node| read_item(node, names, found))
        .collect();
    // a stable sort: else the order of the file stands
    items.sort_by_key(|item| !item.critical);
    let about = checklist.about(found);
    let (id, _) = id?;
    Some(Checklist { id: id.into(), title: title_or(&checklist, id, found), items, about })
}

fn read_item(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Item> {
    let item = Fields::read(node, &schema::ITEM, found)?;
    let id = item.slug("id", found);
    if let Some((id, spot)) = id {
        names.give(Kind::Item, id, spot, found);
    }
    let text = item.text("text", found);
    let critical = item.flag("critical", found);
    let evidence = evidence_of(&item, critical, found);
    let (owner, expect, about) = (item.text("owner", found), item.text("expect", found), item.about(found));
    let (id, _) = id?;
    Some(Item { id: id.into(), text: text?, owner, critical, expect, evidence, about })
}

/// What a tick must bring: as written, else what the kind of item asks for. A critical item needs more than a note.
fn evidence_of(item: &Fields<'_>, critical: bool, found: &mut Findings) -> EvidenceKind {
    let by_kind = item.word("kind", found).map_or(EvidenceKind::Note, |ItemKind(evidence)| evidence);
    let written = item.word("evidence", found);
    let spot = item.get("evidence").map_or(Spot::START, |node| node.spot);
    match (written, critical) {
        (Some(EvidenceKind::None | EvidenceKind::Note), true) => {
            let message = "a critical item needs evidence that somebody else can look at";
            found.advise(Rule::Value, spot, message, "write `evidence: link` or `evidence: value`");
            EvidenceKind::Link
        }
        (Some(written), _) => written,
        (None, true) if by_kind == EvidenceKind::Note => EvidenceKind::Link,
        (None, _) => by_kind,
    }
}
