//! The table of all signals, and below it where they come from.

use ratatui::layout::Rect;

use crate::model::series::{Counted, MetricsSource, Reading, Side, Signal, Track};
use crate::ui::line::Line;
use crate::ui::paint::Canvas;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::sparkline::sparkline;
use crate::ui::widgets::table::{Column, Table, number, text};
use crate::ui::{glyph, words};

use super::super::overview::signals::{whole, why_none};
use super::super::readable;
use super::charts::shows;
use super::{Picture, chosen};

const COLUMNS: [Column; 8] = [
    text("", 2, 0, 0),
    text("signal", 12, 1, 0),
    number("stable", 12, 0),
    number("candidate", 12, 0),
    number("requests", 9, 3),
    text("candidate is", 20, 2, 2),
    number("age", 6, 1),
    text("trend", 12, 1, 4),
];
/// Fewer requests than this bound a failure rate by no better than 5 percent.
const FEW: f64 = 60.0;
/// Body height from which the samples of both sides are told below the table.
const FOOT_FROM: u16 = 24;
/// A sample older than this is marked.
const OLD_SECONDS: i64 = 60;

pub(super) fn draw(ctx: &Ctx<'_>, picture: Picture<'_>, area: Rect, canvas: &mut Canvas<'_>) {
    if area.height == 0 {
        return;
    }
    let window = words::span(picture.set.window_seconds.into());
    let remark = Line::of(Role::Dim, format!("rates over {window}"));
    canvas.rule(Rect { height: 1, ..area }, &Line::of(Role::Title, "all"), &remark);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let cursor = Signal::ALL.iter().position(|signal| *signal == chosen(ctx.ui));
    let table = Table { columns: &COLUMNS, titles: body.height > 5 };
    table.draw(canvas, readable(body), Signal::ALL.len(), cursor, |at| row(ctx, picture, Signal::ALL[at]));
}

fn row(ctx: &Ctx<'_>, picture: Picture<'_>, signal: Signal) -> Vec<Line> {
    let track = |side: Side| picture.set.tracks.get(&side).and_then(|tracks| tracks.get(&signal));
    let (stable, candidate) = (track(Side::Stable), track(Side::Candidate));
    let there = picture.set.tracks.contains_key(&Side::Candidate);
    let here = chosen(ctx.ui) == signal;
    let counted = picture.set.counted.get(&Side::Candidate).or(picture.set.counted.get(&Side::Stable));
    let requests = counted
        .map_or_else(|| Line::of(Role::Unknown, "not known"), |counted| Line::text(whole(counted.requests)));
    let newest = candidate.or(stable);
    let role = if candidate.is_some() { Role::Candidate } else { Role::Stable };
    let curve: Vec<Option<f64>> =
        newest.map_or_else(Vec::new, |t| t.points.iter().map(|(_, v)| *v).collect());
    vec![
        Line::of(Role::Key, if here { glyph::CURSOR } else { " " }),
        Line::text(signal.title()),
        value(stable, signal),
        if there { value(candidate, signal) } else { Line::of(Role::Dim, "none") },
        requests,
        if there { against(picture, signal, stable, candidate) } else { Line::of(Role::Dim, "no candidate") },
        age(ctx, newest),
        sparkline(&curve, 16, role),
    ]
}

fn value(track: Option<&Track>, signal: Signal) -> Line {
    match track.map(|track| &track.now) {
        Some(Reading::Value(value)) => Line::text(format!("{} {:<2}", words::decimal(*value), signal.unit())),
        Some(Reading::Stale { age_seconds }) => {
            Line::of(Role::Warning, format!("stale {}", words::silence(i64::from(*age_seconds))))
        }
        Some(reading) => Line::of(Role::Unknown, reading.why_not().unwrap_or_default()),
        None => Line::of(Role::Unknown, "no data"),
    }
}

/// What the numbers say of the candidate against the stable version; a claim only where samples carry it.
fn against(picture: Picture<'_>, signal: Signal, stable: Option<&Track>, candidate: Option<&Track>) -> Line {
    let value = |track: Option<&Track>| track.and_then(|track| track.now.value());
    let values = value(stable).zip(value(candidate));
    match signal {
        Signal::ErrorRate => {
            let counted = |side: Side| picture.set.counted.get(&side);
            match counted(Side::Stable).zip(counted(Side::Candidate)) {
                Some((stable, candidate)) => claim(stable, candidate),
                None => Line::of(Role::Unknown, "cannot tell"),
            }
        }
        Signal::RequestRate => match values {
            Some((stable, candidate)) if stable + candidate > 0.0 => {
                Line::text(format!("{:.0} % of all", 100.0 * candidate / (stable + candidate)))
            }
            Some(_) | None => Line::of(Role::Unknown, "cannot tell"),
        },
        Signal::LatencyP50 | Signal::LatencyP95 | Signal::LatencyP99 => match values {
            Some((stable, candidate)) if stable > 0.0 => ratio(candidate / stable),
            Some(_) | None => Line::of(Role::Unknown, "cannot tell"),
        },
    }
}

