use super::super::fixture::{drawn, goal, healthy, measured, planned, sheet, stop_bar, stopped, stuck, ui};
use super::super::overlay::Overlay;
use super::super::prompt::Prompt;
use super::super::skin::Skin;
use super::super::{ScreenId, screens};
use super::Random;
use crate::core::State;
use crate::model::act::Act;

fn states() -> Vec<State> {
    let mut with_sheet = stuck();
    with_sheet.desk.sheet = Some(sheet(&with_sheet));
    let mut sent = with_sheet.clone();
    let goal = goal(Act::RollBack { to: None }, "api");
    sent.desk.sheet.as_mut().unwrap().sent = Some(goal.act.clone());
    sent.desk.goals.insert(goal.act.clone(), goal);
    let mut barred = stuck();
    barred.desk.stop = Some(stop_bar());
    vec![healthy(), measured(), planned(), stopped(), with_sheet, sent, barred]
}

#[test]
fn any_size_can_be_drawn() {
    let mut random = Random(0x5eed_0003);
    let states = states();
    for step in 0..1000 {
        let state = &states[step % states.len()];
        let mut ui = ui(state);
        let screen = &screens::SCREENS[step % screens::SCREENS.len()];
        ui.screen = screen.id();
        match step % 5 {
            1 => ui.overlay = Some(Overlay::Help { scroll: step }),
            2 => ui.overlay = Some(Overlay::palette()),
            3 => ui.overlay = Some(Overlay::Identity { scroll: 0 }),
            4 => ui.prompt = Some(Prompt::namespaces(&state.world.scope)),
            _ => ui.prompt = (step % 2 == 0).then(|| Prompt::filter("a")),
        }
        // small sizes are where things break: most of the tries are there
        let (widest, highest) = if step % 4 == 0 { (500, 200) } else { (60, 20) };
        let (width, height) = (1 + random.below(widest), 1 + random.below(highest));
        ui.size = (width, height);
        let buffer = drawn(state, &ui, &Skin::plain(), width, height);
        assert_eq!((buffer.area.width, buffer.area.height), (width, height));
    }
}

#[test]
fn every_screen_says_something_in_its_first_line_from_forty_by_twelve() {
    for screen in screens::SCREENS {
        for state in states() {
            let mut ui = ui(&state);
            ui.screen = screen.id();
            let buffer = drawn(&state, &ui, &Skin::plain(), 40, 12);
            let first: String = (0..40).map(|x| buffer[(x, 0)].symbol()).collect();
            assert!(!first.trim().is_empty(), "{:?}", screen.id());
        }
    }
}

#[test]
fn the_stop_can_be_read_at_twenty_by_five() {
    let mut state = stuck();
    state.desk.stop = Some(stop_bar());
    let shown = super::super::fixture::text(&state, &ui(&state), 20, 5);
    assert_eq!(shown, "▌STOP 2\n▌api payments\n▌untouched: 2\n▌! once more (4 s)\n▌Esc cancel");
    state.desk.stop = None;
    for screen in [ScreenId::Overview, ScreenId::Pods] {
        let mut ui = ui(&state);
        ui.screen = screen;
        let shown = super::super::fixture::text(&state, &ui, 20, 5);
        assert!(shown.contains("!! STOP"), "{shown}");
    }
}
