//! What is wrong with a keymap or theme file, where, and what to write instead.

use std::fmt;

/// One located fault. Several of them are collected, so that a file is mended in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub suggestion: Option<String>,
}

impl Fault {
    /// A fault at a byte offset of `source`.
    #[must_use]
    pub fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
            suggestion: None,
        }
    }

    /// The fault that a TOML parser reports.
    #[must_use]
    pub fn of_toml(source: &str, error: &toml::de::Error) -> Self {
        Self::at(source, error.span().map_or(0, |span| span.start), error.message())
    }

    /// The same with a suggestion.
    #[must_use]
    pub fn suggesting(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " ({suggestion})"),
            None => Ok(()),
        }
    }
}

/// `did you mean x?` for the candidate closest to `word`, if one is close enough to be a slip of the hand.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(far, candidate)| *far <= candidate.chars().count().div_ceil(3))
        .min()
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// Edit distance (insert, delete, replace), by the usual table kept one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_line_and_column_and_slips_get_a_suggestion() {
        let fault =
            Fault::at("one\ntwo three\n", 8, "odd").suggesting(did_you_mean("hodl", ["hold", "stop"]));
        assert_eq!(fault.to_string(), "2:5: odd (did you mean `hold`?)");
        assert_eq!(did_you_mean("zebra", ["hold", "stop"]), None);
    }
}
