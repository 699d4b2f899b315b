//! One workload: what was found for it, its newest readings and its curves.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use tokio::time::Instant;

use super::ask::{Answers, Missing, answers, is_loss, look};
use super::curve::Curve;
use super::reading::{Age, age, reading};
use super::{Settings, Wanted};
use crate::model::series::{Reading, Side, Signal, SignalQuery};
use crate::model::{Text, Time};
use crate::telemetry::dialect::{Found, Queries, SIDE_LABEL, queries, sentence, side_value};
use crate::telemetry::prometheus::Client;

/// Metrics come and go with versions: look again.
const DISCOVER_AGAIN: TimeDelta = TimeDelta::minutes(5);
/// The same while only a part was found.
const DISCOVER_REST: TimeDelta = TimeDelta::minutes(1);
/// Readings are taken at other moments than the source's own steps: ask for the whole curve again.
const CURVES_AGAIN: TimeDelta = TimeDelta::minutes(5);

/// What is known of a workload's signals.
pub(super) struct Workload {
    pub(super) query: SignalQuery,
    pub(super) window: Duration,
    span: Duration,
    step: Duration,
    found: Option<(Found, Time)>,
    texts: Option<Queries>,
    curves_asked: Option<Time>,
    /// When it is to be asked next; `None` before it was asked.
    due: Option<Instant>,
    /// When it was asked last.
    pub(super) asked: Time,
    /// How far the source's clock is ahead of this console's.
    pub(super) ahead: TimeDelta,
    /// Which metrics are asked, or why none are.
    pub(super) sentence: Text,
    pub(super) sides: BTreeMap<Side, SideState>,
}

/// One side of it.
pub(super) struct SideState {
    /// Time of the newest sample, in this console's clock.
    pub(super) sampled: Option<Time>,
    pub(super) signals: BTreeMap<Signal, SignalState>,
}

/// One signal of a side.
pub(super) struct SignalState {
    pub(super) now: Reading,
    pub(super) curve: Curve,
    pub(super) query: Text,
}

impl Workload {
    pub(super) fn new(query: SignalQuery, wanted: &Wanted) -> Self {
        let signal = || SignalState {
            now: Reading::NoData,
            curve: Curve::new(wanted.span, wanted.step),
            query: Text::default(),
        };
        let side = || SideState { sampled: None, signals: Signal::ALL.map(|which| (which, signal())).into() };
        let sides = query.sides.iter().map(|(which, _)| (*which, side())).collect();
        Self {
            query,
            window: wanted.window,
            span: wanted.span,
            step: wanted.step,
            found: None,
            texts: None,
            curves_asked: None,
            due: None,
            asked: Time::UNIX_EPOCH,
            ahead: TimeDelta::zero(),
            sentence: Text::from("not asked yet"),
            sides,
        }
    }

    /// Whether this is what `query` asks for now.
    pub(super) fn is_for(&self, query: &SignalQuery, wanted: &Wanted) -> bool {
        self.query == *query
            && (self.window, self.span, self.step) == (wanted.window, wanted.span, wanted.step)
    }

    /// Asks at once, and for the curves too: as after a silence.
    pub(super) fn begin_anew(&mut self) {
        self.curves_asked = None;
        self.due = None;
    }

    /// When it is to be asked next.
    pub(super) fn due(&self) -> Instant {
        self.due.unwrap_or_else(Instant::now)
    }

    /// Plans the next time: a whole period after `now`, or only `share` of it where this is the first time.
    pub(super) fn ask_after(&mut self, now: Instant, period: Duration, share: Duration) {
        self.due = Some(now + if self.due.is_some() { period } else { share });
    }

    /// Is asked at `latest` from now on: the period has become shorter.
    pub(super) fn ask_by(&mut self, latest: Instant) {
        self.due = self.due.map(|due| due.min(latest));
    }

    /// Marks everything as not known.
    pub(super) fn fail(&mut self, why: &Text, asked: Time) {
        self.asked = asked;
        let source_now = asked + self.ahead;
        for signal in self.sides.values_mut().flat_map(|side| side.signals.values_mut()) {
            signal.set(Reading::Failed(why.clone()), source_now);
        }
    }

    /// Asks for everything as of now. True when nothing was answered for want of a source.
    pub(super) async fn ask(
        &mut self,
        client: &Client,
        settings: &Settings,
        asked: Time,
        source_now: Time,
    ) -> bool {
        self.asked = asked;
        self.ahead = noticeable(source_now - asked);
        match self.discover(client, settings, source_now).await {
            Ok(()) => {}
            Err(Missing::Means(why)) => {
                self.fail(&why, asked);
                self.texts = None;
                self.sentence = why;
            }
            // known queries go on although looking for more failed
            Err(Missing::Answer(error)) if self.texts.is_some() && !is_loss(&error) => {}
            Err(Missing::Answer(error)) => {
                self.fail(&error.text(), asked);
                return is_loss(&error);
            }
        }
        let Some(texts) = &self.texts else { return false };
        let answers = answers(client, texts, source_now).await;
        let lost = answers.are_lost();
        self.take(&answers, settings.stale_after(), source_now);
        lost
    }

