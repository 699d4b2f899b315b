//! What numbers allow: rules, gates, bakes and the automation that watches them, as pure folds.
//!
//! Readings, the plan's rules and the time come in; verdicts with their evidence go out. State is plain data: a rule's
//! hold times, a bake's healthy time and an armed roll-back's counts are values that can be printed, journaled and taken
//! up again. One fresh finite value decides; every other shape of answer is *unknown*, which holds and never acts.
//! Nothing here reads a clock, sends a request or knows how a verdict is drawn.

pub mod automation;
pub mod bake;
pub mod board;
pub mod claim;
pub mod deeds;
mod evidence;
mod form;
mod fresh;
pub mod gate;
pub mod rule;
pub mod sources;
pub mod stats;
pub mod words;

use std::collections::BTreeMap;

pub use self::evidence::Judged;
pub use self::fresh::staleness;
use crate::model::ids::MetricId;
use crate::model::rule::Metric;

/// The plan's metrics by their ids.
pub type Metrics = BTreeMap<MetricId, Metric>;

#[cfg(test)]
mod tests;
