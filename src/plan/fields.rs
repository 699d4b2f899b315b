//! Reading one block's members by its row of the table, and single values by what is due.

use std::collections::BTreeMap;

use super::rules::{Findings, Rule};
use super::schema::{Block, LISTED, RESULTS};
use super::suggest::nearest;
use super::tree::{Node, Spot, Value};
use crate::model::Text;
use crate::model::plan::About;

/// Longest id: what Kubernetes allows for a label.
const LONGEST_SLUG: usize = 63;

/// The members of one block that this version takes.
pub(super) struct Fields<'a> {
    block: &'static Block,
    spot: Spot,
    members: BTreeMap<&'a str, &'a Node>,
}

impl<'a> Fields<'a> {
    /// Reads a block, adding all that its row of the table does not allow. `None` if it is no block.
    pub(super) fn read(node: &'a Node, block: &'static Block, found: &mut Findings) -> Option<Self> {
        let Value::Map(members) = &node.value else {
            let message = format!("{} is a block of keys, and this is {}", block.name, node.kind());
            found.add(Rule::Value, node.spot, message);
            return None;
        };
        let mut lines = BTreeMap::new();
        let mut taken = BTreeMap::new();
        for member in members {
            let key = member.key.as_str();
            if let Some(line) = lines.insert(key, member.spot.line) {
                let message = format!("`{key}` is given twice; the first one is in line {line}");
                found.add(Rule::DuplicateKey, member.spot, message);
            } else if block.taken().any(|known| known == key) {
                taken.insert(key, &member.node);
            } else if let Some(meant) = refuse(key, member.spot, block, found) {
                lines.insert(meant, member.spot.line);
            }
        }
        for missing in block.required.iter().filter(|name| !lines.contains_key(*name)) {
            found.add(Rule::Missing, node.spot, format!("{} lacks `{missing}`", block.name));
        }
        Some(Self { block, spot: node.spot, members: taken })
    }

    /// Where the block begins.
    pub(super) fn spot(&self) -> Spot {
        self.spot
    }

    /// A member, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        self.members.get(name).copied()
    }

    /// A member's text, if it is there.
    pub(super) fn text(&self, name: &str, found: &mut Findings) -> Option<Text> {
        text(self.get(name)?, name, found).map(Text::clean)
    }

    /// A member's id, if it is there and well formed.
    pub(super) fn slug(&self, name: &str, found: &mut Findings) -> Option<(&'a str, Spot)> {
        let node = self.get(name)?;
        let word = text(node, name, found)?;
        is_slug(word, node.spot, name, found).then_some((word, node.spot))
    }

    /// A member that is `true` or `false`; false where it is not there.
    pub(super) fn flag(&self, name: &str, found: &mut Findings) -> bool {
        let Some(node) = self.get(name) else { return false };
        let Value::Scalar { text, plain: true } = &node.value else {
            found.add(Rule::Value, node.spot, format!("`{name}` is `true` or `false`"));
            return false;
        };
        match (text.as_str(), bare_boolean(text)) {
            ("true", _) => true,
            ("false", _) => false,
            (_, Some(meant)) => {
                let message = format!("`{text}` is a boolean to some readers and a word to others");
                found.advise(Rule::BareBoolean, node.spot, message, format!("write `{meant}`"));
                meant
            }
            (_, None) => {
                found.add(Rule::Value, node.spot, format!("`{name}` is `true` or `false`"));
                false
            }
        }
    }

    /// A member's word out of a vocabulary. `None` in the table: the format knows it, this version does not run it.
    pub(super) fn choice<T: Copy>(
        &self,
        name: &str,
        words: &[(&'static str, Option<T>)],
        found: &mut Findings,
    ) -> Option<T> {
        let node = self.get(name)?;
        let word = text(node, name, found)?;
        match words.iter().find(|(known, _)| *known == word) {
            Some((_, Some(value))) => Some(*value),
            Some((_, None)) => {
                let message = format!("`{name}: {word}` is known, but this version does not run it");
                let runs: Vec<_> =
                    words.iter().filter(|(_, value)| value.is_some()).map(|(word, _)| *word).collect();
                found.advise(Rule::NotRun, node.spot, message, format!("it runs {}", listed(&runs)));
                None
            }
            None => {
                let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                let message = format!("`{word}` is no `{name}`: {}", listed(&known));
                match nearest(word, known) {
                    Some(meant) => {
                        found.advise(Rule::Value, node.spot, message, format!("did you mean `{meant}`?"));
                    }
                    None => found.add(Rule::Value, node.spot, message),
                }
                None
            }
        }
    }

    /// A member's list; empty where it is not there.
    pub(super) fn list(&self, name: &str, found: &mut Findings) -> &'a [Node] {
        let Some(node) = self.get(name) else { return &[] };
        if let Value::List(items) = &node.value {
            return items;
        }
        let message = format!("`{name}` is a list, and this is {}", node.kind());
        found.advise(Rule::Value, node.spot, message, format!("write `{name}:` and each one behind `- `"));
        &[]
    }

    /// A required list, which must hold something.
    pub(super) fn filled_list(&self, name: &str, found: &mut Findings) -> &'a [Node] {
        let items = self.list(name, found);
        if let Some(Node { spot, value: Value::List(items) }) = self.get(name)
            && items.is_empty()
        {
            found.add(Rule::Missing, *spot, format!("`{name}` of {} is empty", self.block.name));
        }
        items
    }

    /// The words of a list, with their places.
    pub(super) fn words(&self, name: &str, found: &mut Findings) -> Vec<(&'a str, Spot)> {
        let items = self.list(name, found);
        items.iter().filter_map(|item| Some((text(item, name, found)?, item.spot))).collect()
    }

    /// The members that describe.
    pub(super) fn about(&self, found: &mut Findings) -> About {
        let mut about = About::new();
        for name in self.block.describes {
            let Some(node) = self.get(name) else { continue };
            let written = match &node.value {
                Value::List(_) if LISTED.contains(name) => Some(
                    self.words(name, found).into_iter().map(|(word, _)| word).collect::<Vec<_>>().join(", "),
                ),
                Value::Scalar { .. } | Value::List(_) | Value::Map(_) => {
                    text(node, name, found).map(str::to_owned)
                }
            };
            if let Some(written) = written {
                about.insert((*name).to_owned(), Text::from(written));
            }
        }
        about
    }
}

/// Says why a key is not taken; gives the one that was most likely meant.
fn refuse(key: &str, spot: Spot, block: &Block, found: &mut Findings) -> Option<&'static str> {
    if block.later.contains(&key) {
        let message = format!("`{key}` of {} is known, but this version does not run it", block.name);
        found.advise(
            Rule::NotRun,
            spot,
            message,
            "take it out, or keep this plan for a version that runs it",
        );
    } else if RESULTS.contains(&key) {
        let message = format!("`{key}` is a result: a plan holds what is wanted, the journal what happened");
        found.advise(Rule::Result, spot, message, "take it out; tick the item in the session");
    } else {
        let message = format!("{} has no `{key}`", block.name);
        let meant = nearest(key, block.taken().chain(block.later.iter().copied()));
        let advice = meant.map_or_else(
            || format!("it knows {}", listed(&block.taken().collect::<Vec<_>>())),
            |meant| format!("did you mean `{meant}`?"),
        );
        found.advise(Rule::UnknownKey, spot, message, advice);
        return meant;
    }
    None
}

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
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
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
fn bare_boolean(text: &str) -> Option<bool> {
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
