//! Keys that count only alone wait for the silence after them; all others go on at once.

use std::collections::VecDeque;

use crossterm::event::{KeyEvent, KeyEventKind};

/// A key, with what is known about its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// Which.
    pub key: KeyEvent,
    /// Number of its burst.
    pub burst: u64,
    /// Whether it was the only key of its burst, and silence followed. Known only of keys that had to wait for it.
    pub alone: bool,
}

/// The key that waits, if there is one.
#[derive(Debug, Default)]
pub struct Presses {
    waiting: Option<(KeyEvent, u64)>,
}

impl Presses {
    /// A key came. Returns what can go on now, in order.
    pub fn key(&mut self, key: KeyEvent, burst: u64, counts_only_alone: bool) -> VecDeque<Press> {
        let mut ready: VecDeque<Press> = self.spoil().into_iter().collect();
        if counts_only_alone && key.kind == KeyEventKind::Press {
            self.waiting = Some((key, burst));
        } else {
            ready.push_back(Press { key, burst, alone: false });
        }
        ready
    }

    /// Silence followed the only key of this burst.
    pub fn quiet(&mut self, burst: u64) -> Option<Press> {
        let (key, of) = self.waiting.take()?;
        Some(Press { key, burst: of, alone: of == burst })
    }

    /// Something else came (a paste): the key that waits was not alone.
    pub fn spoil(&mut self) -> Option<Press> {
        self.waiting.take().map(|(key, burst)| Press { key, burst, alone: false })
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    fn key(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    fn alone(presses: impl IntoIterator<Item = Press>) -> Vec<(KeyCode, bool)> {
        presses.into_iter().map(|press| (press.key.code, press.alone)).collect()
    }

    #[test]
    fn an_ordinary_key_goes_on_at_once() {
        assert_eq!(alone(Presses::default().key(key('j'), 1, false)), [(KeyCode::Char('j'), false)]);
    }

    #[test]
    fn a_key_that_counts_alone_waits_for_silence() {
        let mut presses = Presses::default();
        assert!(presses.key(key('H'), 1, true).is_empty());
        assert_eq!(alone(presses.quiet(1)), [(KeyCode::Char('H'), true)]);
    }

    #[test]
    fn whatever_follows_too_soon_spoils_it_and_keeps_the_order() {
        let mut presses = Presses::default();
        presses.key(key('H'), 1, true);
        let ready = presses.key(key('j'), 2, false);
        assert_eq!(alone(ready), [(KeyCode::Char('H'), false), (KeyCode::Char('j'), false)]);
        presses.key(key('y'), 3, true);
        assert_eq!(alone(presses.spoil()), [(KeyCode::Char('y'), false)]);
        assert_eq!(presses.quiet(3), None);
    }
}
