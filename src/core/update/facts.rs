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
        if self.state.desk.journal_broken.is_some() {
            for fact in &all {
                self.record_elsewhere(fact);
            }
            let now = self.now;
            self.state.desk.unwritten.extend(all.into_iter().map(|fact| (now, fact)));
            return;
        }
        self.state.desk.pending.extend(all.iter().cloned());
        self.effects.push(Effect::Append(all));
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

    /// Entries of our own, and whatever stood between, are in the journal.
    pub(super) fn appended(&mut self, entries: &[Entry]) {
        for entry in entries {
            let desk = &mut self.state.desk;
            if let Some(place) = desk.pending.iter().position(|fact| *fact == entry.fact) {
                desk.pending.remove(place);
            } else if let Some(place) = desk.unwritten.iter().position(|(_, fact)| *fact == entry.fact) {
                // a disk that hung has written it after all, long after it was given up
                desk.unwritten.remove(place);
            }
            self.apply(entry);
        }
    }

    /// Entries of other consoles, or of this session's past.
    pub(super) fn applied_foreign(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.apply(entry);
        }
        self.adopt_goals();
    }

    fn apply(&mut self, entry: &Entry) {
        self.state.session.apply(entry);
        let own = entry.author == self.state.desk.author;
        match &entry.fact {
            Fact::ConsoleStarted { .. } if own => self.state.desk.console_told = true,
            Fact::Authorised { act, uid, .. } => {
                self.learn_condemned(uid);
                self.authorised(act);
            }
            Fact::Sending { id, .. } if own => self.sending_journaled(id),
            Fact::ControlTaken { short_name } if own => {
                self.state.desk.active = Some(self.now);
                self.say(Tone::Good, format!("you have control of {short_name}"));
            }
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
                | Fact::StopLatched { .. } => fact,
                other => Fact::Recovered { occurred, text: Text::clean(&crate::core::tell::fact(&other)) },
            })
            .collect();
        self.append(facts);
    }
}
