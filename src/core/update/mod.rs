//! One step of the core: an event in, effects out.
//!
//! A [`Turn`] is the work on one event. Its methods are spread over files by what they are about; each changes the
//! state and pushes effects, and none of them waits for anything.

mod adopt;
mod alarms;
mod anchor;
mod arming;
mod chord;
mod consoles;
mod facts;
mod goals;
mod moved;
mod objects;
mod observe;
mod policy;
mod quit;
mod rights;
mod sending;
mod sheets;
mod stop;
mod timers;
mod unread;
mod wanted;

#[cfg(test)]
mod tests;

use crate::model::Time;
use crate::model::ids::FreshId;
use crate::model::text::Text;

use super::desk::{Notice, Tone};
use super::event::{Event, Intent, Look, Receipt};
use super::{Effect, Stamped, State};

/// Takes one event in and says what is to be done about it. Pure: no clock, no randomness, no I/O.
pub fn update(state: &mut State, event: Stamped<Event>) -> Vec<Effect> {
    // wall clocks step back; the core's time does not
    state.now = state.now.max(event.at);
    let mut turn = Turn { now: state.now, state, id: event.id, ids: 0, effects: Vec::new() };
    match event.event {
        Event::Intent(intent) => turn.intent(intent),
        Event::Observation(observation) => turn.observed(observation),
        Event::Receipt(receipt) => turn.received(receipt),
        Event::Timer(timer) => turn.timer(&timer),
        Event::Drawn { sheet } => turn.drawn(sheet),
    }
    turn.settle_wanted();
    turn.effects
}

/// The work on one event.
struct Turn<'a> {
    state: &'a mut State,
    now: Time,
    id: FreshId,
    ids: u16,
    effects: Vec<Effect>,
}

impl Turn<'_> {
    fn intent(&mut self, intent: Intent) {
        match intent {
            Intent::Look(look) => self.look(look),
            Intent::Scope(scope) => self.rescope(scope),
            Intent::Propose { target, act } => self.propose(&target, act),
            Intent::ChooseRevision(by) => self.choose_revision(by),
            Intent::Confirm { typed } => self.confirm(typed.as_deref()),
            Intent::Dismiss => self.dismiss(),
            Intent::Widen => self.widen(),
            Intent::Bang { burst } => self.bang(burst),
            Intent::OtherKey => self.other_key(),
            Intent::StopNow { only } => self.stop_now(&only),
            Intent::TakeControl { typed } => self.take_control(&typed),
            Intent::GiveUpControl => self.give_up_control("by hand"),
            Intent::Tick { item, evidence } => self.tick_item(item, evidence.as_deref()),
            Intent::Reopen { item, reason } => self.reopen_item(item, &reason),
            Intent::Note(text) => self.note(&text),
            Intent::Acknowledge(key) => self.acknowledge(&key),
            Intent::Read(document) => self.effects.push(Effect::ReadDocument(document)),
            Intent::Quit { why } => self.quit(why),
            Intent::Active => self.state.desk.active = Some(self.now),
        }
    }

    fn received(&mut self, receipt: Receipt) {
        match receipt {
            Receipt::Appended { entries } => self.appended(&entries),
            Receipt::Moved { entries } => self.moved(&entries),
            Receipt::Foreign { entries } => self.applied_foreign(&entries),
            Receipt::AppendFailed { facts, why } => self.append_failed(facts, &why),
            Receipt::JournalBack => self.journal_back(),
            Receipt::Answered { id, outcome, object, millis } => self.answered(&id, &outcome, object, millis),
            Receipt::DryRun { sheet, outcome } => self.dry_run_answered(sheet, &outcome),
            Receipt::ReadBack { sheet, result } => self.read_back(sheet, result),
            Receipt::ConsolesGone(gone) => self.consoles_gone(gone),
            Receipt::Captured { act, file, sha256, lines } => {
                self.append(vec![crate::model::fact::Fact::EvidenceCaptured { act, file, sha256, lines }]);
            }
            Receipt::Remembered(rows) => self.remembered(rows),
            Receipt::Anchored { seq, outcome } => self.anchored(seq, &outcome),
            Receipt::LatchWritten { latch, outcome } => self.latch_written(&latch, &outcome),
        }
    }

    /// Another log begins empty, also another run of the same pod.
    fn look(&mut self, look: Look) {
        if look.log != self.state.desk.look.log {
            self.state.world.log = None;
        }
        let another = look.selected != self.state.desk.look.selected;
        self.state.desk.look = look;
        if another {
            self.ask_rights();
        }
    }

    /// A fresh id of this update.
    fn fresh(&mut self) -> String {
        let id = self.id.nth(self.ids);
        self.ids += 1;
        id
    }

    /// Answers the last key in one line.
    fn say(&mut self, tone: Tone, text: impl Into<Text>) {
        self.state.desk.notice = Some(Notice { text: text.into(), tone, at: self.now });
    }

    fn counted(&mut self) -> u64 {
        self.state.desk.counter += 1;
        self.state.desk.counter
    }
}
