//! The age of data, said once it is older than its period: a panel whose stream is alive says nothing.

use crate::core::world::Stream;
use crate::model::observation::{StreamKey, StreamState};
use crate::model::target::Target;
use crate::ui::line::Line;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::words;

/// What is wrong with one stream; empty while it is alive or was never asked for.
pub(super) fn of(ctx: &Ctx<'_>, key: &StreamKey) -> Line {
    let Some(stream) = ctx.state.world.streams.get(key) else { return Line::new() };
    match &stream.state {
        StreamState::Forbidden(why) => Line::of(Role::Warning, format!("may not be read: {why}")),
        StreamState::Unauthenticated(why) => Line::of(Role::Bad, format!("credentials refused: {why}")),
        StreamState::Failed(why) => aged(ctx, key, stream).gap(1).with(Role::Warning, why.as_str()),
        // an idle log gives no sign of life, and nothing is wrong with it
        StreamState::Alive if matches!(key, StreamKey::Log(_)) => Line::new(),
        StreamState::Alive | StreamState::Silent | StreamState::Closed => aged(ctx, key, stream),
    }
}

fn aged(ctx: &Ctx<'_>, key: &StreamKey, stream: &Stream) -> Line {
    stream.stale(key, ctx.now()).map_or_else(Line::new, stale)
}

/// What one workload is seen by.
pub(super) fn of_target(ctx: &Ctx<'_>, target: &Target) -> Line {
    ctx.state.world.stale_target(target, ctx.now()).map_or_else(Line::new, stale)
}

/// `STALE 20 s`
pub(super) fn stale(seconds: i64) -> Line {
    Line::of(Role::Banner, format!(" STALE {} ", words::silence(seconds)))
}
