//! `metrics`.

use super::super::fields::Fields;
use super::super::names::{Kind, Names};
use super::super::rules::{Findings, Rule};
use super::super::schema;
use super::super::suggest::nearest;
use super::super::tree::Node;
use super::super::values::{listed, quantity, text};
use super::title_or;
use crate::model::ids::{MetricId, ProbeId};
use crate::model::kind::WorkloadKind;
use crate::model::measure::{Comparison, Span, Unit};
use crate::model::rule::{Baseline, Metric, MetricFrom, MetricTarget, Query, RuleScope, Stat, StateField};
use crate::model::series::Signal;

/// Window of a target, where none is written.
const TARGET_WINDOW: Span = Span::minutes(5);
/// Window of a baseline, where none is written.
const BASELINE_WINDOW: Span = Span::minutes(30);
/// Kinds besides workloads whose state can be looked at.
const OTHER_KINDS: [&str; 6] =
    ["Pod", "Node", "HorizontalPodAutoscaler", "PodDisruptionBudget", "ResourceQuota", "CronJob"];

/// Reads all metrics.
pub(super) fn read(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Vec<Metric> {
    file.list("metrics", found).iter().filter_map(|node| read_one(node, names, found)).collect()
}

fn read_one(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Metric> {
    let fields = Fields::read(node, &schema::METRIC, found)?;
    let id = fields.id(found);
    if let Some((id, spot)) = id {
        names.give(Kind::Metric, id, spot, found);
    }
    let from = read_source(&fields, names, found);
    let unit =
        fields.get("unit").and_then(|node| read_unit(node, found)).or_else(|| usual_unit(from.as_ref()));
    let unit = unit.unwrap_or_default();
    let stat = fields.word("stat", found).unwrap_or_else(|| usual_stat(from.as_ref()));
    let (by_version, per_pod) = (fields.flag("by_version", found), fields.flag("per_pod", found));
    check_versions(&fields, from.as_ref(), by_version, found);
    if by_version && per_pod {
        found.add(
            Rule::Ambiguous,
            fields.place("per_pod"),
            "a metric is asked by version or by pod, not both",
        );
    }
    let samples_query = fields.get("samples_query").and_then(|node| read_query(node, "samples_query", found));
    let target = fields.get("target").and_then(|node| read_target(node, &unit, found));
    let baseline = fields.get("baseline").and_then(|node| read_baseline(node, found));
    let direction = fields.word("direction", found).unwrap_or_default();
    let (staleness, business) = (fields.span("staleness", found), fields.flag("business", found));
    let (id, _) = id?;
    Some(Metric {
        id: MetricId::from(id),
        title: title_or(&fields, id, found),
        unit,
        stat,
        from: from?,
        by_version,
        per_pod,
        direction,
        samples_query,
        target,
        staleness,
        business,
        baseline,
    })
}

/// `query`, or exactly one member of `from`.
fn read_source(fields: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Option<MetricFrom> {
    match (fields.get("query"), fields.get("from")) {
        (Some(_), Some(from)) => {
            found.add(Rule::Ambiguous, from.spot, "a metric has `query` or `from`, not both");
            None
        }
        (None, None) => {
            let advice = "write `query: ...`, or `from: {signal: error-rate}`";
            found.advise(Rule::Missing, fields.spot(), "a metric lacks `query` or `from`", advice);
            None
        }
        (Some(node), None) => read_query(node, "query", found).map(MetricFrom::Query),
        (None, Some(node)) => {
            let from = Fields::read(node, &schema::METRIC_FROM, found)?;
            match from.only(&["signal", "k8s", "probe"], found)? {
                "signal" => from.word::<Signal>("signal", found).map(MetricFrom::Signal),
                "k8s" => read_state(from.get("k8s")?, "k8s", found).map(MetricFrom::K8s),
                _ => from.refer::<ProbeId>("probe", Kind::Probe, names, found).map(MetricFrom::Probe),
            }
        }
    }
}

fn usual_unit(from: Option<&MetricFrom>) -> Option<Unit> {
    match from? {
        MetricFrom::Signal(Signal::ErrorRate) => Some(Unit::Percent),
        MetricFrom::Signal(Signal::RequestRate) => Some(Unit::PerSecond),
        MetricFrom::Signal(Signal::LatencyP50 | Signal::LatencyP95 | Signal::LatencyP99)
        | MetricFrom::Probe(_) => Some(Unit::Millisecond),
        MetricFrom::Query(_) | MetricFrom::K8s(_) => None,
    }
}

fn usual_stat(from: Option<&MetricFrom>) -> Stat {
    match from {
        Some(MetricFrom::Signal(Signal::ErrorRate)) => Stat::Ratio,
        Some(MetricFrom::Signal(Signal::RequestRate)) => Stat::Rate,
        Some(MetricFrom::Signal(Signal::LatencyP50)) => Stat::P50,
        Some(MetricFrom::Signal(Signal::LatencyP95)) => Stat::P95,
        Some(MetricFrom::Signal(Signal::LatencyP99)) => Stat::P99,
        Some(MetricFrom::Query(_) | MetricFrom::K8s(_) | MetricFrom::Probe(_)) | None => Stat::Gauge,
    }
}

/// A signal's unit is fixed; a query by version must say where the version goes.
fn check_versions(fields: &Fields<'_>, from: Option<&MetricFrom>, by_version: bool, found: &mut Findings) {
    match from {
        Some(MetricFrom::Query(query)) if by_version != query.asks_for_version() => {
            let (message, advice) = if by_version {
                (
                    "`by_version: true` asks for each version, and the query has no `${version}`",
                    "put `${version}` into the label that carries the version",
                )
            } else {
                (
                    "the query has `${version}`, and the metric is not asked by version",
                    "write `by_version: true`",
                )
            };
            let key = if by_version { "by_version" } else { "query" };
            found.advise(Rule::NoVersion, fields.place(key), message, advice);
        }
        Some(MetricFrom::K8s(_) | MetricFrom::Probe(_)) if by_version => {
            let message = "only a query or a signal tells versions apart";
            found.add(Rule::NoVersion, fields.place("by_version"), message);
        }
        Some(MetricFrom::Signal(signal)) => {
            let fixed = usual_unit(from).unwrap_or_default();
            if fields
                .get("unit")
                .is_some_and(|node| read_unit(node, &mut Findings::default()) != Some(fixed.clone()))
            {
                let message = format!("the console gives its {} in {fixed}", signal.title());
                found.advise(Rule::Value, fields.place("unit"), message, "take `unit` out");
            }
        }
        Some(_) | None => {}
    }
}

/// A query; `${...}` out of the closed list only.
fn read_query(node: &Node, name: &str, found: &mut Findings) -> Option<Query> {
    let query = text(node, name, found)?;
    let mut rest = query;
    while let Some(at) = rest.find("${") {
        rest = &rest[at + 2..];
        let blank = rest.split('}').next().unwrap_or_default();
        if !Query::BLANKS.contains(&blank) {
            let message = format!(
                "nothing is filled in for `${{{blank}}}`: a query knows `${{version}}` and `${{window}}`"
            );
            match nearest(blank, Query::BLANKS) {
                Some(meant) => {
                    found.advise(Rule::Value, node.spot, message, format!("did you mean `${{{meant}}}`?"));
                }
                None => found.add(Rule::Value, node.spot, message),
            }
            return None;
        }
    }
    Some(Query(query.to_owned()))
}

/// A unit by name, or one of the business's own.
pub(super) fn read_unit(node: &Node, found: &mut Findings) -> Option<Unit> {
    let word = text(node, "unit", found)?.trim();
    if let Some(unit) = Unit::parse(word) {
        return Some(unit);
    }
    let meant = match word.to_ascii_lowercase().as_str() {
        "percent" | "pct" => Some("%"),
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "msec" | "millis" | "millisecond" | "milliseconds" => Some("ms"),
        "rps" | "req/s" | "qps" => Some("/s"),
        "bytes" | "byte" => Some("B"),
        "kb" | "kib" => Some("KiB"),
        "mb" | "mib" => Some("MiB"),
        "gb" | "gib" => Some("GiB"),
        _ => None,
    };
    if let Some(meant) = meant {
        let message = format!("`{word}` is not how a unit is written");
        found.advise(Rule::Value, node.spot, message, format!("write `unit: \"{meant}\"`"));
        return None;
    }
    Some(Unit::from(word.to_owned()))
}

/// `Kind.path`.
pub(super) fn read_state(node: &Node, name: &str, found: &mut Findings) -> Option<StateField> {
    let word = text(node, name, found)?.trim();
    let Some((kind, path)) = word.split_once('.') else {
        let message = format!("`{word}` names no field of an object");
        found.advise(Rule::Value, node.spot, message, "write `Deployment.unavailableReplicas`");
        return None;
    };
    let known = |kind: &str| WorkloadKind::parse(kind).is_some_and(|known| known.name() == kind);
    if !known(kind) && !OTHER_KINDS.contains(&kind) {
        let kinds: Vec<&str> =
            crate::model::kind::KINDS.iter().map(|row| row.name).chain(OTHER_KINDS).collect();
        let message = format!("the state of a `{kind}` is not looked at: {}", listed(&kinds));
        match nearest(kind, kinds.iter().copied()) {
            Some(meant) => {
                found.advise(Rule::Value, node.spot, message, format!("did you mean `{meant}.{path}`?"));
            }
            None => found.add(Rule::Value, node.spot, message),
        }
        return None;
    }
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    if !path.split('.').all(part) {
        found.add(
            Rule::Value,
            node.spot,
            format!("`{path}` is no path inside an object: names with dots between"),
        );
        return None;
    }
    Some(StateField { kind: kind.to_owned(), path: path.to_owned() })
}

fn read_target(node: &Node, unit: &Unit, found: &mut Findings) -> Option<MetricTarget> {
    let fields = Fields::read(node, &schema::TARGET, found)?;
    let is = read_comparison(&fields, unit, found);
    let window = fields.span("window", found).unwrap_or(TARGET_WINDOW);
    if window.is_zero() {
        found.add(Rule::Value, fields.place("window"), "a `window` of no time holds no reading");
    }
    let under_per_second = fields.get("under").and_then(|node| read_load(node, found));
    Some(MetricTarget { is: is?, window, under_per_second })
}

/// Requests per time.
fn read_load(node: &Node, found: &mut Findings) -> Option<f64> {
    let (number, unit) = match quantity(node, "under", &mut Findings::default()) {
        Some((number, Some(unit))) => (number, unit),
        Some((_, None)) | None => (0.0, Unit::Count),
    };
    let load = unit.convert(number, &Unit::PerSecond).filter(|load| *load > 0.0);
    if load.is_none() {
        let message = "`under` is the load of all versions together, as requests per time";
        found.advise(
            Rule::Value,
            node.spot,
            message,
            "write `under: \"100/s\"`, `\"1000/min\"` or `\"5000/h\"`",
        );
    }
    load
}

/// `op`, `value` and `unit`, turned into the unit that is due.
pub(super) fn read_comparison(fields: &Fields<'_>, due: &Unit, found: &mut Findings) -> Option<Comparison> {
    let op = fields.word("op", found);
    let (value, behind) = fields.quantity("value", found)?;
    let written = fields.get("unit").and_then(|node| Some((read_unit(node, found)?, node.spot)));
    let (unit, spot) = match (behind, written) {
        (Some(_), Some((_, spot))) => {
            found.add(Rule::Ambiguous, spot, "the unit stands behind the value already");
            return None;
        }
        (Some(unit), None) => (unit, fields.place("value")),
        (None, Some((unit, spot))) => (unit, spot),
        (None, None) => (due.clone(), fields.place("value")),
    };
    let Some(value) = unit.convert(value, due) else {
        let written = unit.of(value);
        if *due == Unit::Times {
            let message = format!("{written} is no factor: one value divided by another has no unit");
            found.advise(Rule::Units, spot, message, "write the number alone");
        } else {
            let message = format!("{written} cannot be compared with what is measured in {due}");
            found.advise(Rule::Units, spot, message, format!("write the value in {due}"));
        }
        return None;
    };
    Some(Comparison { op: op?, value, unit: due.clone() })
}

fn read_baseline(node: &Node, found: &mut Findings) -> Option<Baseline> {
    let fields = Fields::read(node, &schema::BASELINE, found)?;
    let window = fields.span("window", found).unwrap_or(BASELINE_WINDOW);
    Some(Baseline { take: fields.word("take", found)?, window })
}

/// The scope that a metric can be judged in by itself.
pub(super) fn fits(metric: &Metric, scope: RuleScope) -> Result<(), &'static str> {
    match scope {
        RuleScope::PerVersion if !metric.by_version => {
            Err("is not asked by version: write `by_version: true` there")
        }
        RuleScope::PerPod if !metric.per_pod => Err("is not asked by pod: write `per_pod: true` there"),
        RuleScope::Total | RuleScope::PerVersion | RuleScope::PerPod | RuleScope::PerComponent => Ok(()),
    }
}
