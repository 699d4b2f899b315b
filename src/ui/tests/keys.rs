use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::super::fixture::{healthy, now, sheet, stop_bar, stopped, stuck, target, ui};
use super::super::overlay::Overlay;
use super::super::prompt::{Asks, Prompt};
use super::super::{Answer, InputEvent, ScreenId, UiState, attend, handle};
use crate::core::State;
use crate::core::event::{Intent, QuitReason};
use crate::core::stopbar::HoldBar;
use crate::model::Text;
use crate::model::act::Act;
use crate::model::ids::{ActId, Namespace, ShortName};
use crate::model::target::Scope;

pub(super) fn event(code: KeyCode) -> InputEvent {
    InputEvent::Key { event: KeyEvent::new(code, KeyModifiers::NONE), burst: 7, alone: true }
}

pub(super) fn press(ui: &mut UiState, state: &State, c: char) -> Vec<Intent> {
    handle(ui, state, event(KeyCode::Char(c))).intents
}

pub(super) fn type_in(ui: &mut UiState, state: &State, text: &str) {
    for c in text.chars() {
        press(ui, state, c);
    }
}

/// Intents without the sign of life and without what is looked at.
fn acts(answer: Answer) -> Vec<Intent> {
    answer.intents.into_iter().filter(|intent| !matches!(intent, Intent::Active | Intent::Look(_))).collect()
}

pub(super) fn hit(ui: &mut UiState, state: &State, code: KeyCode) -> Vec<Intent> {
    acts(handle(ui, state, event(code)))
}

/// Every state of the picture in which something takes keys.
fn everywhere() -> Vec<(State, UiState)> {
    let mut with_sheet = stuck();
    with_sheet.desk.sheet = Some(sheet(&with_sheet));
    let mut typed = with_sheet.clone();
    typed.desk.sheet.as_mut().unwrap().typed_name = Some(ShortName::new("prod-eu"));
    let mut barred = stuck();
    barred.desk.stop = Some(stop_bar());
    let mut all: Vec<(State, UiState)> = [stuck(), with_sheet, typed, barred, stopped()]
        .into_iter()
        .map(|state| (state.clone(), ui(&state)))
        .collect();
    let state = stuck();
    for overlay in [Overlay::Help { scroll: 0 }, Overlay::palette(), Overlay::Identity { scroll: 0 }] {
        let mut open = ui(&state);
        open.overlay = Some(overlay);
        all.push((state.clone(), open));
    }
    let target = target("api");
    let prompts = [
        Prompt::new(Asks::Control),
        Prompt::new(Asks::Note),
        Prompt::filter("a"),
        Prompt::namespaces(&state.world.scope),
        Prompt::new(Asks::Replicas { target: target.clone() }),
        Prompt::new(Asks::Image { target }),
    ];
    for prompt in prompts {
        let mut open = ui(&state);
        open.prompt = Some(prompt);
        all.push((state.clone(), open));
    }
    all
}

#[test]
fn the_stop_comes_through_everywhere() {
    for (state, mut ui) in everywhere() {
        let intents = press(&mut ui, &state, '!');
        assert_eq!(
            intents[..2],
            [Intent::Active, Intent::Bang { burst: 7 }],
            "{:?} {:?}",
            ui.overlay,
            ui.prompt
        );
    }
}

#[test]
fn a_held_stop_key_is_no_second_one() {
    let state = stuck();
    let mut ui = ui(&state);
    let held = KeyEvent::new_with_kind(KeyCode::Char('!'), KeyModifiers::NONE, KeyEventKind::Repeat);
    let answer = handle(&mut ui, &state, InputEvent::Key { event: held, burst: 9, alone: true });
    assert!(acts(answer).is_empty());
}

