//! The plan file: loaded with the place of every value, checked, and its mistakes told all at once.
//!
//! [`load`] reads leniently into a tree that knows its lines (`tree`), then checks each block against the table of what
//! the format knows and what this version runs (`schema`), then what blocks say about each other (`names`), then what
//! they mean together (`checks`). A checked plan is plain data of `model`; nothing here decides what happens with it,
//! and nothing here opens files.

mod blocks;
mod checks;
mod explain;
mod fields;
mod json_schema;
mod names;
mod render;
mod rules;
mod schema;
mod suggest;
mod tree;
mod values;
mod words;

pub use explain::explain;
pub use json_schema::json_schema;
pub use render::render;

use sha2::{Digest, Sha256};

use crate::model::plan::{Diagnostic, Plan};
use rules::{Findings, Rule};

/// What became of a plan file.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The plan, if nothing is wrong with it.
    pub plan: Option<Plan>,
    /// All that was found, in the order of the file. Warnings and notes keep no plan from being run.
    pub findings: Vec<Diagnostic>,
}

/// Loads and checks a plan. Checks that look across blocks run once every block is right by itself.
#[must_use]
pub fn check(text: &str) -> Checked {
    let root = match tree::parse(text) {
        Ok(root) => root,
        Err(diagnostic) => return Checked { plan: None, findings: vec![diagnostic] },
    };
    let mut findings = Findings::default();
    let mut plan = blocks::read(&root, &mut findings);
    checks::check_counts(&root, &mut findings);
    if let Some(plan) = &plan
        && !findings.has_errors()
    {
        checks::check(plan, &root, &mut findings);
    }
    let broken = findings.has_errors();
    let mut findings = findings.sorted();
    if broken {
        plan = None;
    }
    let plan = plan.and_then(|plan| named(plan).map_err(|diagnostic| findings.push(diagnostic)).ok());
    Checked { plan, findings }
}

/// Loads a plan that is to be run. On failure all that is wrong with it, in the order of the file.
pub fn load(text: &str) -> Result<Plan, Vec<Diagnostic>> {
    let Checked { plan, findings } = check(text);
    plan.ok_or(findings)
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
