//! What the console remembers, and what a later one makes of it.

use std::sync::Arc;

use crate::core::effect::Effect;
use crate::core::event::{Event, Intent, Receipt};
use crate::model::act::Act;
use crate::model::fact::Fact;
use crate::model::outline::Want;
use crate::model::proof::Proof;
use crate::model::recorded;
use crate::model::request::Outcome;

use super::console::Console;

#[test]
fn a_complete_revision_is_remembered_once_and_is_where_a_stop_goes() {
    let (complete, known) = recorded::deployment("complete");
    let (mut stuck, stuck_known) = recorded::deployment("stuck-image-before-deadline");
    let mut console = Console::new();
    let target = console.show_whole(&complete, &known);
    console.show(&complete);
    let remembered =
        console.effects.iter().filter(|effect| matches!(effect, Effect::Remember { .. })).count();
    assert_eq!(remembered, 1);
    // the same Deployment moves twice; the revision in between serves too, and never completed
    stuck.target = target.clone();
    recorded::edit(&mut stuck).metadata.uid = complete.workload.uid().clone();
    recorded::edit(&mut stuck).metadata.generation = 9;
    recorded::edit(&mut stuck).status.observed_generation = 9;
    console.show_whole(&stuck, &stuck_known);
    let stop = console.state.world.view(&target).unwrap().stop.clone().unwrap();
    let Want::Serving { hash: Some(hash), .. } = stop.want else { panic!("a return") };
    assert_eq!(hash.as_str(), "546bcc5696");
}

#[test]
fn a_later_console_goes_on_with_what_lowers_risk_and_shows_the_rest() {
    let (set, mut known) = recorded::deployment("stuck-image-before-deadline");
    recorded::seen(&set, &mut known, "66c4456dbf", 1);
    let mut first = Console::new();
    let target = first.show_whole(&set, &known);
    first.sheet(&target, Act::RollBack { to: None });
    first.intend(Intent::Confirm { typed: None });
    assert_eq!(first.sent().len(), 1);
    // killed here: the answer never came

    let mut second = Console::new();
    second.state.desk.author.pid = 8;
    second.journal.clone_from(&first.journal);
    let entries = first.journal.clone();
    second.send(Event::Receipt(Receipt::Foreign { entries }));
    let target = second.show_whole(&set, &known);
    assert!(second.state.desk.goals.is_empty(), "a console that lives drives its own");
    let asked =
        second.effects.iter().any(|e| matches!(e, Effect::LookForConsoles(who) if who[0].who.pid == 7));
    assert!(asked, "it is asked after");
    second.send(Event::Receipt(Receipt::ConsolesGone(vec![super::console::author()])));
    let goal = second.state.desk.goals.values().next().expect("the open act is taken over");
    assert_eq!(goal.target, target);
    let again = second.sent();
    assert_eq!(again.len(), 1, "the world contradicts it: it is sent again");
    assert_eq!(again[0].0.attempt, 2, "under an id of its own");
    second.answer(Outcome::Applied { code: 200 });
    assert!(matches!(second.state.desk.goals.values().next().unwrap().proof, Proof::Pending { .. }));
}

#[test]
fn control_is_bound_to_a_console_that_lives() {
    let mut first = Console::new();
    first.arm();
    // killed here
    let mut second = Console::new();
    second.state.desk.author.pid = 8;
    second.journal.clone_from(&first.journal);
    second.send(Event::Receipt(Receipt::Foreign { entries: first.journal.clone() }));
    assert!(second.state.session.control.is_some());
    let gone = Receipt::ConsolesGone(vec![super::console::author()]);
    second.send(Event::Receipt(gone.clone()));
    second.send(Event::Receipt(gone));
    assert_eq!(second.state.session.control, None);
    assert_eq!(second.notice(), "console of ops-1 left without a word: control is free (process 7 on jump)");
    let lost = second.facts().into_iter().filter(|fact| matches!(fact, Fact::ConsoleLost { .. })).count();
    assert_eq!(lost, 1, "by a fact, once");
    assert!(!second.state.desk.alarms.is_empty());
    second.arm();
    assert!(second.state.desk.alarms.is_empty(), "somebody has control again");
}

#[test]
fn a_process_id_that_comes_back_brings_no_control_with_it() {
    let mut first = Console::new();
    first.arm();
    let mut second = Console::new();
    second.journal.clone_from(&first.journal);
    second.send(Event::Receipt(Receipt::Foreign { entries: first.journal.clone() }));
    assert_eq!(second.state.session.control, None);
}

#[test]
fn who_brings_the_bad_version_back_is_named_with_what_stops_it() {
    let (mut bad, mut known) = recorded::deployment("stuck-image-before-deadline");
    recorded::seen(&bad, &mut known, "66c4456dbf", 1);
    let meta = &mut recorded::edit(&mut bad).metadata;
    meta.annotations.insert("argocd.argoproj.io/tracking-id".into(), "fx:apps/Deployment:fx/app".into());
    let mut console = Console::new();
    let target = console.show_whole(&bad, &known);
    console.intend(Intent::StopNow { only: Vec::new() });
    console.answer(Outcome::Applied { code: 200 });
    let mut good = bad.clone();
    let key = bad.replica_sets.iter().find(|rs| rs.hash().as_str() == "66c4456dbf").unwrap();
    let deployment = recorded::edit(&mut good);
    deployment.spec.template = key.spec.template.clone();
    deployment.status.updated_replicas = 4;
    deployment.status.replicas = 4;
    deployment.status.available_replicas = 4;
    good.pods.retain(|pod| pod.ready);
    console.show(&good);
    console.pass(10_100);
    console.show(&good);
    assert!(console.facts().iter().any(|fact| matches!(fact, Fact::Proven { .. })), "{:?}", console.notice());

    console.pass(30_000);
    console.show(&bad);
    let alarm = console.state.desk.alarms.values().find(|alarm| alarm.remedy.is_some()).unwrap();
    assert!(alarm.text.as_str().contains("REVERTED BY Argo CD app fx"), "{}", alarm.text);
    assert_eq!(alarm.remedy.as_ref().unwrap().as_str(), "argocd app set fx --sync-policy none");
    assert_eq!(console.state.world.view(&target).unwrap().uid, *bad.workload.uid());
}

#[test]
fn replay_of_the_journal_gives_the_live_session() {
    let (set, mut known) = recorded::deployment("stuck-image-before-deadline");
    recorded::seen(&set, &mut known, "66c4456dbf", 1);
    let mut console = Console::new();
    console.show_whole(&set, &known);
    console.arm();
    console.intend(Intent::Note("before".into()));
    console.intend(Intent::StopNow { only: Vec::new() });
    console.answer(Outcome::Applied { code: 200 });
    console.intend(Intent::GiveUpControl);
    let mut replayed = crate::core::session::Session::default();
    for entry in &console.journal {
        replayed.apply(entry);
        replayed.apply(entry);
    }
    assert_eq!(replayed, console.state.session);
    let _: Vec<Arc<_>> = replayed.timeline;
}
