//! Streams that are asked for now and then rather than watched: what changes seldom, and events, which are never
//! watched.

mod changes;
mod elsewhere;
mod events;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};

pub(super) use self::changes::{Revision, rows};
pub(in crate::cluster) use self::events::{EventWire, event_lines};
use super::start::{Answer, News, Report};
use super::streams::{Place, Poll, Size, StreamId};
use super::turn::Turn;
use crate::cluster::http::{Http, HttpError, with_query};
use crate::cluster::watch::ListMeta;
use crate::model::ids::Namespace;
use crate::model::kind::{KINDS, WorkloadKind};
use crate::model::meta::Meta;
use crate::model::observation::{Observation, StreamState};

/// A namespace with fewer pods is watched whole.
const SMALL: u64 = 500;
/// Pause after a refusal.
const REFUSED: Duration = Duration::from_mins(1);
/// Pause after another failure.
const FAILED: Duration = Duration::from_secs(5);
/// One polled stream.
pub(super) struct Desk {
    /// How to ask.
    pub http: Http,
    /// What to ask.
    pub poll: Poll,
    /// Which start of it.
    pub epoch: u64,
    /// Where the news goes.
    pub sender: mpsc::Sender<Report>,
    /// What is listed in turn.
    pub turn: Turn,
    /// Asks before the time has come.
    pub nudge: Arc<Notify>,
}

#[derive(Deserialize)]
struct Listing<T> {
    #[serde(default)]
    metadata: ListMeta,
    items: Option<Vec<T>>,
}

#[derive(Deserialize)]
struct Named {
    metadata: Meta,
}

impl Desk {
    /// Asks again and again, until nobody listens.
    pub(super) async fn keep(self) {
        loop {
            let (state, pause) = match self.ask().await {
                Ok(answers) => {
                    for answer in answers {
                        if !self.tell(answer).await {
                            return;
                        }
                    }
                    (StreamState::Alive, self.interval())
                }
                Err(error) => failure(&error),
            };
            if !self.tell(Answer::State(state)).await {
                return;
            }
            if timeout(pause, self.nudge.notified()).await.is_ok() {
                sleep(self.calm()).await;
            }
        }
    }

    async fn tell(&self, answer: Answer) -> bool {
        self.sender
            .send(Report {
                stream: StreamId::Poll(self.poll.clone()),
                epoch: self.epoch,
                news: News::Answer(answer),
            })
            .await
            .is_ok()
    }

    fn interval(&self) -> Duration {
        match self.poll {
            Poll::Turn => Duration::from_secs(1),
            Poll::Events(_) => Duration::from_secs(10),
            Poll::Elsewhere => Duration::from_secs(30),
            // all namespaces are in view by their names, so a new one must not stay out of it for long
            Poll::Namespaces => Duration::from_secs(15),
            Poll::Changes(Place::In(_)) => Duration::from_mins(1),
            // all ReplicaSets of a cluster are many megabytes
            Poll::Changes(Place::Everywhere) | Poll::Discovery | Poll::Size(_) => Duration::from_mins(5),
        }
    }

    /// Between a change and the question about it: the controller must write its part first, and many changes at once
    /// are one question.
    fn calm(&self) -> Duration {
        match self.poll {
            Poll::Changes(Place::Everywhere) => Duration::from_secs(10),
            Poll::Changes(Place::In(_))
            | Poll::Discovery
            | Poll::Namespaces
            | Poll::Size(_)
            | Poll::Events(_)
            | Poll::Turn
            | Poll::Elsewhere => Duration::from_secs(1),
        }
    }

