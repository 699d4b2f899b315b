//! What this operator has open: sheet, bars, goals in hand, facts on their way to the journal.

use std::collections::BTreeMap;

use crate::model::Time;
use crate::model::access::AccessQuery;
use crate::model::fact::{Author, Fact};
use crate::model::ids::ActId;
use crate::model::objects::SeenComplete;
use crate::model::target::Target;
use crate::model::text::Text;

use super::effect::Wanted;
use super::event::Look;
use super::goal::Goal;
use super::sheet::Sheet;
use super::stopbar::{HoldBar, StopBar};

/// The desk.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Who sits here.
    pub author: Author,
    /// The open sheet.
    pub sheet: Option<Sheet>,
    /// The stop bar.
    pub stop: Option<StopBar>,
    /// The bar that answers a hold.
    pub hold: Option<HoldBar>,
    /// Goals in hand, also those under guard, by act.
    pub goals: BTreeMap<ActId, Goal>,
    /// Facts sent to the journal and not yet answered, oldest first: drawn hollow.
    pub pending: Vec<Fact>,
    /// Number of the newest entry when the oldest of them was judged.
    pub judged_by: u64,
    /// Round of appends: counted on when the journal's head moved under one.
    pub round: u64,
    /// Rounds lost since something was entered.
    pub lost_rounds: u32,
    /// How far the journal's head is recorded outside.
    pub anchor: Anchoring,
    /// Facts that the journal refused; entered when it is back, printed at the exit otherwise.
    pub unwritten: Vec<(Time, Fact)>,
    /// Why the journal cannot be written, while it cannot.
    pub journal_broken: Option<Text>,
    /// Whether the journal knows that this console started.
    pub console_told: bool,
    /// Revisions seen complete by consoles of this user, also outside this session.
    pub remembered: Vec<SeenComplete>,
    /// Questions of permission that were asked ahead and not answered, with when.
    pub reviewing: BTreeMap<AccessQuery, Time>,
    /// One line of answer to the last key.
    pub notice: Option<Notice>,
    /// Alarms, worst first.
    pub alarms: BTreeMap<AlarmKey, Alarm>,
    /// What the picture looks at.
    pub look: Look,
    /// What was last asked of the adapters.
    pub wanted: Wanted,
    /// When a key was last pressed: control lapses 30 minutes later.
    pub active: Option<Time>,
    /// Whether quitting was asked for once and warned about.
    pub quit_warned: bool,
    /// Numbers given to sheets and bars so far.
    pub counter: u64,
}

/// The journal's head, outside of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Anchoring {
    /// Number of the newest entry that is recorded outside.
    pub seq: u64,
    /// When it was last tried.
    pub tried: Option<Time>,
    /// Whether an answer is awaited.
    pub on_its_way: bool,
    /// Whether an act's facts came since.
    pub urgent: bool,
    /// Why the cluster does not take it.
    pub refused: Option<Text>,
}

/// One line of answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What.
    pub text: Text,
    /// How loud.
    pub tone: Tone,
    /// When; it fades after eight seconds.
    pub at: Time,
}

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Said once.
    Plain,
    /// Something was done.
    Good,
    /// Refused, or to be looked at.
    Warning,
    /// Wrong.
    Bad,
}

/// What an alarm is about: the same thing raises one alarm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKey {
    /// An owner brought the bad version back.
    Reverted(Target),
    /// An update cannot go on.
    Stuck(Target),
    /// Pods are not well.
    Unhealthy(Target),
    /// Spec, controller and live objects do not agree on who gets the traffic.
    Traffic(Target),
    /// The mechanism itself warns.
    Warned(Target),
    /// An act was not proven.
    Unproven(ActId),
    /// The journal cannot be written.
    Journal,
    /// The console that had control is gone.
    NoControl,
}

/// An alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// What.
    pub text: Text,
    /// What helps.
    pub remedy: Option<Text>,
    /// Since when.
    pub since: Time,
    /// How loud.
    pub tone: Tone,
    /// Whether someone acknowledged it.
    pub acknowledged: bool,
}
