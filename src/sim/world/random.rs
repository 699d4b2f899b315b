//! A small seeded generator (SplitMix64): the same seed gives the same world, request for request.

/// The letters Kubernetes uses for generated names: no vowels, no look-alikes.
const NAME_LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// A deterministic source of numbers and names.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// A generator that repeats itself for equal seeds.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        unit_from(self.bits())
    }

    /// A number in `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// `count` rounded up or down at random, so that the mean is kept.
    pub(crate) fn round(&mut self, count: f64) -> u64 {
        let whole = count.max(0.0).floor();
        let extra = u64::from(self.unit() < count - whole);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, a few thousand"
        )]
        let whole = whole as u64;
        whole + extra
    }

    /// The five letters at the end of a generated name.
    pub(crate) fn suffix(&mut self) -> String {
        (0..5).map(|_| letter(self.bits())).collect()
    }

    /// A UUID of version 4 form.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.bits(), self.bits());
        let high = (high & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000;
        let low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

/// Scrambles `value`; equal input gives equal output.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// `bits` as a number in `0.0..1.0`.
pub(crate) fn unit_from(bits: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit the mantissa")]
    let numerator = (bits >> 11) as f64;
    numerator / 9_007_199_254_740_992.0
}

/// FNV-1a over `text`: the hash Kubernetes takes of templates.
pub(crate) fn fnv32(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// FNV-1a with 64 bits: turns names into seeds.
pub(crate) fn fnv64(text: &str) -> u64 {
    text.bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// The digits of `number` in letters that are safe in names, as in `pod-template-hash`.
pub(crate) fn name_safe(number: u32) -> String {
    number.to_string().bytes().map(|digit| letter(u64::from(digit))).collect()
}

fn letter(bits: u64) -> char {
    let index = usize::try_from(bits % 27).unwrap_or(0);
    char::from(NAME_LETTERS[index])
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn equal_seeds_give_equal_worlds() {
        let (mut one, mut two) = (Random::new(7), Random::new(7));
        assert_eq!(one.uuid(), two.uuid());
        assert_eq!(one.suffix(), two.suffix());
    }

    #[test]
    fn rounding_keeps_the_mean() {
        let mut random = Random::new(1);
        let total: u64 = (0..10_000).map(|_| random.round(0.25)).sum();
        assert!((2_300..2_700).contains(&total), "{total}");
    }
}
