//! `rules` and `gates`.

use std::collections::BTreeSet;

use super::super::fields::{Fields, word};
use super::super::names::{Kind, Names};
use super::super::rules::{Findings, Rule as Broken};
use super::super::schema;
use super::super::suggest::nearest;
use super::super::tree::{Node, Spot, Value};
use super::super::values::{share, text};
use super::{metrics, strategies, when};
use crate::model::ids::{GateId, ItemId, MetricId, ProbeId, RuleId};
use crate::model::measure::{Span, Unit};
use crate::model::rule::{Active, Condition, Deed, Gate, MIN_COVERAGE, Metric, Rule, RuleScope, When};

/// Reads all rules; metrics must be read already.
pub(super) fn read_rules(
    file: &Fields<'_>,
    metrics: &[Metric],
    names: &mut Names,
    found: &mut Findings,
) -> Vec<Rule> {
    file.list("rules", found).iter().filter_map(|node| read_rule(node, metrics, names, found)).collect()
}

fn read_rule(node: &Node, metrics: &[Metric], names: &mut Names, found: &mut Findings) -> Option<Rule> {
    let fields = Fields::read(node, &schema::RULE, found)?;
    let id = fields.id(found);
    if let Some((id, spot)) = id {
        names.give(Kind::Rule, id, spot, found);
    }
    let metric = fields.refer::<MetricId>("metric", Kind::Metric, names, found);
    let read = metric.as_ref().and_then(|id| metrics.iter().find(|metric| metric.id == *id));
    let unit = read.map(|metric| metric.unit.clone());
    let when = fields.get("when").and_then(|node| when::read(node, unit.as_ref(), names, found));
    check_metric(&fields, metric.as_ref(), when.as_ref(), found);
    let scope = fields.word::<RuleScope>("scope", found).unwrap_or_default();
    if let Some(metric) = read
        && let Err(why) = metrics::fits(metric, scope)
    {
        found.warn(Broken::NoVersion, fields.place("scope"), format!("metric `{}` {why}", metric.id));
    }
    let lasts = fields.span("for", found).unwrap_or(Span::ZERO);
    let severity = fields.word("severity", found);
    let min_samples = fields.get("min_samples").and_then(|node| strategies::read_min_samples(node, found));
    Some(Rule {
        id: RuleId::from(id?.0),
        scope,
        when: when?,
        severity: severity?,
        lasts,
        clear_for: fields.span("clear_for", found).unwrap_or_else(|| slow_to_forgive(lasts)),
        clear: read_clear(&fields, unit.as_ref(), found),
        min_samples,
        min_coverage: fields.share("min_coverage", true, found).unwrap_or(MIN_COVERAGE),
        on_missing: fields.word("on_missing", found).unwrap_or_default(),
        active: fields.get("active").and_then(|node| read_active(node, found)).unwrap_or_default(),
        deeds: fields.get("do").map(|node| read_deeds(node, found)).unwrap_or_default(),
        derive_notice: fields.get("derive_notice").is_none() || fields.flag("derive_notice", found),
        metric,
    })
}

/// Twice the hold time, at least a minute.
fn slow_to_forgive(lasts: Span) -> Span {
    Span(lasts.seconds().saturating_mul(2)).max(Span::minutes(1))
}

fn check_metric(fields: &Fields<'_>, metric: Option<&MetricId>, when: Option<&When>, found: &mut Findings) {
    match (metric, when) {
        (None, Some(when)) if when.needs_metric() && fields.get("metric").is_none() => {
            let message = "a rule with this form of `when` lacks `metric`: there is nothing to read";
            found.add(Broken::Missing, fields.spot(), message);
        }
        (Some(_), Some(when)) if !when.needs_metric() => {
            let message = "`state`, `event` and `skew` read the cluster, not a metric";
            found.advise(Broken::Value, fields.place("metric"), message, "take `metric` out");
        }
        (Some(_) | None, Some(_) | None) => {}
    }
}

fn read_clear(fields: &Fields<'_>, unit: Option<&Unit>, found: &mut Findings) -> Option<f64> {
    let (value, behind) = fields.quantity("clear", found)?;
    let (Some(behind), Some(unit)) = (behind, unit) else { return Some(value) };
    let converted = behind.convert(value, unit);
    if converted.is_none() {
        let message = format!("{} cannot be compared with what is measured in {unit}", behind.of(value));
        found.add(Broken::Units, fields.place("clear"), message);
    }
    converted
}

fn read_active(node: &Node, found: &mut Findings) -> Option<Active> {
    let fields = Fields::read(node, &schema::ACTIVE, found)?;
    let steps = fields.filled_list("steps", found);
    Some(Active { steps: steps.iter().filter_map(|node| share(node, "steps", false, found)).collect() })
}

