//! What the streams brought, on one shelf for each stream.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::parts::Slice;
use super::shelf::Shelf;
use super::streams::{Place, Select, StreamId};
use super::table::Table;
use super::topology::Topology;
use crate::cluster::watch::Feed;
use crate::model::analysis::AnalysisRun;
use crate::model::deployment::{Deployment, Selector};
use crate::model::ids::{Name, Namespace, ResourceVersion};
use crate::model::kind::WorkloadKind;
use crate::model::meta::Meta;
use crate::model::objects::Workload;
use crate::model::observation::{Latch, PodLine};
use crate::model::owner::Driver;
use crate::model::pod::Pod;
use crate::model::relations::Relations;
use crate::model::replicaset::ReplicaSet;
use crate::model::service::Autoscaler;
use crate::model::sets::ControllerRevision;
use crate::model::switch::Switch;
use crate::model::target::Target;

type Shelves<K, V> = BTreeMap<StreamId, Shelf<K, V>>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Store {
    workloads: Shelves<Target, Workload>,
    replica_sets: Shelves<Name, ReplicaSet>,
    pods: Shelves<Name, Pod>,
    slices: Shelves<Name, Slice>,
    autoscalers: Shelves<Name, Autoscaler>,
    analyses: Shelves<Name, AnalysisRun>,
    history: Shelves<Name, ControllerRevision>,
    latches: Shelves<Namespace, Vec<Latch>>,
    tables: BTreeMap<StreamId, Table>,
    topology: Topology,
}

impl Store {
    /// Workloads of a kind; returns those that changed, and what they drive.
    pub(super) fn take_workloads(
        &mut self,
        id: &StreamId,
        feed: Feed<(Target, Workload)>,
    ) -> BTreeSet<Target> {
        let workloads = self.workloads.entry(id.clone()).or_default();
        let before: Vec<Target> = workloads.iter().filter_map(|(_, workload)| driven(workload)).collect();
        let mut changed: BTreeSet<Target> =
            workloads.take(feed, |known, item| newer(known.meta(), item.meta())).into_iter().collect();
        if !changed.is_empty() {
            let after = workloads.iter().filter_map(|(_, workload)| driven(workload));
            changed.extend(before.into_iter().chain(after));
        }
        changed
    }

    /// ReplicaSets; returns whether any changed.
    pub(super) fn take_replica_sets(&mut self, id: &StreamId, feed: Feed<(Name, ReplicaSet)>) -> bool {
        moved(self.replica_sets.entry(id.clone()).or_default(), feed, |known, item| {
            newer(&known.metadata, &item.metadata)
        })
    }

    /// Pods; returns whether any changed.
    pub(super) fn take_pods(&mut self, id: &StreamId, feed: Feed<(Name, Pod)>) -> bool {
        moved(self.pods.entry(id.clone()).or_default(), feed, |_, _| false)
    }

    /// Endpoints; returns whether any changed.
    pub(super) fn take_slices(&mut self, id: &StreamId, feed: Feed<(Name, Slice)>) -> bool {
        moved(self.slices.entry(id.clone()).or_default(), feed, |_, _| false)
    }

    /// Autoscalers; returns whether any changed.
    pub(super) fn take_autoscalers(&mut self, id: &StreamId, feed: Feed<(Name, Autoscaler)>) -> bool {
        moved(self.autoscalers.entry(id.clone()).or_default(), feed, |_, _| false)
    }

    /// AnalysisRuns; returns whether any changed.
    pub(super) fn take_analyses(&mut self, id: &StreamId, feed: Feed<(Name, AnalysisRun)>) -> bool {
        moved(self.analyses.entry(id.clone()).or_default(), feed, |known, item| {
            newer(&known.metadata, &item.metadata)
        })
    }

    /// ControllerRevisions; returns whether any changed.
    pub(super) fn take_history(&mut self, id: &StreamId, feed: Feed<(Name, ControllerRevision)>) -> bool {
        moved(self.history.entry(id.clone()).or_default(), feed, |known, item| {
            newer(&known.metadata, &item.metadata)
        })
    }

    /// Latches; returns the namespaces in which they changed.
    pub(super) fn take_latches(
        &mut self,
        id: &StreamId,
        feed: Feed<(Namespace, Vec<Latch>)>,
    ) -> Vec<Namespace> {
        self.latches.entry(id.clone()).or_default().take(feed, |_, _| false)
    }

    /// Rows of the pod table; returns whether any changed.
    pub(super) fn take_lines(&mut self, id: &StreamId, feed: Feed<Arc<PodLine>>) -> bool {
        self.tables.entry(id.clone()).or_default().take(feed)
    }

