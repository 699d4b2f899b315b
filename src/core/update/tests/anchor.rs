//! The journal's head is recorded outside: at each act, every minute while facts come, and never where nothing may be
//! written.

use crate::core::effect::{Effect, TimerId};
use crate::core::event::{Event, Intent, Receipt};
use crate::core::settings::Settings;
use crate::model::act::Act;
use crate::model::recorded;
use crate::model::request::Outcome;

use super::console::{Console, settings};

/// Numbers of the heads that were to be anchored so far.
fn anchored(console: &Console) -> Vec<u64> {
    let head = |effect: &Effect| match effect {
        Effect::Anchor { head, .. } => Some(head.0),
        _ => None,
    };
    console.effects.iter().filter_map(head).collect()
}

fn seconds(console: &mut Console, count: i64) {
    for _ in 0..count {
        console.pass(1_000);
        console.timer(TimerId::Second);
    }
}

fn answer(console: &mut Console, outcome: Outcome) {
    let seq = *anchored(console).last().unwrap();
    console.send(Event::Receipt(Receipt::Anchored { seq, outcome }));
}

#[test]
fn an_act_is_anchored_at_once_and_other_facts_within_a_minute() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.intend(Intent::Note("watching".into()));
    seconds(&mut console, 59);
    assert!(anchored(&console).is_empty());
    seconds(&mut console, 1);
    let first = console.state.session.head.0;
    assert_eq!(anchored(&console), [first]);
    answer(&mut console, Outcome::Applied { code: 200 });
    seconds(&mut console, 200);
    assert_eq!(anchored(&console), [first], "nothing came since");

    console.intend(Intent::Propose { target, act: Act::Hold });
    seconds(&mut console, 1);
    assert_eq!(anchored(&console), [first, console.state.session.head.0]);
    seconds(&mut console, 200);
    assert_eq!(anchored(&console).len(), 2, "one at a time");
}

#[test]
fn a_cluster_that_refuses_is_left_alone_for_a_while() {
    let mut console = Console::new();
    console.arm();
    seconds(&mut console, 1);
    let message = "configmaps is forbidden".into();
    answer(&mut console, Outcome::Rejected { code: 403, reason: "Forbidden".into(), message });
    for _ in 0..9 {
        console.intend(Intent::Note("more".into()));
        seconds(&mut console, 60);
    }
    assert_eq!(anchored(&console).len(), 1);
    assert!(console.state.desk.anchor.refused.is_some());
    seconds(&mut console, 60);
    assert_eq!(anchored(&console).len(), 2);
}

#[test]
fn nothing_is_anchored_where_nothing_is_written() {
    let mut console = Console::with(Settings { read_only: true, ..settings() });
    console.intend(Intent::Note("watching".into()));
    seconds(&mut console, 200);
    assert!(anchored(&console).is_empty());
}
