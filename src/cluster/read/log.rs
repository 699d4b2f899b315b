//! Logs of a pod: read once, or followed.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::ReadError;
use crate::cluster::Cluster;
use crate::cluster::http::{HttpError, Lines, with_query};
use crate::cluster::view::Sink;
use crate::model::Text;
use crate::model::ids::{Name, Namespace};
use crate::model::observation::{Observation, StreamKey, StreamState};

/// Lines are handed on this often.
const BATCH: Duration = Duration::from_millis(100);
/// Lines in one batch; of a faster log the newest are kept and the others counted.
const MOST_LINES: usize = 1000;
/// Pause before a broken stream is opened again.
const REOPEN: Duration = Duration::from_secs(2);

/// Which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSource {
    /// Namespace.
    pub namespace: Namespace,
    /// Pod.
    pub pod: Name,
    /// Container; needed where the pod has several.
    pub container: Option<String>,
    /// The log of the run before the last restart.
    pub previous: bool,
    /// Lines from the end.
    pub tail: u32,
}

impl LogSource {
    fn path(&self, follow: bool, tail: u32) -> String {
        let tail = tail.to_string();
        let mut query = vec![("tailLines", tail.as_str()), ("limitBytes", "16777216")];
        if follow {
            query = vec![("tailLines", tail.as_str()), ("follow", "true")];
        }
        if let Some(container) = &self.container {
            query.push(("container", container));
        }
        if self.previous {
            query.push(("previous", "true"));
        }
        with_query(&format!("/api/v1/namespaces/{}/pods/{}/log", self.namespace, self.pod), &query)
    }
}

impl Cluster {
    /// The last lines of a log.
    pub async fn log(&self, source: &LogSource) -> Result<Vec<Text>, ReadError> {
        let what = format!("log of {}", source.pod);
        let read = self.inner.http.get(&source.path(false, source.tail), "*/*").await;
        read.map(|body| Text::lines(&String::from_utf8_lossy(&body)))
            .map_err(|error| ReadError::of(&what, &error))
    }

    /// Follows a log until it ends or `cancel` is given. A log of the run before is read once.
    pub async fn follow_log(&self, source: LogSource, sink: Sink, cancel: CancellationToken) {
        let mut follower = Follower { cluster: self, sink, dropped: 0, begun: false };
        cancel.run_until_cancelled(follower.keep(&source)).await;
    }
}

struct Follower<'a> {
    cluster: &'a Cluster,
    sink: Sink,
    /// Lines that were not handed on, in all.
    dropped: u64,
    /// Whether lines were handed on already: a stream that is opened again goes on with new ones.
    begun: bool,
}

impl Follower<'_> {
    async fn keep(&mut self, source: &LogSource) {
        loop {
            let tail = if self.begun { 0 } else { source.tail };
            let path = source.path(!source.previous, tail);
            let ended = match self.cluster.inner.http.stream(&path, "*/*").await {
                Ok((lines, _)) => {
                    self.state(source, StreamState::Alive);
                    self.begun = true;
                    self.read(source, lines).await
                }
                Err(error) => Err(error),
            };
            match ended {
                Ok(()) => return self.state(source, StreamState::Closed),
                Err(error) => {
                    let passing = error.is_transport();
                    let why = Text::from(error.to_string());
                    self.state(
                        source,
                        match error.code() {
                            Some(403) => StreamState::Forbidden(why),
                            Some(401) => StreamState::Unauthenticated(why),
                            Some(_) | None => StreamState::Failed(why),
                        },
                    );
                    if !passing {
                        return;
                    }
                }
            }
            tokio::time::sleep(REOPEN).await;
        }
    }

    async fn read(&mut self, source: &LogSource, mut lines: Lines) -> Result<(), HttpError> {
        let mut batch = Vec::new();
        let mut due = None;
        loop {
            // an idle log has nothing to hand on, so it waits without a clock
            let next = match due {
                Some(due) => timeout_at(due, lines.next()).await,
                None => Ok(lines.next().await),
            };
            match next {
                Ok(Ok(Some(line))) => {
                    due.get_or_insert_with(|| Instant::now() + BATCH);
                    batch.push(Text::from(String::from_utf8_lossy(line).as_ref()));
                    self.bound(&mut batch);
                }
                Err(_) => due = None,
                Ok(Ok(None)) => {
                    self.hand_on(source, &mut batch);
                    return Ok(());
                }
                Ok(Err(error)) => {
                    self.hand_on(source, &mut batch);
                    return Err(error);
                }
            }
            if due.is_none_or(|due| due <= Instant::now()) {
                due = None;
                self.hand_on(source, &mut batch);
            }
        }
    }

    fn bound(&mut self, batch: &mut Vec<Text>) {
        if batch.len() > MOST_LINES * 2 {
            let over = batch.len() - MOST_LINES;
            batch.drain(..over);
            self.dropped += over as u64;
        }
    }

    fn hand_on(&mut self, source: &LogSource, batch: &mut Vec<Text>) {
        if batch.is_empty() {
            return;
        }
        let over = batch.len().saturating_sub(MOST_LINES);
        batch.drain(..over);
        self.dropped += over as u64;
        let lines = std::mem::take(batch);
        (self.sink)(Observation::LogLines { pod: source.pod.clone(), lines, dropped: self.dropped });
    }

    fn state(&self, source: &LogSource, state: StreamState) {
        (self.sink)(Observation::Stream { key: StreamKey::Log(source.pod.clone()), state });
    }
}
