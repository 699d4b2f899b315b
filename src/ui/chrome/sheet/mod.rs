//! The act sheet: what will be done, where, why it is good, what follows; after sending, the proof.

mod proof;
mod revisions;

use ratatui::layout::Rect;

use crate::core::goal::Goal;
use crate::core::sheet::{DryRun, ReadBack, Sheet};
use crate::core::tell;
use crate::model::outline::Outline;
use crate::model::request::Outcome;

use super::super::command::Command;
use super::super::key::Key;
use super::super::line::Line;
use super::super::paint::{Canvas, cells};
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::words;
use super::{field, identity};

pub(crate) use proof::{proof_line, ticks};

/// Column at which the text beside a label begins.
const LABEL: usize = 10;

/// Draws the open sheet from the top of `area` downwards.
pub(crate) fn draw(ctx: &Ctx<'_>, sheet: &Sheet, area: Rect, canvas: &mut Canvas<'_>) {
    let width = area.width;
    let text_width = usize::from(width.saturating_sub(4));
    let mut lines =
        if ctx.ui.sheet.request { request(ctx, sheet, text_width) } else { body(ctx, sheet, text_width) };
    let height = cells(lines.len() + 3).min(area.height);
    let place = Rect { width, height, ..area };
    canvas.clear(place, Role::Sheet);
    let inside = canvas.frame(place, Role::SheetFrame, &title(sheet), &data_age(ctx, sheet));
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    // the row of keys is the last one and is never cut away
    let room = usize::from(inside.height.saturating_sub(1));
    lines.truncate(room);
    canvas.lines(inside, &lines);
    if inside.height > 0 {
        let row = Rect { y: inside.bottom() - 1, height: 1, ..inside };
        canvas.both(row, &complaint(sheet), &keys(ctx, sheet));
    }
}

fn title(sheet: &Sheet) -> Line {
    let text = match &sheet.outline {
        Ok(outline) => outline.title.to_string(),
        Err(_) => format!("{} {}", sheet.act.kind(), sheet.target.name),
    };
    Line::of(Role::Title, text)
}

fn data_age(ctx: &Ctx<'_>, sheet: &Sheet) -> Line {
    match ctx.state.world.stale_target(&sheet.target, ctx.now()) {
        Some(age) => Line::of(Role::Banner, format!(" STALE {} ", words::silence(age))),
        None => Line::of(Role::Label, "live"),
    }
}

fn body(ctx: &Ctx<'_>, sheet: &Sheet, width: usize) -> Vec<Line> {
    let mut lines = place(ctx, sheet, width);
    match &sheet.outline {
        Ok(outline) => lines.extend(effect(outline, width)),
        Err(refusal) => lines.extend(labelled("NOT YET", Role::Bad, &refusal.to_string(), width)),
    }
    if let Some(act) = &sheet.sent {
        lines.extend(proof::lines(ctx, act, width));
        return lines;
    }
    lines.extend(rights(ctx, sheet, width));
    lines.extend(revisions::lines(ctx, sheet, width));
    lines.extend(typed(ctx, sheet, width));
    lines
}

fn place(ctx: &Ctx<'_>, sheet: &Sheet, width: usize) -> Vec<Line> {
    let context = ctx.state.world.connection.as_ref().map_or_else(String::new, |c| c.context.to_string());
    let target = &sheet.target;
    let first = Line::of(Role::Label, format!("{:<LABEL$}", "WHERE"))
        .with(Role::Sheet, format!("{context} / {}   ", target.namespace))
        .with(Role::Name, target.to_string());
    let who = identity(ctx, width.saturating_sub(LABEL));
    if first.width() + 3 + who.width() <= width {
        return vec![first.gap(3).and(who)];
    }
    vec![first, Line::new().gap(LABEL).and(who)]
}

fn effect(outline: &Outline, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, effect) in outline.effect.iter().enumerate() {
        lines.extend(labelled(if number == 0 { "EFFECT" } else { "" }, Role::Sheet, effect.as_str(), width));
    }
    if let Some(good) = &outline.good {
        lines.extend(labelled("GOOD", Role::Good, good.as_str(), width));
    }
    for (number, after) in outline.after.iter().enumerate() {
        lines.extend(labelled(if number == 0 { "AFTER" } else { "" }, Role::Warning, after.as_str(), width));
    }
    lines
}

fn labelled(label: &str, role: Role, text: &str, width: usize) -> Vec<Line> {
    let mut label = format!("{label:<LABEL$}");
    let mut lines = Vec::new();
    for part in words::wrap(text, width.saturating_sub(LABEL)) {
        lines.push(Line::of(Role::Label, std::mem::replace(&mut label, " ".repeat(LABEL))).with(role, part));
    }
    lines
}

