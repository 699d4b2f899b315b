//! `gonogo`, a terminal console for going live on Kubernetes.

pub mod core;
pub mod journal;
pub mod model;
pub mod plan;
