//! Which streams are needed for what is wanted, as a pure function.

use std::collections::{BTreeMap, BTreeSet};

use super::Wanted;
use super::store::Store;
use crate::model::ids::Namespace;
use crate::model::kind::{KINDS, WorkloadKind};
use crate::model::target::{Scope, Target};

/// At most this many streams run at once (a watch asks again every ten seconds).
const MOST_STREAMS: usize = 40;
/// With this many namespaces or more, one watch of all of them is cheaper.
const MANY_NAMESPACES: usize = 3;
/// Up to this many namespaces are tabled one by one.
const MOST_TABLES: usize = 12;
/// In a big namespace, pods are watched by selector for at most this many workloads.
const MOST_DETAILS: usize = 12;

/// One stream, with everything that makes it what it is: another selector is another stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StreamId {
    /// The workloads of a kind.
    Kind(WorkloadKind, Place),
    /// `gonogo-stop`.
    Latches(Place),
    /// ReplicaSets.
    ReplicaSets(Namespace, Select),
    /// Pods.
    Pods(Namespace, Select),
    /// Services.
    Services(Namespace),
    /// EndpointSlices.
    Slices(Namespace),
    /// Autoscalers.
    Autoscalers(Namespace),
    /// Pods in bulk.
    Table(Place),
    /// Not watched, but asked for now and then.
    Poll(Poll),
}

/// What is asked for now and then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Poll {
    /// Which kinds does the cluster serve?
    Discovery,
    /// Which namespaces are there?
    Namespaces,
    /// How many pods are in a namespace?
    Size(Namespace),
    /// Recent changes.
    Changes(Place),
    /// Events about a workload.
    Events(Target),
    /// What moves in other namespaces.
    Elsewhere,
}

/// Where a stream looks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// In all namespaces.
    Everywhere,
    /// In one.
    In(Namespace),
}

/// Which objects of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Select {
    /// All.
    All,
    /// Those that match a label selector.
    Labels(String),
}

/// How big a namespace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// One watch of all pods is cheap.
    Small,
    /// Pods are watched by selector.
    Big,
}

/// What was learned on the way and shapes the plan.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Kinds that are served besides the built-in ones; `None` before discovery.
    pub extra_kinds: Option<BTreeSet<WorkloadKind>>,
    /// Streams over all namespaces that are forbidden: these kinds are watched by namespace.
    pub narrow: BTreeSet<StreamId>,
    /// Sizes of namespaces.
    pub sizes: BTreeMap<Namespace, Size>,
    /// Namespaces that exist: none where they may not be listed, `None` before the answer.
    pub namespaces: Option<Vec<Namespace>>,
}

impl Known {
    /// Another scope may have other rights.
    pub(super) fn forget_refusals(&mut self) {
        self.narrow.clear();
    }

    /// The kinds to watch.
    pub(super) fn kinds(&self) -> impl Iterator<Item = WorkloadKind> {
        KINDS
            .iter()
            .filter(|row| {
                row.built_in || self.extra_kinds.as_ref().is_some_and(|extra| extra.contains(&row.kind))
            })
            .map(|row| row.kind)
    }
}

/// The streams that should run now.
pub(super) fn plan(wanted: &Wanted, known: &Known, store: &Store) -> BTreeSet<StreamId> {
    let mut plan = Vec::from([Poll::Discovery, Poll::Namespaces].map(StreamId::Poll));
    // Deployments first: where there are more namespaces than streams, they are what matters
    for kind in known.kinds() {
        plan.extend(places(wanted, known, &|place| StreamId::Kind(kind, place)));
    }
    plan.extend(beyond_scope(wanted));
    plan.extend(details(wanted, known, store));
    plan.extend(places(wanted, known, &StreamId::Latches));
    if wanted.pod_table {
        plan.extend(tables(wanted, known));
    }
    if wanted.changes {
        plan.extend(places(wanted, known, &|place| StreamId::Poll(Poll::Changes(place))));
    }
    if wanted.elsewhere && wanted.scope != Scope::All {
        plan.push(StreamId::Poll(Poll::Elsewhere));
    }
    plan.extend(wanted.events.clone().map(Poll::Events).map(StreamId::Poll));
    // the first word counts where the bound cuts
    let mut cut = BTreeSet::new();
    for id in plan {
        if cut.len() < MOST_STREAMS {
            cut.insert(id);
        }
    }
    cut
}

/// Where a kind of stream has to look to cover the scope.
fn places(wanted: &Wanted, known: &Known, of: &dyn Fn(Place) -> StreamId) -> Vec<StreamId> {
    let wide = of(Place::Everywhere);
    let forbidden = known.narrow.contains(&wide);
    match &wanted.scope {
        Scope::All if forbidden => vec![of(Place::In(wanted.home.clone()))],
        Scope::Namespaces(names) if forbidden || names.len() < MANY_NAMESPACES => {
            names.iter().map(|name| of(Place::In(name.clone()))).collect()
        }
        Scope::All | Scope::Namespaces(_) => vec![wide],
    }
}

/// A bare table of all namespaces does not say where its rows are from, and one with metadata is thirty times as
/// large: a few namespaces are asked for one by one.
fn tables(wanted: &Wanted, known: &Known) -> Vec<StreamId> {
    let names = match (&wanted.scope, &known.namespaces) {
        (Scope::All, None) => return Vec::new(),
        (Scope::All, Some(names)) | (Scope::Namespaces(names), _) => names,
    };
    if (1..=MOST_TABLES).contains(&names.len()) {
        names.iter().map(|name| StreamId::Table(Place::In(name.clone()))).collect()
    } else {
        places(wanted, known, &StreamId::Table)
    }
}

/// A workload with an open act stays in view when the operator looks elsewhere.
fn beyond_scope(wanted: &Wanted) -> impl Iterator<Item = StreamId> {
    (wanted.details.iter())
        .filter(|target| !wanted.scope.contains(&target.namespace))
        .map(|target| StreamId::Kind(target.kind, Place::In(target.namespace.clone())))
}

fn details(wanted: &Wanted, known: &Known, store: &Store) -> Vec<StreamId> {
    let mut streams = Vec::new();
    for (index, target) in wanted.details.iter().enumerate() {
        let namespace = &target.namespace;
        streams.push(StreamId::Poll(Poll::Size(namespace.clone())));
        let (Some(size), Some(selector)) = (known.sizes.get(namespace), store.selector(target)) else {
            continue;
        };
        let select = match size {
            Size::Small => Select::All,
            Size::Big if index < MOST_DETAILS => Select::Labels(selector),
            Size::Big => continue,
        };
        if has_replica_sets(target.kind) {
            streams.push(StreamId::ReplicaSets(namespace.clone(), select.clone()));
        }
        streams.push(StreamId::Pods(namespace.clone(), select));
        streams.push(StreamId::Services(namespace.clone()));
        streams.push(StreamId::Slices(namespace.clone()));
        streams.push(StreamId::Autoscalers(namespace.clone()));
    }
    streams
}

/// Whether pods of this kind are owned through ReplicaSets.
pub(super) fn has_replica_sets(kind: WorkloadKind) -> bool {
    match kind {
        WorkloadKind::Deployment | WorkloadKind::Rollout => true,
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet | WorkloadKind::Job | WorkloadKind::Canary => {
            false
        }
    }
}
