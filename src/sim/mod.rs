//! An embedded cluster that behaves as a real one: Kubernetes and Prometheus over HTTP, from a pure world.
//!
//! [`SimServer`] serves a scenario on loopback. The world below it knows no sockets and no clock; the faces above it
//! decide nothing. No other part of the crate is used here, and none reaches in: whoever wants the simulator talks
//! HTTP, as with any cluster.

mod http;
mod promql;
mod scenario;
mod server;
mod world;

pub use scenario::{ScenarioInfo, ScenarioName, UnknownScenario, scenarios};
pub use server::{SimError, SimServer, StartOptions};
