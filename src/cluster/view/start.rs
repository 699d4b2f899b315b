//! Starting the task behind a stream.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::View;
use super::parts::{Slice, WireAutoscaler, WireLatches, WireSlice};
use super::poll;
use super::streams::{Place, Poll, Select, Size, StreamId};
use super::table::TableDecoder;
use super::turn::Pair;
use crate::cluster::watch::{self, Decoder, Feed, Objects, Outlet, WatchSpec};
use crate::model::analysis::AnalysisRun;
use crate::model::deployment::Deployment;
use crate::model::ids::{Name, Namespace};
use crate::model::kind::WorkloadKind;
use crate::model::objects::Workload;
use crate::model::observation::{Latch, Observation, PodLine, StreamState};
use crate::model::pod::{Interner, Pod, WirePod};
use crate::model::replicaset::ReplicaSet;
use crate::model::service::Autoscaler;
use crate::model::sets::ControllerRevision;
use crate::model::target::Target;

/// A stream that was started.
pub(super) struct Running {
    /// Ends it.
    pub cancel: CancellationToken,
    /// Tells it from an earlier stream of the same id, whose last words may still be under way.
    pub epoch: u64,
    /// What it said last of itself.
    pub state: Option<StreamState>,
    /// Makes a poll ask before its time.
    pub nudge: Arc<Notify>,
    /// When it was started.
    pub since: Instant,
}

/// News from a stream.
pub(super) struct Report {
    /// Which stream.
    pub stream: StreamId,
    /// Which start of it.
    pub epoch: u64,
    /// What.
    pub news: News,
}

/// See [`Report`].
pub(super) enum News {
    /// Workloads.
    Workloads(Feed<(Target, Workload)>),
    /// ReplicaSets.
    ReplicaSets(Feed<(Name, ReplicaSet)>),
    /// Pods.
    Pods(Feed<(Name, Pod)>),
    /// Endpoints.
    Slices(Feed<(Name, Slice)>),
    /// Autoscalers.
    Autoscalers(Feed<(Name, Autoscaler)>),
    /// AnalysisRuns.
    Analyses(Feed<(Name, AnalysisRun)>),
    /// ControllerRevisions.
    History(Feed<(Name, ControllerRevision)>),
    /// Latches.
    Latches(Feed<(Namespace, Vec<Latch>)>),
    /// Rows of the pod table.
    Lines(Feed<Arc<PodLine>>),
    /// The answer to a poll.
    Answer(Answer),
}

/// What a poll found.
pub(super) enum Answer {
    /// Kinds that discovery found.
    Kinds(BTreeSet<WorkloadKind>),
    /// Namespaces that exist.
    Namespaces(Vec<Namespace>),
    /// How big a namespace is.
    Size(Size),
    /// Revisions of Deployments.
    Revisions(Vec<poll::Revision>),
    /// A kind of a namespace whose turn it was.
    Listed((Pair, Vec<(Target, Workload)>)),
    /// Deployments in flight by namespace.
    Moving(Vec<(Namespace, u32)>),
    /// A finished observation.
    Seen(Box<Observation>),
    /// How a poll is doing.
    State(StreamState),
}

/// Starts the stream `id`.
pub(super) fn start(view: &mut View, id: &StreamId, epoch: u64) -> Running {
    let cancel = CancellationToken::new();
    let nudge = Arc::new(Notify::new());
    let mut starter = Starter { view, id, epoch, cancel: cancel.clone(), nudge: Arc::clone(&nudge) };
    match id {
        StreamId::Kind(WorkloadKind::Deployment, place) => starter.deployments(place),
        StreamId::Kind(kind, place) => starter.others(*kind, place),
        StreamId::ReplicaSets(namespace, select) => {
            let spec = selected("/apis/apps/v1", "replicasets", namespace, select);
            let into = |set: ReplicaSet| (set.metadata.name.clone(), set);
            starter.watch(spec, Objects::new(into), News::ReplicaSets);
        }
        StreamId::Pods(namespace, select) => {
            let mut strings = Interner::default();
            let into = move |pod: WirePod| (pod.metadata.name.clone(), pod.compact(&mut strings));
            // pods are large, and a thousand of them are no more than ten questions
            let pods = Objects::new(into).in_pages_of("100");
            starter.watch(selected("/api/v1", "pods", namespace, select), pods, News::Pods);
        }
        StreamId::Slices(namespace) => {
            let spec = whole("/apis/discovery.k8s.io/v1", "endpointslices", &Place::In(namespace.clone()));
            starter.watch(spec, Objects::new(WireSlice::into_entry), News::Slices);
        }
        StreamId::Autoscalers(namespace) => {
            let spec =
                whole("/apis/autoscaling/v2", "horizontalpodautoscalers", &Place::In(namespace.clone()));
            starter.watch(spec, Objects::new(WireAutoscaler::into_entry), News::Autoscalers);
        }
        StreamId::Analyses(namespace) => {
            let spec = whole("/apis/argoproj.io/v1alpha1", "analysisruns", &Place::In(namespace.clone()));
            let into = |object: Value| {
                let run = AnalysisRun::read(&object);
                (run.metadata.name.clone(), run)
            };
            starter.watch(spec, Objects::new(into), News::Analyses);
        }
        StreamId::History(namespace) => {
            let spec = whole("/apis/apps/v1", "controllerrevisions", &Place::In(namespace.clone()));
            let into = |object: Value| {
                let revision = ControllerRevision::read(&object);
                (revision.metadata.name.clone(), revision)
            };
            starter.watch(spec, Objects::new(into), News::History);
        }
        StreamId::Latches(place) => starter.latches(place),
        StreamId::Table(place) => starter.table(place),
        StreamId::Poll(poll) => starter.poll(poll),
    }
    Running { cancel, epoch, state: None, nudge, since: Instant::now() }
}

