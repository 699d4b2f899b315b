//! Two histograms compared by ranks: is a request of the candidate slower than one of stable, and by how much.

use super::{Z95, finite, upper_tail};

/// Every request of the candidate set beside every request of stable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pairs {
    /// Share of pairs in which the candidate's request is slower; half of the ties count (A. Vargha and H. Delaney,
    /// 2000). One half: no difference.
    pub slower: f64,
    /// Lower end of its one-sided 95 percent interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Chance of a candidate that looks at least this slow although both are alike (one-sided).
    pub p_slower: f64,
}

/// Compares counts of requests per bucket, both over the same buckets, fastest first.
///
/// The U test of H. Mann and D. Whitney (1947) in its normal approximation, with the correction for ties: all requests
/// of a bucket are ties. The interval of the effect is that of Hanley and `McNeil` (1982). `None` where the buckets
/// differ in number, a side has fewer than two requests, or all requests of both fell into one bucket, which tells
/// nothing about their order.
#[must_use]
pub fn pairs(candidate: &[f64], stable: &[f64]) -> Option<Pairs> {
    if candidate.len() != stable.len() || !sound(candidate) || !sound(stable) {
        return None;
    }
    let (n1, n2) = (candidate.iter().sum::<f64>(), stable.iter().sum::<f64>());
    if n1 < 2.0 || n2 < 2.0 {
        return None;
    }
    let (mut faster_stable, mut u, mut ties) = (0.0, 0.0, 0.0);
    for (c, s) in candidate.iter().zip(stable) {
        u += c * (faster_stable + s / 2.0);
        faster_stable += s;
        let here = c + s;
        ties += here.powi(3) - here;
    }
    let all = n1 + n2;
    let variance = n1 * n2 / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)));
    // counts are floats: what is left of all in one bucket is rounding
    if variance <= n1 * n2 * all * 1e-12 {
        return None;
    }
    let excess = u - n1 * n2 / 2.0;
    // half a pair for the step from counts to a curve
    let corrected = excess.signum() * (excess.abs() - 0.5).max(0.0);
    let slower = (u / (n1 * n2)).clamp(0.0, 1.0);
    let error = hanley_mcneil(slower, n1, n2);
    Some(Pairs {
        slower: finite(slower)?,
        low: finite(slower - Z95 * error)?.max(0.0),
        high: finite(slower + Z95 * error)?.min(1.0),
        p_slower: finite(upper_tail(corrected / variance.sqrt()))?,
    })
}

fn sound(counts: &[f64]) -> bool {
    counts.iter().all(|count| count.is_finite() && *count >= 0.0)
}

/// Standard error of the share of slower pairs.
fn hanley_mcneil(a: f64, n1: f64, n2: f64) -> f64 {
    let q1 = a / (2.0 - a);
    let q2 = 2.0 * a * a / (1.0 + a);
    let square = a * (1.0 - a) + (n1 - 1.0) * (q1 - a * a) + (n2 - 1.0) * (q2 - a * a);
    (square.max(0.0) / (n1 * n2)).sqrt()
}
