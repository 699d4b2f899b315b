//! What the objects of one Rollout say, asked in one place. Roles come from hashes and owners, never from names or ages.

use crate::model::deployment::Deployment;
use crate::model::ids::TemplateHash;
use crate::model::objects::{Depth, Known, ObjectSet, Workload};
use crate::model::pod::Pod;
use crate::model::replicaset::ReplicaSet;
use crate::model::rollout::{
    BlueGreenStrategy, CanaryStrategy, Rollout, RolloutSpec, RolloutStatus, TrafficRouting, WorkloadRef,
};
use crate::model::template::TemplateSummary;
use crate::model::text::Text;
use crate::strategy::version_name;

use super::routing;

/// One Rollout with everything that belongs to it.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) rollout: &'a Rollout,
    pub(super) objects: &'a ObjectSet,
    pub(super) known: &'a Known,
}

impl<'a> Scene<'a> {
    pub(super) fn of(objects: &'a ObjectSet, known: &'a Known) -> Option<Self> {
        match &objects.workload {
            Workload::Rollout(rollout) => Some(Self { rollout, objects, known }),
            Workload::Deployment(_)
            | Workload::Canary(_)
            | Workload::StatefulSet(_)
            | Workload::DaemonSet(_)
            | Workload::Service(_)
            | Workload::Route(_)
            | Workload::Listed(_) => None,
        }
    }

