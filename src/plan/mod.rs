//! The plan file: loaded with the place of every value, checked, and its mistakes told all at once.
//!
//! [`load`] reads leniently into a tree that knows its lines (`tree`), then checks each block against the table of what
//! the format knows and what this version runs (`schema`), then what blocks say about each other (`names`). A
//! checked plan is plain data of `model`; nothing here decides what happens with it, and nothing here opens files.

mod blocks;
mod fields;
mod names;
mod render;
mod rules;
mod schema;
mod suggest;
mod tree;

pub use render::render;

use sha2::{Digest, Sha256};

use crate::model::plan::{Diagnostic, Plan};
use rules::{Findings, Rule};

/// Loads and checks a plan. On failure all that is wrong with it, in the order of the file.
pub fn load(text: &str) -> Result<Plan, Vec<Diagnostic>> {
    let root = tree::parse(text).map_err(|diagnostic| vec![diagnostic])?;
    let mut findings = Findings::default();
    let plan = blocks::read(&root, &mut findings);
    let found = findings.sorted();
    match plan {
        Some(plan) if found.is_empty() => named(plan).map_err(|diagnostic| vec![diagnostic]),
        Some(_) | None => Err(found),
    }
}

/// Gives the plan its hash.
fn named(mut plan: Plan) -> Result<Plan, Diagnostic> {
    let canonical = plan
        .canonical_json()
        .map_err(|error| rules::diagnostic(Rule::Value, tree::Spot::START, error.to_string(), None))?;
    plan.hash = Sha256::digest(canonical.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        use std::fmt::Write as _;
        // writing to a String cannot fail
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok(plan)
}

#[cfg(test)]
mod tests;
