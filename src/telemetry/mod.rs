//! Signals of running versions, read from Prometheus: where it is, which metrics it has, and what they say.
//!
//! A value is reported as [`Reading::Value`](crate::model::series::Reading) only when the source gave exactly one finite
//! value that rests on a fresh sample; every other shape of answer stays visible as what it is. Nothing here judges:
//! thresholds, verdicts and gates live in `core`. The API server is reached through closures that `runtime` hands in,
//! and time comes from a [`Clock`] for the same reason: no client of the cluster and no clock ever lives here.

pub mod alerts;
pub mod dialect;
pub mod find;
pub mod metrics;
pub mod poll;
pub mod prometheus;

use std::sync::Arc;

use crate::model::Time;

/// Tells the time of this console.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;
