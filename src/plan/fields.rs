//! Reading one block's members by its row of the table, and single values by what is due.

use std::collections::BTreeMap;

use super::names::{Kind, Names};
use super::rules::{Findings, Rule};
use super::schema::{Block, Form, Level, RESULTS};
use super::suggest::nearest;
use super::tree::{Node, Spot, Value};
use super::values::{bare_boolean, is_id, is_slug, listed, quantity, share, span, text, whole};
use super::words::Word;
use crate::model::Text;
use crate::model::measure::{Share, Span, Unit};
use crate::model::plan::About;

/// The members of one block that this version takes.
pub(super) struct Fields<'a> {
    block: &'static Block,
    spot: Spot,
    members: BTreeMap<&'a str, &'a Node>,
    /// Whether a key was refused, so that what lacks may stand under it.
    mistaken: bool,
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
        let mut mistaken = false;
        for member in members {
            let key = member.key.as_str();
            if let Some(line) = lines.insert(key, member.spot.line) {
                let message = format!("`{key}` is given twice; the first one is in line {line}");
                found.add(Rule::DuplicateKey, member.spot, message);
            } else if block.taken().any(|known| known.key == key) {
                taken.insert(key, &member.node);
            } else {
                mistaken = true;
                if let Some(meant) = refuse(key, member.spot, block, found) {
                    lines.insert(meant, member.spot.line);
                }
            }
        }
        for missing in block.at(Level::Required).filter(|name| !lines.contains_key(name)) {
            found.add(Rule::Missing, node.spot, format!("{} lacks `{missing}`", block.name));
        }
        Some(Self { block, spot: node.spot, members: taken, mistaken })
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

    /// The id of something that only this plan names.
    pub(super) fn id(&self, found: &mut Findings) -> Option<(&'a str, Spot)> {
        let node = self.get("id")?;
        let word = text(node, "id", found)?;
        is_id(word, node.spot, "id", found).then_some((word, node.spot))
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

    /// A member's word out of its vocabulary.
    pub(super) fn word<T: Word>(&self, name: &str, found: &mut Findings) -> Option<T> {
        word(self.get(name)?, name, found)
    }

    /// A member's span of time.
    pub(super) fn span(&self, name: &str, found: &mut Findings) -> Option<Span> {
        span(self.get(name)?, name, found)
    }

    /// A member's share of a whole; `fraction` also takes 0 to 1.
    pub(super) fn share(&self, name: &str, fraction: bool, found: &mut Findings) -> Option<Share> {
        share(self.get(name)?, name, fraction, found)
    }

    /// A member's number and the unit behind it.
    pub(super) fn quantity(&self, name: &str, found: &mut Findings) -> Option<(f64, Option<Unit>)> {
        quantity(self.get(name)?, name, found)
    }

    /// A member's whole number.
    pub(super) fn whole(&self, name: &str, found: &mut Findings) -> Option<u64> {
        whole(self.get(name)?, name, found)
    }

    /// A member's whole number that is no larger than its type.
    pub(super) fn small<T: TryFrom<u64>>(&self, name: &str, found: &mut Findings) -> Option<T> {
        let number = self.whole(name, found)?;
        let small = T::try_from(number).ok();
        if small.is_none() {
            found.add(Rule::Value, self.place(name), format!("`{name}` is too large: {number}"));
        }
        small
    }

    /// A member's reference to something that has an id.
    pub(super) fn refer<T: From<&'a str>>(
        &self,
        name: &str,
        kind: Kind,
        names: &mut Names,
        found: &mut Findings,
    ) -> Option<T> {
        let node = self.get(name)?;
        let id = text(node, name, found)?;
        names.refer(kind, id, node.spot);
        Some(T::from(id))
    }

    /// A member's references, each once.
    pub(super) fn refers<T: From<&'a str> + PartialEq>(
        &self,
        name: &str,
        kind: Kind,
        names: &mut Names,
        found: &mut Findings,
    ) -> Vec<T> {
        let mut all: Vec<T> = Vec::new();
        for (id, spot) in self.words(name, found) {
            names.refer(kind, id, spot);
            let id = T::from(id);
            if all.contains(&id) {
                found.add(Rule::Ambiguous, spot, format!("`{name}` has this one twice"));
            } else {
                all.push(id);
            }
        }
        all
    }

    /// Where a member stands; the block's place where it is not there.
    pub(super) fn place(&self, name: &str) -> Spot {
        self.get(name).map_or(self.spot, |node| node.spot)
    }

    /// The members that are there, of these: for blocks that want exactly one. Says so if it is another number.
    pub(super) fn only(&self, names: &[&'static str], found: &mut Findings) -> Option<&'static str> {
        let there: Vec<&'static str> =
            names.iter().copied().filter(|name| self.members.contains_key(name)).collect();
        match there.as_slice() {
            [only] => return Some(only),
            [] if !self.mistaken => {
                let message = format!("{} has exactly one of {}", self.block.name, listed(names));
                found.add(Rule::Missing, self.spot, message);
            }
            [] => {}
            [_, second, ..] => {
                let message = format!("{} takes one of these at a time: {}", self.block.name, listed(&there));
                found.add(Rule::Ambiguous, self.place(second), message);
            }
        }
        None
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
        for member in self.block.members.iter().filter(|member| member.level == Level::Describes) {
            let name = member.key;
            let Some(node) = self.get(name) else { continue };
            let written = match &node.value {
                Value::List(_) if !matches!(member.form, Form::Text) => Some(
                    self.words(name, found).into_iter().map(|(word, _)| word).collect::<Vec<_>>().join(", "),
                ),
                Value::Scalar { .. } | Value::List(_) | Value::Map(_) => {
                    text(node, name, found).map(str::to_owned)
                }
            };
            if let Some(written) = written {
                about.insert(name.to_owned(), Text::from(written));
            }
        }
        about
    }
}

/// Says why a key is not taken; gives the one that was most likely meant.
fn refuse(key: &str, spot: Spot, block: &Block, found: &mut Findings) -> Option<&'static str> {
    if block.member(key).is_some_and(|member| member.level == Level::Later) {
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
        let meant = nearest(key, block.members.iter().map(|member| member.key));
        let advice = meant.map_or_else(
            || format!("it knows {}", listed(&block.taken().map(|member| member.key).collect::<Vec<_>>())),
            |meant| format!("did you mean `{meant}`?"),
        );
        found.advise(Rule::UnknownKey, spot, message, advice);
        return meant;
    }
    None
}

/// A word out of its vocabulary.
pub(super) fn word<T: Word>(node: &Node, name: &str, found: &mut Findings) -> Option<T> {
    let word = text(node, name, found)?;
    let words = T::table();
    match words.iter().find(|(known, _)| *known == word) {
        Some((_, Some(value))) => Some(*value),
        Some((_, None)) => {
            let message = format!("`{name}: {word}` is known, but this version does not run it");
            let runs = super::words::run::<T>();
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