    pub(super) fn spec(&self) -> &'a RolloutSpec {
        &self.rollout.spec
    }

    pub(super) fn status(&self) -> &'a RolloutStatus {
        &self.rollout.status
    }

    pub(super) fn name(&self) -> &'a str {
        self.objects.target.name.as_str()
    }

    pub(super) fn wanted(&self) -> i64 {
        self.spec().replicas.unwrap_or(1)
    }

    pub(super) fn canary(&self) -> Option<&'a CanaryStrategy> {
        self.spec().strategy.canary.as_ref()
    }

    pub(super) fn blue_green(&self) -> Option<&'a BlueGreenStrategy> {
        self.spec().strategy.blue_green.as_ref()
    }

    /// Who splits the traffic; a basic canary has nobody.
    pub(super) fn router(&self) -> Option<&'a TrafficRouting> {
        self.canary()?.traffic_routing.as_ref()
    }

    /// Hash of the present template, as far as the controller has seen it.
    pub(super) fn current(&self) -> Option<&'a TemplateHash> {
        Some(&self.status().current_pod_hash).filter(|hash| !hash.is_empty())
    }

    /// Hash of the version that serves by right; none before the first version was complete.
    pub(super) fn stable(&self) -> Option<&'a TemplateHash> {
        Some(&self.status().stable).filter(|hash| !hash.is_empty())
    }

    /// The version on its way; also one that the controller takes for gone while a route still leads to it.
    pub(super) fn candidate(&self) -> Option<&'a TemplateHash> {
        let current = self.current().filter(|current| Some(*current) != self.stable());
        current.or_else(|| routing::stray(self).map(|stray| stray.hash))
    }

    /// Its own ReplicaSets.
    pub(super) fn sets(&self) -> impl Iterator<Item = &'a ReplicaSet> {
        let uid = &self.rollout.face.metadata.uid;
        let owned = move |set: &&ReplicaSet| set.metadata.controller().is_some_and(|owner| owner.uid == *uid);
        self.objects.replica_sets.iter().filter(owned)
    }

    pub(super) fn set_of(&self, hash: &TemplateHash) -> Option<&'a ReplicaSet> {
        self.sets().find(|set| set.hash() == *hash)
    }

    /// Ready pods of a version that stay.
    pub(super) fn pods_of(&self, hash: &TemplateHash) -> impl Iterator<Item = &'a Pod> {
        let set = self.set_of(hash).map(|set| &set.metadata.name);
        let of = move |pod: &&Pod| set.is_some() && pod.owner.as_ref() == set;
        self.objects.pods.iter().filter(of).filter(|pod| pod.ready && !pod.terminating)
    }

    pub(super) fn ready(&self, hash: &TemplateHash) -> i64 {
        i64::try_from(self.pods_of(hash).count()).unwrap_or(i64::MAX)
    }

    pub(super) fn available(&self, hash: &TemplateHash) -> i64 {
        self.set_of(hash).map_or(0, |set| set.status.available_replicas)
    }

    /// Available pods of the present version; the status counts those of every version.
    pub(super) fn serving(&self) -> i64 {
        let own = self.current().and_then(|hash| self.set_of(hash));
        own.map_or(self.status().available_replicas, |set| set.status.available_replicas)
    }

    /// Whether the controller takes a side for fully available: what its guards wait for.
    pub(super) fn is_whole(&self, hash: &TemplateHash) -> bool {
        let scaled_apart = self.router().is_none() && self.blue_green().is_none()
            || self.canary().is_some_and(|canary| canary.dynamic_stable_scale);
        let needed = match self.set_of(hash) {
            Some(set) if scaled_apart => set.spec.replicas,
            _ => self.wanted(),
        };
        let available = self.available(hash);
        available > 0 && available >= needed
    }

    /// Whether phase, steps and conditions are about the present spec.
    pub(super) fn is_observed(&self) -> bool {
        let reference = self.reference().is_none_or(|deployment| {
            let seen = &self.status().workload_observed_generation;
            seen.parse().is_ok_and(|seen: i64| seen >= deployment.metadata.generation)
        });
        self.rollout.is_observed() && reference
    }

    pub(super) fn workload_ref(&self) -> Option<&'a WorkloadRef> {
        self.spec().workload_ref.as_ref()
    }

    /// The Deployment that holds the template in the Rollout's place, where it was read.
    pub(super) fn reference(&self) -> Option<&'a Deployment> {
        let reference = self.workload_ref().filter(|reference| reference.kind == "Deployment")?;
        self.objects.peers.iter().find(|peer| peer.metadata.name == reference.name)
    }

    /// The wanted template, wherever it stands.
    pub(super) fn template(&self) -> &'a TemplateSummary {
        self.reference().map_or(&self.spec().template, |deployment| &deployment.spec.template)
    }

    /// An update is in flight while the present version is not the stable one, and while a route still leads elsewhere.
    pub(super) fn is_in_flight(&self) -> bool {
        self.current() != self.stable()
            || routing::stray(self).is_some()
            || (!self.is_observed() && self.is_another_template())
    }

    /// Before the controller has looked: the images differ from those of its present version. (Whole templates cannot be
    /// compared: the API fills in defaults of a ReplicaSet and not of a Rollout.)
    fn is_another_template(&self) -> bool {
        let seen = self.current().and_then(|hash| self.set_of(hash));
        seen.is_some_and(|set| set.spec.template.images != self.template().images)
    }

    /// Aborted, and not by now on its way again.
    pub(super) fn is_aborted(&self) -> bool {
        self.status().abort && self.current() != self.stable()
    }

    /// Whether the active Service was moved to the candidate, the candidate not being stable yet.
    pub(super) fn is_past_cut_over(&self) -> bool {
        let Some(candidate) = self.candidate() else { return false };
        self.blue_green()
            .and_then(|spec| routing::selected(self, &spec.active_service))
            .map_or(self.status().blue_green.active_selector == *candidate, |hash| hash == *candidate)
            && self.blue_green().is_some()
    }

    /// What people call a version.
    pub(super) fn version(&self, hash: &TemplateHash) -> Text {
        let summary = |hash: &TemplateHash| self.set_of(hash).map(|set| &set.spec.template);
        let other = if Some(hash) == self.current() { self.stable() } else { self.current() };
        let other = other.filter(|other| *other != hash).and_then(summary);
        summary(hash).map_or_else(|| Text::clean(hash.as_str()), |own| version_name(own, other))
    }

    /// Whether its ReplicaSets and pods were read.
    pub(super) fn is_full(&self) -> bool {
        self.objects.depth == Depth::Full
    }
}
