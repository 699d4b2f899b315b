//! Aggregations: many rows become one for each group.

use std::collections::BTreeMap;

use super::evaluate::Context;
use super::{Aggregate, Labels, QueryError, Row};

/// How a group becomes one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Sum,
    Average,
    Least,
    Most,
    Count,
    Quantile,
    Top,
    Bottom,
}

impl Operator {
    const NAMES: [(&str, Self); 8] = [
        ("sum", Self::Sum),
        ("avg", Self::Average),
        ("min", Self::Least),
        ("max", Self::Most),
        ("count", Self::Count),
        ("quantile", Self::Quantile),
        ("topk", Self::Top),
        ("bottomk", Self::Bottom),
    ];

    /// The operator of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, operator)| *operator)
    }
}

/// Evaluates an aggregation.
pub(super) fn evaluate(context: Context<'_>, aggregate: &Aggregate) -> Result<Vec<Row>, QueryError> {
    let rows = context.vector(&aggregate.of)?;
    let parameter = match &aggregate.parameter {
        Some(node) => context.scalar(node)?,
        None => Vec::new(),
    };
    let mut groups: BTreeMap<Labels, Vec<Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(aggregate.grouping.key(&row.labels)).or_default().push(row);
    }
    let steps = context.steps.len();
    Ok(match aggregate.operator {
        Operator::Top | Operator::Bottom => {
            let top = aggregate.operator == Operator::Top;
            groups.into_values().flat_map(|rows| choose(rows, &parameter, top, steps)).collect()
        }
        operator => groups
            .into_iter()
            .map(|(labels, rows)| Row {
                labels,
                values: (0..steps).map(|step| fold(operator, &rows, step, &parameter)).collect(),
            })
            .collect(),
    })
}

fn fold(operator: Operator, rows: &[Row], step: usize, parameter: &[f64]) -> Option<f64> {
    let mut values: Vec<f64> = rows.iter().filter_map(|row| row.values[step]).collect();
    if values.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of series")]
    let count = values.len() as f64;
    Some(match operator {
        Operator::Sum | Operator::Top | Operator::Bottom => values.iter().sum(),
        Operator::Average => values.iter().sum::<f64>() / count,
        Operator::Least => values.iter().copied().fold(f64::NAN, f64::min),
        Operator::Most => values.iter().copied().fold(f64::NAN, f64::max),
        Operator::Count => count,
        Operator::Quantile => {
            values.sort_by(f64::total_cmp);
            quantile(&values, parameter.get(step).copied().unwrap_or(f64::NAN))
        }
    })
}

/// The quantile of sorted values, between the two nearest where it falls between.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    if share.is_nan() || sorted.is_empty() {
        return f64::NAN;
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of series")]
    let rank = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
    let (lower, upper) = (rank.floor() as usize, rank.ceil() as usize);
    sorted[lower] + (sorted[upper] - sorted[lower]) * (rank - rank.floor())
}

/// Keeps, at each step, the largest or smallest values of a group.
fn choose(mut rows: Vec<Row>, parameter: &[f64], top: bool, steps: usize) -> Vec<Row> {
    for step in 0..steps {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, as wanted")]
        let kept = parameter.get(step).copied().unwrap_or(0.0) as usize;
        let mut ranked: Vec<(usize, f64)> =
            rows.iter().enumerate().filter_map(|(index, row)| Some((index, row.values[step]?))).collect();
        ranked.sort_by(|(_, one), (_, other)| if top { other.total_cmp(one) } else { one.total_cmp(other) });
        for (index, _) in ranked.into_iter().skip(kept) {
            rows[index].values[step] = None;
        }
    }
    rows
}
