//! What the plan format knows, and how much of it this version runs: one table. The reader refuses by it, messages are
//! written from it, and the published JSON Schema is printed from it.

mod judged;
mod people;
mod runs;

pub(super) use judged::*;
pub(super) use people::*;
pub(super) use runs::*;

/// The members of one kind of block.
#[derive(Debug)]
pub(super) struct Block {
    /// What to call it in a message.
    pub(super) name: &'static str,
    /// Its members.
    pub(super) members: &'static [Member],
}

/// One member of a block.
#[derive(Debug)]
pub(super) struct Member {
    /// Its key.
    pub(super) key: &'static str,
    /// What this version does with it.
    pub(super) level: Level,
    /// What may stand there.
    pub(super) form: Form,
}

/// What this version does with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// It must be there.
    Required,
    /// It may be there and does something.
    Runs,
    /// It is kept and shown, and nothing is judged by it.
    Describes,
    /// The format knows it, this version does not run it: an error, because a plan must not promise what nobody does.
    Later,
}

/// What may stand at a member.
#[derive(Debug)]
pub(super) enum Form {
    /// Any text.
    Text,
    /// An id: lower-case letters, digits and `-`.
    Slug,
    /// `true` or `false`.
    Flag,
    /// `90s`, `5m`, `2h`, `3d`.
    Span,
    /// `"95%"`, or 0 to 1.
    Share,
    /// A number, with its unit behind it or in `unit`.
    Number,
    /// A whole number.
    Whole,
    /// A word out of a vocabulary.
    Word(fn() -> Vec<&'static str>),
    /// A list of texts.
    Texts,
    /// A block whose keys are free and whose values are texts.
    Pairs,
    /// A block.
    One(&'static Block),
    /// A list of such.
    Many(&'static Form),
    /// One of these.
    Either(&'static [Form]),
    /// Not described: nothing may stand there yet.
    Undescribed,
}

impl Block {
    /// Keys of one level.
    pub(super) fn at(&self, level: Level) -> impl Iterator<Item = &'static str> {
        self.members.iter().filter(move |member| member.level == level).map(|member| member.key)
    }

    /// All members that this version takes.
    pub(super) fn taken(&self) -> impl Iterator<Item = &'static Member> {
        self.members.iter().filter(|member| member.level != Level::Later)
    }

    /// A member by its key.
    pub(super) fn member(&self, key: &str) -> Option<&'static Member> {
        self.members.iter().find(|member| member.key == key)
    }
}

const fn required(key: &'static str, form: Form) -> Member {
    Member { key, level: Level::Required, form }
}

const fn runs(key: &'static str, form: Form) -> Member {
    Member { key, level: Level::Runs, form }
}

const fn describes(key: &'static str) -> Member {
    Member { key, level: Level::Describes, form: Form::Text }
}

/// Describing, and may be a list.
const fn listed(key: &'static str) -> Member {
    Member { key, level: Level::Describes, form: Form::Either(&[Form::Text, Form::Texts]) }
}

const fn later(key: &'static str) -> Member {
    Member { key, level: Level::Later, form: Form::Undescribed }
}

/// Keys that people use to write results into a plan. The format has none of them.
pub(super) const RESULTS: &[&str] = &[
    "done",
    "status",
    "state",
    "result",
    "results",
    "current",
    "actual",
    "checked",
    "ticked",
    "completed",
    "passed",
    "signed_off_by",
    "approved_by",
];
