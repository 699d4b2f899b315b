//! What can go wrong with one query.

use thiserror::Error;

use crate::model::Text;

/// Why a query gave no answer that may be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// No connection, or it broke.
    #[error("not reachable: {0}")]
    Unreachable(Text),
    /// The deadline passed.
    #[error("no answer within {0} s")]
    TimedOut(u64),
    /// HTTP 401 or 403.
    #[error("refused (HTTP {status}{}{said}): check credentials, tenant and rights", separator(said))]
    Refused {
        /// HTTP status.
        status: u16,
        /// What the server said.
        said: Text,
    },
    /// Any other HTTP status without an error of the query API in the body.
    #[error("HTTP {status}{}{said}", separator(said))]
    Http {
        /// HTTP status.
        status: u16,
        /// What the server said.
        said: Text,
    },
    /// The query API answered with an error: the query, or its evaluation.
    #[error("{kind}: {said}")]
    Rejected {
        /// `errorType`.
        kind: Text,
        /// `error`.
        said: Text,
    },
    /// The answer is incomplete: it carries warnings, or says so itself.
    #[error("only a partial answer: {0}")]
    Partial(Text),
    /// The answer is not what the query API sends.
    #[error("not an answer of the Prometheus API: {0}")]
    Malformed(Text),
    /// The answer is larger than any that a console needs.
    #[error("the answer is larger than {0} MiB")]
    TooLarge(usize),
}

fn separator(said: &Text) -> &'static str {
    if said.is_empty() { "" } else { ", " }
}

impl QueryError {
    /// The error as text for a screen.
    #[must_use]
    pub fn text(&self) -> Text {
        Text::from(self.to_string())
    }
}
