use crossterm::event::KeyCode;

use super::super::fixture::{healthy, stop_bar, stuck, ui};
use super::super::{Hit, InputEvent, ScreenId, Skin, UiEffect, UiState, handle, hit, order, render};
use super::keys::{event, press, type_in};
use crate::core::State;
use crate::core::event::Intent;

/// The place of a text in the picture.
fn place_of(text: &str, state: &State, ui: &UiState) -> (u16, u16) {
    let (width, height) = ui.size;
    let mut cells = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, width, height));
    render(state, ui, &Skin::plain(), &mut cells);
    let row = |y: u16| (0..width).map(|x| cells[(x, y)].symbol().to_owned()).collect::<String>();
    let y = (0..height).rev().find(|y| row(*y).contains(text)).unwrap_or_else(|| panic!("no {text}"));
    let line = row(y);
    let before = line[..line.find(text).unwrap()].chars().count();
    (u16::try_from(before).unwrap(), y)
}

fn click(text: &str, state: &State, ui: &mut UiState) {
    let place = place_of(text, state, ui);
    let hit = hit(state, ui, &Skin::plain(), place);
    if let Some(hit) = hit {
        handle(ui, state, InputEvent::Click(hit));
    }
}

#[test]
fn a_click_selects_a_row_or_opens_a_screen_and_never_acts() {
    let state = healthy();
    let mut ui = ui(&state);
    ui.size = (160, 40);
    let rows = order::rows(&state, &ui);
    let last = rows.last().unwrap().clone();
    assert_ne!(ui.selected.as_ref(), Some(&last));
    click(last.name.as_str(), &state, &mut ui);
    assert_eq!(ui.selected.as_ref(), Some(&last));
    assert!(ui.by_hand);
    click("Timeline", &state, &mut ui);
    assert_eq!(ui.screen, ScreenId::Timeline);

    // nothing under a dialog is reached
    let mut barred = stuck();
    barred.desk.stop = Some(stop_bar());
    let mut ui = super::super::fixture::ui(&barred);
    ui.size = (160, 40);
    let before = ui.selected.clone();
    let answer = handle(&mut ui, &barred, InputEvent::Click(Hit::Row(1)));
    assert!(answer.intents.iter().all(|intent| matches!(intent, Intent::Active | Intent::Look(_))));
    assert_eq!(ui.selected, before);
}

#[test]
fn the_mouse_is_switched_while_the_console_runs() {
    let state = healthy();
    let mut ui = ui(&state);
    assert!(!ui.mouse, "the terminal's own selection works until somebody wants it otherwise");
    press(&mut ui, &state, ':');
    type_in(&mut ui, &state, "mouse");
    let answer = handle(&mut ui, &state, event(KeyCode::Enter));
    assert_eq!(answer.effects, [UiEffect::Mouse(true)]);
    assert!(ui.mouse);
}
