//! Asks for the signals of the wanted workloads again and again, and reports what came.
//!
//! One task, one round at a time: no workload is ever asked twice at once. Each round begins with the cheapest query,
//! which tells that the source lives and what time it has; when it does not answer, every signal is reported as failed
//! in that same round, so that nothing stays green on old news. How answers become readings is told in `reading`; what
//! the readings mean is not known here.

mod ask;
mod curve;
mod reading;
mod report;
mod workload;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::workload::Workload;
use super::Clock;
use super::dialect::CustomQueries;
use super::find::Search;
use super::prometheus::Client;
use crate::model::Text;
use crate::model::observation::Observation;
use crate::model::series::{MetricsSource, SignalQuery};
use crate::model::target::Target;

/// Between two rounds while one workload is wanted.
const ROUND: Duration = Duration::from_secs(5);
/// The same for several, at least.
const ROUND_OF_SEVERAL: Duration = Duration::from_secs(15);
/// Queries of a workload in a round: five signals, the age, and a share of discovery and curves.
const QUERIES_PER_WORKLOAD: u64 = 7;
/// Budget of a console; only a first round, which also asks for curves, may exceed it.
const QUERIES_PER_SECOND: u64 = 2;
/// A change of what is wanted starts a round, but not sooner than this after the one before.
const SHORTEST_ROUND: Duration = Duration::from_secs(1);
/// Waits between searches: doubled from the first to the last.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// What to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The workloads.
    pub queries: Vec<SignalQuery>,
    /// Window of rates; whole seconds.
    pub window: Duration,
    /// How far the curves reach back.
    pub span: Duration,
    /// Between two points of a curve; whole seconds.
    pub step: Duration,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            queries: Vec::new(),
            window: Duration::from_mins(1),
            span: Duration::from_mins(30),
            step: Duration::from_secs(15),
        }
    }
}

/// What the configuration says about reading signals.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Queries that replace those of the known dialects.
    pub custom: CustomQueries,
    /// How often the source scrapes; a sample older than three intervals and 5 s is stale.
    pub scrape_interval: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { custom: CustomQueries::default(), scrape_interval: Duration::from_secs(15) }
    }
}

impl Settings {
    fn stale_after(&self) -> Duration {
        self.scrape_interval * 3 + Duration::from_secs(5)
    }
}

/// Takes reports; must not block.
pub type Emit = Arc<dyn Fn(Observation) + Send + Sync>;

/// The poller of one connection.
pub struct Poller {
    search: Search,
    settings: Settings,
    clock: Clock,
    emit: Emit,
    source: Option<MetricsSource>,
    workloads: BTreeMap<Target, Workload>,
}

/// Why following a source ended.
enum End {
    /// It no longer answers.
    Silent(Text),
    /// Nobody listens any more.
    Unwanted,
}

impl Poller {
    /// A poller that has asked for nothing yet.
    #[must_use]
    pub fn new(search: Search, settings: Settings, clock: Clock, emit: Emit) -> Self {
        Self { search, settings, clock, emit, source: None, workloads: BTreeMap::new() }
    }

    /// Searches, follows and searches again, until cancelled or until the sender of `wanted` is dropped.
    pub async fn run(mut self, wanted: watch::Receiver<Wanted>, cancel: CancellationToken) {
        cancel.run_until_cancelled(self.search_and_follow(wanted)).await;
    }

    async fn search_and_follow(&mut self, mut wanted: watch::Receiver<Wanted>) {
        self.say(MetricsSource::Looking);
        let mut retry = FIRST_RETRY;
        while wanted.has_changed().is_ok() {
            match self.search.once().await {
                Ok(hit) => {
                    retry = FIRST_RETRY;
                    self.say(hit.source);
                    match self.follow(&hit.client, &mut wanted).await {
                        End::Unwanted => return,
                        End::Silent(why) => {
                            self.lost(MetricsSource::Silent { place: hit.client.place(), why }, &wanted);
                        }
                    }
                }
                Err(source) => self.lost(source, &wanted),
            }
            tokio::time::sleep(retry).await;
            retry = (retry * 2).min(LAST_RETRY);
        }
    }

    /// Rounds, as long as the source answers.
    async fn follow(&mut self, client: &Client, wanted: &mut watch::Receiver<Wanted>) -> End {
        self.workloads.values_mut().for_each(Workload::forget_curves);
        loop {
            let started = Instant::now();
            let now_wanted = wanted.borrow_and_update().clone();
            if let Err(why) = self.round(client, &now_wanted).await {
                return End::Silent(why);
            }
            let next = started + period(now_wanted.queries.len());
            tokio::select! {
                () = tokio::time::sleep_until(next) => {}
                changed = wanted.changed() => {
                    if changed.is_err() {
                        return End::Unwanted;
                    }
                    tokio::time::sleep_until(started + SHORTEST_ROUND).await;
                }
            }
        }
    }

    /// Asks once for every workload; fails when the source as a whole does not answer.
    async fn round(&mut self, client: &Client, wanted: &Wanted) -> Result<(), Text> {
        self.keep_only(wanted);
        let mut source_now = client.probe().await.map_err(|error| error.text())?;
        for query in &wanted.queries {
            let Some(workload) = self.workloads.get_mut(&query.target) else { continue };
            let asked = (self.clock)();
            let lost = workload.ask(client, &self.settings, asked, source_now).await;
            (self.emit)(Observation::Signals(Box::new(workload.report())));
            if lost {
                source_now = client.probe().await.map_err(|error| error.text())?;
            } else if workload.ask_curves(client, asked, source_now).await {
                (self.emit)(Observation::Signals(Box::new(workload.report())));
            }
        }
        Ok(())
    }

    /// Drops what is no longer wanted, and begins anew with what is now asked differently.
    fn keep_only(&mut self, wanted: &Wanted) {
        let mut before = std::mem::take(&mut self.workloads);
        for query in &wanted.queries {
            let kept = before.remove(&query.target).filter(|workload| workload.is_for(query, wanted));
            let workload = kept.unwrap_or_else(|| Workload::new(query.clone(), wanted));
            self.workloads.insert(query.target.clone(), workload);
        }
    }

    /// Reports that there is no source now. Where there was one, its last words stop counting.
    fn lost(&mut self, source: MetricsSource, wanted: &watch::Receiver<Wanted>) {
        let why = match &source {
            MetricsSource::Silent { why, .. } => {
                self.keep_only(&wanted.borrow().clone());
                why.clone()
            }
            MetricsSource::None { why } => why.clone(),
            MetricsSource::Looking | MetricsSource::Found { .. } => Text::default(),
        };
        self.say(source);
        let asked = (self.clock)();
        for workload in self.workloads.values_mut() {
            workload.fail(&why, asked);
            (self.emit)(Observation::Signals(Box::new(workload.report())));
        }
    }

    fn say(&mut self, source: MetricsSource) {
        if self.source.as_ref() != Some(&source) {
            (self.emit)(Observation::Metrics(source.clone()));
            self.source = Some(source);
        }
    }
}

/// Between the starts of two rounds, within the budget.
fn period(workloads: usize) -> Duration {
    let workloads = u64::try_from(workloads).unwrap_or(u64::MAX);
    if workloads <= 1 {
        return ROUND;
    }
    let queries = workloads.saturating_mul(QUERIES_PER_WORKLOAD).saturating_add(1);
    ROUND_OF_SEVERAL.max(Duration::from_secs(queries.div_ceil(QUERIES_PER_SECOND)))
}

#[cfg(test)]
mod tests;
