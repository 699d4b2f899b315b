//! What blocks say about each other: ids given once, references that lead somewhere, no cycles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::rules::{Findings, Rule};
use super::suggest::nearest;
use super::tree::Spot;

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Environment,
    Context,
    Component,
    Workload,
    Strategy,
    Probe,
    Metric,
    Rule,
    Gate,
    Trigger,
    Phase,
    Checklist,
    Item,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "environment",
            Self::Context => "context",
            Self::Component => "component",
            Self::Workload => "workload",
            Self::Strategy => "strategy",
            Self::Probe => "probe",
            Self::Metric => "metric",
            Self::Rule => "rule",
            Self::Gate => "gate",
            Self::Trigger => "trigger",
            Self::Phase => "phase",
            Self::Checklist => "checklist",
            Self::Item => "item",
        })
    }
}

/// Ids that were given and references to them.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: BTreeMap<(Kind, String), Spot>,
    references: Vec<(Kind, String, Spot)>,
    /// Component, what it depends on, and where it says so.
    depends: Vec<(String, String, Spot)>,
    /// Checklist and the phase that holds it.
    held: BTreeMap<String, Spot>,
}

impl Names {
    /// An id is given. A second time is a mistake, by the rule of its kind.
    pub(super) fn give(&mut self, kind: Kind, id: &str, spot: Spot, found: &mut Findings) {
        if let Some(first) = self.given.get(&(kind, id.to_owned())) {
            let rule = match kind {
                Kind::Context | Kind::Workload => Rule::Ambiguous,
                Kind::Environment
                | Kind::Component
                | Kind::Strategy
                | Kind::Probe
                | Kind::Metric
                | Kind::Rule
                | Kind::Gate
                | Kind::Trigger
                | Kind::Phase
                | Kind::Checklist
                | Kind::Item => Rule::Reference,
            };
            let message = format!("{kind} `{id}` is already given in line {}", first.line);
            if kind == Kind::Context {
                found.advise(rule, spot, message, "the console tells environments apart by their contexts");
            } else {
                found.add(rule, spot, message);
            }
        } else {
            self.given.insert((kind, id.to_owned()), spot);
        }
    }

    /// A phase holds a checklist.
    pub(super) fn hold(&mut self, checklist: &str, spot: Spot, found: &mut Findings) {
        if let Some(first) = self.held.get(checklist) {
            let message =
                format!("checklist `{checklist}` is already part of the phase in line {}", first.line);
            found.add(Rule::Reference, spot, message);
        } else {
            self.held.insert(checklist.to_owned(), spot);
            self.references.push((Kind::Checklist, checklist.to_owned(), spot));
        }
    }

    /// Something is referred to by its id.
    pub(super) fn refer(&mut self, kind: Kind, id: &str, spot: Spot) {
        self.references.push((kind, id.to_owned(), spot));
    }

    /// Which of these kinds have the id.
    pub(super) fn kinds_of(&self, id: &str, kinds: &[Kind]) -> Vec<Kind> {
        kinds.iter().copied().filter(|kind| self.given.contains_key(&(*kind, id.to_owned()))).collect()
    }

    /// The ids of these kinds.
    pub(super) fn ids(&self, kinds: &[Kind]) -> impl Iterator<Item = &str> {
        self.given.keys().filter(|(kind, _)| kinds.contains(kind)).map(|(_, id)| id.as_str())
    }

    /// A component depends on another.
    pub(super) fn depend(&mut self, component: &str, on: &str, spot: Spot) {
        self.references.push((Kind::Component, on.to_owned(), spot));
        self.depends.push((component.to_owned(), on.to_owned(), spot));
    }

    /// Checks what can be checked only when everything was read.
    pub(super) fn check(&self, found: &mut Findings) {
        for (kind, id, spot) in &self.references {
            if !self.given.contains_key(&(*kind, id.clone())) {
                let known = self.given.keys().filter(|(other, _)| other == kind).map(|(_, id)| id.as_str());
                let message = format!("there is no {kind} `{id}`");
                match nearest(id, known) {
                    Some(meant) => {
                        found.advise(Rule::Reference, *spot, message, format!("did you mean `{meant}`?"));
                    }
                    None => found.add(Rule::Reference, *spot, message),
                }
            }
        }
        self.check_cycles(found);
    }

    /// Names each dependency that leads back to where it starts, once for each cycle.
    fn check_cycles(&self, found: &mut Findings) {
        let mut told: BTreeSet<BTreeSet<&str>> = BTreeSet::new();
        for (component, on, spot) in &self.depends {
            let Some(mut way) = self.way(on, component) else { continue };
            way.insert(0, component);
            if told.insert(way.iter().copied().collect()) {
                let message = format!("a cycle: {}", way.join(" → "));
                found.advise(Rule::Reference, *spot, message, "take one of these dependencies out");
            }
        }
    }

    /// A way along dependencies, both ends included.
    fn way<'a>(&'a self, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = vec![from];
        let mut seen = BTreeSet::from([from]);
        while let Some(at) = open.pop() {
            if at == to {
                let mut way = vec![at];
                let mut step = at;
                while let Some(before) = came_from.get(step) {
                    way.push(before);
                    step = before;
                }
                way.reverse();
                return Some(way);
            }
            for (component, on, _) in &self.depends {
                if component == at && seen.insert(on) {
                    came_from.insert(on, at);
                    open.push(on);
                }
            }
        }
        None
    }
}
