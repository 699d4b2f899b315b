//! The forms of `when`: is the bad condition there, is it not, or can nobody tell.
//!
//! One subject (everything together, the candidate, one pod) is judged at a time; a condition put together from several
//! is put together within one subject, so that "slow and failing" means one pod that is both.

mod against;
mod objects;
mod trend;

pub(super) use self::against::tally;
pub(super) use self::trend::fit_span;

use super::evidence::Judged;
use super::fresh;
use super::words;
use crate::model::ids::Name;
use crate::model::measure::{Comparison, Op, Share, Span, Unit};
use crate::model::proof::Verdict;
use crate::model::reading::{Measured, MetricReading, Samples};
use crate::model::rule::{Metric, Stat, When};
use crate::model::{Text, Time};

/// What is judged, and by what.
pub(super) struct Subject<'a> {
    /// Everything measured.
    pub(super) samples: &'a Samples,
    /// The plan's metrics.
    pub(super) metrics: &'a super::Metrics,
    /// The rule's own metric with its reading, where the rule has one.
    pub(super) metric: Option<(&'a Metric, &'a MetricReading)>,
    /// The subject's own series.
    pub(super) measured: Option<&'a Measured>,
    /// The pod, where it is one.
    pub(super) pod: Option<&'a Name>,
    /// When the pod last started.
    pub(super) started: Option<Time>,
    /// Least share of a window that must have data.
    pub(super) min_coverage: Share,
    /// Hysteresis: while breached, the value must come back to this side.
    pub(super) clear: Option<f64>,
    /// The time of the judgement.
    pub(super) now: Time,
}

/// Judges one condition.
pub(super) fn judge(when: &When, subject: &Subject<'_>) -> Judged {
    match when {
        When::Value(is) => value(is, subject),
        When::RatioTo { of, is } => against::ratio(of, is, subject),
        When::DifferenceTo { of, is } => against::difference(of, is, subject),
        When::GrowthPer { per, is, window, min_span, fit: _ } => {
            trend::growth_per(*per, is, *window, *min_span, subject)
        }
        When::GrowthOver { over, is, edge } => trend::growth_over(*over, is, *edge, subject),
        When::DeltaOver { over, is } => trend::delta_over(*over, is, subject),
        When::AbsentFor { lasts } => absent(*lasts, subject),
        When::Burn { budget, over, is } => burn(*budget, *over, is, subject),
        When::TimeTo { limit, within } => trend::time_to(limit, *within, subject),
        When::State { field, is } => objects::state(field, is, subject),
        When::Event { matches, over, is } => objects::event(matches, *over, is, subject),
        When::Skew { versions } => objects::skew(*versions, subject),
        When::AllOf(parts) => all_of(parts, subject),
        When::AnyOf(parts) => any_of(parts, subject),
        When::Not(part) => not(judge(part, &plain(subject))),
    }
}

/// The subject without hysteresis: which of several values would it be about?
fn plain<'a>(subject: &Subject<'a>) -> Subject<'a> {
    Subject { clear: None, ..*subject }
}

/// Bad where all parts are. One that is clearly not bad decides alone.
fn all_of(parts: &[When], subject: &Subject<'_>) -> Judged {
    let subject = plain(subject);
    let judged: Vec<Judged> = parts.iter().map(|part| judge(part, &subject)).collect();
    let words = joined(&judged, "and");
    let measured = judged.iter().all(|one| one.measured);
    let lightest = judged.into_iter().min_by_key(|one| match one.verdict {
        Verdict::Met => 0,
        Verdict::Unknown => 1,
        Verdict::Breached => 2,
    });
    match lightest {
        Some(one) if one.verdict == Verdict::Breached => Judged { measured, words, ..one },
        Some(one) => one,
        None => Judged::unknown("a condition without parts"),
    }
}

/// Bad where one part is.
fn any_of(parts: &[When], subject: &Subject<'_>) -> Judged {
    let subject = plain(subject);
    let judged: Vec<Judged> = parts.iter().map(|part| judge(part, &subject)).collect();
    let words = joined(&judged, "or");
    match Judged::worst(judged, |_, _| false) {
        Some(one) if one.verdict == Verdict::Met => Judged { words, ..one },
        Some(one) => one,
        None => Judged::unknown("a condition without parts"),
    }
}

fn not(judged: Judged) -> Judged {
    let verdict = match judged.verdict {
        Verdict::Met => Verdict::Breached,
        Verdict::Breached => Verdict::Met,
        Verdict::Unknown => return judged,
    };
    Judged { verdict, words: Text::from(format!("not: {}", judged.words)), ..judged }
}

fn joined(judged: &[Judged], word: &str) -> Text {
    let all: Vec<&str> = judged.iter().map(|one| one.words.as_str()).collect();
    Text::from(all.join(&format!(" {word} ")))
}

