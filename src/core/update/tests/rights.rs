//! Rights that are asked ahead: keys are grey before they are pressed, and not for longer than the cluster says so.

use crate::core::effect::{Effect, TimerId};
use crate::core::event::{Event, Intent, Look};
use crate::core::rights;
use crate::model::access::{AccessAnswer, AccessQuery};
use crate::model::act::{Act, ActKind};
use crate::model::observation::Observation;
use crate::model::recorded;
use crate::model::request::Outcome;
use crate::model::target::Target;

use super::console::{Console, settings};

fn reviews(effects: &[Effect]) -> Vec<AccessQuery> {
    let review = |effect: &Effect| match effect {
        Effect::Review(query) => Some(query.clone()),
        _ => None,
    };
    effects.iter().filter_map(review).collect()
}

/// A workload that moves and is selected, with the questions that this raised.
fn selected() -> (Console, Target, Vec<AccessQuery>) {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    let effects = console.intend(Intent::Look(Look { selected: Some(target.clone()), ..Look::default() }));
    (console, target, reviews(&effects))
}

fn answer(console: &mut Console, query: &AccessQuery, allowed: bool) {
    let answer = AccessAnswer { allowed, reason: "".into(), asked: console.state.now };
    console.see(Observation::Access { query: query.clone(), answer });
}

#[test]
fn what_is_selected_is_asked_about_before_a_key_is_pressed_and_a_missing_right_is_known() {
    let (mut console, target, asked) = selected();
    let names: Vec<String> = asked.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["patch deployments", "patch deployments/scale"], "each right once");
    assert!(asked.iter().all(|query| query.name == target.name), "rights may hang on names");
    assert!(reviews(&console.timer(TimerId::Second)).is_empty(), "not again while it is on its way");
    assert_eq!(rights::denied(&console.state, &target, ActKind::Hold), None, "not known is not grey");

    answer(&mut console, &asked[0], false);
    answer(&mut console, &asked[1], true);
    assert!(rights::denied(&console.state, &target, ActKind::Hold).is_some());
    assert!(rights::denied(&console.state, &target, ActKind::RollBack).is_some());
    assert_eq!(rights::denied(&console.state, &target, ActKind::Scale), None);
    console.intend(Intent::Propose { target, act: Act::Hold });
    assert!(console.sent().is_empty());
    let line = console.state.desk.hold.as_ref().unwrap().line.to_string();
    assert!(line.starts_with("hold is local only: Kubernetes will go on"), "{line}");
}

#[test]
fn a_missing_right_stays_said_on_the_sheet_when_other_answers_come() {
    let (mut console, target, asked) = selected();
    answer(&mut console, &asked[0], false);
    console.intend(Intent::Propose { target, act: Act::RollBack { to: None } });
    let id = console.state.desk.sheet.as_ref().map(|sheet| sheet.id);
    assert!(console.state.desk.sheet.as_ref().unwrap().outline.is_ok(), "worth reading all the same");
    console.send(Event::Drawn { sheet: id });
    console.intend(Intent::Confirm { typed: None });
    answer(&mut console, &asked[0], false);
    answer(&mut console, &asked[1], true);
    let complaint = console.state.desk.sheet.as_ref().unwrap().complaint.clone().unwrap();
    assert!(complaint.as_str().starts_with("no permission: patch deployments"), "{complaint}");
    assert!(console.sent().is_empty());
}

#[test]
fn a_right_is_asked_for_again_within_a_minute_and_a_refusal_sooner() {
    let (mut console, target, asked) = selected();
    answer(&mut console, &asked[0], false);
    answer(&mut console, &asked[1], true);
    console.pass(9_000);
    assert!(reviews(&console.timer(TimerId::Second)).is_empty());
    console.pass(1_000);
    assert_eq!(reviews(&console.timer(TimerId::Second)), [asked[0].clone()]);
    answer(&mut console, &asked[0], true);
    assert_eq!(rights::denied(&console.state, &target, ActKind::Hold), None, "given back");
    console.pass(35_000);
    assert_eq!(reviews(&console.timer(TimerId::Second)), [asked[1].clone()]);
    console.pass(10_000);
    assert!(reviews(&console.timer(TimerId::Second)).contains(&asked[0]));
    assert!(reviews(&console.timer(TimerId::Second)).is_empty());
}

#[test]
fn the_first_403_counts_unless_a_webhook_said_it() {
    let rbac = r#"deployments.apps "app" is forbidden: User "ops-1" cannot patch resource "deployments" in API group "apps" in the namespace "fx""#;
    let webhook = r#"admission webhook "freeze.example.com" denied the request: change freeze"#;
    for (message, grey) in [(rbac, true), (webhook, false)] {
        let (mut console, target, asked) = selected();
        for query in &asked {
            answer(&mut console, query, true);
        }
        console.intend(Intent::Propose { target: target.clone(), act: Act::Hold });
        let reason = "Forbidden".into();
        console.answer(Outcome::Rejected { code: 403, reason, message: message.into() });
        let denied = rights::denied(&console.state, &target, ActKind::RollBack);
        assert_eq!(denied.is_some(), grey, "{message}");
        let line = console.state.desk.hold.as_ref().unwrap().line.to_string();
        assert!(line.contains("Kubernetes will go on"), "{line}");
    }
}

#[test]
fn a_refusal_that_cannot_be_asked_about_any_more_keeps_nobody_from_trying() {
    let (mut console, target, asked) = selected();
    answer(&mut console, &asked[0], false);
    console.pass(61_000);
    console.intend(Intent::Propose { target, act: Act::Hold });
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn nothing_is_asked_where_nothing_will_be_sent() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::with(crate::core::settings::Settings { read_only: true, ..settings() });
    let target = console.show_whole(&set, &known);
    console.intend(Intent::Look(Look { selected: Some(target), ..Look::default() }));
    console.timer(TimerId::Second);
    assert!(reviews(&console.effects).is_empty());
}
