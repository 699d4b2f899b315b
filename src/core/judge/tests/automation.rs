use chrono::TimeDelta;
use proptest::prelude::*;

use super::fixture::{at, noon};
use crate::core::judge::automation::{Automation, Glance, Happening, Mode, Policy, Say, step};
use crate::model::Time;
use crate::model::ids::{RuleId, TemplateHash};
use crate::model::measure::Span;

const BAD: Glance = Glance::Breached;
const GOOD: Glance = Glance::Clear;

fn hash() -> TemplateHash {
    TemplateHash::new("77c9")
}

fn looked(glance: Glance) -> Happening {
    Happening::Looked(glance, RuleId::new("err-crit"))
}

/// A machine under test with all that it said.
struct Machine {
    policy: Policy,
    state: Automation,
    said: Vec<(Time, Say)>,
    fired: Vec<Time>,
}

impl Machine {
    fn armed() -> Self {
        let mut machine = Self {
            policy: Policy::default(),
            state: Automation::default(),
            said: Vec::new(),
            fired: Vec::new(),
        };
        machine.at(noon(), &Happening::Armed(hash()));
        machine
    }

    fn at(&mut self, now: Time, happening: &Happening) {
        let (state, says) = step(&self.policy, std::mem::take(&mut self.state), happening, now);
        self.state = state;
        self.fired.extend(says.iter().filter(|say| matches!(say, Say::RollBack { .. })).map(|_| now));
        self.said.extend(says.into_iter().map(|say| (now, say)));
    }

    /// One look every 15 s.
    fn looks(&mut self, from: i64, glances: &[Glance]) -> i64 {
        let mut seconds = from;
        for glance in glances {
            self.at(at(seconds), &looked(*glance));
            seconds += 15;
        }
        seconds
    }

    fn ended(&self) -> Vec<String> {
        let why = |(_, say): &(Time, Say)| match say {
            Say::CountdownEnded { why } => Some(why.to_string()),
            _ => None,
        };
        self.said.iter().filter_map(why).collect()
    }
}

#[test]
fn three_of_five_breached_looks_count_down_and_roll_back_once() {
    let mut machine = Machine::armed();
    machine.looks(0, &[BAD, GOOD, BAD, GOOD]);
    assert!(machine.said.is_empty());
    machine.looks(60, &[BAD]);
    assert!(matches!(&machine.said[..], [(_, Say::CountdownBegan { fires, .. })] if *fires == at(120)));
    machine.looks(75, &[BAD; 3]);
    assert!(machine.fired.is_empty(), "the countdown is not over");
    machine.looks(120, &[BAD; 100]);
    assert_eq!(machine.fired, [at(120)]);
    assert!(matches!(machine.state.mode, Mode::Fired { .. }));
}

#[test]
fn nobody_armed_it_so_it_does_nothing() {
    let mut machine = Machine::armed();
    machine.state = Automation::default();
    machine.looks(0, &[BAD; 100]);
    assert!(machine.said.is_empty());
}

#[test]
fn a_veto_ends_it_for_this_revision() {
    let mut machine = Machine::armed();
    machine.looks(0, &[BAD; 3]);
    machine.at(at(40), &Happening::Vetoed("ops-1".into()));
    machine.looks(45, &[BAD; 100]);
    assert!(machine.fired.is_empty());
    assert_eq!(machine.said.last().unwrap().1, Say::Barred { why: "vetoed by ops-1".into() });
    machine.at(at(5000), &Happening::Armed(hash()));
    machine.looks(5010, &[BAD; 100]);
    assert!(machine.fired.is_empty(), "it was decided for this revision");
    machine.at(at(9000), &Happening::Armed(TemplateHash::new("next")));
    machine.looks(9010, &[BAD; 100]);
    assert_eq!(machine.fired.len(), 1);
}

#[test]
fn never_against_a_stop() {
    let mut machine = Machine::armed();
    machine.looks(0, &[BAD; 3]);
    machine.at(at(40), &Happening::Stopped(hash()));
    machine.looks(45, &[BAD; 100]);
    assert!(machine.fired.is_empty());
}

#[test]
fn what_was_stopped_is_not_armed_afterwards() {
    let mut machine = Machine::armed();
    machine.at(at(1), &Happening::Disarmed);
    machine.at(at(2), &Happening::Stopped(hash()));
    machine.at(at(3), &Happening::Armed(hash()));
    machine.looks(10, &[BAD; 100]);
    assert!(machine.fired.is_empty());
    assert!(matches!(machine.said.last().unwrap().1, Say::NotArmed { .. }));
}

