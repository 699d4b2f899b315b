//! The simulator's own controls, which no cluster has: reading the audit log, breaking things, moving the clock.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Shared;
use crate::sim::world::clock::stamp;

/// What may be broken; absent fields stay as they are.
#[derive(Debug, Deserialize)]
pub(super) struct FaultChange {
    freeze: Option<bool>,
    metrics_down: Option<bool>,
}

/// What is broken.
#[derive(Debug, Serialize)]
pub(super) struct FaultState {
    freeze: bool,
    metrics_down: bool,
}

/// How far the clock is moved.
#[derive(Debug, Deserialize)]
pub(super) struct Advance {
    seconds: u32,
}

/// `GET /sim/audit`: all requests that may have changed something, older first.
pub(super) async fn audit(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({"items": shared.trail().records()}))
}

/// `GET /sim/fault`
pub(super) async fn faults(State(shared): State<Arc<Shared>>) -> Json<FaultState> {
    Json(state_of(&shared))
}

/// `POST /sim/fault`: `{"freeze": true, "metrics_down": false}`
pub(super) async fn set_faults(
    State(shared): State<Arc<Shared>>,
    Json(change): Json<FaultChange>,
) -> Json<FaultState> {
    shared.with(|world| {
        world.faults.frozen = change.freeze.unwrap_or(world.faults.frozen);
        world.faults.metrics_down = change.metrics_down.unwrap_or(world.faults.metrics_down);
    });
    Json(state_of(&shared))
}

/// `POST /sim/advance`: `{"seconds": 60}`
pub(super) async fn advance(State(shared): State<Arc<Shared>>, Json(advance): Json<Advance>) -> Json<Value> {
    let now = shared.with(|world| {
        world.advance(TimeDelta::seconds(i64::from(advance.seconds)));
        world.now()
    });
    Json(json!({"now": stamp(now)}))
}

/// `POST /sim/compact`: forgets the history, so that watches and pages of the past are told 410.
pub(super) async fn compact(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let revision = shared.with(|world| {
        world.settle();
        world.store.compact();
        world.store.revision()
    });
    Json(json!({"resourceVersion": revision.to_string()}))
}

fn state_of(shared: &Shared) -> FaultState {
    let faults = shared.world().faults;
    FaultState { freeze: faults.frozen, metrics_down: faults.metrics_down }
}
