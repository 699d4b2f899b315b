//! 7: the timeline. Every entry of the journal, newest first; what the journal has not taken yet stands on top, hollow.

mod rows;

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::desk::Tone;
use crate::core::tell;
use crate::ui::command::Command;
use crate::ui::input::{Answer, moved};
use crate::ui::line::Line;
use crate::ui::paint::Canvas;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::table::{Column, Table, text};
use crate::ui::{glyph, words};

use super::overview::headline;
use super::page::{self, PageOf};
use super::{Headline, Screen, ScreenId};
use rows::{Row, rows};

/// The timeline screen.
pub(super) struct Timeline;

const COLUMNS: [Column; 4] = [text("", 10, 0, 0), text("", 12, 0, 2), text("", 11, 0, 1), text("", 24, 1, 0)];

/// Rows of the details of the entry under the cursor: always as many, so that the list stands still.
const DETAILS: u16 = 4;
/// Below this width the table has no room for who and kind.
const NARROW: u16 = 60;

impl Screen for Timeline {
    fn id(&self) -> ScreenId {
        ScreenId::Timeline
    }

    fn command(&self) -> Command {
        Command::Timeline
    }

    fn headline(&self, ctx: &Ctx<'_>) -> Headline {
        headline::headline(ctx)
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
        if area.height == 0 || page::draw(ctx, area, canvas) {
            return;
        }
        let rows = rows(ctx.state, ctx.ui);
        canvas.both(Rect { height: 1, ..area }, &title(ctx, rows.len()), &trouble(ctx.state));
        let mut body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        if rows.is_empty() {
            let line = Line::new().gap(3).with(Role::Dim, none(ctx));
            return canvas.line(Rect { height: body.height.min(1), ..body }, &line);
        }
        let cursor = cursor(ctx.ui, &rows);
        if let Some(row) = rows.get(cursor).filter(|_| body.height >= 3 * DETAILS) {
            let lines = details(row, usize::from(area.width));
            let taken = DETAILS;
            let place = Rect { y: body.bottom() - taken, height: taken, ..body };
            canvas.rule(Rect { height: 1, ..place }, &Line::of(Role::Title, row.name()), &Line::new());
            canvas.lines(Rect { y: place.y + 1, height: taken - 1, ..place }, &lines);
            body.height -= taken;
        }
        let table = Table { columns: &COLUMNS, titles: false };
        table.draw(canvas, body, rows.len(), Some(cursor), |at| {
            rows[at].cells(ctx.now(), at == cursor, area.width < NARROW)
        });
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
                let rows = rows(state, ui);
                if let Some(last) = rows.len().checked_sub(1) {
                    let to = moved(cursor(ui, &rows), command, usize::from(ui.size.1 / 2).max(1), last);
                    // the newest is followed: it is no entry of its own that the cursor would stay on
                    let object = rows.get(to).filter(|_| to > 0).map(Row::key);
                    ui.pane_mut().object = object;
                }
            }
            Command::Open => {
                let rows = rows(state, ui);
                match rows.get(cursor(ui, &rows)) {
                    Some(Row::Entry(entry)) => return Some(page::open(ui, PageOf::Entry(entry.seq))),
                    Some(Row::Pending(..)) => ui.say("not in the journal yet", Tone::Plain, state.now),
                    None => ui.say("nothing was recorded yet", Tone::Plain, state.now),
                }
            }
            _ => return None,
        }
        Some(Answer::done())
    }

    fn reads_page(&self, ui: &UiState) -> bool {
        ui.page.is_some()
    }

    fn copies(&self, ctx: &Ctx<'_>) -> Option<String> {
        let rows = rows(ctx.state, ctx.ui);
        page::copies(ctx).or_else(|| rows.get(cursor(ctx.ui, &rows)).map(Row::sentence))
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Note, Command::Open]
    }
}

/// The row under the cursor: it stays with its entry, and with the newest one until a person moved it.
fn cursor(ui: &UiState, rows: &[Row<'_>]) -> usize {
    let pane = ui.panes.get(&ScreenId::Timeline);
    let wanted = pane.and_then(|pane| pane.object.as_deref());
    wanted.and_then(|wanted| rows.iter().position(|row| row.key() == wanted)).unwrap_or(0)
}

fn title(ctx: &Ctx<'_>, shown: usize) -> Line {
    let session = &ctx.state.session;
    let all = session.timeline.len();
    let mut line = Line::of(Role::Title, " Timeline").plain(format!("   {all} entries, newest first"));
    let filter = ctx.ui.pane().filter;
    if !filter.is_empty() {
        line = line.gap(3).with(Role::Key, format!("/{filter}  {shown} shown"));
    }
    match &session.id {
        Some(id) => line.with(Role::Dim, format!("   session {id}")),
        None => line,
    }
}

/// What the journal did not take.
fn trouble(state: &State) -> Line {
    if let Some(why) = &state.desk.journal_broken {
        return Line::of(Role::Bad, format!("{} journal cannot be written: {why} ", glyph::BAD));
    }
    match state.desk.pending.len() {
        0 => match &state.desk.anchor.refused {
            Some(_) => Line::of(Role::Dim, "head not anchored in the cluster: no right "),
            None => Line::new(),
        },
        count => Line::of(Role::Pending, format!("{} {count} on the way ", glyph::EMPTY)),
    }
}

fn none(ctx: &Ctx<'_>) -> &'static str {
    if ctx.ui.pane().filter.is_empty() {
        "nothing was recorded in this session yet"
    } else {
        "no entry contains this: Esc shows all"
    }
}

fn details(row: &Row<'_>, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = words::wrap_to(&row.sentence(), width.saturating_sub(4), 2)
        .into_iter()
        .map(|line| Line::new().gap(3).plain(line))
        .collect();
    if let Row::Entry(entry) = row {
        let author = &entry.author;
        let from = format!(
            "entry {}  {} as {} on {}, process {}",
            entry.seq, author.os_user, author.kube_user, author.host, author.pid
        );
        lines.push(Line::new().gap(3).with(Role::Dim, from));
        lines
            .extend(tell::remedy(&entry.fact).map(|text| Line::new().gap(3).with(Role::Name, text.as_str())));
    }
    lines
}
