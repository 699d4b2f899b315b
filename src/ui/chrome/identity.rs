//! Small pieces of the chrome that several places show.

use crate::model::Time;
use crate::model::outline::Outline;
use crate::model::view::WorkloadView;

use super::super::line::Line;
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::words;

/// Time of day: minutes only, so that a still screen writes nothing.
pub(crate) fn clock(now: Time) -> String {
    now.format("%H:%MZ").to_string()
}

/// A host name cut shorter says nothing.
const SHORTEST_HOST: usize = 12;

/// Server, certificate and user (goal K8), as far as they fit into `room` cells: the server is shortened first, then
/// left out, then all of it.
pub(crate) fn identity(ctx: &Ctx<'_>, room: usize) -> Line {
    let Some(connection) = &ctx.state.world.connection else {
        return Line::of(Role::Unknown, "not connected");
    };
    let server = connection.server.as_str();
    let host = server.split_once("://").map_or(server, |(_, rest)| rest).trim_end_matches('/');
    let ca = match &connection.ca_fingerprint {
        Some(print) => format!("CA {}", words::head(print, 8)),
        None if connection.is_encrypted() => "CA of the system".to_owned(),
        None => "no TLS".to_owned(),
    };
    let user = words::fit(connection.user.as_str(), 16);
    let left = room.saturating_sub(words::width(&ca) + words::width(&user) + 4).min(36);
    let whole = if left < SHORTEST_HOST { String::new() } else { format!("{}  ", words::fit(host, left)) };
    let line = Line::of(Role::Dim, format!("{whole}{ca}  ")).with(Role::Header, user);
    // what is wrong goes before who we are, which is one key away
    if line.width() <= room { line } else { Line::new() }
}

/// The way back of a workload: to which version, how, how long; or why there is none.
pub(crate) fn way_back(view: &WorkloadView) -> Line {
    match &view.way_back {
        Ok(outline) => Line::of(Role::Good, "ready: ").plain(returns_to(outline)),
        Err(refusal) => Line::of(Role::Unknown, refusal.to_string()),
    }
}

fn returns_to(outline: &Outline) -> String {
    let version = outline.want.destination().map_or_else(|| outline.title.to_string(), str::to_owned);
    match outline.estimate_seconds {
        Some(seconds) => format!("{version}, ~{}", words::span(seconds.into())),
        None => version,
    }
}
