//! A rule's `when`: every form of a bad condition.

use super::super::fields::Fields;
use super::super::names::{Kind, Names};
use super::super::rules::{Findings, Rule};
use super::super::schema::{self, Block};
use super::super::tree::Node;
use super::super::values::{quantity, text};
use super::metrics::{read_comparison, read_state};
use crate::model::ids::MetricId;
use crate::model::measure::{Comparison, Span, Unit};
use crate::model::rule::{Limit, Reference, When};

/// Most time that a median takes at each end of `growth_over`, where nothing is written.
const EDGE: Span = Span::minutes(5);

/// Reads a condition over readings of `unit`; without a unit (no metric, or a broken one) numbers stay as written.
pub(super) fn read(
    node: &Node,
    unit: Option<&Unit>,
    names: &mut Names,
    found: &mut Findings,
) -> Option<When> {
    let fields = Fields::read(node, &schema::WHEN, found)?;
    let keys: Vec<&'static str> = schema::WHEN.members.iter().map(|member| member.key).collect();
    let form = fields.only(&keys, found)?;
    let inner = fields.get(form)?;
    match form {
        "all_of" | "any_of" => {
            let parts = fields.filled_list(form, found);
            let parts = parts.iter().filter_map(|node| read(node, unit, names, found)).collect();
            Some(if form == "all_of" { When::AllOf(parts) } else { When::AnyOf(parts) })
        }
        "not" => read(inner, unit, names, found).map(|part| When::Not(Box::new(part))),
        "value" | "ratio_to" | "difference_to" => read_plain(form, inner, unit, names, found),
        "growth_per" | "growth_over" | "delta_over" | "absent_for" => read_course(form, inner, unit, found),
        "burn" => read_burn(inner, found),
        "time_to" => read_time_to(inner, unit, names, found),
        _ => read_cluster(form, inner, found),
    }
}

fn compared(fields: &Fields<'_>, unit: Option<&Unit>, found: &mut Findings) -> Option<Comparison> {
    read_comparison(fields, unit.unwrap_or(&Unit::Count), found)
}

fn read_plain(
    form: &str,
    node: &Node,
    unit: Option<&Unit>,
    names: &mut Names,
    found: &mut Findings,
) -> Option<When> {
    let block: &'static Block = match form {
        "value" => &schema::VALUE,
        "ratio_to" => &schema::RATIO_TO,
        _ => &schema::DIFFERENCE_TO,
    };
    let fields = Fields::read(node, block, found)?;
    let of = fields.get("of").and_then(|node| read_reference(node, names, found));
    match form {
        "value" => compared(&fields, unit, found).map(When::Value),
        "ratio_to" => {
            let is = read_comparison(&fields, &Unit::Times, found);
            Some(When::RatioTo { of: of?, is: is? })
        }
        _ => {
            // what two percentages differ by is points, not percent
            let due = unit.map(|unit| if *unit == Unit::Percent { Unit::PercentPoint } else { unit.clone() });
            let is = compared(&fields, due.as_ref(), found);
            Some(When::DifferenceTo { of: of?, is: is? })
        }
    }
}

