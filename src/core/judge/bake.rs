//! Bakes: healthy, observed time at a step. Not a sleep: a count derived from facts and looks.
//!
//! A warning pauses, something critical begins anew, the unknown does not count. What passed while no console looked
//! does not count either and is no fault: it is shown as a gap. A bake is done with enough time, enough requests and
//! enough of it known.

use super::claim::{self, count};
use super::stats::{Tally, upper_bound};
use super::words;
use crate::model::bake::{BakeCount, BakeFact, BakeWants};
use crate::model::measure::{Share, Span};
use crate::model::proof::Claim;
use crate::model::rule::{MinSamples, Severity};
use crate::model::{Text, Time};

/// Between two looks at most so much time counts: longer, and nobody watched.
const REACH: u64 = 45_000;
/// What was counted is journaled at least so often.
const CHECKPOINT: u64 = 60_000;

/// A bake under way: the fold of its facts and of the looks of this console.
#[derive(Clone, Debug, PartialEq)]
pub struct Bake {
    /// When it began (again).
    pub began: Time,
    /// What it waits for.
    pub wants: BakeWants,
    /// What was counted.
    pub count: BakeCount,
    /// Why it does not count now.
    pub paused: Option<Text>,
    /// The look before; `None` after a restart of the console, so that the time between is not counted.
    at: Option<Time>,
    /// Milliseconds counted since the last fact about it.
    unsaved: u64,
}

/// What one look at a bake saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The gravest breach among the rules of the component.
    pub breach: Option<(Severity, Text)>,
    /// Why something is not known.
    pub unknown: Option<Text>,
    /// Requests and failures of the candidate, over `window`.
    pub seen: Option<Tally>,
    /// Over how much time they were counted.
    pub window: Span,
}

/// What a bake shows.
#[derive(Clone, Debug, PartialEq)]
pub struct BakeView {
    /// Whether it is done.
    pub done: bool,
    /// Healthy time.
    pub healthy: Span,
    /// Of how much.
    pub length: Span,
    /// Share of the watched time that was known; `None` before the first look.
    pub coverage: Option<Share>,
    /// Time since the start in which nobody looked.
    pub gap: Span,
    /// The share of failures under which the true rate lies, with 95 percent confidence.
    pub proves_below: Option<Share>,
    /// What is shown about the target, where there is one.
    pub claim: Option<Claim>,
    /// `3m of 5m, 1 840 of 3 000 requests, 98 % observed, proves below 0.16 %`.
    pub words: Text,
    /// What is still missing, the longest wait last.
    pub lacking: Vec<Text>,
}

impl Bake {
    /// A bake that begins.
    #[must_use]
    pub fn start(wants: BakeWants, now: Time) -> Self {
        Self { began: now, wants, count: BakeCount::default(), paused: None, at: None, unsaved: 0 }
    }

