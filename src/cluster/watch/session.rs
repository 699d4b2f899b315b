//! One round of a watch: a list where one is due, then events until the server ends the stream.

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::decode::Decoder;
use super::{Feed, Watch};
use crate::cluster::http::{HttpError, Status, with_query};
use crate::model::ids::ResourceVersion;

/// Where a watch stands.
pub(super) enum Position {
    /// A list is due.
    Nowhere,
    /// Everything up to this version is known.
    At(ResourceVersion),
}

/// Why a round ended, other than cleanly.
pub(super) enum End {
    /// The version is too old: list again.
    Expired,
    /// No proof of life.
    Silent,
    /// An error.
    Failed(HttpError),
    /// Nobody listens.
    Unheard,
}

impl From<HttpError> for End {
    fn from(error: HttpError) -> Self {
        if error.code() == Some(410) { Self::Expired } else { Self::Failed(error) }
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Versioned {
    metadata: Version,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Version {
    resource_version: ResourceVersion,
}

impl<D: Decoder> Watch<D> {
    pub(super) async fn session(&mut self) -> Result<(), End> {
        let from = match &self.position {
            Position::At(version) => version.clone(),
            Position::Nowhere => self.list().await?,
        };
        self.events(from).await
    }

    /// Reads all pages. A continue token that expired between them begins the list anew.
    async fn list(&mut self) -> Result<ResourceVersion, End> {
        let mut token = String::new();
        loop {
            self.generation = self.http.generation();
            let mut query = self.query();
            query.push(("limit", self.decoder.page_size(token.is_empty())));
            if !token.is_empty() {
                query.push(("continue", &token));
            }
            let body = self.http.list(&with_query(&self.spec.path, &query), self.decoder.accept()).await?;
            let page = self.decoder.page(&body).map_err(|error| HttpError::not_json(&error))?;
            let (first, last) = (token.is_empty(), page.next.is_empty());
            self.out.send(Feed::Page { items: page.items, first, last }).await?;
            self.life().await?;
            token = page.next;
            if last {
                self.position = Position::At(page.version.clone());
                return Ok(page.version);
            }
        }
    }

    async fn events(&mut self, from: ResourceVersion) -> Result<(), End> {
        self.generation = self.http.generation();
        let seconds = self.pace.server_seconds.to_string();
        let mut query = self.query();
        query.extend([
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", seconds.as_str()),
            ("resourceVersion", from.0.as_str()),
        ]);
        let path = with_query(&self.spec.path, &query);
        let (mut lines, round_trip) = self.http.stream(&path, self.decoder.accept()).await?;
        self.out.send(Feed::RoundTrip(round_trip)).await?;
        self.life().await?;
        loop {
            match timeout(self.pace.silence, lines.next()).await {
                Err(_) => return Err(End::Silent),
                Ok(Err(error)) => return Err(error.into()),
                Ok(Ok(None)) => break,
                Ok(Ok(Some(line))) => {
                    if let Some(feed) = read_event(&mut self.decoder, &mut self.position, line)? {
                        self.out.send(feed).await?;
                    }
                }
            }
            self.life().await?;
        }
        self.life().await
    }

    fn query(&self) -> Vec<(&'static str, &str)> {
        self.spec.query.iter().map(|(key, value)| (*key, value.as_str())).collect()
    }
}

fn read_event<D: Decoder>(
    decoder: &mut D,
    position: &mut Position,
    line: &[u8],
) -> Result<Option<Feed<D::Item>>, End> {
    let bad = |error: serde_json::Error| End::Failed(HttpError::not_json(&error));
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let event: Event<'_> = serde_json::from_slice(line).map_err(bad)?;
    let object = event.object.get();
    if event.kind == "ERROR" {
        let status: Status = serde_json::from_str(object).unwrap_or_default();
        return Err(HttpError::Status(Box::new(status)).into());
    }
    let Versioned { metadata } = serde_json::from_str(object).map_err(bad)?;
    if !metadata.resource_version.0.is_empty() {
        *position = Position::At(metadata.resource_version);
    }
    match event.kind {
        "ADDED" | "MODIFIED" => Ok(decoder.item(object).map_err(bad)?.map(Feed::Put)),
        "DELETED" => Ok(decoder.item(object).map_err(bad)?.map(Feed::Gone)),
        // bookmarks only move the position; kinds of event that are not known yet are none of ours
        _ => Ok(None),
    }
}
