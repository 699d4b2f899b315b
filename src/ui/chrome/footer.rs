//! The bottom of every screen: screens and dialogs; the keys that act, with the object they act on; the stop.

use ratatui::layout::Rect;

use crate::core::desk::{Notice, Tone};
use crate::model::outline::{Outline, RefusalKind};
use crate::model::view::{WorkloadState, WorkloadView};

use super::super::command::Command;
use super::super::key::Key;
use super::super::line::Line;
use super::super::paint::{self, Canvas, Hit};
use super::super::screens;
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::words;
use super::bars::hold;

/// From this width on an act is named by its whole effect.
const WORDY: u16 = 60;

/// Draws both rows of the footer: hints (or the answer to the last key) and acts.
pub(crate) fn draw(ctx: &Ctx<'_>, hints: Rect, acts: Rect, canvas: &mut Canvas<'_>) {
    let line = answer(ctx, hints.width).unwrap_or_else(|| hint_line(ctx, usize::from(hints.width)));
    canvas.line(hints, &line);
    mark_screens(&line, hints, canvas);
    canvas.both(acts, &acts_line(ctx, acts.width), &stop(ctx));
}

/// One row for terminals without room for two: the answer to the last key, else the acts.
pub(crate) fn one_line(ctx: &Ctx<'_>, row: Rect, canvas: &mut Canvas<'_>) {
    match answer(ctx, row.width) {
        Some(line) => canvas.line(row, &line),
        None => canvas.both(row, &acts_line(ctx, row.width), &stop(ctx)),
    }
}

/// Where the names of screens stand in the line of hints.
fn mark_screens(line: &Line, row: Rect, canvas: &mut Canvas<'_>) {
    let text = line.to_text();
    for screen in screens::SCREENS {
        let title = screen.command().row().title;
        let Some(at) = text.find(&format!(" {title}")) else { continue };
        // the key before the name belongs to it
        let from = text[..at].rfind(' ').map_or(0, |space| space + 1);
        let (x, width) = (words::width(&text[..from]), words::width(&text[from..=at + title.len()]));
        let area = Rect { x: row.x + paint::cells(x), width: paint::cells(width), ..row };
        canvas.hits.push((area.intersection(row), Hit::Screen(screen.id())));
    }
}

fn acts_line(ctx: &Ctx<'_>, width: u16) -> Line {
    let room = usize::from(width).saturating_sub(stop(ctx).width() + 1);
    fitting(acts(ctx, width < WORDY), room)
}

/// What the last key was answered with: the bar of a hold, else the newer of the core's line and the picture's own.
fn answer(ctx: &Ctx<'_>, width: u16) -> Option<Line> {
    if let Some(bar) = &ctx.state.desk.hold {
        return Some(hold(bar, width.into()));
    }
    let (core, own) = (ctx.state.desk.notice.as_ref(), ctx.ui.notice.as_ref());
    own.into_iter().chain(core).max_by_key(|notice| notice.at).map(told)
}

fn told(notice: &Notice) -> Line {
    let role = match notice.tone {
        Tone::Plain => Role::Text,
        Tone::Good => Role::Good,
        Tone::Warning => Role::Warning,
        Tone::Bad => Role::Bad,
    };
    Line::new().gap(1).with(role, notice.text.as_str())
}

fn stop(ctx: &Ctx<'_>) -> Line {
    match ctx.ui.keymap.key(Command::Stop) {
        Some(key) => Line::of(Role::Stop, format!(" {key}{key} STOP ")),
        None => Line::new(),
    }
}

/// Screens and dialogs: as many as fit, the most needed first.
fn hint_line(ctx: &Ctx<'_>, room: usize) -> Line {
    let own = screens::in_front(ctx.ui).hints().iter().map(|command| ctx.titled(*command));
    let screens = screens::SCREENS.iter().map(|screen| {
        let hint = ctx.titled(screen.command());
        if screen.id() == ctx.ui.screen { marked(&hint) } else { hint }
    });
    let short = Line::of(Role::Key, span_of_screens(ctx)).plain(" screens");
    let wide: Vec<Line> = screens.collect();
    let full: usize = wide.iter().map(|line| line.width() + 1).sum();
    let screens = if full + 60 <= room { wide } else { vec![short] };
    let common =
        [Command::Namespaces, Command::Filter, Command::Palette, Command::TakeControl, Command::Help];
    let common = common.into_iter().map(|command| ctx.titled(command));
    fitting(screens.into_iter().chain(own).chain(common).collect(), room)
}

