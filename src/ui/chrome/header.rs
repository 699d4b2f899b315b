//! The top of every screen: what is wrong and the next key; where we are and in which mode; what is alive.

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::desk::AlarmKey;
use crate::model::observation::{StreamKey, StreamState};
use crate::model::plan::EnvironmentKind;
use crate::model::series::MetricsSource;
use crate::model::target::Target;

use super::super::command::Command;
use super::super::line::Line;
use super::super::paint::Canvas;
use super::super::screens;
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::{glyph, words};
use super::{clock, identity, way_back};

/// Minutes without a key after which control lapses.
const LAPSE_MINUTES: i64 = 30;
/// A round trip from here on is worth a word.
const SLOW_MILLIS: u64 = 250;
/// Below this width the reason has the first line for itself: its keys stand in the last one too.
const KEYS_FROM: u16 = 60;
/// From this width on, server, certificate and user stand in the first line.
const IDENTITY_FROM: u16 = 100;

/// Lines that the reason of a refusal may take: its remedy stands at its end.
const REASON_LINES: usize = 3;

/// Which lines of the header are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Also the line of what is alive, with the way back.
    pub(crate) live: bool,
}

/// Draws the header from the top of `area`; gives back the rows used.
pub(crate) fn draw(ctx: &Ctx<'_>, area: Rect, lines: Lines, canvas: &mut Canvas<'_>) -> u16 {
    let row = |number: u16| Rect { y: area.y + number, height: 1, ..area };
    headline(ctx, row(0), canvas);
    let mode = mode(ctx).gap(2).plain(clock(ctx.now())).gap(1);
    let room = usize::from(area.width).saturating_sub(mode.width() + 2);
    canvas.both(row(1), &place(ctx, room), &mode);
    let mut used = 2;
    if lines.live {
        canvas.both(row(2), &live(ctx), &back(ctx));
        used = 3;
    }
    for banner in banners(ctx, usize::from(area.width)) {
        if used + 4 >= area.height {
            break;
        }
        canvas.clear(row(used), Role::Text);
        canvas.line(row(used), &banner);
        used += 1;
    }
    used
}

fn headline(ctx: &Ctx<'_>, row: Rect, canvas: &mut Canvas<'_>) {
    let headline = screens::in_front(ctx.ui).headline(ctx);
    let fits = headline.says.width() + headline.keys.width() < usize::from(row.width);
    if row.width < KEYS_FROM && !fits {
        return canvas.line(row, &headline.says.cut(row.width.into()));
    }
    if row.width < IDENTITY_FROM {
        return canvas.both(row, &headline.says, &headline.keys);
    }
    let width = usize::from(row.width);
    let taken = headline.says.width() + headline.keys.width() + 6;
    let identity = identity(ctx, width.saturating_sub(taken)).gap(1);
    let room = width.saturating_sub(identity.width() + headline.keys.width() + 5);
    let left = headline.says.cut(room).gap(3).and(headline.keys);
    canvas.both(row, &left, &identity);
}

/// Where we are, as far as there is room: what must not be mistaken comes first and is cut last.
fn place(ctx: &Ctx<'_>, room: usize) -> Line {
    let state = ctx.state;
    let mut line = Line::new().gap(1);
    if state.world.connection.as_ref().is_some_and(|connection| connection.simulated) {
        line = line.with(Role::Simulated, " SIMULATED ").gap(1);
    }
    if production(state) {
        line = line.with(Role::Production, " PRODUCTION ").gap(1);
    }
    let context = state.world.connection.as_ref().map_or_else(String::new, |c| c.context.to_string());
    let most = room.saturating_sub(line.width()).min(room / 2).max(16);
    line = line.with(Role::Header, words::fit(&format!("{context} / {}", state.world.scope), most));
    let most = room.saturating_sub(line.width() + 2);
    line = line.gap(2).and(counts(state, most));
    let release = release(state);
    if !release.is_empty() && line.width() + 2 + release.width() <= room {
        line = line.gap(2).and(release);
    }
    line
}

