//! The way of facts: to the journal, back from it, and what happens when it cannot be written.

use crate::model::fact::{Entry, Fact};
use crate::model::text::Text;

use super::Turn;
use crate::core::desk::{AlarmKey, Tone};
use crate::core::effect::Effect;

impl Turn<'_> {
    /// Sends facts to the journal. The first ones of a session open it.
    pub(super) fn append(&mut self, facts: Vec<Fact>) {
        if facts.is_empty() {
            return;
        }
        let mut all = self.opening();
        all.extend(facts);
        self.put(all);
    }

    /// Says that this console is there, before it has anything else to say.
    pub(super) fn tell_console(&mut self) {
        let facts = self.opening();
        if !facts.is_empty() {
            self.put(facts);
        }
    }

    /// Sends facts as they are, judged by what the core has applied.
    pub(super) fn put(&mut self, all: Vec<Fact>) {
        if self.state.desk.journal_broken.is_some() {
            for fact in &all {
                self.record_elsewhere(fact);
            }
            let now = self.now;
            self.state.desk.unwritten.extend(all.into_iter().map(|fact| (now, fact)));
            return;
        }
        let head = self.state.session.head.clone();
        let desk = &mut self.state.desk;
        if desk.pending.is_empty() {
            desk.judged_by = head.0;
        }
        desk.pending.extend(all.iter().cloned());
        self.effects.push(Effect::Append { facts: all, head, round: desk.round });
    }

    /// Facts that are worth a place in a session, but not worth opening one.
    pub(super) fn append_if_open(&mut self, fact: Fact) {
        if self.is_open() {
            self.append(vec![fact]);
        }
    }

    fn is_open(&self) -> bool {
        let opened = |fact: &Fact| matches!(fact, Fact::SessionOpened { .. });
        let desk = &self.state.desk;
        self.state.session.id.is_some()
            || desk.pending.iter().any(opened)
            || desk.unwritten.iter().any(|(_, fact)| opened(fact))
    }

    fn opening(&self) -> Vec<Fact> {
        let started = |fact: &Fact| matches!(fact, Fact::ConsoleStarted { .. });
        let desk = &self.state.desk;
        let kept = desk.unwritten.iter().map(|(_, fact)| fact);
        let told = desk.console_told || desk.pending.iter().chain(kept).any(started);
        let (Some(connection), false) = (&self.state.world.connection, told) else { return Vec::new() };
        let mut facts = Vec::new();
        if !self.is_open() {
            let plan = self.state.settings.plan.as_ref();
            facts.push(Fact::SessionOpened {
                cluster: connection.cluster.clone(),
                context: connection.context.clone(),
                scope: self.state.world.scope.clone(),
                plan: plan.map(|plan| plan.hash.clone()),
                title: plan.map(|plan| plan.title.clone()),
            });
        }
        let build = self.state.settings.build.clone();
        facts.push(Fact::ConsoleStarted { connection: (**connection).clone(), build });
        facts
    }

    /// Entries of our own are in the journal.
    pub(super) fn appended(&mut self, entries: &[Entry]) {
        self.state.desk.lost_rounds = 0;
        for entry in entries {
            let desk = &mut self.state.desk;
            if let Some(place) = desk.pending.iter().position(|fact| *fact == entry.fact) {
                desk.pending.remove(place);
            } else if let Some(place) = desk.unwritten.iter().position(|(_, fact)| *fact == entry.fact) {
                // a disk that hung has written it after all, long after it was given up
                desk.unwritten.remove(place);
            }
            self.apply(entry, true);
        }
    }

    /// Entries of other consoles, or of this session's past.
    pub(super) fn applied_foreign(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.apply(entry, false);
        }
        self.adopt_goals();
        self.look_for_consoles();
    }

    /// `own`: written by this very process. Its author alone does not tell: process ids come back.
    fn apply(&mut self, entry: &Entry, own: bool) {
        let control = self.state.session.control.as_ref().map(|control| control.by.clone());
        self.state.session.apply(entry);
        if own {
            self.hasten_anchor(&entry.fact);
        }
        match &entry.fact {
            Fact::ConsoleStarted { .. } if own => self.state.desk.console_told = true,
            Fact::Authorised { act, uid, .. } => {
                self.learn_condemned(uid);
                self.authorised(act);
            }
            Fact::StopPinned { uid, .. } | Fact::StopLatched { uid, .. } | Fact::StopReset { uid, .. } => {
                self.learn_condemned(uid);
            }
            Fact::Sending { id, .. } if own => self.sending_journaled(id),
            Fact::ControlTaken { short_name } => {
                self.clear(&AlarmKey::NoControl);
                if own {
                    self.state.desk.active = Some(self.now);
                    self.say(Tone::Good, format!("you have control of {short_name}"));
                }
            }
            Fact::ConsoleLost { who, .. } => self.console_lost(who, control.as_ref() == Some(who)),
            _ => {}
        }
    }

    /// The journal could not be written: what lowers risk went on, what raises it does not.
    pub(super) fn append_failed(&mut self, facts: usize, why: &Text) {
        let desk = &mut self.state.desk;
        let count = facts.min(desk.pending.len());
        let lost: Vec<Fact> = desk.pending.drain(..count).collect();
        desk.journal_broken = Some(why.clone());
        self.raise(AlarmKey::Journal, format!("the journal cannot be written: {why}"), None, Tone::Bad);
        for fact in &lost {
            self.record_elsewhere(fact);
        }
        let now = self.now;
        self.state.desk.unwritten.extend(lost.into_iter().map(|fact| (now, fact)));
        self.abandon_unjournaled();
    }

    /// Hold, stop and roll-back leave a record in the cluster itself when the journal's disk is gone.
    fn record_elsewhere(&mut self, fact: &Fact) {
        if let Fact::Authorised { what, target, title, .. } = fact
            && !what.kind().raises_risk()
        {
            self.effects.push(Effect::SecondSink { target: target.clone(), text: title.clone() });
        }
    }

    /// The journal can be written again: what was kept is entered, with the time it happened.
    pub(super) fn journal_back(&mut self) {
        self.state.desk.journal_broken = None;
        self.clear(&AlarmKey::Journal);
        let kept = std::mem::take(&mut self.state.desk.unwritten);
        let facts = kept
            .into_iter()
            .map(|(occurred, fact)| match fact {
                // an act's own facts must enter as themselves, or the act would never end
                Fact::Authorised { .. }
                | Fact::Sending { .. }
                | Fact::Answered { .. }
                | Fact::Proven { .. }
                | Fact::Unproven { .. }
                | Fact::SessionOpened { .. }
                | Fact::ConsoleStarted { .. }
                | Fact::StopPinned { .. }
                | Fact::StopLatched { .. } => fact,
                other => Fact::Recovered { occurred, text: Text::clean(&crate::core::tell::fact(&other)) },
            })
            .collect();
        self.append(facts);
    }
}
