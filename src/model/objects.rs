//! All that is known of one workload at one moment: the input of every strategy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::analysis::AnalysisRun;
use super::canary::Canary;
use super::deployment::Deployment;
use super::ids::{TemplateHash, Uid};
use super::meta::Meta;
use super::owner::Driver;
use super::pod::Pod;
use super::replicaset::ReplicaSet;
use super::rollout::Rollout;
use super::route::Route;
use super::service::{Autoscaler, Service};
use super::sets::{ControllerRevision, DaemonSet, StatefulSet};
use super::switch::Switch;
use super::target::Target;
use super::template::{Template, TemplateDigest, TemplateKey};
use super::text::Text;

/// One workload and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectSet {
    /// Which workload.
    pub target: Target,
    /// The workload itself.
    pub workload: Workload,
    /// How much of the rest was read.
    pub depth: Depth,
    /// ReplicaSets that it or one of its peers owns.
    pub replica_sets: Vec<ReplicaSet>,
    /// Pods that it or one of its peers owns.
    pub pods: Vec<Pod>,
    /// Services that select its pods, and those that it names.
    pub services: Vec<Service>,
    /// Autoscalers that scale it or one of its peers.
    pub autoscalers: Vec<Autoscaler>,
    /// Deployments that it sends traffic to or drives, by name: the sides of a blue/green pair, target and primary of a
    /// Canary, the versions behind a route.
    pub peers: Vec<Deployment>,
    /// Routes that it names, or that belong to it.
    pub routes: Vec<Route>,
    /// AnalysisRuns that it owns, oldest first.
    pub analyses: Vec<AnalysisRun>,
    /// ControllerRevisions that it owns.
    pub history: Vec<ControllerRevision>,
    /// Another controller that drives it, if one was found.
    pub driver: Option<Driver>,
}

impl ObjectSet {
    /// A set of nothing but the workload.
    #[must_use]
    pub fn bare(target: Target, workload: Workload, driver: Option<Driver>) -> Self {
        Self {
            target,
            workload,
            depth: Depth::Listed,
            replica_sets: Vec::new(),
            pods: Vec::new(),
            services: Vec::new(),
            autoscalers: Vec::new(),
            peers: Vec::new(),
            routes: Vec::new(),
            analyses: Vec::new(),
            history: Vec::new(),
            driver,
        }
    }

    /// Puts a newer reading of one of its objects in the place of the older one. What is not of this set is passed over.
    pub fn enter(&mut self, target: &Target, object: Workload) {
        if self.target == *target {
            self.workload = object;
            return;
        }
        match object {
            Workload::Deployment(deployment) => {
                let name = &deployment.metadata.name;
                if let Some(peer) = self.peers.iter_mut().find(|peer| peer.metadata.name == *name) {
                    *peer = *deployment;
                }
            }
            Workload::Route(route) => {
                let same = |known: &&mut Route| {
                    known.kind == route.kind && known.face.metadata.name == route.face.metadata.name
                };
                if let Some(known) = self.routes.iter_mut().find(same) {
                    *known = *route;
                }
            }
            Workload::Service(switch) => {
                let name = &switch.face.metadata.name;
                if let Some(service) = self.services.iter_mut().find(|service| service.name == *name) {
                    service.selector = switch.selector;
                }
            }
            Workload::Rollout(_)
            | Workload::Canary(_)
            | Workload::StatefulSet(_)
            | Workload::DaemonSet(_)
            | Workload::Listed(_) => {}
        }
    }

    /// Whether one of its peers or routes is certainly older than in `known`: a set from a watch may hold them as they
    /// were before our own write, whose answer `known` has.
    #[must_use]
    pub fn is_behind(&self, known: &Self) -> bool {
        let peer =
            |one: &Deployment| known.peers.iter().any(|other| is_before(&one.metadata, &other.metadata));
        let route = |one: &Route| {
            let meta = &one.face.metadata;
            known.routes.iter().any(|other| is_before(meta, &other.face.metadata))
        };
        self.peers.iter().any(peer) || self.routes.iter().any(route)
    }

    /// Takes over what `known` has newer.
    pub fn catch_up(&mut self, known: &Self) {
        for peer in &mut self.peers {
            if let Some(newer) = known.peers.iter().find(|other| is_before(&peer.metadata, &other.metadata)) {
                *peer = newer.clone();
            }
        }
        for route in &mut self.routes {
            let newer =
                known.routes.iter().find(|other| is_before(&route.face.metadata, &other.face.metadata));
            if let Some(newer) = newer {
                *route = newer.clone();
            }
        }
    }

    /// Objects whose standing still means something, with their metadata: the workload, its peers and its routes.
    pub fn watched(&self) -> impl Iterator<Item = (Target, &Meta)> {
        let namespace = self.target.namespace.as_str();
        let peers = self.peers.iter().map(move |peer| {
            let name = peer.metadata.name.as_str();
            (Target::new(super::kind::WorkloadKind::Deployment, namespace, name), &peer.metadata)
        });
        let routes = self.routes.iter().map(move |route| {
            let meta = &route.face.metadata;
            (Target::new(route.kind, namespace, meta.name.as_str()), meta)
        });
        std::iter::once((self.target.clone(), self.workload.meta())).chain(peers).chain(routes)
    }
}

/// Whether it is an earlier reading of the same object. Where versions are no integers, nobody can say.
fn is_before(one: &Meta, other: &Meta) -> bool {
    one.uid == other.uid && one.resource_version.older_than(&other.resource_version) == Some(true)
}

