//! `gonogo`, a terminal console for going live on Kubernetes.

pub mod cli;
pub mod cluster;
pub mod core;
pub mod journal;
pub mod model;
pub mod plan;
pub mod process;
pub mod runtime;
#[cfg(feature = "sim")]
pub mod sim;
pub mod strategy;
pub mod telemetry;
pub mod ui;
