//! The scale of a chart: where a value stands, and what the labels say.

use super::super::super::words;

/// From zero to `top`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// The value at the upper edge.
    pub(super) top: f64,
}

impl Scale {
    /// The smallest scale that ends at 1, 2 or 5 times a power of ten and holds all values.
    pub(super) fn over(values: impl Iterator<Item = f64>, least: f64) -> Self {
        let most = values.filter(|value| value.is_finite()).fold(least.max(f64::MIN_POSITIVE), f64::max);
        Self { top: round_up(most) }
    }

    /// Where a value stands between the lower edge (0) and the upper one (1).
    pub(super) fn share(self, value: f64) -> f64 {
        (value / self.top).clamp(0.0, 1.0)
    }

    /// The row of a value, from the top; `None` above the scale.
    pub(super) fn row(self, value: f64, height: u16) -> Option<u16> {
        (0.0..=self.top).contains(&value).then(|| cell(1.0 - value / self.top, height))
    }
}

/// 1, 2 or 5 times a power of ten, not below `value`.
fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    // 0.1 / 10^-1 is a little above 1
    let digits = value / power - 1e-9;
    [1.0, 2.0, 5.0].into_iter().find(|step| digits <= *step).unwrap_or(10.0) * power
}

/// The cell of a share, of `count` cells.
pub(super) fn cell(share: f64, count: u16) -> u16 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the count")]
    let cell = (share.clamp(0.0, 1.0) * f64::from(count.saturating_sub(1))).round() as u16;
    cell
}

/// A label, with as many decimals as the scale needs.
pub(super) fn label(value: f64, top: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if top < 0.05 {
        return format!("{value:.3}");
    }
    if top < 5.0 { format!("{value:.2}") } else { words::decimal(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_moves_in_steps_and_never_cuts_a_value() {
        for (most, top) in
            [(0.04, 0.05), (0.1, 0.1), (0.11, 0.2), (1.0, 1.0), (212.0, 500.0), (501.0, 1000.0)]
        {
            let scale = Scale::over([most].into_iter(), 0.0);
            assert!((scale.top - top).abs() < 1e-9, "{most}: {}", scale.top);
        }
        assert!((Scale::over([0.0, f64::NAN].into_iter(), 1.0).top - 1.0).abs() < 1e-9);
        let scale = Scale { top: 10.0 };
        assert_eq!((scale.row(0.0, 5), scale.row(10.0, 5), scale.row(11.0, 5)), (Some(4), Some(0), None));
    }
}
