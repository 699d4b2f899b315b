//! Where the parts of the overview stand: stacked where the terminal is narrow, side by side where it is wide.

use ratatui::layout::Rect;

use super::super::super::paint::Canvas;
use super::super::super::theme::Role;
use super::super::super::view::Ctx;
use super::super::super::widgets::panel::{Panel, ruled};
use super::{panels, signals, workloads};

/// From this width on, parts stand side by side.
const WIDE: u16 = 100;
/// From this height of the body on, parts have frames.
const FRAMED: u16 = 26;

/// Draws the overview.
pub(super) fn draw(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    if area.width >= WIDE && area.height >= FRAMED {
        wide(ctx, area, canvas);
    } else {
        stacked(ctx, area, canvas);
    }
}

/// One below the other. What explains trouble goes before what is only good to know; the list keeps the rest.
fn stacked(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    let list = workloads::wanted(ctx) + 1;
    let why = panels::why(ctx, usize::from(area.width));
    let middle = match panels::checklist(ctx, usize::from(area.width)) {
        Some(checklist) => checklist,
        None => panels::changes(ctx),
    };
    let happened = panels::happened(ctx);
    // in the order in which they are given room; each with the lines that it may have
    let mut free = area.height.saturating_sub(list.min(5));
    let mut grant = |panel: &Panel, most: u16| {
        let rows = panel.rows(most).min(free);
        let rows = if rows < 2 { 0 } else { rows };
        free -= rows;
        rows
    };
    let why_rows = grant(&why, 5);
    let middle_rows = grant(&middle, 3);
    let happened_rows = grant(&happened, if area.height > 22 { 6 } else { 2 });
    let list_rows = area.height - why_rows - middle_rows - happened_rows;
    let mut top = area.y;
    let mut next = |rows: u16| {
        let part = Rect { y: top, height: rows, ..area };
        top += rows;
        part
    };
    list_part(ctx, next(list_rows), canvas);
    for (panel, rows) in [(&middle, middle_rows), (&why, why_rows), (&happened, happened_rows)] {
        if rows > 0 {
            panel.ruled(next(rows), canvas);
        }
    }
}

fn list_part(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    let (title, remark) = workloads::title(ctx);
    let inside = if area.height > 4 { ruled(area, &title, &remark, canvas) } else { area };
    workloads::draw(ctx, inside, false, canvas);
}

/// The list on top; below it signals of the selected one beside the plan (or what changed and why); what happened.
fn wide(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    let happened = panels::happened(ctx);
    let bottom = (area.height / 6).clamp(4, 10);
    let above = area.height - bottom;
    let list = (workloads::wanted(ctx) + 3).min(above / 2);
    let list_area = Rect { height: list, ..area };
    let (title, remark) = workloads::title(ctx);
    let inside = canvas.frame(list_area, Role::Frame, &title, &remark);
    workloads::draw(ctx, inside, true, canvas);

    let middle = Rect { y: area.y + list, height: above - list, ..area };
    let left = Rect { width: area.width * 11 / 20, ..middle };
    let right = Rect { x: left.right(), width: area.width - left.width, ..middle };
    signals::draw(ctx, left, canvas);
    side(ctx, right, canvas);
    happened.framed(Rect { y: middle.bottom(), height: bottom, ..area }, canvas);
}

/// With a plan: its progress, and alarms. Without: why, and what changed.
fn side(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    let width = usize::from(area.width.saturating_sub(2));
    let why = panels::why(ctx, width);
    let (first, second) = match panels::checklist(ctx, width) {
        Some(checklist) => {
            let alarms = panels::alarms(ctx);
            (checklist, if alarms.lines.is_empty() { why } else { alarms })
        }
        None if why.lines.is_empty() => (panels::changes(ctx), panels::alarms(ctx)),
        None => (why, panels::changes(ctx)),
    };
    if second.lines.is_empty() {
        return first.framed(area, canvas);
    }
    let upper = (first.rows(u16::MAX) + 1).clamp(4, area.height.saturating_sub(4).max(4)).min(area.height);
    first.framed(Rect { height: upper, ..area }, canvas);
    second.framed(Rect { y: area.y + upper, height: area.height - upper, ..area }, canvas);
}
