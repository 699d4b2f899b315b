//! Functions.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};

use super::evaluate::{Context, Window, map_rows};
use super::pattern::Pattern;
use super::{Labels, Node, Outcome, QueryError, Row};
use crate::sim::world::clock::{Time, in_seconds};

/// Reads a window's samples: those in it, its range, its end.
type OverRange = fn(&[(Time, f64)], TimeDelta, Time) -> Option<f64>;

/// Functions over ranges.
const OVER_RANGES: [(&str, OverRange); 9] = [
    ("rate", |samples, range, end| Some(increase(samples, range, end)? / in_seconds(range))),
    ("increase", increase),
    ("irate", |samples, _, _| last_rate(samples)),
    ("avg_over_time", |samples, _, _| {
        #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
        let count = samples.len() as f64;
        Some(samples.iter().map(|(_, value)| value).sum::<f64>() / count)
    }),
    ("sum_over_time", |samples, _, _| Some(samples.iter().map(|(_, value)| value).sum())),
    ("min_over_time", |samples, _, _| samples.iter().map(|(_, value)| *value).reduce(f64::min)),
    ("max_over_time", |samples, _, _| samples.iter().map(|(_, value)| *value).reduce(f64::max)),
    ("count_over_time", |samples, _, _| {
        #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
        let count = samples.len() as f64;
        Some(count)
    }),
    ("last_over_time", |samples, _, _| samples.last().map(|(_, value)| *value)),
];

/// Changes a number.
type OfNumber = fn(f64) -> f64;

/// Functions of numbers.
const OF_NUMBERS: [(&str, OfNumber); 4] =
    [("abs", f64::abs), ("ceil", f64::ceil), ("floor", f64::floor), ("round", f64::round)];

