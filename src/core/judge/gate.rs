//! Gates: met only when everything in it is met. Unknown holds.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fresh::{age, within};
use super::rule::Standing;
use super::words;
use crate::model::ids::{ItemId, MetricId, RuleId};
use crate::model::measure::Span;
use crate::model::proof::{Claim, Verdict};
use crate::model::reading::Samples;
use crate::model::rule::{Condition, Gate};
use crate::model::{Text, Time};

/// Between two looks at most so much time counts.
const REACH: u64 = 45_000;

/// How long a gate has been met without a break.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateState {
    /// Milliseconds; `None` while it is not met.
    pub met: Option<u64>,
    /// When it was last looked at.
    pub at: Option<Time>,
}

/// What a gate is judged by.
#[derive(Clone, Copy, Debug)]
pub struct GateInputs<'a> {
    /// Rules as they stand.
    pub rules: &'a BTreeMap<RuleId, Standing>,
    /// Targets as they stand (each judged as a notice rule of its own), with what the samples show.
    pub targets: &'a BTreeMap<MetricId, (Standing, Option<Claim>)>,
    /// Probes.
    pub samples: &'a Samples,
    /// Items that are ticked.
    pub ticked: &'a BTreeSet<ItemId>,
}

/// One condition that is not met.
#[derive(Clone, Debug, PartialEq)]
pub struct Lacking {
    /// Which.
    pub condition: Condition,
    /// Breached or unknown.
    pub verdict: Verdict,
    /// What is missing.
    pub words: Text,
}

/// What a gate says.
#[derive(Clone, Debug, PartialEq)]
pub struct GateView {
    /// Met only when everything in it has been met for long enough.
    pub verdict: Verdict,
    /// What is missing: unknown first, breached last, where the eye ends.
    pub lacking: Vec<Lacking>,
    /// What met conditions with samples prove.
    pub shown: Vec<(MetricId, Claim)>,
    /// `met`, `3 of 5 met`, `met for 20s of 1m`.
    pub words: Text,
}

/// Judges a gate and folds the result into its state.
#[must_use]
pub fn evaluate(
    gate: &Gate,
    before: &GateState,
    inputs: &GateInputs<'_>,
    now: Time,
) -> (GateState, GateView) {
    let mut lacking = Vec::new();
    let (mut met, mut taking_part) = (0_usize, 0_usize);
    for condition in &gate.all_of {
        match judge(condition, inputs, now) {
            None => {}
            Some((Verdict::Met, _)) => (met, taking_part) = (met + 1, taking_part + 1),
            Some((verdict, words)) => {
                taking_part += 1;
                lacking.push(Lacking { condition: condition.clone(), verdict, words });
            }
        }
    }
    lacking.sort_by_key(|lack| lack.verdict == Verdict::Breached);
    // a gate of which nothing is judged says nothing, and so holds
    let all_met = lacking.is_empty() && met > 0;
    let passed = before.at.map_or(0, |at| u64::try_from((now - at).num_milliseconds()).unwrap_or(0));
    let lasted = before.met.map_or(0, |lasted| lasted + passed.min(REACH));
    let state = GateState { met: all_met.then_some(lasted), at: Some(now) };
    let wanted = gate.lasts.seconds().saturating_mul(1_000);
    let (verdict, words) = match state.met {
        Some(lasted) if lasted >= wanted => (Verdict::Met, "met".to_owned()),
        Some(lasted) => {
            (Verdict::Unknown, format!("met for {} of {}", words::span(lasted), Span(wanted / 1_000)))
        }
        None if taking_part == 0 => (Verdict::Unknown, "nothing in it is judged now".to_owned()),
        None => {
            let breached = lacking.iter().any(|lack| lack.verdict == Verdict::Breached);
            let verdict = if breached { Verdict::Breached } else { Verdict::Unknown };
            (verdict, format!("{met} of {taking_part} met"))
        }
    };
    (state, GateView { verdict, lacking, shown: shown(gate, inputs), words: words.into() })
}

/// The verdict of one condition; `None` where it takes no part.
fn judge(condition: &Condition, inputs: &GateInputs<'_>, now: Time) -> Option<(Verdict, Text)> {
    let of =
        |standing: &Standing| standing.takes_part.then(|| (standing.verdict, standing.judged.words.clone()));
    let unseen = |what: &str| Some((Verdict::Unknown, Text::from(what)));
    match condition {
        Condition::Rule(id) => inputs.rules.get(id).map_or_else(|| unseen("not judged yet"), of),
        Condition::Target(id) => match inputs.targets.get(id) {
            None => unseen("not judged yet"),
            // the value of this moment may look good where the requests of the whole bake do not
            Some((_, Some(Claim::Refuted(words)))) => Some((Verdict::Breached, words.clone())),
            Some((standing, _)) => of(standing),
        },
        Condition::Item(id) if inputs.ticked.contains(id) => Some((Verdict::Met, Text::from("ticked"))),
        Condition::Item(_) => unseen("not ticked"),
        Condition::Probe(id) => {
            let Some(probe) = inputs.samples.probes.get(id) else { return unseen("not probed yet") };
            if let Err(stale) = within(probe.at, probe.staleness, now) {
                return Some((Verdict::Unknown, stale));
            }
            Some(match &probe.answer {
                Ok(()) => (Verdict::Met, Text::from(format!("answered {} ago", age(probe.at, now)))),
                Err(why) => (Verdict::Breached, why.clone()),
            })
        }
    }
}

fn shown(gate: &Gate, inputs: &GateInputs<'_>) -> Vec<(MetricId, Claim)> {
    let target = |condition: &Condition| match condition {
        Condition::Target(id) => Some((id.clone(), inputs.targets.get(id)?.1.clone()?)),
        Condition::Rule(_) | Condition::Probe(_) | Condition::Item(_) => None,
    };
    gate.all_of.iter().filter_map(target).collect()
}
