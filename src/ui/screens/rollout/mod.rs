//! 2: one workload. What runs, who gets the traffic, why it stands still, and the way back.

mod situation;
mod steps;
mod story;
mod versions;

pub(super) use steps::brief;
pub(super) use versions::part_of;

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::desk::Tone;
use crate::core::event::{DocumentOf, Look};
use crate::core::world::Watched;
use crate::model::objects::{Depth, Workload};
use crate::model::view::WorkloadView;
use crate::ui::command::Command;
use crate::ui::input::{Answer, moved};
use crate::ui::line::Line;
use crate::ui::paint::Canvas;
use crate::ui::state::{Pane, UiState};
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::sections::{self, Section};

use super::overview::headline;
use super::page::{self, PageOf};
use super::{Headline, Screen, ScreenId, freshness};

/// The rollout screen.
pub(super) struct Rollout;

/// Parts of the screen. The first one has the keys until another is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Versions,
    Why,
    Warnings,
    Goals,
    Steps,
    Analysis,
    Traffic,
    Progress,
    WayBack,
    Others,
    Conditions,
    Events,
}

/// The parts in the order of the screen.
const ORDER: [Part; 12] = [
    Part::Why,
    Part::Warnings,
    Part::Goals,
    Part::Steps,
    Part::Traffic,
    Part::Versions,
    Part::Analysis,
    Part::Progress,
    Part::WayBack,
    Part::Others,
    Part::Conditions,
    Part::Events,
];

impl Part {
    /// Whether it has something to say about this workload.
    fn is_there(self, state: &State, watched: &Watched) -> bool {
        let view = &watched.view;
        match self {
            Self::Why => !view.reasons.is_empty(),
            Self::Warnings => !view.warnings.is_empty(),
            Self::Steps => view.track.as_ref().is_some_and(|track| !track.steps.is_empty()),
            Self::Analysis => !view.analysis.is_empty(),
            Self::Goals => story::goals(state, &view.target).next().is_some(),
            Self::Versions | Self::Progress | Self::WayBack | Self::Others | Self::Events => true,
            Self::Traffic => !view.revisions.is_empty() || steps::is_split(&view.truth),
            Self::Conditions => match &watched.set.workload {
                Workload::Deployment(deployment) => !deployment.status.conditions.is_empty(),
                _ => false,
            },
        }
    }

    fn section(self, ctx: &Ctx<'_>, watched: &Watched, width: usize) -> Section {
        match self {
            Self::Why => story::why(ctx, &watched.view, width),
            Self::Warnings => steps::warnings(&watched.view, width),
            Self::Goals => story::in_hand(ctx, &watched.view, width),
            Self::Steps => match &watched.view.track {
                Some(track) => steps::track(ctx, track, width),
                None => Section::default(),
            },
            Self::Analysis => steps::analysis(&watched.view, width),
            Self::Versions => versions::section(ctx, watched, width),
            Self::Traffic => situation::traffic(ctx, &watched.view, width),
            Self::Progress => situation::progress(ctx, watched, width),
            Self::WayBack => situation::way_back(&watched.view, width),
            Self::Others => situation::others(watched, width),
            Self::Conditions => story::conditions(ctx, watched, width),
            Self::Events => story::events(ctx, &watched.view, width),
        }
    }
}

impl Screen for Rollout {
    fn id(&self) -> ScreenId {
        ScreenId::Rollout
    }

    fn command(&self) -> Command {
        Command::Rollout
    }

