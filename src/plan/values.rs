//! Single values by what is due: text, ids, numbers with their units.

use super::rules::{Findings, Rule};
use super::tree::{Node, Spot, Value};
use crate::model::measure::{Share, Span, Unit};

/// Longest id: what Kubernetes allows for a label.
const LONGEST_SLUG: usize = 63;
/// Most digits of a number: with so many an f64 holds it as it was written.
const MOST_DIGITS: usize = 15;

/// A single value as it was written, if it says something.
pub(super) fn text<'a>(node: &'a Node, name: &str, found: &mut Findings) -> Option<&'a str> {
    let Value::Scalar { text, plain } = &node.value else {
        if let Some(word) = bracketed(node) {
            let message = format!("`[{word}]` is a placeholder: {}", needs_value(name));
            found.add(Rule::Placeholder, node.spot, message);
            return None;
        }
        let message = format!("`{name}` is a single value, and this is {}", node.kind());
        found.add(Rule::Value, node.spot, message);
        return None;
    };
    if *plain && bare_boolean(text).is_some() {
        let message = format!("`{text}` without quotes is a word to some readers and a boolean to others");
        found.advise(Rule::BareBoolean, node.spot, message, format!("write `\"{text}\"`"));
        return None;
    }
    if node.is_null() || is_placeholder(text) {
        let message = if node.is_null() || text.trim().is_empty() {
            format!("`{name}` has no value")
        } else {
            format!("`{}` is a placeholder: {}", text.trim(), needs_value(name))
        };
        found.add(Rule::Placeholder, node.spot, message);
        return None;
    }
    if let Some(tick) = tick(text) {
        let message = format!("`{tick}` is a result: a plan holds what is wanted, the journal what happened");
        found.advise(Rule::Result, node.spot, message, "take the mark out; tick the item in the session");
        return None;
    }
    Some(text)
}

fn needs_value(name: &str) -> String {
    format!("`{name}` needs its value before anybody goes live")
}

/// The word of `[Name]`, which YAML reads as a list.
fn bracketed(node: &Node) -> Option<&str> {
    match &node.value {
        Value::List(items) => match items.as_slice() {
            [Node { value: Value::Scalar { text, plain: true }, .. }] => Some(text),
            _ => None,
        },
        Value::Scalar { .. } | Value::Map(_) => None,
    }
}

/// Checks that a word can be an id: it stands in file names, commands and conversation.
pub(super) fn is_slug(word: &str, spot: Spot, name: &str, found: &mut Findings) -> bool {
    is_word(word, "-", spot, name, found)
}

/// The same for ids inside the plan, which are written `like_this` too.
pub(super) fn is_id(word: &str, spot: Spot, name: &str, found: &mut Findings) -> bool {
    is_word(word, "-_", spot, name, found)
}

fn is_word(word: &str, joints: &str, spot: Spot, name: &str, found: &mut Findings) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || joints.contains(c);
    let ok = word.len() <= LONGEST_SLUG
        && word.chars().all(inner)
        && !word.starts_with('-')
        && !word.ends_with('-')
        && !word.is_empty();
    if !ok {
        let message = format!(
            "`{word}` cannot be the `{name}`: lower-case letters, digits and `-` between them, at most {LONGEST_SLUG}"
        );
        match slugged(word) {
            Some(proposal) => found.advise(Rule::Value, spot, message, format!("write `{proposal}`")),
            None => found.add(Rule::Value, spot, message),
        }
    }
    ok
}

fn slugged(word: &str) -> Option<String> {
    let dashed: String = word
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(LONGEST_SLUG)
        .collect();
    let parts: Vec<_> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("-"))
}

/// What YAML 1.1 takes a bare word for; YAML 1.2 takes most of these for text.
pub(super) fn bare_boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => Some(true),
        "no" | "off" | "n" | "false" => Some(false),
        _ => None,
    }
}

fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 10] =
        ["tbd", "tba", "tbc", "todo", "fixme", "xxx", "???", "...", "to be defined", "to be determined"];
    let word = text.trim().to_lowercase();
    let framed = |open: char, close: char| word.len() > 1 && word.starts_with(open) && word.ends_with(close);
    word.is_empty() || WORDS.contains(&word.as_str()) || framed('[', ']') || framed('<', '>')
}

