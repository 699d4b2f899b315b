//! Plain data that every layer speaks: ids, cluster objects as this program needs them, acts, facts, observations.
//!
//! Nothing here reads a clock, a file or a socket, and nothing here decides: judgement lives in `strategy` and `core`.
//! Objects of the API server are parsed into thin structs that skip what no decision needs (`managedFields` contents,
//! specs of containers), so that a watch of thousands of pods stays small; pod templates are the one thing that is
//! never taken apart, because a roll-back must send them back value for value (see [`template::Template`]).

pub mod access;
pub mod act;
pub mod analysis;
pub mod bake;
pub mod canary;
pub mod credential;
pub mod deployment;
pub mod fact;
pub mod identity;
pub mod ids;
pub mod kind;
pub mod listed;
pub mod measure;
pub mod meta;
pub mod objects;
pub mod observation;
pub mod outline;
pub mod owner;
pub mod plan;
pub mod pod;
pub mod proof;
pub mod reading;
#[cfg(test)]
pub(crate) mod recorded;
pub mod relations;
pub mod replicaset;
pub mod request;
pub mod rollout;
pub mod route;
pub mod rule;
pub mod series;
pub mod service;
pub mod sets;
pub mod switch;
pub mod target;
pub mod template;
pub mod text;
pub mod trace;
pub mod track;
pub mod view;

pub use text::Text;

/// A point in time as every layer carries it: UTC, read from a clock in `runtime` only.
pub type Time = chrono::DateTime<chrono::Utc>;
