//! `i`: which cluster this is, who we are to it, and where everything comes from.

use ratatui::layout::Rect;

use crate::model::series::MetricsSource;

use super::super::line::Line;
use super::super::paint::Canvas;
use super::super::theme::Role;
use super::super::view::Ctx;
use super::super::{chrome, words};

/// Lines at most: values may be long.
pub(super) const LINES: usize = 60;

pub(super) fn draw(ctx: &Ctx<'_>, scroll: usize, area: Rect, canvas: &mut Canvas<'_>) {
    let lines = lines(ctx, usize::from(area.width).saturating_sub(18).max(20));
    let inside = chrome::dialog(area, lines.len(), "Identity", "Esc closes", canvas);
    let last = lines.len().saturating_sub(usize::from(inside.height));
    canvas.lines(inside, lines.iter().skip(scroll.min(last)));
}

fn lines(ctx: &Ctx<'_>, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (label, value) in facts(ctx) {
        for (number, part) in words::wrap(&value, width).into_iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            lines.push(Line::of(Role::Label, format!(" {label:<13}")).with(Role::Sheet, part));
        }
    }
    lines
}

fn facts(ctx: &Ctx<'_>) -> Vec<(&'static str, String)> {
    let state = ctx.state;
    let mut facts = Vec::new();
    if let Some(connection) = &state.world.connection {
        let groups: Vec<&str> = connection.groups.iter().map(crate::model::Text::as_str).collect();
        let roots = if connection.is_encrypted() { "system roots" } else { "none: plain http" };
        let ca = connection.ca_fingerprint.clone().unwrap_or_else(|| roots.to_owned());
        let checks = match (connection.is_encrypted(), connection.insecure) {
            (false, _) => "NONE (plain http)",
            (true, true) => "NOT CHECKED (insecure-skip-tls-verify)",
            (true, false) => "checked",
        };
        facts.extend([
            ("context", connection.context.to_string()),
            ("server", format!("{} ({})", connection.server, connection.version)),
            ("cluster id", connection.cluster.to_string()),
            ("CA sha256", ca),
            ("certificate", checks.to_owned()),
            ("you", connection.user.to_string()),
            ("groups", groups.join(", ")),
        ]);
        if let Some(proxy) = &connection.proxy {
            facts.push(("proxy", proxy.to_string()));
        }
        if connection.simulated {
            facts.push(("simulated", "yes: nothing here is real".to_owned()));
        }
    } else {
        facts.push(("server", "not connected yet".to_owned()));
    }
    facts.extend([
        ("namespaces", state.world.scope.to_string()),
        ("short name", state.settings.short_name.to_string()),
        ("metrics", metrics(&state.world.metrics)),
        ("session", state.session.id.as_ref().map_or_else(|| "none yet".to_owned(), ToString::to_string)),
        ("journal", journal(ctx)),
        ("gonogo", state.settings.build.clone()),
        ("theme", ctx.skin.theme.name().to_owned()),
    ]);
    facts
}

fn metrics(source: &MetricsSource) -> String {
    match source {
        MetricsSource::Looking => "still looking".to_owned(),
        MetricsSource::Found { place, how } => format!("{place} ({how})"),
        MetricsSource::Silent { place, why } => format!("{place} does not answer: {why}"),
        MetricsSource::None { why } => format!("none: {why}"),
    }
}

fn journal(ctx: &Ctx<'_>) -> String {
    let entries = words::count(ctx.state.session.timeline.len(), "entry").replace("entrys", "entries");
    match &ctx.state.desk.journal_broken {
        Some(why) => format!("CANNOT BE WRITTEN: {why}"),
        None => entries,
    }
}
