use std::collections::{BTreeMap, BTreeSet};

use super::fixture::*;
use crate::core::judge::gate::{GateInputs, GateState, GateView, evaluate};
use crate::core::judge::rule::Standing;
use crate::model::ids::{GateId, ItemId, MetricId, ProbeId, RuleId};
use crate::model::measure::Span;
use crate::model::proof::{Claim, Verdict};
use crate::model::reading::{Measured, ProbeSeen, Samples};
use crate::model::rule::{Condition, Gate, OnMissing, Rule};

struct Given {
    rules: BTreeMap<RuleId, Standing>,
    targets: BTreeMap<MetricId, (Standing, Option<Claim>)>,
    samples: Samples,
    ticked: BTreeSet<ItemId>,
}

impl Given {
    /// Everything is met.
    fn good() -> Self {
        let standing = look(&value_over(1.0), &samples("err", measured(0.0)));
        let probe = ProbeSeen { at: at(-5), staleness: Span(600), millis: Some(20), answer: Ok(()) };
        Self {
            rules: [(RuleId::new("err-warn"), standing.clone())].into(),
            targets: [(MetricId::new("err"), (standing, None))].into(),
            samples: Samples { probes: [(ProbeId::new("front"), probe)].into(), ..Samples::default() },
            ticked: [ItemId::new("backup")].into(),
        }
    }

    fn view(&self, gate: &Gate, before: &GateState, seconds: i64) -> (GateState, GateView) {
        let inputs = GateInputs {
            rules: &self.rules,
            targets: &self.targets,
            samples: &self.samples,
            ticked: &self.ticked,
        };
        evaluate(gate, before, &inputs, at(seconds))
    }

    fn once(&self) -> GateView {
        self.view(&gate(Span::ZERO), &GateState::default(), 0).1
    }

    fn rule(&mut self, value: Measured) {
        let standing = look(&value_over(1.0), &samples("err", value));
        self.rules.insert(RuleId::new("err-warn"), standing);
    }
}

fn gate(lasts: Span) -> Gate {
    Gate {
        id: GateId::new("canary-ok"),
        all_of: vec![
            Condition::Rule(RuleId::new("err-warn")),
            Condition::Target(MetricId::new("err")),
            Condition::Probe(ProbeId::new("front")),
            Condition::Item(ItemId::new("backup")),
        ],
        lasts,
        snapshot: true,
    }
}

#[test]
fn a_gate_is_met_when_everything_in_it_is() {
    let view = Given::good().once();
    assert_eq!((view.verdict, view.words.as_str(), view.lacking.len()), (Verdict::Met, "met", 0));
}

#[test]
fn what_is_missing_is_listed_with_the_worst_last() {
    let mut given = Given::good();
    given.rule(measured(2.0));
    given.ticked.clear();
    let view = given.once();
    assert_eq!((view.verdict, view.words.as_str()), (Verdict::Breached, "2 of 4 met"));
    let said: Vec<String> =
        view.lacking.iter().map(|lack| format!("{}: {}", lack.condition, lack.words)).collect();
    assert_eq!(said, ["item backup: not ticked", "rule err-warn: 2 %, bad over 1 %"]);
}

#[test]
fn the_unknown_holds() {
    let mut given = Given::good();
    given.rule(Measured::default());
    assert_eq!(given.once().verdict, Verdict::Unknown);
    let mut given = Given::good();
    given.rules.clear();
    assert_eq!(given.once().verdict, Verdict::Unknown);
    let mut given = Given::good();
    given.samples.probes.get_mut(&ProbeId::new("front")).unwrap().at = at(-3600);
    let view = given.once();
    assert_eq!((view.verdict, view.lacking[0].words.as_str()), (Verdict::Unknown, "stale: 1h old"));
    let mut given = Given::good();
    given.samples.probes.get_mut(&ProbeId::new("front")).unwrap().answer = Err("503".into());
    assert_eq!(given.once().verdict, Verdict::Breached);
}

#[test]
fn a_gate_of_which_nothing_is_judged_says_nothing() {
    let rule = Rule { on_missing: OnMissing::Ignore, ..value_over(1.0) };
    let ignored = look(&rule, &samples("err", Measured::default()));
    let mut given = Given::good();
    given.rules.insert(RuleId::new("err-warn"), ignored);
    assert_eq!(given.once().verdict, Verdict::Met, "the others decide");
    let alone = Gate { all_of: vec![Condition::Rule(RuleId::new("err-warn"))], ..gate(Span::ZERO) };
    assert_eq!(given.view(&alone, &GateState::default(), 0).1.verdict, Verdict::Unknown);
    let empty = Gate { all_of: Vec::new(), ..gate(Span::ZERO) };
    assert_eq!(given.view(&empty, &GateState::default(), 0).1.verdict, Verdict::Unknown);
}

#[test]
fn it_must_be_met_for_its_time_without_a_break() {
    let (good, mut bad) = (Given::good(), Given::good());
    bad.rule(measured(2.0));
    let gate = gate(Span::minutes(1));
    let mut state = GateState::default();
    let mut told = Vec::new();
    for (seconds, given) in
        [(0, &good), (15, &good), (20, &bad), (22, &good), (24, &good), (24 + 58, &good), (24 + 59, &good)]
    {
        let (after, view) = given.view(&gate, &state, seconds);
        state = after;
        told.push((view.verdict, view.words.to_string()));
    }
    assert_eq!(told[1], (Verdict::Unknown, "met for 15s of 1m".to_owned()));
    assert_eq!(told[2].0, Verdict::Breached);
    assert_eq!(told[4].1, "met for 2s of 1m");
    // nobody looked for 58 seconds: only 45 of them count
    assert_eq!(told[5], (Verdict::Unknown, "met for 47s of 1m".to_owned()));
}

#[test]
fn a_target_that_the_whole_bake_refutes_is_no_target_met() {
    let mut given = Given::good();
    let claim = Claim::Refuted("40 of 1 840 failed: true rate over 1.6 %, target 0.1 %".into());
    given.targets.get_mut(&MetricId::new("err")).unwrap().1 = Some(claim.clone());
    let view = given.once();
    assert_eq!(view.verdict, Verdict::Breached);
    assert_eq!(view.shown, [(MetricId::new("err"), claim)]);
}
