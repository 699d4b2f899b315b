//! Access reviews asked ahead: of what is selected, and of what moves and might have to be stopped.

use std::collections::BTreeSet;

use crate::model::Time;
use crate::model::access::{AccessAnswer, AccessQuery};
use crate::model::request::{Outcome, Request};
use crate::model::target::Target;
use crate::model::text::Text;

use super::Turn;
use crate::core::effect::Effect;
use crate::core::rights;

/// A right that was there is asked for again after this long: a revocation is noticed within a minute.
const GRANTED_SECONDS: i64 = 45;
/// A refusal is asked about again sooner: it keeps somebody from acting.
const DENIED_SECONDS: i64 = 10;
/// A question without an answer is put again after this long.
const UNANSWERED_SECONDS: i64 = 10;
/// Questions at once; the rest follows a second later.
const AT_ONCE: usize = 3;

impl Turn<'_> {
    /// Asks what is not known, or not known freshly, a few questions at a time. A verb that asks once lets the sheet ask.
    pub(super) fn ask_rights(&mut self) {
        if self.state.settings.read_only || self.state.settings.headless {
            return;
        }
        let questions: Vec<AccessQuery> = self.open_questions().take(AT_ONCE).collect();
        for query in questions {
            self.state.desk.reviewing.insert(query.clone(), self.now);
            self.effects.push(Effect::Review(query));
        }
    }

    /// Those of the selected workload first.
    fn open_questions(&self) -> impl Iterator<Item = AccessQuery> {
        let selected = self.state.desk.look.selected.iter();
        let moving = self.state.world.in_flight().map(|view| &view.target);
        let targets: Vec<&Target> = selected.chain(moving).collect();
        let mut seen = BTreeSet::new();
        let all = targets.into_iter().filter_map(|target| self.state.world.workloads.get(target));
        all.flat_map(|watched| rights::all(watched, self.now))
            .filter(|query| self.is_due(query))
            .filter(move |query| seen.insert(query.clone()))
    }

    fn is_due(&self, query: &AccessQuery) -> bool {
        let seconds = |since: Time| (self.now - since).num_seconds();
        let asked = self.state.desk.reviewing.get(query);
        if asked.is_some_and(|asked| seconds(*asked) < UNANSWERED_SECONDS) {
            return false;
        }
        match self.state.world.access.get(query) {
            None => true,
            Some(answer) => {
                seconds(answer.asked) >= if answer.allowed { GRANTED_SECONDS } else { DENIED_SECONDS }
            }
        }
    }

    /// An answer came. What is shown about rights changes with it.
    pub(super) fn right_answered(&mut self, query: AccessQuery, answer: AccessAnswer) {
        self.state.desk.reviewing.remove(&query);
        self.state.world.access.insert(query, answer);
        self.rights_on_sheet();
        self.refresh_bar();
    }

    /// The first 403 counts as an answer: from now on the key is grey.
    pub(super) fn learn_refusal(&mut self, request: &Request, outcome: &Outcome) {
        if let Outcome::Rejected { code: 403, message, .. } = outcome
            && is_rbac(message)
        {
            let answer = AccessAnswer { allowed: false, reason: Text::clean(""), asked: self.now };
            self.right_answered(rights::query(request), answer);
        }
    }

    fn rights_on_sheet(&mut self) {
        let access = &self.state.world.access;
        if let Some(sheet) = &mut self.state.desk.sheet {
            for (query, answer) in &mut sheet.rights {
                *answer = access.get(query).cloned();
            }
        }
        self.settle_complaint();
    }

    /// Something that the sheet waited for has come: why the last `y` was not taken may not be so any more. A missing
    /// right still is.
    pub(super) fn settle_complaint(&mut self) {
        let Some(sheet) = self.state.desk.sheet.as_ref().filter(|sheet| sheet.complaint.is_some()) else {
            return;
        };
        let missing = sheet.outline.as_ref().ok().and_then(|outline| self.forbidden(outline));
        if let Some(sheet) = &mut self.state.desk.sheet {
            sheet.complaint = missing.map(|refusal| Text::clean(&refusal.to_string()));
        }
    }
}

/// Webhooks, quotas and admission policies answer 403 too, about one request and not about a right:
/// `deployments.apps "api" is forbidden: User "ops-1" cannot patch resource "deployments" in API group "apps" ...`.
fn is_rbac(message: &Text) -> bool {
    let message = message.as_str();
    message.contains("User \"") && message.contains(" cannot ")
}
