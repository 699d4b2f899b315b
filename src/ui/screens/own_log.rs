//! 0: what the console itself did and met. The only screen that is no function of the state: its lines come from the
//! process's own log.

use std::sync::LazyLock;

use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;
use tui_logger::{TuiLoggerLevelOutput, TuiLoggerWidget, TuiWidgetEvent, TuiWidgetState};

use crate::core::State;
use crate::core::desk::Tone;
use crate::model::Text;
use crate::ui::command::Command;
use crate::ui::input::Answer;
use crate::ui::line::Line;
use crate::ui::paint::Canvas;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;

use super::overview::headline;
use super::{Headline, Screen, ScreenId};

/// The own-log screen.
pub(super) struct OwnLog;

/// How far it is scrolled; the widget keeps this with its lines.
static PLACE: LazyLock<TuiWidgetState> = LazyLock::new(TuiWidgetState::new);

impl Screen for OwnLog {
    fn id(&self) -> ScreenId {
        ScreenId::OwnLog
    }

    fn command(&self) -> Command {
        Command::OwnLog
    }

    fn headline(&self, ctx: &Ctx<'_>) -> Headline {
        headline::headline(ctx)
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
        if area.height == 0 {
            return;
        }
        let newest = ctx.hint(Command::Bottom, "to the newest").gap(1);
        canvas.rule(
            Rect { height: 1, ..area },
            &Line::of(Role::Title, "the console's own log, newest below"),
            &newest,
        );
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area }.intersection(canvas.buffer.area);
        let style = |role| canvas.skin.theme.style(role);
        TuiLoggerWidget::default()
            .style(style(Role::Text))
            .style_error(style(Role::Bad))
            .style_warn(style(Role::Warning))
            .style_info(style(Role::Text))
            .style_debug(style(Role::Dim))
            .style_trace(style(Role::Dim))
            .output_level(Some(TuiLoggerLevelOutput::Long))
            .output_separator(' ')
            .output_file(false)
            .output_line(false)
            .state(&PLACE)
            .render(body, canvas.buffer);
        clean(canvas, body);
    }

    fn run(&self, command: Command, state: &State, ui: &mut UiState) -> Option<Answer> {
        let event = match command {
            Command::Filter => {
                ui.say("the log cannot be filtered here: its file can be searched", Tone::Plain, state.now);
                return Some(Answer::done());
            }
            Command::Up | Command::PageUp | Command::HalfUp => TuiWidgetEvent::PrevPageKey,
            Command::Down | Command::PageDown | Command::HalfDown => TuiWidgetEvent::NextPageKey,
            Command::Bottom => TuiWidgetEvent::EscapeKey,
            _ => return None,
        };
        PLACE.transition(event);
        Some(Answer::done())
    }

    fn hints(&self) -> &'static [Command] {
        &[]
    }
}

/// Log lines may carry text from outside that did not come through [`Text`]: what is not plain is shown as `?`.
fn clean(canvas: &mut Canvas<'_>, area: Rect) {
    for position in area.positions() {
        if let Some(cell) = canvas.buffer.cell_mut(position)
            && !cell.symbol().is_ascii()
            && Text::clean(cell.symbol()).as_str() != cell.symbol()
        {
            cell.set_char('?');
        }
    }
}
