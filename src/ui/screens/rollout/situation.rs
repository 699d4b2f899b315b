//! How it stands: traffic, progress, the way back, and who else has a say.

use crate::core::world::Watched;
use crate::model::deployment::Deployment;
use crate::model::objects::{ListedWorkload, Workload};
use crate::model::series::Side;
use crate::model::view::{Revision, TrafficBasis, WorkloadView};
use crate::ui::line::Line;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::gauge;
use crate::ui::widgets::sections::Section;
use crate::ui::{glyph, words};

use super::super::overview::signals::whole;
use super::steps;
use super::versions::part_of;

/// Cells of a gauge.
const GAUGE: usize = 20;
/// A deadline of this many seconds means that Kubernetes never gives up.
const NEVER: i64 = 2_147_483_647;

/// Who gets the traffic, by version, and what that was counted from.
pub(super) fn traffic(ctx: &Ctx<'_>, view: &WorkloadView, width: usize) -> Section {
    let rows = view.revisions.iter().filter_map(|revision| Some((revision, count(view, revision)?)));
    let mut lines: Vec<Line> = rows.map(|(revision, count)| share(view, revision, count)).collect();
    if lines.is_empty() && !steps::is_split(&view.truth) {
        let text = match view.traffic.basis {
            TrafficBasis::Unknown => "not counted yet: its pods are being read",
            TrafficBasis::Endpoints => "no version has a ready endpoint: nobody is served",
            TrafficBasis::ReadyPods => "no version has a ready pod",
            TrafficBasis::Weights => "no version has a weight",
        };
        lines.push(Line::new().gap(2).with(Role::Unknown, text));
    }
    if steps::is_split(&view.truth) {
        lines.splice(0..0, steps::truth(ctx, view, width));
    } else {
        lines.extend(measured(ctx, view));
    }
    Section::new("Traffic", 4, lines).remark(Line::of(Role::Dim, words::fit(&basis(view), width / 2)))
}

fn count(view: &WorkloadView, revision: &Revision) -> Option<u32> {
    view.traffic
        .shares
        .iter()
        .find(|(key, count)| *key == revision.key && *count > 0)
        .map(|(_, count)| *count)
}

fn share(view: &WorkloadView, revision: &Revision, count: u32) -> Line {
    let (word, role) = part_of(view, revision.replica_set.as_str());
    let percent = view.traffic.percent(&revision.key).unwrap_or_default();
    let counted = match view.traffic.basis {
        TrafficBasis::Endpoints => words::count(count as usize, "endpoint"),
        TrafficBasis::ReadyPods => words::count(count as usize, "ready pod"),
        TrafficBasis::Weights => format!("weight {count}"),
        TrafficBasis::Unknown => String::new(),
    };
    Line::new()
        .gap(2)
        .with(role, word)
        .padded(12)
        .with(Role::Name, words::fit(revision.name.as_str(), 13))
        .padded(26)
        .and(gauge::bar(percent / 100.0, GAUGE, role))
        .plain(format!("{percent:>5.0} %"))
        .with(Role::Dim, format!("   {counted}"))
}

fn basis(view: &WorkloadView) -> String {
    match view.traffic.basis {
        TrafficBasis::Unknown => String::new(),
        TrafficBasis::ReadyPods => "by ready pods: no Service selects them".to_owned(),
        TrafficBasis::Endpoints | TrafficBasis::Weights => {
            let names: Vec<&str> =
                view.traffic.services.iter().map(crate::model::ids::Name::as_str).collect();
            let what =
                if view.traffic.basis == TrafficBasis::Weights { "weights" } else { "ready endpoints" };
            format!("by {what} of {}", names.join(", "))
        }
    }
}

