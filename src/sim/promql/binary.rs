//! Operators between two operands.

use std::collections::BTreeMap;

use super::evaluate::Context;
use super::{Binary, Labels, Outcome, QueryError, Row};

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Equal,
    Unequal,
    Greater,
    Less,
    AtLeast,
    AtMost,
    And,
    Or,
    Unless,
}

impl Operator {
    const NAMES: [(&str, Self); 15] = [
        ("+", Self::Add),
        ("-", Self::Subtract),
        ("*", Self::Multiply),
        ("/", Self::Divide),
        ("%", Self::Remainder),
        ("^", Self::Power),
        ("==", Self::Equal),
        ("!=", Self::Unequal),
        (">", Self::Greater),
        ("<", Self::Less),
        (">=", Self::AtLeast),
        ("<=", Self::AtMost),
        ("and", Self::And),
        ("or", Self::Or),
        ("unless", Self::Unless),
    ];

    /// The operator of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, operator)| *operator)
    }

    /// How strongly it binds.
    pub(super) fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Equal | Self::Unequal | Self::Greater | Self::Less | Self::AtLeast | Self::AtMost => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Remainder => 5,
            Self::Power => 6,
        }
    }

    /// Whether `a ^ b ^ c` means `a ^ (b ^ c)`.
    pub(super) fn binds_right(self) -> bool {
        self == Self::Power
    }

    fn is_comparison(self) -> bool {
        self.binding() == 3
    }

    fn is_set(self) -> bool {
        self.binding() <= 2
    }

    /// The result for two numbers; of a comparison, 0 or 1.
    fn apply(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| f64::from(u8::from(holds));
        #[expect(clippy::float_cmp, reason = "comparison is exact here")]
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Remainder => left % right,
            Self::Power => left.powf(right),
            Self::Equal => truth(left == right),
            Self::Unequal => truth(left != right),
            Self::Greater => truth(left > right),
            Self::Less => truth(left < right),
            Self::AtLeast => truth(left >= right),
            Self::AtMost => truth(left <= right),
            Self::And | Self::Or | Self::Unless => f64::NAN,
        }
    }
}

/// Evaluates an operation.
pub(super) fn evaluate(context: Context<'_>, operation: &Binary) -> Result<Outcome, QueryError> {
    let (left, right) = (context.value(&operation.left)?, context.value(&operation.right)?);
    match (left, right) {
        (Outcome::Scalar(left), Outcome::Scalar(right)) => {
            let values = left.iter().zip(right).map(|(left, right)| operation.operator.apply(*left, right));
            Ok(Outcome::Scalar(values.collect()))
        }
        (Outcome::Vector(rows), Outcome::Scalar(numbers)) => {
            Ok(Outcome::Vector(with_numbers(operation, rows, &numbers, false)))
        }
        (Outcome::Scalar(numbers), Outcome::Vector(rows)) => {
            Ok(Outcome::Vector(with_numbers(operation, rows, &numbers, true)))
        }
        (Outcome::Vector(left), Outcome::Vector(right)) if operation.operator.is_set() => {
            Ok(Outcome::Vector(sets(operation, left, right)))
        }
        (Outcome::Vector(left), Outcome::Vector(right)) => {
            Ok(Outcome::Vector(matched(operation, left, &right)))
        }
        (Outcome::Matrix(_), _) | (_, Outcome::Matrix(_)) => {
            Err(QueryError::Type("an operator needs instant vectors"))
        }
    }
}

fn with_numbers(operation: &Binary, rows: Vec<Row>, numbers: &[f64], number_first: bool) -> Vec<Row> {
    rows.into_iter()
        .map(|mut row| {
            for (value, number) in row.values.iter_mut().zip(numbers) {
                *value = value.and_then(|value| {
                    let (left, right) = if number_first { (*number, value) } else { (value, *number) };
                    combined(operation, left, right, value)
                });
            }
            forget_name(operation, &mut row.labels);
            row
        })
        .collect()
}

/// The result; of a filtering comparison that holds, the value that was filtered.
fn combined(operation: &Binary, left: f64, right: f64, filtered: f64) -> Option<f64> {
    let result = operation.operator.apply(left, right);
    if operation.operator.is_comparison() && !operation.as_bool {
        (result > 0.0).then_some(filtered)
    } else {
        Some(result)
    }
}

fn forget_name(operation: &Binary, labels: &mut Labels) {
    if !operation.operator.is_comparison() || operation.as_bool {
        labels.remove("__name__");
    }
}

/// Rows of equal key as one: at each step the first that has a value.
fn by_key(operation: &Binary, rows: &[Row]) -> BTreeMap<Labels, Vec<Option<f64>>> {
    let mut keyed: BTreeMap<Labels, Vec<Option<f64>>> = BTreeMap::new();
    for row in rows {
        let known =
            keyed.entry(operation.matching.key(&row.labels)).or_insert_with(|| vec![None; row.values.len()]);
        for (known, value) in known.iter_mut().zip(&row.values) {
            *known = known.or(*value);
        }
    }
    keyed
}

fn matched(operation: &Binary, left: Vec<Row>, right: &[Row]) -> Vec<Row> {
    let right = by_key(operation, right);
    left.into_iter()
        .filter_map(|row| {
            let key = operation.matching.key(&row.labels);
            let other = right.get(&key)?;
            let values = row.values.iter().zip(other).map(|(left, right)| {
                let (left, right) = ((*left)?, (*right)?);
                combined(operation, left, right, left)
            });
            let mut labels = row.labels.clone();
            forget_name(operation, &mut labels);
            let keeps_labels = operation.group_left || operation.operator.is_comparison();
            Some(Row { labels: if keeps_labels { labels } else { key }, values: values.collect() })
        })
        .collect()
}

fn sets(operation: &Binary, mut left: Vec<Row>, right: Vec<Row>) -> Vec<Row> {
    if operation.operator == Operator::Or {
        let present = by_key(operation, &left);
        let extra = right.into_iter().map(|mut row| {
            if let Some(known) = present.get(&operation.matching.key(&row.labels)) {
                row.values
                    .iter_mut()
                    .zip(known)
                    .filter(|(_, known)| known.is_some())
                    .for_each(|(value, _)| *value = None);
            }
            row
        });
        left.extend(extra);
        return left;
    }
    let wanted = operation.operator == Operator::And;
    let right = by_key(operation, &right);
    for row in &mut left {
        let other = right.get(&operation.matching.key(&row.labels));
        for (step, value) in row.values.iter_mut().enumerate() {
            if other.is_some_and(|other| other[step].is_some()) != wanted {
                *value = None;
            }
        }
    }
    left
}
