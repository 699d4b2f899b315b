use std::sync::Arc;

use super::fixture::*;
use crate::model::act::Act;
use crate::model::fact::Fact;
use crate::ui::fixture::{self, picture, text};
use crate::ui::screens::ScreenId;

#[test]
fn rollout_of_a_stuck_update() {
    let (mut state, target) = recorded("stuck-crashloop");
    let pod = first_pod(&state, &target);
    events(&mut state, &target, &pod);
    insta::assert_snapshot!(pictures(&state, &at(&state, ScreenId::Rollout, "down")));
}

#[test]
fn rollout_under_way_held_and_done() {
    for situation in ["progressing", "paused-mid-update", "complete"] {
        let (mut state, target) = recorded(situation);
        let pod = first_pod(&state, &target);
        events(&mut state, &target, &pod);
        let ui = at(&state, ScreenId::Rollout, "");
        insta::assert_snapshot!(format!("rollout_{situation}"), picture(&state, &ui, 80, 24));
    }
}

#[test]
fn rollout_of_a_canary_at_a_step() {
    let mut state = fixture::measured();
    fixture::add(&mut state, fixture::canary("api"), fixture::now());
    insta::assert_snapshot!(pictures(&state, &at(&state, ScreenId::Rollout, "")));
}

#[test]
fn pods_of_a_stuck_update() {
    let (mut state, target) = recorded("stuck-image-deadline-exceeded");
    let pod = first_pod(&state, &target);
    events(&mut state, &target, &pod);
    insta::assert_snapshot!(pictures(&state, &at(&state, ScreenId::Pods, "")));
}

#[test]
fn many_pods_are_strips_of_glyphs() {
    let (mut state, target) = recorded("stuck-crashloop");
    many(&mut state, &target, 40);
    let ui = at(&state, ScreenId::Pods, "");
    insta::assert_snapshot!(picture(&state, &ui, 80, 24));
}

#[test]
fn all_pods_in_view() {
    let (mut state, _) = recorded("complete");
    state.world.scope = crate::model::target::Scope::All;
    pod_table(&mut state, 2000);
    insta::assert_snapshot!(pictures(&state, &at(&state, ScreenId::Pods, "tab down down")));
}

#[test]
fn signals_measured() {
    let mut state = fixture::measured();
    changed(&mut state, &fixture::target("api"), 5, "registry.example.com/api:1.8.3");
    insta::assert_snapshot!(pictures(&state, &at(&state, ScreenId::Signals, "")));
}

#[test]
fn signals_that_are_missing_say_why() {
    let mut state = fixture::measured();
    patchy(&mut state);
    let shown = text(&state, &at(&state, ScreenId::Signals, "down down"), 120, 40);
    for word in ["stale 2 m", "no requests", "query failed", "no data", "too few requests", "cannot tell"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let state = fixture::stuck();
    let shown = text(&state, &at(&state, ScreenId::Signals, ""), 80, 24);
    assert!(shown.contains("no metrics source: --prometheus URL"), "{shown}");
}

#[test]
fn a_journal_with_all_kinds_of_news() {
    let mut state = fixture::stuck();
    enter(&mut state, story(&fixture::target("api")));
    state.desk.pending.push(Fact::Noted { text: "rolling back now".into() });
    insta::assert_snapshot!(pictures(&state, &at(&state, ScreenId::Timeline, "down down down")));
}

#[test]
fn a_plan_half_done() {
    let mut state = fixture::stuck();
    enter(&mut state, story(&fixture::target("api")));
    state.settings.plan = Some(Arc::new(plan()));
    insta::assert_snapshot!(pictures(&state, &at(&state, ScreenId::Checklist, "down")));
}

#[test]
fn a_page_of_a_pod_shows_its_events_and_the_object() {
    let (mut state, target) = recorded("stuck-crashloop");
    let ui = at(&state, ScreenId::Pods, "enter");
    let Some(crate::ui::screens::PageOf::Pod { name, .. }) = ui.page.as_ref().map(|page| &page.of) else {
        panic!("{:?}", ui.page)
    };
    events(&mut state, &target, name.as_str());
    document(&mut state, &format!("Pod/{name} in {}", target.namespace), "apiVersion: v1\nkind: Pod");
    let shown = text(&state, &ui, 100, 60);
    for word in ["exit code 1", "Failed (14 times): Error: ImagePullBackOff", "kind: Pod"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
}

#[test]
fn old_data_says_its_age_on_every_screen() {
    let (mut state, _) = recorded("progressing");
    state.now += chrono::Duration::seconds(40);
    for screen in [ScreenId::Rollout, ScreenId::Pods] {
        let shown = text(&state, &at(&state, screen, ""), 80, 24);
        let body: Vec<&str> = shown.lines().skip(2).collect();
        assert!(body.iter().any(|line| line.contains("STALE 40 s")), "{shown}");
    }
    let mut state = fixture::measured();
    state.now += chrono::Duration::seconds(40);
    let shown = text(&state, &at(&state, ScreenId::Signals, ""), 80, 24);
    assert!(shown.lines().skip(2).any(|line| line.contains("STALE 40 s")), "{shown}");
}

#[test]
fn ascii_draws_nothing_else() {
    let mut state = fixture::measured();
    enter(&mut state, story(&fixture::target("api")));
    state.settings.plan = Some(Arc::new(plan()));
    let skin = crate::ui::Skin { ascii: true, ..crate::ui::Skin::plain() };
    for screen in
        [ScreenId::Rollout, ScreenId::Pods, ScreenId::Signals, ScreenId::Checklist, ScreenId::Timeline]
    {
        let buffer = fixture::drawn(&state, &at(&state, screen, ""), &skin, 120, 40);
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()), "{screen:?}");
    }
}

#[test]
fn a_workload_that_is_only_listed_says_what_drives_it() {
    let mut state = fixture::empty();
    state.world.streams.clear();
    let target = listed(&mut state);
    let mut ui = at(&state, ScreenId::Rollout, "");
    ui.select(target);
    insta::assert_snapshot!(picture(&state, &ui, 80, 24));
}

#[test]
fn an_act_in_hand_stands_beside_what_it_changes() {
    let mut state = fixture::stuck();
    let goal = fixture::goal(Act::RollBack { to: None }, "api");
    state.desk.goals.insert(goal.act.clone(), goal);
    let mut ui = at(&state, ScreenId::Rollout, "");
    ui.select(fixture::target("api"));
    let shown = text(&state, &ui, 120, 40);
    for word in ["Acts in hand", "Roll back api to 1.8.2", "controller saw it 0.9 s", "7 of 9 pods are ready"]
    {
        assert!(shown.contains(word), "{word}: {shown}");
    }
}
