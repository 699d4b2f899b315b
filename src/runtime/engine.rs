//! The core and its executor, put together: an event in, effects carried out.

use std::sync::Arc;

use super::clock::Clock;
use super::executor::Executor;
use super::ids;
use super::inbox::Batch;
use crate::core::{Event, Stamped, State, update};

/// What every loop drives, with a terminal or without.
#[derive(Debug)]
pub struct Engine {
    state: State,
    executor: Executor,
    clock: Arc<Clock>,
}

impl Engine {
    /// An engine at rest.
    #[must_use]
    pub fn new(state: State, executor: Executor, clock: Arc<Clock>) -> Self {
        Self { state, executor, clock }
    }

    /// Everything that is known.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What carries effects out.
    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    /// Takes one event in and has its effects carried out. Never waits.
    pub fn feed(&mut self, event: Event) {
        let stamped = Stamped { at: self.clock.now(), id: ids::fresh(), event };
        for effect in update(&mut self.state, stamped) {
            self.executor.carry_out(&self.state, effect);
        }
    }

    /// Takes everything of a batch in but the terminal's input.
    pub fn feed_batch(&mut self, batch: &mut Batch) {
        for event in std::mem::take(&mut batch.events) {
            self.feed(event);
        }
        for observation in batch.take_observations() {
            self.feed(Event::Observation(observation));
        }
    }
}
