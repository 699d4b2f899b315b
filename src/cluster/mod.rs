//! The cluster: connecting, watching, reading, writing.
//!
//! This folder is the only home of the Kubernetes client. It delivers observations and answers and judges nothing:
//! what a workload's state means, what an act sends and whether it worked is decided in `strategy` and `core`. It
//! reads no environment and no clock; both are handed in.

mod apply;
mod connect;
#[cfg(test)]
#[cfg(feature = "sim")]
mod fixture;
mod http;
mod proxy;
mod read;
#[cfg(test)]
#[cfg(feature = "sim")]
mod tests;
mod view;
mod watch;

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::apply::Receipt;
pub use self::connect::{ConnectError, CredentialSource, KubeSettings};
use self::http::{Http, Timing};
pub use self::proxy::{ProxyError, ServiceProxy};
pub use self::read::{LogSource, ReadError};
pub use self::view::{Sink, Wanted};
use self::watch::Pace;
use crate::model::Time;
use crate::model::identity::Connection;
use crate::model::ids::Namespace;

/// The present time, by the runtime's clock.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// One pinned connection. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    inner: Arc<Inner>,
}

struct Inner {
    http: Http,
    connection: Connection,
    namespace: Namespace,
    clock: Clock,
    pace: Pace,
}

impl Cluster {
    /// Connects to the one context that `settings` name and asks who is there; nothing stands in for it.
    pub async fn connect(
        settings: &KubeSettings,
        credentials: CredentialSource,
        clock: Clock,
    ) -> Result<Self, ConnectError> {
        let (wire, facts) = connect::open(settings, credentials).await?;
        let http = Http::new(wire, Timing::default());
        let connection = connect::identify(&http, &facts).await?;
        Ok(Self::over(http, connection, facts.namespace, clock, Pace::default()))
    }

    fn over(http: Http, connection: Connection, namespace: Namespace, clock: Clock, pace: Pace) -> Self {
        Self { inner: Arc::new(Inner { http, connection, namespace, clock, pace }) }
    }

    /// Which cluster this is and who we are to it.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.inner.connection
    }

    /// Namespace of the context.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.inner.namespace
    }

    /// The API server's time, as its answers tell it; `None` before the first one.
    #[must_use]
    pub fn server_time(&self) -> Option<Time> {
        self.inner.http.dates().time()
    }

    /// Keeps in view whatever `wanted` says, until cancelled or until its sender is gone. The tasks are the caller's to
    /// watch: one that panics must end the program.
    #[must_use]
    pub fn observe(
        &self,
        wanted: tokio::sync::watch::Receiver<Wanted>,
        sink: Sink,
        cancel: &CancellationToken,
    ) -> JoinSet<()> {
        let Inner { http, clock, pace, .. } = self.inner.as_ref();
        let mut tasks = JoinSet::new();
        tasks.spawn(view::run(http.clone(), Arc::clone(clock), *pace, wanted, sink, cancel.clone()));
        tasks.spawn(renew(http.clone(), Arc::clone(clock), cancel.clone()));
        tasks
    }
}

/// Gets new credentials before the old ones end, so that no act has to wait for it.
async fn renew(http: Http, clock: Clock, cancel: CancellationToken) {
    /// Where nothing says when the credentials end, and between tries.
    const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(30);
    let keep = async {
        loop {
            let due = http.wire().good_for(clock());
            tokio::time::sleep(due.unwrap_or(LOOK_AGAIN).max(std::time::Duration::from_secs(1))).await;
            if due.is_some() {
                let generation = http.generation();
                if http.reauthenticate(generation).await.is_err() {
                    // the old ones serve as long as they can; a 401 says the rest
                    tokio::time::sleep(LOOK_AGAIN / 6).await;
                }
            }
        }
    };
    cancel.run_until_cancelled(keep).await;
}
