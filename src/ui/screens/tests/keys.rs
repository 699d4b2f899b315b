use std::sync::Arc;

use super::fixture::*;
use crate::core::event::{DocumentOf, Intent, LogOf};
use crate::core::{Event, Stamped, update};
use crate::model::fact::Fact;
use crate::model::ids::{FreshId, ItemId, Name, Namespace};
use crate::model::observation::Observation;
use crate::model::target::Scope;
use crate::ui::fixture::{self, text};
use crate::ui::prompt::Asks;
use crate::ui::screens::{PageOf, ScreenId};

#[test]
fn a_log_is_followed_searched_and_left() {
    let (mut state, _) = recorded("stuck-crashloop");
    let mut ui = at(&state, ScreenId::Pods, "");
    let answer = press(&mut ui, &state, "l");
    let looked = answer.intents.iter().find_map(|intent| match intent {
        Intent::Look(look) => look.log.clone(),
        _ => None,
    });
    let log = ui.log.clone().unwrap();
    assert!(looked.is_none_or(|looked| looked == log), "the log on the page is the one that is read");
    let lines =
        (0..500).map(|number| format!("line {number} {}", if number == 42 { "panic: lost" } else { "" }));
    let lines = lines.map(|line| line.as_str().into()).collect();
    see(&mut state, Observation::LogLines { pod: log.pod.clone(), lines, dropped: 7 });
    let shown = text(&state, &ui, 80, 24);
    assert!(shown.contains("line 499") && shown.contains("7 dropped") && shown.contains("live"), "{shown}");

    press(&mut ui, &state, "up");
    assert!(text(&state, &ui, 80, 24).contains("not following"));
    for key in ["/", "p", "a", "n", "i", "c", "enter", "n"] {
        press(&mut ui, &state, key);
    }
    assert_eq!(ui.screen, ScreenId::Pods, "n searches here and chooses no namespaces");
    let shown = text(&state, &ui, 80, 24);
    assert!(shown.contains("▸line 42 panic: lost"), "{shown}");
    press(&mut ui, &state, "end");
    assert!(ui.page.as_ref().unwrap().follow);
    press(&mut ui, &state, "esc");
    assert!(ui.page.is_none() && ui.log.is_none());
    assert_eq!(ui.screen, ScreenId::Pods, "Esc closes the page and nothing else");
}

#[test]
fn another_run_of_a_pod_begins_with_an_empty_log() {
    let (mut state, target) = recorded("stuck-crashloop");
    let log = LogOf { namespace: target.namespace, pod: Name::new("x"), container: None, previous: false };
    let look = |state: &mut crate::core::State, log: LogOf| {
        let intent = Intent::Look(crate::core::event::Look { log: Some(log), ..Default::default() });
        let event = Event::Intent(intent);
        update(state, Stamped { at: later(), id: FreshId(1 << 80), event });
    };
    look(&mut state, log.clone());
    see(&mut state, Observation::LogLines { pod: log.pod.clone(), lines: vec!["now".into()], dropped: 0 });
    look(&mut state, LogOf { previous: true, ..log });
    assert!(state.world.log.is_none());
}

#[test]
fn the_last_words_of_an_ill_pod_are_read_without_a_key() {
    let (state, _) = recorded("stuck-crashloop");
    let mut ui = at(&state, ScreenId::Pods, "down up");
    let looked = ui.looked.take().unwrap();
    assert!(looked.log.is_some_and(|log| !log.previous) && looked.events && !looked.pods_in_bulk);
    let (state, _) = recorded("stuck-image-deadline-exceeded");
    let ui = at(&state, ScreenId::Pods, "down");
    assert_eq!(ui.looked.unwrap().log, None, "a pod that never ran has no log to ask for");
}

#[test]
fn the_cursor_stays_with_its_pod_and_rows_keep_their_places() {
    let (mut state, target) = recorded("stuck-crashloop");
    let mut ui = at(&state, ScreenId::Pods, "down down down");
    let chosen = ui.panes[&ScreenId::Pods].object.clone().unwrap();
    let before = order_of_rows(&text(&state, &ui, 120, 40));
    // the pod under the cursor falls ill: it would be among the first rows
    make_ill(&mut state, &target, &chosen);
    assert_eq!(order_of_rows(&text(&state, &ui, 120, 40)), before, "rows stand still after a key");
    state.now += chrono::Duration::seconds(11);
    assert_ne!(order_of_rows(&text(&state, &ui, 120, 40)), before, "and find their places later");
    press(&mut ui, &state, "y");
    let of = DocumentOf::Pod { namespace: target.namespace, name: Name::new(chosen) };
    assert_eq!(ui.page.unwrap().of, PageOf::Document(of));
}

