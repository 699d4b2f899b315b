//! The pair as it stands: its sides, who serves, and whether a release is on its way.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::model::Time;
use crate::model::deployment::Deployment;
use crate::model::ids::{Name, TemplateHash};
use crate::model::objects::{Depth, Known, ObjectSet, Workload};
use crate::model::pod::Pod;
use crate::model::replicaset::ReplicaSet;
use crate::model::service::Service;
use crate::model::switch::{Switch, colour};
use crate::strategy::version_name;

/// A side whose template is younger than this may be a candidate.
const CANDIDATE_HOURS: i64 = 24;
/// How long after a switch the release counts as still on its way: the window in which a stop switches back.
const UNDO_MINUTES: i64 = 60;

/// Labels or a selector.
pub(super) type Labels = BTreeMap<String, String>;

/// A Service with the Deployments that it can be switched between; there are at least two.
pub(super) struct Pair<'a> {
    /// All that is known.
    pub(super) objects: &'a ObjectSet,
    /// The Service.
    pub(super) service: &'a Switch,
    /// The label that tells the sides apart.
    pub(super) key: String,
    /// The sides, by the value of that label.
    pub(super) sides: Vec<Side<'a>>,
    /// Keys of the selector that no side carries: they make it match nobody.
    pub(super) strays: Vec<(String, String)>,
    /// Ready endpoints that are no pod of any side; `None` while endpoints were not read.
    pub(super) foreign: Option<i64>,
}

/// One side.
pub(super) struct Side<'a> {
    /// Its Deployment.
    pub(super) deployment: &'a Deployment,
    /// Its value of the label.
    pub(super) value: &'a str,
    /// The ReplicaSet of its present template.
    pub(super) current: Option<&'a ReplicaSet>,
    /// All of its ReplicaSets.
    sets: Vec<&'a ReplicaSet>,
    /// Its ready endpoints in this Service; where endpoints were not read, its ready pods that the selector matches.
    pub(super) serves: i64,
}

impl<'a> Pair<'a> {
    /// Reads it off; `None` where the set is no Service that tells two Deployments apart.
    pub(super) fn of(objects: &'a ObjectSet) -> Option<Self> {
        let Workload::Service(service) = &objects.workload else { return None };
        let labels: Vec<&Labels> = objects.peers.iter().map(|peer| &peer.spec.template.labels).collect();
        let colour = colour(&service.selector, &labels)?;
        let own = objects.services.iter().find(|service| service.name == objects.target.name);
        let mut sides: Vec<Side<'a>> = (colour.sides.iter())
            .filter_map(|at| Side::of(&objects.peers[*at], &colour.key, objects))
            .collect();
        sides.sort_by(|a, b| a.value.cmp(b.value));
        let carried = |key: &String| sides.iter().any(|side| side.labels().contains_key(key));
        let strays = (service.selector.iter())
            .filter(|(key, _)| !carried(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let mut pair = Self { objects, service, key: colour.key, sides, strays, foreign: None };
        pair.count(own);
        Some(pair)
    }

    fn count(&mut self, own: Option<&Service>) {
        let Some(endpoints) = own.and_then(|service| service.endpoints.as_ref()) else {
            let counts: Vec<i64> =
                self.sides.iter().map(|side| self.ready(side, &self.service.selector)).collect();
            self.sides.iter_mut().zip(counts).for_each(|(side, count)| side.serves = count);
            return;
        };
        let mut ready: BTreeSet<Option<&Name>> = BTreeSet::new();
        let mut nameless = 0;
        for endpoint in endpoints.iter().filter(|endpoint| endpoint.ready) {
            nameless += i64::from(endpoint.pod.is_none());
            ready.insert(endpoint.pod.as_ref());
        }
        ready.remove(&None);
        let objects = self.objects;
        for side in &mut self.sides {
            let own = side.pods(objects).filter(|pod| ready.contains(&Some(&pod.name)));
            side.serves = count(own);
        }
        let ours: i64 = self.sides.iter().map(|side| side.serves).sum();
        self.foreign = Some(nameless + count(ready.iter()) - ours);
    }

    /// The side of a value.
    pub(super) fn side(&self, value: &str) -> Option<&Side<'a>> {
        self.sides.iter().find(|side| side.value == value)
    }

    /// The side that the selector names, whether or not it is reached.
    pub(super) fn named(&self) -> Option<&Side<'a>> {
        self.side(self.service.selector.get(&self.key)?)
    }

