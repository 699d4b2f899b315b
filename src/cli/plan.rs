//! `gonogo plan`: what is wrong with a plan file, what it will do, and the schema that editors check it by.

use std::path::Path;

use serde_json::json;

use super::args::{Output, OutputArgs, PlanVerb};
use super::exit::Exit;
use super::print;
use crate::model::plan::Plan;
use crate::plan::{self, Checked};

/// Runs a verb of it.
pub(super) fn run(verb: &PlanVerb) -> Exit {
    match verb {
        PlanVerb::Check { plan, output } => check(plan, *output),
        PlanVerb::Explain { plan, output } => explain(plan, *output),
        PlanVerb::Schema => {
            print::json(&plan::json_schema());
            Exit::Done
        }
    }
}

fn read(path: &Path) -> Result<String, Exit> {
    std::fs::read_to_string(path).map_err(|error| {
        print::complain(&format!("cannot read {}: {error}", path.display()));
        Exit::Usage
    })
}

/// Loads the plan that is to be run. Everything that was found is told, also what keeps nothing from being run.
pub(super) fn load(path: &Path) -> Result<Plan, Exit> {
    let text = read(path)?;
    let Checked { plan, findings } = plan::check(&text);
    if !findings.is_empty() {
        print::complain(&plan::render(&findings, &text, &path.display().to_string(), false));
    }
    plan.ok_or(Exit::Usage)
}

fn check(path: &Path, output: OutputArgs) -> Exit {
    let text = match read(path) {
        Ok(text) => text,
        Err(exit) => return exit,
    };
    let Checked { plan, findings } = plan::check(&text);
    match output.output {
        Output::Json => print::json(&json!({
            "plan": plan.as_ref().map(|plan| json!({ "id": plan.id, "hash": plan.hash })),
            "findings": findings,
        })),
        Output::Text => {
            print::lines(plan::render(&findings, &text, &path.display().to_string(), false).lines());
        }
    }
    if plan.is_some() { Exit::Done } else { Exit::Usage }
}

fn explain(path: &Path, output: OutputArgs) -> Exit {
    let plan = match load(path) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    let lines = plan::explain(&plan);
    match output.output {
        Output::Json => print::json(&json!({ "hash": plan.hash, "plan": plan, "words": lines })),
        Output::Text => print::lines(lines),
    }
    Exit::Done
}
