//! A small `PromQL`: what a console asks of Prometheus, evaluated as Prometheus does.
//!
//! Selectors with all four matchers, ranges and offsets; arithmetic, comparison and set operators; the usual
//! aggregations and functions. Whatever else `PromQL` has is answered with a parse error, never with a wrong number.

mod aggregate;
mod binary;
mod evaluate;
mod functions;
mod lexer;
mod parser;
mod pattern;

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;

use super::world::clock::Time;
use super::world::traffic::{Matcher, Series, Traffic};
pub(crate) use evaluate::evaluate;
pub(crate) use lexer::duration;
pub(crate) use parser::parse;

/// How far back an instant selector looks for a sample.
const LOOKBACK: TimeDelta = TimeDelta::minutes(5);

/// Labels, ordered.
pub(crate) type Labels = BTreeMap<String, String>;

/// What a selector asks for.
struct Selector {
    matchers: Vec<Matcher>,
    range: Option<TimeDelta>,
    offset: TimeDelta,
}

/// A parsed query, with its selectors apart: they are all that needs the store.
pub(crate) struct Expression {
    root: Node,
    selectors: Vec<Selector>,
}

impl Expression {
    /// The samples that are needed to evaluate from `start` to `end`, for each selector.
    pub(crate) fn read(&self, traffic: &Traffic, start: Time, end: Time) -> Vec<Vec<Series>> {
        self.selectors
            .iter()
            .map(|selector| {
                let back = selector.range.unwrap_or(LOOKBACK) + selector.offset;
                let mut series = traffic.select(&selector.matchers, start - back, end - selector.offset);
                if selector.range.is_some() {
                    series.iter_mut().for_each(forget_gaps);
                }
                series
            })
            .collect()
    }
}

/// Ranges hold samples alone: functions over them do not see that a series ended in between.
fn forget_gaps(series: &mut Series) {
    series.samples.retain(|(_, value)| !value.is_nan());
}

/// A node of the syntax tree.
enum Node {
    Number(f64),
    Text(String),
    /// The selector with this index.
    Selector(usize),
    Negative(Box<Node>),
    Call {
        function: String,
        arguments: Vec<Node>,
    },
    Aggregate(Box<Aggregate>),
    Binary(Box<Binary>),
}

/// `sum by (pod) (...)`
struct Aggregate {
    operator: aggregate::Operator,
    grouping: Grouping,
    parameter: Option<Node>,
    of: Node,
}

/// Which labels decide what belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Grouping {
    /// These labels alone.
    By(Vec<String>),
    /// All labels but these.
    Without(Vec<String>),
}

impl Grouping {
    /// The part of `labels` that decides.
    fn key(&self, labels: &Labels) -> Labels {
        let wanted = |name: &String| match self {
            Self::By(names) => names.contains(name),
            Self::Without(names) => name != "__name__" && !names.contains(name),
        };
        labels
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// `left / on (pod) right`
struct Binary {
    operator: binary::Operator,
    /// Comparison gives 0 or 1 instead of filtering.
    as_bool: bool,
    matching: Grouping,
    /// Many rows on the left may match one on the right.
    group_left: bool,
    left: Node,
    right: Node,
}

/// A row with a value for each step; `None` where it has none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// The labels of the row.
    pub(crate) labels: Labels,
    /// One value for each step.
    pub(crate) values: Vec<Option<f64>>,
}

/// What a query gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// A number for each step.
    Scalar(Vec<f64>),
    /// Rows with a value for each step.
    Vector(Vec<Row>),
    /// The samples of a bare range selector.
    Matrix(Vec<Series>),
}

/// Why a query gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// The text cannot be read.
    Parse(String),
    /// An argument has the wrong type.
    Type(&'static str),
    /// A request parameter is missing or cannot be used.
    Parameter(&'static str),
}

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(message) => write!(formatter, "invalid parameter \"query\": parse error: {message}"),
            Self::Type(message) => write!(formatter, "invalid parameter \"query\": {message}"),
            Self::Parameter(name) => write!(formatter, "invalid parameter \"{name}\""),
        }
    }
}

#[cfg(test)]
mod tests;
