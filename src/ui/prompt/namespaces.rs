//! The namespace chooser: those where something moves first, typed words narrow it, Tab marks several.

use std::collections::BTreeSet;

use crossterm::event::KeyCode;

use crate::core::State;
use crate::model::ids::Namespace;
use crate::model::target::Scope;

use super::super::key::Key;
use super::{Asks, Prompt};

/// A row of the chooser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    All,
    One { namespace: Namespace, moving: u32 },
}

/// Rows that contain `word`: all namespaces, then those where something moves, then the others by name.
pub(super) fn rows(state: &State, word: &str) -> Vec<Row> {
    let known: BTreeSet<&Namespace> = state
        .world
        .namespaces
        .iter()
        .chain(state.world.moving_elsewhere.iter().map(|(namespace, _)| namespace))
        .chain(state.world.workloads.keys().map(|target| &target.namespace))
        .collect();
    let mut found: Vec<(u32, &Namespace)> = known
        .into_iter()
        .filter(|namespace| namespace.as_str().contains(word))
        .map(|namespace| (moving(state, namespace), namespace))
        .collect();
    found.sort_by_key(|(count, namespace)| (std::cmp::Reverse(*count), *namespace));
    let all = word.is_empty().then_some(Row::All);
    let ones = found.into_iter().map(|(moving, namespace)| Row::One { namespace: namespace.clone(), moving });
    all.into_iter().chain(ones).collect()
}

fn moving(state: &State, namespace: &Namespace) -> u32 {
    let here = state.world.in_flight().filter(|view| view.target.namespace == *namespace).count();
    let elsewhere =
        state.world.moving_elsewhere.iter().find(|(name, _)| name == namespace).map_or(0, |(_, n)| *n);
    u32::try_from(here).unwrap_or(u32::MAX).max(elsewhere)
}

/// Takes the keys that move and mark; `false` leaves the key to the field.
pub(super) fn key(prompt: &mut Prompt, state: &State, key: Key) -> bool {
    let word = prompt.field.value().to_owned();
    let Asks::Namespaces { cursor, marked } = &mut prompt.asks else { return false };
    let rows = rows(state, &word);
    if key.is(KeyCode::Up) {
        *cursor = cursor.saturating_sub(1);
    } else if key.is(KeyCode::Down) {
        *cursor = (*cursor + 1).min(rows.len().saturating_sub(1));
    } else if key.is(KeyCode::Tab) {
        if let Some(Row::One { namespace, .. }) = rows.get(*cursor)
            && !marked.remove(namespace)
        {
            marked.insert(namespace.clone());
        }
    } else {
        return false;
    }
    true
}

/// What Enter chooses: names typed with commas, else the row under the cursor together with marks that were changed.
pub(super) fn chosen(
    text: &str,
    cursor: usize,
    marked: &BTreeSet<Namespace>,
    state: &State,
) -> Result<Scope, String> {
    if text.contains(',') {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        return checked(names.map(Namespace::new).collect());
    }
    let in_view = match &state.world.scope {
        Scope::All => BTreeSet::new(),
        Scope::Namespaces(list) => list.iter().cloned().collect(),
    };
    match rows(state, text).get(cursor) {
        _ if *marked != in_view && !marked.is_empty() => checked(marked.iter().cloned().collect()),
        Some(Row::All) => Ok(Scope::All),
        Some(Row::One { namespace, .. }) => Ok(Scope::Namespaces(vec![namespace.clone()])),
        // namespaces may be hidden from this user: a name that is typed is taken as it stands
        None => checked(vec![Namespace::new(text)]),
    }
}

fn checked(names: Vec<Namespace>) -> Result<Scope, String> {
    let sound = |name: &Namespace| {
        !name.is_empty()
            && name.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match names.iter().find(|name| !sound(name)) {
        Some(name) => Err(format!("`{name}` is no namespace: small letters, digits and dashes")),
        None if names.is_empty() => Err("choose at least one namespace".to_owned()),
        None => Ok(Scope::Namespaces(names)),
    }
}
