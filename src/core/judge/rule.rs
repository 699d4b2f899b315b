//! A rule: readings folded into a standing, with hold times and hysteresis.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::evidence::Judged;
use super::form::{self, Subject};
use super::{Metrics, claim, fresh, words};
use crate::model::ids::{MetricId, RuleId};
use crate::model::measure::Span;
use crate::model::proof::Verdict;
use crate::model::reading::{Measured, MetricReading, Samples};
use crate::model::rule::{Metric, OnMissing, Rule, RuleScope, When};
use crate::model::series::Side;
use crate::model::{Text, Time};

/// Between two judgements at most so much time counts as known, where the metric does not say how long its values last.
const REACH: Span = Span(45);

/// Since when a rule is what it is. Times are counted only while they are known: a gap neither counts nor forgets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleState {
    /// Where the rule stands.
    pub phase: Phase,
    /// The judgement before: when, and whether the bad condition was there.
    pub before: Option<(Time, Verdict)>,
}

/// Where a rule stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Nothing is wrong, as far as known.
    #[default]
    Quiet,
    /// The bad condition is there, for less than the rule's `for`.
    Pending {
        /// Milliseconds for which it was seen.
        bad: u64,
    },
    /// Breached.
    Breached {
        /// Since when.
        since: Time,
        /// Milliseconds for which the bad condition has been gone without a break.
        clear: u64,
    },
}

/// What a rule says now.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Whether it takes part at all: not outside of its steps, nor without data where that is to be ignored.
    pub takes_part: bool,
    /// Met: the bad condition is clearly not there. Breached: it lasted. Everything else is unknown.
    pub verdict: Verdict,
    /// Whether measured values of this very look say that the rule is breached: nothing less starts a roll-back.
    pub acts: bool,
    /// Since when it is breached.
    pub since: Option<Time>,
    /// The look itself.
    pub judged: Judged,
}

/// Judges a rule and folds the result into its state.
#[must_use]
pub fn evaluate(
    rule: &Rule,
    before: &RuleState,
    metrics: &Metrics,
    samples: &Samples,
    now: Time,
) -> (RuleState, Standing) {
    if !is_active(rule, samples) {
        let judged = Judged::unknown("does not apply at this step");
        let standing =
            Standing { takes_part: false, verdict: Verdict::Unknown, acts: false, since: None, judged };
        return (RuleState::default(), standing);
    }
    let breached = matches!(before.phase, Phase::Breached { .. });
    let judged = look(rule, breached, metrics, samples, now);
    let ignored = judged.verdict == Verdict::Unknown && rule.on_missing == OnMissing::Ignore;
    let judged = missing(judged, rule.on_missing);
    let state = fold(rule, before, judged.verdict, reach(rule, metrics, samples), now);
    (state, standing(rule, &state, judged, !ignored))
}

/// Outside of its steps a rule rests. Where the step is not known it applies: silence is no reason to look away.
fn is_active(rule: &Rule, samples: &Samples) -> bool {
    let near = |share: f64| samples.weight.is_none_or(|weight| (weight.percent() - share).abs() < 0.01);
    rule.active.steps.is_empty() || rule.active.steps.iter().any(|step| near(step.percent()))
}

fn missing(judged: Judged, rule: OnMissing) -> Judged {
    if judged.verdict != Verdict::Unknown || rule != OnMissing::Breached {
        return judged;
    }
    // told as a breach; `measured` stays false, so nothing is done by it alone
    let words = Text::from(format!("nothing known counts as bad here: {}", judged.words));
    Judged { verdict: Verdict::Breached, measured: false, words, ..judged }
}

/// How long a judgement lasts.
fn reach(rule: &Rule, metrics: &Metrics, samples: &Samples) -> u64 {
    let own = rule.metric.as_ref().and_then(|id| Some((metrics.get(id)?, samples.metrics.get(id)?)));
    let span = own.map_or(REACH, |(metric, reading)| fresh::staleness(metric, reading));
    span.seconds().saturating_mul(1_000)
}

