//! What a bake can prove: samples that its targets need, samples that it will see, and how long it really takes.

use super::super::rules::{Findings, Rule as Broken};
use super::super::tree::Node;
use super::{Part, gated_steps, spot};
use crate::model::plan::{Gravity, Plan, Step};
use crate::model::rule::{Condition, Gate, Metric, MinSamples, Share, Span};

/// What one step needs to prove about one metric.
pub(in super::super) struct Need<'a> {
    pub(in super::super) metric: &'a Metric,
    /// The share of failures that the target allows at most.
    pub(in super::super) target: Share,
    /// Samples that are asked for.
    pub(in super::super) samples: u64,
    /// Samples that the bake sees under the target's load, and how long it would take to see enough.
    pub(in super::super) forecast: Option<(u64, Span)>,
}

impl Need<'_> {
    /// The rate of failures that so many samples without one show to be undershot (95 percent).
    pub(in super::super) fn shows(&self) -> Share {
        // a plan's numbers of samples have at most 15 digits
        Share(300.0 / as_f64(self.samples.max(1)))
    }
}

/// Proportions that a step's gate judges, each once.
pub(in super::super) fn needs<'a>(plan: &'a Plan, step: &Step, gate: &'a Gate) -> Vec<Need<'a>> {
    let mut all: Vec<Need<'a>> = Vec::new();
    for condition in &gate.all_of {
        let (metric, own) = match condition {
            Condition::Rule(id) => {
                let Some(rule) = plan.rule(id) else { continue };
                (rule.metric.as_ref().and_then(|id| plan.metric(id)), rule.min_samples)
            }
            Condition::Target(id) => (plan.metric(id), None),
            Condition::Probe(_) | Condition::Item(_) => continue,
        };
        let Some(metric) = metric else { continue };
        let Some(target) = metric.failure_target().filter(|target| target.percent() > 0.0) else { continue };
        let asked = match (step.min_samples, own) {
            (MinSamples::Auto, Some(own)) => own,
            (asked, _) => asked,
        };
        let Some(samples) = asked.needed(Some(target)) else { continue };
        if all.iter().all(|need| need.metric.id != metric.id) {
            let load = metric.target.as_ref().and_then(|target| target.under_per_second);
            all.push(Need {
                metric,
                target,
                samples,
                forecast: load.map(|load| forecast(step, samples, load)),
            });
        }
    }
    all
}

#[expect(clippy::cast_precision_loss, reason = "numbers of samples stay far below 2^53")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

/// Samples within the bake, and the time until there are enough of them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` keeps within u64, and both are positive"
)]
fn forecast(step: &Step, samples: u64, load: f64) -> (u64, Span) {
    let rate = load * step.to.fraction();
    let seen = (rate * step.bake.as_f64()).floor() as u64;
    let seconds = (as_f64(samples) / rate).ceil().min(1e9) as u64;
    (seen, Span(seconds))
}

/// How long a step takes: its bake, or longer where it must wait for samples.
fn lasts(plan: &Plan, step: &Step, gate: Option<&Gate>) -> Span {
    let waits = gate.map(|gate| needs(plan, step, gate)).unwrap_or_default();
    let waits = waits.iter().filter_map(|need| need.forecast).map(|(_, span)| span);
    waits.fold(step.bake, Span::max)
}

pub(super) fn check(plan: &Plan, root: &Node, found: &mut Findings) {
    let mut total = Span::ZERO;
    let steps = gated_steps(plan);
    for (index, (strategy, at, step, gate, path)) in steps.iter().enumerate() {
        if *at == 0 {
            total = Span::ZERO;
        }
        total = Span(total.seconds().saturating_add(lasts(plan, step, *gate).seconds()));
        if let Some(gate) = gate {
            check_step(
                plan,
                step,
                gate,
                spot(root, &[path.as_slice(), &[Part::Key("bake")]].concat()),
                found,
            );
        }
        let last = steps.get(index + 1).is_none_or(|(_, next, ..)| *next == 0);
        if let Some(deadline) = strategy.deadline
            && last
            && total > deadline
        {
            let path = [&path[..path.len() - 2], &[Part::Key("deadline")]].concat();
            let message = format!(
                "the steps of `{}` take {total} at least, more than its deadline of {deadline}",
                strategy.id
            );
            found.warn(Broken::TooLong, spot(root, &path), message);
        }
    }
}

fn check_step(plan: &Plan, step: &Step, gate: &Gate, spot: super::Spot, found: &mut Findings) {
    for need in needs(plan, step, gate) {
        let Need { metric, samples, .. } = &need;
        match need.forecast {
            Some((seen, takes)) if seen < *samples => {
                let message = format!(
                    "this bake cannot prove the target of `{}`: {seen} of {samples} samples in {}; it needs {takes}",
                    metric.id, step.bake
                );
                let weaker = if seen > 0 {
                    format!(
                        ", or `min_samples: {seen}`, which shows under {:.2} % at most",
                        300.0 / as_f64(seen)
                    )
                } else {
                    String::new()
                };
                let advice = format!("write `bake: {takes}`, a larger step{weaker}");
                found.weigh(Gravity::Warning, Broken::Bake, spot, message, Some(advice));
            }
            Some(_) => {}
            None => {
                let message = format!(
                    "whether this bake can prove the target of `{}` cannot be checked: it needs {samples} samples, and no load is given",
                    metric.id
                );
                let advice = "write the load at the target, as `under: \"100/s\"`".to_owned();
                found.weigh(Gravity::Note, Broken::Bake, spot, message, Some(advice));
            }
        }
    }
}
