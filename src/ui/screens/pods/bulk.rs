//! All pods in view, from the server's own tables. Only rows on the screen are built; the rest is filtered and
//! counted without making text.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::core::State;
use crate::model::ids::Namespace;
use crate::model::observation::{PodLine, StreamKey};
use crate::model::target::Scope;
use crate::ui::line::Line;
use crate::ui::paint::Canvas;
use crate::ui::screens::ScreenId;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::table::{Column, Table, number, text};
use crate::ui::{glyph, words};

use super::super::{freshness, readable};
use super::order::Order;

const COLUMNS: [Column; 8] = [
    text("", 2, 0, 0),
    text("namespace", 14, 1, 2),
    text("pod", 24, 3, 0),
    number("ready", 5, 1),
    text("state", 17, 1, 0),
    number("restarts", 12, 3),
    number("age", 6, 1),
    text("node", 12, 1, 4),
];

/// How a row is doing, from the worst on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Ill,
    Passing,
    Well,
    Over,
}

/// How many of them there are.
const HEALTHS: usize = 4;

/// The rows that the filter lets through, in order.
pub(super) struct Shown<'a> {
    all: &'a [Arc<PodLine>],
    rows: Vec<u32>,
    ill: usize,
    passing: usize,
}

impl<'a> Shown<'a> {
    pub(super) fn of(state: &'a State, ui: &UiState) -> Self {
        let all: &[Arc<PodLine>] = state.world.pod_table.as_ref().map_or(&[], |table| table.rows.as_slice());
        let wanted = ui.panes.get(&ScreenId::Pods).map_or("", |pane| pane.filter.as_str()).to_lowercase();
        // one bucket for each health, each in the server's order; all of it in one walk, for every frame walks it
        let mut buckets: [Vec<u32>; HEALTHS] = Default::default();
        buckets[Health::Well as usize].reserve(all.len());
        let mut counts = [0; HEALTHS];
        for (number, line) in (0u32..).zip(all) {
            let health = health(line) as usize;
            counts[health] += 1;
            if wanted.is_empty() || matches(line, &wanted) {
                buckets[health].push(number);
            }
        }
        let (ill, passing) = (counts[Health::Ill as usize], counts[Health::Passing as usize]);
        let mut rows = buckets.concat();
        let line = |number: &u32| &all[*number as usize];
        match Order::of(ui) {
            Order::Worst => {}
            Order::Name => rows.sort_by(|a, b| (&line(a).name, a).cmp(&(&line(b).name, b))),
            // the server's order: ages are words here, and nothing is computed from them
            Order::Newest => rows.sort_unstable(),
            Order::Node => rows.sort_by(|a, b| (&line(a).node, a).cmp(&(&line(b).node, b))),
        }
        Self { all, rows, ill, passing }
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn row(&self, at: usize) -> Option<&'a PodLine> {
        self.rows.get(at).map(|number| self.all[*number as usize].as_ref())
    }

    /// What the cursor remembers of a row.
    pub(super) fn key(&self, at: usize) -> Option<String> {
        self.row(at).map(key)
    }

    /// The row under the cursor.
    pub(super) fn cursor(&self, ui: &UiState) -> usize {
        let pane = ui.panes.get(&ScreenId::Pods);
        let Some(wanted) = pane.and_then(|pane| pane.object.as_deref()) else { return 0 };
        let (namespace, name) = wanted.split_once('/').unwrap_or(("", wanted));
        let is = |line: &PodLine| &*line.name == name && line.namespace.as_str() == namespace;
        (0..self.count()).find(|at| self.row(*at).is_some_and(is)).unwrap_or(0)
    }
}

fn key(line: &PodLine) -> String {
    format!("{}/{}", line.namespace, line.name)
}

/// The namespace of a row; a table of one namespace does not say it.
pub(super) fn namespace(state: &State, line: &PodLine) -> Namespace {
    match &state.world.scope {
        Scope::Namespaces(list) if line.namespace.is_empty() => list.first().cloned().unwrap_or_default(),
        Scope::Namespaces(_) | Scope::All => line.namespace.clone(),
    }
}

fn matches(line: &PodLine, wanted: &str) -> bool {
    // names and states are lower case or short: only these are folded
    let has = |text: &str| text.contains(wanted) || text.to_lowercase().contains(wanted);
    line.name.contains(wanted)
        || line.namespace.as_str().contains(wanted)
        || line.node.contains(wanted)
        || has(&line.status)
}

