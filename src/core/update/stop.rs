//! Hold, emergency stop, its latch and its reset.

use crate::model::act::{Act, ActKind};
use crate::model::fact::Fact;
use crate::model::ids::{ActId, TemplateHash, Uid};
use crate::model::observation::Latch;
use crate::model::outline::{Outline, Refusal, RefusalKind, Want};
use crate::model::request::Outcome;
use crate::model::target::Target;
use crate::model::text::Text;
use crate::model::view::WorkloadView;

use super::{Turn, policy, sheets};
use crate::core::desk::Tone;
use crate::core::effect::Effect;
use crate::core::stopbar::{HoldBar, StopRow};

/// A workload that finished this recently is named in the stop bar, with the way back.
const RECENT_HOURS: i64 = 24 * 3;

impl Turn<'_> {
    /// `H`: at once, without asking.
    pub(super) fn hold(&mut self, target: &Target) {
        let line = self.hold_one(target);
        let others = self.holdable().into_iter().filter(|other| other != target).count();
        self.state.desk.hold = Some(HoldBar { target: target.clone(), line, since: self.now, others });
    }

    /// What happened, in one line.
    fn hold_one(&mut self, target: &Target) -> Text {
        match self.outline(target, &Act::Hold) {
            Ok(outline) => {
                let line = outline.effect.first().cloned().unwrap_or_default();
                let age = self.state.world.stale_target(target, self.now);
                let digest = sheets::digest(&outline);
                self.start(Act::Hold, outline, digest);
                let age = age.map_or_else(String::new, |age| format!(" (data {age} s old)"));
                Text::clean(&format!("HOLD {}: {line}{age}", target.name))
            }
            Err(refusal) if refusal.kind == RefusalKind::Permission => local_hold(&refusal.to_string()),
            Err(refusal) => Text::clean(&refusal.to_string()),
        }
    }

    /// Only the answer told that the right is missing.
    pub(super) fn hold_was_refused(&mut self, target: &Target, why: &str) {
        let line = local_hold(why);
        if let Some(bar) = self.state.desk.hold.as_mut().filter(|bar| bar.target == *target) {
            bar.line = line.clone();
        }
        self.say(Tone::Warning, line);
    }

    fn holdable(&self) -> Vec<Target> {
        let moving = self.state.world.in_flight();
        moving.filter(|view| !view.paused && view.is_driven_here()).map(|view| view.target.clone()).collect()
    }

    /// `Tab`: widens a hold to all that moves, or narrows a stop.
    pub(super) fn widen(&mut self) {
        if self.state.desk.stop.is_some() {
            return self.narrow_stop();
        }
        let Some(bar) = self.state.desk.hold.clone() else { return };
        let mut held = 0;
        for target in self.holdable().into_iter().filter(|target| *target != bar.target) {
            self.hold_one(&target);
            held += 1;
        }
        if let Some(bar) = &mut self.state.desk.hold {
            bar.line = Text::clean(&format!("{}; and {held} others", bar.line));
            bar.others = 0;
            bar.since = self.now;
        }
    }

    fn narrow_stop(&mut self) {
        let selected = self.state.desk.look.selected.clone();
        let Some(bar) = &mut self.state.desk.stop else { return };
        bar.only = match (&bar.only, selected) {
            (None, Some(target)) if bar.rows.iter().any(|row| row.target == target) => Some(target),
            (None, Some(target)) => {
                bar.complaint = Some(Text::clean(&format!("{} is not in flight", target.name)));
                None
            }
            (Some(_), _) | (None, None) => None,
        };
    }

    /// What the chord would stop now, and what it leaves alone.
    pub(super) fn stop_rows(&self) -> (Vec<StopRow>, Vec<Text>) {
        let mut rows = Vec::new();
        let mut untouched = Vec::new();
        let mut quiet = 0;
        for (target, watched) in &self.state.world.workloads {
            let view = &watched.view;
            match (view.in_flight && self.concerns(target), &view.driver) {
                (true, None) if view.is_driven_here() => rows.push(self.stop_row(view)),
                (true, Some(driver)) => untouched.push(format!("{} driven by {driver}", target.name)),
                (true, None) => untouched.push(format!("{target} is not driven by this version")),
                (false, _) => match self.recently_finished(view) {
                    Some(line) => untouched.push(line),
                    None => quiet += 1,
                },
            }
        }
        if quiet > 0 {
            untouched.push(format!("{quiet} others at rest"));
        }
        (rows, untouched.iter().map(|line| Text::clean(line)).collect())
    }

    /// With a plan, the stop is about its components; without one, about the namespaces in view.
    fn concerns(&self, target: &Target) -> bool {
        match &self.state.settings.plan {
            Some(plan) => plan.components.iter().any(|component| component.workloads.contains(target)),
            None => self.state.world.scope.contains(&target.namespace),
        }
    }

    fn recently_finished(&self, view: &WorkloadView) -> Option<String> {
        let age = self.now - view.finished?;
        if age.num_hours() >= RECENT_HOURS || view.revisions.len() < 2 {
            return None;
        }
        let version = view.stable.as_ref().map(|version| version.name.to_string())?;
        let minutes = age.num_minutes();
        let ago = if minutes < 120 { format!("{minutes} min") } else { format!("{} h", minutes / 60) };
        Some(format!("{} finished {version} {ago} ago: B rolls it back", view.target.name))
    }

    fn stop_row(&self, view: &WorkloadView) -> StopRow {
        let outline = self.prepared_stop(view);
        let from = &view.version;
        let versions = match &outline {
            Ok(_) if self.is_unread(view) => format!("{from}: pause, then back"),
            Ok(Outline { want, .. }) => match want.destination() {
                Some(to) => format!("{from}→{to}"),
                None => format!("{from}: pause only"),
            },
            Err(refusal) => refusal.why.to_string(),
        };
        StopRow { target: view.target.clone(), versions: Text::clean(&versions), outline }
    }

    /// The prepared outline; where a template is not in hand, or the plan says so, a pause is all that can be prepared.
    fn prepared_stop(&self, view: &WorkloadView) -> Result<Outline, Refusal> {
        let never = self.never_stopped(&view.target);
        let prepared = match &view.stop {
            Ok(outline) if !never => Ok(outline.clone()),
            Err(refusal) if refusal.kind != RefusalKind::TemplateNotRead && !never => Err(refusal.clone()),
            _ if never => self
                .outline(&view.target, &Act::Hold)
                .map(|outline| Outline { act: ActKind::Stop, ..outline }),
            _ => self.pause_first(view),
        }?;
        self.forbidden(&prepared).map_or(Ok(prepared), Err)
    }

    /// The headless verb: the same rows as the bar's, without the chord.
    pub(super) fn stop_now(&mut self, only: &[Target]) {
        if self.state.settings.read_only {
            return self.say(Tone::Warning, "read-only: nothing is written: start without --read-only");
        }
        let (rows, untouched) = self.stop_rows();
        let rows: Vec<StopRow> =
            rows.into_iter().filter(|row| only.is_empty() || only.contains(&row.target)).collect();
        if rows.is_empty() {
            let left: Vec<&str> = untouched.iter().map(Text::as_str).collect();
            return self.say(Tone::Warning, format!("nothing in flight to stop: {}", left.join("; ")));
        }
        self.stop_rows_now(rows);
    }

    /// Fires: one goal for each workload, all at once, waiting for nothing.
    pub(super) fn fire_stop(&mut self) {
        let Some(bar) = self.state.desk.stop.take() else { return };
        let only = bar.only;
        let chosen = |row: &StopRow| only.as_ref().is_none_or(|only| row.target == *only);
        self.stop_rows_now(bar.rows.into_iter().filter(chosen).collect());
    }

    fn stop_rows_now(&mut self, rows: Vec<StopRow>) {
        let mut started = 0;
        for row in rows {
            match row.outline {
                Ok(outline) => {
                    self.stop_one(outline);
                    started += 1;
                }
                Err(refusal) if refusal.kind == RefusalKind::NothingToDo => {}
                Err(refusal) => self.refuse(ActKind::Stop, &row.target, &refusal),
            }
        }
        if started > 0 {
            self.state.desk.sheet = None;
            self.state.desk.hold = None;
            self.say(Tone::Warning, format!("STOP sent to {started}"));
            self.effects.push(Effect::Bell);
        }
    }

    /// Stops one workload and latches its candidate.
    pub(super) fn stop_one(&mut self, outline: Outline) {
        let target = outline.target.clone();
        let digest = sheets::digest(&outline);
        let uid = outline.uid.clone();
        let unread = matches!(outline.want, Want::Paused { .. })
            && self.state.world.view(&target).is_some_and(|view| self.is_unread(view));
        let act = self.start(Act::Stop, outline, digest);
        if let Some(goal) = self.state.desk.goals.get_mut(&act) {
            goal.unread = unread;
        }
        self.latch_candidate(act, &target, uid);
    }

    /// Latches the present revision of a workload; before the revisions are read there is none to name.
    pub(super) fn latch_candidate(&mut self, act: ActId, target: &Target, uid: Uid) {
        let Some(candidate) = self.current_hash(target) else { return };
        self.append(vec![Fact::StopLatched {
            act,
            target: target.clone(),
            uid: uid.clone(),
            candidate: candidate.clone(),
            local_only: false,
        }]);
        let latch = self.latch(uid, candidate);
        self.effects.push(Effect::Latch { namespace: target.namespace.clone(), latch, set: true });
    }

    pub(super) fn current_hash(&self, target: &Target) -> Option<TemplateHash> {
        self.state.world.view(target)?.present().cloned()
    }

    fn latch(&self, uid: Uid, hash: TemplateHash) -> Latch {
        let author = &self.state.desk.author;
        let by = if author.kube_user.is_empty() { author.os_user.clone() } else { author.kube_user.clone() };
        Latch { uid, hash, by, at: Some(self.now) }
    }

    /// The latch is in the cluster, or only here.
    pub(super) fn latch_written(&mut self, latch: &Latch, outcome: &Outcome) {
        if matches!(outcome, Outcome::Applied { .. }) {
            return;
        }
        let key = (latch.uid.clone(), latch.hash.clone());
        let Some(record) = self.state.session.stops.get(&key).cloned() else { return };
        self.append(vec![Fact::StopLatched {
            act: record.act,
            target: record.target.clone(),
            uid: key.0,
            candidate: key.1,
            local_only: true,
        }]);
        let why = crate::core::tell::answer(outcome);
        self.say(Tone::Warning, format!("stop of {} is LOCAL ONLY: {why}", record.target.name));
    }

    /// Latches of a workload, wherever they are held.
    fn latched(&self, target: &Target) -> Vec<(Uid, TemplateHash)> {
        let Some(uid) = self.state.world.view(target).map(|view| view.uid.clone()) else { return Vec::new() };
        let here = self.state.session.stops.keys();
        let mut keys: Vec<_> =
            here.chain(self.state.world.latches.keys()).filter(|(of, _)| *of == uid).cloned().collect();
        keys.sort();
        keys.dedup();
        keys
    }

    pub(super) fn reset_outline(&self, target: &Target) -> Result<Outline, Refusal> {
        let latched = self.latched(target);
        let (Some(view), false) = (self.state.world.view(target), latched.is_empty()) else {
            let why = format!("no stop is latched on {}", target.name);
            return Err(Refusal::new(RefusalKind::NothingToDo, why));
        };
        Ok(Outline {
            act: ActKind::ResetStop,
            target: target.clone(),
            uid: view.uid.clone(),
            title: Text::clean(&format!("Take the stop of {} away", target.name)),
            short: Text::default(),
            effect: vec![Text::clean(
                "risk-raising acts on the stopped candidate are possible again; nothing resumes by itself",
            )],
            good: None,
            after: Vec::new(),
            steps: Vec::new(),
            want: Want::LocalOnly,
            destructive: true,
            estimate_seconds: None,
        })
    }

    pub(super) fn reset_stop(&mut self, target: &Target) {
        if let Err(refusal) = policy::check(self.state, ActKind::ResetStop, target) {
            return self.refuse(ActKind::ResetStop, target, &refusal);
        }
        for (uid, candidate) in self.latched(target) {
            self.append(vec![Fact::StopReset { uid: uid.clone(), candidate: candidate.clone() }]);
            self.state.world.latches.remove(&(uid.clone(), candidate.clone()));
            let latch = self.latch(uid, candidate);
            self.effects.push(Effect::Latch { namespace: target.namespace.clone(), latch, set: false });
        }
        self.state.desk.sheet = None;
        self.say(Tone::Good, format!("the stop of {} is taken away; nothing was resumed", target.name));
    }
}

fn local_hold(why: &str) -> Text {
    Text::clean(&format!("hold is local only: Kubernetes will go on ({why})"))
}