/// The share of requests that the candidate really got, where both are measured.
fn measured(ctx: &Ctx<'_>, view: &WorkloadView) -> Option<Line> {
    let set = ctx.state.world.signals.get(&view.target)?;
    let (stable, candidate) = (set.counted.get(&Side::Stable)?, set.counted.get(&Side::Candidate)?);
    let all = stable.requests + candidate.requests;
    if all < 1.0 {
        return None;
    }
    let percent = 100.0 * candidate.requests / all;
    let text = format!("{percent:.1} % of {} requests to the candidate", whole(all));
    Some(Line::new().gap(2).with(Role::Dim, "measured").padded(12).plain(text))
}

/// How far the controller has come.
pub(super) fn progress(ctx: &Ctx<'_>, watched: &Watched, width: usize) -> Section {
    let lines = match &watched.set.workload {
        Workload::Deployment(deployment) => of_deployment(ctx, &watched.view, deployment),
        other => other.face().map(|face| of_other(&watched.view, face, width)).unwrap_or_default(),
    };
    Section::new("Progress", 5, lines)
}

fn of_deployment(ctx: &Ctx<'_>, view: &WorkloadView, deployment: &Deployment) -> Vec<Line> {
    let (wanted, status) = (deployment.wanted(), &deployment.status);
    let old = (status.replicas - status.updated_replicas).max(0);
    let mut lines = vec![gauged("updated", status.updated_replicas, wanted, Role::Candidate)];
    if old > 0 {
        lines[0].push(Role::Dim, format!("   {old} old pods left"));
    }
    let role = if status.available_replicas < wanted { Role::Warning } else { Role::Good };
    lines.push(gauged("available", status.available_replicas, wanted, role));
    if status.unavailable_replicas > 0 {
        lines[1].push(Role::Warning, format!("   {} unavailable", status.unavailable_replicas));
    }
    let said = |role, text: String| Line::new().gap(2).with(role, text);
    if !deployment.observed() {
        lines.push(said(Role::Unknown, "the controller has not seen the newest spec yet".to_owned()));
    }
    if view.paused {
        lines.push(said(Role::Held, format!("{} paused: nothing advances", glyph::HELD)));
    } else if view.in_flight {
        lines.extend(gives_up(ctx, deployment).map(|text| said(Role::Dim, text)));
    }
    lines.extend(times(ctx, view).map(|text| said(Role::Dim, text)));
    lines
}

/// When Kubernetes reports a lack of progress: the deadline is counted from the last progress that it saw.
fn gives_up(ctx: &Ctx<'_>, deployment: &Deployment) -> Option<String> {
    let deadline = deployment.spec.progress_deadline_seconds.unwrap_or(600);
    if deadline == NEVER {
        return Some("no progress deadline: Kubernetes never reports a lack of progress".to_owned());
    }
    let condition = deployment.condition("Progressing")?;
    if condition.status == "False" {
        return Some(format!("the progress deadline of {} has passed", words::span(deadline)));
    }
    let since = condition.last_update_time?;
    let left = deadline - (ctx.now() - since).num_seconds();
    if left < 0 {
        return Some(format!("the progress deadline of {} is over", words::span(deadline)));
    }
    // whole minutes, so that the line stands still in between
    let left = words::minutes(left / 60);
    Some(format!("without progress Kubernetes gives up in {left} (deadline {})", words::span(deadline)))
}

fn times(ctx: &Ctx<'_>, view: &WorkloadView) -> Option<String> {
    match (view.in_flight, view.started, view.finished) {
        (true, Some(started), _) => Some(format!("began {} ago", words::age(started, ctx.now()))),
        (false, _, Some(finished)) => {
            Some(format!("last update ended {} ago", words::age(finished, ctx.now())))
        }
        (true, None, _) | (false, _, None) => None,
    }
}

