//! Alarms, and the guard that watches a proven stop or roll-back further.

use chrono::TimeDelta;

use crate::model::Time;
use crate::model::fact::Fact;
use crate::model::ids::ActId;
use crate::model::meta::Meta;
use crate::model::outline::Next;
use crate::model::owner::GitOpsOwner;
use crate::model::target::Target;
use crate::model::text::Text;
use crate::model::view::WorkloadState;

use super::Turn;
use super::goals::pursuit;
use crate::core::desk::{Alarm, AlarmKey, Tone};
use crate::core::effect::Effect;
use crate::core::goal::Goal;
use crate::core::world::Watched;
use crate::strategy::strategy_of;

/// A dispute about traffic is an alarm after this long: controllers and gateways take a moment to follow.
const DISPUTE: TimeDelta = TimeDelta::seconds(10);

impl Turn<'_> {
    /// Raises an alarm, or keeps the one that stands with its age.
    pub(super) fn raise(&mut self, key: AlarmKey, text: impl Into<Text>, remedy: Option<Text>, tone: Tone) {
        let now = self.now;
        let text = text.into();
        let before = self.state.desk.alarms.get(&key);
        let since = before.map_or(now, |alarm| alarm.since);
        let acknowledged = before.is_some_and(|alarm| alarm.acknowledged);
        self.state.desk.alarms.insert(key, Alarm { text, remedy, since, tone, acknowledged });
    }

    pub(super) fn clear(&mut self, key: &AlarmKey) {
        self.state.desk.alarms.remove(key);
    }

    /// The operator saw it.
    pub(super) fn acknowledge(&mut self, key: &AlarmKey) {
        if let Some(alarm) = self.state.desk.alarms.get_mut(key) {
            alarm.acknowledged = true;
        }
    }

    /// Once a second, and with every set: who gets the traffic is disputed for a moment in every step; what lasts is an
    /// alarm, with its age.
    pub(super) fn judge_traffic(&mut self, target: &Target) {
        let now = self.now;
        let key = AlarmKey::Traffic(target.clone());
        let dispute = self.state.world.workloads.get(target).and_then(|watched| {
            let since = watched.disputed.filter(|since| now - *since >= DISPUTE)?;
            Some((since, watched.view.truth.disagreement()?))
        });
        let Some((since, words)) = dispute else { return self.clear(&key) };
        self.raise(key.clone(), format!("{}: traffic is disputed: {words}", target.name), None, Tone::Bad);
        if let Some(alarm) = self.state.desk.alarms.get_mut(&key) {
            alarm.since = since;
        }
    }

    /// What the mechanism warns of, the worst of it in the line.
    fn judge_warnings(&mut self, target: &Target) {
        let key = AlarmKey::Warned(target.clone());
        let warning = self.state.world.view(target).and_then(|view| view.warnings.first().cloned());
        match warning {
            Some(warning) => {
                let text = format!("{}: {}", target.name, warning.what);
                self.raise(key, text, warning.detail, Tone::Warning);
            }
            None => self.clear(&key),
        }
    }

    pub(super) fn forget_alarms(&mut self, target: &Target) {
        self.clear(&AlarmKey::Traffic(target.clone()));
        self.clear(&AlarmKey::Warned(target.clone()));
        self.clear(&AlarmKey::Stuck(target.clone()));
        self.clear(&AlarmKey::Unhealthy(target.clone()));
    }

    pub(super) fn judge_alarms(&mut self, target: &Target) {
        self.judge_traffic(target);
        self.judge_warnings(target);
        let Some(view) = self.state.world.view(target) else { return };
        let why = view.reasons.first().map_or_else(String::new, |reason| format!(": {}", reason.what));
        let text = format!("{}{why}", target.name);
        let (stuck, ill) = (view.state == WorkloadState::Stuck, view.state == WorkloadState::Unhealthy);
        if stuck {
            self.raise(AlarmKey::Stuck(target.clone()), text.clone(), None, Tone::Bad);
        } else {
            self.clear(&AlarmKey::Stuck(target.clone()));
        }
        if ill {
            self.raise(AlarmKey::Unhealthy(target.clone()), text, None, Tone::Warning);
        } else {
            self.clear(&AlarmKey::Unhealthy(target.clone()));
        }
    }

    /// Watches proven stops and roll-backs of a workload: did somebody bring the bad template back?
    pub(super) fn guard(&mut self, target: &Target) {
        let now = self.now;
        let Some(watched) = self.state.world.workloads.get(target) else { return };
        let Some(digest) = watched.set.workload.digest() else { return };
        let meta = watched.set.workload.meta();
        let reverted: Vec<ActId> = self
            .state
            .desk
            .goals
            .values()
            .filter(|goal| goal.target == *target && goal.guard_until.is_some_and(|until| now < until))
            .filter(|goal| goal.away_from == Some(digest) && goal.uid == meta.uid)
            // an abort leaves the template where it is: that alone brings nothing back
            .filter(|goal| !agrees(goal, watched, now))
            .map(|goal| goal.act.clone())
            .collect();
        let by = last_writer(meta);
        let remedy = GitOpsOwner::of(meta).and_then(|owner| owner.suspend_command());
        for act in reverted {
            if let Some(goal) = self.state.desk.goals.get_mut(&act) {
                goal.guard_until = None;
            }
            self.reverted(act, target, &by, remedy.as_deref());
        }
    }

    fn reverted(&mut self, act: ActId, target: &Target, by: &str, remedy: Option<&str>) {
        let line = format!("{} REVERTED BY {by}", target.name);
        let remedy = remedy.map(Text::clean);
        self.raise(AlarmKey::Reverted(target.clone()), line.clone(), remedy.clone(), Tone::Bad);
        self.say(Tone::Bad, line);
        self.effects.push(Effect::Bell);
        self.append(vec![Fact::Reverted { act, target: target.clone(), by: Text::clean(by), remedy }]);
    }
}

fn agrees(goal: &Goal, watched: &Watched, now: Time) -> bool {
    let next = strategy_of(&watched.set).next(&pursuit(goal, watched, now), &watched.set);
    !matches!(next, Next::Send(_))
}

/// The owner, and the field manager that wrote the spec last with its time. Names of managers are as claimed.
fn last_writer(meta: &Meta) -> String {
    let last = meta.managers.iter().filter(|manager| manager.subresource.is_empty()).max_by_key(|m| m.time);
    let manager = last.map_or_else(
        || "an unknown manager".to_owned(),
        |manager| {
            let at = manager.time.map_or_else(String::new, |at| format!(" at {} UTC", at.format("%H:%M:%S")));
            format!("{}{at}", manager.manager)
        },
    );
    match GitOpsOwner::of(meta) {
        Some(owner) => format!("{owner} ({manager})"),
        None => manager,
    }
}
