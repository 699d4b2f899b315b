//! The core's timers: one task, one sorted queue.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::core::effect::TimerId;
use crate::runtime::inbox::Inbox;
use crate::runtime::tasks;

/// Runs timers. The same timer may run several times; each rings once.
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
    let mut queue: BTreeMap<(Instant, u64), TimerId> = BTreeMap::new();
    let mut counter = 0;
    loop {
        let order = match queue.first_key_value() {
            None => orders.recv().await,
            Some((&(at, _), _)) => tokio::select! {
                order = orders.recv() => order,
                () = sleep_until(at) => {
                    if let Some((_, timer)) = queue.pop_first() {
                        inbox.timer(timer);
                    }
                    continue;
                }
            },
        };
        let Some((at, timer)) = order else { return };
        counter += 1;
        queue.insert((at, counter), timer);
    }
}

#[cfg(test)]
mod tests {
    use crate::core::Event;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn timers_ring_in_the_order_of_their_time() {
        let inbox = Inbox::default();
        let timers = Timers::start(inbox.clone());
        timers.schedule(TimerId::BarCloses(2), 5_000);
        timers.schedule(TimerId::ChordSilence(1), 200);
        timers.schedule(TimerId::Second, 1_000);
        let mut rung = Vec::new();
        while rung.len() < 3 {
            rung.extend(inbox.next(None).await.events.into_iter().map(|event| match event {
                Event::Timer(timer) => timer,
                other => panic!("{other:?}"),
            }));
        }
        assert_eq!(rung, [TimerId::ChordSilence(1), TimerId::Second, TimerId::BarCloses(2)]);
    }
}