fn health(line: &PodLine) -> Health {
    let whole = line.ready.split_once('/').is_some_and(|(ready, all)| ready == all);
    match &*line.status {
        "Running" if whole => Health::Well,
        "Completed" | "Succeeded" => Health::Over,
        "Running" | "Pending" | "ContainerCreating" | "PodInitializing" | "Terminating" | "NotReady" => {
            Health::Passing
        }
        status if status.starts_with("Init:") && !status.contains("Err") && !status.contains("BackOff") => {
            Health::Passing
        }
        _ => Health::Ill,
    }
}

pub(super) fn draw(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    let shown = Shown::of(ctx.state, ctx.ui);
    let quiet = freshness::of(ctx, &StreamKey::PodTable);
    canvas.both(Rect { height: 1, ..area }, &title(ctx, &shown), &quiet);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if shown.count() == 0 {
        let line = Line::new().gap(3).with(Role::Unknown, none(ctx));
        return canvas.line(Rect { height: body.height.min(1), ..body }, &line);
    }
    let several = match &ctx.state.world.scope {
        Scope::All => true,
        Scope::Namespaces(list) => list.len() > 1,
    };
    let cursor = shown.cursor(ctx.ui);
    let columns: Vec<Column> =
        COLUMNS.into_iter().filter(|column| several || column.title != "namespace").collect();
    let table = Table { columns: &columns, titles: body.height > 4 };
    table.draw(canvas, readable(body), shown.count(), Some(cursor), |at| {
        shown.row(at).map(|line| row(line, several, at == cursor)).unwrap_or_default()
    });
}

/// `Pods in prod   2 000 pods   12 not well   worst first`
fn title(ctx: &Ctx<'_>, shown: &Shown<'_>) -> Line {
    let mut line =
        Line::of(Role::Title, " Pods in ").with(Role::Name, ctx.state.world.scope.to_string()).gap(3);
    line = line.plain(words::count(shown.all.len(), "pod"));
    if ctx.state.world.pod_table.as_ref().is_some_and(|table| !table.whole) {
        line = line.with(Role::Unknown, " so far, more are coming in");
    }
    let (ill, passing) = (shown.ill, shown.passing);
    if ill > 0 {
        line = line.gap(3).with(Role::Bad, format!("{} failing", words::grouped(ill as u64)));
    }
    if passing > 0 {
        line = line.gap(3).with(Role::Moving, format!("{} not ready", words::grouped(passing as u64)));
    }
    let filter = ctx.ui.pane().filter;
    if !filter.is_empty() {
        let count = words::grouped(shown.count() as u64);
        line = line.gap(3).with(Role::Key, format!("/{filter}  {count} shown"));
    }
    let order = match Order::of(ctx.ui) {
        Order::Newest => "as the server lists them",
        order => order.word(),
    };
    line.gap(3).with(Role::Dim, order)
}

fn none(ctx: &Ctx<'_>) -> String {
    let filter = ctx.ui.pane().filter;
    match &ctx.state.world.pod_table {
        Some(_) if !filter.is_empty() => format!("no pod contains {filter}: Esc shows all"),
        Some(table) if table.whole => "there are no pods".to_owned(),
        Some(_) | None => "being read".to_owned(),
    }
}

fn row(line: &PodLine, several: bool, here: bool) -> Vec<Line> {
    let (glyph, role) = match health(line) {
        Health::Ill => (glyph::BAD, Role::Bad),
        Health::Passing => (glyph::HALF, Role::Moving),
        Health::Well => (glyph::WELL, Role::Good),
        Health::Over => (glyph::EMPTY, Role::Dim),
    };
    let cursor = if here { glyph::CURSOR } else { " " };
    let mut cells = vec![Line::of(Role::Key, cursor).with(role, glyph)];
    if several {
        cells.push(Line::of(Role::Dim, line.namespace.as_str()));
    }
    let restarts = if &*line.restarts == "0" { Role::Dim } else { Role::Warning };
    cells.extend([
        Line::of(Role::Name, &*line.name),
        Line::text(&*line.ready),
        Line::of(role, &*line.status),
        Line::of(restarts, &*line.restarts),
        Line::of(Role::Dim, &*line.age),
        Line::of(Role::Dim, &*line.node),
    ]);
    cells
}
