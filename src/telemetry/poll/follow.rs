//! Who is asked when, while a source answers.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Poller, Wanted};
use crate::model::observation::Observation;
use crate::model::target::Target;
use crate::model::{Text, Time};
use crate::telemetry::poll::workload::Workload;
use crate::telemetry::prometheus::Client;

/// Between two questions about the one wanted workload, and between two probes.
const ROUND: Duration = Duration::from_secs(5);
/// Between two questions about each of several workloads, at least.
const ROUND_OF_SEVERAL: Duration = Duration::from_secs(15);
/// Queries of a workload in a round: five signals, the age, and a share of discovery and curves.
const QUERIES_PER_WORKLOAD: u64 = 7;
/// Nine queries in five seconds for workloads and one for the probe: two a second. Only the beginning, which also asks
/// for curves, may exceed that.
const QUERIES: u64 = 9;
const PER_SECONDS: u64 = 5;
/// Changes of what is wanted are taken no faster than this.
const CHANGES: Duration = Duration::from_secs(1);

/// Why following a source ended.
pub(super) enum End {
    /// It no longer answers.
    Silent(Text),
    /// Nobody listens any more.
    Unwanted,
}

/// The source's clock, as the last probe told it.
struct SourceClock {
    told: Time,
    at: Instant,
}

impl SourceClock {
    async fn ask(client: &Client) -> Result<Self, End> {
        let told = client.probe().await.map_err(|error| End::Silent(error.text()))?;
        Ok(Self { told, at: Instant::now() })
    }

    fn now(&self) -> Time {
        self.told + self.at.elapsed()
    }

    fn ask_again_at(&self) -> Instant {
        self.at + ROUND
    }
}

impl Poller {
    /// Asks in turn, as long as the source answers.
    pub(super) async fn follow(&mut self, client: &Client, wanted: &mut watch::Receiver<Wanted>) -> End {
        self.workloads.values_mut().for_each(Workload::begin_anew);
        self.ask_in_turn(client, wanted).await.unwrap_or_else(|end| end)
    }

    async fn ask_in_turn(
        &mut self,
        client: &Client,
        wanted: &mut watch::Receiver<Wanted>,
    ) -> Result<End, End> {
        let mut source = SourceClock::ask(client).await?;
        let mut changed = Instant::now();
        loop {
            let now_wanted = wanted.borrow_and_update().clone();
            self.keep_only(&now_wanted);
            let next = self.next();
            let wake =
                next.as_ref().map_or(source.ask_again_at(), |(due, _)| source.ask_again_at().min(*due));
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(wake) => {}
                change = wanted.changed() => {
                    if change.is_err() {
                        return Ok(End::Unwanted);
                    }
                    tokio::time::sleep_until(changed + CHANGES).await;
                    changed = Instant::now();
                    continue;
                }
            }
            if source.ask_again_at() <= Instant::now() {
                source = SourceClock::ask(client).await?;
            }
            if let Some((_, target)) = next.filter(|(due, _)| *due <= Instant::now()) {
                self.ask(&target, client, &mut source).await?;
            }
        }
    }

    /// The workload that is due first, and when.
    fn next(&self) -> Option<(Instant, Target)> {
        let dues = self.workloads.iter().map(|(target, workload)| (workload.due(), target));
        dues.min().map(|(due, target)| (due, target.clone()))
    }

    /// Asks about one workload and reports it, first the readings, then the curves where those are due.
    async fn ask(&mut self, target: &Target, client: &Client, source: &mut SourceClock) -> Result<(), End> {
        let started = Instant::now();
        let period = period(self.workloads.len());
        let Some(rank) = self.workloads.keys().position(|one| one == target) else { return Ok(()) };
        let share = period / u32::try_from(self.workloads.len()).unwrap_or(u32::MAX).max(1);
        let Some(workload) = self.workloads.get_mut(target) else { return Ok(()) };
        // all are asked at once in the beginning, and spread over the period from then on
        workload.ask_after(started, period, share * u32::try_from(rank + 1).unwrap_or(u32::MAX));
        let (asked, source_now) = ((self.clock)(), source.now());
        let lost = workload.ask(client, &self.settings, asked, source_now).await;
        (self.emit)(Observation::Signals(Box::new(workload.report())));
        if lost {
            *source = SourceClock::ask(client).await?;
        } else if workload.ask_curves(client, asked, source_now).await {
            (self.emit)(Observation::Signals(Box::new(workload.report())));
        }
        Ok(())
    }
}

/// Between two questions about the same workload, within the budget.
pub(super) fn period(workloads: usize) -> Duration {
    let workloads = u64::try_from(workloads).unwrap_or(u64::MAX);
    if workloads <= 1 {
        return ROUND;
    }
    let queries = workloads.saturating_mul(QUERIES_PER_WORKLOAD);
    ROUND_OF_SEVERAL.max(Duration::from_secs(queries.saturating_mul(PER_SECONDS).div_ceil(QUERIES)))
}
