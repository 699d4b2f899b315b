//! One whole picture: chrome, the screen in front, and what lies over it. A pure function of (state, ui state, skin).

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::core::State;
use crate::core::sheet::SheetId;

use super::line::Line;
use super::paint::{Canvas, Hit};
use super::skin::Skin;
use super::state::UiState;
use super::theme::Role;
use super::view::Ctx;
use super::{chrome, coach, overlay, prompt, screens};

/// Below this size the chrome shrinks to one line at each end.
const SMALL: (u16, u16) = (40, 12);
/// Below this height only the stop bar is shown while it is open.
const BAR_ONLY: u16 = 8;
/// From this height on there is room for the line of what is alive on every screen.
const TALL: u16 = 30;
/// From this height on the footer has two rows.
const TWO_ROWS: u16 = 14;
/// From this height on a demo shows its coach line.
const COACHED: u16 = 20;

/// What a picture showed: sheets count their keys only after a frame with them was drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The sheet on it.
    pub sheet: Option<SheetId>,
}

/// Draws everything into the whole buffer.
pub fn render(state: &State, ui: &UiState, skin: &Skin, buffer: &mut Buffer) -> Shown {
    paint(state, ui, skin, buffer).0
}

/// What lies at a place of the picture.
#[must_use]
pub fn hit(state: &State, ui: &UiState, skin: &Skin, (column, row): (u16, u16)) -> Option<Hit> {
    let (width, height) = ui.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let (_, hits) = paint(state, ui, skin, &mut buffer);
    let place = Position { x: column, y: row };
    hits.into_iter().rev().find(|(area, _)| area.contains(place)).map(|(_, hit)| hit)
}

fn paint(state: &State, ui: &UiState, skin: &Skin, buffer: &mut Buffer) -> (Shown, Vec<(Rect, Hit)>) {
    let area = buffer.area;
    let mut canvas = Canvas { buffer, skin, hits: Vec::new() };
    let ctx = Ctx { state, ui, skin };
    canvas.clear(area, Role::Text);
    let shown = picture(&ctx, area, &mut canvas);
    if skin.ascii {
        canvas.to_ascii();
    }
    (shown, canvas.hits)
}

fn picture(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) -> Shown {
    let area = match &ctx.state.desk.stop {
        Some(bar) => {
            let rows = chrome::bars::stop_rows(area);
            chrome::bars::stop(ctx, bar, Rect { height: rows, ..area }, canvas);
            if area.height < BAR_ONLY {
                return Shown::default();
            }
            Rect { y: area.y + rows, height: area.height - rows, ..area }
        }
        None => area,
    };
    if area.width < SMALL.0 || area.height < SMALL.1 {
        small(ctx, area, canvas)
    } else {
        whole(ctx, area, canvas)
    }
}

/// Full chrome: header, screen, footer.
fn whole(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) -> Shown {
    let live =
        area.height >= TALL || (ctx.ui.screen == screens::ScreenId::Overview && area.height >= COACHED);
    let header = chrome::header(ctx, area, chrome::HeaderLines { live }, canvas);
    let mut bottom = area.bottom();
    let mut take = |rows: u16| {
        bottom = bottom.saturating_sub(rows).max(area.y);
        Rect { y: bottom, height: rows, ..area }
    };
    let acts = take(1);
    let hints = if area.height >= TWO_ROWS { take(1) } else { acts };
    if area.height >= TWO_ROWS {
        chrome::footer(ctx, hints, acts, canvas);
    } else {
        chrome::short_footer(ctx, acts, canvas);
    }
    if area.height >= COACHED
        && let Some(line) = coach::line(ctx)
    {
        let row = take(1);
        canvas.line(row, &line);
    }
    let body = Rect { y: area.y + header, height: bottom.saturating_sub(area.y + header), ..area };
    content(ctx, body, hints, canvas)
}

/// Next to no room: what is wrong, the screen, and the keys that count.
fn small(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) -> Shown {
    if area.height == 0 {
        return Shown::default();
    }
    let row = |y: u16| Rect { y, height: 1, ..area };
    let headline = screens::in_front(ctx.ui).headline(ctx);
    canvas.both(row(area.y), &headline.says, &Line::new());
    if area.height == 1 {
        return Shown::default();
    }
    let last = row(area.bottom() - 1);
    chrome::short_footer(ctx, last, canvas);
    if area.height > 3 {
        let second = row(area.y + 1);
        canvas.both(second, &chrome::mode(ctx), &headline.keys);
        let body = Rect { y: area.y + 2, height: area.height - 3, ..area };
        return content(ctx, body, last, canvas);
    }
    Shown::default()
}

/// The screen, or what lies over it.
fn content(ctx: &Ctx<'_>, body: Rect, hints: Rect, canvas: &mut Canvas<'_>) -> Shown {
    if chrome::stop_page::is_open(ctx.state, ctx.ui) {
        chrome::stop_page::draw(ctx, body, canvas);
    } else {
        screens::in_front(ctx.ui).draw(ctx, body, canvas);
    }
    let mut shown = Shown::default();
    if let Some(sheet) = &ctx.state.desk.sheet {
        chrome::sheet::draw(ctx, sheet, body, canvas);
        // a sheet without room for its keys was not seen
        if body.height >= 4 && body.width >= 20 {
            shown.sheet = Some(sheet.id);
        }
    } else {
        overlay::draw(ctx, body, canvas);
    }
    if let Some(prompt) = &ctx.ui.prompt {
        prompt::draw(ctx, prompt, body, hints, canvas);
    }
    shown
}
