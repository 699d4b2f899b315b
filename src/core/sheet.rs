//! The act sheet: what an operator reads before `y`, and the proof after it.

use crate::model::Time;
use crate::model::access::{AccessAnswer, AccessQuery};
use crate::model::act::Act;
use crate::model::ids::{ActId, ShortName};
use crate::model::outline::{Outline, Refusal};
use crate::model::request::Outcome;
use crate::model::target::Target;
use crate::model::text::Text;
use crate::model::view::Revision;

/// Number of a sheet, counted by this console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SheetId(pub u64);

/// An open sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its number.
    pub id: SheetId,
    /// The act asked for.
    pub act: Act,
    /// On what.
    pub target: Target,
    /// What would be done now, or why it cannot.
    pub outline: Result<Outline, Refusal>,
    /// Revisions to choose from (roll back).
    pub revisions: Vec<Revision>,
    /// Which of them is chosen.
    pub chosen: Option<usize>,
    /// Rights it needs, with the answers so far.
    pub rights: Vec<(AccessQuery, Option<AccessAnswer>)>,
    /// The server's answer to a dry run.
    pub dry_run: DryRun,
    /// The full re-read that acts which raise risk wait for.
    pub read_back: ReadBack,
    /// When it was opened.
    pub opened: Time,
    /// Whether a frame with it reached the terminal: keys count only then.
    pub drawn: bool,
    /// Identity of what would be sent: target's uid, direction, template and the fields written.
    pub digest: String,
    /// Set when the target changed under it: what it shows is void and `y` opens it anew.
    pub voided: Option<Text>,
    /// The short name that has to be typed, where the act is destructive.
    pub typed_name: Option<ShortName>,
    /// Once confirmed: the act whose goal is followed below.
    pub sent: Option<ActId>,
    /// Why the last `y` was not taken.
    pub complaint: Option<Text>,
}

/// Answer of a dry run.
#[derive(Clone, Debug, PartialEq)]
pub enum DryRun {
    /// There is nothing to try.
    NotNeeded,
    /// Asked.
    Waiting,
    /// Answered.
    Answered(Outcome),
}

/// State of the full re-read.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadBack {
    /// The act lowers risk: it waits for nothing.
    NotNeeded,
    /// Asked.
    Waiting,
    /// Read, and it is what the sheet shows.
    Same,
    /// Could not be read.
    Failed(Refusal),
}
