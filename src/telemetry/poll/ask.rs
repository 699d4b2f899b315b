//! The questions of one round about one workload, and what became of them.

use std::collections::BTreeMap;

use futures::future::join_all;

use super::reading::Outcome;
use crate::model::series::{Signal, SignalQuery};
use crate::model::{Text, Time};
use crate::telemetry::dialect::{Found, JOINS, Join, Queries, discovery_query, read_discovery};
use crate::telemetry::prometheus::{Client, QueryError};

/// Why it is not known which metrics there are.
pub(super) enum Missing {
    /// The versions cannot be told apart by what is given.
    Means(Text),
    /// The question was not answered.
    Answer(QueryError),
}

/// The answers of one round.
pub(super) struct Answers {
    pub(super) sampled: Option<Outcome>,
    pub(super) signals: BTreeMap<Signal, Result<Outcome, Text>>,
}

impl Answers {
    /// Whether something was asked and nothing was answered.
    pub(super) fn are_lost(&self) -> bool {
        let mut outcomes = self.signals.values().flatten().chain(&self.sampled).peekable();
        outcomes.peek().is_some() && outcomes.all(|outcome| outcome.as_ref().is_err_and(is_loss))
    }
}

/// Asks which metrics there are, by today's labels and else by older ones.
pub(super) async fn look(client: &Client, query: &SignalQuery, source_now: Time) -> Result<Found, Missing> {
    let by = async |join: &'static Join| {
        let text = discovery_query(query, join).map_err(Missing::Means)?;
        let samples = client.instant(&text, Some(source_now)).await.map_err(Missing::Answer)?;
        Ok(read_discovery(query, join, &samples))
    };
    let [today, older] = &JOINS;
    let found = by(today).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    let found_by_older = by(older).await?;
    Ok(if found_by_older.is_empty() { found } else { found_by_older })
}

/// Asks for the age and all signals as of one instant.
pub(super) async fn answers(client: &Client, texts: &Queries, source_now: Time) -> Answers {
    let ask = async |text: &str| client.instant(text, Some(source_now)).await;
    let sampled = async {
        match &texts.sampled {
            None => None,
            Some(Ok(text)) => Some(ask(text).await),
            Some(Err(why)) => Some(Err(QueryError::Malformed(why.clone()))),
        }
    };
    let signals = texts.signals.iter().map(async |(signal, text)| match text {
        Ok(text) => (*signal, Ok(ask(text).await)),
        Err(why) => (*signal, Err(why.clone())),
    });
    let (sampled, signals) = futures::join!(sampled, join_all(signals));
    Answers { sampled, signals: signals.into_iter().collect() }
}

/// Whether an error tells of the source rather than of the query.
pub(super) const fn is_loss(error: &QueryError) -> bool {
    match error {
        QueryError::Unreachable(_)
        | QueryError::TimedOut(_)
        | QueryError::Refused { .. }
        | QueryError::Http { .. } => true,
        QueryError::Rejected { .. }
        | QueryError::Partial(_)
        | QueryError::Malformed(_)
        | QueryError::TooLarge(_) => false,
    }
}