/// The fold itself: `RuleState x verdict x now -> RuleState`.
#[must_use]
fn fold(rule: &Rule, before: &RuleState, verdict: Verdict, reach: u64, now: Time) -> RuleState {
    let since_then = |(at, _): (Time, Verdict)| u64::try_from((now - at).num_milliseconds()).unwrap_or(0);
    // time counts where both of its ends say the same, and no longer than one look lasts
    let same = before.before.filter(|(_, was)| *was == verdict);
    let passed = same.map_or(0, since_then).min(reach);
    let lasts = rule.lasts.seconds().saturating_mul(1_000);
    let clear_for = rule.clear_for.seconds().saturating_mul(1_000);
    let phase = match (before.phase, verdict) {
        (Phase::Quiet, Verdict::Breached) => pending(0, lasts, now),
        (Phase::Pending { bad }, Verdict::Breached) => pending(bad + passed, lasts, now),
        (Phase::Quiet | Phase::Pending { .. }, Verdict::Met) | (Phase::Quiet, Verdict::Unknown) => {
            Phase::Quiet
        }
        (Phase::Pending { bad }, Verdict::Unknown) => Phase::Pending { bad },
        (Phase::Breached { since, .. }, Verdict::Breached | Verdict::Unknown) => {
            Phase::Breached { since, clear: 0 }
        }
        (Phase::Breached { since, clear }, Verdict::Met) => {
            let clear = clear + passed;
            if clear >= clear_for { Phase::Quiet } else { Phase::Breached { since, clear } }
        }
    };
    RuleState { phase, before: Some((now, verdict)) }
}

const fn pending(bad: u64, lasts: u64, now: Time) -> Phase {
    if bad >= lasts { Phase::Breached { since: now, clear: 0 } } else { Phase::Pending { bad } }
}

fn standing(rule: &Rule, state: &RuleState, judged: Judged, takes_part: bool) -> Standing {
    let (verdict, since, words) = match (state.phase, judged.verdict) {
        (Phase::Quiet, raw) => (raw, None, None),
        (Phase::Pending { bad }, _) => {
            let words = format!("{}: for {} of {}", judged.words, words::span(bad), rule.lasts);
            (Verdict::Unknown, None, Some(words))
        }
        (Phase::Breached { since, .. }, Verdict::Breached) => (Verdict::Breached, Some(since), None),
        (Phase::Breached { since, clear }, Verdict::Met) => {
            let words = format!("{}: better for {} of {}", judged.words, words::span(clear), rule.clear_for);
            (Verdict::Breached, Some(since), Some(words))
        }
        (Phase::Breached { since, .. }, Verdict::Unknown) => {
            (Verdict::Breached, Some(since), Some(format!("was breached, now unknown: {}", judged.words)))
        }
    };
    let acts =
        takes_part && verdict == Verdict::Breached && judged.verdict == Verdict::Breached && judged.measured;
    let judged = match words {
        Some(words) => Judged { words: words.into(), ..judged },
        None => judged,
    };
    Standing { takes_part, verdict, acts, since, judged }
}

/// One look, without memory but for hysteresis.
fn look(rule: &Rule, breached: bool, metrics: &Metrics, samples: &Samples, now: Time) -> Judged {
    let Some(id) = &rule.metric else {
        if rule.when.needs_metric() {
            return Judged::unknown("the rule names no metric");
        }
        return form::judge(&rule.when, &subject(rule, breached, metrics, samples, None, now));
    };
    let (Some(metric), Some(reading)) = (metrics.get(id), samples.metrics.get(id)) else {
        return Judged::unknown(format!("{id}: no data"));
    };
    let base = subject(rule, breached, metrics, samples, Some((metric, reading)), now);
    match rule.scope {
        RuleScope::Total | RuleScope::PerComponent => one(rule, metric, &base, reading.total.as_ref()),
        RuleScope::PerVersion => one(rule, metric, &base, reading.sides.get(&Side::Candidate)),
        RuleScope::PerPod => pods(rule, metric, reading, &base),
    }
}

fn subject<'a>(
    rule: &Rule,
    breached: bool,
    metrics: &'a Metrics,
    samples: &'a Samples,
    metric: Option<(&'a Metric, &'a MetricReading)>,
    now: Time,
) -> Subject<'a> {
    Subject {
        samples,
        metrics,
        metric,
        measured: None,
        pod: None,
        started: None,
        min_coverage: rule.min_coverage,
        clear: rule.clear.filter(|clear| breached && clear.is_finite()),
        now,
    }
}

fn one<'a>(rule: &Rule, metric: &Metric, base: &Subject<'a>, measured: Option<&'a Measured>) -> Judged {
    let judged = form::judge(&rule.when, &Subject { measured, ..*base });
    match too_few(rule, metric, measured, base) {
        Some(few) if judged.verdict != Verdict::Unknown => Judged { words: few, ..judged.to_unknown() },
        _ => judged,
    }
}