fn of_other(view: &WorkloadView, listed: &ListedWorkload, width: usize) -> Vec<Line> {
    let role = if view.ready < view.wanted { Role::Warning } else { Role::Good };
    let mut lines = vec![gauged("ready", view.ready, view.wanted, role)];
    if !listed.phase.is_empty() {
        let role = if listed.failed { Role::Bad } else { Role::Text };
        lines.push(Line::new().gap(2).with(Role::Dim, "phase").padded(12).with(role, listed.phase.as_str()));
    }
    let said = words::wrap(listed.message.as_str(), width.saturating_sub(14));
    lines.extend(said.into_iter().map(|line| Line::new().gap(13).plain(line)));
    if let Some(drives) = &listed.drives {
        lines.push(Line::new().gap(2).with(Role::Dim, "drives").padded(12).plain(drives.to_string()));
    }
    lines
}

fn gauged(word: &str, count: i64, of: i64, role: Role) -> Line {
    #[expect(clippy::cast_precision_loss, reason = "numbers of pods")]
    let share = if of > 0 { count as f64 / of as f64 } else { 0.0 };
    let line = Line::new().gap(2).with(Role::Dim, word).padded(12);
    let wide = of.to_string().len().max(2);
    line.and(gauge::bar(share, GAUGE, role)).plain(format!("  {count:>wide$} of {of}"))
}

/// Whether it can be returned from, by which means, and what that costs; or why not.
pub(super) fn way_back(view: &WorkloadView, width: usize) -> Section {
    let room = width.saturating_sub(4);
    let said = |role, text: &str| {
        words::wrap(text, room)
            .into_iter()
            .map(move |line| Line::new().gap(3).with(role, line))
            .collect::<Vec<_>>()
    };
    let mut lines = Vec::new();
    match &view.way_back {
        Ok(outline) => {
            let mut line = Line::of(Role::Good, format!(" {} ", glyph::TICK)).plain(outline.title.as_str());
            if let Some(seconds) = outline.estimate_seconds {
                line = line.with(Role::Dim, format!(", about {}", words::span(seconds.into())));
            }
            lines.push(line);
            lines.extend(outline.good.iter().flat_map(|good| said(Role::Good, good.as_str())));
            lines.extend(outline.effect.iter().flat_map(|effect| said(Role::Text, effect.as_str())));
            lines.extend(outline.after.iter().flat_map(|after| said(Role::Warning, after.as_str())));
        }
        Err(refusal) => {
            let why = words::wrap(refusal.why.as_str(), room);
            let marks = std::iter::once(glyph::UNKNOWN).chain(std::iter::repeat(" "));
            lines.extend(
                why.into_iter().zip(marks).map(|(line, mark)| {
                    Line::of(Role::Unknown, format!(" {mark} ")).with(Role::Unknown, line)
                }),
            );
            lines.extend(refusal.remedy.iter().flat_map(|remedy| said(Role::Text, remedy.as_str())));
        }
    }
    Section::new("Way back", 3, lines).right()
}

/// Owners, drivers and scalers.
pub(super) fn others(watched: &Watched, width: usize) -> Section {
    let view = &watched.view;
    let row = |label: &str, role, text: String| {
        let fitted = words::fit(&text, width.saturating_sub(14));
        Line::new().gap(2).with(Role::Dim, label).padded(12).with(role, fitted)
    };
    let mut lines = Vec::new();
    if let Some(owner) = &view.owner {
        lines.push(row("owner", Role::Warning, format!("{owner}: may put back what is changed here")));
        lines.extend(owner.suspend_command().map(|command| row("to suspend", Role::Name, command)));
    }
    if let Some(driver) = &view.driver {
        lines.push(row("driver", Role::Warning, format!("{driver}: no act is possible here")));
    }
    for scaler in &watched.set.autoscalers {
        let text = format!("autoscaler {}, {} to {} pods", scaler.name, scaler.min, scaler.max);
        lines.push(row("size", Role::Text, text));
    }
    if lines.is_empty() {
        lines.push(Line::new().gap(2).with(Role::Dim, "nobody: no owner, driver or autoscaler is known"));
    }
    Section::new("Who else has a say", 7, lines).right()
}
