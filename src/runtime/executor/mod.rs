//! Carries out effects and reports back by the inbox.

pub mod journal;
pub mod timers;
