//! From shelves to observations: one object set for each workload that changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::time::Instant;

use super::View;
use super::shelf::Shelf;
use super::start::Running;
use super::store::Store;
use super::streams::{Place, Select, StreamId, has_replica_sets, history};
use crate::model::ids::{Name, Namespace, Uid};
use crate::model::kind::WorkloadKind;
use crate::model::meta::Meta;
use crate::model::objects::{Depth, ObjectSet, Workload};
use crate::model::observation::{Observation, PodLine, StreamState};
use crate::model::pod::Pod;
use crate::model::relations::Relations;
use crate::model::replicaset::ReplicaSet;
use crate::model::service::{Autoscaler, Endpoint, Service};
use crate::model::target::Target;

impl View {
    /// Says what changed since the last time; equal sets are not said again.
    pub(super) fn flush(&mut self) {
        self.map();
        for target in std::mem::take(&mut self.dirty) {
            self.flush_target(target);
        }
        if self.table_is_due() {
            self.table_dirty = false;
            self.table_said = Instant::now();
            let whole = self.tables_are_whole();
            let mut rows = self.store.lines();
            if rows.iter().any(|row| !self.in_scope(row)) {
                Arc::make_mut(&mut rows).retain(|row| self.in_scope(row));
            }
            self.table_shown_whole = whole;
            self.say(Observation::PodTable { rows, whole });
        }
        if self.listing_is_due() {
            self.listed = true;
            self.say(Observation::Listed { namespaces: self.namespaces() });
            for (stream, revisions) in &self.revisions {
                self.say_changes(stream, revisions);
            }
        }
        self.look_elsewhere();
    }

    /// Which objects belong together may have changed, and with it what is to be watched.
    fn map(&mut self) {
        if !std::mem::take(&mut self.topology_dirty) {
            return;
        }
        let changed = self.store.map();
        let wanted = changed.iter().any(|target| self.wanted.details.contains(target));
        self.dirty.extend(changed);
        if wanted {
            self.reconcile();
        }
    }

    /// What moves in other namespaces matters while there is nothing to see in these.
    fn look_elsewhere(&mut self) {
        let nothing =
            self.listed && !self.sent.keys().any(|target| self.wanted.scope.contains(&target.namespace));
        if nothing != self.known.nothing_in_view {
            self.known.nothing_in_view = nothing;
            self.reconcile();
        }
    }

    /// Whether each table brought its list or was refused.
    fn tables_are_whole(&self) -> bool {
        self.streams.keys().filter(|id| matches!(id, StreamId::Table(_))).all(|id| self.is_answered(id))
    }

    fn in_scope(&self, row: &PodLine) -> bool {
        self.wanted.scope.contains(&row.namespace)
    }

    fn flush_target(&mut self, target: Target) {
        let in_view = self.wanted.scope.contains(&target.namespace) || self.wanted.details.contains(&target);
        if !in_view {
            // not gone, only out of sight
            self.sent.remove(&target);
            return;
        }
        let Some(set) = self.assemble(&target) else {
            let known = self.sent.contains_key(&target);
            if known && self.may_say_gone(&target) {
                self.sent.remove(&target);
                self.say(Observation::Gone { target });
            }
            return;
        };
        if self.sent.get(&target).is_some_and(|sent| **sent == set) {
            return;
        }
        let snapshot = Arc::new(set);
        self.sent.insert(target, Arc::clone(&snapshot));
        let seen = self.seen.unwrap_or_else(|| (self.clock)());
        self.say(Observation::Objects { snapshot, seen });
    }

    /// A workload is gone when a whole list that would hold it does not.
    fn may_say_gone(&self, target: &Target) -> bool {
        // a Service or route that no longer tells versions apart is one among many
        let counts = self.store.workload(target).is_none_or(|_| self.store.counts(target));
        let in_turn = StreamId::Kind(target.kind, Place::In(target.namespace.clone()));
        !counts || self.kind_streams_of(target).chain([&in_turn]).any(|id| self.store.is_whole(id))
    }

