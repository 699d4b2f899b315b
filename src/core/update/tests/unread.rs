//! A stop in the first moment of a console, before the revisions of the workload are read.

use crate::core::effect::{Effect, TimerId};
use crate::core::event::{Intent, Receipt};
use crate::model::fact::Fact;
use crate::model::objects::{Depth, Known, ObjectSet};
use crate::model::observation::{Observation, StreamKey, StreamState};
use crate::model::outline::Want;
use crate::model::proof::Proof;
use crate::model::recorded;
use crate::model::request::{Outcome, Request, Write};
use crate::model::target::Target;

use super::console::{Console, settings};

const GOOD: &str = "66c4456dbf";

/// The workload as its kind's watch tells it, and nothing else.
fn listed(set: &ObjectSet) -> ObjectSet {
    ObjectSet { depth: Depth::Listed, replica_sets: Vec::new(), pods: Vec::new(), ..set.clone() }
}

fn paused(set: &ObjectSet) -> ObjectSet {
    let mut set = set.clone();
    recorded::edit(&mut set).spec.paused = true;
    set
}

/// A stop that only paused, with the pause accepted and seen.
fn stopped(situation: &str) -> (Console, ObjectSet, Known, Target) {
    let (set, known) = recorded::deployment(situation);
    let mut console = Console::new();
    let target = console.show(&listed(&set));
    console.intend(Intent::StopNow { only: Vec::new() });
    assert_eq!(written(&console.sent()), ["/spec/paused"], "at once, and all that can be known to be right");
    console.answer(Outcome::Applied { code: 200 });
    console.pass(300);
    console.show(&listed(&paused(&set)));
    (console, set, known, target)
}

fn written(sent: &[(crate::model::request::RequestId, Request)]) -> Vec<String> {
    let Some((_, Request { write: Write::JsonPatch(body), .. })) = sent.last() else { return Vec::new() };
    let operations = body.as_array().unwrap().iter().filter(|op| op["op"] != "test");
    operations.map(|op| op["path"].as_str().unwrap().to_owned()).collect()
}

fn seen_complete(console: &mut Console, set: &ObjectSet, hash: &str) {
    let mut known = Known::default();
    recorded::seen(set, &mut known, hash, 1);
    console.send(crate::core::Event::Receipt(Receipt::Remembered(known.seen_complete)));
}

fn goal(console: &Console) -> &crate::core::goal::Goal {
    console.state.desk.goals.values().next().unwrap()
}

#[test]
fn it_takes_the_template_that_is_known_good_once_it_is_read() {
    let (mut console, set, known, target) = stopped("stuck-image-before-deadline");
    seen_complete(&mut console, &set, GOOD);
    console.pass(60_000);
    console.alive(&target);
    let act = goal(&console).act.clone();
    console.timer(TimerId::Goal(act.clone()));
    assert!(goal(&console).open(), "a pause is not what was asked for: {:?}", goal(&console).proof);

    // ReplicaSets come first, templates after them
    console.show(&paused(&set));
    assert_eq!(console.sent().len(), 1);
    console.show_whole(&paused(&set), &known);
    assert_eq!(console.sent().len(), 2);
    assert_eq!(written(&console.sent()), ["/spec/template", "/spec/paused"]);
    assert_eq!(console.sent()[1].0.act, act, "the same act, its second request");
    assert!(console.notice().contains("the stop goes on: Stop app to"), "{}", console.notice());
    assert!(console.notice().contains("seen complete"), "{}", console.notice());
    let facts = console.facts();
    assert!(facts.iter().any(|fact| matches!(fact, Fact::StopPinned { away_from: Some(_), .. })));
    assert!(
        facts.iter().any(|fact| matches!(fact, Fact::StopLatched { .. })),
        "the candidate has a name now"
    );
    let latches = console.effects.iter().filter(|effect| matches!(effect, Effect::Latch { set: true, .. }));
    assert_eq!(latches.count(), 1);

    // what looks better later changes nothing
    let Want::Serving { hash: Some(hash), .. } = goal(&console).want.clone() else { panic!("pinned") };
    assert_eq!(hash.as_str(), GOOD);
    let other = set
        .replica_sets
        .iter()
        .map(crate::model::replicaset::ReplicaSet::hash)
        .find(|other| *other != hash)
        .unwrap();
    seen_complete(&mut console, &set, other.as_str());
    console.show(&paused(&set));
    assert_eq!(goal(&console).want, console.state.session.acts[&act].want);
    assert!(matches!(&goal(&console).want, Want::Serving { hash: Some(pinned), .. } if *pinned == hash));
}

