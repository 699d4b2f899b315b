//! Parts of a view that only stepwise rollouts have: the steps, who says what about the traffic, and analyses.

use serde::{Deserialize, Serialize};

use super::Time;
use super::text::Text;

/// The steps of an update.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTrack {
    /// All of them, in their order.
    pub steps: Vec<TrackStep>,
    /// The present one; as many as there are: done.
    pub at: usize,
    /// What it waits for, in words (`until promoted`, `analysis`, `3 pods`); empty where it just runs.
    pub waits: Text,
    /// When a timed pause ends by itself.
    pub until: Option<Time>,
    /// When the present step began, where known.
    pub since: Option<Time>,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackStep {
    /// In words: `25 %`, `pause 5 m`, `analysis error-rate`.
    pub what: Text,
    /// The candidate's share from this step on, where the step sets one.
    pub weight: Option<u32>,
    /// Seconds that it lasts, where that is fixed.
    pub seconds: Option<u64>,
    /// Whether somebody has to let it go on.
    pub manual: bool,
}

/// The candidate's share of the traffic as each of those says who should know, in percent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// What the spec wants now.
    pub intended: Option<Share>,
    /// What the controller reports.
    pub reported: Option<Share>,
    /// What routes, selectors and endpoints say.
    pub live: Option<Share>,
    /// Every other rule that names the candidate: header and cookie matches, mirrors.
    pub also: Vec<Text>,
}

/// A share, with where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The candidate's weight, or its endpoints.
    pub part: i64,
    /// All weights, or all endpoints; never 0.
    pub whole: i64,
    /// Where it was read: `Ingress api-canary`, `endpoints of api`.
    pub from: Text,
}

impl Share {
    /// A share of a whole; of nothing there is none.
    #[must_use]
    pub fn new(part: i64, whole: i64, from: &str) -> Option<Self> {
        (whole > 0).then(|| Self { part, whole, from: Text::clean(from) })
    }

    /// In percent.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "weights are at most a million")]
    pub fn percent(&self) -> f64 {
        100.0 * self.part as f64 / self.whole as f64
    }
}

impl Truth {
    /// What disagrees, in words, beyond half a percent; `None` while fewer than two of them speak, or all agree.
    #[must_use]
    pub fn disagreement(&self) -> Option<String> {
        const TOLERATED: f64 = 0.5;
        let said = [("intended", &self.intended), ("reported", &self.reported), ("live", &self.live)];
        let known: Vec<(&str, f64)> =
            said.iter().filter_map(|(who, share)| Some((*who, share.as_ref()?.percent()))).collect();
        let least = known.iter().map(|(_, percent)| *percent).fold(f64::INFINITY, f64::min);
        let most = known.iter().map(|(_, percent)| *percent).fold(f64::NEG_INFINITY, f64::max);
        (known.len() > 1 && most - least > TOLERATED).then(|| {
            let words: Vec<String> =
                known.iter().map(|(who, percent)| format!("{who} {percent:.0} %")).collect();
            words.join(", ")
        })
    }
}

/// One metric of an analysis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisLine {
    /// Name.
    pub name: Text,
    /// Newest value, as written.
    pub value: Text,
    /// The limit as written.
    pub limit: Text,
    /// `9 of 10 ok`.
    pub tally: Text,
    /// Where it belongs: `background`, `step 3`, `before promotion`, `after promotion`.
    pub place: Text,
    /// How it stands.
    pub verdict: super::proof::Verdict,
    /// Newest values as numbers, oldest first, for a sparkline; what is no number is left out.
    pub values: Vec<Text>,
}
