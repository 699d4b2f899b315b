//! 4: signals of one workload. Stable beside candidate, how many requests stand behind each number, and where the
//! numbers come from. What cannot be said is said in words; it never counts as good.

mod charts;
pub(super) mod query;
mod readings;

pub(super) use readings::worse;

use std::sync::Arc;

use chrono::TimeDelta;
use ratatui::layout::Rect;

use crate::core::State;
use crate::core::desk::Tone;
use crate::model::Time;
use crate::model::series::{MetricsSource, Signal, SignalSet};
use crate::ui::command::Command;
use crate::ui::input::{Answer, moved};
use crate::ui::line::Line;
use crate::ui::paint::{Canvas, cells};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::{glyph, words};

use super::freshness;
use super::overview::{headline, signals::why_none};
use super::page::{self, PageOf};
use super::{Headline, Screen, ScreenId};

/// The signals screen.
pub(super) struct Signals;

/// Spans that `w` goes through, minutes.
const WINDOWS: [i64; 3] = [30, 10, 5];
/// A poll takes seconds; without a new one for this long the numbers are old.
const OLD_SECONDS: i64 = 30;
/// Rows below which charts leave the room to the table.
const CHARTS_FROM: u16 = 16;

/// What is drawn: the newest signals, or those of the moment at which the picture was frozen.
#[derive(Clone, Copy)]
struct Picture<'a> {
    set: &'a SignalSet,
    until: Time,
    frozen: bool,
}

fn picture<'a>(ctx: &Ctx<'a>) -> Option<Picture<'a>> {
    let target = ctx.ui.selected.as_ref()?;
    if let Some(set) = ctx.ui.frozen_signals.as_ref().filter(|set| set.target == *target) {
        return Some(Picture { set, until: set.asked, frozen: true });
    }
    let set = ctx.state.world.signals.get(target)?;
    // the right edge moves with the data, not with the clock: a still picture costs nothing
    Some(Picture { set, until: set.asked, frozen: false })
}

fn span(ui: &UiState) -> TimeDelta {
    let choice = ui.panes.get(&ScreenId::Signals).map_or(0, |pane| pane.choice);
    TimeDelta::minutes(WINDOWS[choice % WINDOWS.len()])
}

/// The signal under the cursor.
fn chosen(ui: &UiState) -> Signal {
    let at = ui.panes.get(&ScreenId::Signals).map_or(0, |pane| pane.cursor);
    Signal::ALL[at.min(Signal::ALL.len() - 1)]
}

impl Screen for Signals {
    fn id(&self) -> ScreenId {
        ScreenId::Signals
    }

    fn command(&self) -> Command {
        Command::Signals
    }

    fn headline(&self, ctx: &Ctx<'_>) -> Headline {
        ctx.selected_view().map_or_else(|| headline::headline(ctx), |view| headline::of_one(ctx, view))
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
        if area.height == 0 || page::draw(ctx, area, canvas) {
            return;
        }
        let Some(picture) = picture(ctx) else {
            canvas.lines(area, &nothing(ctx, usize::from(area.width)));
            return;
        };
        canvas.both(Rect { height: 1, ..area }, &title(ctx, picture), &age(ctx, picture));
        let table = cells(Signal::ALL.len() + 2);
        let foot = readings::foot(ctx, picture, area);
        let feet = cells(foot.len()).min(area.height.saturating_sub(table + 1));
        let rest = area.height - 1;
        let charted = if area.height >= CHARTS_FROM { rest.saturating_sub(table + feet) } else { 0 };
        charts::draw(ctx, picture, Rect { y: area.y + 1, height: charted, ..area }, canvas);
        let list = Rect { y: area.y + 1 + charted, height: table.min(rest - charted), ..area };
        readings::draw(ctx, picture, list, canvas);
        let below = Rect { y: list.bottom(), height: area.bottom() - list.bottom(), ..area };
        canvas.lines(below, &foot);
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
            | Command::Bottom => {
                let pane = ui.pane_mut();
                pane.cursor = moved(pane.cursor, command, Signal::ALL.len(), Signal::ALL.len() - 1);
            }
            Command::Window => ui.pane_mut().choice += 1,
            Command::Freeze => freeze(state, ui),
            Command::Open => {
                let target = ui.selected.clone()?;
                let signal = chosen(ui);
                return Some(page::open(ui, PageOf::Query { target, signal }));
            }
            Command::Filter => {
                ui.say("there is nothing to filter here: five signals", Tone::Plain, state.now);
            }
            _ => return None,
        }
        Some(Answer::done())
    }

    fn reads_page(&self, ui: &UiState) -> bool {
        ui.page.is_some()
    }

    fn copies(&self, ctx: &Ctx<'_>) -> Option<String> {
        page::copies(ctx).or_else(|| query::text(ctx.state, ctx.ui.selected.as_ref()?, chosen(ctx.ui)))
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Window, Command::Freeze, Command::Open]
    }
}

