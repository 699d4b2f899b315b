//! Facts about bakes: what must stand in the journal so that a bake is taken up again where it was.
//!
//! Three facts are enough. `Started` opens a bake at a step, `Counted` records now and then (and at every pause) what
//! was counted so far, and `Restarted` says that all of it fell away. What a console that died had counted since its
//! last fact is lost; it is never counted twice.

use serde::{Deserialize, Serialize};

use super::Time;
use super::measure::{Share, Span};
use super::text::Text;

/// What a bake waits for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BakeWants {
    /// Healthy, observed time.
    pub length: Span,
    /// Requests; `None` where no number is asked for.
    pub samples: Option<u64>,
    /// Share of the watched time that must have been known.
    pub coverage: Share,
    /// Share of failures that is to be shown, where there is such a target.
    pub target: Option<Share>,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BakeCount {
    /// Milliseconds in which everything was known and good.
    pub healthy: u64,
    /// Milliseconds in which it was known how things are, good or bad.
    pub known: u64,
    /// Milliseconds in which a console watched.
    pub watched: u64,
    /// Requests of the candidate in the healthy time.
    pub requests: f64,
    /// Of these, failed.
    pub failed: f64,
    /// How often it began anew.
    pub restarts: u32,
}

/// Something that happened to a bake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "bake", rename_all = "kebab-case")]
pub enum BakeFact {
    /// A step was reached and proven: its bake begins.
    Started {
        /// What it waits for.
        wants: BakeWants,
    },
    /// So much was counted.
    Counted {
        /// Since the start or the last restart.
        count: BakeCount,
        /// When it was last looked at.
        until: Time,
    },
    /// It began anew.
    Restarted {
        /// Why.
        why: Text,
    },
}
