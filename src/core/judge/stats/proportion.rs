//! Failures among requests: what they show about the true rate, and about two rates.

use statrs::function::beta::beta_reg;

use super::{Z95, finite, upper_tail};

/// Two-sided 95 percent of the standard normal distribution.
const Z95_TWO_SIDED: f64 = 1.959_963_984_540_054;
/// From so many of both kinds on the score interval is as good as the exact one, whose series would need too many terms.
const MANY: f64 = 1000.0;
/// Halvings of the unit interval: more than a double can tell apart.
const HALVINGS: u32 = 60;

/// Requests, and how many of them failed. Counters extrapolated by the source give fractions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    /// Requests.
    pub requests: f64,
    /// Of these, failed.
    pub failed: f64,
}

impl Tally {
    /// The share that failed; `None` where the counts make none (fewer than one request, or more failures than requests).
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let sound = self.requests.is_finite() && self.failed.is_finite() && self.requests >= 1.0;
        // extrapolation may push the failures a hair above the requests
        (sound && self.failed >= 0.0 && self.failed <= self.requests * 1.01 + 1.0)
            .then(|| (self.failed / self.requests).min(1.0))
    }

    fn counts(&self) -> Option<(f64, f64)> {
        self.share().map(|_| (self.requests, self.failed.min(self.requests)))
    }
}

/// Upper end of the one-sided 95 percent interval of the true share: without failures the rule of three, 3/n
/// (J. Hanley and A. Lippman-Hand, 1983; a hair above the exact bound), else the exact interval of C. Clopper and
/// E. Pearson (1934): the share under which so few failures have a chance of 5 percent.
#[must_use]
pub fn upper_bound(tally: Tally) -> Option<f64> {
    let (n, x) = tally.counts()?;
    if x < 0.5 {
        return finite((3.0 / n).min(1.0));
    }
    if x > n - 0.5 {
        return Some(1.0);
    }
    if x.min(n - x) > MANY {
        return Some(score(n, x, Z95).1);
    }
    // P(X <= x | p) = 1 - I_p(x + 1, n - x)
    finite(solve(|p| beta_reg(x + 1.0, n - x, p), 0.95))
}

/// Lower end of the one-sided 95 percent interval of the true share (Clopper and Pearson): the share under which so
/// many failures have a chance of 5 percent; zero without failures.
#[must_use]
pub fn lower_bound(tally: Tally) -> Option<f64> {
    let (n, x) = tally.counts()?;
    if x < 0.5 {
        return Some(0.0);
    }
    if x.min(n - x) > MANY {
        return Some(score(n, x, Z95).0);
    }
    // P(X >= x | p) = I_p(x, n - x + 1)
    finite(solve(|p| beta_reg(x, n - x + 1.0, p), 0.05))
}

/// Where a function that grows over the unit interval reaches `level`.
fn solve(grows: impl Fn(f64) -> f64, level: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if grows(middle) < level {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The two-sided 95 percent score interval of a share (E. B. Wilson, 1927).
#[must_use]
pub fn wilson(tally: Tally) -> Option<(f64, f64)> {
    let (n, x) = tally.counts()?;
    Some(score(n, x, Z95_TWO_SIDED))
}

fn score(n: f64, x: f64, z: f64) -> (f64, f64) {
    let p = x / n;
    let z2 = z * z;
    let centre = p + z2 / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

/// A candidate's failures against those of stable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Candidate's share less stable's.
    pub difference: f64,
    /// Lower end of its two-sided 95 percent interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Chance of a candidate that looks at least this bad although both fail alike (one-sided pooled score test).
    pub p_worse: f64,
}

/// The difference of two independent shares with its interval (R. Newcombe, 1998, method 10: Wilson's intervals
/// combined by squares), which stays sound with no failures on either side.
#[must_use]
pub fn contrast(candidate: Tally, stable: Tally) -> Option<Contrast> {
    let (p1, p2) = (candidate.share()?, stable.share()?);
    let ((l1, u1), (l2, u2)) = (wilson(candidate)?, wilson(stable)?);
    let difference = p1 - p2;
    let low = difference - (p1 - l1).hypot(u2 - p2);
    let high = difference + (u1 - p1).hypot(p2 - l2);
    let ((n1, x1), (n2, x2)) = (candidate.counts()?, stable.counts()?);
    let pooled = (x1 + x2) / (n1 + n2);
    let deviation = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    // both all good or all bad: nothing speaks for a difference
    let p_worse = if deviation > 0.0 { upper_tail(difference / deviation) } else { 0.5 };
    Some(Contrast {
        difference,
        low: finite(low)?.max(-1.0),
        high: finite(high)?.min(1.0),
        p_worse: finite(p_worse)?,
    })
}

/// Requests without a failure that show a true share under `target`: the rule of three turned round.
#[must_use]
pub fn requests_to_show(target: f64) -> Option<f64> {
    // a hair less, so that 3 / 0.001 is 3000 and not 3001
    (target > 0.0 && target.is_finite()).then(|| (3.0 / target - 1e-6).ceil())
}
