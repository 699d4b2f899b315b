//! The palette: every command by name, with its key, and why it is not available.

use crossterm::event::KeyCode;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;

use crate::core::State;
use crate::core::rights;
use crate::core::session::Session;
use crate::model::act::{ActKind, Confirm};

use super::super::chrome;
use super::super::command::{COMMANDS, Command, CommandRow, Place};
use super::super::field::Field;
use super::super::key::Key;
use super::super::keymap::Keymap;
use super::super::line::Line;
use super::super::paint::{self, Canvas};
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::words;

/// An open palette.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// What was typed.
    pub field: Field,
    /// Row under the cursor.
    pub cursor: usize,
}

impl Palette {
    /// Takes a key; a command if one was chosen.
    pub(super) fn key(&mut self, state: &State, keymap: &Keymap, key: Key) -> Option<Command> {
        let found = self.found();
        if key.is(KeyCode::Enter) {
            let row = found.get(self.cursor)?;
            return unavailable(row, state, keymap).is_none().then_some(row.command);
        }
        if key.is(KeyCode::Up) {
            self.cursor = self.cursor.saturating_sub(1);
        } else if key.is(KeyCode::Down) {
            self.cursor = (self.cursor + 1).min(found.len().saturating_sub(1));
        } else if self.field.key(key) {
            self.cursor = 0;
        }
        None
    }

    /// Commands that match what was typed, best first.
    fn found(&self) -> Vec<&'static CommandRow> {
        let offered = COMMANDS.iter().filter(|row| matches!(row.place, Place::Main | Place::Always));
        let pattern = Pattern::parse(self.field.value(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, &CommandRow)> = offered
            .filter_map(|row| {
                let name = format!("{} {} {}", row.title, row.word, row.tells);
                Some((pattern.score(Utf32Str::new(&name, &mut buffer), &mut matcher)?, row))
            })
            .collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored.into_iter().map(|(_, row)| row).collect()
    }

    pub(super) fn draw(&self, ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) {
        let found = self.found();
        let inside = chrome::dialog(area, found.len() + 2, "Palette", "Enter chooses  Esc closes", canvas);
        let mut rows = paint::rows(inside);
        if let Some(row) = rows.next() {
            canvas.line(row, &chrome::field(&self.field, usize::from(inside.width)));
        }
        rows.next();
        let room = usize::from(inside.height.saturating_sub(2));
        let first = self.cursor.saturating_sub(room.saturating_sub(1));
        for (row, (number, command)) in rows.zip(found.iter().enumerate().skip(first)) {
            canvas.line(row, &line(ctx, command));
            if number == self.cursor {
                canvas.ground(row, Role::Selected);
            }
        }
    }
}

fn line(ctx: &Ctx<'_>, row: &CommandRow) -> Line {
    let key = ctx.ui.keymap.key(row.command).map(Key::label).unwrap_or_default();
    let key = Line::of(Role::Key, format!(" {}", words::fit(&key, 9))).padded(11);
    match unavailable(row, ctx.state, &ctx.ui.keymap) {
        Some(why) => key.with(Role::Label, format!("{:<14}{why}", row.title)),
        None => key.with(Role::Name, row.title).padded(25).with(Role::Sheet, effect(ctx, row)),
    }
}

/// What a command would do: an act by its effect on the selected workload, where that is prepared.
fn effect(ctx: &Ctx<'_>, row: &CommandRow) -> String {
    let prepared = match row.act {
        Some(ActKind::RollBack) => ctx.selected_view().and_then(|view| view.way_back.as_ref().ok()),
        _ => None,
    };
    prepared.map_or_else(|| row.tells.to_owned(), |outline| outline.title.to_string())
}

/// Why a command cannot be chosen here and now. Enter never changes the cluster: what acts at once is named with its
/// key instead.
fn unavailable(row: &CommandRow, state: &State, keymap: &Keymap) -> Option<String> {
    let act = row.act?;
    if matches!(act.row().confirm, Confirm::Nothing | Confirm::Chord) {
        let key = keymap.key(row.command)?;
        let times = if act == ActKind::Stop { "twice" } else { "once" };
        return Some(format!("acts by its key alone: press {key} {times}"));
    }
    if state.settings.read_only {
        return Some("read-only: nothing is written".to_owned());
    }
    if act.raises_risk() && !armed(&state.session, state) {
        let key = keymap.key(Command::TakeControl).map_or_else(|| "take-control".to_owned(), Key::label);
        return Some(format!("needs control: {key}"));
    }
    let (query, _) = rights::denied(state, state.desk.look.selected.as_ref()?, act)?;
    Some(format!("no right to {query}"))
}

fn armed(session: &Session, state: &State) -> bool {
    session.control.as_ref().is_some_and(|control| control.by == state.desk.author)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_by_its_word_as_messages_name_it() {
        for row in COMMANDS.iter().filter(|row| matches!(row.place, Place::Main | Place::Always)) {
            let palette = Palette { field: Field::with(row.word), cursor: 0 };
            assert!(palette.found().contains(&row), "{}", row.word);
        }
        let palette = Palette { field: Field::with("reset-stop"), cursor: 0 };
        assert_eq!(palette.found().first().map(|row| row.command), Some(Command::ResetStop));
    }
}