#[test]
fn while_the_stop_bar_is_open_other_keys_only_break_the_chord() {
    let mut state = stuck();
    state.desk.stop = Some(stop_bar());
    let mut ui = ui(&state);
    for c in ['H', 'B', 'y', 'q', 'T', '1'] {
        assert_eq!(hit(&mut ui, &state, KeyCode::Char(c)), [Intent::OtherKey], "{c}");
    }
    assert_eq!(hit(&mut ui, &state, KeyCode::Tab), [Intent::Widen]);
    assert_eq!(hit(&mut ui, &state, KeyCode::Esc), [Intent::Dismiss]);
    assert!(acts(handle(&mut ui, &state, InputEvent::Paste("!!".to_owned()))).is_empty());
}

#[test]
fn hold_counts_only_by_itself() {
    let state = stuck();
    let mut ui = ui(&state);
    let key = KeyEvent::new(KeyCode::Char('H'), KeyModifiers::SHIFT);
    let crowd = handle(&mut ui, &state, InputEvent::Key { event: key, burst: 1, alone: false });
    assert!(acts(crowd).is_empty());
    assert!(ui.notice.is_some(), "it says why");
    let alone = handle(&mut ui, &state, InputEvent::Key { event: key, burst: 2, alone: true });
    assert_eq!(acts(alone), [Intent::Propose { target: target("api"), act: Act::Hold }]);
}

#[test]
fn a_sheet_is_sent_by_a_lone_y_and_by_nothing_else() {
    let mut state = stuck();
    state.desk.sheet = Some(sheet(&state));
    let mut ui = ui(&state);
    let y = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE);
    assert!(acts(handle(&mut ui, &state, InputEvent::Key { event: y, burst: 1, alone: false })).is_empty());
    assert!(acts(handle(&mut ui, &state, InputEvent::Paste("y".to_owned()))).is_empty());
    for code in
        [KeyCode::Enter, KeyCode::Char('B'), KeyCode::Char('H'), KeyCode::Char('q'), KeyCode::Char('1')]
    {
        assert!(hit(&mut ui, &state, code).is_empty(), "{code:?}");
    }
    assert_eq!(hit(&mut ui, &state, KeyCode::Char('y')), [Intent::Confirm { typed: None }]);
    assert_eq!(hit(&mut ui, &state, KeyCode::Down), [Intent::ChooseRevision(1)]);
    assert_eq!(hit(&mut ui, &state, KeyCode::Char('k')), [Intent::ChooseRevision(-1)]);
    assert_eq!(hit(&mut ui, &state, KeyCode::Esc), [Intent::Dismiss]);
}

#[test]
fn a_typed_name_may_contain_the_sending_key() {
    let mut state = stuck();
    state.desk.sheet = Some(sheet(&state));
    state.desk.sheet.as_mut().unwrap().typed_name = Some(ShortName::new("pay-y"));
    let mut ui = ui(&state);
    type_in(&mut ui, &state, "pay-y");
    assert_eq!(ui.sheet.typed.value(), "pay-y");
    assert_eq!(
        hit(&mut ui, &state, KeyCode::Char('y')),
        [Intent::Confirm { typed: Some("pay-y".to_owned()) }]
    );
}

#[test]
fn a_new_sheet_does_not_inherit_what_was_typed_into_the_last_one() {
    let mut state = stuck();
    state.desk.sheet = Some(sheet(&state));
    state.desk.sheet.as_mut().unwrap().typed_name = Some(ShortName::new("prod-eu"));
    let mut ui = ui(&state);
    type_in(&mut ui, &state, "prod");
    state.desk.sheet.as_mut().unwrap().id.0 += 1;
    attend(&mut ui, &state);
    assert_eq!(ui.sheet.typed.value(), "");
}

#[test]
fn pasted_text_lands_in_fields_only() {
    let state = stuck();
    let mut ui = ui(&state);
    assert!(acts(handle(&mut ui, &state, InputEvent::Paste("H!!yB".to_owned()))).is_empty());
    press(&mut ui, &state, 'N');
    handle(&mut ui, &state, InputEvent::Paste("seen by ops!!\nH".to_owned()));
    assert_eq!(hit(&mut ui, &state, KeyCode::Enter), [Intent::Note("seen by ops!!".to_owned())]);
}

