//! Control, ticks and notes.

use crate::model::fact::Fact;
use crate::model::ids::ItemId;
use crate::model::plan::{EvidenceKind, Item};
use crate::model::text::Text;

use super::{Turn, policy};
use crate::core::desk::Tone;

/// Control lapses after this long without a key.
pub(super) const IDLE_MINUTES: i64 = 30;

impl Turn<'_> {
    pub(super) fn take_control(&mut self, typed: &str) {
        let name = &self.state.settings.short_name;
        if self.state.settings.read_only {
            return self
                .say(Tone::Warning, "read-only: there is nothing to control: start without --read-only");
        }
        if typed.trim() != name.as_str() {
            let line = format!("not taken: that is not {name}");
            return self.say(Tone::Warning, line);
        }
        if policy::armed(self.state) {
            return self.say(Tone::Plain, "you have control already");
        }
        if let Some(why) = &self.state.desk.journal_broken {
            let line = format!("not taken: the journal cannot be written: {why}");
            return self.say(Tone::Bad, line);
        }
        let short_name = name.clone();
        self.append(vec![Fact::ControlTaken { short_name }]);
    }

    pub(super) fn give_up_control(&mut self, why: &str) {
        if policy::armed(self.state) {
            self.append(vec![Fact::ControlGivenUp { why: Text::clean(why) }]);
            self.say(Tone::Plain, format!("control given up: {why}"));
        }
    }

    fn item(&self, id: &ItemId) -> Option<Item> {
        let plan = self.state.settings.plan.as_ref()?;
        plan.items().find(|(_, item)| item.id == *id).map(|(_, item)| item.clone())
    }

    pub(super) fn tick_item(&mut self, id: ItemId, evidence: Option<&str>) {
        let Some(item) = self.item(&id) else { return };
        let evidence = evidence.map(str::trim).filter(|text| !text.is_empty());
        if let Some(missing) = missing_evidence(&item, evidence) {
            return self.say(Tone::Warning, missing);
        }
        if let Some(why) = &self.state.desk.journal_broken {
            let line = format!("not ticked: the journal cannot be written: {why}");
            return self.say(Tone::Bad, line);
        }
        if self.state.session.ticks.contains_key(&id) {
            return self.say(Tone::Plain, "ticked already: x takes it back");
        }
        self.append(vec![Fact::ItemTicked { item: id, evidence: evidence.map(Text::clean) }]);
    }

    pub(super) fn reopen_item(&mut self, item: ItemId, reason: &str) {
        if !self.state.session.ticks.contains_key(&item) {
            return self.say(Tone::Plain, "it is open");
        }
        if reason.trim().is_empty() {
            return self.say(Tone::Warning, "taking a tick back needs a reason");
        }
        self.append(vec![Fact::ItemReopened { item, reason: Text::clean(reason.trim()) }]);
    }

    pub(super) fn note(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.append(vec![Fact::Noted { text: Text::clean(text) }]);
        }
    }
}

/// What a tick still needs.
fn missing_evidence(item: &Item, evidence: Option<&str>) -> Option<&'static str> {
    match (item.evidence, evidence) {
        (EvidenceKind::None, _) | (EvidenceKind::Note | EvidenceKind::Value, Some(_)) => None,
        (EvidenceKind::Link, Some(text)) => {
            let link = text.starts_with("https://") || text.starts_with("http://");
            (!link).then_some("this item wants a link: https://...")
        }
        (EvidenceKind::Note, None) => Some("this item wants a note"),
        (EvidenceKind::Link, None) => Some("this item wants a link"),
        (EvidenceKind::Value, None) => Some("this item wants the value that was seen"),
    }
}
