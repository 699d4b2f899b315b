//! Checks of meaning that look across blocks. They run on a plan that is whole, and each finding is told at the place in
//! the file that it is about.

mod judged;
mod proof;
mod rollout;

use super::rules::{Findings, Rule};
use super::tree::{Node, Spot, Value};
use crate::model::plan::{Plan, Strategy, StrategyChoice, StrategyKind};
use crate::model::rule::Gate;

pub(super) use proof::{Need, needs};

/// Checks a plan that was read from `root` without an error.
pub(super) fn check(plan: &Plan, root: &Node, found: &mut Findings) {
    rollout::check(plan, root, found);
    judged::check(plan, root, found);
    proof::check(plan, root, found);
}

/// Percentages that stand behind their counts, anywhere in the file.
pub(super) fn check_counts(root: &Node, found: &mut Findings) {
    match &root.value {
        Value::Scalar { text, .. } => {
            if let Some((of, all, written)) = judged::miscounted(text) {
                let right = format!("{:.2}", 100.0 * of / all);
                let message = format!("{of} of {all} is {right} %, and the text says {written} %");
                found.warn(Rule::Counts, root.spot, message);
            }
        }
        Value::List(items) => items.iter().for_each(|item| check_counts(item, found)),
        Value::Map(members) => members.iter().for_each(|member| check_counts(&member.node, found)),
    }
}

/// A strategy with its place in the file.
struct Placed<'a> {
    strategy: &'a Strategy,
    path: Vec<Part>,
}

/// All strategies: the named ones, then those at components.
fn strategies(plan: &Plan) -> Vec<Placed<'_>> {
    let named = plan
        .strategies
        .iter()
        .enumerate()
        .map(|(at, strategy)| Placed { strategy, path: vec![Part::Key("strategies"), Part::At(at)] });
    let inline = plan.components.iter().enumerate().filter_map(|(at, component)| match &component.strategy {
        Some(StrategyChoice::Inline(strategy)) => Some(Placed {
            strategy,
            path: vec![Part::Key("components"), Part::At(at), Part::Key("strategy")],
        }),
        Some(StrategyChoice::Named(_)) | None => None,
    });
    named.chain(inline).collect()
}

/// A canary's step: its strategy, its place among the steps, itself, its gate, and where it stands in the file.
type GatedStep<'a> = (&'a Strategy, usize, &'a crate::model::plan::Step, Option<&'a Gate>, Vec<Part>);

/// Canary steps with their gates and places.
fn gated_steps(plan: &Plan) -> Vec<GatedStep<'_>> {
    let mut all = Vec::new();
    for placed in strategies(plan) {
        let StrategyKind::Canary(steps) = &placed.strategy.kind else { continue };
        for (at, step) in steps.iter().enumerate() {
            let mut path = placed.path.clone();
            path.extend([Part::Key("steps"), Part::At(at)]);
            let gate = step.gate.as_ref().and_then(|id| plan.gate(id));
            all.push((placed.strategy, at, step, gate, path));
        }
    }
    all
}

/// A step into the tree.
#[derive(Clone, Copy)]
enum Part {
    Key(&'static str),
    At(usize),
}

/// The place of a value; of the innermost one that is there, where the file says nothing of it.
fn spot(root: &Node, path: &[Part]) -> Spot {
    let mut at = root;
    let mut spot = Spot::START;
    for part in path {
        let next = match (&at.value, part) {
            (Value::Map(members), Part::Key(key)) => {
                members.iter().find(|member| member.key == *key).map(|member| (&member.node, member.spot))
            }
            (Value::List(items), Part::At(index)) => items.get(*index).map(|node| (node, node.spot)),
            (Value::Scalar { .. } | Value::Map(_) | Value::List(_), _) => None,
        };
        let Some((node, place)) = next else { break };
        (at, spot) = (node, place);
    }
    spot
}
