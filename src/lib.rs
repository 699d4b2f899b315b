//! `gonogo`, a terminal console for going live on Kubernetes.

pub mod core;
pub mod journal;
pub mod model;
#[cfg(feature = "sim")]
pub mod sim;
pub mod strategy;
pub mod telemetry;
