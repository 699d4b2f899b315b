//! Chance that can be had again.

/// A small generator: the same seed gives the same keys.
pub(crate) struct Dice(u64);

impl Dice {
    /// Seeded by the clock, or by `GONOGO_SEED`; says its seed.
    pub(crate) fn new() -> Self {
        let given = std::env::var("GONOGO_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given
            .unwrap_or_else(|| u64::from(std::time::UNIX_EPOCH.elapsed().unwrap_or_default().subsec_nanos()));
        println!("GONOGO_SEED={seed}");
        Self(seed)
    }

    /// One of the bytes.
    pub(crate) fn among(&mut self, keys: &[u8]) -> u8 {
        let bound = u16::try_from(keys.len()).unwrap_or(u16::MAX);
        keys[usize::from(self.below(bound))]
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u16) -> u16 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from((self.0 >> 33) % u64::from(bound)).unwrap_or_default()
    }
}
