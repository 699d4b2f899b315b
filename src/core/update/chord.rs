//! The chord `!` `!`: two keystrokes of a person, never a held key, a paste or a shell's history expansion.
//!
//! The second `!` counts 150 ms to 5 s after the first, in another burst of input, with no other key between, and
//! when 200 ms of silence follow. Held keys repeat every 30 to 90 ms, pasted text comes in one burst.

use chrono::TimeDelta;

use crate::model::text::Text;

use super::Turn;
use crate::core::desk::Tone;
use crate::core::effect::{Effect, TimerId};
use crate::core::stopbar::{Chord, StopBar};

const EARLIEST_MILLIS: i64 = 150;
const LATEST_MILLIS: i64 = 5_000;
const SILENCE_MILLIS: i64 = 200;

impl Turn<'_> {
    /// `!` was pressed.
    pub(super) fn bang(&mut self, burst: u64) {
        let Some(bar) = &mut self.state.desk.stop else { return self.open_bar(burst) };
        let gap = (self.now - bar.since).num_milliseconds();
        let counts = bar.chord == Chord::Waiting && gap >= EARLIEST_MILLIS && burst != bar.burst;
        if !counts {
            return self.begin_anew(burst);
        }
        if bar.rows.iter().all(|row| row.outline.is_err()) {
            bar.complaint = Some(Text::clean("nothing to stop: nothing in flight can be acted on"));
            return;
        }
        bar.chord = Chord::Silence { since: self.now };
        bar.complaint = None;
        let timer = TimerId::ChordSilence(bar.id);
        let after_millis = SILENCE_MILLIS.unsigned_abs();
        self.effects.push(Effect::Schedule { timer, after_millis });
    }

    fn open_bar(&mut self, burst: u64) {
        if self.state.settings.read_only {
            return self.say(Tone::Warning, "read-only: nothing is written: start without --read-only");
        }
        let id = self.counted();
        let (rows, untouched) = self.stop_rows();
        let unreachable = self.unreachable();
        self.state.desk.stop = Some(StopBar {
            id,
            since: self.now,
            burst,
            rows,
            untouched,
            only: None,
            chord: Chord::Waiting,
            complaint: None,
            unreachable,
        });
        self.close_later(id);
        self.ask_missing_templates();
    }

    /// A dead stop must not look like a working one.
    fn unreachable(&self) -> Option<Text> {
        let age = self.state.world.stale(self.now)?;
        Some(Text::clean(&format!("the API has not answered for {age} s: a stop may not arrive")))
    }

    fn ask_missing_templates(&mut self) {
        let missing: Vec<_> = self
            .state
            .world
            .workloads
            .iter()
            .filter(|(_, w)| w.view.in_flight && !w.view.needs_templates.is_empty())
            .map(|(target, w)| (target.clone(), w.view.needs_templates.clone()))
            .collect();
        let reads = missing.into_iter().map(|(target, keys)| Effect::ReadTemplates { target, keys });
        self.effects.extend(reads);
    }

    fn begin_anew(&mut self, burst: u64) {
        let now = self.now;
        let Some(bar) = &mut self.state.desk.stop else { return };
        bar.since = now;
        bar.burst = burst;
        bar.chord = Chord::Waiting;
        bar.complaint = Some(Text::clean("release the key, press ! once"));
        let id = bar.id;
        self.close_later(id);
    }

    fn close_later(&mut self, id: u64) {
        let timer = TimerId::BarCloses(id);
        self.effects.push(Effect::Schedule { timer, after_millis: LATEST_MILLIS.unsigned_abs() + 1 });
    }

    /// Any other key while the bar is open.
    pub(super) fn other_key(&mut self) {
        let Some(bar) = &self.state.desk.stop else { return };
        match bar.chord {
            Chord::Waiting => self.state.desk.stop = None,
            Chord::Silence { .. } => {
                let burst = bar.burst;
                self.begin_anew(burst);
            }
        }
    }

    /// The silence after the second key is over, if nothing broke it.
    pub(super) fn silence_over(&mut self, id: u64) {
        let Some(bar) = self.state.desk.stop.as_ref().filter(|bar| bar.id == id) else { return };
        if let Chord::Silence { since } = bar.chord
            && self.now - since >= TimeDelta::milliseconds(SILENCE_MILLIS)
        {
            self.fire_stop();
        }
    }

    /// Five seconds passed without a second key.
    pub(super) fn bar_closes(&mut self, id: u64) {
        let over = self.state.desk.stop.as_ref().is_some_and(|bar| {
            bar.id == id
                && bar.chord == Chord::Waiting
                && self.now - bar.since >= TimeDelta::milliseconds(LATEST_MILLIS)
        });
        if over {
            self.state.desk.stop = None;
        }
    }

    /// The world changed under the open bar.
    pub(super) fn refresh_bar(&mut self) {
        if self.state.desk.stop.is_none() {
            return;
        }
        let (rows, untouched) = self.stop_rows();
        let unreachable = self.unreachable();
        if let Some(bar) = &mut self.state.desk.stop {
            bar.rows = rows;
            bar.untouched = untouched;
            bar.unreachable = unreachable;
        }
    }
}
