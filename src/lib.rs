//! `gonogo`, a full-screen terminal console for going live on Kubernetes. This page is the guide to the house.
//!
//! # One idea
//!
//! The program is a pure core with adapters at its edges. [`core::update`] takes one event (a key, something that was
//! seen, the answer to a request, a timer) and returns effects as plain values; it never waits, reads no clock and
//! draws no random number. Adapters carry effects out and report what they saw as events. The screen is a picture of
//! the state. That is why every rule about what may be sent, and when an act counts as done, is tested without a
//! cluster, and why the same rules hold for a key, a script and a restarted console.
//!
//! # Rooms, and which way the arrows point
//!
//! ```text
//! main -> cli -> runtime -> { ui, cluster, telemetry, journal, process, plan } -> core -> strategy -> model
//!                sim: imports nothing of ours; reached over HTTP only
//! ```
//!
//! | Folder | Holds |
//! |---|---|
//! | [`model`] | plain data that every layer speaks: ids, thin cluster objects, acts, facts, observations |
//! | [`strategy`] | one folder per way a workload is rolled out: what objects mean, what an act sends, whether a goal holds |
//! | [`core`] | state, events, effects, and the one function that turns one into the other; in `judge` the arithmetic of rules, gates and bakes |
//! | [`cluster`] | the only home of the Kubernetes client: connect, watch, read, apply |
//! | [`telemetry`] | Prometheus: finding it, asking it, and saying what is not known |
//! | [`journal`] | the hash-chained record: append, verify, resume |
//! | [`process`] | the only home of child processes (credential plugins) |
//! | [`plan`] | loading a plan file, with every fault located |
//! | [`ui`] | screens, keys, themes: pure functions of the state |
//! | [`runtime`] | the only place where the layers meet: the loop, the terminal's threads, clocks, configuration |
//! | [`cli`] | arguments and verbs over the same core |
//! | `sim` | an embedded cluster for the demo and for fast tests |
//!
//! `tests/architecture.rs` holds the table of what each folder may import, and fails on anything else.
//!
//! # Invariants
//!
//! - No write leaves without its authorising fact; an act that raises risk also waits until that fact is journaled.
//! - One confirmed key is at most one request. Only the emergency stop repeats itself.
//! - Accepted is not done: an act ends when live objects have agreed with its goal without a break for a while.
//! - What lowers risk is never blocked by a mode, stale data, a journal or a metrics source.
//! - A pod template that goes back to the cluster is the JSON that was read, through no typed struct.
//! - No data is never good data: verdicts, proofs and readings have a value for "cannot tell".
//! - Text from outside is [`model::Text`] before it reaches a screen, a print or the journal.
//!
//! # The way of a roll-back
//!
//! A key becomes [`core::Intent::Propose`]; `policy` says whether the mode allows it; the strategy outlines the requests;
//! a sheet opens at once. `y` counts once a frame with the sheet was drawn. Then `Authorised` and `Sending` are
//! appended and the request leaves with its id as `Audit-ID`. Every observation asks the strategy again:
//! send, wait, holds or impossible. Ten seconds of "holds" are `Proven`; five more minutes are watched for somebody who
//! brings the old version back.

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
