//! Roles: what a piece of the screen means. Colours stand in theme files only.

/// What a piece of text or ground means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Ordinary text, and the ground of the whole screen.
    Text,
    /// What is there for completeness.
    Dim,
    /// Lines, frames, rules.
    Frame,
    /// Titles of panels.
    Title,
    /// Names of objects that stand out in running text.
    Name,
    /// A key that can be pressed.
    Key,
    /// Well, met, proven.
    Good,
    /// On its way.
    Moving,
    /// Stands still because someone wants it so.
    Held,
    /// To be looked at.
    Warning,
    /// Wrong, breached, unproven.
    Bad,
    /// No data, too old, cannot tell.
    Unknown,
    /// The version that serves by right.
    Stable,
    /// The version on its way.
    Candidate,
    /// The selected row.
    Selected,
    /// The line that says which cluster this is.
    Header,
    /// An environment where mistakes cost most.
    Production,
    /// Mode: nothing that raises risk can be sent.
    Observe,
    /// Mode: control was taken.
    Armed,
    /// Mode: only reads leave the process.
    ReadOnly,
    /// Mode: a stop is latched.
    Stopped,
    /// The stop bar and the hint of the stop's key.
    Stop,
    /// Ground of an open sheet or dialog.
    Sheet,
    /// Frame of an open sheet or dialog.
    SheetFrame,
    /// Labels in a sheet.
    Label,
    /// A field that takes text.
    Field,
    /// What was recorded but not yet answered by the journal.
    Pending,
    /// Target and threshold lines of charts.
    Limit,
    /// Where a search was found.
    Match,
    /// SIMULATED, and the coach line.
    Simulated,
    /// A banner that certificate checks are off, or that data is old.
    Banner,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleRow {
    /// The role.
    pub role: Role,
    /// Its word in theme files.
    pub word: &'static str,
    /// One letter that stands for it in role grids of tests and pictures.
    pub letter: char,
}

/// The table.
#[rustfmt::skip]
pub const ROLES: [RoleRow; 31] = [
    row(Role::Text, "text", '.'),
    row(Role::Dim, "dim", 'd'),
    row(Role::Frame, "frame", '-'),
    row(Role::Title, "title", 't'),
    row(Role::Name, "name", 'n'),
    row(Role::Key, "key", 'k'),
    row(Role::Good, "good", 'g'),
    row(Role::Moving, "moving", 'm'),
    row(Role::Held, "held", 'h'),
    row(Role::Warning, "warning", 'w'),
    row(Role::Bad, "bad", 'B'),
    row(Role::Unknown, "unknown", '?'),
    row(Role::Stable, "stable", 's'),
    row(Role::Candidate, "candidate", 'c'),
    row(Role::Selected, "selected", 'X'),
    row(Role::Header, "header", 'H'),
    row(Role::Production, "production", 'P'),
    row(Role::Observe, "observe", 'o'),
    row(Role::Armed, "armed", 'A'),
    row(Role::ReadOnly, "read-only", 'R'),
    row(Role::Stopped, "stopped", 'S'),
    row(Role::Stop, "stop", '!'),
    row(Role::Sheet, "sheet", '_'),
    row(Role::SheetFrame, "sheet-frame", '='),
    row(Role::Label, "label", 'l'),
    row(Role::Field, "field", 'F'),
    row(Role::Pending, "pending", 'p'),
    row(Role::Limit, "limit", 'L'),
    row(Role::Match, "match", 'M'),
    row(Role::Simulated, "simulated", 'D'),
    row(Role::Banner, "banner", 'b'),
];

const fn row(role: Role, word: &'static str, letter: char) -> RoleRow {
    RoleRow { role, word, letter }
}

impl Role {
    /// This role's row.
    #[must_use]
    pub const fn row(self) -> &'static RoleRow {
        &ROLES[self as usize]
    }

    /// Finds a role by its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        ROLES.iter().find(|row| row.word == word).map(|row| row.role)
    }
}
