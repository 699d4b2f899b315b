//! Rows of the timeline.

use crate::core::State;
use crate::core::tell;
use crate::model::Time;
use crate::model::fact::{Entry, Fact};
use crate::model::request::Outcome;
use crate::ui::line::Line;
use crate::ui::screens::{ScreenId, who};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::{glyph, words};

/// One row.
pub(super) enum Row<'a> {
    /// A fact that is not in the journal yet, and whether the journal refused it.
    Pending(usize, &'a Fact, bool),
    /// An entry.
    Entry(&'a Entry),
}

/// Rows that the filter lets through, newest first.
pub(super) fn rows<'a>(state: &'a State, ui: &UiState) -> Vec<Row<'a>> {
    let wanted =
        ui.panes.get(&ScreenId::Timeline).map_or_else(String::new, |pane| pane.filter.to_lowercase());
    let refused = state.desk.unwritten.iter().map(|(_, fact)| (fact, true));
    let pending = state.desk.pending.iter().map(|fact| (fact, false));
    let waiting: Vec<Row<'_>> = refused
        .chain(pending)
        .enumerate()
        .map(|(number, (fact, refused))| Row::Pending(number, fact, refused))
        .collect();
    let entries = state.session.timeline.iter().rev().map(|entry| Row::Entry(entry));
    let all = waiting.into_iter().rev().chain(entries);
    all.filter(|row| wanted.is_empty() || row.contains(&wanted)).collect()
}

impl Row<'_> {
    fn fact(&self) -> &Fact {
        match self {
            Self::Pending(_, fact, _) => fact,
            Self::Entry(entry) => &entry.fact,
        }
    }

    /// What the cursor remembers.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Pending(number, ..) => format!("pending {number}"),
            Self::Entry(entry) => entry.seq.to_string(),
        }
    }

    /// Title of its details.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Pending(..) => "not in the journal yet".to_owned(),
            Self::Entry(entry) => entry.at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        }
    }

    /// The fact in one sentence.
    pub(super) fn sentence(&self) -> String {
        tell::fact(self.fact())
    }

    fn contains(&self, wanted: &str) -> bool {
        let by = match self {
            Self::Pending(..) => "",
            Self::Entry(entry) => who(&entry.author),
        };
        self.sentence().to_lowercase().contains(wanted) || by.to_lowercase().contains(wanted)
    }

    /// Cursor and time, who, kind, sentence.
    /// Without room for who and kind, the sentence stands for both.
    pub(super) fn cells(&self, now: Time, here: bool, narrow: bool) -> Vec<Line> {
        let cursor = Line::of(Role::Key, if here { glyph::CURSOR } else { " " });
        let (mark, role, word) = kind(self.fact());
        match self {
            Self::Pending(_, _, refused) => {
                let (mark, word) =
                    if *refused { (glyph::BAD, "not written") } else { (glyph::EMPTY, "on the way") };
                let role = if *refused { Role::Bad } else { Role::Pending };
                vec![
                    cursor.with(role, mark),
                    Line::of(role, "here"),
                    Line::of(role, word),
                    Line::of(Role::Pending, self.sentence()),
                ]
            }
            Self::Entry(entry) => vec![
                cursor.with(Role::Dim, when(entry.at, now)),
                Line::of(Role::Name, words::fit(by(entry), 12)),
                Line::of(role, format!("{mark} {word}")),
                if narrow {
                    Line::of(role, format!("{mark} ")).plain(self.sentence())
                } else {
                    Line::text(without(&self.sentence(), word))
                },
            ],
        }
    }
}

/// The sentence without the word that stands in the column before it.
fn without(sentence: &str, word: &str) -> String {
    let start = sentence.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word));
    let rest = start.map_or(sentence, |start| &sentence[start.len()..]);
    rest.trim_start_matches([':', ' ']).to_owned()
}

/// Seconds within a day, else the date.
fn when(at: Time, now: Time) -> String {
    if (now - at).num_hours() < 20 { words::clock(at) } else { at.format("%m-%d %H:%M").to_string() }
}

/// What a console saw was done by nobody here.
fn by(entry: &Entry) -> &str {
    match &entry.fact {
        Fact::StateSeen { .. } | Fact::SeenComplete { .. } => "seen",
        _ => who(&entry.author),
    }
}

/// Glyph, role and word of a kind of fact.
fn kind(fact: &Fact) -> (&'static str, Role, &'static str) {
    match fact {
        Fact::SessionOpened { .. } | Fact::ConsoleStarted { .. } => (glyph::DOT, Role::Dim, "started"),
        Fact::ConsoleLost { .. } => (glyph::WARNING, Role::Warning, "lost"),
        Fact::ConsoleEnded { .. } => (glyph::DOT, Role::Dim, "ended"),
        Fact::ControlTaken { .. } | Fact::ControlGivenUp { .. } => (glyph::DOT, Role::Armed, "control"),
        Fact::Authorised { .. } | Fact::StopPinned { .. } => (glyph::CURSOR, Role::Moving, "confirmed"),
        Fact::Refused { .. } => (glyph::WARNING, Role::Warning, "refused"),
        Fact::Sending { .. } => (glyph::ARROW, Role::Dim, "sending"),
        Fact::Answered { outcome, .. } => match outcome {
            Outcome::Applied { .. } => (glyph::DOT, Role::Dim, "answered"),
            Outcome::Rejected { .. } | Outcome::Unknown { .. } | Outcome::NotSent { .. } => {
                (glyph::WARNING, Role::Warning, "answered")
            }
        },
        Fact::Proven { .. } => (glyph::TICK, Role::Good, "PROVEN"),
        Fact::Unproven { .. } => (glyph::BAD, Role::Bad, "UNPROVEN"),
        Fact::StopLatched { .. } => (glyph::BAD, Role::Stopped, "STOP"),
        Fact::StopReset { .. } => (glyph::DOT, Role::Text, "stop reset"),
        Fact::Reverted { .. } => (glyph::BAD, Role::Bad, "REVERTED"),
        Fact::SeenComplete { .. } => (glyph::TICK, Role::Good, "complete"),
        Fact::StateSeen { .. } => (glyph::DOT, Role::Text, "state"),
        Fact::EvidenceCaptured { .. } => (glyph::DOT, Role::Dim, "captured"),
        Fact::ItemTicked { .. } => (glyph::TICK, Role::Good, "ticked"),
        Fact::ItemReopened { .. } => (glyph::EMPTY, Role::Warning, "reopened"),
        Fact::Noted { .. } => (glyph::DOT, Role::Name, "note"),
        Fact::Recovered { .. } => (glyph::DOT, Role::Warning, "late"),
    }
}
