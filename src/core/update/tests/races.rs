//! Somebody else was first: what a failed precondition means for an act that raises risk, and for a way back.

use crate::core::effect::TimerId;
use crate::core::event::Intent;
use crate::model::Time;
use crate::model::act::Act;
use crate::model::fact::Fact;
use crate::model::kind::WorkloadKind;
use crate::model::meta::Manager;
use crate::model::objects::{Known, ObjectSet, SeenComplete, Workload};
use crate::model::recorded;
use crate::model::request::Outcome;
use crate::model::switch::Switch;

use super::console::Console;

/// Service `fx` of a recorded pair, on blue.
fn pair() -> (ObjectSet, Known) {
    recorded::workload("deployment", "service-bluegreen-on-blue", WorkloadKind::Service)
}

fn service(set: &mut ObjectSet) -> &mut Switch {
    match &mut set.workload {
        Workload::Service(switch) => switch,
        _ => panic!("a Service was recorded"),
    }
}

fn switched(set: &ObjectSet, by: &str) -> ObjectSet {
    let mut set = set.clone();
    let at: Time = "2026-11-20T21:30:01Z".parse().unwrap();
    let switch = service(&mut set);
    switch.selector.insert("version".to_owned(), "green".to_owned());
    switch.face.metadata.managers =
        vec![Manager { manager: by.to_owned(), time: Some(at), ..Manager::default() }];
    set
}

fn outrun() -> Outcome {
    let message = "the server rejected our request due to an error in our request";
    Outcome::Rejected { code: 422, reason: "Invalid".into(), message: message.into() }
}

#[test]
fn the_loser_of_a_switch_is_told_who_won_and_proves_nothing() {
    let (set, known) = pair();
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.arm();
    console.sheet(&target, Act::Promote);
    console.intend(Intent::Confirm { typed: None });
    assert_eq!(console.sent().len(), 1);
    console.pass(10);
    console.answer(outrun());
    let act = console.sent()[0].0.act.clone();
    assert!(console.state.desk.goals[&act].open(), "who was first is not known yet");
    console.pass(50);
    console.show(&switched(&set, "second-console"));
    console.timer(TimerId::Goal(act));
    let why = console.facts().iter().find_map(|fact| match fact {
        Fact::Unproven { why, .. } => Some(why.to_string()),
        _ => None,
    });
    let why = why.expect("the act is over, although its side serves");
    assert!(why.contains("second-console at 21:30:01 UTC was first"), "{why}");
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn a_way_back_that_was_outrun_is_outlined_again() {
    let (set, mut known) = recorded::named("routes", "httproute-pairs", WorkloadKind::HttpRoute, "shop");
    known.templates.clear();
    let mut console = Console::new();
    let target = console.show_whole(&set, &known);
    console.sheet(&target, Act::RollBack { to: None });
    console.intend(Intent::Confirm { typed: None });
    assert_eq!(console.sent().len(), 1);
    console.pass(10);
    console.answer(outrun());
    console.pass(10);
    // a rule was inserted above: the generation has moved, and so have the indexes
    let mut moved = set.clone();
    recorded::meta(&mut moved.workload).generation += 1;
    console.show(&moved);
    console.pass(400);
    let act = console.sent()[0].0.act.clone();
    console.timer(TimerId::Goal(act.clone()));
    let requests = console.sent();
    assert_eq!(requests.len(), 2, "{:?}", console.state.desk.goals[&act].proof);
    assert_ne!(requests[0].1, requests[1].1, "it is made from the route as it is now");
    // the same request again would be refused again: that is the end, once nothing newer has come for a while
    console.pass(10);
    console.answer(outrun());
    console.pass(10);
    console.show(&moved);
    console.pass(5_000);
    console.timer(TimerId::Goal(act));
    assert_eq!(console.sent().len(), 2);
    assert!(console.facts().iter().any(|fact| matches!(fact, Fact::Unproven { .. })));
}

#[test]
fn the_chord_switches_back_within_the_hour_and_leaves_a_pair_at_rest_alone() {
    let (mut set, mut known) = pair();
    let green = set.replica_sets.iter_mut().find(|rs| rs.metadata.name.as_str().contains("green")).unwrap();
    green.metadata.created = Some("2026-11-20T21:29:40Z".parse().unwrap());
    let blue = set.replica_sets.iter().find(|rs| rs.metadata.name.as_str().contains("blue")).unwrap();
    let at = "2026-11-20T21:29:30Z".parse().unwrap();
    known.seen_complete.clear();
    let seen = SeenComplete { workload: set.workload.uid().clone(), hash: blue.hash(), at };
    let mut console = Console::new();
    console.state.desk.remembered.push(seen);
    let target = console.show_whole(&switched(&set, "ops"), &known);
    assert!(console.state.world.view(&target).unwrap().in_flight);
    let stop = console.state.world.view(&target).unwrap().stop.clone().unwrap();
    assert_eq!(stop.want.destination(), Some("blue"));
    // nothing changes but the clock: an hour later the release is over
    console.pass(3_700_000);
    console.alive(&target);
    console.timer(TimerId::Second);
    assert!(!console.state.world.view(&target).unwrap().in_flight);
    console.intend(Intent::StopNow { only: Vec::new() });
    assert!(console.sent().is_empty());
}