    /// The side that carries the load now.
    pub(super) fn serving(&self) -> Option<&Side<'a>> {
        self.sides.iter().filter(|side| side.serves > 0).max_by_key(|side| side.serves)
    }

    /// Ready endpoints now, of whomever.
    pub(super) fn load(&self) -> i64 {
        self.sides.iter().map(|side| side.serves).sum::<i64>() + self.foreign.unwrap_or(0)
    }

    /// The selector matches no pod, and cannot: a stray key, or a value that no side has.
    pub(super) fn selects_nothing(&self) -> bool {
        !self.strays.is_empty() || self.named().is_none()
    }

    /// Nobody serves, as far as endpoints were read.
    pub(super) fn dark(&self) -> bool {
        self.objects.depth == Depth::Full && self.load() == 0
    }

    /// The whole selector that matches a side and nothing else of the pair: the present one with the side's value and
    /// without strays. `None` where the side does not carry all of the other keys: such a selector would match nobody.
    pub(super) fn selector_for(&self, side: &Side<'_>) -> Option<Labels> {
        let mut selector = self.service.selector.clone();
        selector.retain(|key, _| !self.strays.iter().any(|(stray, _)| stray == key));
        selector.insert(self.key.clone(), side.value.to_owned());
        matches(&selector, side.labels()).then_some(selector)
    }

    /// Ready pods of a side that a selector would match.
    pub(super) fn ready(&self, side: &Side<'_>, selector: &Labels) -> i64 {
        if self.objects.depth == Depth::Listed {
            let matched = matches(selector, side.labels());
            return if matched { side.deployment.status.ready_replicas } else { 0 };
        }
        let fits = |pod: &&Pod| side.set_of(pod).is_some_and(|set| matches(selector, &set.metadata.labels));
        count(side.pods(self.objects).filter(|pod| pod.ready && !pod.terminating).filter(fits))
    }

    /// Ready pods of a side that a switch to it would reach.
    pub(super) fn standing_by(&self, side: &Side<'_>) -> i64 {
        self.selector_for(side).map_or(0, |selector| self.ready(side, &selector))
    }

    /// The side whose template changed last; `None` where two of them changed in the same second.
    pub(super) fn newest(&self) -> Option<&Side<'a>> {
        let newest = self.sides.iter().max_by_key(|side| side.changed())?;
        let alone = self.sides.iter().filter(|side| side.changed() == newest.changed()).count() == 1;
        (alone && newest.changed().is_some()).then_some(newest)
    }

    /// When the Service's spec was last written, as its field managers say.
    pub(super) fn switched(&self) -> Option<Time> {
        let managers = self.service.face.metadata.managers.iter();
        managers.filter(|manager| manager.subresource.is_empty()).filter_map(|manager| manager.time).max()
    }

    /// The version on its way, if one is: the newer side, while both sides have pods, if it is less than a day old and
    /// was not rolled back from. Before the cut-over it only has to be there; after it, the release is on its way for an
    /// hour longer, because a pair has no controller that would say when it is done. Outside of that, the pair is at
    /// rest, and a stop leaves it alone.
    pub(super) fn candidate(&self, known: &Known) -> Option<&Side<'a>> {
        let newest = self.newest()?;
        let others = self.sides.iter().filter(|side| side.value != newest.value);
        if newest.size() == 0 || others.map(Side::size).max() == Some(0) {
            return None;
        }
        let changed = newest.changed()?;
        let fresh = known.now - changed < TimeDelta::hours(CANDIDATE_HOURS);
        let condemned = newest.hash().is_some_and(|hash| known.condemned.contains(&hash));
        let since = self.switched().map_or(changed, |switched| switched.max(changed));
        let undoable = known.now - since < TimeDelta::minutes(UNDO_MINUTES);
        let before = self.named().is_none_or(|named| named.value != newest.value);
        (fresh && !condemned && (before || undoable)).then_some(newest)
    }

    /// Whether a release is on its way; a selector that matches nobody while pods stand by is no rest either.
    pub(super) fn in_flight(&self, known: &Known) -> bool {
        self.candidate(known).is_some() || self.cut_off()
    }

    /// The selector is at fault that nobody serves: ready pods stand by.
    pub(super) fn cut_off(&self) -> bool {
        self.dark() && self.selects_nothing() && self.sides.iter().any(|side| self.standing_by(side) > 0)
    }
}

impl<'a> Side<'a> {
    fn of(deployment: &'a Deployment, key: &str, objects: &'a ObjectSet) -> Option<Self> {
        let value = deployment.spec.template.labels.get(key)?;
        let owned = |set: &&ReplicaSet| {
            set.metadata.controller().is_some_and(|owner| owner.uid == deployment.metadata.uid)
        };
        let sets: Vec<&ReplicaSet> = objects.replica_sets.iter().filter(owned).collect();
        let same = sets.iter().filter(|set| set.spec.template.digest == deployment.spec.template.digest);
        let numbered =
            || sets.iter().find(|set| set.revision().is_some() && set.revision() == deployment.revision());
        let current = same.min_by_key(|set| set.metadata.created).or_else(numbered).copied();
        Some(Self { deployment, value, current, sets, serves: 0 })
    }

    /// Labels of its pods.
    pub(super) fn labels(&self) -> &'a Labels {
        &self.deployment.spec.template.labels
    }

    fn set_of(&self, pod: &Pod) -> Option<&'a ReplicaSet> {
        self.sets.iter().find(|set| Some(&set.metadata.name) == pod.owner.as_ref()).copied()
    }

    /// Its pods.
    pub(super) fn pods<'b>(&'b self, objects: &'b ObjectSet) -> impl Iterator<Item = &'b Pod> {
        objects.pods.iter().filter(|pod| self.set_of(pod).is_some())
    }

    /// Pods that it has or is to have.
    pub(super) fn size(&self) -> i64 {
        self.deployment.wanted().max(self.deployment.status.replicas)
    }

    /// The revision that evidence is kept under: its colour is used again by the next release, a hash is not.
    pub(super) fn hash(&self) -> Option<TemplateHash> {
        self.current.map(ReplicaSet::hash)
    }

    /// When its present template came.
    pub(super) fn changed(&self) -> Option<Time> {
        let condition = self.deployment.condition("Progressing");
        let updated = condition.and_then(|condition| condition.last_update_time);
        let set = self.current.and_then(|set| set.metadata.created);
        set.or(updated).or(self.deployment.metadata.created)
    }

    /// What people call what it runs: `green (1.8.3)`.
    pub(super) fn full_name(&self, other: Option<&Side<'_>>) -> String {
        let other = other.map(|other| &other.deployment.spec.template);
        format!("{} ({})", self.value, version_name(&self.deployment.spec.template, other))
    }
}

/// Whether labels satisfy a selector; an empty one matches nothing.
pub(super) fn matches(selector: &Labels, labels: &Labels) -> bool {
    !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}