/// How much of a workload was read. Nothing may be concluded from the absence of what was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Depth {
    /// Only the workload object, from the watch of its kind; where ReplicaSets may not be read, its pods too.
    Listed,
    /// Also ReplicaSets, pods, Services, endpoints and autoscalers.
    Full,
}

/// The workload object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Workload {
    /// A Deployment.
    Deployment(Box<Deployment>),
    /// An Argo Rollout.
    Rollout(Box<Rollout>),
    /// A Flagger Canary.
    Canary(Box<Canary>),
    /// A StatefulSet.
    StatefulSet(Box<StatefulSet>),
    /// A DaemonSet.
    DaemonSet(Box<DaemonSet>),
    /// A Service that switches between the sides of a pair.
    Service(Box<Switch>),
    /// A route that splits traffic.
    Route(Box<Route>),
    /// A kind that is listed but not driven here.
    Listed(Box<ListedWorkload>),
}

/// What every workload that is no Deployment has in common: enough for the overview.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedWorkload {
    /// Metadata.
    pub metadata: Meta,
    /// Wanted pods.
    pub wanted: i64,
    /// Ready pods.
    pub ready: i64,
    /// First image of the template, as written.
    pub images: Vec<super::template::ContainerImage>,
    /// The controller's own word for its state (`Progressing`, `Paused`, `Succeeded` ...), if it has one.
    pub phase: Text,
    /// The controller's sentence about it.
    pub message: Text,
    /// Whether something is on its way, as far as the object tells.
    pub moving: bool,
    /// Whether its controller reports a failure.
    pub failed: bool,
    /// Selector of its pods, where the kind has one.
    pub selector: super::deployment::Selector,
    /// Name of the workload that this object drives (`targetRef`, `workloadRef`), if any.
    pub drives: Option<Target>,
}

impl Workload {
    /// Its metadata.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Deployment(deployment) => &deployment.metadata,
            Self::Rollout(rollout) => &rollout.face.metadata,
            Self::Canary(canary) => &canary.face.metadata,
            Self::StatefulSet(set) => &set.face.metadata,
            Self::DaemonSet(set) => &set.face.metadata,
            Self::Service(switch) => &switch.face.metadata,
            Self::Route(route) => &route.face.metadata,
            Self::Listed(listed) => &listed.metadata,
        }
    }

    /// What it has in common with every workload; a Deployment tells more by itself.
    #[must_use]
    pub fn face(&self) -> Option<&ListedWorkload> {
        match self {
            Self::Deployment(_) => None,
            Self::Rollout(rollout) => Some(&rollout.face),
            Self::Canary(canary) => Some(&canary.face),
            Self::StatefulSet(set) => Some(&set.face),
            Self::DaemonSet(set) => Some(&set.face),
            Self::Service(switch) => Some(&switch.face),
            Self::Route(route) => Some(&route.face),
            Self::Listed(listed) => Some(listed),
        }
    }

    /// Identity of what it wants: the template of its pods, or where it sends the traffic.
    #[must_use]
    pub fn digest(&self) -> Option<TemplateDigest> {
        match self {
            Self::Deployment(deployment) => Some(deployment.spec.template.digest),
            Self::Rollout(rollout) => Some(rollout.spec.template.digest),
            Self::StatefulSet(set) => Some(set.template.digest),
            Self::DaemonSet(set) => Some(set.template.digest),
            Self::Service(switch) => Some(TemplateDigest::of(&switch.selector)),
            Self::Route(route) => Some(TemplateDigest::of(&route.weights())),
            Self::Canary(_) | Self::Listed(_) => None,
        }
    }

    /// Selector of its own pods, where it has any.
    #[must_use]
    pub fn selector(&self) -> Option<&super::deployment::Selector> {
        match self {
            Self::Deployment(deployment) => Some(&deployment.spec.selector),
            other => other.face().map(|face| &face.selector),
        }
    }

    /// Its life.
    #[must_use]
    pub fn uid(&self) -> &Uid {
        &self.meta().uid
    }
}

/// What the core knows of a workload besides its objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Whole templates that were read.
    pub templates: BTreeMap<TemplateKey, Template>,
    /// Revisions that some console saw complete, oldest first, with when.
    pub seen_complete: Vec<SeenComplete>,
    /// Revisions that somebody rolled back from or stopped: no evidence makes them good again.
    pub condemned: BTreeSet<TemplateHash>,
    /// The version that the plan names as the one before (`release.previous`).
    pub previous: Option<Text>,
    /// What stood in the field by which a hold keeps a set from replacing pods, while that hold is in force.
    pub fenced: Option<serde_json::Value>,
    /// The moment of the question: where no controller says when a release is done, its age has to.
    pub now: super::Time,
}

/// A revision that was seen complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenComplete {
    /// uid of the workload.
    pub workload: Uid,
    /// Which revision.
    pub hash: TemplateHash,
    /// When it was seen.
    pub at: super::Time,
}

/// A shared object set.
pub type SharedSet = Arc<ObjectSet>;

#[cfg(test)]
mod tests {
    use super::super::ids::ResourceVersion;
    use super::super::kind::WorkloadKind;
    use super::super::recorded;

    #[test]
    fn an_answer_is_not_undone_by_a_look_from_before_it() {
        let (before, _) = recorded::workload("flagger", "gatewayapi-progressing-20", WorkloadKind::Canary);
        let mut after = before.clone();
        after.routes[0].face.metadata.resource_version = ResourceVersion("9999999".to_owned());
        after.routes[0].rules[0].backends[1].weight = 0;
        let mut late = before.clone();
        assert!(late.is_behind(&after) && !after.is_behind(&before));
        late.catch_up(&after);
        assert_eq!(late, after);
    }
}
