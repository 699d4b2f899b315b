//! The first line: what is wrong, and the next key.

use crate::core::desk::{Alarm, AlarmKey, Tone};
use crate::core::world::Stream;
use crate::model::observation::StreamState;
use crate::model::series::Side;
use crate::model::target::Target;
use crate::model::view::{WorkloadState, WorkloadView};

use super::super::super::command::Command;
use super::super::super::line::Line;
use super::super::super::theme::Role;
use super::super::super::view::Ctx;
use super::super::super::{glyph, words};
use super::super::Headline;
use super::super::signals::worse;

/// What matters most: the connection, alarms, what is stuck or unhealthy, what moves; else that all is well.
pub(in crate::ui::screens) fn headline(ctx: &Ctx<'_>) -> Headline {
    if let Some(headline) = no_data(ctx) {
        return headline;
    }
    if let Some(headline) = alarmed(ctx) {
        return headline;
    }
    let mut views: Vec<&WorkloadView> =
        ctx.state.world.workloads.values().map(|watched| &watched.view).collect();
    views.sort_by_key(|view| (view.state, &view.target));
    match views.first() {
        Some(view) if view.state.is_trouble() => trouble(ctx, view),
        Some(view) if view.in_flight => moving(ctx, view, views.iter().filter(|v| v.in_flight).count()),
        Some(_) => all_well(&views),
        None => empty(ctx),
    }
}

/// The first line of screens about one workload: what is going on with it, and the next keys.
pub(in crate::ui::screens) fn of_one(ctx: &Ctx<'_>, view: &WorkloadView) -> Headline {
    if let Some(headline) = no_data(ctx).or_else(|| alarmed(ctx)) {
        return headline;
    }
    if view.state.is_trouble() {
        return trouble(ctx, view);
    }
    if view.in_flight {
        return moving(ctx, view, 1);
    }
    let (mark, role) = super::workloads::mark(view.state);
    let says = Line::of(role, format!("{mark} {} {}", ctx.name_of(&view.target), versions(view)));
    let pods = format!("  {}, {} of {} pods ready", view.state.word(), view.ready, view.wanted);
    Headline { says: says.plain(pods), keys: keys(ctx, view) }
}

/// Nothing can be said yet, or any more.
fn no_data(ctx: &Ctx<'_>) -> Option<Headline> {
    let world = &ctx.state.world;
    let says = if world.connection.is_none() && world.workloads.is_empty() {
        Line::of(Role::Unknown, format!("{} connecting to the cluster", glyph::HALF))
    } else if !world.listed && world.workloads.is_empty() {
        Line::of(Role::Unknown, format!("{} listing workloads of {}", glyph::HALF, world.scope))
    } else if world.stale(ctx.now()).is_some() && unauthenticated(ctx) {
        Line::of(Role::Bad, format!("{} the cluster does not accept the credentials any more", glyph::BAD))
    } else {
        let age = world.stale(ctx.now())?;
        let text = format!(
            "{} STALE: no sign of life from the API server for {}",
            glyph::UNKNOWN,
            words::silence(age)
        );
        Line::of(Role::Bad, text)
    };
    Some(Headline { says, keys: Line::new() })
}

/// Whether some stream is refused for its credentials: silence then is no fault of the server.
fn unauthenticated(ctx: &Ctx<'_>) -> bool {
    let refused = |stream: &Stream| matches!(stream.state, StreamState::Unauthenticated(_));
    ctx.state.world.streams.values().any(refused)
}

/// Alarms that a workload's state does not show by itself.
fn alarmed(ctx: &Ctx<'_>) -> Option<Headline> {
    let shown = |key: &AlarmKey| match key {
        AlarmKey::Reverted(_)
        | AlarmKey::Unproven(_)
        | AlarmKey::Journal
        | AlarmKey::NoControl
        | AlarmKey::Traffic(_)
        | AlarmKey::Warned(_) => true,
        AlarmKey::Stuck(_) | AlarmKey::Unhealthy(_) => false,
    };
    let open = |alarm: &Alarm| !alarm.acknowledged && alarm.tone == Tone::Bad;
    let (_, alarm) = ctx.state.desk.alarms.iter().find(|(key, alarm)| shown(key) && open(alarm))?;
    let says = Line::of(Role::Bad, format!("{} {}", glyph::BAD, alarm.text));
    Some(Headline { says, keys: ctx.hint(Command::Acknowledge, "seen") })
}

fn trouble(ctx: &Ctx<'_>, view: &WorkloadView) -> Headline {
    let mut line = Line::of(Role::Bad, format!("{} {}", glyph::BAD, ctx.name_of(&view.target)));
    if let Some(version) = view.candidate.as_ref().or(view.stable.as_ref()) {
        line = line.with(Role::Bad, format!(" {}", words::fit(version.name.as_str(), 14)));
    }
    let why =
        view.reasons.first().map_or_else(|| view.state.word().to_owned(), |reason| reason.what.to_string());
    line = line.with(Role::Bad, format!(": {why}"));
    if let Some(watched) = ctx.state.world.workloads.get(&view.target) {
        let since = view.reasons.first().and_then(|reason| reason.since).unwrap_or(watched.state_since);
        line = line.with(Role::Bad, format!(" for {}", words::age(since, ctx.now())));
    }
    if let (Some(stable), Some(_)) = (&view.stable, &view.candidate) {
        let serves = format!("; {}/{} serve", stable.ready, stable.desired.max(stable.ready));
        line = match (stable.ready, view.ready) {
            (1.., _) => line.plain(serves),
            (_, 1..) => line.with(Role::Warning, format!("; {} of {} pods ready", view.ready, view.wanted)),
            _ => line.with(Role::Bad, "; no pod is ready"),
        };
    }
    Headline { says: line, keys: keys(ctx, view) }
}

