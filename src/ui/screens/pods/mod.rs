//! 3: pods. Those of one workload by version, worst first, with the last words of the one under the cursor; or all
//! pods in view as one long table, of which only the rows on the screen are built.

mod bulk;
mod order;
mod strips;
mod workload;

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::desk::Tone;
use crate::core::event::{DocumentOf, LogOf, Look};
use crate::model::ids::{Name, Namespace};
use crate::model::pod::Pod;
use crate::model::target::Target;
use crate::ui::command::Command;
use crate::ui::input::{Answer, moved};
use crate::ui::paint::Canvas;
use crate::ui::state::UiState;
use crate::ui::view::Ctx;

use super::overview::headline;
use super::page::{self, PageOf};
use super::{Headline, Screen, ScreenId};

/// The pods screen.
pub(super) struct Pods;

/// The part of the screen that shows all pods in view.
const BULK: usize = 1;

/// The pod under the cursor.
struct Chosen {
    target: Option<Target>,
    namespace: Namespace,
    name: Name,
    container: Option<String>,
}

impl Screen for Pods {
    fn id(&self) -> ScreenId {
        ScreenId::Pods
    }

    fn command(&self) -> Command {
        Command::Pods
    }

    fn headline(&self, ctx: &Ctx<'_>) -> Headline {
        match ctx.selected_view() {
            Some(view) if !in_bulk(ctx.state, ctx.ui) => headline::of_one(ctx, view),
            Some(_) | None => headline::headline(ctx),
        }
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
        if area.height == 0 || page::draw(ctx, area, canvas) {
            return;
        }
        match ctx.selected() {
            Some(watched) if !in_bulk(ctx.state, ctx.ui) => workload::draw(ctx, watched, area, canvas),
            Some(_) | None => bulk::draw(ctx, area, canvas),
        }
    }

    fn run(&self, command: Command, state: &State, ui: &mut UiState) -> Option<Answer> {
        if let Some(answer) = page::run(command, state, ui) {
            return Some(answer);
        }
        match command {
            Command::Up
            | Command::Down
            | Command::PageUp
            | Command::PageDown
            | Command::HalfUp
            | Command::HalfDown
            | Command::Top
            | Command::Bottom => go(command, state, ui),
            Command::NextPane | Command::PreviousPane => {
                let to = if in_bulk(state, ui) { 0 } else { BULK };
                ui.pane_mut().focus = to;
            }
            Command::Sort => {
                let pane = ui.pane_mut();
                pane.choice += 1;
                pane.places.clear();
            }
            Command::Open | Command::Describe => return Some(describe(state, ui)),
            Command::Yaml => return Some(yaml(state, ui)),
            Command::Logs => return Some(log(state, ui, false)),
            Command::PreviousLogs => return Some(log(state, ui, true)),
            _ => return None,
        }
        Some(Answer::done())
    }

    fn look(&self, state: &State, ui: &UiState, look: &mut Look) {
        look.pods_in_bulk = in_bulk(state, ui);
        look.events = !look.pods_in_bulk;
        if look.log.is_none() && ui.page.is_none() && !look.pods_in_bulk {
            look.log = last_words(state, ui);
        }
    }

    fn reads_page(&self, ui: &UiState) -> bool {
        ui.page.is_some()
    }

    fn copies(&self, ctx: &Ctx<'_>) -> Option<String> {
        page::copies(ctx).or_else(|| chosen(ctx.state, ctx.ui).map(|pod| pod.name.to_string()))
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Open,
            Command::Logs,
            Command::PreviousLogs,
            Command::Yaml,
            Command::NextPane,
            Command::Sort,
        ]
    }
}

/// Whether all pods in view are shown: asked for by Tab, or because no workload is selected.
fn in_bulk(state: &State, ui: &UiState) -> bool {
    let selected = ui.selected.as_ref().is_some_and(|target| state.world.workloads.contains_key(target));
    let focus = ui.panes.get(&ScreenId::Pods).map_or(0, |pane| pane.focus);
    focus == BULK || !selected
}

/// Pods of the selected workload in the order of the screen.
fn rows<'a>(state: &'a State, ui: &'a UiState) -> Vec<order::Row<'a>> {
    let watched = ui.selected.as_ref().and_then(|target| state.world.workloads.get(target));
    watched.map_or_else(Vec::new, |watched| order::rows(state, ui, watched))
}

