//! Rows of the checklist: phases, checklists with their progress, items.

use crate::core::State;
use crate::model::plan::{self, EvidenceKind, Item, Phase, Plan};
use crate::ui::line::Line;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::gauge;
use crate::ui::{glyph, words};

use super::being_recorded;
use crate::ui::screens::who;

/// Cells of a gauge.
const GAUGE: usize = 12;

/// Cells for the name of a person or role.
const PERSON: usize = 9;

/// One row.
pub(super) enum Row<'a> {
    /// A phase, with its number of all.
    Phase(usize, usize, &'a Phase),
    /// A checklist.
    List(&'a plan::Checklist),
    /// An item.
    Item(&'a Item),
}

/// All rows: checklists by phase, then those that no phase names. Headings stay while the filter leaves them an item.
pub(super) fn all<'a>(plan: &'a Plan, filter: &str) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for (number, phase) in plan.phases.iter().enumerate() {
        let lists =
            phase.checklists.iter().filter_map(|id| plan.checklists.iter().find(|list| list.id == *id));
        let inside: Vec<Row<'a>> = lists.flat_map(|list| of_list(list, filter)).collect();
        if !inside.is_empty() {
            rows.push(Row::Phase(number + 1, plan.phases.len(), phase));
            rows.extend(inside);
        }
    }
    let named = |list: &&plan::Checklist| plan.phases.iter().any(|phase| phase.checklists.contains(&list.id));
    rows.extend(plan.checklists.iter().filter(|list| !named(list)).flat_map(|list| of_list(list, filter)));
    rows
}

fn of_list<'a>(list: &'a plan::Checklist, filter: &str) -> Vec<Row<'a>> {
    let items: Vec<Row<'a>> = list.items.iter().filter(|item| matches(item, filter)).map(Row::Item).collect();
    if items.is_empty() { items } else { std::iter::once(Row::List(list)).chain(items).collect() }
}

pub(super) fn matches(item: &Item, wanted: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(wanted);
    wanted.is_empty()
        || has(item.text.as_str())
        || has(item.id.as_str())
        || item.owner.as_ref().is_some_and(|owner| has(owner.as_str()))
}

/// First row shown, so that the cursor and the heading above it are in view.
pub(super) fn window(count: usize, room: usize, cursor: Option<usize>) -> usize {
    let wanted = cursor.unwrap_or(0).saturating_sub(room / 2);
    wanted.min(count.saturating_sub(room))
}

/// `████░░░░ 15 ✓  2 open  1 critical  of 17`
pub(super) fn progress<'a>(
    state: &State,
    items: impl Iterator<Item = (&'a plan::Checklist, &'a Item)>,
) -> Line {
    let items: Vec<&Item> = items.map(|(_, item)| item).collect();
    count(state, &items)
}

fn count(state: &State, items: &[&Item]) -> Line {
    let ticked = |item: &&&Item| state.session.ticks.contains_key(&item.id);
    let done = items.iter().filter(ticked).count();
    let critical = items.iter().filter(|item| item.critical && !ticked(item)).count();
    let open = items.len() - done;
    #[expect(clippy::cast_precision_loss, reason = "items of a checklist")]
    let share = done as f64 / items.len().max(1) as f64;
    let role = if open == 0 { Role::Good } else { Role::Moving };
    let line = gauge::bar(share, GAUGE, role).with(Role::Good, format!("{done:>4} {}", glyph::TICK));
    let line = line.with(if open == 0 { Role::Dim } else { Role::Text }, format!("{open:>4} open"));
    let urgent = if critical == 0 { Role::Dim } else { Role::Warning };
    line.with(urgent, format!("{critical:>3} critical")).with(Role::Dim, format!("  of {:>3} ", items.len()))
}

impl Row<'_> {
    /// What stands at the left and at the right.
    pub(super) fn lines(&self, ctx: &Ctx<'_>, here: bool, width: usize) -> (Line, Line) {
        match self {
            Self::Phase(number, of, phase) => {
                let line = Line::of(Role::Label, format!(" PHASE {number}/{of} "));
                (line.with(Role::Title, phase.title.as_str()), Line::new())
            }
            Self::List(list) => {
                let items: Vec<&Item> = list.items.iter().collect();
                (Line::new().gap(1).with(Role::Title, list.title.as_str()), count(ctx.state, &items))
            }
            Self::Item(item) => self::item(ctx, item, here, width),
        }
    }
}

fn item(ctx: &Ctx<'_>, item: &Item, here: bool, width: usize) -> (Line, Line) {
    let tick = ctx.state.session.ticks.get(&item.id);
    let (mark, role) = match tick {
        _ if being_recorded(ctx.state, &item.id) => (glyph::HALF, Role::Pending),
        Some(_) => (glyph::TICK, Role::Good),
        None => (glyph::EMPTY, Role::Text),
    };
    let cursor = if here { glyph::CURSOR } else { " " };
    let text = if tick.is_some() { Role::Dim } else { Role::Text };
    let mut left = Line::of(Role::Key, format!(" {cursor} ")).with(role, mark).gap(1);
    if item.critical {
        left = left.with(if tick.is_some() { Role::Dim } else { Role::Warning }, "! ");
    } else {
        left = left.gap(2);
    }
    left = left.with(text, item.text.as_str());
    let right = if let Some(tick) = tick {
        let evidence = tick.evidence.as_ref().map_or("", |evidence| evidence.as_str());
        let line = Line::text(words::fit(evidence, width / 4)).gap(2);
        line.with(Role::Dim, words::clock(tick.at)).gap(2).and(person(who(&tick.by)))
    } else {
        let owner = item.owner.as_ref().map_or("no owner", |owner| owner.as_str());
        Line::of(Role::Dim, wants(item.evidence)).gap(2).and(person(owner))
    };
    (left, right)
}

/// Who owns or ticked it, in a column of its own.
fn person(name: &str) -> Line {
    Line::of(Role::Name, words::fit(name, PERSON)).padded(PERSON + 1)
}

const fn wants(evidence: EvidenceKind) -> &'static str {
    match evidence {
        EvidenceKind::None => "",
        EvidenceKind::Note => "note",
        EvidenceKind::Link => "link",
        EvidenceKind::Value => "value",
    }
}
