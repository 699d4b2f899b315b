//! The exit codes: one table, from which `gonogo help`'s last paragraph and the manual page derive.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::model::outline::RefusalKind;

/// How a run of the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, and proven where there was something to prove.
    Done,
    /// Something failed that no other code names.
    Failure,
    /// Wrong usage, or a bad file.
    Usage,
    /// Refused by a guard, a permission or a mode.
    Refused,
    /// Somebody has to confirm.
    NeedsConfirmation,
    /// No connection to the cluster.
    NoConnection,
    /// Sent, but not proven, or unknown.
    Unproven,
    /// Not healthy, or not finished.
    Unhealthy,
    /// Interrupted.
    Interrupted,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct ExitRow {
    /// Which.
    pub exit: Exit,
    /// Its number.
    pub code: u8,
    /// What it says to a script.
    pub tells: &'static str,
}

/// The table.
pub const EXITS: [ExitRow; 9] = [
    row(Exit::Done, 0, "done, and proven where there was something to prove"),
    row(Exit::Failure, 1, "failure"),
    row(Exit::Usage, 2, "wrong usage, a bad file, or no terminal for the console"),
    row(Exit::Refused, 3, "refused by a guard, a permission or a mode"),
    row(Exit::NeedsConfirmation, 4, "confirmation needed: --yes, and --arm for acts that raise risk"),
    row(Exit::NoConnection, 5, "no connection to the cluster"),
    row(Exit::Unproven, 6, "sent, but not proven, or the outcome is unknown"),
    row(Exit::Unhealthy, 7, "not healthy, or not finished (status, wait)"),
    row(Exit::Interrupted, 130, "interrupted"),
];

const fn row(exit: Exit, code: u8, tells: &'static str) -> ExitRow {
    ExitRow { exit, code, tells }
}

impl Exit {
    /// Its row.
    #[must_use]
    pub const fn row(self) -> ExitRow {
        EXITS[self as usize]
    }

    /// What a refusal of this kind means to a script.
    #[must_use]
    pub const fn of_refusal(kind: RefusalKind) -> Self {
        match kind {
            RefusalKind::NothingToDo => Self::Done,
            RefusalKind::BadArgument => Self::Usage,
            RefusalKind::NotPossibleHere
            | RefusalKind::NoneKnownGood
            | RefusalKind::TemplateNotRead
            | RefusalKind::Mode
            | RefusalKind::Stale
            | RefusalKind::Permission
            | RefusalKind::Stopped
            | RefusalKind::Changed
            | RefusalKind::Journal => Self::Refused,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.row().code)
    }
}

/// The table as text.
#[must_use]
pub fn table() -> String {
    let mut out = String::from("Exit codes:\n");
    for row in EXITS {
        // writing to a String cannot fail
        let _ = writeln!(out, "  {:<4} {}", row.code, row.tells);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_the_one_that_scripts_were_promised() {
        let codes: Vec<(Exit, u8)> = EXITS.iter().map(|row| (row.exit, row.code)).collect();
        assert_eq!(
            codes,
            [
                (Exit::Done, 0),
                (Exit::Failure, 1),
                (Exit::Usage, 2),
                (Exit::Refused, 3),
                (Exit::NeedsConfirmation, 4),
                (Exit::NoConnection, 5),
                (Exit::Unproven, 6),
                (Exit::Unhealthy, 7),
                (Exit::Interrupted, 130),
            ]
        );
        for row in EXITS {
            assert_eq!(row.exit.row().code, row.code);
        }
    }

    #[test]
    fn nothing_to_do_is_no_failure_and_a_guard_is_a_refusal() {
        assert_eq!(Exit::of_refusal(RefusalKind::NothingToDo), Exit::Done);
        assert_eq!(Exit::of_refusal(RefusalKind::Permission), Exit::Refused);
    }
}