    /// Forgets what a stream brought; returns the workloads that may look different now.
    pub(super) fn drop_stream(&mut self, id: &StreamId) -> BTreeSet<Target> {
        self.replica_sets.remove(id);
        self.pods.remove(id);
        self.slices.remove(id);
        self.autoscalers.remove(id);
        self.analyses.remove(id);
        self.history.remove(id);
        self.latches.remove(id);
        self.tables.remove(id);
        self.workloads
            .remove(id)
            .map(|shelf| shelf.iter().map(|(target, _)| target.clone()).collect())
            .unwrap_or_default()
    }

    /// All workloads.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target> {
        self.workloads.values().flat_map(Shelf::iter).map(|(target, _)| target.clone())
    }

    /// A workload. Two streams may hold it while the scope changes.
    pub(super) fn workload(&self, target: &Target) -> Option<&Workload> {
        self.workloads.values().find_map(|shelf| shelf.get(target))
    }

    /// The selectors of a workload's pods, and of the Deployments that belong to it; none while it is not known.
    pub(super) fn selectors(&self, target: &Target) -> Vec<String> {
        let own = self.workload(target).and_then(Workload::selector).into_iter();
        let of_peers = self.deployments_of(target).map(|deployment| &deployment.spec.selector);
        own.chain(of_peers).map(Selector::query).filter(|selector| !selector.is_empty()).collect()
    }

    /// Deployments that a workload drives or sends traffic to.
    pub(super) fn deployments_of(&self, target: &Target) -> impl Iterator<Item = &Deployment> {
        let named = self.workload(target).map(|workload| Relations::of(workload).deployments);
        let sides = self.topology.sides(target).cloned();
        let all: BTreeSet<Target> = named.into_iter().chain(sides).flatten().collect();
        all.into_iter().filter_map(|peer| match self.workload(&peer)? {
            Workload::Deployment(deployment) => Some(deployment.as_ref()),
            _ => None,
        })
    }

    /// Reads off anew which objects belong together; returns the workloads whose picture changes with it.
    pub(super) fn map(&mut self) -> BTreeSet<Target> {
        let fresh = Topology::of(self.workloads.values());
        if fresh == self.topology {
            return BTreeSet::new();
        }
        let before = std::mem::replace(&mut self.topology, fresh);
        before.switches().chain(self.topology.switches()).cloned().collect()
    }

    /// Which objects belong together.
    pub(super) fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Whether an object counts as a workload: it has pods, or it tells versions apart.
    pub(super) fn counts(&self, target: &Target) -> bool {
        target.kind.row().has_pods || self.topology.sides(target).is_some()
    }

    /// The controller that drives a workload, if one is known: its owner, or whoever names it as its target.
    pub(super) fn driver(&self, target: &Target) -> Option<Driver> {
        let meta = self.workload(target)?.meta();
        if let Some(owner) = meta.controller().or(meta.owners.first()) {
            return Some(Driver::by_kind(&owner.kind, owner.name.as_str()));
        }
        let mut all = self.workloads.values().flat_map(Shelf::iter);
        all.find(|(_, workload)| driven(workload).as_ref() == Some(target))
            .map(|(driver, _)| Driver::by_kind(driver.kind.name(), driver.name.as_str()))
    }

    /// Deployments of a place.
    pub(super) fn deployments(&self) -> impl Iterator<Item = &Deployment> {
        self.workloads.values().flat_map(Shelf::iter).filter_map(|(_, workload)| match workload {
            Workload::Deployment(deployment) => Some(deployment.as_ref()),
            _ => None,
        })
    }

    /// Whether a stream brought a whole list.
    pub(super) fn is_whole(&self, id: &StreamId) -> bool {
        match id {
            StreamId::Kind(..) => whole(&self.workloads, id),
            StreamId::ReplicaSets(..) => whole(&self.replica_sets, id),
            StreamId::Pods(..) => whole(&self.pods, id),
            StreamId::Slices(_) => whole(&self.slices, id),
            StreamId::Autoscalers(_) => whole(&self.autoscalers, id),
            StreamId::Analyses(_) => whole(&self.analyses, id),
            StreamId::History(_) => whole(&self.history, id),
            StreamId::Latches(_) => whole(&self.latches, id),
            StreamId::Table(_) => self.tables.get(id).is_some_and(Table::is_whole),
            StreamId::Poll(_) => false,
        }
    }

    /// ReplicaSets of a namespace.
    pub(super) fn replica_sets<'a>(
        &'a self,
        namespace: &Namespace,
    ) -> impl Iterator<Item = &'a ReplicaSet> + use<'a> {
        let place = namespace.clone();
        let shelves = self.replica_sets.iter();
        unique(
            shelves.filter(move |(id, _)| matches!(id, StreamId::ReplicaSets(of, _) if *of == place)),
            |_| true,
        )
    }

    /// Pods of a namespace that are to be kept.
    pub(super) fn pods<'a>(
        &'a self,
        namespace: &Namespace,
        keep: impl Fn(&Pod) -> bool,
    ) -> impl Iterator<Item = &'a Pod> {
        let place = namespace.clone();
        let shelves = self.pods.iter();
        unique(shelves.filter(move |(id, _)| matches!(id, StreamId::Pods(of, _) if *of == place)), keep)
    }

    /// Services of a namespace.
    pub(super) fn services<'a>(
        &'a self,
        namespace: &Namespace,
    ) -> impl Iterator<Item = &'a Switch> + use<'a> {
        let place = namespace.clone();
        let services =
            self.workloads.iter().filter(|(id, _)| matches!(id, StreamId::Kind(WorkloadKind::Service, _)));
        let mut seen = BTreeSet::new();
        services
            .flat_map(|(_, shelf)| shelf.iter())
            .filter(move |(target, _)| target.namespace == place && seen.insert(*target))
            .filter_map(|(_, workload)| match workload {
                Workload::Service(switch) => Some(switch.as_ref()),
                _ => None,
            })
    }

    /// Endpoints of a namespace.
    pub(super) fn slices(&self, namespace: &Namespace) -> Option<&Shelf<Name, Slice>> {
        self.slices.get(&StreamId::Slices(namespace.clone()))
    }

    /// Autoscalers of a namespace.
    pub(super) fn autoscalers(&self, namespace: &Namespace) -> Option<&Shelf<Name, Autoscaler>> {
        self.autoscalers.get(&StreamId::Autoscalers(namespace.clone()))
    }

    /// AnalysisRuns of a namespace.
    pub(super) fn analyses(&self, namespace: &Namespace) -> Option<&Shelf<Name, AnalysisRun>> {
        self.analyses.get(&StreamId::Analyses(namespace.clone()))
    }

    /// ControllerRevisions of a namespace.
    pub(super) fn history(&self, namespace: &Namespace) -> Option<&Shelf<Name, ControllerRevision>> {
        self.history.get(&StreamId::History(namespace.clone()))
    }

    /// Latches of a namespace.
    pub(super) fn latches(&self, namespace: &Namespace) -> Vec<Latch> {
        self.latches.values().find_map(|shelf| shelf.get(namespace)).cloned().unwrap_or_default()
    }

    /// How many pods a namespace's watch of all pods holds.
    pub(super) fn pods_watched_in(&self, namespace: &Namespace) -> usize {
        self.pods.get(&StreamId::Pods(namespace.clone(), Select::All)).map_or(0, Shelf::len)
    }

    /// The rows of the pod table.
    pub(super) fn lines(&mut self) -> Arc<Vec<Arc<PodLine>>> {
        let mut tables: Vec<_> = self.tables.values_mut().map(Table::rows).collect();
        match (tables.pop(), tables.is_empty()) {
            (None, _) => Arc::default(),
            (Some(only), true) => only,
            (Some(last), false) => {
                tables.push(last);
                Arc::new(tables.iter().flat_map(|rows| rows.iter()).cloned().collect())
            }
        }
    }

    /// Rows in all pod tables.
    pub(super) fn table_len(&self) -> usize {
        self.tables.values().map(Table::len).sum()
    }

    /// Where latches are watched in one namespace each.
    pub(super) fn latch_place(id: &StreamId) -> Option<&Namespace> {
        match id {
            StreamId::Latches(Place::In(namespace)) => Some(namespace),
            _ => None,
        }
    }
}

