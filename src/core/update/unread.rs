//! A stop that is fired before the revisions of a workload are read, as in the first second of a console: it pauses at
//! once, and goes back to the revision known good as soon as the evidence is there. That one is then pinned: what looks
//! better later changes nothing any more.

use crate::model::act::{Act, ActKind};
use crate::model::fact::Fact;
use crate::model::ids::{ActId, Uid};
use crate::model::objects::Depth;
use crate::model::observation::{StreamKey, StreamState};
use crate::model::outline::{Outline, Refusal, RefusalKind, Want};
use crate::model::proof::Tick;
use crate::model::target::Target;
use crate::model::text::Text;
use crate::model::view::WorkloadView;

use super::Turn;
use crate::core::desk::Tone;

impl Turn<'_> {
    /// Whether nothing is known yet of what a stop would go back to, and the plan allows going back at all.
    pub(super) fn is_unread(&self, view: &WorkloadView) -> bool {
        let unread = matches!(&view.stop, Err(refusal) if refusal.kind == RefusalKind::TemplateNotRead);
        unread && !self.never_stopped(&view.target)
    }

    /// Whether the plan says `stop: never`.
    pub(super) fn never_stopped(&self, target: &Target) -> bool {
        let plan = self.state.settings.plan.iter();
        plan.flat_map(|plan| &plan.components).any(|c| c.stop_never && c.workloads.contains(target))
    }

    /// All that can be prepared without revisions: a pause, and nothing to send where it is paused already.
    pub(super) fn pause_first(&self, view: &WorkloadView) -> Result<Outline, Refusal> {
        let title = format!("Stop {}: pause, then back to what is known good", view.target.name);
        let title = Text::clean(&title);
        match self.outline(&view.target, &Act::Hold) {
            Ok(outline) => Ok(Outline { act: ActKind::Stop, title, ..outline }),
            Err(refusal) if refusal.kind == RefusalKind::NothingToDo && view.paused => Ok(Outline {
                act: ActKind::Stop,
                target: view.target.clone(),
                uid: view.uid.clone(),
                title,
                short: Text::default(),
                effect: Vec::new(),
                good: None,
                after: Vec::new(),
                steps: Vec::new(),
                want: Want::Paused { paused: true },
                destructive: false,
                estimate_seconds: None,
            }),
            Err(refusal) => Err(refusal),
        }
    }

    /// Looks whether the revisions are there now; if they are, the stop gets its place to go back to, or its reason why
    /// there is none.
    pub(super) fn settle_unread(&mut self, act: &ActId) {
        let Some(goal) = self.state.desk.goals.get(act) else { return };
        let (target, uid) = (goal.target.clone(), goal.uid.clone());
        let Some(watched) = self.state.world.workloads.get(&target) else { return };
        if watched.view.uid != uid || self.never_stopped(&target) {
            return self.stays_paused(act, None);
        }
        if watched.set.depth == Depth::Listed {
            if let Some(why) = self.revisions_forbidden(&target) {
                self.stays_paused(act, Some(&format!("its revisions may not be read: {why}")));
            }
            return;
        }
        match self.way_of_stop(&target) {
            Ok(outline) if matches!(outline.want, Want::Serving { .. }) => self.take_template(act, outline),
            Err(refusal) if refusal.kind == RefusalKind::TemplateNotRead => {}
            Ok(_) => self.only_pauses(act, &target, uid, "no revision is known good: choose with B"),
            Err(refusal) => self.only_pauses(act, &target, uid, &refusal.to_string()),
        }
    }

    /// The stop as it would be prepared now. An update that ended before the pause arrived is gone back from too: it was
    /// in flight when the key was pressed.
    fn way_of_stop(&self, target: &Target) -> Result<Outline, Refusal> {
        let at_rest = self.state.world.view(target).is_some_and(|view| !view.in_flight);
        let act = if at_rest { Act::RollBack { to: None } } else { Act::Stop };
        Ok(Outline { act: ActKind::Stop, ..self.outline(target, &act)? })
    }

    fn only_pauses(&mut self, act: &ActId, target: &Target, uid: Uid, why: &str) {
        self.stays_paused(act, Some(why));
        self.latch_late(act, target, uid);
    }

    /// The candidate could not be named when the stop was fired.
    fn latch_late(&mut self, act: &ActId, target: &Target, uid: Uid) {
        let Some(candidate) = self.current_hash(target) else { return };
        let key = (uid, candidate);
        let on_its_way = self.state.desk.pending.iter().any(|fact| {
            matches!(fact, Fact::StopLatched { uid, candidate, .. } if (uid, candidate) == (&key.0, &key.1))
        });
        if !on_its_way && !self.state.session.stops.contains_key(&key) {
            self.latch_candidate(act.clone(), target, key.0);
        }
    }

    fn revisions_forbidden(&self, target: &Target) -> Option<Text> {
        let stream = self.state.world.streams.get(&StreamKey::Detail(target.clone()))?;
        match &stream.state {
            StreamState::Forbidden(why) => Some(why.clone()),
            _ => None,
        }
    }

    /// The pause is all that the stop can do.
    fn stays_paused(&mut self, act: &ActId, why: Option<&str>) {
        let Some(goal) = self.state.desk.goals.get_mut(act) else { return };
        goal.unread = false;
        let Some(why) = why else { return };
        goal.title = Text::clean(&format!("Pause {}: {why}", goal.target.name));
        let line = format!("STOP of {} only pauses: {why}", goal.target.name);
        self.say(Tone::Warning, line);
    }

    /// Pins the stop to the revision that is known good now.
    fn take_template(&mut self, act: &ActId, outline: Outline) {
        let now = self.now;
        let away_from = self.current_hash(&outline.target);
        let Some(goal) = self.state.desk.goals.get_mut(act) else { return };
        let (target, uid) = (goal.target.clone(), goal.uid.clone());
        goal.unread = false;
        goal.title = outline.title.clone();
        goal.want = outline.want.clone();
        goal.steps = outline.steps;
        goal.ticks.retain(|tick| tick.what.as_str() == "sent");
        goal.ticks.push(Tick { what: Text::clean("paused; revisions read"), at: Some(now) });
        let good = outline.good.clone().unwrap_or_default();
        self.say(Tone::Warning, format!("the stop goes on: {}: {good}", outline.title));
        self.append(vec![Fact::StopPinned {
            act: act.clone(),
            uid: uid.clone(),
            title: outline.title,
            want: outline.want,
            away_from,
            good: outline.good,
        }]);
        self.latch_late(act, &target, uid);
    }
}
