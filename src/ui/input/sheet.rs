//! Keys while an act sheet is open: it takes all of them but the stop's, and Enter sends nothing.

use crossterm::event::KeyCode;

use crate::core::State;
use crate::core::desk::Tone;
use crate::core::event::Intent;
use crate::core::sheet::Sheet;

use super::super::command::Command;
use super::super::state::UiState;
use super::{Answer, Press};

pub(super) fn key(ui: &mut UiState, state: &State, sheet: &Sheet, press: Press) -> Answer {
    let leaves = press.key.is(KeyCode::Esc) || press.key.is_ctrl('c');
    if leaves || (sheet.sent.is_some() && press.key.is(KeyCode::Enter)) {
        return Answer::of(Intent::Dismiss);
    }
    if sheet.sent.is_some() {
        return Answer::done();
    }
    if let Some(name) = &sheet.typed_name
        && ui.sheet.typed.value() != name.as_str()
    {
        // the field takes letters until the name stands in it; Tab shows the request meanwhile
        if press.key.is(KeyCode::Tab) {
            toggle_request(ui);
        } else if !ui.sheet.typed.key(press.key) {
            return look(ui, sheet, press);
        }
        return Answer::done();
    }
    match ui.keymap.in_sheet(press.key) {
        Some(Command::SheetSend) => send(ui, state, sheet, press),
        Some(Command::SheetRequest) => {
            toggle_request(ui);
            Answer::done()
        }
        _ if press.key.is(KeyCode::Tab) => {
            toggle_request(ui);
            Answer::done()
        }
        _ if sheet.typed_name.is_some() && press.key.is(KeyCode::Backspace) => {
            ui.sheet.typed.key(press.key);
            Answer::done()
        }
        _ => look(ui, sheet, press),
    }
}

fn send(ui: &mut UiState, state: &State, sheet: &Sheet, press: Press) -> Answer {
    if !press.alone {
        let text = format!("{} counts only by itself: press it once", press.key);
        ui.say(text, Tone::Warning, state.now);
        return Answer::done();
    }
    let typed = sheet.typed_name.as_ref().map(|_| ui.sheet.typed.value().to_owned());
    Answer::of(Intent::Confirm { typed })
}

fn toggle_request(ui: &mut UiState) {
    ui.sheet.request = !ui.sheet.request;
    ui.sheet.scroll = 0;
}

/// Up and down: through the request, or through the revisions to go back to.
fn look(ui: &mut UiState, sheet: &Sheet, press: Press) -> Answer {
    let step = match ui.keymap.on_screen(press.key, ui.screen, false) {
        Some(Command::Down) => 1,
        Some(Command::Up) => -1,
        _ => return Answer::done(),
    };
    if ui.sheet.request {
        ui.sheet.scroll = ui.sheet.scroll.saturating_add_signed(step);
        return Answer::done();
    }
    if sheet.revisions.len() > 1 {
        return Answer::of(Intent::ChooseRevision(i32::from(step > 0) * 2 - 1));
    }
    Answer::done()
}
