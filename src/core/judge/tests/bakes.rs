use super::fixture::{at, noon};
use crate::core::judge::bake::{Bake, Look, cannot_prove};
use crate::core::judge::stats::Tally;
use crate::model::bake::{BakeFact, BakeWants};
use crate::model::measure::{Share, Span};
use crate::model::proof::Claim;
use crate::model::rule::{MinSamples, Severity};

const WANTS: BakeWants = BakeWants {
    length: Span::minutes(5),
    samples: Some(3000),
    coverage: Share(90.0),
    target: Some(Share(0.1)),
};

fn good(per_minute: f64) -> Look {
    Look {
        breach: None,
        unknown: None,
        seen: Some(Tally { requests: 5.0 * per_minute, failed: 0.0 }),
        window: Span::minutes(5),
    }
}

fn breach(severity: Severity) -> Look {
    Look { breach: Some((severity, "err-crit".into())), ..good(1000.0) }
}

fn unknown() -> Look {
    Look { unknown: Some("err: no data".into()), seen: None, ..good(0.0) }
}

/// Looks every ten seconds from `from` to `until`; what was to be journaled comes back.
fn looks(bake: &mut Bake, from: i64, until: i64, look: &Look) -> Vec<BakeFact> {
    (from..=until).step_by(10).flat_map(|seconds| bake.look(look, at(seconds))).collect()
}

#[test]
fn a_bake_counts_healthy_time_and_requests() {
    let mut bake = Bake::start(WANTS, noon());
    looks(&mut bake, 0, 290, &good(1000.0));
    assert!(!bake.is_done());
    looks(&mut bake, 300, 300, &good(1000.0));
    let view = bake.view(at(300));
    assert!(view.done, "{view:?}");
    assert_eq!(view.words.as_str(), "5m of 5m, 5 000 of 3 000 requests, 100 % observed, proves below 0.06 %");
    assert_eq!(view.claim, Some(Claim::Shown("0 of 5 000 failed: true rate under 0.06 %".into())));
}

#[test]
fn five_hundred_clean_requests_prove_below_six_in_a_thousand() {
    let mut bake = Bake::start(WANTS, noon());
    looks(&mut bake, 0, 300, &good(100.0));
    let view = bake.view(at(300));
    assert!(!view.done);
    assert_eq!(view.proves_below.map(|share| (share.percent() * 1000.0).round()), Some(600.0));
    assert_eq!(view.lacking, ["too few: 500 of 3 000, ~25 min".into()]);
}

#[test]
fn a_warning_pauses_it() {
    let mut bake = Bake::start(WANTS, noon());
    looks(&mut bake, 0, 120, &good(1000.0));
    let said = looks(&mut bake, 130, 600, &breach(Severity::Warning));
    assert!(matches!(said.first(), Some(BakeFact::Counted { .. })), "{said:?}");
    let view = bake.view(at(600));
    assert_eq!(view.healthy, Span::minutes(2));
    assert!(view.words.as_str().ends_with("paused by warning: err-crit"), "{}", view.words);
    looks(&mut bake, 610, 600 + 190, &good(1000.0));
    assert!(bake.is_done(), "{:?}", bake.view(at(790)));
}

#[test]
fn something_critical_begins_it_anew_once() {
    let mut bake = Bake::start(WANTS, noon());
    looks(&mut bake, 0, 290, &good(1000.0));
    let said = looks(&mut bake, 300, 600, &breach(Severity::Critical));
    let restarts = said.iter().filter(|fact| matches!(fact, BakeFact::Restarted { .. })).count();
    assert_eq!((restarts, bake.count.restarts, bake.count.healthy), (1, 1, 0));
    looks(&mut bake, 610, 890, &good(1000.0));
    assert!(!bake.is_done());
    looks(&mut bake, 900, 910, &good(1000.0));
    assert!(bake.is_done(), "{:?}", bake.view(at(910)));
}

#[test]
fn unknown_time_does_not_count() {
    let mut bake = Bake::start(WANTS, noon());
    looks(&mut bake, 0, 270, &good(1000.0));
    looks(&mut bake, 280, 310, &unknown());
    let view = bake.view(at(310));
    assert_eq!((view.healthy, view.done), (Span(270), false));
    looks(&mut bake, 320, 360, &good(1000.0));
    assert_eq!(bake.view(at(360)).lacking, ["89 % observed, 90 % needed".into()]);
    looks(&mut bake, 370, 420, &good(1000.0));
    assert!(bake.is_done(), "{:?}", bake.view(at(420)));
}

