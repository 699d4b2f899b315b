//! `gonogo`, a terminal console for going live on Kubernetes.

#[cfg(feature = "sim")]
pub mod sim;
