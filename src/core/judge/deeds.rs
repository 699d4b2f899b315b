//! What a breach does.

use std::collections::BTreeSet;

use super::rule::Standing;
use crate::model::proof::Verdict;
use crate::model::rule::{Deed, OnBreach, Rule, Severity};

/// What follows from a rule's standing: what the rule names, else what the strategy says for its severity. What only a
/// measured breach may do is made a proposal where the breach rests on what is missing.
#[must_use]
pub fn due(rule: &Rule, standing: &Standing, on_breach: &OnBreach) -> BTreeSet<Deed> {
    if !standing.takes_part || standing.verdict != Verdict::Breached {
        return BTreeSet::new();
    }
    let named = if rule.deeds.is_empty() {
        BTreeSet::from([on_breach.deed(rule.severity)])
    } else {
        rule.deeds.clone()
    };
    let softened = |deed| match deed {
        Deed::Rollback if !standing.acts => Deed::ProposeRollback,
        other => other,
    };
    named.into_iter().map(softened).collect()
}

/// The gravest breach of all, for bakes.
#[must_use]
pub fn gravest<'a>(all: impl IntoIterator<Item = (&'a Rule, &'a Standing)>) -> Option<Severity> {
    all.into_iter()
        .filter(|(_, standing)| standing.takes_part && standing.verdict == Verdict::Breached)
        .map(|(rule, _)| rule.severity)
        .max()
}