    /// Takes a bake up from its facts, oldest first, with the time of each. The time since the last of them was not
    /// watched.
    pub fn from_facts<'a>(facts: impl IntoIterator<Item = (Time, &'a BakeFact)>) -> Option<Self> {
        let mut bake: Option<Self> = None;
        for (at, fact) in facts {
            match (fact, &mut bake) {
                (BakeFact::Started { wants }, _) => bake = Some(Self::start(*wants, at)),
                (BakeFact::Counted { count, .. }, Some(bake)) => bake.count = *count,
                (BakeFact::Restarted { .. }, Some(bake)) => bake.begin_anew(at),
                // without its beginning a bake is not known
                (BakeFact::Counted { .. } | BakeFact::Restarted { .. }, None) => {}
            }
        }
        bake
    }

    /// Folds one look into the bake. What is to be journaled comes back.
    #[must_use]
    pub fn look(&mut self, look: &Look, now: Time) -> Vec<BakeFact> {
        let passed = self.at.map_or(0, |at| u64::try_from((now - at).num_milliseconds()).unwrap_or(0));
        let watched = passed <= REACH;
        let passed = if watched { passed } else { 0 };
        self.at = Some(now);
        let was_paused = self.paused.is_some();
        self.count.watched += passed;
        self.unsaved += passed;
        let critical = look.breach.as_ref().filter(|(severity, _)| *severity >= Severity::Critical);
        if let Some((severity, why)) = critical {
            let why = Text::from(format!("{severity}: {why}"));
            // one restart for one breach, however long it lasts
            let counted = self.count.healthy > 0 || self.count.requests > 0.0 || !was_paused;
            self.paused = Some(why.clone());
            if counted {
                self.begin_anew(now);
                return vec![BakeFact::Restarted { why }];
            }
            self.count.known += passed;
            return Vec::new();
        }
        let warning = look.breach.as_ref().filter(|(severity, _)| *severity == Severity::Warning);
        match (warning, &look.unknown) {
            (Some((severity, why)), _) => {
                self.count.known += passed;
                self.paused = Some(Text::from(format!("{severity}: {why}")));
            }
            (None, Some(why)) => self.paused = Some(Text::from(format!("unknown: {why}"))),
            (None, None) => {
                self.paused = None;
                if let Some(restart) = self.shorter_anew(now) {
                    return vec![restart];
                }
                self.count.known += passed;
                self.count.healthy += passed;
                self.count_requests(look, passed);
            }
        }
        self.save(was_paused, now)
    }

    /// Requests of the time that passed, as a part of those of the window.
    fn count_requests(&mut self, look: &Look, passed: u64) {
        let Some(seen) = look.seen.filter(|seen| seen.share().is_some()) else { return };
        if look.window.is_zero() {
            return;
        }
        let part = count(passed) / 1_000.0 / look.window.as_f64();
        self.count.requests += seen.requests * part;
        self.count.failed += seen.failed.min(seen.requests) * part;
    }

    /// So much was unknown that a bake from here on is done sooner than this one.
    fn shorter_anew(&mut self, now: Time) -> Option<BakeFact> {
        let least = self.wants.coverage.fraction();
        let unknown = count(self.count.watched.saturating_sub(self.count.known));
        if unknown <= 0.0 || self.wants.length.is_zero() {
            return None;
        }
        // known / (known + unknown) reaches the least coverage with so much known
        let needed = if least < 1.0 { unknown * least / (1.0 - least) } else { f64::INFINITY };
        let length = count(self.wants.length.seconds()) * 1_000.0;
        if needed - count(self.count.known) <= length.max(1.0) {
            return None;
        }
        self.begin_anew(now);
        Some(BakeFact::Restarted { why: Text::from("too much of it was unknown: counting anew is quicker") })
    }

    fn begin_anew(&mut self, at: Time) {
        self.began = at;
        self.count = BakeCount { restarts: self.count.restarts + 1, ..BakeCount::default() };
        self.unsaved = 0;
    }

    /// What was counted is journaled each minute, when it begins to pause, and when it is done.
    fn save(&mut self, was_paused: bool, now: Time) -> Vec<BakeFact> {
        let begins_to_pause = self.paused.is_some() && !was_paused;
        let done = self.is_done() && self.unsaved > 0;
        if self.unsaved < CHECKPOINT && !begins_to_pause && !done {
            return Vec::new();
        }
        self.unsaved = 0;
        vec![BakeFact::Counted { count: self.count, until: now }]
    }

    /// Requests and failures counted.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        Tally { requests: self.count.requests, failed: self.count.failed }
    }

    /// Share of the watched time that was known.
    #[must_use]
    pub fn coverage(&self) -> Option<Share> {
        (self.count.watched > 0).then(|| Share(100.0 * count(self.count.known) / count(self.count.watched)))
    }

    /// Whether it is done: enough time, enough requests, enough of it known, and nothing wrong now.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.paused.is_none() && self.at.is_some() && self.lacking().is_empty()
    }

    fn lacking(&self) -> Vec<Text> {
        let healthy = words::span(self.count.healthy);
        let mut lacking = Vec::new();
        let covered = self.coverage().is_some_and(|share| share.percent() >= self.wants.coverage.percent());
        if self.wants.coverage.percent() > 0.0 && !covered && !self.wants.length.is_zero() {
            let known = self.coverage().map_or(0.0, Share::fraction);
            let wanted = words::percent(self.wants.coverage.fraction());
            lacking.push(Text::from(format!("{} observed, {wanted} needed", words::percent(known))));
        }
        if healthy < self.wants.length {
            lacking.push(Text::from(format!("{healthy} of {}", self.wants.length)));
        }
        let few =
            self.wants.samples.and_then(|needed| claim::too_few(self.count.requests, needed, self.rate()));
        lacking.extend(few.map(Text::from));
        lacking
    }

    /// Requests each second, as counted so far.
    fn rate(&self) -> Option<f64> {
        (self.count.healthy > 0).then(|| self.count.requests / (count(self.count.healthy) / 1_000.0))
    }

    /// What it shows at `now`.
    #[must_use]
    pub fn view(&self, now: Time) -> BakeView {
        let healthy = words::span(self.count.healthy);
        let proves_below = upper_bound(self.tally()).map(|share| Share(100.0 * share));
        let elapsed = u64::try_from((now - self.began).num_milliseconds()).unwrap_or(0);
        let mut said = vec![format!("{healthy} of {}", self.wants.length)];
        let requests = words::grouped(self.count.requests);
        said.push(match self.wants.samples {
            Some(needed) => format!("{requests} of {} requests", words::grouped(count(needed))),
            None => format!("{requests} requests"),
        });
        said.extend(self.coverage().map(|share| format!("{} observed", words::percent(share.fraction()))));
        said.extend(proves_below.map(|share| format!("proves below {}", words::percent(share.fraction()))));
        said.extend(self.paused.as_ref().map(|why| format!("paused by {why}")));
        BakeView {
            done: self.is_done(),
            healthy,
            length: self.wants.length,
            coverage: self.coverage(),
            gap: words::span(elapsed.saturating_sub(self.count.watched)),
            proves_below,
            claim: self.wants.target.map(|target| claim::rate_under(self.tally(), target, self.rate())),
            words: Text::from(said.join(", ")),
            lacking: self.lacking(),
        }
    }
}

