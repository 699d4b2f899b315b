//! Pods of one workload.

use ratatui::layout::Rect;

use crate::core::world::Watched;
use crate::model::objects::Depth;
use crate::model::pod::{Container, ContainerState, Pod, PodTrouble};
use crate::ui::line::Line;
use crate::ui::paint::Canvas;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::panel::Panel;
use crate::ui::widgets::table::{Column, Table, number, text};
use crate::ui::{glyph, words};

use super::super::rollout::part_of;
use super::super::{freshness, readable};
use super::order::{self, Order, Row};
use super::strips;

const COLUMNS: [Column; 8] = [
    text("", 2, 0, 0),
    text("pod", 17, 2, 0),
    text("version", 9, 0, 4),
    text("state", 23, 1, 0),
    number("restarts", 8, 2),
    number("age", 5, 1),
    text("node", 8, 1, 3),
    text("address", 15, 0, 5),
];
/// From this many pods on, each version has a strip.
const STRIPS_FROM: usize = 6;
/// Rows for the pod under the cursor, at most.
const LAST_WORDS: u16 = 9;
/// From this width on names of pods are shown whole.
const WHOLE_NAMES: u16 = 120;

pub(super) fn draw(ctx: &Ctx<'_>, watched: &Watched, area: Rect, canvas: &mut Canvas<'_>) {
    let rows = order::rows(ctx.state, ctx.ui, watched);
    let cursor = super::cursor(ctx.ui, rows.iter().map(|row| row.pod.name.as_str()));
    let stale = freshness::of_target(ctx, &watched.view.target);
    canvas.both(Rect { height: 1, ..area }, &title(ctx, watched), &stale);
    let mut rest = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if watched.set.pods.len() >= STRIPS_FROM && rest.height >= 12 {
        let lines = strips::lines(watched, usize::from(area.width));
        let most = rest.height / 4;
        let panel = Panel::new("by version", lines);
        let taken = panel.rows(most);
        panel.ruled(Rect { height: taken, ..rest }, canvas);
        rest = Rect { y: rest.y + taken, height: rest.height - taken, ..rest };
    }
    // always as many rows, so that the list stands still while the cursor moves
    let taken = (rest.height / 4).min(LAST_WORDS);
    if let Some(row) = rows.get(cursor).filter(|_| taken >= 2) {
        let panel = about(ctx, row, usize::from(area.width), usize::from(taken - 1));
        panel.ruled(Rect { y: rest.bottom() - taken, height: taken, ..rest }, canvas);
        rest.height -= taken;
    }
    list(ctx, watched, &rows, cursor, rest, canvas);
}

/// `Pods of api 1.8.3   61 of 64 ready   2 starting   1 failing`
fn title(ctx: &Ctx<'_>, watched: &Watched) -> Line {
    let pods = &watched.set.pods;
    let line = Line::of(Role::Title, " Pods of ").with(Role::Name, ctx.name_of(&watched.view.target)).gap(3);
    if watched.set.depth == Depth::Listed && pods.is_empty() {
        return line.with(Role::Unknown, "being read");
    }
    let ready = pods.iter().filter(|pod| pod.ready && !pod.terminating).count();
    let passing = pods.iter().filter(|pod| pod.trouble().is_some_and(|trouble| trouble.passing())).count();
    let failing = pods.iter().filter(|pod| pod.trouble().is_some_and(|trouble| !trouble.passing())).count();
    let leaving = pods.iter().filter(|pod| pod.terminating).count();
    let mut line = line.plain(format!("{ready} of {} ready", words::count(pods.len(), "pod")));
    for (count, word, role) in [
        (passing, "starting or not ready", Role::Moving),
        (failing, "failing", Role::Bad),
        (leaving, "going away", Role::Dim),
    ] {
        if count > 0 {
            line = line.gap(3).with(role, format!("{count} {word}"));
        }
    }
    line
}