fn ratio(ratio: f64) -> Line {
    let percent = (ratio - 1.0) * 100.0;
    match percent {
        ..-1.0 => Line::text(format!("{:.0} % faster", -percent)),
        1.0.. => {
            let role = if percent >= 25.0 { Role::Warning } else { Role::Text };
            Line::of(role, format!("{percent:.0} % slower"))
        }
        _ => Line::text("as fast"),
    }
}

/// Both intervals are one-sided at 95 percent; they must lie apart before anything is claimed.
fn claim(stable: &Counted, candidate: &Counted) -> Line {
    if candidate.requests < FEW || stable.requests < FEW {
        return Line::of(Role::Unknown, "too few requests");
    }
    let Some(candidate_most) = candidate.upper_bound_percent() else {
        return Line::of(Role::Unknown, "too few requests");
    };
    if worse(stable, candidate).is_some() {
        return Line::of(Role::Bad, format!("{} worse than stable", glyph::BAD));
    }
    if least(stable) > candidate_most {
        return Line::of(Role::Good, "better than stable");
    }
    Line::text("not shown worse")
}

/// Failed requests of stable and candidate in percent, where the candidate is shown to fail more.
pub(in crate::ui::screens) fn worse(stable: &Counted, candidate: &Counted) -> Option<(f64, f64)> {
    let enough = candidate.requests >= FEW && stable.requests >= FEW;
    let apart = least(candidate) > stable.upper_bound_percent()?;
    let percent = |counted: &Counted| 100.0 * counted.failed / counted.requests;
    (enough && apart).then(|| (percent(stable), percent(candidate)))
}

/// Lower end of the interval of the true failure rate, percent: what successes leave over at their most.
fn least(counted: &Counted) -> f64 {
    let successes = Counted { requests: counted.requests, failed: counted.requests - counted.failed };
    successes.upper_bound_percent().map_or(0.0, |most| 100.0 - most)
}

fn age(ctx: &Ctx<'_>, track: Option<&Track>) -> Line {
    let Some(sampled) = track.and_then(|track| track.sampled) else {
        return Line::of(Role::Unknown, "unknown");
    };
    let seconds = (ctx.now() - sampled).num_seconds();
    if seconds < OLD_SECONDS {
        return Line::of(Role::Dim, "<1 m");
    }
    Line::of(Role::Warning, words::silence(seconds))
}

/// What the samples show for each side, and where everything comes from.
pub(super) fn foot(ctx: &Ctx<'_>, picture: Picture<'_>, area: Rect) -> Vec<Line> {
    let mut lines = Vec::new();
    // where space is dear, the chart's title says what the samples show
    for (side, role, name) in
        [(Side::Stable, Role::Stable, "stable"), (Side::Candidate, Role::Candidate, "candidate")]
    {
        if let Some(counted) = picture.set.counted.get(&side).filter(|_| area.height >= FOOT_FROM) {
            lines.push(Line::new().gap(1).with(role, format!("{name:<10}")).and(shows(counted)));
        }
    }
    let source = match &ctx.state.world.metrics {
        MetricsSource::Found { place, how } => {
            Line::of(Role::Dim, format!(" from {place} ({how}): {}", picture.set.found))
        }
        source => Line::of(Role::Warning, format!(" {} {}", glyph::WARNING, why_none(source))),
    };
    lines.push(source.cut(area.width.into()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_claimed_that_the_samples_do_not_carry() {
        let counted = |requests, failed| Counted { requests, failed };
        let says = |stable, candidate| claim(&stable, &candidate).to_text();
        assert_eq!(says(counted(5000.0, 2.0), counted(20.0, 0.0)), "too few requests");
        assert_eq!(says(counted(0.0, 0.0), counted(900.0, 0.0)), "too few requests");
        assert_eq!(says(counted(5000.0, 2.0), counted(900.0, 0.0)), "not shown worse");
        assert!(says(counted(5000.0, 2.0), counted(900.0, 60.0)).ends_with("worse than stable"));
        assert_eq!(says(counted(5000.0, 500.0), counted(5000.0, 2.0)), "better than stable");
    }
}
