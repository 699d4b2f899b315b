//! The simulator as a server: two listeners on loopback and a clock that drives the world.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::http::{Shared, kubernetes_face, prometheus_face};
use super::scenario::{self, Incident, ScenarioName};

/// How often the world is moved on.
const TICK: Duration = Duration::from_millis(100);

/// How a simulator is started.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StartOptions {
    /// Simulated seconds per second of the wall clock; 1 is real time.
    pub speed: f64,
    /// Equal seeds give equal worlds.
    pub seed: u64,
    /// The wall clock at the start: objects get their ages from it.
    pub now: DateTime<Utc>,
    /// The port of the Kubernetes face on 127.0.0.1; 0 takes a free one.
    pub listen: u16,
}

impl StartOptions {
    /// Real time on a free port.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { speed: 1.0, seed: 1, now, listen: 0 }
    }
}

/// Why a simulator could not be started.
#[derive(Debug)]
pub enum SimError {
    /// No socket could be opened on loopback.
    Listen {
        /// The port that was wanted; 0 when any would do.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The speed is not a positive number.
    Speed(f64),
}

impl fmt::Display for SimError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { port, source } => {
                write!(
                    formatter,
                    "cannot listen on 127.0.0.1:{port} ({source}): choose another port, or 0 for a free one"
                )
            }
            Self::Speed(speed) => {
                write!(formatter, "the speed {speed} is not above 0: choose 1 for real time")
            }
        }
    }
}

impl std::error::Error for SimError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } => Some(source),
            Self::Speed(_) => None,
        }
    }
}

/// A running simulator; it ends when it is shut down or dropped.
#[derive(Debug)]
pub struct SimServer {
    kubernetes: SocketAddr,
    prometheus: SocketAddr,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl SimServer {
    /// Sets the scenario up and serves it on loopback.
    pub async fn start(scenario: ScenarioName, options: StartOptions) -> Result<Self, SimError> {
        if !options.speed.is_finite() || options.speed <= 0.0 {
            return Err(SimError::Speed(options.speed));
        }
        let (kubernetes, address) = bind(options.listen).await?;
        let (prometheus, prometheus_address) = bind(0).await?;
        let stage = scenario::set_up(scenario, options.now, options.seed);
        let shared = Shared::new(stage.world);
        let tasks = vec![
            serve(kubernetes, kubernetes_face(Arc::clone(&shared))),
            serve(prometheus, prometheus_face(Arc::clone(&shared))),
            drive(Arc::clone(&shared), options.speed, stage.incidents),
        ];
        Ok(Self { kubernetes: address, prometheus: prometheus_address, shared, tasks })
    }

    /// Where the Kubernetes API is served.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.kubernetes)
    }

    /// Where the Prometheus API is served.
    #[must_use]
    pub fn prometheus_url(&self) -> String {
        format!("http://{}", self.prometheus)
    }

    /// A kubeconfig whose only context, `demo`, is this simulator.
    #[must_use]
    pub fn kubeconfig_yaml(&self) -> String {
        format!(
            "apiVersion: v1\n\
             kind: Config\n\
             current-context: demo\n\
             clusters:\n\
             - name: demo\n  cluster:\n    server: {}\n\
             contexts:\n\
             - name: demo\n  context:\n    cluster: demo\n    namespace: shop\n    user: demo\n\
             users:\n\
             - name: demo\n  user:\n    token: demo\n",
            self.url()
        )
    }

    /// Ends open streams and closes the listeners.
    pub async fn shutdown(mut self) {
        self.shared.stop();
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // An aborted task ends with an error by design.
            drop(task.await);
        }
    }
}

impl Drop for SimServer {
    fn drop(&mut self) {
        self.shared.stop();
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), SimError> {
    let failed = |source| SimError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

#[expect(clippy::disallowed_methods, reason = "the server owns its tasks and aborts them at its end")]
fn serve(listener: TcpListener, face: Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        // Accept errors are retried by axum; the future ends only with the task.
        drop(axum::serve(listener, face).await);
    })
}

/// Moves the world on with the wall clock, and lets incidents strike.
#[expect(clippy::disallowed_methods, reason = "the server owns its tasks and aborts them at its end")]
fn drive(shared: Arc<Shared>, speed: f64, mut incidents: Vec<(DateTime<Utc>, Incident)>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = Instant::now();
        loop {
            ticks.tick().await;
            let elapsed = last.elapsed();
            last += elapsed;
            let span = TimeDelta::from_std(elapsed.mul_f64(speed)).unwrap_or_default();
            shared.with(|world| {
                world.advance(span);
                while incidents.first().is_some_and(|(time, _)| *time <= world.now()) {
                    incidents.remove(0).1.strike(world);
                }
            });
        }
    })
}
