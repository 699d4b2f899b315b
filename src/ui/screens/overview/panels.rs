//! Panels beside the list: what changed, why the selected workload is as it is, what happened, the plan.

use std::collections::BTreeMap;

use crate::core::desk::{Alarm, AlarmKey, Tone};
use crate::core::tell;
use crate::model::Time;
use crate::model::fact::{Entry, Fact};
use crate::model::observation::{Change, StreamKey};
use crate::model::plan::{Checklist, Plan};
use crate::model::view::{TrafficBasis, WorkloadView};

use super::super::super::line::Line;
use super::super::super::theme::Role;
use super::super::super::view::Ctx;
use super::super::super::widgets::panel::Panel;
use super::super::super::{glyph, words};
use super::super::freshness;

/// Changes older than this are not recent.
const RECENT_HOURS: i64 = 24;

/// What changed in the last 24 hours, newest first.
pub(super) fn changes(ctx: &Ctx<'_>) -> Panel {
    let recent = |change: &&Change| (ctx.now() - change.at).num_hours() < RECENT_HOURS;
    let mut found: Vec<&Change> = ctx.state.world.changes.values().flatten().filter(recent).collect();
    found.sort_by_key(|change| std::cmp::Reverse(change.at));
    let names = found.iter().map(|change| words::width(&name(ctx, change))).max().unwrap_or_default();
    let mut lines: Vec<Line> = found.into_iter().map(|change| told(ctx, change, names)).collect();
    if lines.is_empty() {
        let text = if ctx.state.world.listed { "nothing changed in the last 24 h" } else { "not read yet" };
        lines.push(Line::of(Role::Dim, format!(" {text}")));
    }
    Panel::new("Recent changes", lines).remarked(freshness::of(ctx, &StreamKey::Changes))
}

fn name(ctx: &Ctx<'_>, change: &Change) -> String {
    words::fit(&ctx.name_of(&change.target), 18)
}

/// `names` is the width of the widest name in the list.
fn told(ctx: &Ctx<'_>, change: &Change, names: usize) -> Line {
    let line = Line::of(Role::Dim, format!(" {}  ", words::moment(change.at, ctx.now())));
    let to = line.width() + names + 2;
    let line = line.with(Role::Name, name(ctx, change)).padded(to);
    let line = line.plain(what(change));
    match &change.by {
        Some(by) => line.with(Role::Dim, format!("   by {by}")),
        None => line,
    }
}

/// `image 1.8.2 → 1.8.3`; with the repository where that changed too.
fn what(change: &Change) -> String {
    let to = short(change.to.as_str());
    let Some(from) = &change.from else { return format!("first seen with {to}") };
    let from = short(from.as_str());
    match (from.split_once(':'), to.split_once(':')) {
        (Some((left, old)), Some((right, new))) if left == right => {
            format!("image {old} {} {new}", glyph::ARROW)
        }
        _ => format!("{from} {} {to}", glyph::ARROW),
    }
}

/// An image without its registry: the part that differs.
fn short(image: &str) -> &str {
    image.rsplit('/').next().unwrap_or(image)
}

/// Why the selected workload is as it is; empty where there is nothing to explain.
pub(super) fn why(ctx: &Ctx<'_>, width: usize) -> Panel {
    let Some(view) = ctx.selected_view() else { return Panel::default() };
    let mut lines = Vec::new();
    for reason in &view.reasons {
        let text = match &reason.detail {
            Some(detail) => format!("{}: {detail}", reason.what),
            None => reason.what.to_string(),
        };
        lines.extend(wrapped(Role::Text, &text, width));
    }
    lines.extend(warning_event(ctx, view, width));
    lines.extend(traffic(view).map(|text| Line::of(Role::Text, format!(" {text}"))));
    if let Some(owner) = &view.owner
        && let Some(candidate) = &view.candidate
    {
        lines.extend(wrapped(Role::Warning, &owner.warning(candidate.name.as_str()), width));
    }
    if let Some(driver) = &view.driver {
        lines.extend(wrapped(
            Role::Warning,
            &format!("driven by {driver}: acts are not possible here"),
            width,
        ));
    }
    if let (Err(refusal), true) = (&view.way_back, view.in_flight) {
        lines.extend(wrapped(Role::Unknown, &format!("no way back: {refusal}"), width));
    }
    let title = format!("{}: why", ctx.name_of(&view.target));
    Panel::new(title, lines).remarked(freshness::of_target(ctx, &view.target))
}

