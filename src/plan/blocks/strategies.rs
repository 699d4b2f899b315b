//! `strategies`, and those written at a component.

use super::super::fields::{Fields, word};
use super::super::names::{Kind, Names};
use super::super::rules::{Findings, Rule};
use super::super::schema::{self, Block};
use super::super::tree::{Node, Value};
use super::super::values::{listed, object_name, whole};
use super::super::words::{Auto, StrategyWord};
use crate::model::ids::{GateId, Name, ProbeId, StrategyId};
use crate::model::plan::{BlueGreen, Cleanup, Step, Strategy, StrategyKind, UNDO_WINDOW};
use crate::model::rule::{MIN_COVERAGE, MinSamples, OnBreach, Span};

/// Members that belong to one kind only.
const CANARY: [&str; 1] = ["steps"];
const BLUE_GREEN: [&str; 6] =
    ["stable_name", "new_name", "preview_probe", "switch", "keep_old_for", "capacity_factor"];

/// Reads all strategies.
pub(super) fn read(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Vec<Strategy> {
    let nodes = file.list("strategies", found);
    nodes
        .iter()
        .filter_map(|node| {
            let fields = Fields::read(node, &schema::STRATEGY, found)?;
            let id = fields.id(found);
            let strategy = read_body(&fields, id.map_or("", |(id, _)| id), names, found);
            let (id, spot) = id?;
            names.give(Kind::Strategy, id, spot, found);
            strategy
        })
        .collect()
}

/// A strategy at its component, which gives it its name.
pub(super) fn read_inline(
    node: &Node,
    component: &str,
    names: &mut Names,
    found: &mut Findings,
) -> Option<Strategy> {
    let block: &'static Block = &schema::INLINE_STRATEGY;
    read_body(&Fields::read(node, block, found)?, component, names, found)
}

/// How long the old version stays ready under this strategy, where the component does not say.
pub(super) fn undo_window(strategy: &Strategy) -> Span {
    match &strategy.kind {
        StrategyKind::BlueGreen(switch) => switch.keep_old_for.max(UNDO_WINDOW),
        StrategyKind::Rolling | StrategyKind::Canary(_) | StrategyKind::Recreate => UNDO_WINDOW,
    }
}

fn read_body(fields: &Fields<'_>, id: &str, names: &mut Names, found: &mut Findings) -> Option<Strategy> {
    let kind = fields.word::<StrategyWord>("kind", found);
    if let Some(kind) = kind {
        refuse_others(fields, kind, found);
    }
    let on_breach = fields.get("on_breach").and_then(|node| read_on_breach(node, found)).unwrap_or_default();
    let cleanup = fields.get("cleanup").and_then(|node| read_cleanup(node, names, found));
    let deadline = fields.span("deadline", found);
    let steps = read_steps(fields, names, found);
    let switch = read_switch(fields, names, found);
    let kind = match kind? {
        StrategyWord::Rolling => StrategyKind::Rolling,
        StrategyWord::Recreate => StrategyKind::Recreate,
        StrategyWord::BlueGreen => StrategyKind::BlueGreen(switch),
        StrategyWord::Canary => {
            if fields.get("steps").is_none() {
                let advice = "write `steps: [{to: \"10%\", bake: 5m}, {to: \"100%\"}]`";
                found.advise(Rule::Missing, fields.spot(), "a canary lacks `steps`", advice);
            }
            StrategyKind::Canary(steps)
        }
    };
    Some(Strategy { id: StrategyId::from(id), kind, deadline, on_breach, cleanup })
}

/// A member of another kind of strategy would do nothing.
fn refuse_others(fields: &Fields<'_>, kind: StrategyWord, found: &mut Findings) {
    let (own, called): (&[&str], _) = match kind {
        StrategyWord::Canary => (&CANARY, "canary"),
        StrategyWord::BlueGreen => (&BLUE_GREEN, "blue-green"),
        StrategyWord::Rolling => (&[], "rolling"),
        StrategyWord::Recreate => (&[], "recreate"),
    };
    for key in CANARY.iter().chain(&BLUE_GREEN).filter(|key| !own.contains(key)) {
        if let Some(node) = fields.get(key) {
            let message = format!("`{key}` does nothing in a strategy of `kind: {called}`");
            let advice = if own.is_empty() { String::new() } else { format!("it has {}", listed(own)) };
            if advice.is_empty() {
                found.add(Rule::UnknownKey, node.spot, message);
            } else {
                found.advise(Rule::UnknownKey, node.spot, message, advice);
            }
        }
    }
}

fn read_on_breach(node: &Node, found: &mut Findings) -> Option<OnBreach> {
    let fields = Fields::read(node, &schema::ON_BREACH, found)?;
    let usual = OnBreach::default();
    Some(OnBreach {
        warning: fields.word("warning", found).unwrap_or(usual.warning),
        critical: fields.word("critical", found).unwrap_or(usual.critical),
        emergency: fields.word("emergency", found).unwrap_or(usual.emergency),
    })
}

fn read_cleanup(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Cleanup> {
    let fields = Fields::read(node, &schema::CLEANUP, found)?;
    let needs = fields.refer::<GateId>("needs", Kind::Gate, names, found);
    Some(Cleanup { after: fields.span("after", found)?, needs })
}

fn read_switch(fields: &Fields<'_>, names: &mut Names, found: &mut Findings) -> BlueGreen {
    let side = |key, found: &mut Findings| {
        let node = fields.get(key)?;
        object_name(node, key, found).map(|(name, _)| Name::from(name))
    };
    let (stable_name, new_name) = (side("stable_name", found), side("new_name", found));
    if stable_name.is_some() && stable_name == new_name {
        found.add(Rule::Ambiguous, fields.place("new_name"), "`new_name` is the same as `stable_name`");
    }
    let factor = fields.quantity("capacity_factor", found);
    if let Some((factor, unit)) = &factor
        && (unit.is_some() || !(0.1..=10.0).contains(factor))
    {
        let message = "`capacity_factor` is a plain number from 0.1 to 10: ready pods of the new side for each of the old";
        found.add(Rule::Value, fields.place("capacity_factor"), message);
    }
    BlueGreen {
        stable_name,
        new_name,
        preview_probe: fields.refer::<ProbeId>("preview_probe", Kind::Probe, names, found),
        switch: fields.word("switch", found).unwrap_or_default(),
        keep_old_for: fields.span("keep_old_for", found).unwrap_or(UNDO_WINDOW),
        capacity_factor: factor.map_or(1.0, |(factor, _)| factor),
    }
}

fn read_steps(fields: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for node in fields.filled_list("steps", found) {
        let Some(step) = read_step(node, names, found) else { continue };
        if let Some(before) = steps.last()
            && step.to <= before.to
        {
            let message = format!("the share does not rise: {} comes after {}", step.to, before.to);
            found.advise(Rule::Value, node.spot, message, "steps go up; a way back needs none");
        }
        steps.push(step);
    }
    steps
}

fn read_step(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Step> {
    let fields = Fields::read(node, &schema::STEP, found)?;
    let to = fields.share("to", false, found);
    if to.is_some_and(|to| to.percent() <= 0.0) {
        found.add(Rule::Value, fields.place("to"), "a step to 0 % moves nothing");
    }
    let step = Step {
        to: to.unwrap_or_default(),
        bake: fields.span("bake", found).unwrap_or(Span::ZERO),
        gate: fields.refer::<GateId>("gate", Kind::Gate, names, found),
        min_samples: fields
            .get("min_samples")
            .and_then(|node| read_min_samples(node, found))
            .unwrap_or_default(),
        min_coverage: fields.share("min_coverage", true, found).unwrap_or(MIN_COVERAGE),
        advance: fields.word("advance", found).unwrap_or_default(),
        hold: fields.flag("hold", found),
    };
    to.map(|_| step)
}

/// `auto`, or a number.
pub(super) fn read_min_samples(node: &Node, found: &mut Findings) -> Option<MinSamples> {
    if let Value::Scalar { text, .. } = &node.value
        && text.trim() == "auto"
    {
        return Some(MinSamples::Auto);
    }
    if let Value::Scalar { text, .. } = &node.value
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        // for its suggestion
        word::<Auto>(node, "min_samples", found);
        return None;
    }
    whole(node, "min_samples", found).map(MinSamples::AtLeast)
}
