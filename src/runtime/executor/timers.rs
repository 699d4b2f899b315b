//! The core's timers: one task, one sorted queue.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::core::effect::TimerId;
use crate::runtime::inbox::Inbox;
use crate::runtime::tasks;

/// Runs timers. A timer that is ordered again takes the place of the running one.
#[derive(Clone, Debug)]
pub struct Timers {
    orders: mpsc::UnboundedSender<(Instant, TimerId)>,
}

impl Timers {
    /// Starts the task.
    #[must_use]
    pub fn start(inbox: Inbox) -> Self {
        let (orders, received) = mpsc::unbounded_channel();
        tasks::spawn(run(received, inbox));
        Self { orders }
    }

    /// Rings after so many milliseconds.
    pub fn schedule(&self, timer: TimerId, after_millis: u64) {
        let at = Instant::now() + Duration::from_millis(after_millis);
        // the task ends with the process only
        let _ = self.orders.send((at, timer));
    }
}

async fn run(mut orders: mpsc::UnboundedReceiver<(Instant, TimerId)>, inbox: Inbox) {
    let mut queue: BTreeSet<(Instant, TimerId)> = BTreeSet::new();
    loop {
        let order = match queue.first() {
            None => orders.recv().await,
            Some((at, _)) => tokio::select! {
                order = orders.recv() => order,
                () = sleep_until(*at) => {
                    if let Some((_, timer)) = queue.pop_first() {
                        inbox.timer(timer);
                    }
                    continue;
                }
            },
        };
        let Some((at, timer)) = order else { return };
        queue.retain(|(_, running)| *running != timer);
        queue.insert((at, timer));
    }
}

#[cfg(test)]
mod tests {
    use crate::core::Event;

    use super::*;

    async fn rung(inbox: &Inbox, count: usize) -> Vec<TimerId> {
        let mut rung = Vec::new();
        while rung.len() < count {
            rung.extend(inbox.next(None).await.events.into_iter().map(|event| match event {
                Event::Timer(timer) => timer,
                other => panic!("{other:?}"),
            }));
        }
        rung
    }

    #[tokio::test(start_paused = true)]
    async fn timers_ring_in_the_order_of_their_time() {
        let inbox = Inbox::default();
        let timers = Timers::start(inbox.clone());
        timers.schedule(TimerId::BarCloses(2), 5_000);
        timers.schedule(TimerId::ChordSilence(1), 200);
        timers.schedule(TimerId::Second, 1_000);
        assert_eq!(rung(&inbox, 3).await, [TimerId::ChordSilence(1), TimerId::Second, TimerId::BarCloses(2)]);
    }
    #[tokio::test(start_paused = true)]
    async fn a_timer_ordered_again_rings_once_at_its_new_time() {
        let inbox = Inbox::default();
        let timers = Timers::start(inbox.clone());
        timers.schedule(TimerId::BarCloses(1), 5_000);
        timers.schedule(TimerId::BarCloses(1), 9_000);
        timers.schedule(TimerId::Second, 7_000);
        assert_eq!(rung(&inbox, 2).await, [TimerId::Second, TimerId::BarCloses(1)]);
    }
}