fn list(
    ctx: &Ctx<'_>,
    watched: &Watched,
    rows: &[Row<'_>],
    cursor: usize,
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    if area.height == 0 {
        return;
    }
    let filter = ctx.ui.pane().filter;
    let mut remark = Line::of(Role::Dim, Order::of(ctx.ui).word());
    if !filter.is_empty() {
        remark = Line::of(Role::Key, format!("/{filter}  {} of {}", rows.len(), watched.set.pods.len()));
    }
    canvas.rule(Rect { height: 1, ..area }, &Line::of(Role::Title, "pods"), &remark);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if rows.is_empty() {
        let line = Line::new().gap(3).with(Role::Dim, none(watched, &filter));
        return canvas.line(Rect { height: body.height.min(1), ..body }, &line);
    }
    let table = Table { columns: &COLUMNS, titles: body.height > 6 };
    table.draw(canvas, readable(body), rows.len(), Some(cursor), |at| {
        row(ctx, watched, &rows[at], at == cursor, area.width >= WHOLE_NAMES)
    });
}

fn none(watched: &Watched, filter: &str) -> String {
    if !filter.is_empty() {
        return format!("no pod contains {filter}: Esc shows all");
    }
    match watched.set.depth {
        Depth::Listed => "being read".to_owned(),
        Depth::Full => "it has no pods".to_owned(),
    }
}

fn row(ctx: &Ctx<'_>, watched: &Watched, row: &Row<'_>, here: bool, whole: bool) -> Vec<Line> {
    let pod = row.pod;
    let (glyph, role, state) = state(row);
    let owner = pod.owner.as_ref().map_or("", |owner| owner.as_str());
    let (version, version_role) =
        if watched.view.revisions.is_empty() { ("", Role::Dim) } else { part_of(&watched.view, owner) };
    let cursor = if here { glyph::CURSOR } else { " " };
    let restarts = if pod.restarts > 0 { Role::Warning } else { Role::Dim };
    let age = pod.created.map_or_else(|| "?".to_owned(), |at| words::age(at, ctx.now()));
    vec![
        Line::of(Role::Key, cursor).with(role, glyph),
        Line::of(Role::Name, name(watched, pod, whole)),
        Line::of(version_role, version),
        Line::of(role, state),
        Line::of(restarts, pod.restarts.to_string()),
        Line::of(Role::Dim, age),
        Line::of(Role::Dim, pod.node.as_deref().unwrap_or("no node")),
        Line::of(Role::Dim, pod.ip.as_deref().unwrap_or("no address")),
    ]
}

/// The name; where space is dear without the workload's, which all of them begin with.
fn name(watched: &Watched, pod: &Pod, whole: bool) -> String {
    match pod.name.as_str().strip_prefix(watched.view.target.name.as_str()) {
        Some(rest) if !whole && rest.len() > 1 => {
            format!("{}{}", glyph::ELLIPSIS, rest.trim_start_matches('-'))
        }
        Some(_) | None => pod.name.to_string(),
    }
}

fn state(row: &Row<'_>) -> (&'static str, Role, String) {
    match &row.trouble {
        Some(trouble) if trouble.passing() => (glyph::HALF, Role::Moving, trouble.to_string()),
        Some(trouble) => (glyph::BAD, Role::Bad, bare(trouble)),
        None if row.pod.terminating => (glyph::EMPTY, Role::Dim, "going away".to_owned()),
        None if row.pod.ready => (glyph::WELL, Role::Good, "ready".to_owned()),
        None => (glyph::EMPTY, Role::Dim, "finished".to_owned()),
    }
}

/// The trouble without its restarts, which have a column.
fn bare(trouble: &PodTrouble) -> String {
    let all = trouble.to_string();
    all.split_once(',').map_or(all.as_str(), |(word, _)| word).to_owned()
}

/// The pod under the cursor: what it said last, in the cluster's words and its own, or that it is well.
fn about(ctx: &Ctx<'_>, row: &Row<'_>, width: usize, most: usize) -> Panel {
    match &row.trouble {
        Some(trouble) => last_words(ctx, row, trouble, width, most),
        None => well(row),
    }
}

fn well(row: &Row<'_>) -> Panel {
    let containers = row.pod.containers.iter().map(|container| {
        let line =
            Line::new().gap(3).with(Role::Dim, format!("{}  ", container.name)).plain(&*container.image);
        match container.restarts {
            0 => line,
            restarts => line.with(Role::Warning, format!("  {restarts} restarts")),
        }
    });
    Panel::new(row.pod.name.to_string(), containers.collect())
}

fn last_words(ctx: &Ctx<'_>, row: &Row<'_>, trouble: &PodTrouble, width: usize, most: usize) -> Panel {
    let said = |role, text: &str| {
        let lines = words::wrap_to(text, width.saturating_sub(4), 3).into_iter();
        lines.map(|line| Line::new().gap(3).with(role, line)).collect::<Vec<_>>()
    };
    let mut lines: Vec<Line> =
        trouble.message().into_iter().flat_map(|text| said(Role::Text, text.as_str())).collect();
    lines.extend(
        row.pod
            .containers
            .iter()
            .filter_map(|one| ended(ctx, one))
            .map(|text| Line::new().gap(3).with(Role::Warning, text)),
    );
    lines.extend(warned(ctx, row.pod));
    if order::spoke(trouble) {
        lines.extend(tail(ctx, row.pod, most.saturating_sub(lines.len())));
    }
    Panel::new(format!("{}: last words", row.pod.name), lines)
}

/// The newest warning about it.
fn warned(ctx: &Ctx<'_>, pod: &Pod) -> Option<Line> {
    let about = format!("Pod/{}", pod.name);
    let events = ctx.ui.selected.as_ref().and_then(|target| ctx.state.world.events.get(target))?;
    let event = events.iter().find(|event| event.warning && event.about.as_str() == about)?;
    let text = format!("{}: {}", event.reason, event.message);
    let age = event.at.map_or_else(String::new, |at| format!("  {} ago", words::age(at, ctx.now())));
    Some(Line::new().gap(3).with(Role::Warning, text).with(Role::Dim, age))
}

/// How a container ended, where it did.
fn ended(ctx: &Ctx<'_>, container: &Container) -> Option<String> {
    let ended = match &container.state {
        ContainerState::Ended(ended) => ended,
        ContainerState::Waiting { .. } | ContainerState::Running { .. } | ContainerState::Unreported => {
            container.last.as_ref()?
        }
    };
    let when = ended.at.map_or_else(String::new, |at| format!(", {} ago", words::age(at, ctx.now())));
    Some(format!("{} ended: {}, exit code {}{when}", container.name, ended.reason, ended.code))
}

/// The end of its log, while it is read.
fn tail(ctx: &Ctx<'_>, pod: &Pod, most: usize) -> Vec<Line> {
    let Some(log) = ctx.state.world.log.as_ref().filter(|log| log.pod == pod.name) else {
        return vec![Line::new().gap(3).with(Role::Unknown, "its log is being read")];
    };
    let first = log.lines.len().saturating_sub(most.max(1));
    log.lines.iter().skip(first).map(|line| Line::new().gap(3).plain(line.as_str())).collect()
}
