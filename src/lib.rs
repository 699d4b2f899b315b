//! `gonogo`, a terminal console for going live on Kubernetes.

pub mod cluster;
pub mod core;
pub mod model;
pub mod process;
pub mod strategy;
