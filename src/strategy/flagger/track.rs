//! The steps of a release, who says what about its share, and what is measured.

use serde_json::Number;

use crate::model::canary::{CanaryMetric, Phase};
use crate::model::proof::Verdict;
use crate::model::text::Text;
use crate::model::track::{AnalysisLine, Share, StepTrack, TrackStep, Truth};

use super::pair::Pair;
use super::weights;

/// The steps: the gate before, weights or iterations, the gate after, the promotion. Only in flight: at rest nothing
/// says which of them the last release came to.
pub(super) fn track(pair: &Pair<'_>) -> Option<StepTrack> {
    let phase = pair.phase();
    if !phase.in_flight() {
        return None;
    }
    let analysis = &pair.canary.spec.analysis;
    let gate = |kind: &str| {
        let step = TrackStep { what: Text::clean(kind), manual: true, ..TrackStep::default() };
        analysis.asks(kind).then_some(step)
    };
    let mut steps: Vec<TrackStep> = gate("confirm-rollout").into_iter().collect();
    let first = steps.len();
    let weights = analysis.weights();
    steps.extend(weights.iter().map(|weight| TrackStep {
        what: Text::clean(&format!("{weight} %")),
        weight: u32::try_from(*weight).ok(),
        seconds: Some(u64::from(analysis.interval_seconds())),
        manual: false,
    }));
    if weights.is_empty() {
        let rounds = analysis.iterations.max(1);
        let what = Text::clean(&format!("{rounds} checks"));
        let seconds =
            u64::try_from(rounds).ok().map(|rounds| rounds * u64::from(analysis.interval_seconds()));
        steps.push(TrackStep { what, seconds, ..TrackStep::default() });
    }
    let judged = steps.len();
    steps.extend(gate("confirm-promotion"));
    let last = steps.len();
    steps.push(TrackStep { what: Text::clean("promote"), weight: Some(100), ..TrackStep::default() });
    let at = match phase {
        Phase::Waiting => 0,
        Phase::Progressing => {
            let reached =
                weights.iter().filter(|weight| **weight <= pair.canary.status.canary_weight).count();
            first + reached.saturating_sub(1)
        }
        Phase::WaitingPromotion => judged,
        _ => last,
    };
    Some(StepTrack {
        steps,
        at,
        waits: Text::clean(&waits(pair)),
        until: None,
        since: pair.canary.status.last_transition_time,
    })
}

fn waits(pair: &Pair<'_>) -> String {
    let analysis = &pair.canary.spec.analysis;
    if pair.suspended() {
        return "resumed by a person".to_owned();
    }
    if !pair.primary_ready() {
        return "primary to be ready".to_owned();
    }
    match pair.phase() {
        Phase::Waiting => "gate confirm-rollout".to_owned(),
        Phase::WaitingPromotion => "gate confirm-promotion".to_owned(),
        Phase::Progressing if !pair.target_ready() => "canary pods to be ready".to_owned(),
        Phase::Progressing if analysis.iterations > 0 => {
            format!("check {} of {}", pair.canary.status.iterations, analysis.iterations)
        }
        // an event alone says that this gate is closed
        Phase::Progressing if analysis.asks("confirm-traffic-increase") => {
            "analysis and gate confirm-traffic-increase".to_owned()
        }
        Phase::Progressing => "analysis".to_owned(),
        _ => String::new(),
    }
}

/// Spec, status and live objects about the target's share. Status reads 0 in `WaitingPromotion` and from Promoting on,
/// whatever the route sends: there it says nothing.
pub(super) fn truth(pair: &Pair<'_>) -> Truth {
    let (phase, spec, status) = (pair.phase(), &pair.canary.spec, &pair.canary.status);
    let weights = spec.analysis.weights();
    let intended = match phase {
        Phase::Initialized | Phase::Succeeded | Phase::Failed | Phase::Waiting => Some((0, phase.word())),
        Phase::WaitingPromotion => weights.last().map(|weight| (*weight, "maxWeight")),
        _ => None,
    };
    let weighted = !weights.is_empty() && !weights::by_selector(pair);
    let speaks = matches!(phase, Phase::Progressing | Phase::Waiting) || phase.at_rest();
    Truth {
        intended: intended.and_then(|(part, from)| Share::new(part, 100, from)),
        reported: (weighted && speaks)
            .then(|| Share::new(status.canary_weight, 100, "status.canaryWeight"))
            .flatten(),
        live: weights::live(pair),
        also: weights::also(pair),
    }
}

/// What Flagger measures, with its limits. It publishes no values: only how many checks failed.
pub(super) fn analysis(pair: &Pair<'_>) -> Vec<AnalysisLine> {
    let (spec, status) = (&pair.canary.spec.analysis, &pair.canary.status);
    let mut lines = Vec::new();
    if matches!(pair.phase(), Phase::Progressing | Phase::WaitingPromotion) {
        let failed = status.failed_checks;
        lines.push(AnalysisLine {
            name: Text::clean("failed checks"),
            value: Text::clean(&failed.to_string()),
            limit: Text::clean(&format!("< {}", spec.fails_at())),
            tally: Text::clean(&format!("{failed} of {} failed", spec.fails_at())),
            place: Text::clean("each tick"),
            verdict: if failed >= spec.fails_at() { Verdict::Breached } else { Verdict::Met },
            values: Vec::new(),
        });
    }
    lines.extend(spec.metrics.iter().map(|metric| AnalysisLine {
        name: Text::clean(&metric.name),
        limit: Text::clean(&limit(metric)),
        place: Text::clean("each tick"),
        verdict: Verdict::Unknown,
        ..AnalysisLine::default()
    }));
    lines
}

fn limit(metric: &CanaryMetric) -> String {
    let range = metric.threshold_range.clone().unwrap_or_default();
    let word = |sign: &str, number: &Option<Number>| number.as_ref().map(|number| format!("{sign} {number}"));
    let parts: Vec<String> = [word("≥", &range.min), word("≤", &range.max)].into_iter().flatten().collect();
    if !parts.is_empty() {
        return parts.join(" and ");
    }
    // the old form: a floor for the built-in success rate, else a ceiling
    let sign = if metric.name == "request-success-rate" { "≥" } else { "≤" };
    word(sign, &metric.threshold).unwrap_or_default()
}
