//! `gonogo status` and `gonogo wait`.

use std::time::Duration;

use serde::Serialize;

use super::args::{Output, OutputArgs};
use super::exit::Exit;
use super::print;
use super::verb::{self, Early};
use crate::core::State;
use crate::model::target::Target;
use crate::model::view::{Reason, Version, WorkloadState, WorkloadView};
use crate::runtime::headless::{Halt, Headless};

/// One workload as scripts see it.
#[derive(Serialize)]
struct Row<'a> {
    namespace: &'a str,
    kind: &'static str,
    name: &'a str,
    state: WorkloadState,
    in_flight: bool,
    paused: bool,
    version: &'a str,
    ready: i64,
    wanted: i64,
    stable: Option<&'a Version>,
    candidate: Option<&'a Version>,
    reasons: &'a [Reason],
    way_back: WayBack,
}

/// Whether one could go back now.
#[derive(Serialize)]
struct WayBack {
    ready: bool,
    says: String,
}

impl<'a> Row<'a> {
    fn of(view: &'a WorkloadView) -> Self {
        Self {
            namespace: view.target.namespace.as_str(),
            kind: view.target.kind.name(),
            name: view.target.name.as_str(),
            state: view.state,
            in_flight: view.in_flight,
            paused: view.paused,
            version: view.version.as_str(),
            ready: view.ready,
            wanted: view.wanted,
            stable: view.stable.as_ref(),
            candidate: view.candidate.as_ref(),
            reasons: &view.reasons,
            way_back: match &view.way_back {
                Ok(outline) => WayBack { ready: true, says: outline.title.to_string() },
                Err(refusal) => WayBack { ready: false, says: refusal.to_string() },
            },
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

/// Waits until nothing is in flight. What is stuck does not come right by waiting.
pub(super) async fn wait(
    console: &mut Headless,
    words: &[String],
    patience: Duration,
    output: OutputArgs,
) -> Result<Exit, Early> {
    let targets = verb::targets(console, words)?;
    let settled = |state: &State| {
        let views: Vec<&WorkloadView> =
            targets.iter().filter_map(|target| state.world.view(target)).collect();
        let stuck = views.iter().any(|view| view.state == WorkloadState::Stuck);
        let moving = views.iter().any(|view| view.in_flight || view.state == WorkloadState::Settling);
        (stuck || !moving).then_some(())
    };
    match console.until(patience, settled).await {
        Ok(()) => Ok(report(console.state(), &targets, output)),
        Err(Halt::TimeUp) => {
            report(console.state(), &targets, output);
            print::complain(&format!("still in flight after {} s", patience.as_secs()));
            Ok(Exit::Unhealthy)
        }
        Err(halt @ Halt::Interrupted) => Err(halt.into()),
    }
}
