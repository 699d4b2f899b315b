//! The journal's head, recorded outside of it: at each act, and every minute while facts come.

use crate::model::fact::Fact;
use crate::model::ids::Namespace;
use crate::model::request::Outcome;
use crate::model::target::Scope;
use crate::model::text::Text;

use super::Turn;
use crate::core::effect::Effect;

/// While facts come, the head is anchored this often.
const EVERY_SECONDS: i64 = 60;
/// Facts of one act that follow each other closely are anchored together.
const TOGETHER_SECONDS: i64 = 3;
/// A cluster that refuses is asked again after this long.
const REFUSED_SECONDS: i64 = 600;

impl Turn<'_> {
    /// Once a second: anchors the head if it is time to. Never without the right to write at all.
    pub(super) fn anchor_head(&mut self) {
        if self.state.settings.read_only {
            return;
        }
        let head = self.state.session.head.clone();
        let (Some(session), Some(opened)) = (self.state.session.id.clone(), self.state.session.opened) else {
            return;
        };
        let anchor = &self.state.desk.anchor;
        if anchor.on_its_way || head.0 <= anchor.seq {
            return;
        }
        let since = anchor.tried.unwrap_or(opened);
        let patience = match (&anchor.refused, anchor.urgent) {
            (Some(_), _) => REFUSED_SECONDS,
            (None, true) if anchor.tried.is_none() => 0,
            (None, true) => TOGETHER_SECONDS,
            (None, false) => EVERY_SECONDS,
        };
        if (self.now - since).num_seconds() < patience {
            return;
        }
        let now = self.now;
        let anchor = &mut self.state.desk.anchor;
        (anchor.on_its_way, anchor.urgent, anchor.tried) = (true, false, Some(now));
        let namespace = self.witness_namespace();
        self.effects.push(Effect::Anchor { namespace, session, head });
    }

    /// Where the witness stands: the first namespace of the session, else the context's own.
    fn witness_namespace(&self) -> Namespace {
        let settings = &self.state.settings;
        match &settings.scope {
            Scope::Namespaces(names) => names.first().unwrap_or(&settings.default_namespace).clone(),
            Scope::All => settings.default_namespace.clone(),
        }
    }

    /// An act's own facts do not wait for the minute.
    pub(super) fn hasten_anchor(&mut self, fact: &Fact) {
        self.state.desk.anchor.urgent |= matches!(
            fact,
            Fact::Authorised { .. }
                | Fact::Proven { .. }
                | Fact::Unproven { .. }
                | Fact::StopLatched { .. }
                | Fact::ControlTaken { .. }
        );
    }

    /// The cluster holds the head, or not.
    pub(super) fn anchored(&mut self, seq: u64, outcome: &Outcome) {
        let anchor = &mut self.state.desk.anchor;
        anchor.on_its_way = false;
        anchor.refused = match outcome {
            Outcome::Applied { .. } => {
                anchor.seq = anchor.seq.max(seq);
                None
            }
            Outcome::Rejected { .. } => Some(Text::clean(&crate::core::tell::answer(outcome))),
            Outcome::Unknown { .. } | Outcome::NotSent { .. } => None,
        };
    }
}
