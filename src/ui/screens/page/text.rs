//! How a page looks: a rule with what it is, then its lines, broken where they are longer than the screen is wide.

use ratatui::layout::Rect;

use crate::core::world::FollowedLog;
use crate::model::observation::{StreamKey, StreamState};
use crate::ui::command::Command;
use crate::ui::line::Line;
use crate::ui::paint::{Canvas, rows};
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::{glyph, words};

use super::super::freshness;
use super::{Lines, Page, PageOf};

/// Longer lines are cut: no log line needs more rows than this to be told apart.
const ROWS_OF_A_LINE: usize = 12;

pub(super) fn draw(ctx: &Ctx<'_>, page: &Page, lines: &Lines<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    if area.height == 0 {
        return;
    }
    canvas.clear(area, Role::Text);
    canvas.rule(Rect { height: 1, ..area }, &title(page), &remark(ctx, page, lines));
    let mut body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if body.height > 3 {
        body.height -= 1;
        let foot = Rect { y: area.bottom() - 1, height: 1, ..area };
        canvas.both(foot, &keys(ctx, page), &place(page, lines));
    }
    if lines.count() == 0 {
        let why = empty(ctx, page);
        canvas.line(Rect { height: body.height.min(1), ..body }, &why);
        return;
    }
    for (row, line) in rows(body).zip(shown(page, lines, body)) {
        canvas.line(row, &line);
    }
}

/// The rows in view.
fn shown(page: &Page, lines: &Lines<'_>, body: Rect) -> Vec<Line> {
    let (room, width) = (usize::from(body.height), usize::from(body.width).saturating_sub(1).max(1));
    let count = lines.count();
    let mut out: Vec<Line> = Vec::new();
    if page.follow && page.found.is_none() {
        for at in (0..count).rev() {
            let mut broken = row(page, lines, at, width);
            broken.append(&mut out);
            out = broken;
            if out.len() >= room {
                break;
            }
        }
        out.drain(..out.len().saturating_sub(room));
        return out;
    }
    let first = match page.found {
        Some(found) if page.follow => found.saturating_sub(3),
        _ => page.scroll,
    };
    for at in first.min(count.saturating_sub(1))..count {
        out.extend(row(page, lines, at, width));
        if out.len() >= room {
            break;
        }
    }
    out.truncate(room);
    out
}

/// One line, broken to the width, with the searched word marked.
fn row(page: &Page, lines: &Lines<'_>, at: usize, width: usize) -> Vec<Line> {
    let mark = if page.found == Some(at) { glyph::CURSOR } else { " " };
    let mut pieces = Vec::new();
    let mut rest = lines.get(at);
    loop {
        let part = words::head(rest, width);
        if part.is_empty() || pieces.len() == ROWS_OF_A_LINE {
            break;
        }
        let lead = if pieces.is_empty() { mark } else { " " };
        pieces.push(marked(Line::of(Role::Key, lead), part, &page.search));
        rest = &rest[part.len()..];
    }
    if pieces.is_empty() {
        pieces.push(Line::of(Role::Key, mark));
    }
    pieces
}

fn marked(mut line: Line, text: &str, word: &str) -> Line {
    let (lower, wanted) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let mut rest = 0;
    while !wanted.is_empty()
        && let Some(found) = lower[rest..].find(&wanted)
    {
        line = line.plain(&text[rest..rest + found]);
        rest += found;
        line = line.with(Role::Match, &text[rest..rest + wanted.len()]);
        rest += wanted.len();
    }
    line.plain(&text[rest..])
}

fn title(page: &Page) -> Line {
    let text = match &page.of {
        PageOf::Log(log) if log.previous => format!("log of {} before its last restart", log.pod),
        PageOf::Log(log) => format!("log of {}", log.pod),
        PageOf::Document(of) => of.to_string(),
        PageOf::Pod { name, .. } => format!("Pod {name}"),
        PageOf::Query { target, signal } => {
            format!("{} of {}: the query and its answer", signal.title(), target.name)
        }
        PageOf::Item(item) => format!("item {item}"),
        PageOf::Entry(seq) => format!("entry {seq} of the journal"),
    };
    Line::of(Role::Title, text)
}

fn remark(ctx: &Ctx<'_>, page: &Page, lines: &Lines<'_>) -> Line {
    let count = words::count(lines.count(), "line");
    match &page.of {
        PageOf::Log(of) => {
            let line = match ctx.state.world.log.as_ref().filter(|log| log.pod == of.pod && log.dropped > 0) {
                Some(FollowedLog { dropped, .. }) => {
                    Line::of(Role::Warning, format!("{} dropped", words::grouped(*dropped))).gap(2)
                }
                None => Line::new(),
            };
            let line = line.with(Role::Dim, count).gap(2);
            let quiet = freshness::of(ctx, &StreamKey::Log(of.pod.clone()));
            if !quiet.is_empty() {
                return line.and(quiet);
            }
            if page.follow { line.with(Role::Good, "live") } else { line.with(Role::Held, "not following") }
        }
        PageOf::Document(_) | PageOf::Pod { .. } => Line::of(Role::Dim, count),
        PageOf::Query { .. } | PageOf::Item(_) | PageOf::Entry(_) => Line::new(),
    }
}

fn keys(ctx: &Ctx<'_>, page: &Page) -> Line {
    let mut line = Line::new().gap(1).and(ctx.hint(Command::Filter, "search")).gap(2);
    if !page.search.is_empty() {
        line = line.and(ctx.hint(Command::NextMatch, "next")).gap(2);
        line = line.and(ctx.hint(Command::PreviousMatch, "before")).gap(2);
    }
    if matches!(page.of, PageOf::Log(_)) && !page.follow {
        line = line.and(ctx.hint(Command::Bottom, "to what comes in")).gap(2);
    }
    line.and(ctx.hint(Command::Back, "close"))
}

fn place(page: &Page, lines: &Lines<'_>) -> Line {
    let count = lines.count();
    if page.follow || count == 0 {
        return Line::new();
    }
    let at = page.scroll.min(count - 1) + 1;
    Line::of(Role::Dim, format!("{} of {} ", words::grouped(at as u64), words::grouped(count as u64)))
}

/// Why there is nothing yet.
fn empty(ctx: &Ctx<'_>, page: &Page) -> Line {
    let PageOf::Log(log) = &page.of else { return Line::of(Role::Unknown, " being read") };
    match ctx.state.world.streams.get(&StreamKey::Log(log.pod.clone())).map(|stream| &stream.state) {
        Some(StreamState::Failed(why) | StreamState::Forbidden(why) | StreamState::Unauthenticated(why)) => {
            Line::of(Role::Bad, format!(" {why}"))
        }
        Some(StreamState::Alive) => Line::of(Role::Dim, " nothing was written yet"),
        Some(StreamState::Silent | StreamState::Closed) | None => {
            Line::of(Role::Unknown, " nothing came yet")
        }
    }
}