/// The row under the cursor: it follows its pod, and is the first one until a person moved it.
fn cursor<'a>(ui: &UiState, mut names: impl Iterator<Item = &'a str>) -> usize {
    let pane = ui.panes.get(&ScreenId::Pods);
    let wanted = pane.and_then(|pane| pane.object.as_deref());
    wanted.and_then(|wanted| names.position(|name| name == wanted)).unwrap_or(0)
}

fn go(command: Command, state: &State, ui: &mut UiState) {
    let jump = usize::from(ui.size.1 / 2).max(1);
    let (object, places) = if in_bulk(state, ui) {
        let table = bulk::Shown::of(state, ui);
        let Some(last) = table.count().checked_sub(1) else { return };
        let at = moved(table.cursor(ui), command, jump, last);
        (table.key(at), Vec::new())
    } else {
        let rows = rows(state, ui);
        let Some(last) = rows.len().checked_sub(1) else { return };
        let at = cursor(ui, rows.iter().map(|row| row.pod.name.as_str()));
        let to = moved(at, command, jump, last);
        let names = rows.iter().map(|row| row.pod.name.to_string()).collect();
        (rows.get(to).map(|row| row.pod.name.to_string()), names)
    };
    let pane = ui.pane_mut();
    pane.object = object;
    pane.places = places;
}

fn chosen(state: &State, ui: &UiState) -> Option<Chosen> {
    if in_bulk(state, ui) {
        let table = bulk::Shown::of(state, ui);
        let line = table.row(table.cursor(ui))?;
        return Some(Chosen {
            target: None,
            namespace: bulk::namespace(state, line),
            name: Name::new(line.name.as_ref()),
            container: None,
        });
    }
    let rows = rows(state, ui);
    let row = rows.get(cursor(ui, rows.iter().map(|row| row.pod.name.as_str())))?;
    Some(Chosen {
        target: ui.selected.clone(),
        namespace: row.pod.namespace.clone(),
        name: row.pod.name.clone(),
        container: worst_container(row.pod),
    })
}

/// The container that a log is wanted of: one that is not well, where there are several.
fn worst_container(pod: &Pod) -> Option<String> {
    if pod.containers.len() < 2 {
        return None;
    }
    let ill = pod.containers.iter().filter(|container| !container.ready).max_by_key(|one| one.restarts);
    ill.or(pod.containers.first()).map(|container| container.name.to_string())
}

fn nothing(ui: &mut UiState, state: &State) -> Answer {
    ui.say("there is no pod here", Tone::Warning, state.now);
    Answer::done()
}

/// Events and the object itself, on one page.
fn describe(state: &State, ui: &mut UiState) -> Answer {
    match chosen(state, ui) {
        Some(Chosen { target: Some(target), namespace, name, .. }) => {
            page::open(ui, PageOf::Pod { target, namespace, name })
        }
        Some(_) => yaml(state, ui),
        None => nothing(ui, state),
    }
}

fn yaml(state: &State, ui: &mut UiState) -> Answer {
    match chosen(state, ui) {
        Some(Chosen { namespace, name, .. }) => {
            page::open(ui, PageOf::Document(DocumentOf::Pod { namespace, name }))
        }
        None => nothing(ui, state),
    }
}

fn log(state: &State, ui: &mut UiState, previous: bool) -> Answer {
    match chosen(state, ui) {
        Some(Chosen { namespace, name, container, .. }) => {
            page::open(ui, PageOf::Log(LogOf { namespace, pod: name, container, previous }))
        }
        None => nothing(ui, state),
    }
}

/// The log whose end is shown beside the list: that of a pod under the cursor which started and is not well.
fn last_words(state: &State, ui: &UiState) -> Option<LogOf> {
    let rows = rows(state, ui);
    let row = rows.get(cursor(ui, rows.iter().map(|row| row.pod.name.as_str())))?;
    let spoke = row.trouble.as_ref().is_some_and(order::spoke);
    spoke.then(|| LogOf {
        namespace: row.pod.namespace.clone(),
        pod: row.pod.name.clone(),
        container: worst_container(row.pod),
        previous: false,
    })
}
