//! Analyses of the update in flight: measured values against their limits, a line each.
//!
//! The measurements are read, not the phase: a run that an abort ended reads Successful, and a run has been Successful
//! although every measurement failed.

use crate::model::analysis::{AnalysisRun, Measurement, MetricResult};
use crate::model::proof::Verdict;
use crate::model::template::ARGO_HASH_LABEL;
use crate::model::text::Text;
use crate::model::track::AnalysisLine;

use super::scene::Scene;

/// Values shown for a sparkline.
const VALUES: usize = 30;

/// Lines of the candidate's analyses, the worst first. Of each place the newest run counts.
pub(super) fn lines(scene: &Scene<'_>) -> Vec<AnalysisLine> {
    let Some(candidate) = scene.candidate() else { return Vec::new() };
    let runs = || {
        scene
            .objects
            .analyses
            .iter()
            .filter(|run| run.metadata.label(ARGO_HASH_LABEL) == Some(candidate.as_str()))
    };
    let newest = |run: &&AnalysisRun| {
        !runs().any(|other| place(other) == place(run) && other.metadata.created > run.metadata.created)
    };
    let mut lines: Vec<AnalysisLine> =
        runs().filter(newest).flat_map(|run| run.metrics.iter().map(|metric| line(run, metric))).collect();
    lines.sort_by_key(|line| match line.verdict {
        Verdict::Breached => 0,
        Verdict::Unknown => 1,
        Verdict::Met => 2,
    });
    lines
}

fn place(run: &AnalysisRun) -> String {
    let step = || run.metadata.label("step-index").and_then(|index| index.parse::<u32>().ok());
    match run.metadata.label("rollout-type") {
        Some("Background") => "background".to_owned(),
        Some("Step") => step().map_or_else(|| "step".to_owned(), |index| format!("step {}", index + 1)),
        Some("PrePromotion") => "before promotion".to_owned(),
        Some("PostPromotion") => "after promotion".to_owned(),
        Some(other) => other.to_owned(),
        None => "analysis".to_owned(),
    }
}

fn line(run: &AnalysisRun, metric: &MetricResult) -> AnalysisLine {
    let newest = metric.measurements.last();
    let value = newest.map_or_else(|| "not measured yet".to_owned(), shown);
    let limit = match (&metric.success, &metric.failure) {
        (Some(success), Some(failure)) => format!("{success}, fails if {failure}"),
        (Some(success), None) => success.to_string(),
        (None, Some(failure)) => format!("fails if {failure}"),
        (None, None) => "the provider's own verdict".to_owned(),
    };
    let from = metric.measurements.len().saturating_sub(VALUES);
    let values = metric.measurements[from..].iter().filter(|one| !one.value.is_empty());
    AnalysisLine {
        name: Text::clean(metric.name.as_str()),
        value: Text::clean(&value),
        limit: Text::clean(&limit),
        tally: Text::clean(&tally(metric)),
        place: Text::clean(&place(run)),
        verdict: verdict(metric),
        values: values.map(|one| one.value.clone()).collect(),
    }
}

fn shown(measurement: &Measurement) -> String {
    match (measurement.value.is_empty(), measurement.message.is_empty()) {
        (false, _) => measurement.value.to_string(),
        (true, false) => measurement.message.to_string(),
        (true, true) => measurement.phase.clone(),
    }
}

fn tally(metric: &MetricResult) -> String {
    let all = metric.count.max(metric.successful + metric.failed + metric.inconclusive) + metric.error;
    let mut words = vec![format!("{} of {all} ok", metric.successful)];
    let others =
        [(metric.failed, "failed"), (metric.inconclusive, "inconclusive"), (metric.error, "not measured")];
    words
        .extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
    words.join(", ")
}

/// Bad where a measurement failed or the metric did, good only where the newest measurement is a number and was good.
fn verdict(metric: &MetricResult) -> Verdict {
    if metric.phase == "Failed" || metric.phase == "Error" {
        return Verdict::Breached;
    }
    match metric.measurements.last() {
        Some(newest) if newest.phase == "Failed" => Verdict::Breached,
        Some(newest) if newest.phase == "Successful" && !is_nothing(newest.value.as_str()) => Verdict::Met,
        Some(_) | None => Verdict::Unknown,
    }
}

/// `NaN` passes conditions that were written without it in mind.
fn is_nothing(value: &str) -> bool {
    let bare = value.trim_matches(['[', ']', ' ']);
    bare.eq_ignore_ascii_case("nan") || bare.eq_ignore_ascii_case("null") || bare == "<nil>"
}
