//! Acts from the key to the proof.

use crate::core::effect::{Effect, TimerId};
use crate::core::event::Intent;
use crate::model::act::Act;
use crate::model::fact::Fact;
use crate::model::observation::{Observation, StreamKey, StreamState};
use crate::model::proof::Proof;
use crate::model::recorded;
use crate::model::request::Outcome;

use super::console::Console;

#[test]
fn a_hold_is_sent_at_once_and_proven_when_it_has_held_for_three_seconds() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.intend(Intent::Propose { target: target.clone(), act: Act::Hold });
    assert_eq!(console.sent().len(), 1, "no sheet, no arming");
    console.answer(Outcome::Applied { code: 200 });
    let mut held = set.clone();
    recorded::edit(&mut held).spec.paused = true;
    console.pass(200);
    console.show(&held);
    let act = console.sent()[0].0.act.clone();
    assert!(console.state.desk.goals[&act].open(), "accepted is not done");
    console.pass(2_900);
    console.alive(&target);
    console.timer(TimerId::Goal(act.clone()));
    assert!(console.state.desk.goals[&act].open(), "it must hold without a break");
    console.pass(200);
    console.timer(TimerId::Goal(act.clone()));
    assert!(matches!(console.state.desk.goals[&act].proof, Proof::Proven { .. }));
    assert!(console.facts().iter().any(|fact| matches!(fact, Fact::Proven { .. })));
    assert_eq!(console.sent().len(), 1, "one key, one request");
}

#[test]
fn what_raises_risk_needs_control_a_drawn_sheet_and_the_journal_in_that_order() {
    let (set, known) = recorded::deployment("complete");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.intend(Intent::Propose { target: target.clone(), act: Act::Scale { replicas: 2 } });
    assert!(console.state.desk.sheet.is_none());
    assert!(console.notice().contains("needs control: T"), "{}", console.notice());

    console.intend(Intent::TakeControl { typed: "prod".into() });
    assert!(console.state.session.control.is_none(), "the whole short name is typed");
    console.arm();
    console.intend(Intent::Propose { target: target.clone(), act: Act::Scale { replicas: 2 } });
    console.intend(Intent::Confirm { typed: None });
    assert!(console.sent().is_empty(), "keys count only after the sheet was drawn");
    console.sheet(&target, Act::Scale { replicas: 2 });

    console.journaling = false;
    console.intend(Intent::Confirm { typed: None });
    assert!(console.sent().is_empty(), "nothing leaves before its fact is in the journal");
    let pending = console.state.desk.pending.clone();
    assert!(matches!(pending.last(), Some(Fact::Authorised { .. })));
}

#[test]
fn an_armed_act_is_sent_once_after_its_sending_fact() {
    let (set, known) = recorded::deployment("complete");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.arm();
    console.sheet(&target, Act::Scale { replicas: 2 });
    console.intend(Intent::Confirm { typed: None });
    assert_eq!(console.sent().len(), 1);
    let sending = console.facts().iter().position(|fact| matches!(fact, Fact::Sending { .. }));
    let authorised = console.facts().iter().position(|fact| matches!(fact, Fact::Authorised { .. }));
    assert!(authorised.is_some() && authorised < sending);
    // y again, and timers, and news: still one
    console.intend(Intent::Confirm { typed: None });
    console.answer(Outcome::Unknown { why: "timeout".into() });
    console.pass(60_000);
    console.show(&set);
    assert_eq!(console.sent().len(), 1, "an unknown outcome is read back, never sent again");
    assert!(console.facts().iter().any(|fact| matches!(fact, Fact::Unproven { .. })));
}

#[test]
fn stale_data_locks_what_raises_risk_and_nothing_else() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.arm();
    console.pass(16_000);
    console.intend(Intent::Propose {
        target: target.clone(),
        act: Act::SetImage { container: None, image: "img:v9".into() },
    });
    assert!(console.notice().contains("16 s old"), "{}", console.notice());
    console.intend(Intent::Propose { target, act: Act::Hold });
    assert_eq!(console.sent().len(), 1);
    let bar = console.state.desk.hold.as_ref().unwrap();
    assert!(bar.line.as_str().contains("data 16 s old"), "{}", bar.line);
}

#[test]
fn a_clock_that_is_off_by_seconds_locks_what_raises_risk_and_says_so() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.arm();
    let image = Act::SetImage { container: None, image: "img:v9".into() };
    for (millis, word) in [(-5_001, "5.0 s behind the API server's"), (7_200, "7.2 s ahead of")] {
        console.see(Observation::ClockAhead { millis });
        console.intend(Intent::Propose { target: target.clone(), act: image.clone() });
        assert!(console.notice().contains(word), "{}", console.notice());
        assert!(console.state.desk.sheet.is_none());
    }
    console.intend(Intent::Propose { target: target.clone(), act: Act::Hold });
    assert_eq!(console.sent().len(), 1, "what lowers risk goes out");
    console.see(Observation::ClockAhead { millis: 4_000 });
    console.intend(Intent::Propose { target, act: image });
    assert!(console.state.desk.sheet.is_some());
    assert!(console.state.world.clock_is_off().is_some(), "said, but no reason to wait");
}