/// What a bake could show at best, before anybody waits for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Requests that the candidate gets in its time.
    pub requests: f64,
    /// Requests that it needs.
    pub needed: u64,
    /// The time that would be enough.
    pub enough: Span,
    /// `this bake cannot prove its target (0.1 %): ...; it needs 30m`.
    pub words: Text,
}

/// Whether a bake can show its target with the load that is expected; `None` where it can, or where nothing is asked.
#[must_use]
pub fn cannot_prove(
    target: Share,
    min_samples: MinSamples,
    weight: Share,
    per_second: f64,
    length: Span,
) -> Option<Forecast> {
    let needed = min_samples.needed(Some(target))?;
    let rate = per_second * weight.fraction();
    let requests = rate * length.as_f64();
    if !rate.is_finite() || rate <= 0.0 || requests >= count(needed) * (1.0 - 1e-9) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number of seconds"
    )]
    let enough = Span((count(needed) / rate - 1e-6).ceil() as u64);
    let below = upper_bound(Tally { requests, failed: 0.0 }).unwrap_or(1.0);
    let words = format!(
        "this bake cannot prove its target ({}): in {length} the candidate gets {} requests, {} are needed; it needs \
         {enough}. As it is, it proves a rate below {}",
        words::percent(target.fraction()),
        words::grouped(requests),
        words::grouped(count(needed)),
        words::percent(below)
    );
    Some(Forecast { requests, needed, enough, words: Text::from(words) })
}