/// Both charts of the selected workload, for the overview; `false` where there is no curve to draw.
pub(super) fn draw_charts(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) -> bool {
    let Some(picture) = picture(ctx) else { return false };
    let tracks = picture.set.tracks.values().flat_map(|tracks| tracks.values());
    let drawable = tracks.flat_map(|track| &track.points).any(|(_, value)| value.is_some());
    if drawable {
        charts::draw(ctx, picture, area, canvas);
    }
    drawable
}

fn freeze(state: &State, ui: &mut UiState) {
    if ui.frozen_signals.take().is_some() {
        return ui.say("live again", Tone::Plain, state.now);
    }
    let set = ui.selected.as_ref().and_then(|target| state.world.signals.get(target));
    match set {
        Some(set) => ui.frozen_signals = Some(Arc::clone(set)),
        None => ui.say("there are no signals to freeze", Tone::Warning, state.now),
    }
}

fn title(ctx: &Ctx<'_>, picture: Picture<'_>) -> Line {
    let span = words::minutes(span(ctx.ui).num_minutes());
    let line = Line::of(Role::Title, " Signals of ").with(Role::Name, ctx.name_of(&picture.set.target));
    let line = line.plain(format!("   last {span}   ")).with(Role::Stable, format!("stable {}", glyph::RULE));
    if picture.set.tracks.contains_key(&crate::model::series::Side::Candidate) {
        return line.gap(2).with(Role::Candidate, format!("candidate {}", glyph::HEAVY));
    }
    line
}

/// Why the numbers may not be of now.
fn age(ctx: &Ctx<'_>, picture: Picture<'_>) -> Line {
    if picture.frozen {
        let at = words::clock(picture.until);
        return Line::of(Role::Held, format!("{} FROZEN at {at}", glyph::HELD)).gap(1);
    }
    if let MetricsSource::Silent { .. } | MetricsSource::None { .. } = ctx.state.world.metrics {
        return Line::of(Role::Banner, format!(" {} old ", words::age(picture.set.asked, ctx.now())));
    }
    let quiet = (ctx.now() - picture.set.asked).num_seconds();
    if quiet < OLD_SECONDS { Line::new() } else { freshness::stale(quiet) }
}

/// Nothing is measured: why, and what helps.
fn nothing(ctx: &Ctx<'_>, width: usize) -> Vec<Line> {
    let source = &ctx.state.world.metrics;
    let why = match (source, &ctx.ui.selected) {
        (MetricsSource::Found { .. }, None) => "no workload is selected".to_owned(),
        (MetricsSource::Found { place, .. }, Some(target)) => {
            format!("nothing was measured of {} yet: asking {place}", ctx.name_of(target))
        }
        (MetricsSource::Looking | MetricsSource::Silent { .. } | MetricsSource::None { .. }, _) => {
            why_none(source)
        }
    };
    let mut lines = vec![Line::new()];
    let text = words::wrap(&why, width.saturating_sub(4));
    lines.extend(text.into_iter().map(|line| Line::new().gap(2).with(Role::Unknown, line)));
    lines.push(Line::new());
    let note = "without metrics a rollout is judged by its pods alone; no data is never good data";
    let note = words::wrap(note, width.saturating_sub(4));
    lines.extend(note.into_iter().map(|line| Line::new().gap(2).with(Role::Dim, line)));
    lines
}
