//! The anchor of a session: from a file that was handed in, or from the cluster.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::args::ConnectionArgs;
use crate::journal::anchor::{self, Anchor, Compared};
use crate::journal::{Checked, SessionInfo};
use crate::model::fact::{Entry, Fact};
use crate::model::ids::Namespace;
use crate::model::target::Scope;
use crate::runtime::clock::Clock;
use crate::runtime::config::{Config, ConfigError};
use crate::runtime::start::Start;

/// A cluster that does not answer within this time is not waited for: the chain can be checked without it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of a head outside of the journal.
pub(super) enum Witness {
    /// The newest anchor, and where it was found.
    Found(Anchor, String),
    /// There is none there.
    None(String),
    /// It could not be read, and why.
    Unread(String),
    /// Nobody wanted to know.
    NotAsked,
}

impl Witness {
    pub(super) fn compare(&self, entries: &[Entry]) -> Option<Compared> {
        match self {
            Self::Found(anchor, _) => Some(anchor.compare(entries)),
            Self::None(_) | Self::Unread(_) | Self::NotAsked => None,
        }
    }

    pub(super) fn line(&self, entries: &[Entry]) -> String {
        match self {
            Self::Found(anchor, place) => format!(
                "anchor in {place}: entry {} of {} by {}: {}",
                anchor.seq,
                anchor.at.format("%Y-%m-%d %H:%M:%SZ"),
                anchor.by,
                anchor.compare(entries)
            ),
            Self::None(place) => {
                format!("no anchor in {place}: nothing outside vouches for the end of this journal")
            }
            Self::Unread(why) => format!("anchor not compared: {why}"),
            Self::NotAsked => "anchor not compared: --offline".to_owned(),
        }
    }

    pub(super) fn json(&self, entries: &[Entry]) -> Value {
        match self {
            Self::Found(anchor, place) => {
                let compared = anchor.compare(entries);
                let unanchored = match &compared {
                    Compared::Holds { unanchored, .. } => Some(*unanchored),
                    Compared::Cut { .. } | Compared::Replaced => None,
                };
                json!({
                    "found": place, "seq": anchor.seq, "head": anchor.head, "at": anchor.at, "by": anchor.by,
                    "holds": compared.holds(), "unanchored": unanchored, "says": compared.to_string(),
                })
            }
            Self::None(_) | Self::Unread(_) | Self::NotAsked => json!({ "says": self.line(entries) }),
        }
    }
}

fn among(read: &Value, info: &SessionInfo, place: String) -> Witness {
    match anchor::newest(read, &info.session) {
        Some(anchor) => Witness::Found(anchor, place),
        None => Witness::None(place),
    }
}

/// The anchor in a saved ConfigMap.
pub(super) fn of_file(file: &Path, info: &SessionInfo) -> Witness {
    let place = file.display().to_string();
    let read = std::fs::read_to_string(file).map_err(|error| error.to_string());
    let parsed = read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
    match parsed {
        Ok(value) => among(&value, info, place),
        Err(why) => Witness::Unread(format!("{place}: {why}")),
    }
}

/// The anchor in the cluster that the session is about.
pub(super) async fn of_cluster(
    at: &ConnectionArgs,
    config: Result<Config, ConfigError>,
    info: &SessionInfo,
    checked: &Checked,
) -> Witness {
    let config = match config {
        Ok(config) => config,
        Err(error) => return Witness::Unread(error.to_string()),
    };
    let state = config.paths.state.value.clone();
    let start = Start { config, aim: at.aim(), plan: None, state, headless: true };
    let asking = Box::pin(ask(start, info, checked));
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| {
        Witness::Unread(format!("the cluster has not answered for {} s", PATIENCE.as_secs()))
    })
}

async fn ask(start: Start, info: &SessionInfo, checked: &Checked) -> Witness {
    let connected = match start.connect(Arc::new(Clock::default())).await {
        Ok(connected) => connected,
        Err(error) => return Witness::Unread(format!("{error} (or --anchor FILE)")),
    };
    let context = connected.connection().context.clone();
    if connected.connection().cluster != info.cluster {
        return Witness::Unread(format!(
            "context {context} is another cluster than the session's ({}): --context, or --anchor FILE",
            info.context
        ));
    }
    let mut namespaces = vec![connected.cluster().namespace().clone()];
    namespaces.extend(checked.entries.first().map(scope).unwrap_or_default());
    match connected.cluster().config_maps(anchor::CONFIG_MAP, &namespaces).await {
        Ok(read) => among(&read, info, format!("cluster {context}")),
        Err(error) => Witness::Unread(error.to_string()),
    }
}

/// Namespaces that the session was opened for.
fn scope(first: &Entry) -> Vec<Namespace> {
    match &first.fact {
        Fact::SessionOpened { scope: Scope::Namespaces(names), .. } => names.clone(),
        _ => Vec::new(),
    }
}