#[test]
fn a_workload_that_was_held_already_is_gone_back_from_too() {
    let (set, known) = recorded::deployment("paused-mid-update");
    let mut console = Console::new();
    console.show(&listed(&set));
    seen_complete(&mut console, &set, GOOD);
    console.intend(Intent::StopNow { only: Vec::new() });
    assert!(console.sent().is_empty(), "it is paused: there is nothing to send yet");
    console.show_whole(&set, &known);
    assert_eq!(written(&console.sent()), ["/spec/template", "/spec/paused"]);
}

#[test]
fn with_nothing_known_good_it_stays_a_pause_and_says_what_to_do() {
    let (mut console, mut set, known, target) = stopped("stuck-image-before-deadline");
    // two old ones serve side by side: neither is proven
    for revision in &mut set.replica_sets {
        revision.status.ready_replicas = 1;
        revision.status.replicas = 1;
    }
    console.show_whole(&paused(&set), &known);
    assert_eq!(console.sent().len(), 1);
    assert!(console.notice().contains("no revision is known good: choose with B"), "{}", console.notice());
    assert!(console.facts().iter().any(|fact| matches!(fact, Fact::StopLatched { .. })));
    // evidence of later does not turn the pause into something else
    seen_complete(&mut console, &set, GOOD);
    let act = goal(&console).act.clone();
    for _ in 0..12 {
        console.pass(1_000);
        console.alive(&target);
        console.timer(TimerId::Goal(act.clone()));
    }
    assert!(matches!(goal(&console).proof, Proof::Proven { .. }), "{:?}", goal(&console).proof);
    assert_eq!(console.sent().len(), 1);
}

#[test]
fn revisions_that_may_not_be_read_are_said_and_the_pause_is_proven() {
    let (mut console, set, _, target) = stopped("stuck-image-before-deadline");
    let key = StreamKey::Detail(target);
    console
        .see(Observation::Stream { key, state: StreamState::Forbidden("replicasets is forbidden".into()) });
    console.show(&listed(&paused(&set)));
    assert!(console.notice().contains("may not be read"), "{}", console.notice());
    assert!(matches!(goal(&console).proof, Proof::Pending { .. }));
    assert!(goal(&console).trace.holds_since.is_some());
}

#[test]
fn a_console_after_kill_goes_on_to_the_template() {
    let (first, set, known, _) = stopped("stuck-image-before-deadline");
    let mut second = Console::with(settings());
    second.journal.clone_from(&first.journal);
    second.state.desk.author.pid = 8;
    second.send(crate::core::Event::Receipt(Receipt::Foreign { entries: first.journal.clone() }));
    second.send(crate::core::Event::Receipt(Receipt::ConsolesGone(vec![super::console::author()])));
    seen_complete(&mut second, &set, GOOD);
    second.show_whole(&paused(&set), &known);
    assert_eq!(written(&second.sent()), ["/spec/template", "/spec/paused"]);
    assert_eq!(second.sent()[0].0.attempt, 2, "ids go on after those of the console that is gone");
}

#[test]
fn a_way_back_that_is_held_goes_on_instead_of_to_another_revision() {
    let (set, mut known) = recorded::deployment("paused-mid-update");
    recorded::seen(&set, &mut known, "546bcc5696", 1);
    recorded::seen(&set, &mut known, GOOD, 2);
    let current = crate::strategy::strategy_of(&set).project(&set, &known);
    let current = current.revisions.iter().find(|revision| revision.current).unwrap().key.clone();
    let leaving = |rs: &&crate::model::replicaset::ReplicaSet| rs.key() != current && rs.status.replicas > 0;
    let other = set.replica_sets.iter().find(leaving).unwrap().key();
    known.seen_complete.retain(|row| row.hash != other.hash);
    recorded::seen(&set, &mut known, current.hash.as_str(), 3);
    known.condemned.insert(other.hash);
    let stop =
        crate::strategy::strategy_of(&set).outline(&crate::model::act::Act::Stop, &set, &known).unwrap();
    let Want::Serving { hash, .. } = stop.want else { panic!("{:?}", stop.want) };
    assert_eq!(hash, Some(current.hash));
}