/// Evaluates a call.
type Call = fn(Context<'_>, &[Node]) -> Result<Outcome, QueryError>;

/// All other functions.
const OTHERS: [(&str, Call); 9] = [
    ("histogram_quantile", |context, arguments| {
        let [share, of] = exactly(arguments)?;
        let share = context.scalar(share)?;
        Ok(Outcome::Vector(histogram_quantile(&share, context.vector(of)?)))
    }),
    ("clamp_min", |context, arguments| clamp(context, arguments, f64::max)),
    ("clamp_max", |context, arguments| clamp(context, arguments, f64::min)),
    ("timestamp", |context, arguments| {
        let [of] = exactly(arguments)?;
        let rows =
            context.sample_times(of).ok_or(QueryError::Type("timestamp needs a plain selector here"))?;
        Ok(Outcome::Vector(map_rows(rows, |seconds| seconds)))
    }),
    ("label_replace", |context, arguments| {
        let [of, label, replacement, source, pattern] = exactly(arguments)?;
        let texts = [text(label)?, text(replacement)?, text(source)?, text(pattern)?];
        label_replace(context.vector(of)?, texts).map(Outcome::Vector)
    }),
    ("vector", |context, arguments| {
        let [number] = exactly(arguments)?;
        let values = context.scalar(number)?.into_iter().map(Some).collect();
        Ok(Outcome::Vector(vec![Row { labels: Labels::new(), values }]))
    }),
    ("scalar", |context, arguments| {
        let [of] = exactly(arguments)?;
        Ok(Outcome::Scalar(only_values(&context.vector(of)?, context.steps.len())))
    }),
    ("absent", |context, arguments| {
        let [of] = exactly(arguments)?;
        Ok(Outcome::Vector(vec![absent(&context.vector(of)?, context.steps.len())]))
    }),
    ("time", |context, arguments| {
        let [] = exactly(arguments)?;
        let seconds = context.steps.iter().map(|step| in_seconds(*step - DateTime::UNIX_EPOCH));
        Ok(Outcome::Scalar(seconds.collect()))
    }),
];

/// Whether there is a function of that name.
pub(super) fn is_known(name: &str) -> bool {
    OVER_RANGES.iter().any(|(known, _)| *known == name)
        || OF_NUMBERS.iter().any(|(known, _)| *known == name)
        || OTHERS.iter().any(|(known, _)| *known == name)
}

/// Calls the function of that name.
pub(super) fn call(context: Context<'_>, name: &str, arguments: &[Node]) -> Result<Outcome, QueryError> {
    if let Some((_, over)) = OVER_RANGES.iter().find(|(known, _)| *known == name) {
        let [range] = exactly(arguments)?;
        return Ok(Outcome::Vector(over_range(context, &context.window(range)?, *over)));
    }
    if let Some((_, change)) = OF_NUMBERS.iter().find(|(known, _)| *known == name) {
        let [of] = exactly(arguments)?;
        return Ok(Outcome::Vector(map_rows(context.vector(of)?, change)));
    }
    match OTHERS.iter().find(|(known, _)| *known == name) {
        Some((_, call)) => call(context, arguments),
        None => Err(QueryError::Type("unknown function")),
    }
}

/// `clamp_min` and `clamp_max`.
fn clamp(
    context: Context<'_>,
    arguments: &[Node],
    choose: fn(f64, f64) -> f64,
) -> Result<Outcome, QueryError> {
    let [of, bound] = exactly(arguments)?;
    let bound = context.scalar(bound)?.first().copied().unwrap_or(f64::NAN);
    Ok(Outcome::Vector(map_rows(context.vector(of)?, |value| choose(value, bound))))
}

fn exactly<const COUNT: usize>(arguments: &[Node]) -> Result<&[Node; COUNT], QueryError> {
    arguments.try_into().map_err(|_| QueryError::Type("wrong number of arguments"))
}

fn text(node: &Node) -> Result<&str, QueryError> {
    match node {
        Node::Text(text) => Ok(text),
        Node::Number(_)
        | Node::Selector(_)
        | Node::Negative(_)
        | Node::Call { .. }
        | Node::Aggregate(_)
        | Node::Binary(_) => Err(QueryError::Type("expected a string")),
    }
}

/// Sets a label where the value of another matches; what the pattern captures cannot be used.
fn label_replace(mut rows: Vec<Row>, texts: [&str; 4]) -> Result<Vec<Row>, QueryError> {
    let [label, replacement, source, pattern] = texts;
    if replacement.contains('$') {
        return Err(QueryError::Type("label_replace with captures is not known here"));
    }
    let pattern = Pattern::parse(pattern).map_err(QueryError::Parse)?;
    for row in &mut rows {
        if !pattern.matches(row.labels.get(source).map_or("", String::as_str)) {
            continue;
        }
        if replacement.is_empty() {
            row.labels.remove(label);
        } else {
            row.labels.insert(label.to_owned(), replacement.to_owned());
        }
    }
    Ok(rows)
}

fn over_range(context: Context<'_>, window: &Window<'_>, over: OverRange) -> Vec<Row> {
    let rows = window.series.iter().map(|series| {
        let mut labels = series.labels.clone();
        labels.remove("__name__");
        let values = context.steps.iter().map(|step| {
            let end = *step - window.offset;
            let first = series.samples.partition_point(|(at, _)| *at <= end - window.range);
            let last = series.samples.partition_point(|(at, _)| *at <= end);
            let samples = series.samples.get(first..last)?;
            if samples.is_empty() { None } else { over(samples, window.range, end) }
        });
        Row { labels, values: values.collect() }
    });
    rows.collect()
}

/// What a counter gained in a window, resets added, carried on to the window's ends as Prometheus does.
fn increase(samples: &[(Time, f64)], range: TimeDelta, end: Time) -> Option<f64> {
    let ((first_time, first), (last_time, last)) = (samples.first()?, samples.last()?);
    if samples.len() < 2 {
        return None;
    }
    let resets: f64 = samples.windows(2).filter(|pair| pair[1].1 < pair[0].1).map(|pair| pair[0].1).sum();
    let gained = last - first + resets;
    let covered = in_seconds(*last_time - *first_time);
    #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
    let interval = covered / (samples.len() - 1) as f64;
    let mut to_start = in_seconds(*first_time - (end - range));
    let mut to_end = in_seconds(end - *last_time);
    if gained > 0.0 && *first >= 0.0 {
        to_start = to_start.min(covered * (first / gained));
    }
    for gap in [&mut to_start, &mut to_end] {
        if *gap >= interval * 1.1 {
            *gap = interval / 2.0;
        }
    }
    Some(gained * (covered + to_start + to_end) / covered)
}

fn last_rate(samples: &[(Time, f64)]) -> Option<f64> {
    let [.., (before_time, before), (time, value)] = samples else { return None };
    let gained = if value < before { *value } else { value - before };
    Some(gained / in_seconds(*time - *before_time))
}

/// Upper bounds with their cumulative counts at each step.
type Buckets = Vec<(f64, Vec<Option<f64>>)>;

fn histogram_quantile(share: &[f64], rows: Vec<Row>) -> Vec<Row> {
    let mut histograms: BTreeMap<Labels, Buckets> = BTreeMap::new();
    for mut row in rows {
        row.labels.remove("__name__");
        let Some(bound) = row.labels.remove("le").and_then(|le| le.parse::<f64>().ok()) else { continue };
        histograms.entry(row.labels).or_default().push((bound, row.values));
    }
    histograms
        .into_iter()
        .map(|(labels, mut buckets)| {
            buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
            let values = share.iter().enumerate().map(|(step, share)| {
                let counts: Vec<(f64, f64)> =
                    buckets.iter().filter_map(|(bound, values)| Some((*bound, values[step]?))).collect();
                quantile_of(&counts, *share)
            });
            Row { labels, values: values.collect() }
        })
        .collect()
}

/// The quantile of cumulative buckets, linear within the one it falls into; NaN without any observation.
fn quantile_of(buckets: &[(f64, f64)], share: f64) -> Option<f64> {
    let (highest, total) = *buckets.last()?;
    if !highest.is_infinite() || buckets.len() < 2 || total <= 0.0 {
        return Some(f64::NAN);
    }
    let rank = share * total;
    let index = buckets.iter().position(|(_, count)| *count >= rank)?;
    if index == buckets.len() - 1 {
        return Some(buckets[index - 1].0);
    }
    let (lower, below) = if index == 0 { (0.0, 0.0) } else { buckets[index - 1] };
    let (upper, count) = buckets[index];
    Some(lower + (upper - lower) * ((rank - below) / (count - below)))
}

/// The value of the only row at each step; NaN where there is none or more than one.
fn only_values(rows: &[Row], steps: usize) -> Vec<f64> {
    (0..steps)
        .map(|step| {
            let mut values = rows.iter().filter_map(|row| row.values[step]);
            match (values.next(), values.next()) {
                (Some(only), None) => only,
                _none_or_several => f64::NAN,
            }
        })
        .collect()
}

fn absent(rows: &[Row], steps: usize) -> Row {
    let values = (0..steps).map(|step| rows.iter().all(|row| row.values[step].is_none()).then_some(1.0));
    Row { labels: Labels::new(), values: values.collect() }
}
