//! Evaluation: each node once, for all steps together.

use chrono::{DateTime, TimeDelta};

use super::{Expression, LOOKBACK, Node, Outcome, QueryError, Row, aggregate, binary, functions};
use crate::sim::world::clock::{Time, in_seconds};
use crate::sim::world::traffic::Series;

/// What a node has at hand.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    expression: &'a Expression,
    data: &'a [Vec<Series>],
    /// The instants at which values are wanted.
    pub(super) steps: &'a [Time],
}

/// A range selector's series and its window.
pub(super) struct Window<'a> {
    pub(super) series: &'a [Series],
    pub(super) range: TimeDelta,
    pub(super) offset: TimeDelta,
}

/// Evaluates `expression` over `data` at each of `steps`.
pub(crate) fn evaluate(
    expression: &Expression,
    data: &[Vec<Series>],
    steps: &[Time],
) -> Result<Outcome, QueryError> {
    let context = Context { expression, data, steps };
    if let Node::Selector(index) = &expression.root
        && expression.selectors[*index].range.is_some()
    {
        return Ok(Outcome::Matrix(data[*index].clone()));
    }
    context.value(&expression.root)
}

impl<'a> Context<'a> {
    /// The value of `node`.
    pub(super) fn value(self, node: &Node) -> Result<Outcome, QueryError> {
        match node {
            Node::Number(number) => Ok(Outcome::Scalar(vec![*number; self.steps.len()])),
            Node::Text(_) => Err(QueryError::Type("a string is only allowed as an argument of a function")),
            Node::Selector(index) => self.instant(*index).map(Outcome::Vector),
            Node::Negative(inner) => Ok(match self.value(inner)? {
                Outcome::Scalar(values) => Outcome::Scalar(values.into_iter().map(|value| -value).collect()),
                Outcome::Vector(rows) => Outcome::Vector(map_rows(rows, |value| -value)),
                matrix @ Outcome::Matrix(_) => matrix,
            }),
            Node::Call { function, arguments } => functions::call(self, function, arguments),
            Node::Aggregate(aggregate) => aggregate::evaluate(self, aggregate).map(Outcome::Vector),
            Node::Binary(operation) => binary::evaluate(self, operation),
        }
    }

    /// The value of `node` as rows.
    pub(super) fn vector(self, node: &Node) -> Result<Vec<Row>, QueryError> {
        match self.value(node)? {
            Outcome::Vector(rows) => Ok(rows),
            Outcome::Scalar(_) | Outcome::Matrix(_) => Err(QueryError::Type("expected an instant vector")),
        }
    }

    /// The value of `node` as a number for each step.
    pub(super) fn scalar(self, node: &Node) -> Result<Vec<f64>, QueryError> {
        match self.value(node)? {
            Outcome::Scalar(values) => Ok(values),
            Outcome::Vector(_) | Outcome::Matrix(_) => Err(QueryError::Type("expected a scalar")),
        }
    }

    /// The range selector that `node` is.
    pub(super) fn window(self, node: &Node) -> Result<Window<'a>, QueryError> {
        let wrong = QueryError::Type("expected a range vector");
        let Node::Selector(index) = node else { return Err(wrong) };
        let selector = &self.expression.selectors[*index];
        let range = selector.range.ok_or(wrong)?;
        Ok(Window { series: &self.data[*index], range, offset: selector.offset })
    }

    fn instant(self, index: usize) -> Result<Vec<Row>, QueryError> {
        let selector = &self.expression.selectors[index];
        if selector.range.is_some() {
            return Err(QueryError::Type("a range vector is only allowed as an argument of a function"));
        }
        let rows = self.data[index].iter().map(|series| Row {
            labels: series.labels.clone(),
            values: self.present(index, series).map(|sample| Some(sample?.1)).collect(),
        });
        Ok(rows.collect())
    }

    /// When the present samples of an instant selector were taken, in seconds; `None` for any other node.
    pub(super) fn sample_times(self, node: &Node) -> Option<Vec<Row>> {
        let Node::Selector(index) = node else { return None };
        let rows = self.data[*index].iter().map(|series| {
            let times =
                self.present(*index, series).map(|sample| Some(in_seconds(sample?.0 - DateTime::UNIX_EPOCH)));
            Row { labels: series.labels.clone(), values: times.collect() }
        });
        Some(rows.collect())
    }

    fn present(self, index: usize, series: &'a Series) -> impl Iterator<Item = Option<&'a (Time, f64)>> {
        let offset = self.expression.selectors[index].offset;
        self.steps.iter().map(move |step| present(series, *step - offset))
    }
}

/// The newest sample at `time`, unless it is too old or says that the series ended.
fn present(series: &Series, time: Time) -> Option<&(Time, f64)> {
    let after = series.samples.partition_point(|(at, _)| *at <= time);
    let sample = series.samples.get(after.checked_sub(1)?)?;
    (time - sample.0 < LOOKBACK && !sample.1.is_nan()).then_some(sample)
}

/// `rows` with each value changed; the metric's name no longer fits.
pub(super) fn map_rows(rows: Vec<Row>, change: impl Fn(f64) -> f64) -> Vec<Row> {
    rows.into_iter()
        .map(|mut row| {
            row.labels.remove("__name__");
            row.values.iter_mut().for_each(|value| *value = value.map(&change));
            row
        })
        .collect()
}
