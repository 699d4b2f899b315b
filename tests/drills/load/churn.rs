//! Changes to pods at a steady rate: of twenty, ten get another annotation, six a restart, four are deleted (and
//! replaced by the ReplicaSet).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use color_eyre::eyre::{Result, eyre};
use http::Method;
use serde_json::{Value, json};

use super::crowd;
use crate::rig::{api::Api, clock};

/// Changes a second.
pub(super) const RATE: u32 = 20;
/// How many threads share them.
const HANDS: usize = 4;

/// What is done to a pod.
#[derive(Clone, Copy)]
enum Change {
    Annotate,
    Restart,
    Delete,
}

/// Twenty changes, mixed.
const PATTERN: [Change; 20] = {
    use Change::{Annotate as A, Delete as D, Restart as R};
    [A, R, A, D, A, R, A, A, R, D, A, R, A, D, A, R, A, D, A, R]
};

/// Changes pods until it is dropped or asked for what it did.
pub(super) struct Churn {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    hands: Vec<thread::JoinHandle<()>>,
    start: Instant,
}

impl Churn {
    /// Starts to change the pods of a namespace.
    pub(super) fn start(admin: &Api, namespace: &'static str) -> Result<Self> {
        let (mut names, _) = crowd::listed(admin, namespace)?;
        // neighbours in the list are not changed together
        names.sort_by_cached_key(|name| name.bytes().rev().collect::<Vec<_>>());
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let start = clock::now();
        let hands = (0..HANDS)
            .map(|hand| {
                let (admin, names) = (admin.clone(), names.clone());
                let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
                thread::spawn(move || keep_changing(&admin, namespace, names, hand, start, &stop, &done))
            })
            .collect();
        Ok(Self { stop, done, hands, start })
    }

    /// Stops, and says how many changes a second there were.
    pub(super) fn stop(mut self) -> Result<f64> {
        self.stop.store(true, Ordering::Relaxed);
        for hand in self.hands.drain(..) {
            hand.join().map_err(|_| eyre!("a thread that changes pods panicked"))?;
        }
        let done = u32::try_from(self.done.load(Ordering::Relaxed))?;
        Ok(f64::from(done) / self.start.elapsed().as_secs_f64())
    }
}

impl Drop for Churn {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The work of one hand. When it has been through its share of the pods, it looks which ones there are by now.
fn keep_changing(
    admin: &Api,
    namespace: &str,
    mut names: Vec<String>,
    hand: usize,
    start: Instant,
    stop: &AtomicBool,
    done: &AtomicUsize,
) {
    let lap = (names.len() / HANDS).max(1);
    for (count, turn) in (hand..).step_by(HANDS).enumerate() {
        let due = Duration::from_secs(1) * u32::try_from(turn).unwrap_or(u32::MAX) / RATE;
        thread::sleep(due.saturating_sub(start.elapsed()));
        if stop.load(Ordering::Relaxed) {
            return;
        }
        if count % lap == lap - 1
            && let Ok((now, _)) = crowd::listed(admin, namespace)
        {
            names = now;
        }
        let Some(name) = names.get(turn % names.len().max(1)) else { continue };
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
        if change(admin, &path, PATTERN[turn % PATTERN.len()], turn).is_ok() {
            done.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn change(admin: &Api, pod: &str, change: Change, turn: usize) -> Result<()> {
    let patch =
        |path: &str, kind: &str, body: &Value| admin.send(Method::PATCH, path, kind, Some(body)).map(drop);
    match change {
        Change::Annotate => {
            let body = json!({ "metadata": { "annotations": { "example.com/turn": turn.to_string() } } });
            patch(pod, "application/merge-patch+json", &body)
        }
        Change::Restart => {
            let mut statuses = admin.get(pod)?["status"]["containerStatuses"].take();
            let restarts = statuses[0]["restartCount"].as_u64().unwrap_or_default();
            statuses[0]["restartCount"] = json!(restarts + 1);
            let body = json!({ "status": { "containerStatuses": statuses } });
            patch(&format!("{pod}/status"), "application/strategic-merge-patch+json", &body)
        }
        Change::Delete => {
            let at_once = json!({ "gracePeriodSeconds": 0 });
            admin.send(Method::DELETE, pod, "application/json", Some(&at_once)).map(drop)
        }
    }
}
