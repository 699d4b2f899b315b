//! The acts: one table that keys, sheets, palette, headless verbs and the journal derive from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Time;
use super::template::TemplateKey;

/// What an operator can ask for, without its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActKind {
    /// Nothing advances.
    Hold,
    /// Un-hold.
    Resume,
    /// The next step.
    Promote,
    /// All steps at once.
    PromoteFull,
    /// The update that was aborted, once more.
    Retry,
    /// To stable, or to a revision known good.
    RollBack,
    /// New pods of the same template.
    Restart,
    /// Another number of pods.
    Scale,
    /// Another image: a new revision.
    SetImage,
    /// Emergency stop.
    Stop,
    /// Takes the latch of a stop away; not a resume.
    ResetStop,
}

/// Whether an act can make things worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Never blocked by modes, journals or stale data: only by a missing permission or `--read-only`.
    Lowers,
    /// Fails closed.
    Raises,
}

/// How an act is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// At once.
    Nothing,
    /// A sheet and `y`.
    Sheet,
    /// The chord `!` `!`.
    Chord,
    /// A typed word in the sheet.
    Typed,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActRow {
    /// The act.
    pub kind: ActKind,
    /// The word people and scripts use.
    pub word: &'static str,
    /// One sentence of help.
    pub tells: &'static str,
    /// Direction.
    pub risk: Risk,
    /// Confirmation.
    pub confirm: Confirm,
    /// Seconds for which the goal must hold without a break before it is proven (`product.md`, The latch).
    pub settle_seconds: u32,
}

/// The table.
pub const ACTS: [ActRow; 11] = [
    row(ActKind::Hold, "hold", "nothing advances any further", Risk::Lowers, Confirm::Nothing, 3),
    row(ActKind::Resume, "resume", "let a held rollout go on", Risk::Raises, Confirm::Sheet, 3),
    row(ActKind::Promote, "promote", "take the next step", Risk::Raises, Confirm::Sheet, 3),
    row(
        ActKind::PromoteFull,
        "promote-full",
        "let the candidate take everything at once",
        Risk::Raises,
        Confirm::Typed,
        3,
    ),
    row(ActKind::Retry, "retry", "try an aborted update once more", Risk::Raises, Confirm::Sheet, 3),
    row(ActKind::RollBack, "rollback", "return to a revision known good", Risk::Lowers, Confirm::Sheet, 10),
    row(ActKind::Restart, "restart", "replace all pods, same template", Risk::Raises, Confirm::Sheet, 3),
    row(ActKind::Scale, "scale", "change the number of pods", Risk::Raises, Confirm::Sheet, 3),
    row(ActKind::SetImage, "set-image", "roll out another image", Risk::Raises, Confirm::Sheet, 3),
    row(ActKind::Stop, "stop", "emergency stop of all that moves", Risk::Lowers, Confirm::Chord, 10),
    row(ActKind::ResetStop, "reset-stop", "take the stop's latch away", Risk::Raises, Confirm::Typed, 3),
];

const fn row(
    kind: ActKind,
    word: &'static str,
    tells: &'static str,
    risk: Risk,
    confirm: Confirm,
    settle_seconds: u32,
) -> ActRow {
    ActRow { kind, word, tells, risk, confirm, settle_seconds }
}

impl ActKind {
    /// This act's row.
    #[must_use]
    pub const fn row(self) -> ActRow {
        ACTS[self as usize]
    }

    /// Whether it can make things worse.
    #[must_use]
    pub const fn raises_risk(self) -> bool {
        matches!(self.row().risk, Risk::Raises)
    }
}

impl fmt::Display for ActKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.row().word)
    }
}

/// An act with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Act {
    /// See [`ActKind::Hold`].
    Hold,
    /// See [`ActKind::Resume`].
    Resume,
    /// See [`ActKind::Promote`].
    Promote,
    /// See [`ActKind::Promote`]: the next step is this share, as it was chosen by a person or a plan.
    SetWeight {
        /// The candidate's share of the traffic, 1 to 100.
        percent: u32,
    },
    /// See [`ActKind::PromoteFull`].
    PromoteFull,
    /// See [`ActKind::Retry`].
    Retry,
    /// See [`ActKind::RollBack`].
    RollBack {
        /// The chosen revision; without one the best known-good.
        to: Option<TemplateKey>,
    },
    /// See [`ActKind::Restart`].
    Restart {
        /// Written into the template's annotation; it makes the new template differ.
        at: Time,
    },
    /// See [`ActKind::Scale`].
    Scale {
        /// Wanted pods.
        replicas: u32,
    },
    /// See [`ActKind::SetImage`].
    SetImage {
        /// Container; without one the only one.
        container: Option<String>,
        /// Image reference.
        image: String,
    },
    /// See [`ActKind::Stop`].
    Stop,
    /// See [`ActKind::ResetStop`].
    ResetStop,
}

impl Act {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::Hold => ActKind::Hold,
            Self::Resume => ActKind::Resume,
            Self::Promote | Self::SetWeight { .. } => ActKind::Promote,
            Self::PromoteFull => ActKind::PromoteFull,
            Self::Retry => ActKind::Retry,
            Self::RollBack { .. } => ActKind::RollBack,
            Self::Restart { .. } => ActKind::Restart,
            Self::Scale { .. } => ActKind::Scale,
            Self::SetImage { .. } => ActKind::SetImage,
            Self::Stop => ActKind::Stop,
            Self::ResetStop => ActKind::ResetStop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_finds_its_own_row_and_words_are_unique() {
        let mut words: Vec<_> = ACTS.iter().map(|row| row.word).collect();
        for row in ACTS {
            assert_eq!(row.kind.row(), row);
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ACTS.len());
    }
}
