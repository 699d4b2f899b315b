//! Drills of the console on the cluster.

mod start;

use crate::runner::Drill;

/// Every drill of the console.
pub(crate) const DRILLS: &[Drill] = &[Drill::shared("console_helps", start::helps)];
