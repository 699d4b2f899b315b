//! The objects of a Canary by their parts in the play: target, primary, their revisions, and what they run.

use serde_json::Value;

use crate::model::canary::{Canary, Phase};
use crate::model::deployment::Deployment;
use crate::model::ids::Name;
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Depth, Known, ObjectSet, Workload};
use crate::model::pod::Pod;
use crate::model::replicaset::ReplicaSet;
use crate::model::target::Target;
use crate::model::template::{RESTARTED_AT, Template, TemplateSummary};

/// Annotation by which Flagger makes the primary's template differ from release to release.
const FLAGGER_ID: &str = "flagger-id";
/// Annotation by which a retry makes the target's template differ.
pub(super) const RETRIED: &str = "gonogo/retried";
/// What Flagger appends to names that the primary has of its own: labels, ConfigMaps, Secrets.
const OWN: &str = "-primary";

/// A Canary with what belongs to it.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) canary: &'a Canary,
    pub(super) objects: &'a ObjectSet,
    pub(super) known: &'a Known,
}

/// Whether two templates are of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Same {
    Yes,
    No,
    /// Their images are the same, and one of the templates is not read yet.
    Unread,
}

impl<'a> Pair<'a> {
    pub(super) fn of(objects: &'a ObjectSet, known: &'a Known) -> Option<Self> {
        match &objects.workload {
            Workload::Canary(canary) => Some(Self { canary, objects, known }),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> &'a str {
        self.objects.target.name.as_str()
    }

    pub(super) fn phase(&self) -> Phase {
        self.canary.status.phase
    }

    pub(super) fn suspended(&self) -> bool {
        self.canary.spec.suspend
    }

    fn target_name(&self) -> &'a str {
        self.canary.spec.target_ref.name.as_str()
    }