/// The condition with its hysteresis: the stricter of both values counts.
fn with_clear(is: &Comparison, clear: Option<f64>) -> Comparison {
    let value = match (is.op, clear) {
        (Op::Greater | Op::AtLeast, Some(clear)) => is.value.min(clear),
        (Op::Less | Op::AtMost, Some(clear)) => is.value.max(clear),
        (Op::Equal | Op::NotEqual, Some(_)) | (_, None) => is.value,
    };
    Comparison { value, ..is.clone() }
}

impl<'a> Subject<'a> {
    /// The rule's metric and its reading.
    fn own(&self) -> Result<(&'a Metric, &'a MetricReading), Judged> {
        self.metric.ok_or_else(|| Judged::unknown("no data"))
    }

    /// The subject's value now, with enough of its window covered.
    fn value(&self) -> Result<f64, Judged> {
        let (metric, reading) = self.own()?;
        let value = fresh::fresh(self.measured, fresh::staleness(metric, reading), self.now)?;
        self.covered()?;
        Ok(value)
    }

    fn covered(&self) -> Result<(), Judged> {
        if self.min_coverage.percent() <= 0.0 {
            return Ok(());
        }
        match self.measured.and_then(|measured| measured.coverage) {
            Some(share) if share.percent() >= self.min_coverage.percent() => Ok(()),
            Some(share) if share.percent().is_finite() => Err(Judged::unknown(format!(
                "data for {} of the window, {} needed",
                words::percent(share.fraction()),
                words::percent(self.min_coverage.fraction())
            ))),
            _ => Err(Judged::unknown("nobody knows how much of the window has data")),
        }
    }

    /// A judgement with the samples and the age of the subject.
    fn told(&self, judged: Judged) -> Judged {
        Judged {
            samples: self.measured.and_then(|measured| measured.samples).filter(|many| many.is_finite()),
            age: self.measured.and_then(|measured| measured.last).map(|last| fresh::age(last.at, self.now)),
            ..judged
        }
    }

    /// Judges a number of `unit` by a condition, in words.
    fn by(&self, number: f64, is: &Comparison, unit: &Unit) -> Judged {
        let is = with_clear(is, self.clear);
        if !number.is_finite() {
            return Judged::unknown("no number");
        }
        let words = format!("{}, bad {}", words::measured(number, unit), words::condition(&is));
        self.told(Judged::of(is.holds(number), number, words))
    }
}

impl From<Text> for Judged {
    fn from(why: Text) -> Self {
        Self::unknown(why)
    }
}

/// The judgement, or the reason why there is none.
fn either(judged: Result<Judged, Judged>, subject: &Subject<'_>) -> Judged {
    judged.unwrap_or_else(|unknown| subject.told(unknown))
}

fn value(is: &Comparison, subject: &Subject<'_>) -> Judged {
    let judged = || {
        let (metric, _) = subject.own()?;
        Ok(subject.by(subject.value()?, is, &metric.unit))
    };
    either(judged(), subject)
}

/// No data where data is due. The source must have answered: its silence is not that of what it watches.
fn absent(lasts: Span, subject: &Subject<'_>) -> Judged {
    let Some((metric, reading)) = subject.metric else {
        return Judged::unknown("the source has not answered yet");
    };
    let Some(measured) = subject.measured else { return Judged::unknown("the source has not answered yet") };
    if let Some(fault) = &measured.fault {
        return Judged::unknown(format!("the source failed: {fault}"));
    }
    if fresh::fresh(Some(measured), fresh::staleness(metric, reading), subject.now).is_ok() {
        return subject.told(Judged::of(false, 0.0, "there is data"));
    }
    let newest = measured.last.map(|last| last.at).or(measured.points.last().map(|point| point.at));
    let silent = match newest {
        Some(at) => fresh::age(at, subject.now),
        // the source looked through its window and found nothing
        None => reading.window,
    };
    let words = format!("no data for {silent}, bad from {lasts} on");
    if silent >= lasts {
        // a breach by what is missing: it is told, and nothing is done by it
        return subject.told(Judged { measured: false, ..Judged::of(true, silent.as_f64(), words) });
    }
    subject.told(Judged::unknown(words))
}

/// How fast an error budget is used up.
fn burn(budget: Share, over: Span, is: &Comparison, subject: &Subject<'_>) -> Judged {
    let judged = || {
        let (metric, reading) = subject.own()?;
        let now = subject.value()?;
        // a rate over the window asked for is there already; else it is put together from the past
        let failed = if reading.window == over { now } else { trend::mean_over(over, reading, subject)? };
        let failed = metric.unit.convert(failed, &Unit::Percent);
        let share = failed.filter(|_| matches!(metric.stat, Stat::Ratio) && budget.percent() > 0.0);
        let share =
            share.ok_or_else(|| Judged::unknown("a burn rate needs a share of failures and a budget"))?;
        Ok(subject.by(share / budget.percent(), is, &Unit::Times))
    };
    either(judged(), subject)
}
