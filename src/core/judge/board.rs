//! Everything that is judged of one component, at once: its rules with the notices of its targets, its gates, and what a
//! bake at a step sees of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Metrics;
use super::bake::Look;
use super::claim::rate_under;
use super::deeds::gravest;
use super::form::tally;
use super::gate::{self, GateInputs, GateState, GateView};
use super::rule::{RuleState, Standing, evaluate_all, with_notices};
use super::stats::Tally;
use crate::model::ids::{GateId, ItemId, MetricId, RuleId};
use crate::model::measure::Span;
use crate::model::proof::{Claim, Verdict};
use crate::model::reading::{Measured, MetricReading, Samples};
use crate::model::rule::{Condition, Gate, Metric, Rule, RuleScope, Severity};
use crate::model::series::Side;
use crate::model::{Text, Time};

/// What is judged.
#[derive(Clone, Debug, Default)]
pub struct Board {
    rules: Vec<Rule>,
    metrics: Metrics,
    gates: Vec<Gate>,
    /// The rule that judges a metric's target.
    targets: BTreeMap<MetricId, RuleId>,
}

/// What is remembered between two looks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BoardState {
    /// Of rules.
    pub rules: BTreeMap<RuleId, RuleState>,
    /// Of gates.
    pub gates: BTreeMap<GateId, GateState>,
}

/// What one look said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoardView {
    /// Every rule.
    pub rules: BTreeMap<RuleId, Standing>,
    /// Every gate.
    pub gates: BTreeMap<GateId, GateView>,
    /// What the samples show of each target that is a share of failures.
    pub claims: BTreeMap<MetricId, Claim>,
}

impl Board {
    /// A board of these rules, metrics and gates. Targets that gates name become notices too.
    #[must_use]
    pub fn new(rules: &[Rule], metrics: &[Metric], gates: &[Gate]) -> Self {
        let metrics: Metrics = metrics.iter().map(|metric| (metric.id.clone(), metric.clone())).collect();
        let mut rules = with_notices(rules, &metrics);
        let mut targets = BTreeMap::new();
        for condition in gates.iter().flat_map(|gate| &gate.all_of) {
            let Condition::Target(id) = condition else { continue };
            let Some(metric) = metrics.get(id) else { continue };
            let scope = if metric.by_version { RuleScope::PerVersion } else { RuleScope::Total };
            let Some(notice) = metric.notice(scope) else { continue };
            targets.insert(id.clone(), notice.id.clone());
            if !rules.iter().any(|rule| rule.id == notice.id) {
                rules.push(notice);
            }
        }
        Self { rules, metrics, gates: gates.to_vec(), targets }
    }

    /// All rules, derived ones included.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Judges everything once.
    #[must_use]
    pub fn look(
        &self,
        before: &BoardState,
        samples: &Samples,
        ticked: &BTreeSet<ItemId>,
        now: Time,
    ) -> (BoardState, BoardView) {
        let (rules, standings) = evaluate_all(&self.rules, &before.rules, &self.metrics, samples, now);
        let claims: BTreeMap<MetricId, Claim> = self
            .metrics
            .values()
            .filter_map(|metric| Some((metric.id.clone(), claim(metric, samples)?)))
            .collect();
        let target = |(id, rule): (&MetricId, &RuleId)| {
            Some((id.clone(), (standings.get(rule)?.clone(), claims.get(id).cloned())))
        };
        let targets = self.targets.iter().filter_map(target).collect();
        let inputs = GateInputs { rules: &standings, targets: &targets, samples, ticked };
        let (mut states, mut views) = (BTreeMap::new(), BTreeMap::new());
        for one in &self.gates {
            let state = before.gates.get(&one.id).copied().unwrap_or_default();
            let (state, view) = gate::evaluate(one, &state, &inputs, now);
            states.insert(one.id.clone(), state);
            views.insert(one.id.clone(), view);
        }
        (BoardState { rules, gates: states }, BoardView { rules: standings, gates: views, claims })
    }

    /// What a bake sees: the gravest breach of any rule, what is not known of its gate (without a gate: of any rule that
    /// is more than a notice), and the candidate's requests.
    #[must_use]
    pub fn bake_look(&self, view: &BoardView, gate: Option<&GateId>, samples: &Samples) -> Look {
        let standings: Vec<(&Rule, &Standing)> =
            self.rules.iter().filter_map(|rule| Some((rule, view.rules.get(&rule.id)?))).collect();
        let severity = gravest(standings.iter().copied());
        let named = |severity: Severity| {
            let worst = standings
                .iter()
                .find(|(rule, standing)| rule.severity == severity && standing.verdict == Verdict::Breached);
            let words = worst.map(|(rule, standing)| format!("{}: {}", rule.id, standing.judged.words));
            (severity, Text::from(words.unwrap_or_default()))
        };
        let (seen, window) = self.requests(gate, samples).unzip();
        Look {
            breach: severity.map(named),
            unknown: match gate {
                Some(id) => unknown_of_gate(id, view.gates.get(id)),
                None => standings.iter().find_map(|(rule, standing)| unknown_of_rule(rule, standing)),
            },
            seen,
            window: window.unwrap_or(Span::ZERO),
        }
    }

    /// Requests and failures of the candidate: of the first share of failures that the gate names, else of any.
    fn requests(&self, gate: Option<&GateId>, samples: &Samples) -> Option<(Tally, Span)> {
        let gate = gate.and_then(|id| self.gates.iter().find(|gate| gate.id == *id));
        let metric_of = |condition: &Condition| match condition {
            Condition::Target(id) => Some(id.clone()),
            Condition::Rule(id) => self.rules.iter().find(|rule| rule.id == *id)?.metric.clone(),
            Condition::Probe(_) | Condition::Item(_) => None,
        };
        let named = gate.into_iter().flat_map(|gate| gate.all_of.iter().filter_map(metric_of));
        let all: Vec<MetricId> = named.chain(self.metrics.keys().cloned()).collect();
        all.iter().find_map(|id| {
            let (metric, reading) = (self.metrics.get(id)?, samples.metrics.get(id)?);
            Some((tally(metric, candidate(metric, reading)?)?, reading.window))
        })
    }
}

fn candidate<'a>(metric: &Metric, reading: &'a MetricReading) -> Option<&'a Measured> {
    if metric.by_version { reading.sides.get(&Side::Candidate) } else { reading.total.as_ref() }
}

/// What the samples of the window show of a metric's target.
fn claim(metric: &Metric, samples: &Samples) -> Option<Claim> {
    let target = metric.failure_target()?;
    let reading = samples.metrics.get(&metric.id)?;
    let seen = tally(metric, candidate(metric, reading)?)?;
    let per_second = (!reading.window.is_zero()).then(|| seen.requests / reading.window.as_f64());
    Some(rate_under(seen, target, per_second))
}

fn unknown_of_gate(id: &GateId, view: Option<&GateView>) -> Option<Text> {
    let Some(view) = view else { return Some(Text::from(format!("gate {id} is not judged"))) };
    // what a person has yet to tick is no gap in what is known
    let lack = view
        .lacking
        .iter()
        .find(|lack| lack.verdict == Verdict::Unknown && !matches!(lack.condition, Condition::Item(_)));
    lack.map(|lack| Text::from(format!("{}: {}", lack.condition, lack.words)))
}

fn unknown_of_rule(rule: &Rule, standing: &Standing) -> Option<Text> {
    let unknown = standing.takes_part && standing.verdict == Verdict::Unknown;
    (unknown && rule.severity > Severity::Notice)
        .then(|| Text::from(format!("{}: {}", rule.id, standing.judged.words)))
}
