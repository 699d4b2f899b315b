use super::super::fixture::{drawn, healthy, measured, stuck, ui};
use super::super::skin::Skin;

/// A small generator (xorshift64): the sizes are the same in every run, and the seed stands here.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u16) -> u16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u16::try_from(self.0 % u64::from(bound)).unwrap()
    }
}

#[test]
fn any_size_can_be_drawn() {
    let mut random = Random(0x5eed_0003);
    let states = [healthy(), stuck(), measured()];
    for step in 0..1000 {
        let state = &states[step % states.len()];
        // small sizes are where things break: most of the tries are there
        let (widest, highest) = if step % 4 == 0 { (500, 200) } else { (60, 20) };
        let (width, height) = (1 + random.below(widest), 1 + random.below(highest));
        let buffer = drawn(state, &ui(state), &Skin::plain(), width, height);
        assert_eq!((buffer.area.width, buffer.area.height), (width, height));
    }
}
