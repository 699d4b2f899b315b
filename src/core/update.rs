//! One step of the core.

use super::{Effect, Event, Stamped, State};

/// Takes one event in and says what is to be done about it. Pure: no clock, no randomness, no I/O.
pub fn update(state: &mut State, event: Stamped<Event>) -> Vec<Effect> {
    state.now = event.at;
    Vec::new()
}