#[test]
fn what_is_listed_in_turn_is_as_old_as_its_list() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    let namespace = target.namespace.clone();
    let at = console.state.now;
    console.see(Observation::NamespaceListed { namespace: namespace.clone(), at: Some(at) });
    console.arm();
    console.pass(40_000);
    // the watch of its kind elsewhere lives, and tells nothing about it
    console.alive(&target);
    assert_eq!(console.state.world.stale_target(&target, console.state.now), Some(40));
    let image = Act::SetImage { container: None, image: "img:v9".into() };
    console.intend(Intent::Propose { target: target.clone(), act: image });
    assert!(console.notice().contains("40 s old"), "{}", console.notice());
    console.see(Observation::NamespaceListed { namespace, at: None });
    assert_eq!(console.state.world.stale_target(&target, console.state.now), None);
}

#[test]
fn nothing_settles_while_nothing_can_be_seen() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.intend(Intent::Propose { target: target.clone(), act: Act::Hold });
    console.answer(Outcome::Applied { code: 200 });
    let mut held = set.clone();
    recorded::edit(&mut held).spec.paused = true;
    console.show(&held);
    let act = console.sent()[0].0.act.clone();
    console.pass(20_000);
    console.timer(TimerId::Goal(act.clone()));
    assert!(matches!(console.state.desk.goals[&act].proof, Proof::Unknown { .. }));
    console.see(Observation::Stream { key: StreamKey::Kind(target.kind), state: StreamState::Alive });
    console.timer(TimerId::Goal(act.clone()));
    assert!(matches!(console.state.desk.goals[&act].proof, Proof::Pending { .. }), "settling begins anew");
}

#[test]
fn a_sheet_is_voided_by_another_target_and_not_by_noise() {
    let (set, mut known) = recorded::deployment("stuck-image-before-deadline");
    recorded::seen(&set, &mut known, "66c4456dbf", 1);
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.sheet(&target, Act::RollBack { to: None });
    let mut noise = set.clone();
    recorded::edit(&mut noise).spec.replicas = Some(9);
    recorded::edit(&mut noise).metadata.generation += 3;
    console.show(&noise);
    assert!(console.state.desk.sheet.as_ref().unwrap().voided.is_none(), "an autoscaler voids nothing");
    let mut other = set.clone();
    recorded::edit(&mut other).metadata.uid = "another-life".into();
    console.show(&other);
    assert!(console.state.desk.sheet.as_ref().unwrap().voided.is_some());
    console.intend(Intent::Confirm { typed: None });
    assert!(console.sent().is_empty());
}

#[test]
fn scaling_to_nothing_wants_the_short_name_typed() {
    let (set, known) = recorded::deployment("complete");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.arm();
    console.sheet(&target, Act::Scale { replicas: 0 });
    console.intend(Intent::Confirm { typed: None });
    assert!(console.sent().is_empty());
    let complaint = console.state.desk.sheet.as_ref().unwrap().complaint.clone().unwrap();
    assert_eq!(complaint.as_str(), "type prod-eu to confirm");
    console.intend(Intent::Confirm { typed: Some("prod-eu".into()) });
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn read_only_lets_nothing_out() {
    let (set, known) = recorded::deployment("progressing");
    let settings = crate::core::settings::Settings { read_only: true, ..super::console::settings() };
    let mut console = Console::with(settings);
    let target = console.show_whole(&set, &known);
    for act in [Act::Hold, Act::RollBack { to: None }, Act::Scale { replicas: 1 }] {
        console.intend(Intent::Propose { target: target.clone(), act });
        assert!(console.notice().starts_with("read-only"), "{}", console.notice());
    }
    console.intend(Intent::StopNow { only: Vec::new() });
    console.intend(Intent::Bang { burst: 1 });
    let writes = |effect: &&Effect| {
        matches!(effect, Effect::Apply { .. } | Effect::DryRun { .. } | Effect::Latch { .. })
    };
    assert_eq!(console.effects.iter().filter(writes).count(), 0);
}

#[test]
fn the_journal_gone_a_hold_still_goes_out_and_is_recorded_elsewhere() {
    let (set, known) = recorded::deployment("progressing");
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.arm();
    console.journaling = false;
    console.intend(Intent::Propose { target: target.clone(), act: Act::Hold });
    assert_eq!(console.sent().len(), 1);
    let facts = console.state.desk.pending.len();
    console.send(crate::core::Event::Receipt(crate::core::Receipt::AppendFailed {
        facts,
        why: "no space left on device".into(),
    }));
    assert!(console.effects.iter().any(|effect| matches!(effect, Effect::SecondSink { .. })));
    let sinks = |console: &Console| {
        console.effects.iter().filter(|effect| matches!(effect, Effect::SecondSink { .. })).count()
    };
    let before = sinks(&console);
    // what is done while the journal is known to be gone as well
    console.intend(Intent::StopNow { only: Vec::new() });
    assert!(sinks(&console) > before, "{:?}", console.effects);
    let image = Act::SetImage { container: None, image: "img:v9".into() };
    console.intend(Intent::Propose { target, act: image });
    assert!(console.notice().contains("no space left"), "{}", console.notice());
}
