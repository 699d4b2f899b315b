//! What the terminal needs of the rig: the clock, and children that die with their test.

#[path = "../rig/clock.rs"]
pub(crate) mod clock;
#[path = "../rig/lifeline.rs"]
pub(crate) mod lifeline;