#[test]
fn after_a_long_outage_of_the_metrics_counting_anew_is_quicker() {
    let mut bake = Bake::start(WANTS, noon());
    looks(&mut bake, 0, 240, &good(1000.0));
    looks(&mut bake, 250, 1200, &unknown());
    let said = looks(&mut bake, 1210, 1510, &good(1000.0));
    assert!(matches!(said.first(), Some(BakeFact::Restarted { .. })), "{said:?}");
    assert!(bake.is_done(), "{:?}", bake.view(at(1510)));
}

#[test]
fn what_passed_while_nobody_looked_is_a_gap() {
    let mut bake = Bake::start(WANTS, noon());
    looks(&mut bake, 0, 120, &good(1000.0));
    looks(&mut bake, 1000, 1100, &good(1000.0));
    let view = bake.view(at(1100));
    assert_eq!((view.healthy, view.gap), (Span(220), Span(880)));
    assert_eq!(view.coverage, Some(Share::WHOLE));
}

#[test]
fn a_killed_console_takes_it_up_from_the_journal() {
    let mut bake = Bake::start(WANTS, noon());
    let mut journal = vec![(noon(), BakeFact::Started { wants: WANTS })];
    for seconds in (0..=200).step_by(10) {
        journal.extend(bake.look(&good(1000.0), at(seconds)).into_iter().map(|fact| (at(seconds), fact)));
    }
    let written = serde_json::to_string(&journal.iter().map(|(_, fact)| fact).collect::<Vec<_>>()).unwrap();
    let read: Vec<BakeFact> = serde_json::from_str(&written).unwrap();
    let times = journal.iter().map(|(at, _)| *at);
    let mut again = Bake::from_facts(times.zip(&read)).unwrap();
    // what was counted after the last fact is lost, and the time between is not counted
    assert_eq!(again.view(at(900)).healthy, Span(180));
    assert!(!again.is_done());
    looks(&mut again, 900, 1010, &good(1000.0));
    assert!(!again.is_done());
    looks(&mut again, 1020, 1020, &good(1000.0));
    assert!(again.is_done(), "{:?}", again.view(at(1020)));
    assert_eq!(Bake::from_facts([(noon(), &BakeFact::Restarted { why: "x".into() })]), None);
}

#[test]
fn a_restart_in_the_journal_is_taken_up_too() {
    let mut bake = Bake::start(WANTS, noon());
    let mut facts = vec![(noon(), BakeFact::Started { wants: WANTS })];
    facts.extend(looks(&mut bake, 0, 120, &good(1000.0)).into_iter().map(|fact| (at(120), fact)));
    facts.extend(
        looks(&mut bake, 130, 130, &breach(Severity::Emergency)).into_iter().map(|fact| (at(130), fact)),
    );
    let again = Bake::from_facts(facts.iter().map(|(at, fact)| (*at, fact))).unwrap();
    assert_eq!((again.count, again.began), (bake.count, at(130)));
}

#[test]
fn a_bake_without_a_length_still_needs_its_gate_to_be_looked_at() {
    let wants = BakeWants { length: Span::ZERO, samples: None, ..WANTS };
    let mut bake = Bake::start(wants, noon());
    assert!(!bake.is_done());
    looks(&mut bake, 0, 0, &unknown());
    assert!(!bake.is_done());
    looks(&mut bake, 10, 10, &good(0.0));
    assert!(bake.is_done());
}

#[test]
fn a_bake_that_cannot_prove_its_target_says_what_it_needs() {
    // the seed's canary: 1 000 requests a minute, 10 % of them for five minutes
    let load = 1000.0 / 60.0;
    let weak = cannot_prove(Share(0.1), MinSamples::Auto, Share(10.0), load, Span::minutes(5)).unwrap();
    assert_eq!(weak.enough, Span::minutes(30));
    assert_eq!(
        weak.words.as_str(),
        "this bake cannot prove its target (0.1 %): in 5m the candidate gets 500 requests, 3 000 are needed; it \
         needs 30m. As it is, it proves a rate below 0.6 %"
    );
    let cannot = |weight, minutes| {
        cannot_prove(Share(0.1), MinSamples::Auto, Share(weight), load, Span::minutes(minutes)).is_some()
    };
    assert!(cannot(25.0, 10) && !cannot(50.0, 15) && !cannot(10.0, 30));
    assert_eq!(cannot_prove(Share(0.1), MinSamples::AtLeast(500), Share(10.0), load, Span::minutes(5)), None);
}
