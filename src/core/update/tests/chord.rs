//! The chord: what fires the stop, and everything that looks like it and must not.

use crate::core::effect::{Effect, TimerId};
use crate::core::event::{Intent, Look};
use crate::model::fact::Fact;
use crate::model::observation::Observation;
use crate::model::outline::Want;
use crate::model::recorded;
use crate::model::request::Outcome;
use crate::model::target::{Scope, Target};

use super::console::Console;

fn moving() -> (Console, Target) {
    let (set, mut known) = recorded::deployment("stuck-image-before-deadline");
    recorded::seen(&set, &mut known, "66c4456dbf", 1);
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    (console, target)
}

fn silence(console: &mut Console) {
    console.pass(201);
    if let Some(bar) = &console.state.desk.stop {
        let timer = TimerId::ChordSilence(bar.id);
        console.timer(timer);
    }
}

#[test]
fn two_separate_keys_and_silence_fire_one_request_for_each_moving_workload() {
    let (mut console, target) = moving();
    console.intend(Intent::Bang { burst: 1 });
    let bar = console.state.desk.stop.as_ref().unwrap();
    assert_eq!(bar.rows.len(), 1);
    console.pass(600);
    console.intend(Intent::Bang { burst: 2 });
    assert!(console.sent().is_empty(), "not before the silence is over");
    silence(&mut console);
    assert_eq!(console.sent().len(), 1);
    let goal = console.state.desk.goals.values().next().unwrap();
    assert_eq!(goal.target, target);
    assert!(matches!(goal.want, Want::Serving { .. }));
    assert!(console.effects.iter().any(|effect| matches!(effect, Effect::Latch { set: true, .. })));
    assert!(console.facts().iter().any(|fact| matches!(fact, Fact::StopLatched { .. })));
}

#[test]
fn a_held_key_a_paste_and_history_expansion_never_fire() {
    for (gap, same_burst) in [(33, false), (90, false), (11, false), (400, true)] {
        let (mut console, _) = moving();
        for press in 0..200_u64 {
            let burst = if same_burst { 1 } else { press };
            console.intend(Intent::Bang { burst });
            console.pass(gap);
            // the timer of a silence that the next key broke runs out late
            if let Some(bar) = console.state.desk.stop.as_ref().map(|bar| bar.id) {
                console.timer(TimerId::ChordSilence(bar));
            }
        }
        assert!(console.sent().is_empty(), "every {gap} ms, same burst: {same_burst}");
        let complaint = console.state.desk.stop.as_ref().unwrap().complaint.clone().unwrap();
        assert_eq!(complaint.as_str(), "release the key, press ! once");
    }
}

#[test]
fn another_key_between_closes_and_one_in_the_silence_begins_anew() {
    let (mut console, _) = moving();
    console.intend(Intent::Bang { burst: 1 });
    console.pass(300);
    console.intend(Intent::OtherKey);
    assert!(console.state.desk.stop.is_none());
    console.intend(Intent::Bang { burst: 3 });
    console.pass(300);
    console.intend(Intent::Bang { burst: 4 });
    console.pass(100);
    console.intend(Intent::OtherKey);
    silence(&mut console);
    assert!(console.sent().is_empty());
}

#[test]
fn the_bar_closes_after_five_seconds() {
    let (mut console, _) = moving();
    console.intend(Intent::Bang { burst: 1 });
    let id = console.state.desk.stop.as_ref().unwrap().id;
    console.pass(5_001);
    console.timer(TimerId::BarCloses(id));
    assert!(console.state.desk.stop.is_none());
}

#[test]
fn with_nothing_in_flight_the_second_key_does_nothing() {
    let (set, known) = recorded::deployment("complete");
    let mut console = Console::new();
    console.show_whole(&set, &known);
    console.intend(Intent::Bang { burst: 1 });
    console.pass(500);
    console.intend(Intent::Bang { burst: 2 });
    silence(&mut console);
    assert!(console.sent().is_empty());
}

#[test]
fn tab_narrows_to_the_selected_component() {
    let (mut console, target) = moving();
    let (mut other, other_known) = recorded::deployment("progressing");
    other.target = Target::new(other.target.kind, "p9-stuck", "other");
    let other_target = console.show_whole(&other, &other_known);
    console.intend(Intent::Look(Look { selected: Some(target.clone()), ..Look::default() }));
    console.intend(Intent::Bang { burst: 1 });
    assert_eq!(console.state.desk.stop.as_ref().unwrap().rows.len(), 2);
    console.intend(Intent::Widen);
    console.pass(400);
    console.intend(Intent::Bang { burst: 2 });
    silence(&mut console);
    let targets: Vec<&Target> = console.state.desk.goals.values().map(|goal| &goal.target).collect();
    assert_eq!(targets, [&target], "{other_target} was left alone");
}

#[test]
fn the_stop_repeats_itself_until_it_is_heard_and_then_latches() {
    let (mut console, target) = moving();
    console.intend(Intent::StopNow { only: Vec::new() });
    for expected in 2..5 {
        console.answer(Outcome::Unknown { why: "no answer in 8 s".into() });
        let act = console.sent()[0].0.act.clone();
        console.pass(5_001);
        console.timer(TimerId::Goal(act));
        assert_eq!(console.sent().len(), expected);
    }
    let attempts: Vec<u32> = console.sent().iter().map(|(id, _)| id.attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4], "each try has an Audit-ID of its own");
    console.pass(15_000);
    console.alive(&target);
    console.timer(TimerId::Second);
    let goal = console.state.desk.goals.values().next().unwrap();
    let line = goal.elsewhere.as_ref().expect("UNREACHABLE says what to run elsewhere");
    assert!(line.as_str().starts_with("kubectl patch -n"), "{line}");

    console.arm();
    let image = crate::model::act::Act::SetImage { container: None, image: "img:v9".into() };
    console.intend(Intent::Propose { target, act: image });
    assert!(console.notice().contains("is stopped"), "{}", console.notice());
}

#[test]
fn what_lies_outside_of_the_namespaces_in_view_is_neither_stopped_nor_kept_in_view() {
    let (mut console, target) = moving();
    let set = console.state.world.workloads[&target].set.clone();
    console.intend(Intent::Look(Look { selected: Some(target.clone()), ..Look::default() }));
    console.intend(Intent::Scope(Scope::Namespaces(vec!["elsewhere".into()])));
    // its last report was under way already
    let seen = console.state.now;
    console.see(Observation::Objects { snapshot: set, seen });
    assert!(!console.state.desk.wanted.details.contains(&target));
    console.intend(Intent::Bang { burst: 1 });
    assert!(console.state.desk.stop.as_ref().unwrap().rows.is_empty());
}
