//! The rules that a plan can break at load, and the list of what was found.

use super::tree::Spot;
use crate::model::plan::{Diagnostic, Gravity};

/// A rule. `P` codes are those of the published plan checks; `F` codes are about the form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The file is not the YAML that plans are written in.
    Syntax,
    /// A key that the format does not know.
    UnknownKey,
    /// A key given twice.
    DuplicateKey,
    /// A required key or block that is not there.
    Missing,
    /// A value of the wrong kind or outside its vocabulary.
    Value,
    /// A part of the format that this version does not run.
    NotRun,
    /// A bare word that some YAML readers take for a boolean.
    BareBoolean,
    /// A placeholder where a value is due.
    Placeholder,
    /// A result: what happened stands in the journal.
    Result,
    /// A percentage that is not that of its counts.
    Counts,
    /// A band between a target and the first rule in which nothing is said.
    SilentBand,
    /// A target that nothing judges, or a rule without a target.
    Unjudged,
    /// Values of different units.
    Units,
    /// A rule in a canary's gate that does not look at the candidate by itself.
    NoVersion,
    /// A bake that cannot show its target.
    Bake,
    /// A rollout that takes longer than it may.
    TooLong,
    /// An undo window that ends before it may be needed.
    UndoWindow,
    /// The old version goes before its window ends.
    Cleanup,
    /// Two that drive one component.
    TwoDrivers,
    /// A target for a mean alone.
    MeanOnly,
    /// A rule that is still unknown when its gate is asked.
    LateVerdict,
    /// A traffic step that shifts nothing.
    NoShift,
    /// A cycle, an unknown reference or a duplicate id.
    Reference,
    /// One thing under two names.
    Ambiguous,
}

impl Rule {
    /// The stable code.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "F01",
            Self::UnknownKey => "F02",
            Self::DuplicateKey => "F03",
            Self::Missing => "F04",
            Self::Value => "F05",
            Self::NotRun => "F06",
            Self::BareBoolean => "F07",
            Self::Placeholder => "P01",
            Self::Result => "P02",
            Self::Counts => "P03",
            Self::SilentBand => "P05",
            Self::Unjudged => "P06",
            Self::Units => "P07",
            Self::NoVersion => "P08",
            Self::Bake => "P09",
            Self::TooLong => "P10",
            Self::UndoWindow => "P13",
            Self::Cleanup => "P14",
            Self::TwoDrivers => "P38",
            Self::Reference => "P43",
            Self::MeanOnly => "P46",
            Self::LateVerdict => "P47",
            Self::NoShift => "P51",
            Self::Ambiguous => "P59",
        }
    }
}

/// A diagnostic at a place.
pub(super) fn diagnostic(rule: Rule, spot: Spot, message: String, suggestion: Option<String>) -> Diagnostic {
    Diagnostic {
        rule: rule.code().to_owned(),
        gravity: Gravity::Error,
        line: spot.line,
        column: spot.column,
        length: spot.length,
        message: message.into(),
        suggestion: suggestion.map(Into::into),
    }
}

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Diagnostic>);

impl Findings {
    /// Adds what is wrong without a proposal.
    pub(super) fn add(&mut self, rule: Rule, spot: Spot, message: impl Into<String>) {
        self.0.push(diagnostic(rule, spot, message.into(), None));
    }

    /// Adds what is wrong and what to write instead.
    pub(super) fn advise(
        &mut self,
        rule: Rule,
        spot: Spot,
        message: impl Into<String>,
        suggestion: impl Into<String>,
    ) {
        self.0.push(diagnostic(rule, spot, message.into(), Some(suggestion.into())));
    }

    /// Adds what somebody should have decided; the plan is run with it.
    pub(super) fn warn(&mut self, rule: Rule, spot: Spot, message: impl Into<String>) {
        self.weigh(Gravity::Warning, rule, spot, message.into(), None);
    }

    /// Adds a finding of any gravity.
    pub(super) fn weigh(
        &mut self,
        gravity: Gravity,
        rule: Rule,
        spot: Spot,
        message: String,
        suggestion: Option<String>,
    ) {
        self.0.push(Diagnostic { gravity, ..diagnostic(rule, spot, message, suggestion) });
    }

    /// Whether something keeps the plan from being run.
    pub(super) fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.gravity == Gravity::Error)
    }

    /// All of them, in the order of the file.
    pub(super) fn sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort_by(|a, b| (a.line, a.column, &a.rule).cmp(&(b.line, b.column, &b.rule)));
        self.0.dedup();
        self.0
    }
}
