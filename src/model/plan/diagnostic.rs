//! What is wrong with a plan file, or should be known about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Text;

/// What is wrong with a plan file, where, by which rule, and what helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Rule code, for example `P43`.
    pub rule: String,
    /// How much it matters.
    #[serde(default)]
    pub gravity: Gravity,
    /// Line, from 1.
    pub line: usize,
    /// Column, in characters, from 1.
    pub column: usize,
    /// Characters that it is about; none where it is about what follows.
    #[serde(default)]
    pub length: usize,
    /// What is wrong.
    pub message: Text,
    /// What to write instead.
    pub suggestion: Option<Text>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gravity {
    /// The plan is not run.
    #[default]
    Error,
    /// The plan is run; somebody should have decided that it is meant so.
    Warning,
    /// Worth knowing.
    Note,
}

impl fmt::Display for Gravity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}
