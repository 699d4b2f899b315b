//! Which streams are needed for what is wanted, as a pure function.

use std::collections::{BTreeMap, BTreeSet};

use super::Wanted;
use super::store::Store;
use super::turn::{on_screen, turn};
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
    /// EndpointSlices.
    Slices(Namespace),
    /// Autoscalers.
    Autoscalers(Namespace),
    /// Argo's AnalysisRuns.
    Analyses(Namespace),
    /// ControllerRevisions.
    History(Namespace),
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
    /// Kinds of namespaces that are not watched, one after the other.
    Turn,
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
    /// Whether everything in scope was listed and there is no workload.
    pub nothing_in_view: bool,
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
    if !turn(wanted, known).is_empty() {
        plan.push(StreamId::Poll(Poll::Turn));
    }
    plan.extend(beyond_scope(wanted, known));
    plan.extend(details(wanted, known, store));
    plan.extend(places(wanted, known, &StreamId::Latches));
    if wanted.pod_table {
        plan.extend(tables(wanted, known));
    }
    if wanted.changes {
        plan.extend(places(wanted, known, &|place| StreamId::Poll(Poll::Changes(place))));
    }
    if wanted.elsewhere && known.nothing_in_view && wanted.scope != Scope::All {
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
        Scope::Namespaces(names) if names.len() < MANY_NAMESPACES => {
            names.iter().map(|name| of(Place::In(name.clone()))).collect()
        }
        Scope::All | Scope::Namespaces(_) if forbidden => {
            on_screen(wanted, known).into_iter().map(|name| of(Place::In(name))).collect()
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

/// A workload with an open act stays in view when the operator looks elsewhere, with all kinds that may belong to it.
fn beyond_scope(wanted: &Wanted, known: &Known) -> Vec<StreamId> {
    let away = wanted.details.iter().filter(|target| !wanted.scope.contains(&target.namespace));
    let kinds_of = |target: &Target| {
        let place = Place::In(target.namespace.clone());
        let own = target.kind;
        known.kinds().chain([own]).map(move |kind| StreamId::Kind(kind, place.clone())).collect::<Vec<_>>()
    };
    away.flat_map(kinds_of).collect()
}

fn details(wanted: &Wanted, known: &Known, store: &Store) -> Vec<StreamId> {
    let mut streams = Vec::new();
    for (index, target) in wanted.details.iter().enumerate() {
        let namespace = &target.namespace;
        streams.push(StreamId::Poll(Poll::Size(namespace.clone())));
        let selectors = store.selectors(target);
        let Some(size) = known.sizes.get(namespace).filter(|_| !selectors.is_empty()) else { continue };
        let selects: Vec<Select> = match size {
            Size::Small => vec![Select::All],
            Size::Big if index < MOST_DETAILS => selectors.into_iter().map(Select::Labels).collect(),
            Size::Big => continue,
        };
        for select in selects {
            if has_replica_sets(target.kind) {
                streams.push(StreamId::ReplicaSets(namespace.clone(), select.clone()));
            }
            streams.push(StreamId::Pods(namespace.clone(), select));
        }
        streams.push(StreamId::Slices(namespace.clone()));
        streams.push(StreamId::Autoscalers(namespace.clone()));
        streams.extend(history(target));
    }
    streams
}

/// What tells the past of a workload, where that does not stand in ReplicaSets.
pub(super) fn history(target: &Target) -> Option<StreamId> {
    match target.kind {
        WorkloadKind::Rollout => Some(StreamId::Analyses(target.namespace.clone())),
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => {
            Some(StreamId::History(target.namespace.clone()))
        }
        WorkloadKind::Deployment
        | WorkloadKind::Job
        | WorkloadKind::Canary
        | WorkloadKind::Service
        | WorkloadKind::Ingress
        | WorkloadKind::HttpRoute
        | WorkloadKind::VirtualService => None,
    }
}

/// Whether pods of this kind, or of the Deployments behind it, are owned through ReplicaSets.
pub(super) fn has_replica_sets(kind: WorkloadKind) -> bool {
    match kind {
        WorkloadKind::Deployment
        | WorkloadKind::Rollout
        | WorkloadKind::Canary
        | WorkloadKind::Service
        | WorkloadKind::Ingress
        | WorkloadKind::HttpRoute
        | WorkloadKind::VirtualService => true,
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet | WorkloadKind::Job => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::watch::Feed;
    use crate::model::deployment::{Deployment, Selector};
    use crate::model::objects::Workload;

    fn wanted(scope: &[&str], details: &[&str]) -> Wanted {
        Wanted {
            scope: match scope {
                [] => Scope::All,
                names => Scope::Namespaces(names.iter().map(|name| Namespace::new(*name)).collect()),
            },
            home: Namespace::new("home"),
            details: details.iter().map(|name| deployment(name)).collect(),
            pod_table: false,
            events: None,
            changes: false,
            elsewhere: false,
        }
    }

    fn deployment(name: &str) -> Target {
        Target::new(WorkloadKind::Deployment, "shop", name)
    }

    fn place(name: &str) -> Place {
        Place::In(Namespace::new(name))
    }

    fn kinds(plan: &BTreeSet<StreamId>) -> Vec<(WorkloadKind, Place)> {
        let kind = |id: &StreamId| match id {
            StreamId::Kind(kind, place) => Some((*kind, place.clone())),
            _ => None,
        };
        plan.iter().filter_map(kind).collect()
    }

    fn store(names: &[&str]) -> Store {
        let mut store = Store::default();
        let items = names.iter().map(|name| {
            let mut object = Deployment::default();
            object.spec.selector = Selector {
                match_labels: [("app".to_owned(), (*name).to_owned())].into(),
                ..Selector::default()
            };
            (deployment(name), Workload::Deployment(Box::new(object)))
        });
        let page = Feed::Page { items: items.collect(), first: true, last: true };
        store.take_workloads(&StreamId::Kind(WorkloadKind::Deployment, place("shop")), page);
        store
    }

    #[test]
    fn a_kind_is_watched_by_namespace_or_for_all_and_a_refusal_narrows_only_itself() {
        let mut known = Known::default();
        let store = Store::default();
        let two = kinds(&plan(&wanted(&["a", "b"], &[]), &known, &store));
        assert_eq!(two.len(), 12, "six built-in kinds in two namespaces: {two:?}");
        let three = kinds(&plan(&wanted(&["a", "b", "c"], &[]), &known, &store));
        assert!(three.iter().all(|(_, place)| *place == Place::Everywhere) && three.len() == 6);
        known.narrow.insert(StreamId::Kind(WorkloadKind::Job, Place::Everywhere));
        let all = kinds(&plan(&wanted(&[], &[]), &known, &store));
        assert!(all.contains(&(WorkloadKind::Job, place("home"))) && all.len() == 6, "{all:?}");
        known.extra_kinds = Some([WorkloadKind::Canary].into());
        assert_eq!(kinds(&plan(&wanted(&[], &[]), &known, &store)).len(), 7);
    }

    #[test]
    fn parts_are_watched_whole_in_a_small_namespace_and_by_selector_in_a_big_one() {
        let store = store(&["api", "web"]);
        let mut known = Known::default();
        let wish = wanted(&["shop"], &["api", "web", "gone"]);
        let pods = |plan: &BTreeSet<StreamId>| {
            let of = |id: &StreamId| match id {
                StreamId::Pods(_, select) => Some(select.clone()),
                _ => None,
            };
            plan.iter().filter_map(of).collect::<Vec<_>>()
        };
        assert!(pods(&plan(&wish, &known, &store)).is_empty(), "nothing before the size is known");
        known.sizes.insert(Namespace::new("shop"), Size::Small);
        assert_eq!(pods(&plan(&wish, &known, &store)), [Select::All]);
        known.sizes.insert(Namespace::new("shop"), Size::Big);
        let labels = ["app=api", "app=web"].map(|labels| Select::Labels(labels.to_owned()));
        assert_eq!(pods(&plan(&wish, &known, &store)), labels);
    }

    #[test]
    fn there_are_never_more_streams_than_the_server_should_bear() {
        let names: Vec<String> = (0..60).map(|number| format!("n{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut known = Known::default();
        for row in KINDS {
            known.narrow.insert(StreamId::Kind(row.kind, Place::Everywhere));
        }
        let mut wish = wanted(&names, &["api"]);
        wish.scope = Scope::Namespaces(names.iter().map(|name| Namespace::new(*name)).collect());
        assert!(plan(&wish, &known, &Store::default()).len() <= MOST_STREAMS);
    }

    #[test]
    fn a_workload_with_an_open_act_stays_in_view() {
        let plan = plan(&wanted(&["other"], &["api"]), &Known::default(), &Store::default());
        assert!(plan.contains(&StreamId::Kind(WorkloadKind::Deployment, place("shop"))));
    }
}