    /// Asks for the curves where that is due; true when there is something new.
    pub(super) async fn ask_curves(&mut self, client: &Client, asked: Time, source_now: Time) -> bool {
        let due = self.curves_asked.is_none_or(|last| asked - last >= CURVES_AGAIN);
        let stretch = Curve::stretch(self.span, self.step, source_now);
        let (true, Some(texts), Some(stretch)) = (due, &self.texts, stretch) else { return false };
        let texts = texts.signals.iter().filter_map(|(signal, text)| Some((*signal, text.as_ref().ok()?)));
        let asking = texts.map(async |(signal, text)| (signal, client.range(text, stretch).await));
        let answers = join_all(asking).await;
        if answers.is_empty() {
            return false;
        }
        self.curves_asked = Some(asked);
        for (signal, answer) in answers {
            // a curve that cannot be read now stays as it is, and grows by readings
            let Ok(series) = answer else { continue };
            for (side, state) in &mut self.sides {
                let own: Vec<_> = series.iter().filter(|one| is_of(&one.labels, *side)).collect();
                let (Some(state), true) = (state.signals.get_mut(&signal), own.len() <= 1) else { continue };
                state.curve.fill(stretch, own.first().map_or(&[], |one| &one.points));
            }
        }
        true
    }

    /// Finds out which metrics there are, where that is due, and writes the queries for them.
    async fn discover(
        &mut self,
        client: &Client,
        settings: &Settings,
        source_now: Time,
    ) -> Result<(), Missing> {
        let before = match &self.found {
            Some((found, at)) if source_now - *at < look_again_after(found) => return Ok(()),
            due => due.as_ref().map(|(found, _)| found.clone()),
        };
        let newest = look(client, &self.query, source_now).await?;
        // what was found once is kept while its series pause
        let found = before.filter(|_| newest.is_empty()).unwrap_or(newest);
        let texts = queries(&self.query, &found, &settings.custom, self.window).map_err(Missing::Means)?;
        self.sentence = sentence(&found, &settings.custom);
        self.texts = Some(texts);
        self.found = Some((found, source_now));
        Ok(())
    }

    fn take(&mut self, answers: &Answers, stale_after: Duration, source_now: Time) {
        let Some(texts) = &self.texts else { return };
        for (side, state) in &mut self.sides {
            let age = state.age(*side, answers, self.window, (self.asked, source_now));
            for (which, signal) in &mut state.signals {
                let sent = texts.signals.get(which).and_then(|text| text.as_ref().ok());
                signal.query = sent.map(|text| Text::clean(text)).unwrap_or_default();
                let now = match answers.signals.get(which) {
                    None => Reading::NoData,
                    Some(Err(why)) => Reading::Failed(why.clone()),
                    Some(Ok(outcome)) => reading(outcome, *side, &age, stale_after),
                };
                signal.set(now, source_now);
            }
        }
    }
}

impl SideState {
    /// Age of the side's newest sample; remembers when that was taken.
    fn age(
        &mut self,
        side: Side,
        answers: &Answers,
        window: Duration,
        (asked, source_now): (Time, Time),
    ) -> Age {
        let Some(outcome) = &answers.sampled else { return Age::Unknown(Text::from("cannot be asked")) };
        let seconds = |delta: TimeDelta| delta.as_seconds_f64();
        let last_seen = self.sampled.map(|sampled| seconds(asked - sampled));
        let source_now = seconds(source_now - Time::UNIX_EPOCH);
        let age = age(outcome, side, source_now, last_seen.unwrap_or(window.as_secs_f64()));
        if let Age::Seconds(old) = age {
            let old =
                Duration::try_from_secs_f64(old.max(0.0)).ok().and_then(|old| TimeDelta::from_std(old).ok());
            self.sampled = old.and_then(|old| asked.checked_sub_signed(old));
        }
        age
    }
}

impl SignalState {
    fn set(&mut self, now: Reading, source_now: Time) {
        self.curve.push(source_now, now.value());
        self.now = now;
    }
}

fn look_again_after(found: &Found) -> TimeDelta {
    if found.is_empty() {
        TimeDelta::zero()
    } else if found.is_whole() {
        DISCOVER_AGAIN
    } else {
        DISCOVER_REST
    }
}

fn is_of(labels: &BTreeMap<String, String>, side: Side) -> bool {
    labels.get(SIDE_LABEL).is_some_and(|label| label == side_value(side))
}

/// A difference of clocks worth correcting; less than two seconds is the way of the answer.
fn noticeable(ahead: TimeDelta) -> TimeDelta {
    if ahead.abs() < TimeDelta::seconds(2) {
        TimeDelta::zero()
    } else {
        TimeDelta::seconds(ahead.num_seconds())
    }
}