#[test]
fn esc_never_quits_and_q_does() {
    let state = stuck();
    let mut ui = ui(&state);
    for _ in 0..5 {
        assert!(hit(&mut ui, &state, KeyCode::Esc).is_empty());
    }
    assert_eq!(hit(&mut ui, &state, KeyCode::Char('q')), [Intent::Quit { why: QuitReason::Asked }]);
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    let answer = handle(&mut ui, &state, InputEvent::Key { event: ctrl_c, burst: 3, alone: true });
    assert_eq!(acts(answer), [Intent::Quit { why: QuitReason::Asked }]);
}

#[test]
fn enter_on_a_row_changes_nothing_in_the_cluster() {
    let state = stuck();
    let mut ui = ui(&state);
    assert!(hit(&mut ui, &state, KeyCode::Enter).is_empty());
    assert_eq!(ui.screen, ScreenId::Rollout);
}

#[test]
fn acts_that_need_control_are_proposed_all_the_same_and_the_core_answers() {
    let state = stuck();
    let mut ui = ui(&state);
    let api = target("api");
    assert_eq!(
        hit(&mut ui, &state, KeyCode::Char('P')),
        [Intent::Propose { target: api.clone(), act: Act::Promote }]
    );
    assert_eq!(hit(&mut ui, &state, KeyCode::Char('U')), [Intent::Propose { target: api, act: Act::Resume }]);
}

#[test]
fn digits_without_a_screen_answer_in_one_line() {
    let state = stuck();
    let mut ui = ui(&state);
    for digit in ['6', '8', '9'] {
        assert!(hit(&mut ui, &state, KeyCode::Char(digit)).is_empty());
        let told = ui.notice.as_ref().unwrap().text.to_string();
        assert!(told.starts_with(&format!("there is no screen {digit}: 1 Overview")), "{told}");
    }
}

#[test]
fn control_is_taken_with_the_short_name_exactly() {
    let state = stuck();
    let mut ui = ui(&state);
    press(&mut ui, &state, 'T');
    type_in(&mut ui, &state, "prod");
    assert!(hit(&mut ui, &state, KeyCode::Enter).is_empty());
    assert!(ui.prompt.as_ref().unwrap().complaint.is_some());
    type_in(&mut ui, &state, "-eu");
    assert_eq!(hit(&mut ui, &state, KeyCode::Enter), [Intent::TakeControl { typed: "prod-eu".to_owned() }]);
    assert!(ui.prompt.is_none());
}

#[test]
fn arguments_of_acts_are_asked_for_and_checked() {
    let state = stuck();
    let mut ui = ui(&state);
    ui.prompt = Some(Prompt::new(Asks::Replicas { target: target("api") }));
    type_in(&mut ui, &state, "many");
    assert!(hit(&mut ui, &state, KeyCode::Enter).is_empty());
    ui.prompt = Some(Prompt::new(Asks::Replicas { target: target("api") }));
    type_in(&mut ui, &state, "4");
    let scaled = Act::Scale { replicas: 4 };
    assert_eq!(
        hit(&mut ui, &state, KeyCode::Enter),
        [Intent::Propose { target: target("api"), act: scaled }]
    );
    ui.prompt = Some(Prompt::new(Asks::Image { target: target("api") }));
    type_in(&mut ui, &state, "web=api:2");
    let image = Act::SetImage { container: Some("web".to_owned()), image: "api:2".to_owned() };
    assert_eq!(hit(&mut ui, &state, KeyCode::Enter), [Intent::Propose { target: target("api"), act: image }]);
}

