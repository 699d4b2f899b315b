//! Trends that a few wild points do not bend.

use super::finite;

/// More points than this are thinned: the pairs grow with the square, and the trend does not get better.
const MOST_POINTS: usize = 48;

/// Median slope over all pairs of points (H. Theil, 1950; P. Sen, 1968), per unit of the first coordinate. Up to 29
/// percent of the points may be wild. `None` with fewer than two distinct times.
#[must_use]
pub fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    let points = thinned(points);
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (index, (x1, y1)) in points.iter().enumerate() {
        for (x2, y2) in &points[index + 1..] {
            let slope = (y2 - y1) / (x2 - x1);
            if slope.is_finite() {
                slopes.push(slope);
            }
        }
    }
    median_of(&mut slopes)
}

/// Median of the finite values; of an even number the mean of the middle two.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    median_of(&mut values)
}

fn median_of(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { below.iter().copied().max_by(f64::total_cmp)? } else { *upper };
    let upper = *upper;
    finite(f64::midpoint(lower, upper))
}

/// Every k-th point, the last one always: even over the window, cheap, and blind to nothing that lasts.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let stride = points.len().div_ceil(MOST_POINTS).max(1);
    let mut kept: Vec<(f64, f64)> = points.iter().rev().step_by(stride).copied().collect();
    kept.reverse();
    kept
}
