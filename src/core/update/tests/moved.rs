//! Several consoles in one session: facts that were on their way when somebody else wrote are judged again.

use crate::core::effect::Effect;
use crate::core::event::Intent;
use crate::model::act::Act;
use crate::model::fact::{Author, Fact};
use crate::model::ids::ShortName;
use crate::model::outline::Want;
use crate::model::proof::Proof;
use crate::model::recorded;
use crate::model::target::Target;

use super::console::{Console, author};

fn other() -> Author {
    Author { kube_user: "lead".into(), pid: 9, ..author() }
}

/// An armed console whose `y` on a scaling is on its way to the journal.
fn confirmed() -> (Console, Target) {
    let (set, known) = recorded::deployment("complete");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.arm();
    console.sheet(&target, Act::Scale { replicas: 2 });
    console.journaling = false;
    console.intend(Intent::Confirm { typed: None });
    assert!(matches!(console.state.desk.pending.last(), Some(Fact::Authorised { .. })));
    (console, target)
}

/// Facts of the last append, and the round they belong to.
fn last_append(console: &Console) -> (Vec<Fact>, u64, u64) {
    let appends = console.effects.iter().rev().filter_map(|effect| match effect {
        Effect::Append { facts, head, round } => Some((facts.clone(), head.0, *round)),
        _ => None,
    });
    appends.take(1).next().unwrap()
}

#[test]
fn what_still_stands_goes_out_again_judged_by_the_new_head() {
    let (mut console, _) = confirmed();
    console.intend(Intent::Note("beside it".into()));
    let (_, head, round) = last_append(&console);
    console.overtaken(&other(), &Fact::Noted { text: "hello".into() });
    let (facts, new_head, new_round) = last_append(&console);
    assert!(matches!(facts.as_slice(), [Fact::Authorised { .. }, Fact::Noted { .. }]), "{facts:?}");
    assert_eq!((new_head, new_round), (head + 1, round + 1));
    assert_eq!(console.state.desk.pending.len(), 2, "once each");
    assert!(console.sent().is_empty());
}

#[test]
fn an_act_falls_when_control_went_to_somebody_else_and_the_winner_is_named() {
    let (mut console, _) = confirmed();
    console.overtaken(&other(), &Fact::ControlTaken { short_name: ShortName::new("prod-eu") });
    assert!(
        console.notice().contains("console of lead (process 9 on jump) was first"),
        "{}",
        console.notice()
    );
    assert!(console.notice().contains("took control"), "{}", console.notice());
    let goal = console.state.desk.goals.values().next().unwrap();
    assert!(matches!(goal.proof, Proof::Impossible { .. }));
    assert!(console.sent().is_empty());
    let (facts, ..) = last_append(&console);
    assert!(matches!(facts.as_slice(), [Fact::Refused { .. }]), "{facts:?}");
}

#[test]
fn an_act_falls_when_another_console_confirmed_one_on_the_same_workload() {
    let (mut console, target) = confirmed();
    let authorised = Fact::Authorised {
        act: "0000".into(),
        what: Act::Scale { replicas: 9 },
        target: target.clone(),
        uid: console.state.world.view(&target).unwrap().uid.clone(),
        title: "Scale app from 4 to 9 pods".into(),
        want: Want::Replicas { replicas: 9 },
        away_from: None,
        digest: String::new(),
    };
    console.overtaken(&other(), &authorised);
    assert!(console.notice().contains("Scale app from 4 to 9 pods"), "{}", console.notice());
    assert!(console.sent().is_empty());
}

#[test]
fn after_three_lost_rounds_an_act_that_raises_risk_is_refused() {
    let (mut console, _) = confirmed();
    for round in 1..=3 {
        assert!(console.state.desk.goals.values().all(crate::core::goal::Goal::open), "round {round}");
        console.overtaken(&other(), &Fact::Noted { text: "again".into() });
    }
    assert!(console.notice().contains("was first: wrote: note: again"), "{}", console.notice());
    assert!(console.state.desk.goals.values().all(|goal| !goal.open()));
}

#[test]
fn what_lowers_risk_has_left_and_its_record_is_never_given_up() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.journaling = false;
    console.intend(Intent::Propose { target, act: Act::Hold });
    assert_eq!(console.sent().len(), 1);
    for _ in 0..9 {
        console.overtaken(&other(), &Fact::Noted { text: "again".into() });
    }
    let (facts, ..) = last_append(&console);
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Authorised { .. })));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Sending { .. })));
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn a_session_is_opened_once_and_control_goes_to_whoever_was_first() {
    let mut console = Console::new();
    console.journaling = false;
    console.intend(Intent::TakeControl { typed: "prod-eu".into() });
    let opened = console.state.desk.pending[0].clone();
    assert!(matches!(opened, Fact::SessionOpened { .. }));
    console.overtaken(&other(), &opened);
    console.overtaken(&other(), &Fact::ControlTaken { short_name: ShortName::new("prod-eu") });
    let pending = &console.state.desk.pending;
    assert!(matches!(pending.as_slice(), [Fact::ConsoleStarted { .. }]), "{pending:?}");
    assert!(console.notice().contains("T takes it over"), "{}", console.notice());
}