#[test]
fn never_against_a_recent_act_of_a_human() {
    let mut machine = Machine::armed();
    machine.looks(0, &[BAD; 3]);
    machine.at(at(40), &Happening::HumanActed);
    assert_eq!(machine.ended(), ["a human acted"]);
    let next = machine.looks(45, &[BAD; 60]);
    // after the human's five minutes and the cool-down of ten it may count again
    let began = machine.said.iter().filter(|(_, say)| matches!(say, Say::CountdownBegan { .. })).count();
    assert_eq!((began, next), (2, 945));
    let second = machine.said.iter().rfind(|(_, say)| matches!(say, Say::CountdownBegan { .. })).unwrap().0;
    assert!(second >= at(40 + 600), "{second}");
}

#[test]
fn a_breach_that_ends_or_is_lost_during_the_countdown_is_no_roll_back() {
    let mut machine = Machine::armed();
    machine.looks(0, &[BAD, BAD, BAD, GOOD, GOOD, GOOD, GOOD]);
    assert_eq!(machine.ended(), ["the breach is over"]);
    let mut machine = Machine::armed();
    machine.looks(0, &[BAD, BAD, BAD, BAD, BAD, BAD, Glance::Unknown]);
    assert_eq!(machine.ended(), ["cannot tell any more"]);
    let mut machine = Machine::armed();
    machine.looks(0, &[BAD; 3]);
    machine.at(at(200), &Happening::Tick);
    assert_eq!(machine.ended(), ["nobody looked lately"]);
    assert!(machine.fired.is_empty());
}

#[test]
fn another_revision_turns_it_off() {
    let mut machine = Machine::armed();
    machine.looks(0, &[BAD; 3]);
    machine.at(at(40), &Happening::Revision(Some(TemplateHash::new("next"))));
    assert_eq!((machine.state.mode.clone(), machine.ended().len()), (Mode::Off, 1));
    let mut machine = Machine::armed();
    machine.at(at(1), &Happening::Revision(Some(hash())));
    assert!(matches!(machine.state.mode, Mode::Watching { .. }));
    machine.at(at(2), &Happening::Revision(None));
    assert_eq!(machine.state.mode, Mode::Off);
}

#[test]
fn a_countdown_of_nothing_acts_at_once() {
    let mut machine = Machine::armed();
    machine.policy.countdown = Span::ZERO;
    machine.looks(0, &[BAD; 3]);
    assert_eq!(machine.fired, [at(30)]);
}

/// Every state with every happening: where it leads and whether it says something. A change of the table shows here.
#[test]
fn the_table_of_transitions() {
    let modes = [
        Mode::Off,
        Mode::Watching { revision: hash(), looks: vec![BAD, BAD] },
        Mode::Counting {
            revision: hash(),
            rule: RuleId::new("err-crit"),
            fires: at(60),
            newest: (noon(), BAD),
        },
        Mode::Fired { revision: hash(), at: noon() },
        Mode::Barred { revision: hash(), why: "vetoed".into() },
    ];
    let happenings = [
        Happening::Armed(hash()),
        Happening::Armed(TemplateHash::new("next")),
        Happening::Disarmed,
        looked(BAD),
        looked(GOOD),
        looked(Glance::Unknown),
        Happening::Tick,
        Happening::Vetoed("ops-1".into()),
        Happening::HumanActed,
        Happening::Stopped(hash()),
        Happening::Revision(Some(hash())),
        Happening::Revision(None),
    ];
    let letter = |mode: &Mode| match mode {
        Mode::Off => 'o',
        Mode::Watching { .. } => 'w',
        Mode::Counting { .. } => 'c',
        Mode::Fired { .. } => 'f',
        Mode::Barred { .. } => 'b',
    };
    let table: Vec<String> = modes
        .iter()
        .map(|mode| {
            let decided = match mode {
                Mode::Fired { revision, .. } | Mode::Barred { revision, .. } => [revision.clone()].into(),
                _ => std::collections::BTreeSet::new(),
            };
            let before = Automation { mode: mode.clone(), decided, ..Automation::default() };
            happenings
                .iter()
                .map(|happening| {
                    let (after, says) = step(&Policy::default(), before.clone(), happening, at(10));
                    let letter = letter(&after.mode);
                    if says.is_empty() { letter } else { letter.to_ascii_uppercase() }
                })
                .collect()
        })
        .collect();
    // columns: armed, armed for the next, disarmed, bad, good, unknown, tick, veto, human, stop, same revision, none
    assert_eq!(
        table,
        [
            "wwoooooooooo", // off
            "wwOCwwwBwBwO", // watching, two of five breached
            "cWOccccBWBcO", // counting
            "Fwffffffffff", // fired
            "Bwbbbbbbbbbb", // barred
        ]
    );
}