/// One reason on at most two lines: the first of several must not push the others out.
fn wrapped(role: Role, text: &str, width: usize) -> impl Iterator<Item = Line> {
    let room = width.saturating_sub(3);
    let mut parts = words::wrap(text, room);
    if parts.len() > 2 {
        let rest = parts.split_off(1).join(" ");
        parts.push(words::fit(&rest, room));
    }
    parts.into_iter().enumerate().map(move |(number, part)| {
        let indent = if number == 0 { 1 } else { 3 };
        Line::new().gap(indent).with(role, part)
    })
}

/// The newest warning that the cluster gave about it, while it is in trouble.
fn warning_event(ctx: &Ctx<'_>, view: &WorkloadView, width: usize) -> Option<Line> {
    if !view.state.is_trouble() {
        return None;
    }
    let event = ctx.state.world.events.get(&view.target)?.iter().find(|event| event.warning)?;
    let text = format!(" {}  {}: {}", event.about, event.reason, event.message);
    Some(Line::of(Role::Text, words::fit(&text, width)))
}

fn traffic(view: &WorkloadView) -> Option<String> {
    let candidate = view.candidate.as_ref()?;
    let percent = view.traffic.percent(&candidate.key)?;
    let basis = match view.traffic.basis {
        TrafficBasis::Unknown => return None,
        TrafficBasis::Endpoints => {
            let services: Vec<&str> =
                view.traffic.services.iter().map(crate::model::ids::Name::as_str).collect();
            format!("ready endpoints of {}", services.join(", "))
        }
        TrafficBasis::ReadyPods => "ready pods: no Service selects them".to_owned(),
        TrafficBasis::Weights => {
            let routes: Vec<&str> =
                view.traffic.services.iter().map(crate::model::ids::Name::as_str).collect();
            format!("weights of {}", routes.join(", "))
        }
    };
    Some(format!("traffic to {}: {percent:.0} % ({basis})", candidate.name))
}

/// What happened, newest first.
pub(super) fn happened(ctx: &Ctx<'_>) -> Panel {
    let entries = ctx.state.session.timeline.iter().rev().filter(|entry| interesting(&entry.fact));
    let mut lines: Vec<Line> = entries.take(60).map(|entry| entry_line(entry)).collect();
    if lines.is_empty() {
        lines.push(Line::of(Role::Dim, " nothing was recorded in this session yet"));
    }
    let remark = match ctx.state.desk.pending.len() {
        0 => Line::new(),
        count => Line::of(Role::Pending, format!("{count} not yet in the journal")),
    };
    Panel::new("Timeline", lines).remarked(remark)
}

/// Requests and their answers stand in the timeline of their own screen.
fn interesting(fact: &Fact) -> bool {
    !matches!(fact, Fact::Sending { .. } | Fact::Answered { .. } | Fact::ConsoleStarted { .. })
}

fn entry_line(entry: &Entry) -> Line {
    let (mark, role) = match &entry.fact {
        Fact::Proven { .. } | Fact::ItemTicked { .. } | Fact::SeenComplete { .. } => {
            (glyph::TICK, Role::Good)
        }
        Fact::Unproven { .. } | Fact::Reverted { .. } => (glyph::BAD, Role::Bad),
        Fact::StopLatched { .. } => (glyph::BAD, Role::Stopped),
        Fact::Refused { .. } => (glyph::WARNING, Role::Warning),
        _ => (glyph::DOT, Role::Dim),
    };
    let who = match &entry.fact {
        Fact::StateSeen { .. } | Fact::SeenComplete { .. } => "seen",
        _ if entry.author.kube_user.is_empty() => entry.author.os_user.as_str(),
        _ => entry.author.kube_user.as_str(),
    };
    let line = Line::of(Role::Dim, format!(" {}  {:<12}  ", words::clock(entry.at), words::fit(who, 12)));
    line.with(role, mark).gap(1).plain(tell::fact(&entry.fact))
}

