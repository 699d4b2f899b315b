//! What the journal says. Changed by [`Session::apply`] alone, through which live facts, resumed ones, those of other
//! consoles and a replay all go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::Time;
use crate::model::act::Act;
use crate::model::fact::{Author, Entry, Fact, Present};
use crate::model::ids::{ActId, EntryHash, ItemId, SessionId, ShortName, TemplateHash, Uid};
use crate::model::objects::SeenComplete;
use crate::model::outline::Want;
use crate::model::request::{Outcome, RequestId};
use crate::model::target::Target;
use crate::model::text::Text;

/// State of a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// Its id, once it was opened.
    pub id: Option<SessionId>,
    /// When it was opened.
    pub opened: Option<Time>,
    /// Sequence number and hash of the newest entry.
    pub head: (u64, EntryHash),
    /// Who has control.
    pub control: Option<Control>,
    /// Consoles that started and have not ended, as far as the journal tells.
    pub consoles: Vec<Present>,
    /// Acts that were confirmed, by id (ids sort by time).
    pub acts: BTreeMap<ActId, ActRecord>,
    /// Latched stops.
    pub stops: BTreeMap<(Uid, TemplateHash), StopRecord>,
    /// Ticked items.
    pub ticks: BTreeMap<ItemId, TickRecord>,
    /// Revisions that were rolled back from or stopped.
    pub condemned: BTreeSet<(Uid, TemplateHash)>,
    /// Revisions seen complete, oldest first.
    pub seen_complete: Vec<SeenComplete>,
    /// Every entry, oldest first.
    pub timeline: Vec<Arc<Entry>>,
}

/// Who has control.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// Who.
    pub by: Author,
    /// Since when.
    pub since: Time,
    /// What was typed.
    pub short_name: ShortName,
}

/// An act as the journal tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct ActRecord {
    /// Kind and arguments.
    pub what: Act,
    /// On what.
    pub target: Target,
    /// Which life of it.
    pub uid: Uid,
    /// By its effect.
    pub title: Text,
    /// What proves it.
    pub want: Want,
    /// Who confirmed it.
    pub by: Author,
    /// When.
    pub at: Time,
    /// Requests that were about to leave, with their outcomes.
    pub sent: Vec<(RequestId, Option<Outcome>)>,
    /// How it ended; `None` while it is open.
    pub ended: Option<Ended>,
}

/// How an act ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// Proven.
    Proven {
        /// When.
        at: Time,
        /// Milliseconds from confirmation to the first moment at which the goal held.
        millis: u64,
    },
    /// Not proven.
    Unproven {
        /// When.
        at: Time,
        /// Why.
        why: Text,
    },
}

/// A latched stop.
#[derive(Clone, Debug, PartialEq)]
pub struct StopRecord {
    /// The act.
    pub act: ActId,
    /// On what.
    pub target: Target,
    /// When.
    pub at: Time,
    /// Who.
    pub by: Author,
    /// Whether the cluster does not hold the latch.
    pub local_only: bool,
}

/// A tick.
#[derive(Clone, Debug, PartialEq)]
pub struct TickRecord {
    /// Who.
    pub by: Author,
    /// When.
    pub at: Time,
    /// What came with it.
    pub evidence: Option<Text>,
}

impl Session {
    /// Applies one entry. Entries that were applied already are passed over, so that overlapping deliveries do no harm.
    pub fn apply(&mut self, entry: &Entry) {
        if entry.seq <= self.head.0 {
            return;
        }
        self.head = (entry.seq, entry.hash.clone());
        self.fact(entry);
        self.timeline.push(Arc::new(entry.clone()));
    }

