//! From an answer to a reading: the one place where a number may become a value that decides.

use std::time::Duration;

use crate::model::Text;
use crate::model::series::{Reading, Side};
use crate::telemetry::dialect::{SIDE_LABEL, side_value};
use crate::telemetry::prometheus::{QueryError, Sample};

/// How old the newest sample of a side is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Age {
    /// This many seconds, by the source's clock; negative for a sample from its future.
    Seconds(f64),
    /// The source has no current sample: the target is gone or its scrapes fail. It was last seen at most so long ago.
    Gone {
        /// Seconds.
        at_most: f64,
    },
    /// It could not be asked, or its answer made no sense.
    Unknown(Text),
}

/// The outcome of one query for all sides.
pub(super) type Outcome = Result<Vec<Sample>, QueryError>;

/// Reads one side's signal. Only one finite value on a fresh sample becomes [`Reading::Value`].
pub(super) fn reading(outcome: &Outcome, side: Side, age: &Age, stale_after: Duration) -> Reading {
    let value = match one_of_side(outcome, side) {
        Ok(value) => value,
        Err(why_not) => return why_not,
    };
    match age {
        Age::Unknown(why) => Reading::Failed(Text::from(format!("age of the samples: {why}"))),
        Age::Gone { at_most } => Reading::Stale { age_seconds: whole_seconds(*at_most) },
        // a sample far from the source's own now on either side says nothing about now
        Age::Seconds(seconds) if seconds.abs() <= stale_after.as_secs_f64() => Reading::Value(value),
        Age::Seconds(seconds) => Reading::Stale { age_seconds: whole_seconds(seconds.abs()) },
    }
}

/// Reads the age of a side's newest sample from the answer to "when was it taken".
pub(super) fn age(outcome: &Outcome, side: Side, source_now: f64, at_most: f64) -> Age {
    match one_of_side(outcome, side) {
        Ok(sampled) => Age::Seconds(source_now - sampled),
        Err(Reading::NoData) => Age::Gone { at_most },
        Err(Reading::Failed(why)) => Age::Unknown(why),
        Err(Reading::NotFinite | Reading::Several | Reading::Stale { .. } | Reading::Value(_)) => {
            Age::Unknown(Text::from("not one time"))
        }
    }
}

/// The one finite value of a side, or the reading that says why there is none.
fn one_of_side(outcome: &Outcome, side: Side) -> Result<f64, Reading> {
    let samples = outcome.as_ref().map_err(|error| Reading::Failed(error.text()))?;
    let mut own =
        samples.iter().filter(|one| one.labels.get(SIDE_LABEL).is_some_and(|l| l == side_value(side)));
    match (own.next(), own.next()) {
        (None, _) => Err(Reading::NoData),
        (Some(_), Some(_)) => Err(Reading::Several),
        (Some(one), None) if one.value.is_finite() => Ok(one.value),
        (Some(_), None) => Err(Reading::NotFinite),
    }
}

/// Seconds for a person; far beyond any age that matters they saturate.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
const fn whole_seconds(seconds: f64) -> u32 {
    seconds.round() as u32
}

#[cfg(test)]
mod tests;