fn read_reference(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Reference> {
    Some(match text(node, "of", found)? {
        "target" => Reference::Target,
        "baseline" => Reference::Baseline,
        "stable" => Reference::Stable,
        id => {
            names.refer(Kind::Metric, id, node.spot);
            Reference::Metric(MetricId::from(id))
        }
    })
}

fn read_course(form: &str, node: &Node, unit: Option<&Unit>, found: &mut Findings) -> Option<When> {
    match form {
        "growth_per" => {
            let fields = Fields::read(node, &schema::GROWTH_PER, found)?;
            let per = fields.span("per", found);
            let is = read_comparison(&fields, &Unit::Percent, found);
            let window = fields.span("window", found).or(per);
            let min_span = fields.span("min_span", found).or_else(|| Some(Span(window?.seconds() / 2)));
            if let (Some(window), Some(min_span)) = (window, min_span)
                && min_span > window
            {
                let message = format!("`min_span` is {min_span}, more than the `window` of {window}");
                found.add(Rule::Value, fields.place("min_span"), message);
            }
            let fit = fields.word("fit", found).unwrap_or_default();
            let per = some_time(&fields, "per", per, found);
            Some(When::GrowthPer { per: per?, is: is?, window: window?, min_span: min_span?, fit })
        }
        "growth_over" => {
            let fields = Fields::read(node, &schema::GROWTH_OVER, found)?;
            let over = fields.span("over", found);
            let over = some_time(&fields, "over", over, found);
            let is = read_comparison(&fields, &Unit::Percent, found);
            let edge = fields.span("edge", found).or_else(|| Some(EDGE.min(Span(over?.seconds() / 4))));
            Some(When::GrowthOver { over: over?, is: is?, edge: edge? })
        }
        "delta_over" => {
            let fields = Fields::read(node, &schema::DELTA_OVER, found)?;
            let over = fields.span("over", found);
            let over = some_time(&fields, "over", over, found);
            let is = compared(&fields, unit, found);
            Some(When::DeltaOver { over: over?, is: is? })
        }
        _ => {
            let fields = Fields::read(node, &schema::ABSENT_FOR, found)?;
            let lasts = fields.span("for", found);
            let lasts = some_time(&fields, "for", lasts, found);
            Some(When::AbsentFor { lasts: lasts? })
        }
    }
}

/// A window of no time holds no reading.
fn some_time(fields: &Fields<'_>, name: &str, span: Option<Span>, found: &mut Findings) -> Option<Span> {
    if span.is_some_and(Span::is_zero) {
        found.add(Rule::Value, fields.place(name), format!("`{name}` of no time holds no reading"));
        return None;
    }
    span
}

fn read_burn(node: &Node, found: &mut Findings) -> Option<When> {
    let fields = Fields::read(node, &schema::BURN, found)?;
    let budget = fields.share("budget", false, found);
    if budget.is_some_and(|budget| budget.percent() <= 0.0) {
        found.add(
            Rule::Value,
            fields.place("budget"),
            "a `budget` of nothing is used up by the first failure",
        );
    }
    let over = fields.span("over", found);
    let over = some_time(&fields, "over", over, found);
    let is = read_comparison(&fields, &Unit::Times, found);
    Some(When::Burn { budget: budget?, over: over?, is: is? })
}

fn read_time_to(node: &Node, unit: Option<&Unit>, names: &mut Names, found: &mut Findings) -> Option<When> {
    let fields = Fields::read(node, &schema::TIME_TO, found)?;
    let within = fields.span("within", found);
    let limit = fields.get("limit").and_then(|node| {
        Some(match text(node, "limit", found)? {
            "memory.limit" => Limit::MemoryLimit,
            "memory.request" => Limit::MemoryRequest,
            "cpu.limit" => Limit::CpuLimit,
            "cpu.request" => Limit::CpuRequest,
            number if number.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Limit::Number(read_limit(node, unit, found)?)
            }
            id => {
                names.refer(Kind::Metric, id, node.spot);
                Limit::Metric(MetricId::from(id))
            }
        })
    });
    Some(When::TimeTo { limit: limit?, within: within? })
}

fn read_limit(node: &Node, unit: Option<&Unit>, found: &mut Findings) -> Option<f64> {
    let (value, behind) = quantity(node, "limit", found)?;
    let (Some(behind), Some(unit)) = (behind, unit) else { return Some(value) };
    let converted = behind.convert(value, unit);
    if converted.is_none() {
        let message = format!("{} is no limit for what is measured in {unit}", behind.of(value));
        found.add(Rule::Units, node.spot, message);
    }
    converted
}

fn read_cluster(form: &str, node: &Node, found: &mut Findings) -> Option<When> {
    match form {
        "state" => {
            let fields = Fields::read(node, &schema::STATE, found)?;
            let field = fields.get("k8s").and_then(|node| read_state(node, "k8s", found));
            let is = read_comparison(&fields, &Unit::Count, found);
            Some(When::State { field: field?, is: is? })
        }
        "event" => {
            let fields = Fields::read(node, &schema::EVENT, found)?;
            let matches = fields.text("match", found);
            let over = fields.span("over", found);
            let over = some_time(&fields, "over", over, found);
            let is = read_comparison(&fields, &Unit::Count, found);
            Some(When::Event { matches: matches?, over: over?, is: is? })
        }
        _ => {
            let fields = Fields::read(node, &schema::SKEW, found)?;
            let versions = fields.small::<u32>("versions", found).unwrap_or(1);
            if versions == 0 {
                found.add(Rule::Value, fields.place("versions"), "one version at least serves");
            }
            Some(When::Skew { versions })
        }
    }
}
