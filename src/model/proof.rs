//! Three-valued answers. "No data" is a value of its own everywhere and never counts as good.

use serde::{Deserialize, Serialize};

use super::Time;
use super::text::Text;

/// Of a rule or a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The bad condition is clear, on enough fresh data.
    Met,
    /// It is not.
    Breached,
    /// Cannot tell.
    #[default]
    Unknown,
}

/// Of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The live world agreed with the goal without a break for its settling time.
    Proven {
        /// When.
        at: Time,
    },
    /// Not yet.
    Pending {
        /// What is missing.
        why: Text,
    },
    /// It will not become true by waiting.
    Impossible {
        /// Why.
        why: Text,
    },
    /// Nothing can be seen.
    Unknown {
        /// Since when.
        since: Time,
    },
}

/// One observable stage of an act, ticked off as it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// What was to be seen: `sent`, `controller saw it`, `pods 9/9 1.8.2`.
    pub what: Text,
    /// When it was first seen; `None` while it is not.
    pub at: Option<Time>,
}