    async fn ask(&self) -> Result<Vec<Answer>, HttpError> {
        let http = &self.http;
        Ok(match &self.poll {
            Poll::Discovery => vec![Answer::Kinds(discover(http).await?)],
            Poll::Namespaces => vec![Answer::Namespaces(namespaces(http).await?)],
            Poll::Size(namespace) => vec![Answer::Size(size(http, namespace).await?)],
            Poll::Changes(place) => vec![Answer::Revisions(changes::revisions(http, place).await?)],
            Poll::Events(target) => {
                let lines = events::about(http, target).await?;
                vec![Answer::Seen(Box::new(Observation::Events { target: target.clone(), lines }))]
            }
            Poll::Turn => self.turn.list(http).await?.map(Answer::Listed).into_iter().collect(),
            Poll::Elsewhere => vec![Answer::Moving(elsewhere::moving(http).await?)],
        })
    }
}

fn failure(error: &HttpError) -> (StreamState, Duration) {
    let why = error.to_string().into();
    match error.code() {
        Some(403) => (StreamState::Forbidden(why), REFUSED),
        Some(401) => (StreamState::Unauthenticated(why), FAILED),
        Some(_) | None => (StreamState::Failed(why), error.retry_after().unwrap_or_default().max(FAILED)),
    }
}

/// Reads a collection page by page, up to `pages` pages of 500.
pub(in crate::cluster) async fn pages<T: DeserializeOwned>(
    http: &Http,
    path: &str,
    pages: usize,
    mut each: impl FnMut(T),
) -> Result<(), HttpError> {
    let mut token = String::new();
    for _ in 0..pages {
        let mut query = vec![("limit", "500")];
        if !token.is_empty() {
            query.push(("continue", &token));
        }
        let listing: Listing<T> = http.get_json(&with_query(path, &query)).await?;
        listing.items.into_iter().flatten().for_each(&mut each);
        token = listing.metadata.next;
        if token.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Which of the kinds that not every cluster serves are there.
async fn discover(http: &Http) -> Result<BTreeSet<WorkloadKind>, HttpError> {
    #[derive(Deserialize)]
    struct Resources {
        resources: Option<Vec<Resource>>,
    }
    #[derive(Deserialize)]
    struct Resource {
        name: String,
    }
    let served = KINDS.iter().filter(|row| !row.built_in).map(|row| async move {
        match http.get_json::<Resources>(&format!("/apis/{}/{}", row.group, row.version)).await {
            Ok(list) => {
                let listed = list.resources.iter().flatten().any(|resource| resource.name == row.plural);
                Ok(listed.then_some(row.kind))
            }
            // not served, or not for us: either way there is nothing to list
            Err(error) if matches!(error.code(), Some(403 | 404)) => Ok(None),
            Err(error) => Err(error),
        }
    });
    // nothing counts as listed before this is known, so all are asked at once
    Ok(try_join_all(served).await?.into_iter().flatten().collect())
}

/// Namespaces that exist; none where they may not be listed.
pub(in crate::cluster) async fn namespaces(http: &Http) -> Result<Vec<Namespace>, HttpError> {
    const MOST_PAGES: usize = 10;
    let mut names = Vec::new();
    let take = |found: Named| names.push(Namespace::new(found.metadata.name.as_str()));
    match pages(http, "/api/v1/namespaces", MOST_PAGES, take).await {
        Ok(()) => Ok(names),
        Err(error) if error.code() == Some(403) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// One pod tells how many more there are.
async fn size(http: &Http, namespace: &Namespace) -> Result<Size, HttpError> {
    #[derive(Deserialize)]
    struct Count {
        #[serde(default)]
        metadata: ListMeta,
    }
    let path = with_query(&format!("/api/v1/namespaces/{namespace}/pods"), &[("limit", "1")]);
    match http.get_json::<Count>(&path).await {
        // a server that does not count has to be taken for a big one
        Ok(Count { metadata }) => match metadata.remaining_item_count {
            Some(more) if more >= SMALL => Ok(Size::Big),
            None if !metadata.next.is_empty() => Ok(Size::Big),
            Some(_) | None => Ok(Size::Small),
        },
        // the watch will say that it is forbidden
        Err(error) if error.code() == Some(403) => Ok(Size::Small),
        Err(error) => Err(error),
    }
}