    fn headline(&self, ctx: &Ctx<'_>) -> Headline {
        ctx.selected_view().map_or_else(|| headline::headline(ctx), |view| headline::of_one(ctx, view))
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
        if area.height == 0 || page::draw(ctx, area, canvas) {
            return;
        }
        let Some(watched) = ctx.selected() else {
            let line = ctx.hint(Command::Overview, "chooses a workload: none is selected");
            canvas.line(Rect { height: 1, ..area }, &Line::new().gap(1).and(line));
            return;
        };
        let first = Rect { height: 1, ..area };
        canvas.both(first, &subtitle(watched), &freshness::of_target(ctx, &watched.view.target));
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let width = usize::from(sections::width_of_a_column(body.width));
        let pane = ctx.ui.pane();
        let there = ORDER.into_iter().filter(|part| part.is_there(ctx.state, watched));
        let parts = there.map(|part| {
            let mut section = part.section(ctx, watched, width);
            section.focused = part as usize == pane.focus;
            section.scroll = pane.scroll;
            section
        });
        sections::draw(canvas, body, parts.collect());
    }

    fn run(&self, command: Command, state: &State, ui: &mut UiState) -> Option<Answer> {
        if let Some(answer) = page::run(command, state, ui) {
            return Some(answer);
        }
        let watched = ui.selected.as_ref().and_then(|target| state.world.workloads.get(target))?;
        match command {
            Command::NextPane => focus(state, ui, watched, 1),
            Command::PreviousPane => focus(state, ui, watched, ORDER.len() - 1),
            Command::Up
            | Command::Down
            | Command::PageUp
            | Command::PageDown
            | Command::HalfUp
            | Command::HalfDown
            | Command::Top
            | Command::Bottom => go(command, ui, &watched.view),
            Command::Yaml => {
                let document = DocumentOf::Workload(watched.view.target.clone());
                return Some(page::open(ui, PageOf::Document(document)));
            }
            Command::Open => ui.screen = ScreenId::Pods,
            Command::Filter => {
                ui.say("there is nothing to filter here: one workload", Tone::Plain, state.now);
            }
            Command::Logs => {
                ui.screen = ScreenId::Pods;
                return super::pods::Pods.run(command, state, ui);
            }
            _ => return None,
        }
        Some(Answer::done())
    }

    fn look(&self, _: &State, _: &UiState, look: &mut Look) {
        look.events = true;
    }

    fn reads_page(&self, ui: &UiState) -> bool {
        ui.page.is_some()
    }

    fn copies(&self, ctx: &Ctx<'_>) -> Option<String> {
        page::copies(ctx)
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::NextPane, Command::Pods, Command::Logs, Command::Yaml]
    }
}

/// Which workload this is, how it is rolled out, and how much of it was read.
fn subtitle(watched: &Watched) -> Line {
    let view = &watched.view;
    let mut line = Line::new().gap(1).with(Role::Name, view.target.to_string());
    line = line.with(Role::Dim, format!(" in {}   {}", view.target.namespace, view.strategy));
    if let Some(owner) = &view.owner {
        line = line.with(Role::Dim, format!("   owned by {owner}"));
    }
    if watched.set.depth == Depth::Listed {
        line = line.with(Role::Unknown, "   its pods are being read");
    }
    line
}

fn focus(state: &State, ui: &mut UiState, watched: &Watched, step: usize) {
    let there: Vec<Part> = ORDER.into_iter().filter(|part| part.is_there(state, watched)).collect();
    let pane = ui.pane_mut();
    let at = there.iter().position(|part| *part as usize == pane.focus).unwrap_or(0);
    if let Some(part) = there.get((at + step % there.len()) % there.len()) {
        pane.focus = *part as usize;
        pane.scroll = 0;
    }
}

/// Moves through the revisions, or scrolls another part.
fn go(command: Command, ui: &mut UiState, view: &WorkloadView) {
    let pane: &mut Pane = ui.pane_mut();
    if pane.focus != Part::Versions as usize {
        pane.scroll = moved(pane.scroll, command, 5, 1000);
        return;
    }
    let Some(last) = view.revisions.len().checked_sub(1) else { return };
    let at = versions::chosen(view, pane.object.as_deref()).unwrap_or(0);
    let to = moved(at, command, 5, last);
    pane.object = view.revisions.get(to).map(|revision| revision.replica_set.to_string());
}
