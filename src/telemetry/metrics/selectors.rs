//! Finds the series that a query rests on.
//!
//! The value of an expression has the time at which it was evaluated, not that of the samples behind it: a rate goes on
//! for minutes after its target died. So the selectors are taken out of the text and asked for their own times. This
//! reads the lexical grammar of the query language only; what it does not understand it leaves out, and a query without
//! any selector has no age, which is unknown.

/// Words that are no metric names although no parenthesis follows them.
const WORDS: [&str; 14] = [
    "and",
    "or",
    "unless",
    "atan2",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "bool",
    "offset",
    "inf",
    "nan",
];
/// Words that a list of labels follows.
const LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
/// Aggregations, which `by (...)` may follow before their parenthesis.
const AGGREGATIONS: [&str; 13] = [
    "sum",
    "min",
    "max",
    "avg",
    "group",
    "stddev",
    "stdvar",
    "count",
    "count_values",
    "bottomk",
    "topk",
    "quantile",
    "limitk",
];

/// The instant selectors in `query`, each once, in the order of the text.
pub(super) fn selectors(query: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = query;
    while let Some(c) = rest.chars().next() {
        let length = if is_name(c) && !c.is_ascii_digit() {
            let (selector, length) = word(rest);
            if let Some(selector) = selector.filter(|selector| !found.contains(selector)) {
                found.push(selector);
            }
            length
        } else if c == '{' {
            let length = braces(rest);
            let selector = rest[..length].to_owned();
            if !found.contains(&selector) {
                found.push(selector);
            }
            length
        } else {
            skip(rest, c)
        };
        rest = &rest[length..];
    }
    found
}

const fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ':')
}

/// A word: a selector where it is one, and how much of the text it is.
fn word(rest: &str) -> (Option<String>, usize) {
    let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
    let name = &rest[..end];
    let lower = name.to_ascii_lowercase();
    let after = &rest[end..];
    let gap = after.len() - after.trim_start().len();
    let next = after.trim_start();
    if LISTS.contains(&lower.as_str()) && next.starts_with('(') {
        return (None, end + gap + next.find(')').map_or(next.len(), |close| close + 1));
    }
    if WORDS.contains(&lower.as_str()) || next.starts_with('(') {
        return (None, end);
    }
    if next.starts_with('{') {
        let length = end + gap + braces(next);
        return (Some(rest[..length].to_owned()), length);
    }
    let grouped = ["by", "without"].iter().any(|word| next.to_ascii_lowercase().starts_with(word));
    if AGGREGATIONS.contains(&lower.as_str()) && grouped {
        return (None, end);
    }
    (Some(name.to_owned()), end)
}

/// Length of what is no word: strings, comments, numbers, ranges, single characters.
fn skip(rest: &str, c: char) -> usize {
    match c {
        '"' | '\'' | '`' => string(rest, c),
        '#' => rest.find('\n').unwrap_or(rest.len()),
        '[' => rest.find(']').map_or(rest.len(), |close| close + 1),
        // a number or a duration: its letters are no names
        c if c.is_ascii_digit() => rest.find(|c| !is_name(c) && c != '.').unwrap_or(rest.len()),
        c => c.len_utf8(),
    }
}

/// Length of the matchers that begin here.
fn braces(rest: &str) -> usize {
    let mut at = 1;
    while let Some(c) = rest[at..].chars().next() {
        at += match c {
            '}' => return at + 1,
            '"' | '\'' | '`' => string(&rest[at..], c),
            c => c.len_utf8(),
        };
    }
    rest.len()
}

/// Length of the string that begins here.
fn string(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            '\\' if quote != '`' && !escaped => escaped = true,
            c if c == quote && !escaped => return index + 1,
            _ => escaped = false,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::selectors;

    #[test]
    fn the_series_behind_a_ratio_are_found() {
        let query = r#"100 * sum(rate(http_requests_total{status=~"5..",version="1.1"}[300s])) / sum(rate(http_requests_total{version="1.1"}[300s]))"#;
        assert_eq!(
            selectors(query),
            [r#"http_requests_total{status=~"5..",version="1.1"}"#, r#"http_requests_total{version="1.1"}"#]
        );
    }

    #[test]
    fn words_labels_strings_and_durations_are_no_series() {
        for (query, found) in [
            ("up", vec!["up"]),
            ("sum by (pod, le) (rate(x_bucket[5m]))", vec!["x_bucket"]),
            ("sum(x) by (pod)", vec!["x"]),
            ("a / on (pod) group_left (node) b offset 5m", vec!["a", "b"]),
            ("max_over_time(a:b:rate5m[1h:5m]) > bool 1e3 and vector(1)", vec!["a:b:rate5m"]),
            (r#"label_replace(a, "x", "b{}", "y", "")"#, vec!["a"]),
            (r#"{__name__=~"a}|b", pod="x"} # c"#, vec![r#"{__name__=~"a}|b", pod="x"}"#]),
            (r#"a{l="\"}"} + a{l="\"}"}"#, vec![r#"a{l="\"}"}"#]),
            ("vector(1)", vec![]),
            ("1 + Inf", vec![]),
            ("a{unfinished=\"", vec!["a{unfinished=\""]),
            ("", vec![]),
        ] {
            assert_eq!(selectors(query), found, "{query}");
        }
    }
}
