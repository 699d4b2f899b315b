//! How a request failed, in types; texts of the client's own errors are never passed on whole.

use std::error::Error as StdError;
use std::time::Duration;

use hyper_util::client::legacy::Error as TransportError;
use serde::Deserialize;

use crate::model::Text;

/// Why a request gave no answer to work with.
#[derive(Clone, Debug, thiserror::Error)]
pub(in crate::cluster) enum HttpError {
    /// No connection came about: nothing was sent.
    #[error("cannot connect: {why}")]
    Unreachable {
        /// In a few words.
        why: Text,
        /// Whether nothing came back at all, as of a server that stands still.
        silent: bool,
    },
    /// The server's certificate was refused: nothing was sent.
    #[error("the server's certificate is not trusted: {why}")]
    Untrusted {
        /// In a few words.
        why: Text,
    },
    /// The connection broke after sending began.
    #[error("the connection broke: {why}")]
    Broken {
        /// In a few words.
        why: Text,
    },
    /// No answer within the deadline.
    #[error("no answer in {} s", .after.as_secs_f32())]
    TimedOut {
        /// The deadline.
        after: Duration,
    },
    /// The server answered with an error.
    #[error("{0}")]
    Status(Box<Status>),
    /// The answer is larger than anything this program reads.
    #[error("the answer is larger than this program reads (16 MB for one object)")]
    TooLarge,
    /// The answer is no JSON of the expected form.
    #[error("the answer cannot be read ({place})")]
    NotJson {
        /// Where and of which kind, without quoting it.
        place: String,
    },
    /// There are no credentials to send.
    #[error("{why}")]
    Credential {
        /// A sentence with its remedy.
        why: Text,
    },
}

/// The API's `Status` object, as far as it is used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::cluster) struct Status {
    /// HTTP status; set from the response where the body has none.
    pub code: u16,
    /// One word.
    pub reason: String,
    /// A sentence.
    pub message: Text,
    /// How long the server asks us to wait.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.message.is_empty() {
            write!(f, "the server answered {}", self.code)
        } else {
            write!(f, "{} ({})", self.message, self.code)
        }
    }
}

impl Status {
    /// Reads an error body; one that is no `Status` (a proxy's page) is quoted in its first line.
    pub(super) fn parse(code: u16, body: &[u8], retry_after: Option<Duration>) -> Self {
        const QUOTED: usize = 200;
        let parsed = serde_json::from_slice::<Self>(body).unwrap_or_else(|_| {
            let text = String::from_utf8_lossy(&body[..body.len().min(QUOTED)]);
            Self { message: Text::from(text.lines().next().unwrap_or_default()), ..Self::default() }
        });
        Self { code, retry_after, ..parsed }
    }
}

impl HttpError {
    /// Sorts an error of the client.
    pub(super) fn of_client(error: &kube::Error) -> Self {
        let kube::Error::Service(source) = error else { return Self::Broken { why: roots(error) } };
        let why = roots(source.as_ref());
        match source.downcast_ref::<TransportError>() {
            Some(transport) if transport.is_connect() && why.as_str().contains("certificate") => {
                Self::Untrusted { why }
            }
            Some(transport) if transport.is_connect() => {
                let silent = is_timeout(transport);
                Self::Unreachable { why: if silent { NO_ANSWER.into() } else { why }, silent }
            }
            Some(_) | None => Self::Broken { why },
        }
    }

    /// An answer that serde refused. Its text may quote values, so only the place is kept.
    pub(in crate::cluster) fn not_json(error: &serde_json::Error) -> Self {
        let place = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
        Self::NotJson { place }
    }

    /// Status code, where the server gave one.
    pub(in crate::cluster) fn code(&self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(status.code),
            Self::Unreachable { .. }
            | Self::Untrusted { .. }
            | Self::Broken { .. }
            | Self::TimedOut { .. }
            | Self::TooLarge
            | Self::NotJson { .. }
            | Self::Credential { .. } => None,
        }
    }

    pub(in crate::cluster) fn is_unauthenticated(&self) -> bool {
        self.code() == Some(401)
    }

    /// Whether nothing came back at all.
    pub(in crate::cluster) fn is_silence(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::Unreachable { silent: true, .. })
    }

    /// Whether the connections themselves are in doubt.
    pub(in crate::cluster) fn is_transport(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Broken { .. } | Self::TimedOut { .. })
    }

    /// Whether the same read may succeed a moment later. A deadline is not tried again: the caller has waited enough.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { silent, .. } => !silent,
            Self::Broken { .. } => true,
            Self::Status(status) => matches!(status.code, 429 | 500 | 502 | 503 | 504),
            Self::Untrusted { .. }
            | Self::TimedOut { .. }
            | Self::TooLarge
            | Self::NotJson { .. }
            | Self::Credential { .. } => false,
        }
    }

    /// How long the server asks us to wait.
    pub(in crate::cluster) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status(status) => status.retry_after,
            Self::Unreachable { .. }
            | Self::Untrusted { .. }
            | Self::Broken { .. }
            | Self::TimedOut { .. }
            | Self::TooLarge
            | Self::NotJson { .. }
            | Self::Credential { .. } => None,
        }
    }
}

const NO_ANSWER: &str = "no answer";

fn is_timeout(error: &(dyn StdError + 'static)) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut) || error.source().is_some_and(is_timeout)
}

/// The innermost cause says what happened; the layers above only say where.
fn roots(error: &(dyn StdError + 'static)) -> Text {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    Text::from(innermost.to_string())
}
