//! Evidence beside an act: the last words of pods that are not ready, and the cluster's events about them.
//!
//! It is gathered beside the act and never in its way; what is not there after three seconds is left out.

use std::time::Duration;

use futures::future::join_all;

use super::Adapters;
use crate::cluster::LogSource;
use crate::core::{Receipt, State};
use crate::model::ids::{ActId, Name, Namespace};
use crate::model::observation::EventLine;
use crate::model::pod::Pod;
use crate::model::target::Target;
use crate::runtime::tasks;

/// What is not gathered by then is left out.
const PATIENCE: Duration = Duration::from_secs(3);
/// Pods that are looked at.
const PODS: usize = 5;
/// Lines of each log.
const LINES: u32 = 100;

/// A pod whose last words are wanted.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    namespace: Namespace,
    name: Name,
    container: Option<String>,
    previous: bool,
}

/// The pods of a workload that are not ready, those that restart first.
pub(super) fn subjects(state: &State, target: &Target) -> Vec<Subject> {
    let Some(watched) = state.world.workloads.get(target) else { return Vec::new() };
    let mut ill: Vec<&Pod> = watched.set.pods.iter().filter(|pod| !pod.ready && !pod.terminating).collect();
    ill.sort_by_key(|pod| std::cmp::Reverse(pod.restarts));
    ill.truncate(PODS);
    ill.into_iter().map(subject).collect()
}

fn subject(pod: &Pod) -> Subject {
    let worst = pod.containers.iter().find(|container| !container.ready);
    Subject {
        namespace: pod.namespace.clone(),
        name: pod.name.clone(),
        container: worst.map(|container| container.name.to_string()),
        previous: worst.is_some_and(|container| container.last.is_some()),
    }
}

/// Gathers evidence about `target` and stores it for `act`.
pub(super) fn capture(adapters: Adapters, act: ActId, target: Target, subjects: Vec<Subject>) {
    tasks::spawn(async move {
        let parts = join_all(
            std::iter::once(Part::Workload(target.clone())).chain(subjects.into_iter().map(Part::Pod)).map(
                |part| {
                    let adapters = adapters.clone();
                    async move { part.gather(&adapters).await }
                },
            ),
        )
        .await;
        let head = format!("{target} in {}, captured {}\n\n", target.namespace, adapters.clock.now());
        let content = std::iter::once(head).chain(parts).collect::<String>();
        match adapters.journal.store(format!("{act}.txt"), content).await {
            Ok(stored) => adapters.inbox.receipt(Receipt::Captured {
                act,
                file: stored.file,
                sha256: stored.sha256,
                lines: stored.lines,
            }),
            Err(error) => tracing::warn!(%act, %error, "evidence could not be stored"),
        }
    });
}

enum Part {
    Workload(Target),
    Pod(Subject),
}

impl Part {
    fn title(&self) -> String {
        match self {
            Self::Workload(target) => format!("== events of {target}"),
            Self::Pod(pod) => format!("== {}", pod.name),
        }
    }

    async fn gather(self, adapters: &Adapters) -> String {
        let title = self.title();
        match self {
            Self::Workload(target) => {
                let kind = target.kind.name();
                let events = in_time("events", events(adapters, &target.namespace, kind, &target.name)).await;
                format!("{title}\n{events}\n")
            }
            Self::Pod(pod) => {
                // at once, so that a log which does not come costs no event
                let (events, log) = tokio::join!(
                    in_time("events", events(adapters, &pod.namespace, "Pod", &pod.name)),
                    in_time("log", log(adapters, &pod)),
                );
                format!("{title}\n{events}{log}\n")
            }
        }
    }
}

async fn in_time(what: &str, text: impl Future<Output = String>) -> String {
    tokio::time::timeout(PATIENCE, text)
        .await
        .unwrap_or_else(|_| format!("{what}: not answered within {} s\n", PATIENCE.as_secs()))
}

async fn events(adapters: &Adapters, namespace: &Namespace, kind: &str, name: &Name) -> String {
    match adapters.cluster.events_about(namespace, kind, name).await {
        Ok(lines) => lines.iter().map(in_a_line).collect(),
        Err(error) => format!("events: {error}\n"),
    }
}

fn in_a_line(event: &EventLine) -> String {
    let at = event.at.map(|at| at.to_rfc3339()).unwrap_or_default();
    format!("{at} {}x {} {}: {}\n", event.count, event.reason, event.about, event.message)
}

async fn log(adapters: &Adapters, pod: &Subject) -> String {
    let source = LogSource {
        namespace: pod.namespace.clone(),
        pod: pod.name.clone(),
        container: pod.container.clone(),
        previous: pod.previous,
        tail: LINES,
    };
    match adapters.cluster.log(&source).await {
        Ok(lines) => lines.iter().fold(String::new(), |all, line| all + "| " + line.as_str() + "\n"),
        Err(error) => format!("log: {error}\n"),
    }
}
