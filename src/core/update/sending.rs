//! Whether a request may leave: at most once for an act that raises risk, never blindly again.

use super::Turn;
use crate::core::goal::Goal;
use crate::model::Time;
use crate::model::act::ActKind;
use crate::model::outline::Step;
use crate::model::request::Outcome;
use crate::model::text::Text;
use crate::model::trace::Sent;

/// The answer.
pub(super) enum MaySend {
    /// Yes.
    Now,
    /// Not before this moment.
    At(Time),
    /// When a newer view says what became of the request before it.
    AfterRead,
    /// No, and why.
    Never(String),
}

/// Whether a step may leave, by the act and by what became of the requests that did the same before it.
pub(super) fn may_send(goal: &Goal, step: &Step, seen: Option<Time>, now: Time) -> MaySend {
    if !goal.ours {
        return MaySend::Never("not applied by the console that confirmed it: confirm it anew".to_owned());
    }
    let raises = goal.kind().raises_risk();
    if raises && !goal.steps.iter().any(|shown| shown.does == step.does) {
        return MaySend::Never(format!(
            "it would now take another request ({}): ask for it again",
            step.does
        ));
    }
    let same = |sent: &&Sent| sent.step.does == step.does;
    let Some(last) = goal.trace.sent.iter().rev().find(same) else { return MaySend::Now };
    let again = match goal.trace.not_before {
        Some(moment) if moment > now => MaySend::At(moment),
        Some(_) | None => MaySend::Now,
    };
    let read_since = last.answered.is_some_and(|at| seen.is_some_and(|seen| seen > at));
    let stopping = goal.kind() == ActKind::Stop;
    match &last.outcome {
        Some(Outcome::Rejected { code: 403, message, .. }) => {
            MaySend::Never(format!("no permission: {message}"))
        }
        Some(Outcome::Rejected { .. } | Outcome::NotSent { .. } | Outcome::Unknown { .. }) if stopping => {
            again
        }
        // the object moved between the look and the request: outlined again from what is there now
        Some(outcome) if !raises && is_outrun(outcome) && !read_since => MaySend::AfterRead,
        Some(outcome) if !raises && is_outrun(outcome) && last.step.request != step.request => again,
        Some(outcome @ (Outcome::Rejected { .. } | Outcome::NotSent { .. })) => {
            MaySend::Never(crate::core::tell::answer(outcome))
        }
        None | Some(Outcome::Unknown { .. } | Outcome::Applied { .. }) if !read_since => MaySend::AfterRead,
        Some(Outcome::Unknown { why }) => MaySend::Never(format!("not applied ({why}): ask for it again")),
        Some(Outcome::Applied { .. }) if raises => {
            MaySend::Never("it was accepted, and then changed by somebody else".to_owned())
        }
        // a controller or a person was seen to overwrite it: a new step of the same goal
        None | Some(Outcome::Applied { .. }) => again,
    }
}

/// A precondition failed: somebody else was first. The server says so with a 409, or with a 422 that names no field.
pub(super) fn is_outrun(outcome: &Outcome) -> bool {
    const NO_FIELD: &str = "the server rejected our request due to an error in our request";
    match outcome {
        Outcome::Rejected { code: 409, .. } => true,
        Outcome::Rejected { code: 422, message, .. } => message.as_str().contains(NO_FIELD),
        Outcome::Rejected { .. }
        | Outcome::Applied { .. }
        | Outcome::Unknown { .. }
        | Outcome::NotSent { .. } => false,
    }
}

/// The request of an act that raises risk, once somebody else was faster. Such an act is over: what it leads to may
/// have come about, but not by it.
pub(super) fn outrun(goal: &Goal) -> Option<&Sent> {
    let last = goal.trace.sent.last().filter(|_| goal.kind().raises_risk())?;
    last.outcome.as_ref().is_some_and(is_outrun).then_some(last)
}

impl Turn<'_> {
    /// Somebody else was first: who, is told as soon as a newer picture names the writer.
    pub(super) fn lose(&mut self, sent: &Sent) {
        let act = &sent.id.act;
        let Some(goal) = self.state.desk.goals.get(act) else { return };
        let seen = self.state.world.confirmed(&goal.target);
        let newer = sent.answered.is_some_and(|answered| seen.is_some_and(|seen| seen > answered));
        let Some(watched) = self.state.world.workloads.get(&goal.target).filter(|_| newer) else {
            return self.pending(act, Text::clean("reading back who was first"), None);
        };
        let winner = super::alarms::last_writer(watched.set.workload.meta());
        let refused = sent.outcome.as_ref().map_or_else(String::new, crate::core::tell::answer);
        self.unproven(act, &format!("{winner} was first; this request was {refused}"));
    }
}