    /// Name of the apex Service.
    pub(super) fn apex(&self) -> &'a str {
        self.canary.spec.service_name(self.target_name())
    }

    /// Name of the Service in front of the primary.
    pub(super) fn primary_service(&self) -> Name {
        Name::new(format!("{}-primary", self.apex()))
    }

    /// Name of the Service in front of the target.
    pub(super) fn canary_service(&self) -> Name {
        Name::new(format!("{}-canary", self.apex()))
    }

    fn peer(&self, name: &str) -> Option<&'a Deployment> {
        self.objects.peers.iter().find(|peer| peer.metadata.name.as_str() == name)
    }

    /// The Deployment that people change: the canary.
    pub(super) fn target(&self) -> Option<&'a Deployment> {
        self.peer(self.target_name())
    }

    /// The Deployment that Flagger made: the stable side.
    pub(super) fn primary(&self) -> Option<&'a Deployment> {
        self.peer(&format!("{}{OWN}", self.target_name()))
    }

    /// Where requests for one of the two go.
    pub(super) fn address(&self, deployment: &Deployment) -> Target {
        let namespace = self.objects.target.namespace.as_str();
        Target::new(WorkloadKind::Deployment, namespace, deployment.metadata.name.as_str())
    }

    pub(super) fn is_read(&self) -> bool {
        self.objects.depth == Depth::Full
    }

    /// ReplicaSets of one of the two, oldest first.
    pub(super) fn sets(&self, deployment: &Deployment) -> Vec<&'a ReplicaSet> {
        let uid = &deployment.metadata.uid;
        let owned = |set: &&ReplicaSet| set.metadata.controller().is_some_and(|owner| owner.uid == *uid);
        let mut sets: Vec<&ReplicaSet> = self.objects.replica_sets.iter().filter(owned).collect();
        sets.sort_by_key(|set| set.revision());
        sets
    }

    /// The ReplicaSet of its present template, found as Kubernetes finds it: the oldest with an equal template.
    pub(super) fn current(&self, deployment: &Deployment) -> Option<&'a ReplicaSet> {
        let digest = deployment.spec.template.digest;
        let sets = self.sets(deployment);
        sets.into_iter()
            .filter(|set| set.spec.template.digest == digest)
            .min_by_key(|set| set.metadata.created)
    }

    /// The revision that the target asks for.
    pub(super) fn candidate(&self) -> Option<&'a ReplicaSet> {
        self.current(self.target()?)
    }

    /// The revision that the primary asks for.
    pub(super) fn serving(&self) -> Option<&'a ReplicaSet> {
        self.current(self.primary()?)
    }

    pub(super) fn template(&self, set: &ReplicaSet) -> Option<&'a Template> {
        self.known.templates.get(&set.key())
    }

    /// Whether two revisions, of whichever side, are one version: the same but for what Flagger itself changes.
    pub(super) fn same(&self, one: &ReplicaSet, other: &ReplicaSet) -> Same {
        let images = |summary: &TemplateSummary| summary.images.clone();
        if images(&one.spec.template) != images(&other.spec.template) {
            return Same::No;
        }
        let (Some(one), Some(other)) = (self.template(one), self.template(other)) else {
            return Same::Unread;
        };
        if essence(one.raw()) == essence(other.raw()) { Same::Yes } else { Same::No }
    }

    /// Whether primary and target ask for one version.
    pub(super) fn agree(&self) -> Same {
        match (self.serving(), self.candidate()) {
            (Some(primary), Some(target)) => self.same(primary, target),
            _ => Same::Unread,
        }
    }

    /// The target's own revision of a version of the primary: what goes back into the target's template.
    pub(super) fn counterpart(&self, of_primary: &ReplicaSet) -> Option<&'a ReplicaSet> {
        let sets = self.sets(self.target()?);
        // the present one first: nothing is to be put back then
        let current = self.candidate().into_iter();
        current.chain(sets.into_iter().rev()).find(|set| self.same(of_primary, set) == Same::Yes)
    }

    /// Pods of one of the two, those on their way out included.
    pub(super) fn pods(&self, deployment: &Deployment) -> impl Iterator<Item = &'a Pod> {
        let names: Vec<&Name> = self.sets(deployment).into_iter().map(|set| &set.metadata.name).collect();
        self.objects
            .pods
            .iter()
            .filter(move |pod| pod.owner.as_ref().is_some_and(|owner| names.contains(&owner)))
    }

    /// Whether the target can serve as Flagger judges it; scaled to nothing it serves nobody.
    pub(super) fn target_ready(&self) -> bool {
        self.target().is_some_and(|target| ready(target) && target.wanted() > 0)
    }

    /// Whether the primary can serve as Flagger judges it.
    pub(super) fn primary_ready(&self) -> bool {
        self.primary().is_some_and(ready)
    }

    /// Whether every pod of the primary is of its present template and available, and there are any.
    pub(super) fn primary_complete(&self) -> bool {
        self.primary().is_some_and(|primary| ready(primary) && primary.wanted() > 0)
    }
}

/// Ready as Flagger judges it: the rollout is over and every pod is available.
fn ready(deployment: &Deployment) -> bool {
    let status = &deployment.status;
    deployment.observed()
        && status.updated_replicas >= deployment.wanted()
        && status.replicas <= status.updated_replicas
        && status.available_replicas >= status.updated_replicas
}

/// A template without what tells target and primary of one version apart.
fn essence(template: &Value) -> Value {
    let mut bare = template.clone();
    if let Some(meta) = bare.get_mut("metadata").and_then(Value::as_object_mut) {
        let mut empty = false;
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            for key in [FLAGGER_ID, RETRIED, RESTARTED_AT] {
                annotations.remove(key);
            }
            empty = annotations.is_empty();
        }
        if empty {
            meta.remove("annotations");
        }
    }
    rename(&mut bare);
    bare
}

fn rename(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_suffix(OWN) {
                *text = name.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rename),
        Value::Object(members) => members.values_mut().for_each(rename),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
