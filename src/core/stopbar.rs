//! The two bars at the top of the screen: the emergency stop between its two keys, and the answer to a hold.

use crate::model::Time;
use crate::model::outline::{Outline, Refusal};
use crate::model::target::Target;
use crate::model::text::Text;

/// The stop bar.
#[derive(Clone, Debug, PartialEq)]
pub struct StopBar {
    /// Its number, counted by this console.
    pub id: u64,
    /// When its five seconds began (anew).
    pub since: Time,
    /// The burst of the first `!`.
    pub burst: u64,
    /// What the second key stops.
    pub rows: Vec<StopRow>,
    /// What it leaves alone, with the reason, the most interesting first.
    pub untouched: Vec<Text>,
    /// Narrowed to this one by `Tab`.
    pub only: Option<Target>,
    /// Where the chord stands.
    pub chord: Chord,
    /// What went wrong with the last key: `release the key, press ! once`.
    pub complaint: Option<Text>,
    /// Set when the cluster cannot be reached: said before the second key.
    pub unreachable: Option<Text>,
}

/// Where the chord stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chord {
    /// The first key was seen.
    Waiting,
    /// The second key was seen; fires after 200 ms of silence.
    Silence {
        /// When it came.
        since: Time,
    },
}

/// One workload that the stop would act on.
#[derive(Clone, Debug, PartialEq)]
pub struct StopRow {
    /// Which.
    pub target: Target,
    /// `1.8.3→1.8.2`.
    pub versions: Text,
    /// What would be sent, or why only a hold (or nothing) is possible.
    pub outline: Result<Outline, Refusal>,
}

/// The bar that answers `H`.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldBar {
    /// What was held.
    pub target: Target,
    /// What happened, in one line.
    pub line: Text,
    /// When; it closes after five seconds.
    pub since: Time,
    /// How many others move and could be held by `Tab`.
    pub others: usize,
}
