//! What blocks an act. Go needs consent, stop never does: acts that lower risk are blocked only by `--read-only`
//! and by a permission that the cluster is known to refuse.

use crate::model::act::ActKind;
use crate::model::outline::{Outline, Refusal, RefusalKind};
use crate::model::target::Target;

use super::Turn;
use crate::core::{State, rights};

/// Whether the mode, the age of the data, a latch or the journal forbid an act on a target.
pub(super) fn check(state: &State, kind: ActKind, target: &Target) -> Result<(), Refusal> {
    if state.settings.read_only {
        return Err(Refusal::new(RefusalKind::Mode, "read-only: nothing is written")
            .with_remedy("start without --read-only"));
    }
    if !kind.raises_risk() {
        return Ok(());
    }
    if !armed(state) {
        return Err(Refusal::new(RefusalKind::Mode, format!("{kind} needs control: T takes it")));
    }
    if let Some(age) = state.world.stale_target(target, state.now) {
        return Err(Refusal::new(RefusalKind::Stale, format!("data of {} is {age} s old", target.name))
            .with_remedy("wait until it is live again"));
    }
    if let Some(off) = state.world.clock_is_off().filter(|off| off.too_much) {
        return Err(Refusal::new(RefusalKind::Stale, off.says).with_remedy("set it and start again"));
    }
    if let Some(why) = &state.desk.journal_broken {
        return Err(Refusal::new(RefusalKind::Journal, format!("the journal cannot be written: {why}")));
    }
    if kind != ActKind::ResetStop && stopped(state, target) {
        return Err(Refusal::new(RefusalKind::Stopped, format!("{} is stopped", target.name))
            .with_remedy("take the stop away first (reset-stop in the palette)"));
    }
    Ok(())
}

/// Whether this console has control.
pub(super) fn armed(state: &State) -> bool {
    state.session.control.as_ref().is_some_and(|control| control.by == state.desk.author)
}

/// Whether a stop is latched for the present candidate of a workload, here or in the cluster.
pub(super) fn stopped(state: &State, target: &Target) -> bool {
    let Some(watched) = state.world.workloads.get(target) else { return false };
    let Some(present) = watched.view.present() else { return false };
    let key = (watched.view.uid.clone(), present.clone());
    state.session.stops.contains_key(&key) || state.world.latches.contains_key(&key)
}

impl Turn<'_> {
    /// The first right that the cluster is known to refuse.
    pub(super) fn forbidden(&self, outline: &Outline) -> Option<Refusal> {
        let denied = rights::behind(outline).into_iter().find_map(|query| {
            let answer = rights::refusal(self.state, &query)?.clone();
            Some((query, answer))
        });
        denied.map(|(query, answer)| {
            let refusal = Refusal::new(RefusalKind::Permission, format!("no permission: {query}"));
            if answer.reason.is_empty() { refusal } else { refusal.with_remedy(answer.reason) }
        })
    }
}
