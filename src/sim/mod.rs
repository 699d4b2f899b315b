//! An embedded cluster that behaves as a real one: Kubernetes and Prometheus over HTTP, from a pure world.
//!
//! [`SimServer`] serves a scenario on loopback. The world below it knows no sockets and no clock; the faces above it
//! decide nothing. No other part of the crate is used here, and none reaches in: whoever wants the simulator talks
//! HTTP, as with any cluster.
//!
//! Left out on purpose: TLS and authentication (the bearer token *is* the user's name), protobuf bodies, exec and
//! port-forward, custom resources, admission beyond quotas, and autoscalers that act. Server-side apply merges and
//! never removes. Where a real control plane behaves otherwise in what is served here, the simulator is wrong.

mod http;
mod promql;
mod scenario;
mod server;
mod world;

pub use scenario::{ScenarioInfo, ScenarioName, UnknownScenario, scenarios};
pub use server::{SimError, SimServer, StartOptions};