#[test]
fn namespaces_are_chosen_by_name_by_mark_or_by_what_moves() {
    let mut state = stuck();
    state.world.namespaces = ["fx", "infra", "shop"].map(Namespace::new).into();
    state.world.moving_elsewhere = vec![(Namespace::new("shop"), 2)];
    let scope = |names: &[&str]| Scope::Namespaces(names.iter().map(|name| Namespace::new(*name)).collect());
    let choose = |keys: &[KeyCode], typed: &str| {
        let mut ui = ui(&state);
        press(&mut ui, &state, 'n');
        type_in(&mut ui, &state, typed);
        for code in keys {
            hit(&mut ui, &state, *code);
        }
        hit(&mut ui, &state, KeyCode::Enter)
    };
    assert_eq!(choose(&[], ""), [Intent::Scope(Scope::All)]);
    assert_eq!(
        choose(&[KeyCode::Down], ""),
        [Intent::Scope(scope(&["fx"]))],
        "two move here, as many as in shop"
    );
    assert_eq!(choose(&[], "sho"), [Intent::Scope(scope(&["shop"]))]);
    assert_eq!(choose(&[KeyCode::Tab], "sho"), [Intent::Scope(scope(&["fx", "shop"]))]);
    assert_eq!(choose(&[], "shop,infra"), [Intent::Scope(scope(&["shop", "infra"]))]);
    assert_eq!(choose(&[], "hidden"), [Intent::Scope(scope(&["hidden"]))], "it may not be listed");
}

#[test]
fn the_palette_runs_commands_and_names_what_acts_at_once() {
    let state = stuck();
    let mut ui = ui(&state);
    press(&mut ui, &state, ':');
    type_in(&mut ui, &state, "hold");
    assert!(hit(&mut ui, &state, KeyCode::Enter).is_empty(), "Enter holds nothing");
    hit(&mut ui, &state, KeyCode::Esc);
    press(&mut ui, &state, ':');
    type_in(&mut ui, &state, "roll back");
    let expected = Intent::Propose { target: target("api"), act: Act::RollBack { to: None } };
    assert_eq!(hit(&mut ui, &state, KeyCode::Enter), [expected]);
    assert!(ui.overlay.is_none());
}

#[test]
fn tab_in_the_hold_bar_widens_it() {
    let mut state = stuck();
    state.desk.hold = Some(HoldBar {
        target: target("api"),
        line: Text::clean("HOLD api: paused"),
        since: now(),
        others: 1,
    });
    let mut ui = ui(&state);
    assert_eq!(hit(&mut ui, &state, KeyCode::Tab), [Intent::Widen]);
    assert_eq!(hit(&mut ui, &state, KeyCode::Esc), [Intent::Dismiss]);
}

#[test]
fn the_page_of_a_stop_can_be_left_and_the_stop_goes_on() {
    let state = stopped();
    let mut ui = ui(&state);
    assert!(hit(&mut ui, &state, KeyCode::Char('B')).is_empty());
    assert!(hit(&mut ui, &state, KeyCode::Esc).is_empty());
    assert!(ui.stop_pages_closed.contains(&ActId::new("act-api")));
    assert_eq!(hit(&mut ui, &state, KeyCode::Char('B')).len(), 1, "the screen has the keys again");
}

#[test]
fn ten_thousand_random_keys_send_nothing_by_accident() {
    let mut random = super::Random(0x5eed_0007);
    let mut states = [stuck(), healthy(), stopped()];
    let with_sheet = sheet(&states[0]);
    states[2].desk.sheet = Some(with_sheet);
    for state in &states {
        let mut ui = ui(state);
        for step in 0..10_000_u64 {
            let c = char::from(u8::try_from(33 + random.below(94)).unwrap());
            let alone = random.below(2) == 0;
            let key = InputEvent::Key {
                event: KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
                burst: step,
                alone,
            };
            for intent in acts(handle(&mut ui, state, key)) {
                match intent {
                    Intent::Confirm { .. } => assert!(state.desk.sheet.is_some() && c == 'y' && alone),
                    Intent::Propose { act: Act::Hold, .. } => assert!(c == 'H' && alone),
                    Intent::Bang { .. } => assert_eq!(c, '!'),
                    other => drop(other),
                }
            }
            attend(&mut ui, state);
        }
    }
}