#[test]
fn a_pod_of_the_long_table_opens_with_its_own_namespace() {
    let (mut state, _) = recorded("complete");
    state.world.scope = Scope::All;
    pod_table(&mut state, 1000);
    let mut ui = at(&state, ScreenId::Pods, "tab");
    assert!(ui.looked.as_ref().unwrap().pods_in_bulk);
    for key in ["/", "0", "0", "0", "4", "2", "enter"] {
        press(&mut ui, &state, key);
    }
    assert!(text(&state, &ui, 120, 40).contains("/00042  1 shown"));
    let answer = press(&mut ui, &state, "enter");
    let name = Name::new("load-0000-6d9c8f7b4-00042");
    let of = DocumentOf::Pod { namespace: Namespace::new("shop"), name };
    assert!(answer.intents.contains(&Intent::Read(of)), "{answer:?}");
}

#[test]
fn an_item_is_ticked_with_what_it_needs_and_taken_back_with_a_reason() {
    let mut state = fixture::stuck();
    state.settings.plan = Some(Arc::new(plan()));
    let mut ui = at(&state, ScreenId::Checklist, "x");
    assert!(
        matches!(&ui.prompt.as_ref().unwrap().asks, Asks::Tick { item, .. } if item.as_str() == "backup")
    );
    press(&mut ui, &state, "esc");
    press(&mut ui, &state, "down");
    press(&mut ui, &state, "down");
    let answer = press(&mut ui, &state, "x");
    let tick = Intent::Tick { item: ItemId::new("freeze"), evidence: None };
    assert!(answer.intents.contains(&tick), "needs nothing: {answer:?}");

    state.desk.pending.push(Fact::ItemTicked { item: ItemId::new("freeze"), evidence: None });
    press(&mut ui, &state, "x");
    assert!(ui.prompt.is_none(), "nothing more before the journal has answered");
    state.desk.pending.clear();
    enter(&mut state, vec![("lead", Fact::ItemTicked { item: ItemId::new("freeze"), evidence: None })]);
    press(&mut ui, &state, "x");
    assert!(matches!(ui.prompt.unwrap().asks, Asks::Reopen { .. }));
}

#[test]
fn a_frozen_picture_stays_while_data_goes_on() {
    let mut state = fixture::measured();
    let mut ui = at(&state, ScreenId::Signals, "f");
    let before = text(&state, &ui, 80, 24);
    assert!(before.contains("FROZEN at 03:14:04"), "{before}");
    patchy(&mut state);
    assert_eq!(text(&state, &ui, 80, 24).lines().nth(4), before.lines().nth(4));
    press(&mut ui, &state, "f");
    assert!(text(&state, &ui, 80, 24).contains("too few requests"));
    press(&mut ui, &state, "w");
    assert!(text(&state, &ui, 80, 24).contains("last 10 m"));
}

#[test]
fn the_cursor_of_the_timeline_stays_with_its_entry() {
    let mut state = fixture::stuck();
    enter(&mut state, story(&fixture::target("api")));
    let ui = at(&state, ScreenId::Timeline, "down down");
    let marked = |state: &crate::core::State| {
        let shown = text(state, &ui, 80, 24);
        shown.lines().find(|line| line.starts_with('▸')).unwrap().to_owned()
    };
    let before = marked(&state);
    state.desk.pending.push(Fact::Noted { text: "one more".into() });
    assert_eq!(marked(&state), before);
    assert!(
        text(&state, &ui, 80, 24).contains("○ one more") || text(&state, &ui, 80, 24).contains("on the way")
    );
}

#[test]
fn tab_goes_through_all_parts_of_a_rollout_and_back_to_the_first() {
    let (state, _) = recorded("stuck-crashloop");
    let mut ui = at(&state, ScreenId::Rollout, "");
    let title = |ui: &crate::ui::UiState| {
        let shown = text(&state, ui, 120, 60);
        let line = shown.lines().find(|line| line.starts_with("── ▸")).unwrap().to_owned();
        line.trim_end_matches('─').to_owned()
    };
    let mut seen = vec![title(&ui)];
    loop {
        press(&mut ui, &state, "tab");
        let next = title(&ui);
        if next == seen[0] {
            break;
        }
        assert!(!seen.contains(&next), "{seen:?} {next}");
        seen.push(next);
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
}
