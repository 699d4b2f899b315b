//! The queries themselves, each under a deadline.

use std::time::Duration;

use super::answer::{self, Answer, Sample, Series, seconds_of};
use super::error::QueryError;
use super::transport::Transport;
use crate::model::{Text, Time};

/// A query that takes longer tells nothing about now.
const DEADLINE: Duration = Duration::from_secs(5);
/// The cheapest expression there is.
const PROBE: &str = "vector(1)";

/// The stretch of time of a range query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First evaluation, by the source's clock.
    pub start: Time,
    /// Last evaluation.
    pub end: Time,
    /// Between two of them.
    pub step: Duration,
}

/// A client of one source.
#[derive(Clone)]
pub struct Client {
    transport: Transport,
}

impl Client {
    /// A client that sends over `transport`.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// The place as a person would name it.
    #[must_use]
    pub fn place(&self) -> Text {
        self.transport.place()
    }

    /// Whether the source answers, and the time by its clock.
    pub async fn probe(&self) -> Result<Time, QueryError> {
        let samples = self.instant(PROBE, None).await?;
        match samples.as_slice() {
            [one] => Ok(one.evaluated),
            _ => Err(QueryError::Malformed(Text::from(format!("{} values for {PROBE}", samples.len())))),
        }
    }

    /// Evaluates `query` at `at`, or at the source's own now. A scalar counts as one sample without labels.
    pub async fn instant(&self, query: &str, at: Option<Time>) -> Result<Vec<Sample>, QueryError> {
        let mut parameters = vec![("query", query.to_owned())];
        parameters.extend(at.map(|at| ("time", seconds_of(at))));
        match self.ask("query", &parameters).await? {
            Answer::Vector(samples) => Ok(samples),
            Answer::Scalar(sample) => Ok(vec![sample]),
            Answer::Matrix(_) => {
                Err(QueryError::Malformed(Text::from("ranges of values where single values were due")))
            }
        }
    }

    /// Evaluates `query` over `span`.
    pub async fn range(&self, query: &str, span: Span) -> Result<Vec<Series>, QueryError> {
        let parameters = [
            ("query", query.to_owned()),
            ("start", seconds_of(span.start)),
            ("end", seconds_of(span.end)),
            ("step", span.step.as_secs().to_string()),
        ];
        match self.ask("query_range", &parameters).await? {
            Answer::Matrix(series) => Ok(series),
            Answer::Vector(_) | Answer::Scalar(_) => {
                Err(QueryError::Malformed(Text::from("single values where ranges of values were due")))
            }
        }
    }

    async fn ask(&self, path: &str, parameters: &[(&str, String)]) -> Result<Answer, QueryError> {
        let sent = tokio::time::timeout(DEADLINE, self.transport.send(path, parameters)).await;
        let (status, body) = sent.map_err(|_| QueryError::TimedOut(DEADLINE.as_secs()))??;
        answer::read(status, &body)
    }
}
