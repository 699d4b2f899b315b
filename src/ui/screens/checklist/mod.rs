//! 5: the plan's checklists. What is done, what is open, who owns it, and what the answer should be.

mod rows;

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::desk::Tone;
use crate::core::event::Intent;
use crate::model::fact::Fact;
use crate::model::ids::ItemId;
use crate::model::plan::{EvidenceKind, Item, Plan};
use crate::ui::command::Command;
use crate::ui::input::{Answer, moved};
use crate::ui::line::Line;
use crate::ui::paint::{Canvas, rows as lines_of};
use crate::ui::prompt::{Asks, Prompt};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::{glyph, words};

use super::overview::headline;
use super::page::{self, PageOf};
use super::{Headline, Screen, ScreenId, readable, who};
use rows::{Row, window};

/// The checklist screen.
pub(super) struct Checklist;

/// Rows of the details of the item under the cursor: always as many, so that the list stands still.
const DETAILS: u16 = 5;
/// Body height from which there is room for them.
const DETAILS_FROM: u16 = 15;

impl Screen for Checklist {
    fn id(&self) -> ScreenId {
        ScreenId::Checklist
    }

    fn command(&self) -> Command {
        Command::Checklist
    }

    fn headline(&self, ctx: &Ctx<'_>) -> Headline {
        headline::headline(ctx)
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
        if area.height == 0 || page::draw(ctx, area, canvas) {
            return;
        }
        let Some(plan) = ctx.state.settings.plan.as_deref() else {
            let line = Line::of(Role::Dim, " no plan is loaded: ").with(Role::Key, "gonogo run PLAN");
            return canvas.line(Rect { height: 1, ..area }, &line.with(Role::Dim, " brings its checklists"));
        };
        canvas.both(
            readable(Rect { height: 1, ..area }),
            &title(ctx, plan),
            &rows::progress(ctx.state, plan.items()),
        );
        let mut body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let chosen = chosen(ctx.state, ctx.ui, plan);
        if let Some(item) = chosen.filter(|_| body.height >= DETAILS_FROM) {
            let details = details(ctx, item, usize::from(area.width));
            let taken = DETAILS;
            let place = Rect { y: body.bottom() - taken, height: taken, ..body };
            canvas.rule(
                Rect { height: 1, ..place },
                &Line::of(Role::Title, item.id.to_string()),
                &Line::new(),
            );
            canvas.lines(Rect { y: place.y + 1, height: taken - 1, ..place }, &details);
            body.height -= taken;
        }
        list(ctx, plan, chosen, readable(body), canvas);
    }

    fn run(&self, command: Command, state: &State, ui: &mut UiState) -> Option<Answer> {
        if let Some(answer) = page::run(command, state, ui) {
            return Some(answer);
        }
        let plan = state.settings.plan.as_deref()?;
        match command {
            Command::Up
            | Command::Down
            | Command::PageUp
            | Command::PageDown
            | Command::HalfUp
            | Command::HalfDown
            | Command::Top
            | Command::Bottom => go(command, state, ui, plan),
            Command::Tick => return Some(tick(state, ui, plan)),
            Command::Open => match chosen(state, ui, plan) {
                Some(item) => return Some(page::open(ui, PageOf::Item(item.id.clone()))),
                None => nothing(state, ui),
            },
            _ => return None,
        }
        Some(Answer::done())
    }

    fn reads_page(&self, ui: &UiState) -> bool {
        ui.page.is_some()
    }

    fn copies(&self, ctx: &Ctx<'_>) -> Option<String> {
        let plan = ctx.state.settings.plan.as_deref()?;
        page::copies(ctx).or_else(|| chosen(ctx.state, ctx.ui, plan).map(|item| item.text.to_string()))
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Tick, Command::Open]
    }
}

fn title(ctx: &Ctx<'_>, plan: &Plan) -> Line {
    let line = Line::of(Role::Title, format!(" {}", plan.title));
    let line = line.plain(format!("  {}", plan.release.version));
    let filter = ctx.ui.pane().filter;
    if filter.is_empty() { line } else { line.gap(3).with(Role::Key, format!("/{filter}")) }
}

/// Items that the filter lets through.
fn items<'a>(ui: &UiState, plan: &'a Plan) -> Vec<&'a Item> {
    let wanted =
        ui.panes.get(&ScreenId::Checklist).map_or_else(String::new, |pane| pane.filter.to_lowercase());
    plan.items().map(|(_, item)| item).filter(|item| rows::matches(item, &wanted)).collect()
}

