//! How the series of one side are picked.

use super::Join;
use super::promql::{is_label_name, literally, quoted};
use crate::model::Text;
use crate::model::ids::Name;
use crate::model::series::{Side, SignalQuery, VersionLabel};

/// The label that queries add to tell the sides of one answer apart.
pub const SIDE_LABEL: &str = "side";

/// The API server cuts a generated name to this length before it adds five random characters.
const LONGEST_BASE: usize = 58;

/// The series of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    /// Which side.
    pub side: Side,
    /// Matchers for a selector, without braces.
    pub matchers: String,
    /// Regular expression of its pods, ready to stand in a string.
    pub pods: String,
    /// Value of the version label, ready to stand in a string.
    pub version: Option<String>,
}

/// Value of [`SIDE_LABEL`] for a side.
#[must_use]
pub const fn side_value(side: Side) -> &'static str {
    match side {
        Side::Stable => "stable",
        Side::Candidate => "candidate",
    }
}

/// The selections of a query, one for each side.
///
/// # Errors
/// A sentence, where the sides cannot be told apart by what is given.
pub(super) fn selections(query: &SignalQuery, join: &Join) -> Result<Vec<Selection>, Text> {
    let all = query.sides.iter().map(|(side, set)| selection(query, join, *side, set));
    let all: Vec<Selection> = all.collect::<Result<_, _>>()?;
    for (index, one) in all.iter().enumerate() {
        if all[..index].iter().any(|other| other.matchers == one.matchers) {
            return Err(Text::from("the versions cannot be told apart: their pods are named alike"));
        }
    }
    Ok(all)
}

fn selection(query: &SignalQuery, join: &Join, side: Side, set: &Name) -> Result<Selection, Text> {
    let namespace = quoted(query.namespace.as_str());
    let pods = quoted(&pods_of(set));
    let (by, version) = match &query.version_label {
        None => (format!("{}=~\"{pods}\"", join.pod), None),
        Some(named) => {
            let value = quoted(version_of(named, side)?);
            (format!("{}=\"{value}\"", named.label), Some(value))
        }
    };
    Ok(Selection { side, matchers: format!("{}=\"{namespace}\", {by}", join.namespace), pods, version })
}

fn version_of(named: &VersionLabel, side: Side) -> Result<&str, Text> {
    if !is_label_name(&named.label) {
        return Err(Text::from(format!("version_label: {:?} is no label name", named.label)));
    }
    let found = named.values.iter().find(|(of, _)| *of == side).map(|(_, value)| value.as_str());
    found.ok_or_else(|| {
        Text::from(format!("version_label: no value of {} for the {}", named.label, side_value(side)))
    })
}

/// A regular expression for the pods of a `ReplicaSet`.
fn pods_of(set: &Name) -> String {
    let mut base = format!("{set}-");
    // names are ASCII (RFC 1123); anything else would be no name of a ReplicaSet
    base.truncate(base.floor_char_boundary(LONGEST_BASE));
    format!("^{}[a-z0-9]{{5}}$", literally(&base))
}

/// Matchers for the series of all sides together.
///
/// # Errors
/// A sentence, where there is nothing to match.
pub(super) fn matchers_of_all(query: &SignalQuery, join: &Join) -> Result<String, Text> {
    if query.sides.is_empty() {
        // an empty expression would match every series without the label
        return Err(Text::from("no version is known to ask about"));
    }
    let namespace = quoted(query.namespace.as_str());
    let (label, values) = match &query.version_label {
        None => (join.pod, query.sides.iter().map(|(_, set)| pods_of(set)).collect::<Vec<_>>()),
        Some(named) => {
            let values = query.sides.iter().map(|(side, _)| version_of(named, *side).map(literally));
            (named.label.as_str(), values.collect::<Result<_, _>>()?)
        }
    };
    Ok(format!("{}=\"{namespace}\", {label}=~\"{}\"", join.namespace, quoted(&values.join("|"))))
}
