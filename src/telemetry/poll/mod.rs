//! Asks for the signals of the wanted workloads again and again, and reports what came.
//!
//! One task, one workload at a time: none is ever asked twice at once. Every five seconds the cheapest query tells that
//! the source lives and what time it has; when it does not answer, every signal is reported as failed at once, so that
//! nothing stays green on old news. How answers become readings is told in `reading`; what the readings mean is not
//! known here.

mod ask;
mod curve;
mod follow;
mod reading;
mod report;
mod workload;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::follow::{End, period};
use self::workload::Workload;
use super::Clock;
use super::dialect::CustomQueries;
use super::find::Search;
use crate::model::Text;
use crate::model::observation::Observation;
use crate::model::series::{MetricsSource, SignalQuery};
use crate::model::target::Target;

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

    /// Drops what is no longer wanted, and begins anew with what is now asked differently.
    fn keep_only(&mut self, wanted: &Wanted) {
        let mut before = std::mem::take(&mut self.workloads);
        for query in &wanted.queries {
            let kept = before.remove(&query.target).filter(|workload| workload.is_for(query, wanted));
            let workload = kept.unwrap_or_else(|| Workload::new(query.clone(), wanted));
            self.workloads.insert(query.target.clone(), workload);
        }
        let latest = Instant::now() + period(self.workloads.len());
        self.workloads.values_mut().for_each(|workload| workload.ask_by(latest));
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

#[cfg(test)]
mod tests;
