//! Tests of whole pictures and of keys, on states made by hand.

mod hostile;
mod keys;
mod mouse;
mod pictures;
mod selection;
mod sizes;
mod still;

/// A small generator (xorshift64): the same in every run, and the seed stands in the test.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u16) -> u16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u16::try_from(self.0 % u64::from(bound)).unwrap()
    }
}
