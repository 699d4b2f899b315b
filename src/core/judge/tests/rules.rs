use super::fixture::*;
use crate::core::judge::deeds::due;
use crate::core::judge::rule::{RuleState, evaluate, evaluate_all, with_notices};
use crate::model::measure::Share;
use crate::model::measure::Span;
use crate::model::proof::Verdict;
use crate::model::reading::Measured;
use crate::model::rule::{Active, Deed, MinSamples, OnBreach, OnMissing, Rule, RuleScope, Severity};

fn verdicts(rule: &Rule, looks: &[(i64, Measured)]) -> Vec<Verdict> {
    series(rule, looks).into_iter().map(|standing| standing.verdict).collect()
}

fn every(seconds: i64, from: i64, until: i64, value: f64) -> Vec<(i64, Measured)> {
    (from..=until).step_by(usize::try_from(seconds).unwrap()).map(|at| (at, measured(value))).collect()
}

#[test]
fn a_breach_needs_its_hold_time_and_until_then_nobody_can_tell() {
    let rule = Rule { lasts: Span(30), ..value_over(1.0) };
    let told = verdicts(&rule, &every(10, 0, 30, 2.0));
    assert_eq!(told, [Verdict::Unknown, Verdict::Unknown, Verdict::Unknown, Verdict::Breached]);
    let pending = &series(&rule, &every(10, 0, 20, 2.0))[2];
    assert_eq!(pending.judged.words.as_str(), "2 %, bad over 1 %: for 20s of 30s");
    assert!(!pending.acts);
}

#[test]
fn a_good_value_in_between_begins_the_hold_time_anew() {
    let rule = Rule { lasts: Span(30), ..value_over(1.0) };
    let mut looks = every(10, 0, 20, 2.0);
    looks.extend(every(10, 30, 30, 0.5));
    looks.extend(every(10, 40, 60, 2.0));
    let told = verdicts(&rule, &looks);
    assert!(!told.contains(&Verdict::Breached), "{told:?}");
}

#[test]
fn a_gap_neither_counts_for_the_hold_time_nor_forgets_it() {
    let rule = Rule { lasts: Span(30), ..value_over(1.0) };
    let mut looks = every(10, 0, 20, 2.0);
    looks.extend((30..=600).step_by(10).map(|at| (at, Measured::default())));
    let gap = verdicts(&rule, &looks);
    assert!(gap.iter().all(|verdict| *verdict == Verdict::Unknown), "{gap:?}");
    looks.extend(every(10, 610, 620, 2.0));
    assert_eq!(verdicts(&rule, &looks).last(), Some(&Verdict::Breached));
}

#[test]
fn time_in_which_nobody_looked_is_no_evidence() {
    // ten minutes between two looks: only as long as one value lasts counts (three periods of 15 s)
    let rule = Rule { lasts: Span::minutes(5), ..value_over(1.0) };
    let told = verdicts(&rule, &[(0, measured(2.0)), (600, measured(2.0))]);
    assert_eq!(told, [Verdict::Unknown, Verdict::Unknown]);
}

#[test]
fn a_breach_is_quick_to_come_and_slow_to_go() {
    let rule = value_over(1.0);
    let mut looks = every(10, 0, 0, 2.0);
    looks.extend(every(10, 10, 70, 0.5));
    let told = series(&rule, &looks);
    assert!(told[..7].iter().all(|standing| standing.verdict == Verdict::Breached), "{told:?}");
    assert_eq!(told[7].verdict, Verdict::Met);
    assert_eq!(told[3].judged.words.as_str(), "0.5 %, bad over 1 %: better for 20s of 1m");
    assert!(told[0].acts && !told[3].acts, "only what is measured now acts");
}

#[test]
fn what_is_unknown_does_not_forgive() {
    let mut looks = every(10, 0, 0, 2.0);
    looks.extend(every(10, 10, 50, 0.5));
    looks.push((60, Measured::default()));
    looks.extend(every(10, 70, 120, 0.5));
    let told = series(&value_over(1.0), &looks);
    assert!(told.iter().all(|standing| standing.verdict == Verdict::Breached));
    assert!(told[6].judged.words.as_str().starts_with("was breached, now unknown"), "{:?}", told[6]);
    assert!(!told[6].acts);
}

#[test]
fn hysteresis_asks_for_more_than_the_threshold() {
    let rule = Rule { clear: Some(0.5), clear_for: Span(10), ..value_over(1.0) };
    let looks = [(0, 2.0), (10, 0.8), (20, 0.8), (30, 0.4), (40, 0.4)];
    let looks: Vec<_> = looks.into_iter().map(|(at, value)| (at, measured(value))).collect();
    let told = verdicts(&rule, &looks);
    let breached = Verdict::Breached;
    assert_eq!(told, [breached, breached, breached, breached, Verdict::Met]);
    // without a breach before, the threshold itself counts
    assert_eq!(verdicts(&rule, &[(0, measured(0.8))]), [Verdict::Met]);
}

