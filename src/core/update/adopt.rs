//! Goals that an earlier console left open.

use crate::core::goal::{Goal, Trace};
use crate::core::session::ActRecord;
use crate::model::act::Act;
use crate::model::ids::ActId;
use crate::model::outline::Want;
use crate::model::proof::{Proof, Tick};
use crate::model::request::Outcome;
use crate::model::text::Text;

use super::Turn;

impl Turn<'_> {
    /// Goals that an earlier console left open: those that lower risk go on, the others are judged and shown.
    pub(super) fn adopt_goals(&mut self) {
        if !self.state.settings.adopt_goals {
            return;
        }
        let open: Vec<(ActId, ActRecord)> = self
            .state
            .session
            .acts
            .iter()
            .filter(|(act, record)| record.ended.is_none() && !self.state.desk.goals.contains_key(*act))
            .filter(|(_, record)| record.by.host == self.state.desk.author.host)
            // a console that lives drives its own; one of our own process id is an earlier process
            .filter(|(_, record)| {
                record.by == self.state.desk.author || !self.state.session.is_present(&record.by)
            })
            .map(|(act, record)| (act.clone(), record.clone()))
            .collect();
        for (act, record) in open {
            let goal = adopted(&act, record);
            self.state.desk.goals.insert(act.clone(), goal);
            self.pursue(&act);
        }
    }
}

/// A goal made from the journal; its fences and its settling begin anew.
fn adopted(act: &ActId, record: ActRecord) -> Goal {
    let ours = !record.what.kind().raises_risk();
    // whether the console before had read the revisions is not known: they are judged as they are now
    let unread = record.what == Act::Stop && matches!(record.want, Want::Paused { .. });
    let earlier = u32::try_from(record.sent.len()).unwrap_or(u32::MAX);
    let sent = record.sent.iter().any(|(_, outcome)| matches!(outcome, Some(Outcome::Applied { .. })));
    Goal {
        act: act.clone(),
        what: record.what,
        target: record.target,
        uid: record.uid,
        title: record.title,
        want: record.want,
        steps: Vec::new(),
        started: record.at,
        ticks: vec![Tick { what: Text::clean("sent"), at: sent.then_some(record.at) }],
        proof: Proof::Pending { why: Text::clean("taken over from an earlier console") },
        trace: Trace { earlier, ..Trace::default() },
        journaled: true,
        guard_until: None,
        elsewhere: None,
        ours,
        unread,
        away_from: None,
    }
}
