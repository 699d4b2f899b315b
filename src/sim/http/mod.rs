//! The faces of the world: Kubernetes, Prometheus and the simulator's own controls, over plain HTTP on loopback.
//!
//! A face translates: it parses requests, asks the world and writes answers. What a request means is never decided
//! here, and no lock is held while anything is awaited.

mod audit;
mod control;
mod discovery;
mod kubernetes;
mod logs;
mod openapi;
mod prometheus;
mod proxy;
mod read;
mod respond;
mod reviews;
mod route;
mod table;
mod watch;
mod write;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::{get, post};
use tokio::sync::watch as signal;

use super::world::World;
use audit::Trail;

/// What all faces share.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    trail: Mutex<Trail>,
    /// The store's newest revision: tells watches that there is something to send.
    revision: signal::Sender<u64>,
    /// Whether the API server stands still.
    frozen: signal::Sender<bool>,
    /// Set once, when the server ends: open streams end too.
    stopping: signal::Sender<bool>,
}

impl Shared {
    /// Shares `world` between the faces.
    pub(crate) fn new(world: World) -> Arc<Self> {
        let (revision, frozen) = (world.store.revision(), world.faults.frozen);
        Arc::new(Self {
            world: Mutex::new(world),
            trail: Mutex::default(),
            revision: signal::Sender::new(revision),
            frozen: signal::Sender::new(frozen),
            stopping: signal::Sender::new(false),
        })
    }

    /// Works on the world, then tells the watches what changed.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world();
        let result = work(&mut world);
        let (revision, frozen) = (world.store.revision(), world.faults.frozen);
        drop(world);
        self.revision.send_if_modified(|known| std::mem::replace(known, revision) != revision);
        self.frozen.send_if_modified(|known| std::mem::replace(known, frozen) != frozen);
        result
    }

    /// Ends all open streams.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits while the API server stands still; false when it ended instead.
    async fn thawed(&self) -> bool {
        let (mut frozen, mut stopping) = (self.frozen.subscribe(), self.stopping.subscribe());
        tokio::select! {
            thawed = frozen.wait_for(|frozen| !frozen) => thawed.is_ok(),
            _ = stopping.wait_for(|stopping| *stopping) => false,
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trail(&self) -> MutexGuard<'_, Trail> {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The Kubernetes face, with the simulator's own controls below `/sim`.
pub(crate) fn kubernetes_face(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/sim/audit", get(control::audit))
        .route("/sim/fault", get(control::faults).post(control::set_faults))
        .route("/sim/advance", post(control::advance))
        .route("/sim/compact", post(control::compact))
        .fallback(kubernetes::handle)
        .with_state(shared)
}

/// The Prometheus face.
pub(crate) fn prometheus_face(shared: Arc<Shared>) -> Router {
    Router::new().fallback(prometheus::handle).with_state(shared)
}