    fn kind_streams_of<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = &'a StreamId> {
        self.streams.keys().filter(move |id| match id {
            StreamId::Kind(kind, Place::Everywhere) => *kind == target.kind,
            StreamId::Kind(kind, Place::In(namespace)) => {
                *kind == target.kind && *namespace == target.namespace
            }
            _ => false,
        })
    }

    /// Whether everything in view was listed once and was not yet said to be.
    pub(super) fn listing_is_due(&self) -> bool {
        !self.listed && self.known.extra_kinds.is_some() && self.kinds_are_answered()
    }

    /// Whether each watch of a kind brought its list or was refused.
    fn kinds_are_answered(&self) -> bool {
        self.streams.keys().filter(|id| matches!(id, StreamId::Kind(..))).all(|id| self.is_answered(id))
    }

    fn namespaces(&self) -> Vec<Namespace> {
        if let Some(known) = self.known.namespaces.as_ref().filter(|known| !known.is_empty()) {
            return known.clone();
        }
        let seen: BTreeSet<Namespace> = self.store.targets().map(|target| target.namespace).collect();
        seen.into_iter().collect()
    }

    fn assemble(&self, target: &Target) -> Option<ObjectSet> {
        let workload = self.store.workload(target).filter(|_| self.store.counts(target))?.clone();
        let driver = self.store.driver(target);
        let mut set = ObjectSet::bare(target.clone(), workload, driver);
        relate(&mut set, &self.store);
        if self.is_read_in_full(target) {
            set.depth = Depth::Full;
            fill(&mut set, &self.store);
        } else if self.are_sets_refused(target) {
            set.pods = pods_by_name(target, &self.store);
        }
        Some(set)
    }

    /// Whether ReplicaSets may not be read: the workload's pods are known by their names then.
    fn are_sets_refused(&self, target: &Target) -> bool {
        let refused = |(id, running): (&StreamId, &Running)| {
            matches!(id, StreamId::ReplicaSets(namespace, _) if *namespace == target.namespace)
                && matches!(running.state, Some(StreamState::Forbidden(_)))
        };
        self.wanted.details.contains(target)
            && has_replica_sets(target.kind)
            && self.streams.iter().any(refused)
    }

    /// Whether all parts of a workload were read. Pods and ReplicaSets must be there; Services and autoscalers may be
    /// refused.
    fn is_read_in_full(&self, target: &Target) -> bool {
        if !self.wanted.details.contains(target) {
            return false;
        }
        let namespace = &target.namespace;
        let selectors = self.store.selectors(target);
        let read = |of: &dyn Fn(Select) -> StreamId| {
            let by_label = |selector: &String| self.store.is_whole(&of(Select::Labels(selector.clone())));
            self.store.is_whole(&of(Select::All)) || selectors.iter().all(by_label)
        };
        let sets_read = !has_replica_sets(target.kind)
            || read(&|select| StreamId::ReplicaSets(namespace.clone(), select));
        let extras = [StreamId::Slices(namespace.clone()), StreamId::Autoscalers(namespace.clone())];
        !selectors.is_empty()
            && sets_read
            && read(&|select| StreamId::Pods(namespace.clone(), select))
            && extras.into_iter().chain(history(target)).all(|id| self.is_answered(&id))
            && self.are_services_answered(namespace)
    }

    fn are_services_answered(&self, namespace: &Namespace) -> bool {
        let covers = |id: &&StreamId| match id {
            StreamId::Kind(WorkloadKind::Service, Place::Everywhere) => true,
            StreamId::Kind(WorkloadKind::Service, Place::In(place)) => place == namespace,
            _ => false,
        };
        self.streams.keys().filter(covers).any(|id| self.is_answered(id))
    }

    fn is_answered(&self, id: &StreamId) -> bool {
        let state = self.streams.get(id).and_then(|running| running.state.as_ref());
        self.store.is_whole(id) || matches!(state, Some(StreamState::Forbidden(_)))
    }
}

/// What needs no watch of its own: other workloads, and routes.
fn relate(set: &mut ObjectSet, store: &Store) {
    set.peers = store.deployments_of(&set.target).cloned().collect();
    let named = Relations::of(&set.workload).routes;
    let siblings = store.topology().parts(&set.target).filter(|part| !part.kind.row().has_pods);
    let routes: BTreeSet<&Target> = named.iter().chain(siblings).collect();
    set.routes = (routes.into_iter())
        .filter_map(|route| match store.workload(route)? {
            Workload::Route(route) => Some(route.as_ref().clone()),
            _ => None,
        })
        .collect();
}

