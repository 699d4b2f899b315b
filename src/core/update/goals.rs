//! Goals in hand: what is sent, when it may be sent again, and when it counts as proven.
//!
//! Requests are ruled here, not by strategies: one request of a goal on the wire, an act that raises risk sends each
//! request of its sheet at most once and only after the journal has it, an act that lowers risk waits for nothing, and
//! only the stop repeats itself while nothing can be read.

use chrono::TimeDelta;

use crate::model::Time;
use crate::model::act::ActKind;
use crate::model::fact::Fact;
use crate::model::ids::ActId;
use crate::model::objects::Workload;
use crate::model::outline::{Next, Outline, Step};
use crate::model::proof::{Proof, Tick};
use crate::model::request::{Outcome, RequestId};
use crate::model::target::Target;
use crate::model::text::Text;
use crate::model::trace::Sent;
use crate::strategy::{Pursuit, strategy_of};

use super::Turn;
use super::sending::{MaySend, may_send};
use crate::core::desk::{AlarmKey, Tone};
use crate::core::effect::{Effect, TimerId};
use crate::core::goal::{Goal, Trace};
use crate::core::world::Watched;

/// A stop that reached nobody for this long prints the line to run elsewhere (goal O3).
const UNREACHABLE_SECONDS: i64 = 15;
/// How long a proven stop or roll-back is watched further.
const GUARD_MINUTES: i64 = 5;
/// First pause before the same step goes out again; doubled up to the longest.
const AGAIN_MILLIS: i64 = 250;
const LONGEST_PAUSE_MILLIS: i64 = 5_000;
/// A goal whose world says nothing is asked again this often.
const ASK_MILLIS: u64 = 1_000;

