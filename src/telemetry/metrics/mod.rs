//! Metrics of a plan, asked by the plan's own queries: values with the times of the samples behind them, their number,
//! how much of the window they cover, the past, and latencies by bucket.
//!
//! What comes back is raw: NaN, several series and errors are reported as what they are, and the core alone decides
//! what counts.

mod answer;
mod selectors;

use chrono::TimeDelta;
use futures::future::join_all;

use self::answer::{Answered, buckets, by_pod, measured};
use self::selectors::selectors;
use super::prometheus::{Client, QueryError, Sample, Series, Span as Stretch};
use crate::model::measure::Span;
use crate::model::reading::{MetricAsk, MetricReading};
use crate::model::rule::Query;
use crate::model::{Text, Time};

/// The past is asked for in at most so many points.
const MOST_POINTS: u64 = 240;

/// The source's now, and how far it is ahead of this console's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceTime {
    /// By the source's clock.
    pub now: Time,
    /// Source less console.
    pub ahead: TimeDelta,
}

/// Asks everything about one metric as of now.
pub async fn read(client: &Client, ask: &MetricAsk, time: SourceTime) -> MetricReading {
    let mut reading = MetricReading { period: ask.period, window: ask.window, ..MetricReading::default() };
    let subjects = ask.versions.iter().map(async |(side, version)| {
        let answered = subject(client, ask, Some(version), time).await;
        (*side, measured(&answered, ask, time))
    });
    let total = async {
        if ask.query.asks_for_version() {
            return None;
        }
        Some(subject(client, ask, None, time).await)
    };
    let (sides, total) = futures::join!(join_all(subjects), total);
    reading.sides = sides.into_iter().collect();
    if let Some(total) = total {
        // an answer for each pod is none for all together
        if ask.per_pod {
            reading.pods = by_pod(&total, ask, time);
        } else {
            reading.total = Some(measured(&total, ask, time));
        }
    }
    reading
}

/// All answers about one subject.
async fn subject(client: &Client, ask: &MetricAsk, version: Option<&str>, time: SourceTime) -> Answered {
    let filled = |query: &Query| fill(query, version, ask.window);
    let value = match filled(&ask.query) {
        Ok(text) => text,
        Err(why) => return Answered::failed(why),
    };
    let behind = selectors(&value);
    let grouping = if ask.per_pod { " by (pod)" } else { "" };
    let samples = ask.samples.as_ref().map(filled).transpose();
    let instant = async |text: &str| client.instant(text, Some(time.now)).await;
    let ages = instant_of_each(&behind, |one| format!("max{grouping} (timestamp({one}))"));
    let window = ask.window.seconds().max(1);
    let counts = instant_of_each(&behind, |one| format!("max{grouping} (count_over_time({one}[{window}s]))"));
    let histogram = behind.iter().find(|one| name_of(one).ends_with("_bucket"));
    let histogram = histogram.map(|one| format!("sum by (le) (increase({one}[{window}s]))"));
    let (values, samples, ages, counts, past, histogram) = futures::join!(
        instant(&value),
        async {
            match &samples {
                Ok(Some(text)) => Some(instant(text).await),
                Ok(None) => None,
                Err(why) => Some(Err(QueryError::Malformed(why.clone()))),
            }
        },
        optional(ages.as_deref(), &instant),
        optional(counts.as_deref(), &instant),
        past(client, &value, ask, time),
        optional(histogram.as_deref(), &instant),
    );
    Answered {
        values,
        samples,
        ages,
        counts,
        past,
        buckets: histogram.and_then(|found| buckets(&found.ok()?)),
    }
}

async fn optional<F>(text: Option<&str>, instant: &F) -> Option<Result<Vec<Sample>, QueryError>>
where
    F: AsyncFn(&str) -> Result<Vec<Sample>, QueryError>,
{
    match text {
        Some(text) => Some(instant(text).await),
        None => None,
    }
}

async fn past(
    client: &Client,
    text: &str,
    ask: &MetricAsk,
    time: SourceTime,
) -> Option<Result<Vec<Series>, QueryError>> {
    if ask.history.is_zero() {
        return None;
    }
    let step = ask.history.seconds().div_ceil(MOST_POINTS).max(ask.period.seconds()).max(1);
    let start = time.now - ask.history.to_delta();
    let stretch = Stretch { start, end: time.now, step: std::time::Duration::from_secs(step) };
    Some(client.range(text, stretch).await)
}

/// One query for something about each selector, told apart by a label.
fn instant_of_each(selectors: &[String], about: impl Fn(&str) -> String) -> Option<String> {
    let parts: Vec<String> = selectors
        .iter()
        .enumerate()
        .map(|(index, one)| format!("label_replace({}, \"selector\", \"{index}\", \"\", \"\")", about(one)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" or "))
}

fn name_of(selector: &str) -> &str {
    selector.split('{').next().unwrap_or_default().trim()
}

/// The query with its blanks filled.
fn fill(query: &Query, version: Option<&str>, window: Span) -> Result<String, Text> {
    let text = query.0.replace("${window}", &format!("{}s", window.seconds().max(1)));
    match version {
        None if query.asks_for_version() => {
            Err(Text::from("the query asks for ${version}, and none is known"))
        }
        None => Ok(text),
        Some(version) => {
            let safe: String = version
                .chars()
                .flat_map(|c| matches!(c, '"' | '\\').then_some('\\').into_iter().chain(Some(c)))
                .filter(|c| !c.is_control())
                .collect();
            Ok(text.replace("${version}", &safe))
        }
    }
}

#[cfg(test)]
mod tests;
