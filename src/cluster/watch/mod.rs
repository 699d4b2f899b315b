//! One watch, kept alive for ever: list in pages, watch ten seconds at a time, resume, and say how it is doing.
//!
//! Proof of life is a response head, an event or a clean end; without any for 13 seconds the stream says `Silent`
//! and gets a new connection. What never stands here: what the objects mean, and where they are kept.

mod decode;
mod session;

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub(super) use self::decode::{Decoder, ListMeta, ListPage, Objects};
use self::session::{End, Position};
use super::http::{Http, HttpError};
use crate::model::Text;
use crate::model::observation::StreamState;

/// What to watch.
#[derive(Clone, Debug)]
pub(super) struct WatchSpec {
    /// Path of the collection.
    pub path: String,
    /// Selectors.
    pub query: Vec<(&'static str, String)>,
}

/// What a watch tells. Items of several pages form one list, swapped in whole at its last page.
#[derive(Debug)]
pub(super) enum Feed<T> {
    /// A page of a fresh list.
    Page {
        /// Its items.
        items: Vec<T>,
        /// Whether this page begins the list.
        first: bool,
        /// Whether it ends it.
        last: bool,
    },
    /// An item was added or changed.
    Put(T),
    /// An item is gone; this was its last state.
    Gone(T),
    /// How the watch is doing.
    State(StreamState),
    /// Time from a request to its response head.
    RoundTrip(Duration),
}

/// Pace of a watch; short in tests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Seconds that the server is asked to keep a watch open.
    pub server_seconds: u32,
    /// Without proof of life for this long a watch is silent.
    pub silence: Duration,
    /// First wait after a failure; doubled up to `longest_wait`.
    pub first_wait: Duration,
    /// Longest wait after a failure: live again soon after a recovery.
    pub longest_wait: Duration,
    /// Wait after a 403.
    pub forbidden_wait: Duration,
    /// Wait after a 401 that new credentials did not cure.
    pub refused_wait: Duration,
    /// `Alive` is said at most this often.
    pub alive_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            server_seconds: 10,
            silence: Duration::from_secs(13),
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(2),
            forbidden_wait: Duration::from_mins(1),
            refused_wait: Duration::from_secs(10),
            alive_every: Duration::from_secs(1),
        }
    }
}

/// A server that is overrun and does not say for how long.
const ONE_SECOND: Duration = Duration::from_secs(1);

/// Runs a watch until it is cancelled or nobody listens any more.
pub(super) async fn run<D: Decoder>(
    http: Http,
    spec: WatchSpec,
    pace: Pace,
    decoder: D,
    out: Outlet<D::Item>,
    cancel: CancellationToken,
) {
    let mut watch = Watch {
        http,
        spec,
        pace,
        decoder,
        out,
        position: Position::Nowhere,
        alive: None,
        generation: 0,
        lacking: None,
    };
    cancel.run_until_cancelled(watch.keep()).await;
}

/// Where a watch's news goes: wrapped by the listener into whatever it collects.
pub(super) struct Outlet<T>(Box<dyn FnMut(Feed<T>) -> futures::future::BoxFuture<'static, bool> + Send>);

impl<T: Send + 'static> Outlet<T> {
    /// Sends into a channel, wrapped by `wrap`.
    pub(super) fn new<M: Send + 'static>(
        channel: mpsc::Sender<M>,
        mut wrap: impl FnMut(Feed<T>) -> M + Send + 'static,
    ) -> Self {
        Self(Box::new(move |feed| {
            let (channel, message) = (channel.clone(), wrap(feed));
            Box::pin(async move { channel.send(message).await.is_ok() })
        }))
    }

    async fn send(&mut self, feed: Feed<T>) -> Result<(), End> {
        if (self.0)(feed).await { Ok(()) } else { Err(End::Unheard) }
    }
}

struct Watch<D: Decoder> {
    http: Http,
    spec: WatchSpec,
    pace: Pace,
    decoder: D,
    out: Outlet<D::Item>,
    position: Position,
    /// When `Alive` was last said; `None` while something else was said last.
    alive: Option<Instant>,
    /// Which client the newest request left by.
    generation: u64,
    /// Why no new credentials were to be had since the last sign of life: that is the news, not the next 401.
    lacking: Option<Text>,
}

impl<D: Decoder> Watch<D> {
    async fn keep(&mut self) {
        let mut failures = 0;
        loop {
            let begun = Instant::now();
            let wait = match self.session().await {
                Ok(()) => {
                    failures = 0;
                    // a server that ends watches at once must not be asked in a tight loop
                    self.pace.first_wait.saturating_sub(begun.elapsed())
                }
                Err(End::Unheard) => return,
                Err(end) => {
                    failures += 1;
                    match self.recover(end, failures).await {
                        Ok(wait) => wait,
                        Err(_unheard) => return,
                    }
                }
            };
            sleep(wait).await;
        }
    }

    /// Says what happened, readies the next try, and tells how long to wait for it.
    async fn recover(&mut self, end: End, failures: u32) -> Result<Duration, End> {
        let backoff = self.pace.longest_wait.min(self.pace.first_wait * 2_u32.saturating_pow(failures - 1));
        match end {
            End::Expired => {
                self.position = Position::Nowhere;
                Ok(Duration::ZERO)
            }
            End::Silent => {
                self.say(StreamState::Silent).await?;
                self.http.replace(self.generation).await;
                Ok(backoff)
            }
            End::Failed(error) => self.recover_from(&error, backoff, failures).await,
            End::Unheard => Err(End::Unheard),
        }
    }

    async fn recover_from(
        &mut self,
        error: &HttpError,
        backoff: Duration,
        failures: u32,
    ) -> Result<Duration, End> {
        let why = || Text::from(error.to_string());
        match error.code() {
            Some(401) => {
                let why = self.lacking.clone().unwrap_or_else(why);
                self.say(StreamState::Unauthenticated(why)).await?;
                if let Err(error) = self.http.reauthenticate(self.generation).await {
                    let why = Text::from(error.to_string());
                    self.lacking = Some(why.clone());
                    self.say(StreamState::Unauthenticated(why)).await?;
                }
                // a plugin whose answers are refused is not run in a tight loop
                return Ok(if failures > 2 { self.pace.refused_wait } else { backoff });
            }
            Some(403) => {
                self.say(StreamState::Forbidden(why())).await?;
                return Ok(self.pace.forbidden_wait);
            }
            Some(_) | None if error.is_silence() => self.say(StreamState::Silent).await?,
            Some(_) | None => self.say(StreamState::Failed(why())).await?,
        }
        if error.is_transport() {
            self.http.replace(self.generation).await;
        }
        let asked = error.retry_after().or((error.code() == Some(429)).then_some(ONE_SECOND));
        Ok(asked.unwrap_or_default().max(backoff).min(self.pace.forbidden_wait))
    }

    async fn say(&mut self, state: StreamState) -> Result<(), End> {
        self.alive = None;
        self.out.send(Feed::State(state)).await
    }

    async fn life(&mut self) -> Result<(), End> {
        if self.alive.is_some_and(|said| said.elapsed() < self.pace.alive_every) {
            return Ok(());
        }
        self.alive = Some(Instant::now());
        self.lacking = None;
        self.out.send(Feed::State(StreamState::Alive)).await
    }
}

#[cfg(test)]
#[cfg(feature = "sim")]
mod tests;