fn moved<K: Ord + Clone, V: PartialEq>(
    shelf: &mut Shelf<K, V>,
    feed: Feed<(K, V)>,
    newer: impl Fn(&V, &V) -> bool,
) -> bool {
    let was_whole = shelf.is_whole();
    // an empty list is news as well: what was not read is read now
    !shelf.take(feed, newer).is_empty() || shelf.is_whole() != was_whole
}

fn whole<K: Ord + Clone, V: PartialEq>(shelves: &Shelves<K, V>, id: &StreamId) -> bool {
    shelves.get(id).is_some_and(Shelf::is_whole)
}

/// Selectors may overlap: an object is taken from the first stream that holds it. Only what is kept is compared with
/// the rest.
fn unique<'a, V: 'a + PartialEq>(
    shelves: impl Iterator<Item = (&'a StreamId, &'a Shelf<Name, V>)>,
    keep: impl Fn(&V) -> bool,
) -> impl Iterator<Item = &'a V> {
    let mut seen = BTreeSet::new();
    shelves
        .flat_map(|(_, shelf)| shelf.iter())
        .filter(move |(name, item)| keep(item) && seen.insert(*name))
        .map(|(_, item)| item)
}

/// Whether what is known is newer than what came in (a receipt overtakes a watch; a relist may come from a cache).
fn newer(known: &Meta, item: &Meta) -> bool {
    let version = |meta: &Meta| -> ResourceVersion { meta.resource_version.clone() };
    known.uid == item.uid && version(item).older_than(&version(known)) == Some(true)
}

fn driven(workload: &Workload) -> Option<Target> {
    workload.face().and_then(|face| face.drives.clone())
}