fn read_deeds(node: &Node, found: &mut Findings) -> BTreeSet<Deed> {
    let nodes = match &node.value {
        Value::List(items) => items.as_slice(),
        Value::Scalar { .. } | Value::Map(_) => std::slice::from_ref(node),
    };
    nodes
        .iter()
        .filter_map(|node| {
            let Value::Scalar { text, .. } = &node.value else { return word(node, "do", found) };
            let Some((kind @ ("run" | "start"), _)) = text.split_once(':') else {
                return word(node, "do", found);
            };
            let message = format!("`do: {kind}:...` is known, but this version does not run it");
            found.advise(
                Broken::NotRun,
                node.spot,
                message,
                "take it out, or keep this plan for a version that runs it",
            );
            None
        })
        .collect()
}

/// What a gate may ask for, by the word before the colon.
const ASKED: [(&str, Kind); 4] =
    [("rule", Kind::Rule), ("probe", Kind::Probe), ("item", Kind::Item), ("metric", Kind::Metric)];
/// The same, of blocks that this version does not run.
const ASKED_LATER: [&str; 2] = ["approval", "poll"];

/// Reads all gates; everything that they may ask for must be read already.
pub(super) fn read_gates(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Vec<Gate> {
    file.list("gates", found).iter().filter_map(|node| read_gate(node, names, found)).collect()
}

fn read_gate(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Gate> {
    let fields = Fields::read(node, &schema::GATE, found)?;
    let id = fields.id(found);
    if let Some((id, spot)) = id {
        names.give(Kind::Gate, id, spot, found);
    }
    let mut all_of = Vec::new();
    for node in fields.filled_list("all_of", found) {
        let Some(word) = text(node, "all_of", found) else { continue };
        let Some(condition) = read_condition(word.trim(), node.spot, names, found) else { continue };
        if all_of.contains(&condition) {
            found.add(Broken::Ambiguous, node.spot, format!("the gate asks for {condition} twice"));
        } else {
            all_of.push(condition);
        }
    }
    let lasts = fields.span("for", found).unwrap_or(Span::ZERO);
    let snapshot = fields.get("snapshot").is_none() || fields.flag("snapshot", found);
    Some(Gate { id: GateId::from(id?.0), all_of, lasts, snapshot })
}

/// `rule:<id>` and the like, or an id that only one of them has.
fn read_condition(word: &str, spot: Spot, names: &mut Names, found: &mut Findings) -> Option<Condition> {
    if let Some((kind, id)) = word.split_once(':') {
        if let Some((_, kind)) = ASKED.iter().find(|(known, _)| *known == kind.trim()) {
            names.refer(*kind, id.trim(), spot);
            return condition(*kind, id.trim());
        }
        let message = if ASKED_LATER.contains(&kind.trim()) {
            found.advise(
                Broken::NotRun,
                spot,
                format!("a gate with `{kind}` is known, but this version does not run it"),
                "it runs `rule:`, `probe:`, `item:` and `metric:`",
            );
            return None;
        } else {
            format!("a gate cannot ask for a `{kind}`")
        };
        found.advise(Broken::Value, spot, message, "write `rule:`, `probe:`, `item:` or `metric:` and an id");
        return None;
    }
    let kinds: Vec<Kind> = ASKED.iter().map(|(_, kind)| *kind).collect();
    match names.kinds_of(word, &kinds).as_slice() {
        [kind] => condition(*kind, word),
        [] => {
            let message = format!("there is no rule, probe, item or metric `{word}`");
            match nearest(word, names.ids(&kinds)).map(str::to_owned) {
                Some(meant) => {
                    found.advise(Broken::Reference, spot, message, format!("did you mean `{meant}`?"));
                }
                None => found.add(Broken::Reference, spot, message),
            }
            None
        }
        [first, ..] => {
            let message = format!("`{word}` is the id of several things");
            found.advise(Broken::Ambiguous, spot, message, format!("write for example `{first}:{word}`"));
            None
        }
    }
}

fn condition(kind: Kind, id: &str) -> Option<Condition> {
    match kind {
        Kind::Rule => Some(Condition::Rule(RuleId::from(id))),
        Kind::Probe => Some(Condition::Probe(ProbeId::from(id))),
        Kind::Item => Some(Condition::Item(ItemId::from(id))),
        Kind::Metric => Some(Condition::Target(MetricId::from(id))),
        Kind::Environment
        | Kind::Context
        | Kind::Component
        | Kind::Workload
        | Kind::Strategy
        | Kind::Gate
        | Kind::Trigger
        | Kind::Phase
        | Kind::Checklist => None,
    }
}