/// `0-7`
fn span_of_screens(ctx: &Ctx<'_>) -> String {
    let keys = screens::SCREENS.iter().filter_map(|screen| ctx.ui.keymap.key(screen.command()));
    let mut keys: Vec<String> = keys.map(Key::label).collect();
    keys.sort();
    match (keys.first(), keys.last()) {
        (Some(first), Some(last)) if keys.len() > 2 => format!("{first}-{last}"),
        _ => keys.join(" "),
    }
}

fn marked(hint: &Line) -> Line {
    Line::of(Role::Title, hint.to_text())
}

/// As many hints as fit, with a gap between two.
fn fitting(hints: Vec<Line>, room: usize) -> Line {
    let mut line = Line::new();
    for hint in hints.into_iter().filter(|hint| !hint.is_empty()) {
        let gap = if line.is_empty() { 1 } else { 2 };
        if line.width() + gap + hint.width() <= room {
            line = line.gap(gap).and(hint);
        }
    }
    line
}

/// Acts on the selected workload, by their effect; the object is named first.
fn acts(ctx: &Ctx<'_>, short: bool) -> Vec<Line> {
    if ctx.state.desk.sheet.is_some() {
        return vec![Line::of(Role::Dim, "the sheet takes all keys but the stop's")];
    }
    let Some(view) = ctx.selected_view() else { return vec![Line::of(Role::Dim, "no workload is selected")] };
    let mut hints = vec![Line::of(Role::Name, format!("{}:", words::fit(&ctx.name_of(&view.target), 28)))];
    if let Some(driver) = &view.driver {
        hints.push(Line::of(Role::Dim, format!("driven by {driver}: no acts here")));
        return hints;
    }
    if view.in_flight && view.state != WorkloadState::Held {
        hints.push(ctx.act_hint(Command::Hold, Command::Hold.row().title));
    }
    if view.state == WorkloadState::Held {
        hints.push(ctx.act_hint(Command::Resume, Command::Resume.row().title));
    }
    if let Ok(next) = &view.promote
        && !next.short.is_empty()
    {
        hints.push(ctx.hint(Command::Promote, next.short.as_str()));
    }
    hints.extend(back(ctx, view, short));
    hints.extend(lacking(ctx));
    hints.push(ctx.titled(Command::Logs));
    hints.push(ctx.titled(Command::Open));
    hints
}

fn back(ctx: &Ctx<'_>, view: &WorkloadView, short: bool) -> Option<Line> {
    match &view.way_back {
        Ok(_) if short => Some(ctx.act_hint(Command::RollBack, "back")),
        Ok(outline) => Some(ctx.act_hint(Command::RollBack, &returns(outline))),
        Err(refusal) if refusal.kind == RefusalKind::NoneKnownGood => {
            Some(ctx.hint(Command::RollBack, "choose a revision"))
        }
        Err(_) => None,
    }
}

/// Why keys are grey: the rights that are missing, each once.
fn lacking(ctx: &Ctx<'_>) -> Option<Line> {
    let mut missing: Vec<String> = [Command::Hold, Command::Resume, Command::RollBack]
        .into_iter()
        .filter_map(|command| ctx.forbidden(command))
        .collect();
    missing.dedup();
    (!missing.is_empty()).then(|| Line::of(Role::Warning, missing.join(", ")))
}

fn returns(outline: &Outline) -> String {
    let time =
        outline.estimate_seconds.map_or_else(String::new, |s| format!(" (~{})", words::span(s.into())));
    match outline.want.destination() {
        Some(version) => format!("roll back to {version}{time}"),
        None => format!("roll back{time}"),
    }
}
