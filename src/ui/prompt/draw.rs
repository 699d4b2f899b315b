//! Prompts on the screen: one line above the footer, or a dialog for the namespace chooser.

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::model::ids::Namespace;
use crate::model::plan::EvidenceKind;

use super::super::chrome;
use super::super::line::Line;
use super::super::paint::{self, Canvas};
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::{glyph, words};
use super::{Asks, Prompt, namespaces};

/// Draws the prompt: a dialog over `screen` for the chooser, else into `line` in place of the hints.
pub(crate) fn draw(ctx: &Ctx<'_>, prompt: &Prompt, screen: Rect, line: Rect, canvas: &mut Canvas<'_>) {
    if let Asks::Namespaces { cursor, marked } = &prompt.asks {
        return chooser(ctx, prompt, *cursor, marked, screen, canvas);
    }
    let asks = asks(ctx, prompt);
    let complaint = prompt.complaint.as_ref().map_or_else(Line::new, |why| Line::of(Role::Bad, why.clone()));
    let room = usize::from(line.width).saturating_sub(asks.width() + complaint.width() + 4);
    let field = chrome::field(&prompt.field, room.max(8));
    canvas.clear(line, Role::Sheet);
    canvas.both(line, &Line::new().gap(1).and(asks).gap(1).and(field), &complaint);
}

fn asks(ctx: &Ctx<'_>, prompt: &Prompt) -> Line {
    let name = |item: &crate::model::ids::ItemId| item.to_string();
    match &prompt.asks {
        Asks::Control => {
            let short = ctx.state.settings.short_name.to_string();
            Line::of(Role::Label, "take control: type ").with(Role::Name, short).with(Role::Label, ":")
        }
        Asks::Namespaces { .. } => Line::of(Role::Label, "namespaces:"),
        Asks::Filter => Line::of(Role::Label, "filter:"),
        Asks::Note => Line::of(Role::Label, "note:"),
        Asks::Tick { item, evidence } => {
            let brings = match evidence {
                EvidenceKind::None => "",
                EvidenceKind::Note => " note",
                EvidenceKind::Link => " link",
                EvidenceKind::Value => " value seen",
            };
            Line::of(Role::Label, format!("tick {}{brings}:", name(item)))
        }
        Asks::Reopen { item } => {
            Line::of(Role::Label, format!("take the tick of {} back, because:", name(item)))
        }
        Asks::Replicas { target } => Line::of(Role::Label, format!("pods of {}:", target.name)),
        Asks::Image { target } => Line::of(Role::Label, format!("image of {}:", target.name)),
    }
}

fn chooser(
    ctx: &Ctx<'_>,
    prompt: &Prompt,
    cursor: usize,
    marked: &BTreeSet<Namespace>,
    screen: Rect,
    canvas: &mut Canvas<'_>,
) {
    let found = namespaces::rows(ctx.state, prompt.field.value());
    let inside =
        chrome::dialog(screen, found.len() + 3, "Namespaces", "Tab marks  Enter shows  Esc closes", canvas);
    let mut rows = paint::rows(inside);
    if let Some(row) = rows.next() {
        canvas.line(row, &chrome::field(&prompt.field, usize::from(inside.width)));
    }
    if let Some(row) = rows.next() {
        canvas.line(row, &remark(prompt, found.is_empty()));
    }
    let room = usize::from(inside.height.saturating_sub(2));
    let first = cursor.saturating_sub(room.saturating_sub(1));
    for (row, (number, found)) in rows.zip(found.iter().enumerate().skip(first)) {
        canvas.line(row, &line(found, marked));
        if number == cursor {
            canvas.ground(row, Role::Selected);
        }
    }
}

fn remark(prompt: &Prompt, none: bool) -> Line {
    match &prompt.complaint {
        Some(why) => Line::of(Role::Bad, format!(" {why}")),
        None if none => {
            Line::of(Role::Label, " none of that name may be listed: Enter takes the name as typed")
        }
        None => Line::new(),
    }
}

fn line(row: &namespaces::Row, marked: &BTreeSet<Namespace>) -> Line {
    match row {
        namespaces::Row::All => Line::of(Role::Sheet, "   all namespaces"),
        namespaces::Row::One { namespace, moving } => {
            let mark = if marked.contains(namespace) { glyph::TICK } else { " " };
            let line = Line::of(Role::Good, format!(" {mark} ")).with(Role::Sheet, namespace.to_string());
            if *moving == 0 { line } else { line.padded(34).with(Role::Moving, moves(*moving)) }
        }
    }
}

fn moves(count: u32) -> String {
    format!("{} on the move", words::grouped(u64::from(count)))
}
