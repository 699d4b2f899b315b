//! The text of every query about a workload.

use std::collections::BTreeMap;
use std::time::Duration;

use super::custom::{CustomQueries, Template};
use super::discover::{Found, Latency};
use super::promql::quoted;
use super::side::{SIDE_LABEL, Selection, selections, side_value};
use super::{Dialect, Unit};
use crate::model::Text;
use crate::model::series::{Signal, SignalQuery};

/// What to send for one workload. Each text answers for all sides, told apart by [`SIDE_LABEL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queries {
    /// Time of the newest sample; `None` where no metric is known.
    pub sampled: Option<Result<String, Text>>,
    /// The signals that can be asked for, or why one cannot.
    pub signals: BTreeMap<Signal, Result<String, Text>>,
}

/// The queries for what was found, and those of the configuration in their place.
///
/// # Errors
/// A sentence, where the sides cannot be told apart by what is given.
pub fn queries(
    query: &SignalQuery,
    found: &Found,
    custom: &CustomQueries,
    window: Duration,
) -> Result<Queries, Text> {
    let all = selections(query, found.join)?;
    let window = format!("{}s", window.as_secs());
    let namespace = quoted(query.namespace.as_str());
    let own = |template: &Template| -> Result<String, Text> {
        // on lines of their own: a person's text may end with a comment
        let render =
            |of: &Selection| template.render(&namespace, of, &window).map(|text| format!("({text}\n)"));
        let expressions: Vec<String> = all.iter().map(render).collect::<Result<_, _>>()?;
        Ok(joined(&all, &expressions))
    };
    let known = |expression: &dyn Fn(&Selection) -> Option<String>| -> Option<Result<String, Text>> {
        let expressions: Vec<String> = all.iter().map(expression).collect::<Option<_>>()?;
        Some(Ok(joined(&all, &expressions)))
    };
    let sampled = custom.sampled().map(own).or_else(|| known(&|of| newest_sample(found, of)));
    let signals = Signal::ALL.into_iter().filter_map(|signal| {
        let own = custom.signal(signal).map(own);
        Some((signal, own.or_else(|| known(&|of| builtin(signal, found, of, &window)))?))
    });
    Ok(Queries { sampled, signals: signals.collect() })
}

/// Which metrics are asked, in one sentence.
#[must_use]
pub fn sentence(found: &Found, custom: &CustomQueries) -> Text {
    let own = custom.titles();
    if own.is_empty() {
        return Text::from(found.to_string());
    }
    Text::from(format!("queries of the configuration for {}; {found}", own.join(", ")))
}

/// One text for all sides. `label_replace` with an empty source label sets the target label.
fn joined(all: &[Selection], expressions: &[String]) -> String {
    let labelled = all.iter().zip(expressions).map(|(of, expression)| {
        format!("label_replace({expression}, \"{SIDE_LABEL}\", \"{}\", \"\", \"\")", side_value(of.side))
    });
    labelled.collect::<Vec<_>>().join(" or ")
}

/// The time of the newest sample itself: a plain selector keeps it, a rate would give the time of evaluation.
fn newest_sample(found: &Found, of: &Selection) -> Option<String> {
    let counter = found.requests.map(|dialect| (dialect.counter, dialect.served));
    let any = counter.or_else(|| found.latency.map(|latency| (latency.histogram.buckets, latency.served)));
    any.map(|(metric, served)| format!("max(timestamp({metric}{{{}{served}}}))", of.matchers))
}

/// The expression of a signal from known metrics; `None` where its metric is missing.
fn builtin(signal: Signal, found: &Found, of: &Selection, window: &str) -> Option<String> {
    match signal {
        Signal::ErrorRate => found.requests.map(|dialect| error_rate(dialect, of, window)),
        Signal::RequestRate => found.requests.map(|dialect| request_rate(dialect, of, window)),
        Signal::LatencyP50 => found.latency.map(|latency| quantile("0.5", latency, of, window)),
        Signal::LatencyP95 => found.latency.map(|latency| quantile("0.95", latency, of, window)),
        Signal::LatencyP99 => found.latency.map(|latency| quantile("0.99", latency, of, window)),
    }
}

/// No series of failures is no failure, but only where requests are counted at all: without a total the quotient is
/// empty (no data), and with a total of zero it is NaN (no requests).
fn error_rate(dialect: &Dialect, of: &Selection, window: &str) -> String {
    let Dialect { counter, code, served, .. } = dialect;
    let failed = format!("sum(rate({counter}{{{}{served}, {code}=~\"5..\"}}[{window}]))", of.matchers);
    format!("100 * ({failed} or vector(0)) / {}", request_rate(dialect, of, window))
}

fn request_rate(dialect: &Dialect, of: &Selection, window: &str) -> String {
    format!("sum(rate({}{{{}{}}}[{window}]))", dialect.counter, of.matchers, dialect.served)
}

/// Taken over the summed buckets of the whole side; in milliseconds.
fn quantile(which: &str, latency: Latency, of: &Selection, window: &str) -> String {
    let Latency { histogram, served } = latency;
    let factor = match histogram.unit {
        Unit::Seconds => "1000 * ",
        Unit::Milliseconds => "",
    };
    let rate = format!("rate({}{{{}{served}}}[{window}])", histogram.buckets, of.matchers);
    format!("{factor}histogram_quantile({which}, sum by (le) ({rate}))")
}
