//! `gonogo status` and `gonogo wait`.
//!
//! The JSON of `status` is a promise to scripts: members are added, never renamed or taken away. The README lists them;
//! a test holds the two together.

use std::time::Duration;

use serde::Serialize;

use super::args::{Output, OutputArgs};
use super::condition::Condition;
use super::exit::Exit;
use super::print;
use super::verb::{self, Early};
use crate::core::State;
use crate::model::outline::{Outline, Refusal};
use crate::model::target::Target;
use crate::model::track::{AnalysisLine, Share, Truth};
use crate::model::view::{Reason, Version, WorkloadState, WorkloadView};
use crate::model::{Text, Time};
use crate::runtime::headless::{Halt, Headless};

/// One workload as scripts see it.
#[derive(Serialize)]
struct Row<'a> {
    namespace: &'a str,
    kind: &'static str,
    name: &'a str,
    strategy: &'static str,
    state: WorkloadState,
    in_flight: bool,
    paused: bool,
    version: &'a str,
    ready: i64,
    wanted: i64,
    stable: Option<&'a Version>,
    candidate: Option<&'a Version>,
    reasons: &'a [Reason],
    warnings: &'a [Reason],
    step: Option<Step<'a>>,
    traffic: Traffic<'a>,
    analysis: &'a [AnalysisLine],
    owner: Option<String>,
    next: Possible,
    way_back: Possible,
}

/// Where an update with steps stands.
#[derive(Serialize)]
struct Step<'a> {
    /// From 1; one more than there are: done.
    number: usize,
    of: usize,
    what: &'a str,
    waits: &'a str,
    until: Option<Time>,
}

/// The candidate's share in percent, as each of these says.
#[derive(Serialize)]
struct Traffic<'a> {
    intended: Option<f64>,
    reported: Option<f64>,
    live: Option<f64>,
    also: &'a [Text],
}

impl<'a> Traffic<'a> {
    fn of(truth: &'a Truth) -> Self {
        let percent = |share: &Option<Share>| share.as_ref().map(Share::percent);
        Self {
            intended: percent(&truth.intended),
            reported: percent(&truth.reported),
            live: percent(&truth.live),
            also: &truth.also,
        }
    }
}

/// Whether an act could be done now.
#[derive(Serialize)]
struct Possible {
    ready: bool,
    says: String,
}

impl Possible {
    fn of(outline: &Result<Outline, Refusal>) -> Self {
        match outline {
            Ok(outline) => Self { ready: true, says: outline.title.to_string() },
            Err(refusal) => Self { ready: false, says: refusal.to_string() },
        }
    }
}

impl<'a> Row<'a> {
    fn of(view: &'a WorkloadView) -> Self {
        Self {
            namespace: view.target.namespace.as_str(),
            kind: view.target.kind.name(),
            name: view.target.name.as_str(),
            strategy: view.strategy,
            state: view.state,
            in_flight: view.in_flight,
            paused: view.paused,
            version: view.version.as_str(),
            ready: view.ready,
            wanted: view.wanted,
            stable: view.stable.as_ref(),
            candidate: view.candidate.as_ref(),
            reasons: &view.reasons,
            warnings: &view.warnings,
            step: view.track.as_ref().map(|track| Step {
                number: track.at + 1,
                of: track.steps.len(),
                what: track.steps.get(track.at).map_or("done", |step| step.what.as_str()),
                waits: track.waits.as_str(),
                until: track.until,
            }),
            traffic: Traffic::of(&view.truth),
            analysis: &view.analysis,
            owner: view.owner.as_ref().map(ToString::to_string),
            next: Possible::of(&view.promote),
            way_back: Possible::of(&view.way_back),
        }
    }
}

/// Says how everything is.
pub(super) fn status(console: &Headless, words: &[String], output: OutputArgs) -> Result<Exit, Early> {
    let targets = verb::targets(console, words)?;
    Ok(report(console.state(), &targets, output))
}

fn report(state: &State, targets: &[Target], output: OutputArgs) -> Exit {
    let mut views: Vec<&WorkloadView> =
        targets.iter().filter_map(|target| state.world.view(target)).collect();
    views.sort_by(|left, right| (left.state, &left.target).cmp(&(right.state, &right.target)));
    match output.output {
        Output::Json => print::json(&views.iter().map(|view| Row::of(view)).collect::<Vec<_>>()),
        Output::Text if views.is_empty() => print::lines([format!("no workloads in {}", state.world.scope)]),
        Output::Text => print::lines(views.iter().map(|view| line(view))),
    }
    let well = views.iter().all(|view| !view.state.is_trouble() && !view.in_flight);
    if well { Exit::Done } else { Exit::Unhealthy }
}

fn line(view: &WorkloadView) -> String {
    let versions = match (&view.stable, &view.candidate) {
        (Some(stable), Some(candidate)) => format!("{} -> {}", stable.name, candidate.name),
        (None, Some(candidate)) => format!("? -> {}", candidate.name),
        (_, None) => view.version.to_string(),
    };
    let reason = view.reasons.first().map(|reason| reason.what.to_string()).unwrap_or_default();
    let ready = format!("{}/{}", view.ready, view.wanted);
    let name = format!("{}/{}", view.target.namespace, view.target.name);
    format!("{:<10} {:<12} {name:<32} {ready:>9}  {versions}  {reason}", view.state.word(), view.target.kind)
        .trim_end()
        .to_owned()
}

/// Waits for a condition. What is stuck does not come right by waiting.
pub(super) async fn wait(
    console: &mut Headless,
    words: &[String],
    until: &Condition,
    patience: Duration,
    output: OutputArgs,
) -> Result<Exit, Early> {
    let targets = verb::targets(console, words)?;
    let settled = |state: &State| {
        let views: Vec<&WorkloadView> =
            targets.iter().filter_map(|target| state.world.view(target)).collect();
        if views.iter().any(|view| view.state == WorkloadState::Stuck) {
            return Some(false);
        }
        views.iter().all(|view| until.holds(view)).then_some(true)
    };
    match console.until(patience, settled).await {
        Ok(met) => {
            let exit = report(console.state(), &targets, output);
            // what was waited for came, though something may be on its way still
            Ok(if met && until.needs_motion() { Exit::Done } else { exit })
        }
        Err(Halt::TimeUp) => {
            report(console.state(), &targets, output);
            print::complain(&format!("not {until} after {} s", patience.as_secs()));
            Ok(Exit::Unhealthy)
        }
        Err(halt @ Halt::Interrupted) => Err(halt.into()),
    }
}