/// What goes out, with a plan.
fn release(state: &State) -> Line {
    let Some(plan) = &state.settings.plan else { return Line::new() };
    let versions = match &plan.release.previous {
        Some(previous) => format!("{previous} {} {}", glyph::ARROW, plan.release.version),
        None => plan.release.version.to_string(),
    };
    Line::of(Role::Name, format!("{} {versions}", plan.id))
}

fn production(state: &State) -> bool {
    let (Some(plan), Some(connection)) = (&state.settings.plan, &state.world.connection) else {
        return false;
    };
    plan.environments.iter().any(|environment| {
        environment.kind == EnvironmentKind::Production
            && environment.contexts.iter().any(|context| context.context == connection.context)
    })
}

/// How many workloads, how many of them move or are not well; what is wrong is left out last.
fn counts(state: &State, room: usize) -> Line {
    let all = state.world.workloads.len();
    let moving = state.world.in_flight().count();
    let ill = state.world.workloads.values().filter(|watched| watched.view.state.is_trouble()).count();
    let mut pieces = vec![Line::text(words::count(all, "workload"))];
    if moving > 0 {
        pieces.push(Line::of(Role::Moving, format!("{moving} moving")));
    }
    if ill > 0 {
        pieces.push(Line::of(Role::Bad, format!("{ill} unhealthy")));
    }
    let width = |pieces: &[Line]| pieces.iter().map(|piece| piece.width() + 2).sum::<usize>();
    while !pieces.is_empty() && width(&pieces) > room + 2 {
        pieces.remove(0);
    }
    pieces
        .into_iter()
        .fold(Line::new(), |line, piece| if line.is_empty() { piece } else { line.gap(2).and(piece) })
}

/// The mode, as a badge.
pub(crate) fn mode(ctx: &Ctx<'_>) -> Line {
    let state = ctx.state;
    if state.settings.read_only {
        return Line::of(Role::ReadOnly, " READ-ONLY ");
    }
    let mut line = Line::new();
    if !stopped(state).is_empty() {
        line = line.with(Role::Stopped, " STOPPED ").gap(1);
    }
    match &state.session.control {
        Some(control) if control.by == state.desk.author => {
            let active = state.desk.active.unwrap_or(control.since).max(control.since);
            let left = LAPSE_MINUTES - words::minutes_between(active, state.now);
            line.with(Role::Armed, format!(" ARMED {} ", words::minutes(left)))
        }
        Some(control) => line
            .with(Role::Observe, " OBSERVE ")
            .with(Role::Dim, format!(" {} has control", who(&control.by))),
        None => line.with(Role::Observe, " OBSERVE "),
    }
}

fn who(author: &crate::model::fact::Author) -> String {
    let name = if author.kube_user.is_empty() { &author.os_user } else { &author.kube_user };
    words::fit(name.as_str(), 16)
}

/// Workloads whose present candidate is stopped, here or by another console.
fn stopped(state: &State) -> BTreeSet<&Target> {
    let keys: BTreeSet<_> = state.session.stops.keys().chain(state.world.latches.keys()).collect();
    let workloads = state.world.workloads.iter();
    workloads
        .filter(|(_, watched)| keys.iter().any(|(uid, _)| *uid == watched.view.uid))
        .map(|(target, _)| target)
        .collect()
}

/// What is alive: the API server, metrics, the journal.
fn live(ctx: &Ctx<'_>) -> Line {
    let mut line = Line::new().gap(1).and(api(ctx.state)).gap(2).and(metrics(ctx.state));
    if ctx.state.world.clock_is_off().is_some_and(|off| !off.too_much) {
        let off = words::tenths(ctx.state.world.clock_ahead.abs());
        line = line.gap(2).with(Role::Warning, format!("clock off {off}"));
    }
    match &ctx.state.desk.journal_broken {
        Some(_) => line.gap(2).with(Role::Bad, "journal CANNOT BE WRITTEN"),
        None => line,
    }
}

fn api(state: &State) -> Line {
    if state.world.connection.is_none() {
        return Line::of(Role::Unknown, "api connecting");
    }
    match (state.world.stale(state.now), state.world.round_trip) {
        (Some(age), _) => Line::of(Role::Banner, format!(" api STALE {} ", words::silence(age))),
        (None, Some(millis)) if millis >= SLOW_MILLIS => Line::of(
            Role::Warning,
            format!("api slow {}", words::tenths(i64::try_from(millis).unwrap_or(i64::MAX))),
        ),
        (None, _) => Line::text("api ").with(Role::Good, "ok"),
    }
}

