//! Somebody else wrote to the journal first: what was on its way there is judged again by what stands there now.
//!
//! An append says which head its facts were judged by. When the journal has another one, nothing of that round is
//! written; the entries between are applied, and what still stands goes out again as one append, in its order. After
//! three rounds an act that raises risk is refused and the winner named; what lowers risk has left long ago and only
//! wants its record.

use crate::model::act::ActKind;
use crate::model::fact::{Author, Entry, Fact};
use crate::model::ids::ActId;
use crate::model::outline::{Refusal, RefusalKind};
use crate::model::proof::Proof;
use crate::model::target::Target;

use super::{Turn, policy};
use crate::core::desk::Tone;
use crate::core::tell;

/// Rounds after which an act that raises risk is refused.
const ROUNDS: u32 = 3;

impl Turn<'_> {
    /// The journal's head had moved. `entries`: those between that did not come by themselves already.
    pub(super) fn moved(&mut self, entries: &[Entry]) {
        self.applied_foreign(entries);
        let desk = &mut self.state.desk;
        desk.round += 1;
        desk.lost_rounds += 1;
        let waiting = std::mem::take(&mut desk.pending);
        let (mut standing, mut fallen) = (Vec::new(), Vec::new());
        for fact in waiting {
            match self.stands(&fact) {
                Ok(true) => standing.push(fact),
                Ok(false) => {}
                Err(refusal) => fallen.push((fact, refusal)),
            }
        }
        if !standing.is_empty() {
            self.put(standing);
        }
        for (fact, refusal) in fallen {
            self.withdraw(fact, &refusal);
        }
    }

    /// Whether a fact is still to be entered: not when somebody else has said the same, and with a reason when it may not
    /// happen any more.
    fn stands(&self, fact: &Fact) -> Result<bool, Refusal> {
        let session = &self.state.session;
        match fact {
            Fact::SessionOpened { .. } => Ok(session.id.is_none()),
            Fact::ConsoleLost { who, .. } => Ok(session.is_present(who)),
            Fact::ControlGivenUp { .. } => Ok(policy::armed(self.state)),
            Fact::ControlTaken { .. } => self.control_is_free().map(|()| true),
            Fact::ItemTicked { item, .. } => match session.ticks.get(item) {
                Some(tick) => Err(first(&tick.by, "ticked it")),
                None => Ok(true),
            },
            Fact::ItemReopened { item, .. } => Ok(session.ticks.contains_key(item)),
            Fact::Authorised { act, what, target, .. } => {
                self.may_still(act, what.kind(), target).map(|()| true)
            }
            Fact::Sending { id, .. } => match self.state.desk.goals.get(&id.act) {
                Some(goal) => self.may_still(&id.act, goal.kind(), &goal.target).map(|()| true),
                None => Ok(true),
            },
            Fact::StopReset { uid, .. } => {
                let target = self.state.world.workloads.iter().find(|(_, w)| w.view.uid == *uid);
                target.map_or(Ok(true), |(target, _)| {
                    policy::check(self.state, ActKind::ResetStop, target).map(|()| true)
                })
            }
            // what was seen, and what has happened already, is a fact whoever was first
            Fact::ConsoleStarted { .. }
            | Fact::StopPinned { .. }
            | Fact::Refused { .. }
            | Fact::Answered { .. }
            | Fact::Proven { .. }
            | Fact::Unproven { .. }
            | Fact::StopLatched { .. }
            | Fact::Reverted { .. }
            | Fact::SeenComplete { .. }
            | Fact::StateSeen { .. }
            | Fact::EvidenceCaptured { .. }
            | Fact::Noted { .. }
            | Fact::Recovered { .. }
            | Fact::ConsoleEnded { .. } => Ok(true),
        }
    }

    /// Entries of others that came after the facts on their way were judged.
    fn between(&self) -> impl Iterator<Item = &Entry> {
        let desk = &self.state.desk;
        let newest_first = self.state.session.timeline.iter().rev().map(AsRef::as_ref);
        newest_first
            .take_while(|entry: &&Entry| entry.seq > desk.judged_by)
            .filter(|entry| entry.author != desk.author)
    }

    fn control_is_free(&self) -> Result<(), Refusal> {
        let taken = self.between().find(|entry| matches!(entry.fact, Fact::ControlTaken { .. }));
        taken.map_or(Ok(()), |entry| Err(first(&entry.author, "took control").with_remedy("T takes it over")))
    }

    /// An act that raises risk, judged again by mode, control, age, latch, and by what others confirmed meanwhile.
    fn may_still(&self, act: &ActId, kind: ActKind, target: &Target) -> Result<(), Refusal> {
        if !kind.raises_risk() {
            return Ok(());
        }
        policy::check(self.state, kind, target).map_err(|refusal| self.with_winner(refusal))?;
        let rival = self.between().find_map(|entry| match &entry.fact {
            Fact::Authorised { act: other, target: same, title, .. } if same == target && other != act => {
                Some((&entry.author, title))
            }
            _ => None,
        });
        if let Some((author, title)) = rival {
            return Err(first(author, &format!("confirmed: {title}")));
        }
        let last = self.between().next();
        match last.filter(|_| self.state.desk.lost_rounds >= ROUNDS) {
            Some(entry) => Err(first(&entry.author, &format!("wrote: {}", tell::fact(&entry.fact)))
                .with_remedy("not sent; ask for it again")),
            None => Ok(()),
        }
    }

    /// Whoever took control or latched a stop meanwhile is named beside the reason.
    fn with_winner(&self, refusal: Refusal) -> Refusal {
        let decided = self.between().find(|entry| {
            matches!(
                entry.fact,
                Fact::ControlTaken { .. } | Fact::StopLatched { .. } | Fact::ConsoleLost { .. }
            )
        });
        match decided {
            Some(entry) => Refusal { why: first(&entry.author, &tell::fact(&entry.fact)).why, ..refusal },
            None => refusal,
        }
    }

    /// A fact that may not be entered any more: what hung on it does not happen.
    fn withdraw(&mut self, fact: Fact, refusal: &Refusal) {
        let why = refusal.to_string();
        match fact {
            Fact::Authorised { act, what, target, .. } => {
                if let Some(goal) = self.state.desk.goals.get_mut(&act) {
                    goal.proof = Proof::Impossible { why: why.into() };
                }
                self.refuse(what.kind(), &target, refusal);
            }
            Fact::Sending { id, .. } => {
                if let Some(goal) = self.state.desk.goals.get_mut(&id.act) {
                    goal.trace.queued = None;
                }
                self.unproven(&id.act, &format!("not sent: {why}"));
            }
            other => self.say(Tone::Warning, format!("not entered: {}: {why}", tell::fact(&other))),
        }
    }
}

fn first(author: &Author, did: &str) -> Refusal {
    Refusal::new(RefusalKind::Changed, format!("{} was first: {did}", tell::console(author)))
}
