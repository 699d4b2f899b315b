//! The poller against a source under the test's hand, in virtual time.

mod rounds;
mod source;

use tokio::sync::mpsc;

use self::source::Source;
use super::*;
use crate::model::Time;
use crate::model::ids::{Name, Namespace};
use crate::model::kind::WorkloadKind;
use crate::model::series::{Reading, Side, Signal, SignalSet};

/// A running poller and what it reports.
struct Running {
    source: Source,
    reports: mpsc::UnboundedReceiver<Observation>,
    wanted: watch::Sender<Wanted>,
    cancel: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

/// The time of this console: it began with the test's virtual time.
fn clock() -> Clock {
    let started = Instant::now();
    let epoch = Time::from_timestamp(1_800_000_000, 0).unwrap();
    Arc::new(move || epoch + started.elapsed())
}

fn workload(name: &str) -> SignalQuery {
    SignalQuery {
        target: Target::new(WorkloadKind::Deployment, "fx", name),
        namespace: Namespace::new("fx"),
        sides: vec![
            (Side::Stable, Name::new(format!("{name}-6d8f"))),
            (Side::Candidate, Name::new(format!("{name}-77c9"))),
        ],
        version_label: None,
    }
}

fn wanting(names: &[&str]) -> Wanted {
    Wanted { queries: names.iter().map(|name| workload(name)).collect(), ..Wanted::default() }
}

impl Running {
    fn start(wanted: Wanted) -> Self {
        let clock = clock();
        let source = Source::alive(Arc::clone(&clock));
        let (sender, reports) = mpsc::unbounded_channel();
        let emit: Emit = Arc::new(move |report| {
            // the test may have ended
            let _ = sender.send(report);
        });
        let poller = Poller::new(source.search(), Settings::default(), clock, emit);
        let (wanted, receiver) = watch::channel(wanted);
        let cancel = CancellationToken::new();
        #[expect(clippy::disallowed_methods, reason = "the poller ends with the test's runtime")]
        let task = tokio::spawn(poller.run(receiver, cancel.clone()));
        Self { source, reports, wanted, cancel, task }
    }

    /// The next set that satisfies `holds`.
    async fn signals(&mut self, holds: impl Fn(&SignalSet) -> bool) -> SignalSet {
        loop {
            if let Observation::Signals(set) = self.reports.recv().await.expect("the poller ended")
                && holds(&set)
            {
                return *set;
            }
        }
    }

    /// The next change of the source that satisfies `holds`.
    async fn metrics(&mut self, holds: impl Fn(&MetricsSource) -> bool) -> MetricsSource {
        loop {
            if let Observation::Metrics(source) = self.reports.recv().await.expect("the poller ended")
                && holds(&source)
            {
                return source;
            }
        }
    }
}

fn now(set: &SignalSet, side: Side, signal: Signal) -> &Reading {
    &set.tracks[&side][&signal].now
}

fn all(set: &SignalSet, holds: impl Fn(&Reading) -> bool) -> bool {
    set.tracks.values().flat_map(BTreeMap::values).all(|track| holds(&track.now))
}

fn has_values(set: &SignalSet) -> bool {
    all(set, |reading| reading.value().is_some())
}
