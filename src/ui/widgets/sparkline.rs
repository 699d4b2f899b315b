//! A curve in one line.

use super::super::glyph;
use super::super::line::Line;
use super::super::theme::Role;

/// The newest `width` points as eighths of a cell, right-aligned to now; a gap is left empty. The curve stands on
/// zero: a steady value looks steady, however large it is.
#[must_use]
pub(crate) fn sparkline(points: &[Option<f64>], width: usize, role: Role) -> Line {
    let shown = &points[points.len().saturating_sub(width)..];
    let top = shown.iter().flatten().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
    let cells: String = shown.iter().map(|point| cell(*point, top)).collect();
    Line::new().gap(width - shown.len()).with(role, cells)
}

fn cell(point: Option<f64>, top: f64) -> &'static str {
    let Some(value) = point.filter(|value| value.is_finite()) else { return " " };
    if top <= 0.0 {
        return glyph::EIGHTHS[0];
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 7")]
    let level = (value / top * 7.0).round().clamp(0.0, 7.0) as usize;
    glyph::EIGHTHS[level]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_right_aligned_keeps_its_gaps_and_stands_on_zero() {
        let points = [Some(1.0), None, Some(2.0)];
        assert_eq!(sparkline(&points, 6, Role::Stable).to_text(), "   ▅ █");
        assert_eq!(sparkline(&points, 2, Role::Stable).to_text(), " █");
        assert_eq!(sparkline(&[Some(0.0), Some(0.0)], 2, Role::Stable).to_text(), "▁▁");
        assert_eq!(sparkline(&[Some(f64::NAN), Some(f64::INFINITY)], 2, Role::Stable).to_text(), "  ");
        assert_eq!(sparkline(&[], 3, Role::Stable).to_text(), "   ");
        assert_eq!(sparkline(&[Some(200.0); 3], 3, Role::Stable).to_text(), "███", "steady looks steady");
    }
}
