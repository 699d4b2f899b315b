//! Quantiles of a histogram.

use super::finite;

/// A quantile as far as buckets tell it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantile {
    /// Interpolated within its bucket, evenly, as Prometheus does it.
    Is(f64),
    /// It lies in the last bucket, which has no upper end: at least its lower end.
    AtLeast(f64),
}

/// The quantile `share` (0 to 1) of requests counted per bucket (not cumulated), whose upper ends are `bounds`; the
/// last end may be infinite. `None` without requests, or where bounds do not grow.
#[must_use]
pub fn quantile(share: f64, bounds: &[f64], counts: &[f64]) -> Option<Quantile> {
    let grows = bounds.windows(2).all(|pair| pair[0] < pair[1]);
    let sound = counts.iter().all(|count| count.is_finite() && *count >= 0.0);
    let all: f64 = counts.iter().sum();
    if !(0.0..=1.0).contains(&share) || bounds.len() != counts.len() || !grows || !sound || all <= 0.0 {
        return None;
    }
    let wanted = share * all;
    let mut below = 0.0;
    let mut start = bounds.first().map_or(0.0, |first| first.min(0.0));
    for (end, count) in bounds.iter().zip(counts) {
        let reached = below + count;
        if *count > 0.0 && reached >= wanted - all * 1e-12 {
            if !end.is_finite() {
                return finite(start).map(Quantile::AtLeast);
            }
            return finite(start + (end - start) * ((wanted - below) / count).clamp(0.0, 1.0))
                .map(Quantile::Is);
        }
        below = reached;
        start = *end;
    }
    None
}
