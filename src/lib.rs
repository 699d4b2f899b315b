//! `gonogo`, a terminal console for going live on Kubernetes.

pub mod core;
pub mod model;
pub mod strategy;
pub mod ui;