struct Starter<'a> {
    view: &'a mut View,
    id: &'a StreamId,
    epoch: u64,
    cancel: CancellationToken,
    nudge: Arc<Notify>,
}

impl Starter<'_> {
    fn deployments(&mut self, place: &Place) {
        let into = |deployment: Deployment| {
            let meta = &deployment.metadata;
            let target = Target::new(WorkloadKind::Deployment, meta.namespace.as_str(), meta.name.as_str());
            (target, Workload::Deployment(Box::new(deployment)))
        };
        self.watch(whole("/apis/apps/v1", "deployments", place), Objects::new(into), News::Workloads);
    }

    fn others(&mut self, kind: WorkloadKind, place: &Place) {
        let row = kind.row();
        let into = move |object: Value| {
            Workload::read(kind, object)
                .unwrap_or_else(|| (Target::new(kind, "", ""), Workload::Listed(Box::default())))
        };
        self.watch(whole(&row.root(), row.plural, place), Objects::new(into), News::Workloads);
    }

    fn latches(&mut self, place: &Place) {
        let mut spec = whole("/api/v1", "configmaps", place);
        spec.query.push(("fieldSelector", "metadata.name=gonogo-stop".to_owned()));
        self.watch(spec, Objects::new(WireLatches::into_entry), News::Latches);
    }

    fn table(&mut self, place: &Place) {
        let mut spec = whole("/api/v1", "pods", place);
        let (include, namespace) = match place {
            Place::In(namespace) => ("None", namespace.clone()),
            Place::Everywhere => ("Metadata", Namespace::default()),
        };
        spec.query.push(("includeObject", include.to_owned()));
        self.watch(spec, TableDecoder::new(namespace), News::Lines);
    }

    fn watch<D: Decoder>(
        &mut self,
        spec: WatchSpec,
        decoder: D,
        wrap: impl Fn(Feed<D::Item>) -> News + Send + 'static,
    ) {
        let (stream, epoch) = (self.id.clone(), self.epoch);
        let outlet = Outlet::new(self.view.sender.clone(), move |feed| Report {
            stream: stream.clone(),
            epoch,
            news: wrap(feed),
        });
        let task =
            watch::run(self.view.http.clone(), spec, self.view.pace, decoder, outlet, self.cancel.clone());
        self.view.tasks.spawn(task);
    }

    fn poll(&mut self, poll: &Poll) {
        let desk = poll::Desk {
            http: self.view.http.clone(),
            poll: poll.clone(),
            epoch: self.epoch,
            sender: self.view.sender.clone(),
            turn: self.view.turn.clone(),
            nudge: Arc::clone(&self.nudge),
        };
        let cancel = self.cancel.clone();
        self.view.tasks.spawn(async move {
            cancel.run_until_cancelled(desk.keep()).await;
        });
    }
}

fn whole(root: &str, plural: &str, place: &Place) -> WatchSpec {
    let path = match place {
        Place::Everywhere => format!("{root}/{plural}"),
        Place::In(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
    };
    WatchSpec { path, query: Vec::new() }
}

fn selected(root: &str, plural: &str, namespace: &Namespace, select: &Select) -> WatchSpec {
    let mut spec = whole(root, plural, &Place::In(namespace.clone()));
    if let Select::Labels(selector) = select {
        spec.query.push(("labelSelector", selector.clone()));
    }
    spec
}
