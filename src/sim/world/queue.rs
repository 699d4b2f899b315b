//! Work for the controllers: what is due now, and what is due later.

use std::collections::{BTreeSet, VecDeque};

use super::clock::Time;
use super::store::Key;

/// A work queue without duplicates, and a delay queue beside it.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    order: VecDeque<Key>,
    waiting: BTreeSet<Key>,
    later: BTreeSet<(Time, Key)>,
}

impl Queue {
    /// Asks for `key` to be reconciled, once, after everything asked for before.
    pub(crate) fn add(&mut self, key: Key) {
        if self.waiting.insert(key.clone()) {
            self.order.push_back(key);
        }
    }

    /// Asks for `key` to be reconciled at `time`.
    pub(crate) fn add_at(&mut self, time: Time, key: Key) {
        self.later.insert((time, key));
    }

    /// The next piece of work that is due.
    pub(crate) fn pop(&mut self) -> Option<Key> {
        let key = self.order.pop_front()?;
        self.waiting.remove(&key);
        Some(key)
    }

    /// When the next delayed work is due.
    pub(crate) fn next_due(&self) -> Option<Time> {
        self.later.first().map(|(time, _)| *time)
    }

    /// Makes everything due that was asked for at `now` or before.
    pub(crate) fn release(&mut self, now: Time) {
        while self.next_due().is_some_and(|due| due <= now)
            && let Some((_, key)) = self.later.pop_first()
        {
            self.add(key);
        }
    }
}