/// The mark of a ticked box at the beginning of a text.
fn tick(text: &str) -> Option<&'static str> {
    ["[x]", "[X]", "☑", "✅", "✔", "✓"].into_iter().find(|mark| text.trim_start().starts_with(mark))
}

/// `a, b or c`
pub(super) fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}

/// A span of time.
pub(super) fn span(node: &Node, name: &str, found: &mut Findings) -> Option<Span> {
    let word = text(node, name, found)?;
    let span = Span::parse(word.trim());
    if span.is_none() {
        let message = format!("`{word}` is no time for `{name}`");
        let bare = word.trim().parse::<u64>().is_ok();
        let advice = if bare {
            format!("write the unit: `{0}s` or `{0}m`", word.trim())
        } else {
            "write for example `90s`, `5m`, `2h` or `3d`".to_owned()
        };
        found.advise(Rule::Value, node.spot, message, advice);
    }
    span
}

/// A share of a whole: `"95%"`, or `0.95` where a fraction is usual.
pub(super) fn share(node: &Node, name: &str, fraction: bool, found: &mut Findings) -> Option<Share> {
    let word = text(node, name, found)?.trim();
    let percent = match word.strip_suffix('%') {
        Some(number) => decimal(number.trim_end()),
        None if fraction => decimal(word).filter(|share| *share <= 1.0).map(|share| share * 100.0),
        None => None,
    };
    match percent {
        Some(percent) if (0.0..=100.0).contains(&percent) => Some(Share(percent)),
        Some(percent) => {
            found.add(Rule::Value, node.spot, format!("`{name}` is 0 % to 100 %, and this is {percent} %"));
            None
        }
        None => {
            let message = format!("`{word}` is no share for `{name}`");
            let number = decimal(word).map_or_else(|| "25".to_owned(), |number| number.to_string());
            found.advise(Rule::Value, node.spot, message, format!("write `\"{number}%\"`"));
            None
        }
    }
}

/// A number and the unit behind it, if one stands there.
pub(super) fn quantity(node: &Node, name: &str, found: &mut Findings) -> Option<(f64, Option<Unit>)> {
    let word = text(node, name, found)?.trim();
    let end = word.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-')).unwrap_or(word.len());
    let (number, unit) = (decimal(&word[..end]), word[end..].trim());
    match (number, unit) {
        (Some(number), "") => Some((number, None)),
        (Some(number), unit) if Unit::parse(unit).is_some() => Some((number, Unit::parse(unit))),
        _ => {
            let message = format!("`{word}` is no number for `{name}`");
            let advice = format!("write a number, with its unit if it has one of {}", units());
            found.advise(Rule::Value, node.spot, message, advice);
            None
        }
    }
}

/// The units that are known by name.
pub(super) fn units() -> String {
    listed(&Unit::known().collect::<Vec<_>>())
}

/// A whole number.
pub(super) fn whole(node: &Node, name: &str, found: &mut Findings) -> Option<u64> {
    let word = text(node, name, found)?.trim();
    let digits = word.len() <= MOST_DIGITS && word.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { word.parse().ok() } else { None };
    if number.is_none() {
        found.add(Rule::Value, node.spot, format!("`{name}` is a whole number, and this is `{word}`"));
    }
    number
}

/// A plain decimal number; no exponent, nothing that an f64 would round visibly.
pub(super) fn decimal(word: &str) -> Option<f64> {
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
    let dots = unsigned.bytes().filter(|byte| *byte == b'.').count();
    let ok = (1..=MOST_DIGITS).contains(&digits) && dots <= 1 && digits + dots == unsigned.len();
    let number: f64 = if ok { word.parse().ok()? } else { return None };
    // JSON knows no negative zero that would come back as it was
    Some(if number == 0.0 { 0.0 } else { number })
}

/// A name as Kubernetes allows it, near enough to catch slips: the cluster has the last word.
pub(super) fn object_name<'a>(node: &'a Node, name: &str, found: &mut Findings) -> Option<(&'a str, Spot)> {
    let word = text(node, name, found)?;
    is_object_name(word, node.spot, name, found).then_some((word, node.spot))
}

/// Names of objects may have dots, which ids have not.
pub(super) fn is_object_name(word: &str, spot: Spot, name: &str, found: &mut Findings) -> bool {
    word.split('.').all(|part| !part.is_empty() && is_slug(part, spot, name, found))
}
