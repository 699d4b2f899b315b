//! What numbers allow, as pure functions of values that are handed in. Nothing here reads a clock, sends a request or
//! knows how a verdict is drawn.

pub mod stats;