#[test]
fn too_few_samples_say_how_long_it_takes() {
    let rule = Rule { min_samples: Some(MinSamples::Auto), ..value_over(1.0) };
    let few = Measured { samples: Some(1840.0), ..measured(0.0) };
    let told = look(&rule, &samples("err", few));
    assert_eq!(told.verdict, Verdict::Unknown);
    assert_eq!(told.judged.words.as_str(), "too few: 1 840 of 3 000, ~3 min");
    let enough = Measured { samples: Some(3000.0), ..measured(0.0) };
    assert_eq!(look(&rule, &samples("err", enough)).verdict, Verdict::Met);
    // a breach of few requests is none either, and without a count nothing is known
    let bad = Measured { samples: Some(4.0), ..measured(50.0) };
    assert_eq!(look(&rule, &samples("err", bad)).verdict, Verdict::Unknown);
    assert_eq!(look(&rule, &samples("err", measured(0.0))).verdict, Verdict::Unknown);
}

#[test]
fn a_window_with_holes_is_unknown() {
    let holes = Measured { coverage: Some(Share(80.0)), ..measured(0.0) };
    let told = look(&value_over(1.0), &samples("err", holes));
    assert_eq!(told.verdict, Verdict::Unknown);
    assert_eq!(told.judged.words.as_str(), "data for 80 % of the window, 90 % needed");
    let nobody = Measured { coverage: None, ..measured(0.0) };
    assert_eq!(look(&value_over(1.0), &samples("err", nobody)).verdict, Verdict::Unknown);
}

#[test]
fn missing_data_counts_as_the_rule_says_and_never_acts() {
    let told =
        |on_missing| look(&Rule { on_missing, ..value_over(1.0) }, &samples("err", Measured::default()));
    assert_eq!(told(OnMissing::Unknown).verdict, Verdict::Unknown);
    let breached = told(OnMissing::Breached);
    assert!(breached.verdict == Verdict::Breached && !breached.acts);
    assert!(!told(OnMissing::Ignore).takes_part);
    let rule = Rule { deeds: [Deed::Rollback].into(), ..value_over(1.0) };
    assert_eq!(due(&rule, &breached, &OnBreach::default()), [Deed::ProposeRollback].into());
    let measured = look(&rule, &samples("err", measured(2.0)));
    assert_eq!(due(&rule, &measured, &OnBreach::default()), [Deed::Rollback].into());
}

#[test]
fn a_rule_that_names_no_deed_does_what_the_strategy_says() {
    let of = |severity| {
        let rule = Rule { severity, ..value_over(1.0) };
        due(&rule, &look(&rule, &samples("err", measured(2.0))), &OnBreach::default())
    };
    assert_eq!(of(Severity::Notice), [Deed::Note].into());
    assert_eq!(of(Severity::Warning), [Deed::Hold].into());
    assert_eq!(of(Severity::Critical), [Deed::ProposeRollback].into());
    assert_eq!(of(Severity::Emergency), [Deed::ProposeStop].into());
    let good = look(&value_over(1.0), &samples("err", measured(0.5)));
    assert!(due(&value_over(1.0), &good, &OnBreach::default()).is_empty());
}

#[test]
fn the_candidate_is_judged_by_itself() {
    let rule = Rule { scope: RuleScope::PerVersion, ..value_over(1.0) };
    let told = look(&rule, &versions(measured(4.0), measured(0.1)));
    assert_eq!(told.verdict, Verdict::Breached);
    let told = look(&rule, &versions(Measured::default(), measured(0.1)));
    assert_eq!(told.verdict, Verdict::Unknown);
}

#[test]
fn a_rule_rests_outside_of_its_steps() {
    let rule = Rule { active: Active { steps: vec![Share(10.0), Share(25.0)] }, ..value_over(1.0) };
    let at = |weight: Option<f64>| {
        let samples =
            crate::model::reading::Samples { weight: weight.map(Share), ..samples("err", measured(2.0)) };
        look(&rule, &samples)
    };
    assert!(at(Some(25.0)).takes_part && !at(Some(50.0)).takes_part);
    assert!(at(None).takes_part, "where the step is not known nobody looks away");
}

#[test]
fn a_target_becomes_a_notice_so_that_no_band_is_silent() {
    let rules = [
        Rule { derive_notice: true, scope: RuleScope::PerVersion, ..value_over(1.0) },
        Rule { derive_notice: true, id: crate::model::ids::RuleId::new("crit"), ..value_over(5.0) },
    ];
    let all = with_notices(&rules, &metrics());
    assert_eq!(all.len(), 3, "one notice for two rules of one metric");
    let (_, told) =
        evaluate_all(&all, &[].into(), &metrics(), &versions(measured(0.5), measured(0.0)), noon());
    let notice = &told[&all[2].id];
    assert!(notice.verdict == Verdict::Breached && all[2].severity == Severity::Notice, "{notice:?}");
    assert_eq!(notice.judged.words.as_str(), "0.5 %, bad at least 0.1 %");
    assert_eq!(told[&rules[0].id].verdict, Verdict::Met);
}

#[test]
fn states_can_be_written_down_and_taken_up_again() {
    let rule = Rule { lasts: Span(30), ..value_over(1.0) };
    let fresh = samples("err", measured(2.0));
    let (state, _) = evaluate(&rule, &RuleState::default(), &metrics(), &fresh, at(-20));
    let written = serde_json::to_string(&state).unwrap();
    let read: RuleState = serde_json::from_str(&written).unwrap();
    assert_eq!(read, state);
    let (_, told) = evaluate(&rule, &read, &metrics(), &fresh, noon());
    assert_eq!(told.judged.words.as_str(), "2 %, bad over 1 %: for 20s of 30s");
}