/// A thousand days of square waves, noise and gaps, looked at every half minute: at most one roll-back for each
/// revision, and never one while a stop is latched or a human acted lately.
#[test]
fn a_thousand_days_bring_at_most_one_roll_back_for_each_revision() {
    let mut machine = Machine::armed();
    let mut seed: u64 = 0x5eed_0f60;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for day in 0..1000 {
        let revision = TemplateHash::new(format!("revision-{}", day / 2));
        let begins = noon() + TimeDelta::days(day);
        machine.at(begins, &Happening::Revision(Some(revision.clone())));
        let before = machine.fired.len();
        let period = [2, 3, 7, 20, 120, 480][usize::try_from(random() % 6).unwrap()];
        let (mut stopped, mut human) = (false, None);
        for look in 0..1440_i64 {
            let now = begins + TimeDelta::minutes(look);
            let happening = match random() % 4000 {
                0 => Happening::HumanActed,
                1 => Happening::Disarmed,
                2..=19 => Happening::Armed(revision.clone()),
                20 if day % 7 == 0 => Happening::Stopped(revision.clone()),
                21 => Happening::Revision(Some(revision.clone())),
                22..=40 => Happening::Tick,
                41..=120 => looked(Glance::Unknown),
                _ => looked(if (look / period) % 2 == 0 { BAD } else { GOOD }),
            };
            human = if happening == Happening::HumanActed { Some(now) } else { human };
            stopped |= matches!(happening, Happening::Stopped(_));
            let fired = machine.fired.len();
            machine.at(now, &happening);
            if machine.fired.len() > fired {
                assert!(!stopped, "day {day}: against a stop");
                assert!(
                    human.is_none_or(|at| now - at >= TimeDelta::minutes(5)),
                    "day {day}: against a human"
                );
            }
        }
        assert!(machine.fired.len() - before <= 1, "day {day}");
    }
    let revisions = machine.said.iter().filter_map(|(_, say)| match say {
        Say::RollBack { revision, .. } => Some(revision),
        _ => None,
    });
    let revisions: std::collections::BTreeSet<_> = revisions.collect();
    assert_eq!(revisions.len(), machine.fired.len(), "one for each revision");
    assert!(revisions.len() > 100, "the waves are high enough: {}", revisions.len());
}

fn happening() -> impl Strategy<Value = Happening> {
    let revision = (0_u8..3).prop_map(|n| TemplateHash::new(format!("r{n}")));
    prop_oneof![
        3 => revision.clone().prop_map(Happening::Armed),
        1 => Just(Happening::Disarmed),
        20 => Just(looked(BAD)),
        4 => Just(looked(GOOD)),
        2 => Just(looked(Glance::Unknown)),
        2 => Just(Happening::Tick),
        1 => Just(Happening::Vetoed("ops-1".into())),
        1 => Just(Happening::HumanActed),
        1 => revision.clone().prop_map(Happening::Stopped),
        2 => prop::option::of(revision).prop_map(Happening::Revision),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_a_revision_is_rolled_back_once_at_most(all in prop::collection::vec((happening(), 1_i64..200), 1..400)) {
        let mut machine = Machine::armed();
        let mut now = noon();
        for (happening, seconds) in &all {
            now += TimeDelta::seconds(*seconds);
            machine.at(now, happening);
        }
        let mut revisions: Vec<&TemplateHash> = machine
            .said
            .iter()
            .filter_map(|(_, say)| match say {
                Say::RollBack { revision, .. } => Some(revision),
                _ => None,
            })
            .collect();
        let all = revisions.len();
        revisions.sort();
        revisions.dedup();
        prop_assert_eq!(revisions.len(), all);
    }

    #[test]
    fn without_a_measured_breach_nothing_is_ever_rolled_back(unknown in prop::collection::vec(any::<bool>(), 1..500)) {
        let mut machine = Machine::armed();
        let glances: Vec<Glance> = unknown.into_iter().map(|unknown| if unknown { Glance::Unknown } else { GOOD }).collect();
        machine.looks(0, &glances);
        prop_assert!(machine.said.is_empty());
    }
}
