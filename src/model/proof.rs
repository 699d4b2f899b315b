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

/// Of samples about a target: what they show, in the words of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "claim", content = "words", rename_all = "kebab-case")]
pub enum Claim {
    /// The target is met, with 95 percent confidence.
    Shown(Text),
    /// The samples are too few to say.
    CannotTell(Text),
    /// The target is missed, with 95 percent confidence.
    Refuted(Text),
}

impl Claim {
    /// The words.
    #[must_use]
    pub const fn words(&self) -> &Text {
        match self {
            Self::Shown(words) | Self::CannotTell(words) | Self::Refuted(words) => words,
        }
    }

    /// As a verdict: what cannot be told is unknown.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Shown(_) => Verdict::Met,
            Self::CannotTell(_) => Verdict::Unknown,
            Self::Refuted(_) => Verdict::Breached,
        }
    }
}