fn moving(ctx: &Ctx<'_>, view: &WorkloadView, count: usize) -> Headline {
    let name = ctx.name_of(&view.target);
    let held = view.state == WorkloadState::Held;
    let (mark, role) = if held { (glyph::HELD, Role::Held) } else { (glyph::HALF, Role::Moving) };
    let mut line = Line::of(role, format!("{mark} {name} {}", versions(view)));
    if let Some((stable, candidate)) = failing(ctx, view) {
        let (stable, candidate) = (words::decimal(stable), words::decimal(candidate));
        line = Line::of(Role::Bad, format!("{} {name} {}", glyph::BAD, versions(view)))
            .with(Role::Bad, format!(": new fails {candidate} %, old {stable} %"));
    }
    if let Some(candidate) = &view.candidate {
        let word = if held { "HELD at" } else { "moving," };
        line = line.plain(format!("  {word} {} of {} new pods ready", candidate.ready, view.wanted));
    }
    if count > 1 {
        line = line.with(Role::Dim, format!("  ({} more on the move)", count - 1));
    }
    Headline { says: line, keys: keys(ctx, view) }
}

/// Failed requests of the old and the new version in percent, where fresh numbers show that the new one fails more.
fn failing(ctx: &Ctx<'_>, view: &WorkloadView) -> Option<(f64, f64)> {
    /// Older numbers say nothing about now.
    const FRESH_SECONDS: i64 = 60;
    let set = ctx.state.world.signals.get(&view.target)?;
    let fresh = (ctx.now() - set.asked).num_seconds() < FRESH_SECONDS;
    let (stable, candidate) = (set.counted.get(&Side::Stable)?, set.counted.get(&Side::Candidate)?);
    worse(stable, candidate).filter(|_| fresh)
}

/// `1.8.2→1.8.3`
pub(super) fn versions(view: &WorkloadView) -> String {
    match (&view.candidate, &view.stable) {
        (Some(candidate), Some(stable)) => format!("{}{}{}", stable.name, glyph::ARROW, candidate.name),
        (Some(candidate), None) => format!("{}{}", glyph::ARROW, candidate.name),
        (None, _) => view.version.to_string(),
    }
}

/// The next keys on a workload: those of the selected one act, any other has to be selected first.
fn keys(ctx: &Ctx<'_>, view: &WorkloadView) -> Line {
    if ctx.ui.selected.as_ref() != Some(&view.target) {
        return go_to(ctx, &view.target);
    }
    let mut line = Line::new();
    if view.state == WorkloadState::Held {
        line = line.and(ctx.hint(Command::Resume, "resume")).gap(2);
    } else if view.in_flight {
        line = line.and(ctx.hint(Command::Hold, "hold")).gap(2);
    }
    if let Ok(next) = &view.promote
        && !next.short.is_empty()
    {
        line = line.and(ctx.hint(Command::Promote, next.short.as_str())).gap(2);
    }
    if view.way_back.is_ok() {
        line = line.and(ctx.hint(Command::RollBack, "back"));
    } else if view.state.is_trouble() {
        line = line.and(ctx.hint(Command::Open, "why"));
    }
    line
}

fn go_to(ctx: &Ctx<'_>, target: &Target) -> Line {
    ctx.hint(Command::Top, &format!("select {}", words::fit(target.name.as_str(), 16)))
}

fn all_well(views: &[&WorkloadView]) -> Headline {
    let settling = views.iter().filter(|view| view.state == WorkloadState::Settling).count();
    let text = match settling {
        0 if views.len() == 1 => format!("{} the only workload is well; nothing moves", glyph::TICK),
        0 => format!("{} all {} are well; nothing moves", glyph::TICK, words::count(views.len(), "workload")),
        count => format!("{} nothing moves; {count} settling (scaling or starting pods)", glyph::HALF),
    };
    Headline {
        says: Line::of(if settling == 0 { Role::Good } else { Role::Moving }, text),
        keys: Line::new(),
    }
}

/// An empty namespace says where something moves.
fn empty(ctx: &Ctx<'_>) -> Headline {
    let elsewhere = &ctx.state.world.moving_elsewhere;
    let places: Vec<String> =
        elsewhere.iter().take(3).map(|(namespace, count)| format!("{namespace} ({count})")).collect();
    let mut line =
        Line::of(Role::Warning, format!("{} no workloads in {}", glyph::EMPTY, ctx.state.world.scope));
    if !places.is_empty() {
        line = line.plain(format!("; something moves in {}", places.join(", ")));
    }
    Headline { says: line, keys: ctx.titled(Command::Namespaces) }
}
