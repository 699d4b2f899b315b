//! Where the layers meet: the loop and its inbox, the executor that carries out effects, the terminal, configuration,
//! logging, clocks and ids.
//!
//! The loop takes events out of the inbox, calls [`core::update`](crate::core::update) and hands the effects to the
//! executor; it awaits nothing else. No judgement lives here: what to do is decided in `core`, how it looks in `ui`.

pub mod clock;
pub mod config;
pub mod console;
pub mod engine;
pub mod executor;
pub mod fatal;
pub mod hardening;
pub mod headless;
pub mod ids;
pub mod inbox;
pub mod interrupt;
pub mod logging;
pub mod start;
pub mod tasks;
pub mod terminal;
pub mod tls;
