use std::collections::BTreeSet;

use super::fixture::*;
use crate::core::judge::bake::Bake;
use crate::core::judge::board::{Board, BoardState, BoardView};
use crate::core::judge::stats::Tally;
use crate::model::bake::BakeWants;
use crate::model::ids::{GateId, ItemId, MetricId, RuleId};
use crate::model::measure::{Share, Span};
use crate::model::proof::{Claim, Verdict};
use crate::model::reading::{Measured, Samples};
use crate::model::rule::{Condition, Gate, Rule, RuleScope, Severity};

fn board() -> Board {
    let gate = Gate {
        id: GateId::new("canary-ok"),
        all_of: vec![
            Condition::Rule(RuleId::new("warn")),
            Condition::Target(MetricId::new("err")),
            Condition::Item(ItemId::new("told")),
        ],
        lasts: Span::ZERO,
        snapshot: true,
    };
    let rule = |id: &str, threshold, severity| Rule {
        id: RuleId::new(id),
        scope: RuleScope::PerVersion,
        severity,
        ..value_over(threshold)
    };
    Board::new(
        &[rule("warn", 1.0, Severity::Warning), rule("crit", 5.0, Severity::Critical)],
        &[err()],
        &[gate],
    )
}

fn counted(value: f64) -> Samples {
    versions(Measured { samples: Some(4000.0), ..measured(value) }, measured(0.0))
}

fn look(samples: &Samples, ticked: &BTreeSet<ItemId>) -> BoardView {
    board().look(&BoardState::default(), samples, ticked, noon()).1
}

#[test]
fn a_gate_goes_green_on_its_rules_its_targets_and_its_items() {
    let gate = GateId::new("canary-ok");
    let ticked = [ItemId::new("told")].into();
    let view = look(&counted(0.0), &ticked);
    assert_eq!(view.gates[&gate].verdict, Verdict::Met);
    let shown = Claim::Shown("0 of 4 000 failed: true rate under 0.075 %".into());
    assert_eq!(view.gates[&gate].shown, [(MetricId::new("err"), shown)]);
    assert_eq!(look(&counted(0.0), &BTreeSet::new()).gates[&gate].verdict, Verdict::Unknown);
    let missed = look(&counted(0.4), &ticked);
    assert_eq!(missed.gates[&gate].verdict, Verdict::Breached);
    assert_eq!(
        look(&versions(Measured::default(), measured(0.0)), &ticked).gates[&gate].verdict,
        Verdict::Unknown
    );
}

#[test]
fn a_bake_sees_the_gravest_breach_and_what_its_gate_does_not_know() {
    let gate = GateId::new("canary-ok");
    let seen = |samples: &Samples| board().bake_look(&look(samples, &BTreeSet::new()), Some(&gate), samples);
    let good = seen(&counted(0.0));
    assert_eq!((good.breach.clone(), good.unknown.clone()), (None, None), "an open item is no gap");
    assert_eq!((good.seen, good.window), (Some(Tally { requests: 4000.0, failed: 0.0 }), Span::minutes(5)));
    let bad = seen(&counted(8.0));
    assert_eq!(bad.breach, Some((Severity::Critical, "crit: 8 %, bad over 5 %".into())));
    let nothing = seen(&versions(Measured::default(), measured(0.0)));
    assert_eq!(nothing.unknown, Some("rule warn: no data".into()));
    let alone = board().bake_look(&look(&Samples::default(), &BTreeSet::new()), None, &Samples::default());
    assert_eq!(alone.unknown, Some("warn: err: no data".into()));
}

#[test]
fn a_canary_that_is_fine_gets_through_its_bake_and_a_sick_one_never() {
    let wants = BakeWants {
        length: Span::minutes(5),
        samples: Some(3000),
        coverage: Share(90.0),
        target: Some(Share(0.1)),
    };
    let run = |value: f64| {
        let (board, mut state, mut bake) = (board(), BoardState::default(), Bake::start(wants, noon()));
        for seconds in (0..=600).step_by(15) {
            let mut samples = counted(value);
            for measured in samples.metrics.values_mut().flat_map(|reading| reading.sides.values_mut()) {
                measured.last.as_mut().unwrap().at = at(seconds);
            }
            let (after, view) = board.look(&state, &samples, &BTreeSet::new(), at(seconds));
            state = after;
            let look = board.bake_look(&view, Some(&GateId::new("canary-ok")), &samples);
            let _ = bake.look(&look, at(seconds));
        }
        bake
    };
    let fine = run(0.0);
    assert!(fine.is_done() && fine.tally().requests > 3000.0, "{:?}", fine.view(at(600)));
    assert!(!run(2.0).is_done() && run(2.0).count.healthy == 0);
}
