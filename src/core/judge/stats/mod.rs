//! The arithmetic behind every verdict: pure functions of numbers, each with its source named.
//!
//! Nothing here knows a rule, a time or a word for a person. Every function answers `None` where the numbers given
//! carry no answer (no requests, one point, buckets that differ); none of them ever answers NaN or infinity.

mod buckets;
mod proportion;
mod ranks;
mod slope;

pub use buckets::{Quantile, quantile};
pub use proportion::{Contrast, Tally, contrast, lower_bound, requests_to_show, upper_bound, wilson};
pub use ranks::{Pairs, pairs};
pub use slope::{median, theil_sen};

/// One-sided 95 percent of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_7;

/// Upper tail of the standard normal distribution.
fn upper_tail(z: f64) -> f64 {
    statrs::function::erf::erfc(z / std::f64::consts::SQRT_2) / 2.0
}

/// `value` if it is finite.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests;
