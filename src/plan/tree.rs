//! A YAML file as a tree in which every value knows its place.
//!
//! Parsed from events rather than into types, because a type stops at the first mistake. Values stay as they were
//! written: nothing is taken for a number or a boolean before a field asks for one. Size, depth and the nodes that
//! aliases may unfold to are bounded.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::rules::{Rule, diagnostic};
use crate::model::plan::Diagnostic;

/// Longest file, in bytes.
const LONGEST: usize = 1024 * 1024;
/// Deepest nesting.
const DEEPEST: usize = 32;
/// Most values, unfolded aliases included.
const MOST_NODES: usize = 50_000;

/// A place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    /// Characters.
    pub(super) length: usize,
}

impl Spot {
    /// The file as a whole.
    pub(super) const START: Self = Self { line: 1, column: 1, length: 0 };

    fn of(span: &Span) -> Self {
        let one_line = span.start.line() == span.end.line();
        let length = if one_line { span.end.index().saturating_sub(span.start.index()) } else { 0 };
        Self { line: span.start.line().max(1), column: span.start.col() + 1, length }
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) spot: Spot,
    pub(super) value: Value,
}

/// A value as written.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<Member>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) spot: Spot,
    pub(super) node: Node,
}

impl Node {
    /// What to call it in a message.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a block of keys",
        }
    }

    /// Whether nothing was written where a value could stand.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    fn inner(&self) -> Vec<&Self> {
        match &self.value {
            Value::Scalar { .. } => Vec::new(),
            Value::List(items) => items.iter().collect(),
            Value::Map(members) => members.iter().map(|member| &member.node).collect(),
        }
    }

    fn nodes(&self) -> usize {
        1 + self.inner().into_iter().map(Self::nodes).sum::<usize>()
    }

    fn depth(&self) -> usize {
        1 + self.inner().into_iter().map(Self::depth).max().unwrap_or(0)
    }
}

/// A list or map that is not closed yet.
struct Open {
    spot: Spot,
    anchor: usize,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map(Vec<Member>, Option<(String, Spot)>),
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    root: Option<Node>,
    nodes: usize,
}

/// Reads the one document of a file.
pub(super) fn parse(text: &str) -> Result<Node, Diagnostic> {
    if text.len() > LONGEST {
        return Err(syntax(Spot::START, format!("the file has more than {LONGEST} bytes")));
    }
    let mut builder = Builder::default();
    for event in Parser::<StrInput<'_>>::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, Spot::of(&span))?,
            Err(error) => {
                let place = error.marker();
                let spot = Spot { line: place.line().max(1), column: place.col() + 1, length: 0 };
                return Err(syntax(spot, format!("this is not YAML: {}", error.info())));
            }
        }
    }
    builder.root.ok_or_else(|| syntax(Spot::START, "the file is empty"))
}

fn syntax(spot: Spot, message: impl Into<String>) -> Diagnostic {
    diagnostic(Rule::Syntax, spot, message.into(), None)
}

impl Builder {
    fn take(&mut self, event: Event<'_>, spot: Spot) -> Result<(), Diagnostic> {
        match event {
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => {
                Err(syntax(spot, "tags (`!...`) have no place in a plan"))
            }
            Event::Scalar(text, style, anchor, None) => {
                self.count(spot, 1, 1)?;
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                self.add(Node { spot, value }, anchor)
            }
            Event::SequenceStart(_, anchor, None) => self.open(spot, anchor, Inside::List(Vec::new())),
            Event::MappingStart(_, anchor, None) => self.open(spot, anchor, Inside::Map(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => {
                    self.count(spot, node.nodes(), node.depth())?;
                    self.add(node, 0)
                }
                None => Err(syntax(spot, "an alias inside the value that it stands for")),
            },
            Event::UnresolvedAlias(_) => Err(syntax(spot, "an alias of nothing")),
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(syntax(spot, "a plan is one document: a second one begins here"))
            }
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::Comment(..) => Ok(()),
            _ => Err(syntax(spot, "this part of YAML has no place in a plan")),
        }
    }

    fn open(&mut self, spot: Spot, anchor: usize, inside: Inside) -> Result<(), Diagnostic> {
        self.count(spot, 1, 1)?;
        self.open.push(Open { spot: Spot { length: 0, ..spot }, anchor, inside });
        Ok(())
    }

    /// Keeps the tree within its bounds before it grows.
    fn count(&mut self, spot: Spot, nodes: usize, depth: usize) -> Result<(), Diagnostic> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            return Err(syntax(spot, format!("more than {MOST_NODES} values")));
        }
        if self.open.len() + depth > DEEPEST {
            return Err(syntax(spot, format!("more than {DEEPEST} levels of nesting")));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Diagnostic> {
        let Some(Open { spot, anchor, inside }) = self.open.pop() else { return Ok(()) };
        let node = match inside {
            Inside::List(items) => Node { spot, value: Value::List(items) },
            Inside::Map(members, _) => {
                // a block of keys is best pointed at by its first one
                let spot = members.first().map_or(spot, |member| member.spot);
                Node { spot, value: Value::Map(members) }
            }
        };
        self.add(node, anchor)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.root = Some(node),
            Some(Inside::List(items)) => items.push(node),
            Some(Inside::Map(members, key)) => match key.take() {
                Some((key, spot)) => members.push(Member { key, spot, node }),
                None => *key = Some(key_of(node)?),
            },
        }
        Ok(())
    }
}

fn key_of(node: Node) -> Result<(String, Spot), Diagnostic> {
    match node.value {
        Value::Scalar { text, .. } => Ok((text, node.spot)),
        Value::List(_) | Value::Map(_) => Err(syntax(node.spot, "a key must be a single word")),
    }
}
