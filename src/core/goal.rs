//! Goals in hand: acts that were confirmed and are being carried out and proved.

use crate::model::Time;
use crate::model::act::{Act, ActKind};
use crate::model::ids::{ActId, Uid};
use crate::model::outline::{Step, Want};
use crate::model::proof::{Proof, Tick};
use crate::model::request::RequestId;
use crate::model::target::Target;
use crate::model::text::Text;
use crate::model::trace::{Sent, Stillness};

/// One goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The act.
    pub act: ActId,
    /// Its kind and arguments.
    pub what: Act,
    /// On what.
    pub target: Target,
    /// Which life of it.
    pub uid: Uid,
    /// By its effect.
    pub title: Text,
    /// What proves it.
    pub want: Want,
    /// The requests shown on the sheet; acts that raise risk may send each at most once.
    pub steps: Vec<Step>,
    /// When it was confirmed.
    pub started: Time,
    /// Stages seen so far, in their order.
    pub ticks: Vec<Tick>,
    /// How it stands.
    pub proof: Proof,
    /// What is known of its requests.
    pub trace: Trace,
    /// Whether its authorising fact is in the journal; acts that raise risk wait for it.
    pub journaled: bool,
    /// After a proven stop or roll-back: until when the goal is watched further.
    pub guard_until: Option<Time>,
    /// Set when the cluster could not be reached for a while: the line to run elsewhere.
    pub elsewhere: Option<Text>,
    /// Whether this console drives it (it confirmed it, or took it over).
    pub ours: bool,
    /// A stop that was fired before the revisions of its workload were read: it pauses, and takes the template of the
    /// revision known good once they are.
    pub unread: bool,
    /// The version that was serving or coming when the act was confirmed: what a reverting owner would bring back.
    pub away_from: Option<crate::model::template::TemplateDigest>,
}

/// What one set of objects cannot tell: the requests of this goal, and since when the goal has held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Requests that an earlier console sent for this act: ids go on after them.
    pub earlier: u32,
    /// Requests sent, oldest first.
    pub sent: Vec<Sent>,
    /// Since when the goal has held without a break.
    pub holds_since: Option<Time>,
    /// Not before this moment may the same step go out again.
    pub not_before: Option<Time>,
    /// Since when its objects have stood still.
    pub still: Stillness,
    /// A request whose sending fact is being journaled (acts that raise risk).
    pub queued: Option<(RequestId, Step)>,
}

impl Goal {
    /// The kind of its act.
    #[must_use]
    pub fn kind(&self) -> ActKind {
        self.what.kind()
    }

    /// Whether anything can still change about it (the guard aside).
    #[must_use]
    pub fn open(&self) -> bool {
        matches!(self.proof, Proof::Pending { .. } | Proof::Unknown { .. })
    }

    /// The id of a step's next request. Steps are told apart by what they do, and counted in the order in which they
    /// were first sent; tries go on after those of an earlier console.
    #[must_use]
    pub fn next_id(&self, step: &Step) -> RequestId {
        let mut steps: Vec<&Text> = Vec::new();
        for sent in &self.trace.sent {
            if !steps.contains(&&sent.step.does) {
                steps.push(&sent.step.does);
            }
        }
        let place = steps.iter().position(|does| **does == step.does).unwrap_or(steps.len());
        let number = u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1);
        let own = self.tries(&step.does);
        let attempt = self.trace.earlier.saturating_add(own).saturating_add(1);
        RequestId { act: self.act.clone(), step: number, attempt }
    }

    /// How often the step behind a request was sent.
    #[must_use]
    pub fn tries_of(&self, id: &RequestId) -> u32 {
        let step = self.trace.sent.iter().find(|sent| sent.id == *id);
        step.map_or(1, |sent| self.tries(&sent.step.does))
    }

    fn tries(&self, does: &Text) -> u32 {
        let count = self.trace.sent.iter().filter(|sent| sent.step.does == *does).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The request on the wire, if there is one.
    #[must_use]
    pub fn on_the_wire(&self) -> Option<&Sent> {
        self.trace.sent.iter().rev().find(|sent| sent.outcome.is_none())
    }
}
