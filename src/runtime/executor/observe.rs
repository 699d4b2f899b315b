//! What is watched: the core's wish, handed on to the adapters that know how.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Adapters;
use crate::cluster::{self, Cluster, LogSource, ProxyError};
use crate::core::effect::Wanted;
use crate::core::event::LogOf;
use crate::model::Text;
use crate::model::ids::{Name, Namespace};
use crate::model::observation::Observation;
use crate::model::target::Scope;
use crate::runtime::tasks;
use crate::telemetry::find::{NamedBy, Search, SeenService, ServicesFn};
use crate::telemetry::poll::{self, Poller};
use crate::telemetry::prometheus::{Endpoint, ProxyFn};

/// Lines of a log that are read before it is followed.
const LOG_TAIL: u32 = 500;

/// Where metrics come from, and how they are read.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// The place that somebody named; without one it is looked for among the cluster's Services.
    pub named: Option<(Endpoint, NamedBy)>,
    /// Queries and intervals.
    pub settings: poll::Settings,
}

/// Hands wishes on.
pub(super) struct Observer {
    adapters: Adapters,
    cancel: CancellationToken,
    metrics: Option<Metrics>,
    /// Whether there is a screen that shows recent changes and what moves elsewhere.
    screen: bool,
    cluster: Option<watch::Sender<cluster::Wanted>>,
    signals: Option<watch::Sender<poll::Wanted>>,
    log: Option<(LogOf, CancellationToken)>,
}

impl Observer {
    pub(super) fn new(adapters: Adapters, metrics: Metrics, screen: bool, cancel: CancellationToken) -> Self {
        Self { adapters, cancel, metrics: Some(metrics), screen, cluster: None, signals: None, log: None }
    }

    /// Watches this from now on. The first wish starts the adapters.
    pub(super) fn want(&mut self, wanted: Wanted) {
        self.want_log(wanted.log.clone());
        self.want_signals(poll::Wanted { queries: wanted.signals.clone(), ..poll::Wanted::default() });
        self.want_cluster(wanted);
    }

    fn want_cluster(&mut self, wanted: Wanted) {
        let home = self.adapters.cluster.namespace().clone();
        let wanted = cluster::Wanted {
            scope: wanted.scope.unwrap_or_else(|| Scope::Namespaces(vec![home.clone()])),
            home,
            details: wanted.details,
            pod_table: wanted.pod_table,
            events: wanted.events,
            changes: self.screen,
            elsewhere: self.screen,
        };
        if let Some(wish) = &self.cluster {
            wish.send_replace(wanted);
            return;
        }
        let (wish, wishes) = watch::channel(wanted);
        let mut watching = self.adapters.cluster.observe(wishes, self.sink(), &self.cancel);
        tasks::spawn(async move { while watching.join_next().await.is_some() {} });
        self.cluster = Some(wish);
    }

    fn want_signals(&mut self, wanted: poll::Wanted) {
        match (&self.signals, self.metrics.take()) {
            (Some(wish), _) => {
                wish.send_if_modified(|now| {
                    let changed = *now != wanted;
                    *now = wanted;
                    changed
                });
            }
            (None, Some(metrics)) => {
                let (wish, wishes) = watch::channel(wanted);
                let clock = self.adapters.clock.clone();
                let poller = Poller::new(
                    search(&self.adapters.cluster, metrics.named),
                    metrics.settings,
                    Arc::new(move || clock.now()),
                    self.sink(),
                );
                tasks::spawn(poller.run(wishes, self.cancel.clone()));
                self.signals = Some(wish);
            }
            (None, None) => {}
        }
    }

    fn want_log(&mut self, wanted: Option<LogOf>) {
        if self.log.as_ref().map(|(of, _)| of) == wanted.as_ref() {
            return;
        }
        if let Some((_, running)) = self.log.take() {
            running.cancel();
        }
        let Some(of) = wanted else { return };
        let source = LogSource {
            namespace: of.namespace.clone(),
            pod: of.pod.clone(),
            container: of.container.clone(),
            previous: of.previous,
            tail: LOG_TAIL,
        };
        let cancel = self.cancel.child_token();
        let (cluster, sink, until) = (self.adapters.cluster.clone(), self.sink(), cancel.clone());
        tasks::spawn(async move { cluster.follow_log(source, sink, until).await });
        self.log = Some((of, cancel));
    }

    fn sink(&self) -> Arc<dyn Fn(Observation) + Send + Sync> {
        let inbox = self.adapters.inbox.clone();
        Arc::new(move |observation| inbox.observe(observation))
    }
}

/// Where metrics are looked for: the place that was named, and no other; else the cluster's Services.
fn search(cluster: &Cluster, named: Option<(Endpoint, NamedBy)>) -> Search {
    match named {
        Some((endpoint, by)) => Search::Named { endpoint, by },
        None => {
            Search::Services { list: list_services(cluster.clone()), call: call_service(cluster.clone()) }
        }
    }
}

fn list_services(cluster: Cluster) -> ServicesFn {
    Arc::new(move || {
        let cluster = cluster.clone();
        async move {
            let home: Vec<Namespace> = vec![cluster.namespace().clone()];
            let namespaces = cluster.namespaces().await.unwrap_or(home);
            let services = cluster
                .find_services(&namespaces, |_| true)
                .await
                .map_err(|error| Text::clean(&error.to_string()))?;
            Ok(services.into_iter().map(seen).collect())
        }
        .boxed()
    })
}

fn seen(service: crate::model::service::FoundService) -> SeenService {
    let named = |(name, port): (String, u16)| ((!name.is_empty()).then_some(name), port);
    SeenService {
        namespace: service.namespace,
        name: service.name,
        labels: service.labels,
        ports: service.ports.into_iter().map(named).collect(),
    }
}

fn call_service(cluster: Cluster) -> ProxyFn {
    Arc::new(move |call| {
        let cluster = cluster.clone();
        async move {
            let scheme = if call.to.https { "https:" } else { "" };
            let service = Name::new(format!("{scheme}{}", call.to.service));
            let proxy = cluster.proxy(&call.to.namespace, &service, &call.to.port.to_string());
            match proxy.get(&call.path_and_query).await {
                Ok(body) => Ok((200, body)),
                Err(ProxyError::Status { code, message }) => Ok((code, message.as_str().as_bytes().to_vec())),
                Err(ProxyError::NoAnswer { why }) => Err(why),
            }
        }
        .boxed()
    })
}

/// The interval at which a source scrapes, as the configuration gives it.
#[must_use]
pub fn settings(
    custom: crate::telemetry::dialect::CustomQueries,
    scrape_seconds: Option<u64>,
) -> poll::Settings {
    let defaults = poll::Settings::default();
    poll::Settings {
        custom,
        scrape_interval: scrape_seconds.map_or(defaults.scrape_interval, Duration::from_secs),
    }
}
