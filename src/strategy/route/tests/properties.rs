//! What holds whatever the weights are.

use proptest::prelude::*;

use super::*;

thread_local! {
    /// Read once: a case changes its own copy.
    static RECORDED: (ObjectSet, Known) = http("shop");
}

proptest! {
    /// Whatever weights a rule has: no outline leaves a rule without a positive weight, and none moves the share of a
    /// third backend.
    #[test]
    fn no_outline_leaves_a_rule_that_serves_nobody(
        weights in prop::collection::vec((0..=1_000_000_i64, 0..=1_000_000_i64, 0..3_i64), 1..4),
        percent in 1..=100_u32,
        chosen in 0..4_u8,
    ) {
        let (mut set, known) = RECORDED.with(Clone::clone);
        let template = route(&mut set).rules[0].clone();
        route(&mut set).rules = weights
            .iter()
            .enumerate()
            .map(|(at, (stable, candidate, third))| {
                let mut rule = template.clone();
                rule.pointer = format!("/spec/rules/{at}/backendRefs");
                rule.backends[0].weight = *stable;
                rule.backends[1].weight = *candidate;
                if *third > 0 {
                    rule.backends.push(Backend {
                        service: "shop-other".into(),
                        weight: *third,
                        weighted: true,
                        ..Backend::default()
                    });
                }
                rule
            })
            .collect();
        let act = match chosen {
            0 => Act::SetWeight { percent },
            1 => Act::PromoteFull,
            2 => BACK,
            _ => Act::Stop,
        };
        let Ok(outline) = strategy_of(&set).outline(&act, &set, &known) else { return Ok(()) };
        apply(&mut set, &outline);
        for (rule, (.., third)) in route(&mut set).rules.iter().zip(&weights) {
            let sum: i64 = rule.backends.iter().map(|backend| backend.weight).sum();
            prop_assert!(sum > 0, "{rule:?}");
            if *third > 0 {
                prop_assert!(rule.backends[2].weight > 0);
            }
        }
        prop_assert_eq!(next(&act, &outline.want, &set, &known), Next::holds());
    }
}
