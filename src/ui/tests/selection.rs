//! Rows, selection, filter, order, copying.

use crossterm::event::KeyCode;

use super::super::fixture::{add, at_rest, healthy, in_flight, minutes_ago, stuck, target, ui};
use super::super::{UiEffect, attend, handle, order};
use super::keys::{event, hit, press, type_in};
use crate::core::event::Intent;
use crate::model::view::WorkloadState;

#[test]
fn rows_keep_their_places_for_a_while_after_a_key_and_the_selection_follows_its_object() {
    let mut state = healthy();
    let mut ui = ui(&state);
    hit(&mut ui, &state, KeyCode::Down);
    assert_eq!(ui.selected, Some(target("billing")));
    let mut trading = in_flight("trading", "1.0.0", "1.0.1", 8, 1, 8);
    trading.state = WorkloadState::Stuck;
    add(&mut state, trading, minutes_ago(0));
    attend(&mut ui, &state);
    assert_eq!(order::rows(&state, &ui)[0], target("auth"), "frozen");
    state.now += chrono::Duration::seconds(11);
    attend(&mut ui, &state);
    assert_eq!(order::rows(&state, &ui)[0], target("trading"), "the worst comes first again");
    assert_eq!(ui.selected, Some(target("billing")), "the selection stays on its object");
}

#[test]
fn until_a_person_selects_the_selection_follows_what_is_worst() {
    let mut state = healthy();
    let mut ui = ui(&state);
    assert_eq!(ui.selected, Some(target("auth")));
    let mut trading = at_rest("trading", "1.0.1", 8);
    trading.state = WorkloadState::Unhealthy;
    add(&mut state, trading, minutes_ago(0));
    let intents = attend(&mut ui, &state);
    assert_eq!(ui.selected, Some(target("trading")));
    assert!(matches!(&intents[..], [Intent::Look(look)] if look.selected == Some(target("trading"))));
}

#[test]
fn a_filter_narrows_the_rows_until_esc() {
    let state = stuck();
    let mut ui = ui(&state);
    press(&mut ui, &state, '/');
    type_in(&mut ui, &state, "pay");
    hit(&mut ui, &state, KeyCode::Enter);
    assert_eq!(order::rows(&state, &ui), [target("payments")]);
    hit(&mut ui, &state, KeyCode::Esc);
    assert_eq!(order::rows(&state, &ui).len(), 12);
}

#[test]
fn another_order_takes_effect_at_once_and_the_first_row_is_the_worst_again_on_demand() {
    let mut state = stuck();
    let mut ui = ui(&state);
    press(&mut ui, &state, 'o');
    assert_eq!(ui.sort, order::Sort::Name);
    assert_eq!(order::rows(&state, &ui)[1], target("auth"));
    press(&mut ui, &state, 'o');
    press(&mut ui, &state, 'o');
    press(&mut ui, &state, 'j');
    let mut trading = at_rest("auth", "1.0.1", 8);
    trading.state = WorkloadState::Stuck;
    trading.target = target("aaa");
    add(&mut state, trading, minutes_ago(0));
    press(&mut ui, &state, 'g');
    assert_eq!(ui.selected, Some(target("aaa")), "the first line names it and this key goes there");
}

#[test]
fn what_is_copied_is_shown() {
    let state = stuck();
    let mut ui = ui(&state);
    let answer = handle(&mut ui, &state, event(KeyCode::Char('c')));
    let [UiEffect::Copy(text)] = &answer.effects[..] else { panic!("{answer:?}") };
    assert!(ui.notice.as_ref().unwrap().text.as_str().contains(text.as_str()));
}
