//! Bars that show a share.

use super::super::glyph;
use super::super::line::Line;
use super::super::theme::Role;

/// A bar of `width` cells, filled to `share` (0 to 1). Anything above nothing shows at least one cell, and anything
/// short of all leaves one open: a bar must not round a rest away.
#[must_use]
pub(crate) fn bar(share: f64, width: usize, role: Role) -> Line {
    let filled = filled(share, width);
    Line::of(role, glyph::FULL.repeat(filled)).with(Role::Frame, glyph::LIGHT.repeat(width - filled))
}

/// Two versions side by side: the stable one's share in its colour, the candidate's in its own.
#[must_use]
pub(crate) fn split(candidate: f64, width: usize) -> Line {
    let filled = filled(candidate, width);
    Line::of(Role::Stable, glyph::FULL.repeat(width - filled))
        .with(Role::Candidate, glyph::HEAVY.repeat(filled))
}

fn filled(share: f64, width: usize) -> usize {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 0 and the width of a screen"
    )]
    let cells = (share * width as f64).round() as usize;
    let least = usize::from(share > 0.0);
    let most = if share < 1.0 { width.saturating_sub(1) } else { width };
    cells.min(most).max(least.min(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_never_rounded_away() {
        for (share, shown) in [(0.0, 0), (0.001, 1), (0.25, 4), (0.999, 15), (1.0, 16), (f64::NAN, 0)] {
            assert_eq!(filled(share, 16), shown, "{share}");
        }
        assert_eq!(bar(0.5, 0, Role::Good).width(), 0);
        assert_eq!(split(0.25, 16).to_text(), "████████████━━━━");
    }
}