/// The item under the cursor: at first the next one that is open.
fn chosen<'a>(state: &State, ui: &UiState, plan: &'a Plan) -> Option<&'a Item> {
    let items = items(ui, plan);
    let pane = ui.panes.get(&ScreenId::Checklist);
    let wanted = pane.and_then(|pane| pane.object.as_deref());
    let named = items.iter().find(|item| Some(item.id.as_str()) == wanted);
    let open = || items.iter().find(|item| !state.session.ticks.contains_key(&item.id));
    named.or_else(open).or(items.first()).copied()
}

fn go(command: Command, state: &State, ui: &mut UiState, plan: &Plan) {
    let items = items(ui, plan);
    let Some(last) = items.len().checked_sub(1) else { return };
    let chosen = chosen(state, ui, plan).map(|item| &item.id);
    let at = items.iter().position(|item| Some(&item.id) == chosen).unwrap_or(0);
    let to = moved(at, command, usize::from(ui.size.1 / 2).max(1), last);
    let id = items.get(to).map(|item| item.id.to_string());
    ui.pane_mut().object = id;
}

fn nothing(state: &State, ui: &mut UiState) {
    ui.say("there is no item here", Tone::Warning, state.now);
}

/// A tick with its evidence; on a ticked item, the reason why the tick is taken back.
fn tick(state: &State, ui: &mut UiState, plan: &Plan) -> Answer {
    let Some(item) = chosen(state, ui, plan) else {
        nothing(state, ui);
        return Answer::done();
    };
    let id = item.id.clone();
    ui.pane_mut().object = Some(id.to_string());
    if being_recorded(state, &id) {
        ui.say("being recorded: wait for the journal", Tone::Plain, state.now);
    } else if state.session.ticks.contains_key(&id) {
        ui.prompt = Some(Prompt::new(Asks::Reopen { item: id }));
    } else if item.evidence == EvidenceKind::None {
        return Answer::of(Intent::Tick { item: id, evidence: None });
    } else {
        ui.prompt = Some(Prompt::new(Asks::Tick { item: id, evidence: item.evidence }));
    }
    Answer::done()
}

/// Whether a tick, or the taking back of one, is on its way to the journal.
fn being_recorded(state: &State, item: &ItemId) -> bool {
    state.desk.pending.iter().any(|fact| match fact {
        Fact::ItemTicked { item: ticked, .. } => ticked == item,
        Fact::ItemReopened { item: reopened, .. } => reopened == item,
        _ => false,
    })
}

fn list(ctx: &Ctx<'_>, plan: &Plan, chosen: Option<&Item>, area: Rect, canvas: &mut Canvas<'_>) {
    let filter = ctx.ui.pane().filter.to_lowercase();
    let rows = rows::all(plan, &filter);
    if rows.is_empty() {
        let text = if filter.is_empty() {
            "the plan has no checklists"
        } else {
            "no item contains this: Esc shows all"
        };
        return canvas
            .line(Rect { height: area.height.min(1), ..area }, &Line::new().gap(3).with(Role::Dim, text));
    }
    let cursor = rows.iter().position(|row| matches!(row, Row::Item(item) if Some(*item) == chosen));
    let first = window(rows.len(), usize::from(area.height), cursor);
    for (place, row) in lines_of(area).zip(rows.iter().skip(first)) {
        let here = matches!(row, Row::Item(item) if Some(*item) == chosen);
        let (left, right) = row.lines(ctx, here, usize::from(area.width));
        canvas.both(place, &left, &right);
        if here {
            canvas.ground(place, Role::Selected);
        }
    }
}

/// The item in full.
fn details(ctx: &Ctx<'_>, item: &Item, width: usize) -> Vec<Line> {
    let wrapped = |role, text: &str| {
        let lines = words::wrap_to(text, width.saturating_sub(4), 2).into_iter();
        lines.map(|line| Line::new().gap(3).with(role, line)).collect::<Vec<_>>()
    };
    let mut lines = wrapped(Role::Text, item.text.as_str());
    if let Some(expect) = &item.expect {
        lines.extend(wrapped(Role::Dim, &format!("expects: {expect}")));
    }
    match ctx.state.session.ticks.get(&item.id) {
        Some(tick) => {
            let text = format!("{} ticked {} by {}", glyph::TICK, words::clock(tick.at), who(&tick.by));
            lines.push(Line::new().gap(3).with(Role::Good, text));
            lines.extend(tick.evidence.iter().flat_map(|evidence| wrapped(Role::Text, evidence.as_str())));
        }
        None => lines.extend(wrapped(Role::Dim, brings(item.evidence))),
    }
    lines
}

const fn brings(evidence: EvidenceKind) -> &'static str {
    match evidence {
        EvidenceKind::None => "its tick needs nothing besides",
        EvidenceKind::Note => "its tick needs a note",
        EvidenceKind::Link => "its tick needs a link",
        EvidenceKind::Value => "its tick needs the value that was seen",
    }
}