fn fill(set: &mut ObjectSet, store: &Store) {
    let namespace = set.target.namespace.clone();
    let mut owners: BTreeSet<Uid> = set.peers.iter().map(|peer| peer.metadata.uid.clone()).collect();
    owners.insert(set.workload.uid().clone());
    let owned = |meta: &Meta| meta.controller().is_some_and(|owner| owners.contains(&owner.uid));
    set.replica_sets =
        store.replica_sets(&namespace).filter(|replica_set| owned(&replica_set.metadata)).cloned().collect();
    set.pods = pods(set, store, &namespace);
    set.services = services(set, store, &namespace);
    set.autoscalers = (store.autoscalers(&namespace).into_iter())
        .flat_map(Shelf::iter)
        .map(|(_, scaler)| scaler)
        .filter(|scaler| scales(scaler, set))
        .cloned()
        .collect();
    set.analyses = (store.analyses(&namespace).into_iter())
        .flat_map(Shelf::iter)
        .map(|(_, run)| run.clone())
        .filter(|run| owned(&run.metadata))
        .collect();
    set.analyses.sort_by_key(|run| run.metadata.created);
    set.history = (store.history(&namespace).into_iter())
        .flat_map(Shelf::iter)
        .map(|(_, revision)| revision.clone())
        .filter(|revision| owned(&revision.metadata))
        .collect();
}

fn scales(scaler: &Autoscaler, set: &ObjectSet) -> bool {
    let own = scaler.target_kind == Some(set.target.kind) && scaler.target == set.target.name;
    let peer = scaler.target_kind == Some(WorkloadKind::Deployment)
        && set.peers.iter().any(|peer| peer.metadata.name == scaler.target);
    own || peer
}

/// A pod names its controlling owner: a ReplicaSet of the workload, or the workload itself.
fn pods(set: &ObjectSet, store: &Store, namespace: &Namespace) -> Vec<Pod> {
    let mut owners: BTreeSet<&Name> = set.replica_sets.iter().map(|owned| &owned.metadata.name).collect();
    if !has_replica_sets(set.target.kind) {
        owners.insert(&set.target.name);
    }
    let ours = |pod: &Pod| pod.owner.as_ref().is_some_and(|owner| owners.contains(owner));
    store.pods(namespace, ours).cloned().collect()
}

/// Pods whose owner is called as the ReplicaSets of this workload are: its name and their hash.
fn pods_by_name(target: &Target, store: &Store) -> Vec<Pod> {
    let named = |pod: &Pod| {
        let set = pod.owner.as_ref().and_then(|owner| owner.as_str().strip_suffix(pod.hash.as_str()));
        !pod.hash.as_str().is_empty()
            && set.and_then(|set| set.strip_suffix('-')) == Some(target.name.as_str())
    };
    store.pods(&target.namespace, named).cloned().collect()
}

/// Services whose selector matches the workload's pods, by the labels that its selector guarantees and its ReplicaSets
/// show.
fn services(set: &ObjectSet, store: &Store, namespace: &Namespace) -> Vec<Service> {
    let slices = store.slices(namespace);
    let labels = labels(set);
    let named = Relations::of(&set.workload).services;
    (store.services(namespace))
        .map(|switch| Service {
            name: switch.face.metadata.name.clone(),
            selector: switch.selector.clone(),
            endpoints: None,
        })
        .filter(|service| {
            named.contains(&service.name) || labels.iter().any(|labels| service.selects(labels))
        })
        .map(|service| {
            let endpoints = slices.filter(|shelf| shelf.is_whole()).map(|shelf| {
                let of_service =
                    shelf.iter().map(|(_, slice)| slice).filter(|slice| slice.service == service.name);
                of_service.flat_map(|slice| &slice.endpoints).cloned().collect::<BTreeSet<Endpoint>>()
            });
            Service { endpoints: endpoints.map(|set| set.into_iter().collect()), ..service }
        })
        .collect()
}

/// Label sets that pods of the workload carry. A ReplicaSet's own labels are those of its template.
fn labels(set: &ObjectSet) -> Vec<BTreeMap<String, String>> {
    let of_set = |owned: &ReplicaSet| owned.metadata.labels.clone();
    let mut all: Vec<BTreeMap<String, String>> = set.replica_sets.iter().map(of_set).collect();
    all.extend(set.workload.selector().map(|selector| selector.match_labels.clone()));
    all.extend(set.peers.iter().map(|peer| peer.spec.template.labels.clone()));
    all
}