/// The plan's progress: a line for each checklist, and what comes next.
pub(super) fn checklist(ctx: &Ctx<'_>, width: usize) -> Option<Panel> {
    const BAR: usize = 16;
    let plan = ctx.state.settings.plan.as_ref()?;
    let ticked = |item: &crate::model::plan::Item| ctx.state.session.ticks.contains_key(&item.id);
    let title_width = width.saturating_sub(BAR + 16).clamp(8, 28);
    let mut lines = Vec::new();
    for list in &plan.checklists {
        let done = list.items.iter().filter(|item| ticked(item)).count();
        let share = ratio(done, list.items.len());
        let role = if done == list.items.len() { Role::Good } else { Role::Moving };
        let bar = super::super::super::widgets::gauge::bar(share, BAR, role);
        let open = list.items.len() - done;
        let rest = if open == 0 { format!(" {}", glyph::TICK) } else { format!(" {open} open") };
        let title =
            Line::new().gap(1).plain(words::fit(list.title.as_str(), title_width)).padded(title_width + 2);
        lines.push(title.and(bar).with(Role::Good, format!("{done:>4}")).with(Role::Dim, rest));
    }
    let (done, all) = (plan.items().filter(|(_, item)| ticked(item)).count(), plan.items().count());
    if let Some((list, item)) = plan.items().find(|(_, item)| !ticked(item)) {
        let critical = if item.critical { " (critical)" } else { "" };
        let owner = item.owner.as_ref().map_or_else(String::new, |owner| format!("  {owner}"));
        let next = Line::of(Role::Key, format!(" {} NEXT ", glyph::CURSOR));
        lines.insert(
            0,
            next.with(Role::Name, item.text.as_str()).with(Role::Dim, format!("{owner}{critical}")),
        );
        lines.insert(1, Line::of(Role::Dim, format!("   {}", place(plan, list))));
    }
    Some(Panel::new("Checklist", lines).remarked(Line::of(Role::Dim, format!("{done}/{all}"))))
}

/// `phase 2/5 Gradual rollout: Deployment`
fn place(plan: &Plan, list: &Checklist) -> String {
    let phase = plan.phases.iter().enumerate().find(|(_, phase)| phase.checklists.contains(&list.id));
    match phase {
        Some((number, phase)) => {
            format!("phase {}/{} {}: {}", number + 1, plan.phases.len(), phase.title, list.title)
        }
        None => format!("in {}", list.title),
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "items of a checklist")]
    let share = part as f64 / whole.max(1) as f64;
    share
}

/// Alarms, worst first.
pub(super) fn alarms(ctx: &Ctx<'_>) -> Panel {
    let alarms: &BTreeMap<AlarmKey, Alarm> = &ctx.state.desk.alarms;
    let mut sorted: Vec<&Alarm> = alarms.values().collect();
    sorted.sort_by_key(|alarm| (alarm.acknowledged, std::cmp::Reverse(alarm.tone), alarm.since));
    let lines = sorted.iter().map(|alarm| alarm_line(alarm, ctx.now())).collect();
    let open = sorted.iter().filter(|alarm| !alarm.acknowledged).count();
    let panel = Panel::new("Alarms", lines);
    if open == 0 { panel } else { panel.remarked(Line::of(Role::Bad, format!("{open} open"))) }
}

fn alarm_line(alarm: &Alarm, now: Time) -> Line {
    let (mark, role) = match alarm.tone {
        _ if alarm.acknowledged => (glyph::DOT, Role::Dim),
        Tone::Bad => (glyph::BAD, Role::Bad),
        Tone::Warning => (glyph::WARNING, Role::Warning),
        Tone::Plain | Tone::Good => (glyph::DOT, Role::Text),
    };
    let line = Line::of(role, format!(" {mark} {}", alarm.text));
    let line = line.with(Role::Dim, format!("  {}", words::age(alarm.since, now)));
    match &alarm.remedy {
        Some(remedy) => line.with(Role::Name, format!("  {remedy}")),
        None => line,
    }
}
