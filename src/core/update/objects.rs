//! Workloads coming in: the newest set is kept, projected, compared with the one before, and told to what depends on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::Time;
use crate::model::fact::Fact;
use crate::model::ids::{ActId, TemplateHash, Uid};
use crate::model::objects::{Depth, Known, ObjectSet, SeenComplete, SharedSet, Workload};
use crate::model::outline::Want;
use crate::model::replicaset::ReplicaSet;
use crate::model::sets::ControllerRevision;
use crate::model::target::Target;
use crate::model::template::{Template, TemplateKey};
use crate::model::text::Text;
use crate::model::view::{WorkloadState, WorkloadView};
use crate::strategy::strategy_of;

use super::Turn;
use crate::core::effect::Effect;
use crate::core::goal::Goal;
use crate::core::world::Watched;

/// Templates that were asked for and did not come are asked for again after this long.
const ASK_AGAIN_SECONDS: i64 = 5;
/// How often the age of a release is looked at where nothing else tells that it is over.
const AGE_PAIRS_SECONDS: i64 = 60;

impl Turn<'_> {
    /// A newer set of one workload.
    pub(super) fn objects(&mut self, snapshot: &SharedSet, seen: Time) {
        let target = snapshot.target.clone();
        if let Some(watched) = self.state.world.workloads.get_mut(&target) {
            watched.seen = watched.seen.max(seen);
            if older(snapshot, &watched.set) {
                return;
            }
        }
        let known = self.known(&target, snapshot.workload.uid());
        let set = self.caught_up(snapshot);
        self.replace(&target, set, seen, known);
    }

    /// The set with what is known to be newer of its routes and peers.
    fn caught_up(&self, snapshot: &SharedSet) -> SharedSet {
        match self.state.world.workloads.get(&snapshot.target) {
            Some(watched) if snapshot.is_behind(&watched.set) => {
                let mut set = ObjectSet::clone(snapshot);
                set.catch_up(&watched.set);
                Arc::new(set)
            }
            Some(_) | None => Arc::clone(snapshot),
        }
    }

    fn known(&self, target: &Target, uid: &Uid) -> Known {
        let before = self.state.world.workloads.get(target).filter(|watched| watched.view.uid == *uid);
        Known {
            templates: before.map(|watched| watched.known.templates.clone()).unwrap_or_default(),
            seen_complete: self.evidence(uid),
            condemned: self.condemned(uid),
            fenced: self.state.session.fenced(uid).cloned(),
            previous: self.state.settings.plan.as_ref().and_then(|plan| {
                let ours = plan.components.iter().any(|component| component.workloads.contains(target));
                plan.release.previous.clone().filter(|_| ours)
            }),
            now: self.now,
        }
    }

    fn evidence(&self, uid: &Uid) -> Vec<SeenComplete> {
        let remembered = self.state.desk.remembered.iter();
        remembered
            .chain(&self.state.session.seen_complete)
            .filter(|row| row.workload == *uid)
            .cloned()
            .collect()
    }

    fn condemned(&self, uid: &Uid) -> BTreeSet<TemplateHash> {
        let session = self.state.session.condemned.iter();
        let stopped = self.state.session.stops.keys().chain(self.state.world.latches.keys());
        session.chain(stopped).filter(|(of, _)| of == uid).map(|(_, hash)| hash.clone()).collect()
    }

    /// Projects a workload anew and lets everything that depends on it know.
    fn replace(&mut self, target: &Target, set: SharedSet, seen: Time, known: Known) {
        let view = strategy_of(&set).project(&set, &known);
        let before = self.state.world.workloads.remove(target);
        let state_since = before
            .as_ref()
            .filter(|watched| watched.view.state == view.state && watched.view.uid == view.uid)
            .map_or(self.now, |watched| watched.state_since);
        let asked_templates = before.as_ref().and_then(|watched| watched.asked_templates);
        let disputed = view
            .truth
            .disagreement()
            .map(|_| before.as_ref().and_then(|watched| watched.disputed).unwrap_or(self.now));
        let complete = view.complete.clone();
        let transition =
            before.as_ref().filter(|watched| watched.view.uid == view.uid).map(|w| w.view.clone());
        self.state.world.workloads.insert(
            target.clone(),
            Watched { set, seen, view, known, state_since, asked_templates, disputed },
        );
        self.ask_templates(target);
        if let Some(hash) = complete {
            self.remember_complete(target, &hash, transition.as_ref());
        }
        if let Some(before) = transition {
            self.tell_transition(target, &before);
        }
        self.note_stillness(target);
        self.judge_alarms(target);
        self.guard(target);
        self.refresh_sheet(target);
        self.refresh_bar();
        self.pursue_target(target);
    }

    /// Projects a workload again because something besides its objects changed.
    pub(super) fn reproject(&mut self, target: &Target) {
        let Some(watched) = self.state.world.workloads.get(target) else { return };
        let (set, seen) = (Arc::clone(&watched.set), watched.seen);
        let known = self.known(target, set.workload.uid());
        self.replace(target, set, seen, known);
    }

    /// No controller says when the release of a pair is done: once a minute its age is judged anew.
    pub(super) fn age_pairs(&mut self) {
        let now = self.now;
        let due = |watched: &Watched| {
            let pair = matches!(watched.set.workload, Workload::Service(_)) && watched.view.in_flight;
            pair && (now - watched.known.now).num_seconds() >= AGE_PAIRS_SECONDS
        };
        let workloads = self.state.world.workloads.iter();
        let aged: Vec<Target> =
            workloads.filter(|(_, watched)| due(watched)).map(|(target, _)| target.clone()).collect();
        for target in aged {
            self.reproject(&target);
        }
    }

    /// The workload is gone.
    pub(super) fn gone(&mut self, target: &Target) {
        if self.state.world.workloads.remove(target).is_some() {
            self.forget_alarms(target);
            self.refresh_sheet(target);
            self.refresh_bar();
            self.pursue_target(target);
        }
    }

    /// The object in the answer to our own write enters at once, so that no goal is judged by a world from before it.
    pub(super) fn enter_answer(&mut self, target: &Target, of: &Target, object: Workload) {
        let Some(watched) = self.state.world.workloads.get(target) else { return };
        let mut set = ObjectSet::clone(&watched.set);
        set.enter(of, object);
        let seen = watched.seen;
        self.objects(&Arc::new(set), seen);
    }

    /// Open goals count from here how long their objects have stood still.
    fn note_stillness(&mut self, target: &Target) {
        let (now, state) = (self.now, &mut *self.state);
        let Some(watched) = state.world.workloads.get(target) else { return };
        for goal in state.desk.goals.values_mut().filter(|goal| goal.target == *target && goal.open()) {
            goal.trace.still.note(&watched.set, now);
        }
    }

    fn ask_templates(&mut self, target: &Target) {
        let now = self.now;
        let Some(watched) = self.state.world.workloads.get_mut(target) else { return };
        let waiting = watched.asked_templates.is_some_and(|at| (now - at).num_seconds() < ASK_AGAIN_SECONDS);
        let mut keys = watched.view.needs_templates.clone();
        keys.extend(owed(&self.state.desk.goals, watched));
        keys.sort();
        keys.dedup();
        if keys.is_empty() || waiting {
            return;
        }
        watched.asked_templates = Some(now);
        self.effects.push(Effect::ReadTemplates { target: target.clone(), keys });
    }

    /// Asks for the templates of all revisions: the chooser shows what differs.
    pub(super) fn ask_all_templates(&mut self, target: &Target) {
        let Some(watched) = self.state.world.workloads.get(target) else { return };
        let keys: Vec<TemplateKey> = watched
            .view
            .revisions
            .iter()
            .map(|revision| revision.key.clone())
            .filter(|key| !watched.known.templates.contains_key(key))
            .collect();
        if !keys.is_empty() {
            self.effects.push(Effect::ReadTemplates { target: target.clone(), keys });
        }
    }

    /// Templates came in.
    pub(super) fn templates(&mut self, target: &Target, found: Vec<(TemplateKey, Template)>) {
        let Some(watched) = self.state.world.workloads.get_mut(target) else { return };
        watched.asked_templates = None;
        watched.known.templates.extend(found);
        // what no revision names any more is forgotten
        let sets = watched.set.replica_sets.iter().map(ReplicaSet::key);
        let history = watched.set.history.iter().map(ControllerRevision::key);
        let live: BTreeSet<TemplateKey> = sets.chain(history).collect();
        if watched.set.depth == Depth::Full {
            watched.known.templates.retain(|key, _| live.contains(key));
        }
        self.reproject(target);
    }

    /// A revision is complete now: evidence for later, on this console and on those that this user starts after it.
    fn remember_complete(&mut self, target: &Target, hash: &TemplateHash, before: Option<&WorkloadView>) {
        let Some(watched) = self.state.world.workloads.get(target) else { return };
        let uid = watched.view.uid.clone();
        let known = watched.known.seen_complete.iter().any(|row| row.hash == *hash);
        let arrived = before.is_some_and(|before| before.complete.as_ref() != Some(hash) && before.in_flight);
        if (known && !arrived) || watched.known.condemned.contains(hash) {
            return;
        }
        let revisions = &watched.view.revisions;
        let version = revisions
            .iter()
            .find(|revision| revision.key.hash == *hash)
            .map_or_else(|| watched.view.version.clone(), |revision| revision.name.clone());
        let seen = SeenComplete { workload: uid.clone(), hash: hash.clone(), at: self.now };
        self.state.desk.remembered.push(seen.clone());
        if let Some(watched) = self.state.world.workloads.get_mut(target) {
            watched.known.seen_complete.push(seen.clone());
        }
        self.effects.push(Effect::Remember { seen, target: target.clone(), version: version.clone() });
        if arrived {
            self.record_sight(Fact::SeenComplete {
                target: target.clone(),
                uid,
                hash: hash.clone(),
                version,
            });
        }
    }

    /// What a person would want to read in the timeline.
    fn tell_transition(&mut self, target: &Target, before: &WorkloadView) {
        let Some(after) = self.state.world.view(target) else { return };
        if after.driver.is_some() || (before.in_flight, before.state) == (after.in_flight, after.state) {
            return;
        }
        let what = match (before.in_flight, after.in_flight) {
            (false, true) => Some(started(after)),
            (true, true) if after.state == WorkloadState::Stuck => {
                let why = after.reasons.first().map_or("", |reason| reason.what.as_str());
                Some(format!("stopped progressing: {why}"))
            }
            (true, true) if after.state == WorkloadState::Held => Some("held".to_owned()),
            (true, true) if before.state == WorkloadState::Held => Some("goes on".to_owned()),
            _ => None,
        };
        if let Some(what) = what {
            self.record_sight(Fact::StateSeen { target: target.clone(), what: Text::clean(&what) });
        }
    }

    /// What is merely seen opens a session for a person who watches, but not for a verb that asks once.
    fn record_sight(&mut self, fact: Fact) {
        if self.state.settings.headless {
            self.append_if_open(fact);
        } else {
            self.append(vec![fact]);
        }
    }

    /// Evidence of earlier consoles was read.
    pub(super) fn remembered(&mut self, rows: Vec<SeenComplete>) {
        self.state.desk.remembered.extend(rows);
        let targets: Vec<Target> = self.state.world.workloads.keys().cloned().collect();
        for target in targets {
            self.reproject(&target);
        }
    }

    /// A revision was condemned or cleared: views of that workload change.
    pub(super) fn learn_condemned(&mut self, uid: &Uid) {
        let target = self.state.world.workloads.iter().find(|(_, watched)| watched.view.uid == *uid);
        if let Some(target) = target.map(|(target, _)| target.clone()) {
            self.reproject(&target);
        }
    }

    /// Other namespaces: what is out of view is forgotten.
    pub(super) fn rescope(&mut self, scope: crate::model::target::Scope) {
        let world = &mut self.state.world;
        let kept: BTreeMap<Target, Watched> = std::mem::take(&mut world.workloads)
            .into_iter()
            .filter(|(target, _)| scope.contains(&target.namespace))
            .collect();
        world.workloads = kept;
        world.changes.retain(|namespace, _| scope.contains(namespace));
        world.listed_at.retain(|namespace, _| scope.contains(namespace));
        world.pod_table = None;
        world.listed = false;
        world.scope = scope;
    }
}

/// Templates that open goals return to and that are not in hand.
fn owed(goals: &BTreeMap<ActId, Goal>, watched: &Watched) -> Vec<TemplateKey> {
    goals
        .values()
        .filter(|goal| goal.open() && goal.uid == watched.view.uid)
        .filter_map(|goal| match &goal.want {
            Want::Serving { hash, .. } => hash.as_ref(),
            _ => None,
        })
        .filter_map(|hash| {
            let sets = watched.set.replica_sets.iter().map(ReplicaSet::key);
            let history = watched.set.history.iter().map(ControllerRevision::key);
            sets.chain(history).find(|key| key.hash == *hash)
        })
        .filter(|key| !watched.known.templates.contains_key(key))
        .collect()
}

fn started(view: &WorkloadView) -> String {
    match &view.stable {
        Some(stable) => format!("started {} → {}", stable.name, view.version),
        None => format!("started → {}", view.version),
    }
}

/// Whether `new` is certainly from before `old`. Where versions are no integers, the newer arrival wins.
fn older(new: &ObjectSet, old: &ObjectSet) -> bool {
    let (new, old) = (new.workload.meta(), old.workload.meta());
    new.uid == old.uid && new.resource_version.older_than(&old.resource_version) == Some(true)
}
