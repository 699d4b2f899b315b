//! Metrics, rules and gates against each other.

use std::collections::BTreeSet;

use super::super::rules::{Findings, Rule as Broken};
use super::super::tree::Node;
use super::super::values::decimal;
use super::{Part, gated_steps, spot};
use crate::model::ids::MetricId;
use crate::model::plan::{Gravity, Plan};
use crate::model::rule::{Condition, Metric, MetricFrom, Op, Rule, RuleScope, Span, Stat, When};

pub(super) fn check(plan: &Plan, root: &Node, found: &mut Findings) {
    for (at, metric) in plan.metrics.iter().enumerate() {
        let path = |key| spot(root, &[Part::Key("metrics"), Part::At(at), Part::Key(key)]);
        check_query(metric, path("query"), found);
        check_judged(plan, metric, path("target"), found);
        check_mean(plan, metric, path("target"), found);
        check_label(plan, metric, path("by_version"), found);
    }
    for (at, rule) in plan.rules.iter().enumerate() {
        let path = |key| spot(root, &[Part::Key("rules"), Part::At(at), Part::Key(key)]);
        check_target(plan, rule, path("metric"), found);
        check_band(plan, rule, path("derive_notice"), found);
        check_active(plan, rule, path("active"), found);
    }
    check_gates(plan, root, found);
}

/// A rate per second is no share, and a rate of each series is not the rate of all.
fn check_query(metric: &Metric, spot: super::Spot, found: &mut Findings) {
    /// Calls that make one series of many.
    const ALL: [&str; 6] = ["sum", "avg", "min", "max", "histogram_quantile", "topk"];
    let MetricFrom::Query(query) = &metric.from else { return };
    let outside = outside_of_braces(&query.0);
    let rates = ["rate(", "increase("].iter().any(|call| outside.contains(call));
    if !rates {
        return;
    }
    if metric.stat == Stat::Ratio && !outside.contains('/') {
        let message =
            format!("`{}` is a ratio, and its query gives a rate: events per second, not a share", metric.id);
        let advice = "divide by the rate of all: `sum(rate(failed)) / sum(rate(all))`".to_owned();
        found.weigh(Gravity::Warning, Broken::Units, spot, message, Some(advice));
    }
    if !metric.per_pod && !ALL.iter().any(|call| outside.contains(call)) {
        let message =
            format!("the query of `{}` gives one series for each pod; several series are unknown", metric.id);
        found.weigh(
            Gravity::Warning,
            Broken::Units,
            spot,
            message,
            Some("write `sum(rate(...))`".to_owned()),
        );
    }
}