    fn fact(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::SessionOpened { .. } => {
                self.id = Some(entry.session.clone());
                self.opened = Some(entry.at);
            }
            Fact::ControlTaken { short_name } => {
                self.control = Some(Control {
                    by: entry.author.clone(),
                    since: entry.at,
                    short_name: short_name.clone(),
                });
            }
            Fact::ControlGivenUp { .. } => self.give_up(&entry.author),
            Fact::ConsoleStarted { .. } => {
                self.left(&entry.author);
                let since = entry.clocks.clone();
                self.consoles.push(Present { who: entry.author.clone(), since });
            }
            Fact::ConsoleEnded { .. } => self.left(&entry.author),
            Fact::ConsoleLost { who, .. } => self.left(who),
            Fact::Authorised { act, what, target, uid, title, want, away_from, digest: _ } => {
                self.judge_revisions(uid, want, away_from.as_ref());
                let record = ActRecord {
                    what: what.clone(),
                    target: target.clone(),
                    uid: uid.clone(),
                    title: title.clone(),
                    want: want.clone(),
                    by: entry.author.clone(),
                    at: entry.at,
                    sent: Vec::new(),
                    ended: None,
                };
                self.acts.insert(act.clone(), record);
            }
            Fact::StopPinned { act, uid, title, want, away_from, good: _ } => {
                self.judge_revisions(uid, want, away_from.as_ref());
                if let Some(record) = self.acts.get_mut(act) {
                    record.title = title.clone();
                    record.want = want.clone();
                }
            }
            Fact::Sending { id, .. } => {
                if let Some(record) = self.acts.get_mut(&id.act) {
                    record.sent.push((id.clone(), None));
                }
            }
            Fact::Answered { id, outcome, .. } => self.answered(id, outcome),
            Fact::Proven { act, millis, .. } => {
                self.end(act, Ended::Proven { at: entry.at, millis: *millis });
            }
            Fact::Unproven { act, why } => {
                self.end(act, Ended::Unproven { at: entry.at, why: why.clone() });
            }
            Fact::StopLatched { act, target, uid, candidate, local_only } => {
                let record = StopRecord {
                    act: act.clone(),
                    target: target.clone(),
                    at: entry.at,
                    by: entry.author.clone(),
                    local_only: *local_only,
                };
                self.stops.insert((uid.clone(), candidate.clone()), record);
            }
            Fact::StopReset { uid, candidate } => {
                self.stops.remove(&(uid.clone(), candidate.clone()));
            }
            Fact::SeenComplete { uid, hash, .. } => self.seen_complete.push(SeenComplete {
                workload: uid.clone(),
                hash: hash.clone(),
                at: entry.at,
            }),
            Fact::ItemTicked { item, evidence } => {
                let tick = TickRecord { by: entry.author.clone(), at: entry.at, evidence: evidence.clone() };
                self.ticks.insert(item.clone(), tick);
            }
            Fact::ItemReopened { item, .. } => {
                self.ticks.remove(item);
            }
            // these tell the story and change nothing that is judged by
            Fact::Refused { .. }
            | Fact::Reverted { .. }
            | Fact::StateSeen { .. }
            | Fact::EvidenceCaptured { .. }
            | Fact::Noted { .. }
            | Fact::Recovered { .. } => {}
        }
    }

    /// A revision that was left is condemned until somebody confirms a return to it.
    fn judge_revisions(&mut self, uid: &Uid, want: &Want, left: Option<&TemplateHash>) {
        if let Want::Serving { hash: Some(hash), .. } = want {
            self.condemned.remove(&(uid.clone(), hash.clone()));
        }
        if let Some(hash) = left {
            self.condemned.insert((uid.clone(), hash.clone()));
        }
    }

    /// A console is there no more; a new one of the same process id has nothing of an earlier one.
    fn left(&mut self, who: &Author) {
        self.give_up(who);
        self.consoles.retain(|console| console.who != *who);
    }

    /// Whether a console is there, as far as the journal tells.
    #[must_use]
    pub fn is_present(&self, who: &Author) -> bool {
        self.consoles.iter().any(|console| console.who == *who)
    }

    /// What a set's fence was raised from, by the newest act that says so; nothing once it was lowered or gone back from.
    #[must_use]
    pub fn fenced(&self, uid: &Uid) -> Option<&serde_json::Value> {
        let newest = self.acts.values().rev().filter(|record| record.uid == *uid).find_map(|record| {
            match &record.want {
                Want::Fenced { fenced, before } => Some(fenced.then_some(before)),
                Want::Serving { .. } => Some(None),
                _ => None,
            }
        });
        newest.flatten()
    }

    fn give_up(&mut self, author: &Author) {
        if self.control.as_ref().is_some_and(|control| control.by == *author) {
            self.control = None;
        }
    }

    fn answered(&mut self, id: &RequestId, outcome: &Outcome) {
        let Some(record) = self.acts.get_mut(&id.act) else { return };
        if let Some((_, slot)) = record.sent.iter_mut().find(|(sent, _)| sent == id) {
            *slot = Some(outcome.clone());
        }
    }

    fn end(&mut self, act: &ActId, ended: Ended) {
        if let Some(record) = self.acts.get_mut(act) {
            record.ended = Some(ended);
        }
    }
}