/// `too few: 1 840 of 3 000, ~4 min`, where a rule needs samples and has not enough.
fn too_few(rule: &Rule, metric: &Metric, measured: Option<&Measured>, base: &Subject<'_>) -> Option<Text> {
    let needed = rule.min_samples?.needed(metric.failure_target())?;
    let samples = measured.and_then(|measured| measured.samples).filter(|samples| samples.is_finite());
    let Some(samples) = samples else { return Some(Text::from("the number of samples is not known")) };
    let window = base.metric.map_or(Span::ZERO, |(_, reading)| reading.window).as_f64();
    let per_second = (window > 0.0).then(|| samples / window);
    claim::too_few(samples, needed, per_second).map(Text::from)
}

/// Each pod by itself; the worst counts. A living pod without data is unknown; one that is gone takes no part.
fn pods(rule: &Rule, metric: &Metric, reading: &MetricReading, base: &Subject<'_>) -> Judged {
    let known = &base.samples.pods;
    if known.is_empty() && reading.pods.is_empty() {
        return Judged::unknown("no pods were seen");
    }
    let living = known.keys().map(|name| (name, reading.pods.get(name)));
    let listed = reading.pods.iter().map(|(name, measured)| (name, Some(measured)));
    let subjects: Box<dyn Iterator<Item = _>> =
        if known.is_empty() { Box::new(listed) } else { Box::new(living) };
    let judged = subjects.map(|(name, measured)| {
        let started = known.get(name).and_then(|pod| pod.started);
        let of_pod = Subject { pod: Some(name), started, ..*base };
        let judged = one(rule, metric, &of_pod, measured);
        let words = Text::from(format!("{name}: {}", judged.words));
        Judged { pod: Some(name.clone()), words, ..judged }
    });
    let upward = worse_upward(&rule.when);
    let worse = |one: &Judged, other: &Judged| match (one.value, other.value) {
        (Some(one), Some(other)) if upward => one > other,
        (Some(one), Some(other)) => one < other,
        (one, other) => one.is_some() && other.is_none(),
    };
    Judged::worst(judged, worse).unwrap_or_else(|| Judged::unknown("no pods were seen"))
}

/// Whether more is worse: by it the pod is chosen that is shown.
fn worse_upward(when: &When) -> bool {
    use crate::model::measure::Op;
    match when {
        When::Value(is)
        | When::RatioTo { is, .. }
        | When::DifferenceTo { is, .. }
        | When::GrowthPer { is, .. }
        | When::GrowthOver { is, .. }
        | When::DeltaOver { is, .. }
        | When::Burn { is, .. }
        | When::State { is, .. }
        | When::Event { is, .. } => !matches!(is.op, Op::Less | Op::AtMost),
        // the least time to a limit is the worst
        When::TimeTo { .. } => false,
        When::AbsentFor { .. } | When::Skew { .. } => true,
        When::AllOf(parts) | When::AnyOf(parts) => parts.first().is_none_or(worse_upward),
        When::Not(part) => !worse_upward(part),
    }
}

/// All rules of a component with the notices that its targets make: no band between a target and the first rule is
/// silent.
#[must_use]
pub fn with_notices(rules: &[Rule], metrics: &Metrics) -> Vec<Rule> {
    let mut all = rules.to_vec();
    let mut derived: BTreeMap<&MetricId, RuleScope> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| rule.derive_notice) {
        if let Some(id) = &rule.metric {
            derived.entry(id).or_insert(rule.scope);
        }
    }
    for (id, scope) in derived {
        all.extend(metrics.get(id).and_then(|metric| metric.notice(scope)));
    }
    all
}

/// Judges all rules at once. States of rules that no longer are fall away.
#[must_use]
pub fn evaluate_all(
    rules: &[Rule],
    before: &BTreeMap<RuleId, RuleState>,
    metrics: &Metrics,
    samples: &Samples,
    now: Time,
) -> (BTreeMap<RuleId, RuleState>, BTreeMap<RuleId, Standing>) {
    rules
        .iter()
        .map(|rule| {
            let before = before.get(&rule.id).copied().unwrap_or_default();
            let (state, standing) = evaluate(rule, &before, metrics, samples, now);
            ((rule.id.clone(), state), (rule.id.clone(), standing))
        })
        .unzip()
}