fn rights(ctx: &Ctx<'_>, sheet: &Sheet, width: usize) -> Vec<Line> {
    let mut line = Line::of(Role::Label, format!("{:<LABEL$}", "RIGHTS"));
    if sheet.rights.is_empty() {
        line = line.with(Role::Sheet, "nothing is written to the cluster");
    }
    for (query, answer) in &sheet.rights {
        let (role, says) = match answer {
            None => (Role::Unknown, "asking".to_owned()),
            Some(answer) if answer.allowed => (Role::Good, "yes".to_owned()),
            Some(answer) => (Role::Bad, format!("NO {}", answer.reason)),
        };
        line = line.with(Role::Sheet, format!("{query}: ")).with(role, says).gap(3);
    }
    let dry = dry_run(&sheet.dry_run).and(read_back(&sheet.read_back));
    let mut lines = if line.width() + dry.width() <= width {
        vec![line.and(dry)]
    } else {
        vec![line, Line::new().gap(LABEL).and(dry)]
    };
    if sheet.outline.as_ref().is_ok_and(|outline| !outline.steps.is_empty()) {
        let key = if sheet.typed_name.is_some() { "Tab".to_owned() } else { key(ctx, Command::SheetRequest) };
        let hint =
            Line::new().gap(LABEL).with(Role::Key, key).with(Role::Sheet, " the request as it will be sent");
        lines.push(hint);
    }
    lines
}

fn dry_run(dry_run: &DryRun) -> Line {
    match dry_run {
        DryRun::NotNeeded => Line::new(),
        DryRun::Waiting => Line::of(Role::Sheet, "dry run: ").with(Role::Unknown, "asking"),
        DryRun::Answered(Outcome::Applied { .. }) => {
            Line::of(Role::Sheet, "dry run: ").with(Role::Good, "accepted")
        }
        DryRun::Answered(outcome) => {
            Line::of(Role::Sheet, "dry run: ").with(Role::Bad, tell::answer(outcome))
        }
    }
}

fn read_back(read_back: &ReadBack) -> Line {
    match read_back {
        ReadBack::NotNeeded => Line::new(),
        ReadBack::Waiting => Line::of(Role::Unknown, "   reading it in full"),
        ReadBack::Same => Line::of(Role::Sheet, "   read in full: ").with(Role::Good, "the same"),
        ReadBack::Failed(refusal) => Line::of(Role::Bad, format!("   {refusal}")),
    }
}

fn typed(ctx: &Ctx<'_>, sheet: &Sheet, width: usize) -> Option<Line> {
    let name = sheet.typed_name.as_ref()?;
    let line = Line::of(Role::Label, format!("{:<LABEL$}", "TYPE")).with(Role::Name, name.to_string()).gap(1);
    let room = width.saturating_sub(line.width());
    Some(line.and(field(&ctx.ui.sheet.typed, room)))
}

fn complaint(sheet: &Sheet) -> Line {
    match sheet.voided.as_ref().or(sheet.complaint.as_ref()) {
        Some(why) => Line::of(Role::Bad, why.as_str()),
        None => Line::new(),
    }
}

fn key(ctx: &Ctx<'_>, command: Command) -> String {
    ctx.ui.keymap.key(command).map(Key::label).unwrap_or_default()
}

fn keys(ctx: &Ctx<'_>, sheet: &Sheet) -> Line {
    let close = |says: &str| Line::of(Role::Key, "Esc").with(Role::Sheet, format!(" {says}"));
    if let Some(act) = &sheet.sent {
        let open = ctx.state.desk.goals.get(act).is_some_and(Goal::open);
        return close(if open { "close; it goes on" } else { "close" });
    }
    let ready = sheet.outline.is_ok() && sheet.voided.is_none();
    let named = sheet.typed_name.as_ref().is_none_or(|name| ctx.ui.sheet.typed.value() == name.as_str());
    let mut line = Line::new();
    if ready && named {
        line = line.with(Role::Key, key(ctx, Command::SheetSend)).with(Role::Sheet, " send").gap(4);
    } else if ready {
        line = line
            .with(Role::Label, "type the name, then ")
            .with(Role::Key, key(ctx, Command::SheetSend))
            .gap(4);
    }
    line.and(close("cancel"))
}

/// The requests as they will be sent, a step after the other.
fn request(ctx: &Ctx<'_>, sheet: &Sheet, width: usize) -> Vec<Line> {
    let Ok(outline) = &sheet.outline else { return Vec::new() };
    let mut lines = Vec::new();
    for step in &outline.steps {
        let request = &step.request;
        let verb = request.write.verb().to_uppercase();
        lines.extend(labelled("STEP", Role::Sheet, step.does.as_str(), width));
        lines.extend(labelled(&verb, Role::Name, &request.resource.path(false), width));
        lines.extend(request.write.lines().iter().map(|line| Line::of(Role::Sheet, line.as_str())));
    }
    let last = lines.len().saturating_sub(1);
    lines.drain(..ctx.ui.sheet.scroll.min(last));
    lines
}
