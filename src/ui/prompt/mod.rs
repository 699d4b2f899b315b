//! Fields that ask for one line of text: short name, namespaces, filter, note, evidence, arguments of acts.

mod draw;
mod namespaces;

use std::collections::BTreeSet;

use crossterm::event::KeyCode;

use crate::core::State;
use crate::core::event::Intent;
use crate::model::act::Act;
use crate::model::ids::{ItemId, Namespace};
use crate::model::plan::EvidenceKind;
use crate::model::target::{Scope, Target};

use super::field::Field;
use super::input::{Answer, set_filter};
use super::key::Key;
use super::state::UiState;

pub(super) use draw::draw;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The short name, to take control.
    Control,
    /// Namespaces to look at.
    Namespaces {
        /// Row under the cursor.
        cursor: usize,
        /// Namespaces marked so far.
        marked: BTreeSet<Namespace>,
    },
    /// A word that rows must contain.
    Filter,
    /// A note for the record.
    Note,
    /// What proves an item.
    Tick {
        /// Which item.
        item: ItemId,
        /// What its tick must bring.
        evidence: EvidenceKind,
    },
    /// Why a tick is taken back.
    Reopen {
        /// Which item.
        item: ItemId,
    },
    /// A number of pods.
    Replicas {
        /// Of what.
        target: Target,
    },
    /// An image, alone or as `container=image`.
    Image {
        /// Of what.
        target: Target,
    },
}

/// An open prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked for.
    pub asks: Asks,
    /// The text so far.
    pub field: Field,
    /// Why it was not taken.
    pub complaint: Option<String>,
}

impl Prompt {
    /// An empty prompt.
    #[must_use]
    pub fn new(asks: Asks) -> Self {
        Self { asks, field: Field::default(), complaint: None }
    }

    /// The filter, with the word that filters now.
    #[must_use]
    pub fn filter(word: &str) -> Self {
        Self { field: Field::with(word), ..Self::new(Asks::Filter) }
    }

    /// The namespace chooser, with those in view marked.
    #[must_use]
    pub fn namespaces(scope: &Scope) -> Self {
        let marked = match scope {
            Scope::All => BTreeSet::new(),
            Scope::Namespaces(list) => list.iter().cloned().collect(),
        };
        Self::new(Asks::Namespaces { cursor: 0, marked })
    }

    /// After a change of the text: complaints are over, the cursor is back at the first row.
    pub fn changed(&mut self) {
        self.complaint = None;
        if let Asks::Namespaces { cursor, .. } = &mut self.asks {
            *cursor = 0;
        }
    }
}

/// Takes a key while a prompt is open.
pub(super) fn key(ui: &mut UiState, state: &State, key: Key) -> Answer {
    let Some(mut prompt) = ui.prompt.take() else { return Answer::done() };
    if key.is(KeyCode::Esc) || key.is_ctrl('c') {
        if prompt.asks == Asks::Filter {
            set_filter(ui, state, String::new());
        }
        return Answer::done();
    }
    if key.is(KeyCode::Enter) {
        return match submit(&prompt, state) {
            Ok(answer) => answer,
            Err(complaint) => {
                ui.prompt = Some(Prompt { complaint: Some(complaint), ..prompt });
                Answer::done()
            }
        };
    }
    if !namespaces::key(&mut prompt, state, key) && prompt.field.key(key) {
        prompt.changed();
    }
    if prompt.asks == Asks::Filter {
        set_filter(ui, state, prompt.field.value().to_owned());
    }
    ui.prompt = Some(prompt);
    Answer::done()
}

/// What Enter does: at most an intent that changes nothing in the cluster by itself.
fn submit(prompt: &Prompt, state: &State) -> Result<Answer, String> {
    let text = prompt.field.value().trim();
    let intent = match &prompt.asks {
        Asks::Filter => return Ok(Answer::done()),
        Asks::Control => {
            let wanted = &state.settings.short_name;
            if text != wanted.as_str() {
                return Err(format!("type {wanted}, exactly as it stands here"));
            }
            Intent::TakeControl { typed: text.to_owned() }
        }
        Asks::Namespaces { cursor, marked } => {
            Intent::Scope(namespaces::chosen(text, *cursor, marked, state)?)
        }
        Asks::Note if text.is_empty() => return Err("a note needs words".to_owned()),
        Asks::Note => Intent::Note(text.to_owned()),
        Asks::Tick { item, evidence } => {
            let evidence = evidence_given(*evidence, text)?;
            Intent::Tick { item: item.clone(), evidence }
        }
        Asks::Reopen { .. } if text.is_empty() => return Err("say why the tick is taken back".to_owned()),
        Asks::Reopen { item } => Intent::Reopen { item: item.clone(), reason: text.to_owned() },
        Asks::Replicas { target } => {
            let replicas =
                text.parse().map_err(|_| "write a whole number of pods, for example 3".to_owned())?;
            Intent::Propose { target: target.clone(), act: Act::Scale { replicas } }
        }
        Asks::Image { target } => Intent::Propose { target: target.clone(), act: image(text)? },
    };
    Ok(Answer::of(intent))
}

fn evidence_given(kind: EvidenceKind, text: &str) -> Result<Option<String>, String> {
    let given = (!text.is_empty()).then(|| text.to_owned());
    match kind {
        EvidenceKind::None => Ok(given),
        EvidenceKind::Note | EvidenceKind::Value if given.is_some() => Ok(given),
        EvidenceKind::Link if text.contains("://") => Ok(given),
        EvidenceKind::Note => Err("this item needs a note: what was seen".to_owned()),
        EvidenceKind::Value => Err("this item needs the value that was seen".to_owned()),
        EvidenceKind::Link => Err("this item needs a link, for example https://example.com/run/7".to_owned()),
    }
}

fn image(text: &str) -> Result<Act, String> {
    let (container, image) = match text.split_once('=') {
        Some((container, image)) => (Some(container.trim().to_owned()), image.trim()),
        None => (None, text),
    };
    if image.is_empty() || image.contains(char::is_whitespace) {
        return Err("write an image, for example api:1.8.2, or container=image".to_owned());
    }
    Ok(Act::SetImage { container, image: image.to_owned() })
}
