//! `gonogo stop`: the emergency stop without the chord.

use std::io::IsTerminal as _;

use serde_json::{Value, json};

use super::act::ask;
use super::args::{ActArgs, Output};
use super::exit::Exit;
use super::print;
use super::verb::Early;
use crate::core::goal::Goal;
use crate::model::proof::Tick;
use crate::model::target::Target;
use crate::runtime::headless::{Headless, Outcome, StopPlan};

/// Stops everything in flight, or one workload.
pub(super) async fn run(console: &mut Headless, word: Option<&str>, args: &ActArgs) -> Result<Exit, Early> {
    let only = word.map(|word| console.find(word)).transpose()?;
    if console.state().settings.read_only {
        print::complain("read-only: nothing is written: leave --read-only out");
        return Ok(Exit::Refused);
    }
    let plan = console.plan_stop(only.as_ref());
    let json = args.output.output == Output::Json;
    if plan.rows.is_empty() {
        tell(&plan, json, "nothing in flight", &[]);
        return Ok(Exit::Done);
    }
    if args.dry_run {
        tell(&plan, json, "nothing was sent", &[]);
        return Ok(Exit::Done);
    }
    if !args.yes {
        if json || !std::io::stdin().is_terminal() {
            tell(&plan, json, "nothing was sent: confirm with --yes", &[]);
            return Ok(Exit::NeedsConfirmation);
        }
        tell(&plan, json, "", &[]);
        if !ask("stop? y or n: ") {
            return Ok(Exit::NeedsConfirmation);
        }
    }
    stop(console, only.as_ref(), &plan, args, json).await
}

async fn stop(
    console: &mut Headless,
    only: Option<&Target>,
    plan: &StopPlan,
    args: &ActArgs,
    json: bool,
) -> Result<Exit, Early> {
    let acts = console.stop(only);
    if acts.is_empty() {
        let why = console.state().desk.notice.as_ref().map(|notice| notice.text.to_string());
        print::complain(&why.unwrap_or_else(|| "nothing could be stopped".to_owned()));
        return Ok(Exit::Refused);
    }
    let mut ends = Vec::new();
    let mut exit = Exit::Done;
    for act in &acts {
        let outcome = console.follow(act, args.timeout, |goal, tick| say(goal, tick, json)).await;
        let target = console.state().desk.goals.get(act).map(|goal| goal.target.clone());
        let name =
            target.map_or_else(|| act.to_string(), |target| format!("{}/{}", target.namespace, target.name));
        let (word, why, code) = match outcome {
            Outcome::Proven => ("proven", None, Exit::Done),
            Outcome::Impossible(why) | Outcome::Open(why) => ("unproven", Some(why), Exit::Unproven),
            Outcome::Interrupted => ("interrupted", None, Exit::Interrupted),
        };
        exit = exit.max(code);
        ends.push((name, word, why));
    }
    tell(plan, json, "", &ends);
    Ok(exit)
}

fn say(goal: &Goal, tick: &Tick, json: bool) {
    if !json {
        print::lines([format!("{:<24} {}", goal.target.name, tick.what)]);
    }
}

/// Writes the plan, or how it ended.
fn tell(plan: &StopPlan, json: bool, remark: &str, ends: &[(String, &str, Option<String>)]) {
    if json {
        print::json(&as_json(plan, remark, ends));
    } else if ends.is_empty() {
        let rows = plan.rows.iter().map(|row| format!("stop       {}  {}", row.target.name, row.versions));
        let left = plan.untouched.iter().map(|line| format!("untouched  {line}"));
        print::lines(rows.chain(left));
    } else {
        print::lines(ends.iter().map(|(name, word, why)| {
            let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            format!("{:<10} {name}{why}", word.to_uppercase())
        }));
    }
    if !json && !remark.is_empty() {
        print::complain(remark);
    }
}

fn as_json(plan: &StopPlan, remark: &str, ends: &[(String, &str, Option<String>)]) -> Value {
    let rows: Vec<Value> = plan
        .rows
        .iter()
        .map(|row| match &row.outline {
            Ok(outline) => json!({ "target": row.target, "versions": row.versions, "outline": outline }),
            Err(refusal) => json!({ "target": row.target, "versions": row.versions, "refused": refusal }),
        })
        .collect();
    let ends: Vec<Value> =
        ends.iter().map(|(name, word, why)| json!({ "name": name, "result": word, "why": why })).collect();
    json!({ "rows": rows, "untouched": plan.untouched, "remark": remark, "results": ends })
}