/// The text outside of label matchers and ranges, where a `/` is a division.
fn outside_of_braces(query: &str) -> String {
    let mut depth = 0_u32;
    let mut out = String::new();
    for c in query.chars() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// A target that nothing looks at.
fn check_judged(plan: &Plan, metric: &Metric, spot: super::Spot, found: &mut Findings) {
    let by_rule = plan.rules.iter().any(|rule| rule.metric.as_ref() == Some(&metric.id));
    let by_gate = plan.gates.iter().any(|gate| gate.all_of.contains(&Condition::Target(metric.id.clone())));
    if metric.target.is_some() && !by_rule && !by_gate {
        let message = format!("no rule and no gate judges the target of `{}`", metric.id);
        let advice = format!("add a rule, or `metric:{}` to a gate", metric.id);
        found.weigh(Gravity::Warning, Broken::Unjudged, spot, message, Some(advice));
    }
}

fn check_target(plan: &Plan, rule: &Rule, spot: super::Spot, found: &mut Findings) {
    let Some(metric) = rule.metric.as_ref().and_then(|id| plan.metric(id)) else { return };
    let has = |wanted: fn(&When) -> bool| rule.when.parts().into_iter().any(wanted);
    if metric.target.is_none() {
        let by_target = has(|when| {
            matches!(
                when,
                When::RatioTo { of: crate::model::rule::Reference::Target, .. }
                    | When::DifferenceTo { of: crate::model::rule::Reference::Target, .. }
            )
        });
        let message = format!("rule `{}` judges `{}`, which has no target", rule.id, metric.id);
        if by_target {
            found.advise(Broken::Unjudged, spot, message, format!("write a `target` at `{}`", metric.id));
        } else if has(|when| matches!(when, When::Value(_))) {
            found.warn(Broken::Unjudged, spot, message);
        }
    }
    let by_baseline = has(|when| {
        matches!(
            when,
            When::RatioTo { of: crate::model::rule::Reference::Baseline, .. }
                | When::DifferenceTo { of: crate::model::rule::Reference::Baseline, .. }
        )
    });
    if by_baseline && metric.baseline.is_none() {
        let message = format!("rule `{}` compares with a baseline, and `{}` has none", rule.id, metric.id);
        found.advise(
            Broken::Unjudged,
            spot,
            message,
            format!("write `baseline: {{take: at-start}}` at `{}`", metric.id),
        );
    }
}

/// Between a target and the first rule that speaks, nobody is told anything.
fn check_band(plan: &Plan, rule: &Rule, spot: super::Spot, found: &mut Findings) {
    let Some(metric) = rule.metric.as_ref().and_then(|id| plan.metric(id)) else { return };
    let Some(target) = &metric.target else { return };
    let others = plan.rules.iter().filter(|other| other.metric.as_ref() == Some(&metric.id));
    let closed = others.clone().any(|other| other.derive_notice);
    // told once, at the first rule of the metric
    let first = others.clone().next().is_some_and(|first| first.id == rule.id);
    let thresholds = others.flat_map(|other| other.when.parts()).filter_map(|when| match when {
        When::Value(is) => Some(is.value),
        When::RatioTo { of: crate::model::rule::Reference::Target, is } => Some(is.value * target.is.value),
        _ => None,
    });
    let high = matches!(target.is.op, Op::Greater | Op::AtLeast);
    let nearest = thresholds.reduce(|a, b| if high { a.max(b) } else { a.min(b) });
    if let Some(nearest) = nearest
        && first
        && !closed
        && (if high { nearest < target.is.value } else { nearest > target.is.value })
    {
        let unit = &metric.unit;
        let message = format!(
            "between the target of {} and {} nothing is said of `{}`",
            unit.of(target.is.value),
            unit.of(nearest),
            metric.id
        );
        found.weigh(
            Gravity::Warning,
            Broken::SilentBand,
            spot,
            message,
            Some("leave `derive_notice` on".to_owned()),
        );
    }
}

/// A rule for a step that nobody takes is never judged.
fn check_active(plan: &Plan, rule: &Rule, spot: super::Spot, found: &mut Findings) {
    let steps = gated_steps(plan);
    let missing =
        rule.active.steps.iter().find(|share| steps.iter().all(|(_, _, step, ..)| step.to != **share));
    if let Some(share) = missing {
        let message = format!("rule `{}` is for a step to {share}, and no canary has one", rule.id);
        found.warn(Broken::Reference, spot, message);
    }
}

fn check_mean(plan: &Plan, metric: &Metric, spot: super::Spot, found: &mut Findings) {
    let tail = plan.metrics.iter().any(|other| {
        matches!(other.stat, Stat::P90 | Stat::P95 | Stat::P99)
            && other.target.is_some()
            && other.unit == metric.unit
    });
    if metric.stat == Stat::Mean && metric.target.is_some() && !tail {
        let message = format!(
            "`{}` has a target for its mean alone: one slow request in a hundred stays unseen",
            metric.id
        );
        let advice = "add a target for `p95` or `p99`".to_owned();
        found.weigh(Gravity::Note, Broken::MeanOnly, spot, message, Some(advice));
    }
}

/// `${version}` is filled in from the label that a component names.
fn check_label(plan: &Plan, metric: &Metric, spot: super::Spot, found: &mut Findings) {
    let labelled = plan.components.iter().any(|component| component.version_label.is_some());
    let by_query = matches!(&metric.from, MetricFrom::Query(query) if query.asks_for_version());
    if metric.by_version && by_query && !labelled {
        let message =
            format!("`{}` asks by version, and no component names the label that carries it", metric.id);
        let advice = "write `traffic: {version_label: version}` at the component".to_owned();
        found.weigh(Gravity::Warning, Broken::NoVersion, spot, message, Some(advice));
    }
}

/// Rules in the gates of canaries: they must look at the candidate, and be able to answer in time.
fn check_gates(plan: &Plan, root: &Node, found: &mut Findings) {
    let mut told: BTreeSet<(&MetricId, usize)> = BTreeSet::new();
    let mut before = Span::ZERO;
    for (_, at, step, gate, path) in gated_steps(plan) {
        before = if at == 0 { step.bake } else { Span(before.seconds() + step.bake.seconds()) };
        let Some(gate) = gate else { continue };
        let place = spot(root, &[path.as_slice(), &[Part::Key("gate")]].concat());
        for condition in &gate.all_of {
            let Condition::Rule(id) = condition else { continue };
            let Some(rule) = plan.rule(id) else { continue };
            if let Some(metric) = &rule.metric
                && matches!(rule.scope, RuleScope::Total | RuleScope::PerComponent)
                && told.insert((metric, place.line))
            {
                let share = step.to;
                let message = format!(
                    "rule `{id}` looks at all versions together: with {share} of the traffic the candidate's faults are thinned out"
                );
                let advice = "write `scope: per_version`".to_owned();
                found.weigh(Gravity::Warning, Broken::NoVersion, place, message, Some(advice));
            }
            let window = longest_window(rule);
            if window > before {
                let message =
                    format!("rule `{id}` looks back {window}; after {before} of bakes it is still unknown");
                found.weigh(Gravity::Note, Broken::LateVerdict, place, message, None);
            }
        }
    }
}

/// How long a rule must have watched before it can answer.
fn longest_window(rule: &Rule) -> Span {
    let windows = rule.when.parts().into_iter().map(|when| match when {
        When::GrowthPer { min_span, .. } => *min_span,
        When::GrowthOver { over, .. } => *over,
        _ => Span::ZERO,
    });
    windows.max().unwrap_or_default()
}

/// `675/677 (99.85%)`, where the two disagree: counts and the percentage that is written.
pub(super) fn miscounted(text: &str) -> Option<(f64, f64, f64)> {
    let (counts, rest) = text.split_once('(')?;
    let (of, all) = counts.trim_end().rsplit_once('/')?;
    let of = decimal(of.rsplit(|c: char| !c.is_ascii_digit()).next()?)?;
    let all = decimal(all)?;
    let percent = decimal(rest.split_once('%')?.0.trim())?;
    let right = 100.0 * of / all;
    // half of the last place that is written
    let places = percent.to_string().split_once('.').map_or(0, |(_, places)| places.len());
    let slack = 0.5 * 10_f64.powi(-i32::try_from(places).ok()?) + 1e-9;
    (all > 0.0 && (right - percent).abs() > slack).then_some((of, all, percent))
}