impl Turn<'_> {
    /// Confirms an act: its goal is in hand from now on.
    pub(super) fn start(&mut self, what: crate::model::act::Act, outline: Outline, digest: String) -> ActId {
        let act = ActId::new(self.fresh());
        let raises = what.kind().raises_risk();
        let watched = self.state.world.workloads.get(&outline.target);
        let leaves = matches!(what.kind(), ActKind::RollBack | ActKind::Stop);
        let away_hash = watched.filter(|_| leaves).and_then(|watched| watched.view.present().cloned());
        let away_from = watched.filter(|_| leaves).and_then(|watched| watched.set.workload.digest());
        let fact = Fact::Authorised {
            act: act.clone(),
            what: what.clone(),
            target: outline.target.clone(),
            uid: outline.uid.clone(),
            title: outline.title.clone(),
            want: outline.want.clone(),
            away_from: away_hash,
            digest,
        };
        let goal = Goal {
            act: act.clone(),
            what,
            target: outline.target,
            uid: outline.uid,
            title: outline.title,
            want: outline.want,
            steps: outline.steps,
            started: self.now,
            ticks: vec![Tick { what: Text::clean("sent"), at: None }],
            proof: Proof::Pending { why: Text::clean("to be sent") },
            trace: Trace::default(),
            journaled: false,
            guard_until: None,
            elsewhere: None,
            ours: true,
            unread: false,
            away_from,
        };
        self.supersede(&goal.target);
        self.state.desk.goals.insert(act.clone(), goal);
        self.append(vec![fact]);
        if !raises {
            self.pursue(&act);
        }
        act
    }

    /// A new act on a workload ends the open ones before it: two goals must not pull in two directions.
    fn supersede(&mut self, target: &Target) {
        let open: Vec<ActId> = self
            .state
            .desk
            .goals
            .values()
            .filter(|goal| goal.target == *target && goal.open() && goal.ours)
            .map(|goal| goal.act.clone())
            .collect();
        for act in open {
            self.unproven(&act, "superseded by a newer act");
        }
        for goal in self.state.desk.goals.values_mut().filter(|goal| goal.target == *target) {
            goal.guard_until = None;
        }
    }

    /// The authorising fact of an act is in the journal.
    pub(super) fn authorised(&mut self, act: &ActId) {
        if let Some(goal) = self.state.desk.goals.get_mut(act) {
            goal.journaled = true;
            self.pursue(act);
        }
    }

    /// The sending fact of a request is in the journal: an act that raises risk may send it now.
    pub(super) fn sending_journaled(&mut self, id: &RequestId) {
        let Some(goal) = self.state.desk.goals.get_mut(&id.act) else { return };
        let queued = goal.trace.queued.take_if(|(queued, _)| queued == id);
        if let Some((id, step)) = queued {
            self.put_on_the_wire(id, step);
        }
    }

    /// Asks all open goals of a workload.
    pub(super) fn pursue_target(&mut self, target: &Target) {
        let acts: Vec<ActId> = self
            .state
            .desk
            .goals
            .values()
            .filter(|goal| goal.target == *target && goal.open())
            .map(|goal| goal.act.clone())
            .collect();
        for act in acts {
            self.pursue(&act);
        }
    }

    /// Asks one goal how it stands, and does what it needs.
    pub(super) fn pursue(&mut self, act: &ActId) {
        let Some(goal) = self.state.desk.goals.get(act).filter(|goal| goal.open()) else { return };
        let waits = goal.kind().raises_risk() && !goal.journaled;
        if waits || goal.on_the_wire().is_some() || goal.trace.queued.is_some() {
            return;
        }
        if goal.unread {
            self.settle_unread(act);
        }
        let Some(goal) = self.state.desk.goals.get(act) else { return };
        let Some(watched) = self.state.world.workloads.get(&goal.target) else {
            return self.world_without(act);
        };
        let unread = goal.unread;
        let strategy = strategy_of(&watched.set);
        let pursuit = pursuit(goal, watched, self.now);
        let next = strategy.next(&pursuit, &watched.set);
        let stages = strategy.milestones(&pursuit, &watched.set);
        self.tick(act, &stages);
        match next {
            Next::Send(step) => self.wants_to_send(act, step),
            Next::Wait { what, until } => self.pending(act, what, until),
            Next::Holds { .. } if unread => {
                self.pending(act, Text::clean("paused; the revisions are still to be read"), None);
            }
            Next::Holds { settle_seconds } => self.holds(act, settle_seconds),
            Next::Impossible(why) => self.unproven(act, why.as_str()),
        }
    }

    fn world_without(&mut self, act: &ActId) {
        if self.state.world.listed && self.state.world.stale(self.now).is_none() {
            self.unproven(act, "the workload is gone");
        }
    }

    fn tick(&mut self, act: &ActId, stages: &[crate::strategy::Milestone]) {
        let now = self.now;
        let Some(goal) = self.state.desk.goals.get_mut(act) else { return };
        for stage in stages {
            let known = goal.ticks.iter_mut().find(|tick| tick.what == stage.what);
            match known {
                // a stage that was seen stays seen: the settling time says whether it lasts
                Some(tick) if stage.reached => tick.at = tick.at.or(Some(now)),
                Some(_) => {}
                None => goal.ticks.push(Tick { what: stage.what.clone(), at: stage.reached.then_some(now) }),
            }
        }
    }

    fn wants_to_send(&mut self, act: &ActId, step: Step) {
        let Some(goal) = self.state.desk.goals.get(act) else { return };
        let seen = self.state.world.confirmed(&goal.target);
        match may_send(goal, &step, seen, self.now) {
            MaySend::Now => self.send(act, step),
            MaySend::At(moment) => {
                let millis = u64::try_from((moment - self.now).num_milliseconds()).unwrap_or(0);
                self.ask_again(act, millis + 1);
            }
            MaySend::AfterRead => {
                self.pending(act, Text::clean("reading back what became of the request"), None);
            }
            MaySend::Never(why) => self.unproven(act, &why),
        }
    }

    fn send(&mut self, act: &ActId, step: Step) {
        let Some(goal) = self.state.desk.goals.get_mut(act) else { return };
        let id = goal.next_id(&step);
        let fact = Fact::Sending {
            id: id.clone(),
            does: step.does.clone(),
            request: Box::new(step.request.clone()),
        };
        if goal.kind().raises_risk() {
            goal.trace.queued = Some((id, step));
            self.append(vec![fact]);
        } else {
            self.append(vec![fact]);
            self.put_on_the_wire(id, step);
        }
    }

    fn put_on_the_wire(&mut self, id: RequestId, step: Step) {
        let now = self.now;
        let request = Box::new(step.request.clone());
        if let Some(goal) = self.state.desk.goals.get_mut(&id.act) {
            goal.trace.holds_since = None;
            goal.proof = Proof::Pending { why: Text::clean("waiting for the answer") };
            goal.trace.sent.push(Sent { id: id.clone(), step, at: now, outcome: None, answered: None });
        }
        self.effects.push(Effect::Apply { id, request });
    }

    /// A request was answered, or is given up.
    pub(super) fn answered(
        &mut self,
        id: &RequestId,
        outcome: &Outcome,
        object: Option<(Target, Workload)>,
        millis: u64,
    ) {
        let now = self.now;
        self.append(vec![Fact::Answered { id: id.clone(), outcome: outcome.clone(), millis }]);
        let Some(goal) = self.state.desk.goals.get_mut(&id.act) else { return };
        if let Some(sent) = goal.trace.sent.iter_mut().find(|sent| sent.id == *id) {
            sent.outcome = Some(outcome.clone());
            sent.answered = Some(now);
        }
        if let Outcome::Applied { .. } = outcome {
            goal.elsewhere = None;
            if let Some(first) = goal.ticks.first_mut() {
                first.at = first.at.or(Some(now));
            }
        }
        let request = goal.trace.sent.iter().find(|sent| sent.id == *id).map(|s| s.step.request.clone());
        let exponent = goal.tries_of(id).min(8);
        let pause = (AGAIN_MILLIS << exponent.saturating_sub(1)).min(LONGEST_PAUSE_MILLIS);
        goal.trace.not_before = Some(now + TimeDelta::milliseconds(pause));
        let (act, target, kind) = (goal.act.clone(), goal.target.clone(), goal.kind());
        if let Some(request) = request {
            self.learn_refusal(&request, outcome);
        }
        self.capture_evidence(&act, &target, kind);
        match object {
            Some((of, object)) => self.enter_answer(&target, &of, object),
            None => self.pursue(&act),
        }
        self.pursue(&act);
        if kind == ActKind::Hold && matches!(outcome, Outcome::Rejected { code: 403, .. }) {
            self.hold_was_refused(&target, &crate::core::tell::answer(outcome));
        }
    }

    /// Evidence is taken beside a roll-back, never in its way: after the request has left.
    fn capture_evidence(&mut self, act: &ActId, target: &Target, kind: ActKind) {
        let first = self.state.desk.goals.get(act).is_some_and(|goal| goal.trace.sent.len() == 1);
        if first && matches!(kind, ActKind::RollBack | ActKind::Stop) {
            self.effects.push(Effect::Capture { act: act.clone(), target: target.clone() });
        }
    }

    fn pending(&mut self, act: &ActId, what: Text, until: Option<Time>) {
        let soon = until.map_or(ASK_MILLIS, |until| {
            u64::try_from((until - self.now).num_milliseconds()).unwrap_or(0).clamp(1, ASK_MILLIS)
        });
        if let Some(goal) = self.state.desk.goals.get_mut(act) {
            goal.trace.holds_since = None;
            goal.proof = Proof::Pending { why: what };
        }
        self.ask_again(act, soon);
    }

    fn holds(&mut self, act: &ActId, settle_seconds: Option<u32>) {
        let now = self.now;
        let Some(goal) = self.state.desk.goals.get_mut(act) else { return };
        let stale = self.state.world.stale_target(&goal.target, now);
        if let Some(age) = stale {
            // what cannot be seen does not settle
            goal.trace.holds_since = None;
            goal.proof = Proof::Unknown { since: now - TimeDelta::seconds(age) };
            return self.ask_again(act, ASK_MILLIS);
        }
        let since = *goal.trace.holds_since.get_or_insert(now);
        let seconds = settle_seconds.unwrap_or(goal.kind().row().settle_seconds);
        let settle = TimeDelta::seconds(i64::from(seconds));
        if now - since < settle {
            goal.proof = Proof::Pending { why: Text::clean("holding") };
            let left = u64::try_from((since + settle - now).num_milliseconds()).unwrap_or(0);
            return self.ask_again(act, left + 1);
        }
        self.proven(act, since);
    }

    fn proven(&mut self, act: &ActId, since: Time) {
        let now = self.now;
        let Some(goal) = self.state.desk.goals.get_mut(act) else { return };
        goal.proof = Proof::Proven { at: now };
        if matches!(goal.kind(), ActKind::Stop | ActKind::RollBack) {
            goal.guard_until = Some(now + TimeDelta::minutes(GUARD_MINUTES));
        }
        let seen: Vec<&str> = goal.ticks.iter().skip(1).map(|tick| tick.what.as_str()).collect();
        let seen = Text::clean(&seen.join(", "));
        let millis = u64::try_from((since - goal.started).num_milliseconds()).unwrap_or(0);
        let line = format!("PROVEN: {}", goal.title);
        self.append(vec![Fact::Proven { act: act.clone(), seen, millis }]);
        self.say(Tone::Good, line);
        self.clear(&AlarmKey::Unproven(act.clone()));
    }

    /// The goal will not come true by itself: said, recorded, and left to a person.
    pub(super) fn unproven(&mut self, act: &ActId, why: &str) {
        let why = Text::clean(why);
        let Some(goal) = self.state.desk.goals.get_mut(act) else { return };
        goal.proof = Proof::Impossible { why: why.clone() };
        let superseded = why.as_str().starts_with("superseded");
        let line = format!("NOT PROVEN: {}: {why}", goal.title);
        self.append(vec![Fact::Unproven { act: act.clone(), why }]);
        if !superseded {
            self.raise(AlarmKey::Unproven(act.clone()), line.clone(), None, Tone::Bad);
            self.say(Tone::Bad, line);
        }
    }

    fn ask_again(&mut self, act: &ActId, after_millis: u64) {
        self.effects.push(Effect::Schedule { timer: TimerId::Goal(act.clone()), after_millis });
    }

    /// Once a second: requests that reached nobody are said, with the line to run elsewhere.
    pub(super) fn look_for_unreachable(&mut self) {
        let now = self.now;
        for goal in self.state.desk.goals.values_mut().filter(|goal| goal.open() && goal.ours) {
            let heard = goal.trace.sent.iter().any(|s| matches!(s.outcome, Some(Outcome::Applied { .. })));
            if !heard && (now - goal.started).num_seconds() >= UNREACHABLE_SECONDS && goal.elsewhere.is_none()
            {
                goal.elsewhere =
                    goal.steps.first().map(|step| crate::core::elsewhere::kubectl(&step.request));
            }
        }
    }

    /// Facts of acts that raise risk did not reach the journal: those acts do not happen.
    pub(super) fn abandon_unjournaled(&mut self) {
        let waiting: Vec<ActId> = self
            .state
            .desk
            .goals
            .values()
            .filter(|goal| goal.open() && goal.kind().raises_risk())
            .filter(|goal| !goal.journaled || goal.trace.queued.is_some())
            .map(|goal| goal.act.clone())
            .collect();
        for act in waiting {
            self.unproven(&act, "not sent: the journal cannot be written");
            self.state.desk.goals.remove(&act);
        }
    }
}

/// A goal as its strategy needs to know it.
pub(super) fn pursuit<'a>(goal: &'a Goal, watched: &'a Watched, now: Time) -> Pursuit<'a> {
    Pursuit {
        act: &goal.what,
        uid: &goal.uid,
        want: &goal.want,
        known: &watched.known,
        sent: &goal.trace.sent,
        still: &goal.trace.still,
        started: goal.started,
        now,
    }
}