fn metrics(state: &State) -> Line {
    match &state.world.metrics {
        MetricsSource::Looking => Line::of(Role::Unknown, "metrics looking"),
        MetricsSource::Found { .. } => Line::text("metrics ").with(Role::Good, "ok"),
        MetricsSource::Silent { .. } => Line::of(Role::Warning, "metrics silent"),
        MetricsSource::None { .. } => Line::of(Role::Unknown, "metrics none: --prometheus URL"),
    }
}

/// The way back of the selected workload.
fn back(ctx: &Ctx<'_>) -> Line {
    let Some(view) = ctx.selected_view() else { return Line::new() };
    Line::of(Role::Dim, "WAY BACK ").and(way_back(view)).gap(1)
}

/// Lines that stay as long as what they say is so.
fn banners(ctx: &Ctx<'_>, width: usize) -> Vec<Line> {
    let state = ctx.state;
    let mut banners = Vec::new();
    if state.world.connection.as_ref().is_some_and(|connection| connection.insecure) {
        banners.push(Line::of(Role::Banner, " INSECURE: the server's certificate is not checked "));
    }
    if let Some((what, age)) = silent(state) {
        let age = words::silence(age);
        let text = format!(" STALE {age}: no sign of life from {what}; what stands here may be old ");
        banners.push(Line::of(Role::Banner, text));
    }
    if let Some(off) = state.world.clock_is_off().filter(|off| off.too_much) {
        let text = format!(" {}: ages and times are wrong, what raises risk is locked ", off.says);
        banners.push(Line::of(Role::Banner, text));
    }
    if let Some(why) = refused(state) {
        let lines = words::wrap_to(&why, width.saturating_sub(4), REASON_LINES);
        for (number, line) in lines.into_iter().enumerate() {
            let mark = if number == 0 { glyph::WARNING } else { " " };
            banners.push(Line::of(Role::Warning, format!(" {mark} {line}")));
        }
    }
    let stopped = stopped(state);
    if !stopped.is_empty() {
        let names: Vec<&str> = stopped.iter().map(|target| target.name.as_str()).collect();
        let text = format!(" STOPPED: {}; kubectl, CI, GitOps go on", names.join(", "));
        let reset = match ctx.ui.keymap.key(Command::Palette) {
            Some(key) => format!(" ({} reset-stop ends it)", key.label()),
            None => String::new(),
        };
        banners.push(Line::of(Role::Stopped, format!("{text}{reset} ")));
    }
    for (key, alarm) in &state.desk.alarms {
        if matches!(key, AlarmKey::Reverted(_)) {
            let remedy = alarm.remedy.as_ref().map_or_else(String::new, |remedy| format!("  run: {remedy}"));
            banners.push(Line::of(Role::Stopped, format!(" {}{remedy} ", alarm.text)));
        }
    }
    banners
}

/// The stream of workloads that has been silent longest, once that is too long.
fn silent(state: &State) -> Option<(&StreamKey, i64)> {
    state
        .world
        .streams
        .iter()
        .filter(|(key, _)| matches!(key, StreamKey::Kind(_) | StreamKey::Detail(_)))
        .filter(|(_, stream)| !matches!(stream.state, StreamState::Forbidden(_)))
        .filter_map(|(key, stream)| Some((key, stream.stale(key, state.now)?)))
        .max_by_key(|(_, age)| *age)
}

/// The first stream that the cluster refuses, in one sentence with its remedy.
fn refused(state: &State) -> Option<String> {
    state.world.streams.iter().find_map(|(key, stream)| match &stream.state {
        StreamState::Forbidden(why) => Some(format!("{key} may not be read: {why}")),
        StreamState::Unauthenticated(why) => Some(format!("the credentials were refused: {why}")),
        StreamState::Alive | StreamState::Silent | StreamState::Failed(_) | StreamState::Closed => None,
    })
}
