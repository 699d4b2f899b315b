//! Bursts of input: what tells a pressed key from a held one and from pasted text.

/// What one look at the input found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A key press.
    Key,
    /// The terminal says that the key is being held: it belongs to the burst of its press.
    Repeat,
    /// Something else that breaks silence (paste, mouse): it is part of a burst, but no key.
    Other,
    /// Something that neither belongs to a burst nor breaks silence (a resize, a key's release).
    Silent,
    /// Nothing right now: the burst has ended.
    Nothing,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Look again at once.
    LookAgain,
    /// Wait up to [`SILENCE_MILLIS`] for input, then say what came.
    AwaitSilence,
    /// Wait for input as long as it takes.
    Await,
}

/// A key counts as alone only after this much silence.
pub(super) const SILENCE_MILLIS: u64 = 50;

/// Numbers the bursts. A burst ends when the input is found empty.
#[derive(Debug, Default)]
pub(super) struct Bursts {
    number: u64,
    keys: u32,
    others: u32,
    awaiting_silence: bool,
}

impl Bursts {
    /// Number of the burst that the present input belongs to.
    #[must_use]
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Takes in what a look at the input found; says what to do next, and whether the key of the burst just ended has
    /// proved to be alone.
    pub(super) fn saw(&mut self, found: Found) -> (Next, Option<u64>) {
        match found {
            Found::Key | Found::Other => {
                self.begin_unless_open();
                self.keys += u32::from(found == Found::Key);
                self.others += u32::from(found == Found::Other);
                (Next::LookAgain, None)
            }
            Found::Repeat => {
                self.others += 1;
                self.awaiting_silence = false;
                (Next::LookAgain, None)
            }
            Found::Silent if self.awaiting_silence => (Next::AwaitSilence, None),
            Found::Silent => (Next::LookAgain, None),
            Found::Nothing if self.awaiting_silence => {
                self.awaiting_silence = false;
                (Next::Await, Some(self.number))
            }
            Found::Nothing => {
                let single = self.keys == 1 && self.others == 0;
                self.keys = 0;
                self.others = 0;
                self.awaiting_silence = single;
                (if single { Next::AwaitSilence } else { Next::Await }, None)
            }
        }
    }

    fn begin_unless_open(&mut self) {
        if self.keys == 0 && self.others == 0 {
            self.number += 1;
            self.awaiting_silence = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds looks at the input; returns each key's burst number and the bursts that proved to be a lone key.
    fn run(looks: &[Found]) -> (Vec<u64>, Vec<u64>) {
        let mut bursts = Bursts::default();
        let (mut numbers, mut alone) = (Vec::new(), Vec::new());
        for &found in looks {
            let (_, quiet) = bursts.saw(found);
            if found == Found::Key {
                numbers.push(bursts.number());
            }
            alone.extend(quiet);
        }
        (numbers, alone)
    }

    use Found::{Key, Nothing, Other, Repeat, Silent};

    #[test]
    fn a_lone_key_is_alone_after_silence() {
        // the first `Nothing` ends the burst, the second one is the silence
        assert_eq!(run(&[Key, Nothing, Nothing]), (vec![1], vec![1]));
    }

    #[test]
    fn a_key_that_follows_within_the_silence_spoils_it_and_opens_a_burst_of_its_own() {
        assert_eq!(run(&[Key, Nothing, Key, Nothing, Nothing]), (vec![1, 2], vec![2]));
    }

    #[test]
    fn keys_read_together_are_one_burst_and_none_is_alone() {
        assert_eq!(run(&[Key, Key, Key, Nothing, Nothing]), (vec![1, 1, 1], vec![]));
    }

    #[test]
    fn a_key_beside_a_paste_is_not_alone() {
        assert_eq!(run(&[Other, Key, Nothing, Nothing]), (vec![1], vec![]));
    }

    #[test]
    fn a_held_key_stays_in_the_burst_of_its_press() {
        assert_eq!(run(&[Key, Nothing, Repeat, Nothing, Repeat, Nothing, Nothing]), (vec![1], vec![]));
    }

    #[test]
    fn a_resize_does_not_break_the_silence() {
        assert_eq!(run(&[Key, Nothing, Silent, Nothing]), (vec![1], vec![1]));
    }

    #[test]
    fn silence_is_announced_once() {
        assert_eq!(run(&[Key, Nothing, Nothing, Nothing, Nothing]).1, [1]);
    }
}
