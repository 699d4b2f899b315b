//! What only stepwise rollouts have: the steps, three columns of truth about the traffic, and analyses.

use crate::model::proof::Verdict;
use crate::model::series::Side;
use crate::model::track::{AnalysisLine, Share, StepTrack, Truth};
use crate::model::view::WorkloadView;
use crate::ui::line::Line;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::gauge;
use crate::ui::widgets::sections::Section;
use crate::ui::widgets::sparkline::sparkline;
use crate::ui::{glyph, words};

/// Cells of the bar of a timed step.
const BAR: usize = 10;

/// The steps on as many lines as they need, the present one marked; below it, what it waits for.
pub(super) fn track(ctx: &Ctx<'_>, track: &StepTrack, width: usize) -> Section {
    let mut lines = vec![Line::new().gap(1)];
    let mut cursor = 0;
    for (at, step) in track.steps.iter().enumerate() {
        let (mark, role) = match at.cmp(&track.at) {
            std::cmp::Ordering::Less => (glyph::TICK, Role::Good),
            std::cmp::Ordering::Equal => (glyph::HALF, Role::Moving),
            std::cmp::Ordering::Greater => (glyph::EMPTY, Role::Dim),
        };
        let piece = Line::of(role, format!("{mark} {}", step.what));
        let last = lines.last().map_or(0, Line::width);
        if last > 1 && last + piece.width() + 3 > width {
            lines.push(Line::new().gap(1));
        }
        if at == track.at {
            cursor = lines.len() - 1;
        }
        if let Some(line) = lines.last_mut() {
            *line = std::mem::take(line).and(piece).gap(3);
        }
    }
    lines.extend(now(ctx, track));
    let number = (track.at + 1).min(track.steps.len());
    let remark = if track.at >= track.steps.len() {
        "done".to_owned()
    } else {
        format!("{number} of {}", track.steps.len())
    };
    let mut section = Section::new("Steps", 2, lines).remark(Line::of(Role::Dim, remark));
    section.cursor = Some(cursor);
    section
}

/// What the present step waits for, and for how long.
fn now(ctx: &Ctx<'_>, track: &StepTrack) -> Option<Line> {
    let step = track.steps.get(track.at)?;
    let mut line = Line::new().gap(3);
    if !track.waits.is_empty() {
        line = line.with(if step.manual { Role::Held } else { Role::Text }, track.waits.as_str());
    }
    if let (Some(until), Some(seconds)) = (track.until, step.seconds) {
        let left = (until - ctx.now()).num_seconds().max(0);
        #[expect(clippy::cast_precision_loss, reason = "seconds of a step")]
        let done = 1.0 - left as f64 / (seconds.max(1)) as f64;
        // whole minutes until the last one, so that the line stands still in between
        let left = if left > 60 { words::minutes(left / 60) } else { words::span(left) };
        line = line.gap(2).and(gauge::bar(done, BAR, Role::Moving)).plain(format!(" {left} to go"));
    } else if let Some(since) = track.since {
        line = line.with(Role::Dim, format!("  for {}", words::age(since, ctx.now())));
    }
    (line.width() > 3).then_some(line)
}

/// `intended 25   reported 25   live 25 (Ingress api-canary)   measured 24.1`, and every other way to the candidate.
pub(super) fn truth(ctx: &Ctx<'_>, view: &WorkloadView, width: usize) -> Vec<Line> {
    let truth = &view.truth;
    let disputed = truth.disagreement().is_some();
    let role = if disputed { Role::Bad } else { Role::Text };
    let mut line = Line::new().gap(2);
    for (word, share) in [("intended", &truth.intended), ("reported", &truth.reported), ("live", &truth.live)]
    {
        let value = share.as_ref().map_or_else(|| "–".to_owned(), |share| format!("{:.0}", share.percent()));
        line = line.with(Role::Dim, format!("{word} ")).with(role, value).gap(2);
    }
    let value = measured(ctx, view).map_or_else(|| "–".to_owned(), |percent| format!("{percent:.1}"));
    let mut line = line.with(Role::Dim, "measured ").plain(value);
    if let Some(from) = truth.live.as_ref().map(|share| share.from.as_str()) {
        let room = width.saturating_sub(line.width() + 9);
        line = line.with(Role::Dim, format!("   live: {}", words::fit(from, room)));
    }
    let mut lines = vec![line];
    if let Some(words) = truth.disagreement() {
        lines.push(Line::new().gap(2).with(Role::Bad, format!("{} they disagree: {words}", glyph::BAD)));
    }
    for rule in &truth.also {
        let text = format!("also to candidate: {rule}");
        lines.push(Line::new().gap(2).with(Role::Warning, words::fit(&text, width.saturating_sub(3))));
    }
    lines
}

/// Whether anybody says anything about a split.
pub(super) fn is_split(truth: &Truth) -> bool {
    let Truth { intended, reported, live, also } = truth;
    [intended, reported, live].into_iter().any(Option::is_some) || !also.is_empty()
}

/// The candidate's share of the requests that were really counted, in percent.
fn measured(ctx: &Ctx<'_>, view: &WorkloadView) -> Option<f64> {
    let set = ctx.state.world.signals.get(&view.target)?;
    let (stable, candidate) = (set.counted.get(&Side::Stable)?, set.counted.get(&Side::Candidate)?);
    let all = stable.requests + candidate.requests;
    (all >= 1.0).then(|| 100.0 * candidate.requests / all)
}

/// Measured values against their limits.
pub(super) fn analysis(view: &WorkloadView, width: usize) -> Section {
    let lines = view.analysis.iter().map(|line| measure(line, width)).collect();
    Section::new("Analysis", 4, lines)
        .remark(Line::of(Role::Dim, "values measured, not the controller's word"))
}

fn measure(line: &AnalysisLine, width: usize) -> Line {
    let (mark, role) = match line.verdict {
        Verdict::Met => (glyph::TICK, Role::Good),
        Verdict::Breached => (glyph::BAD, Role::Bad),
        Verdict::Unknown => (glyph::UNKNOWN, Role::Unknown),
    };
    let points: Vec<Option<f64>> = line.values.iter().map(|value| value.as_str().parse().ok()).collect();
    let text = Line::of(role, format!(" {mark} "))
        .with(Role::Name, words::fit(line.name.as_str(), 18))
        .padded(22)
        .plain(words::fit(line.value.as_str(), 9))
        .padded(32)
        .with(Role::Dim, words::fit(line.limit.as_str(), 14))
        .padded(47)
        .and(sparkline(&points, 8, role))
        .gap(2)
        .plain(line.tally.as_str());
    let place = format!("  {}", line.place);
    if text.width() + words::width(&place) <= width { text.with(Role::Dim, place) } else { text }
}

/// A short name for the step, for the overview: `2/4 25 %`.
pub(in crate::ui::screens) fn brief(view: &WorkloadView) -> Option<String> {
    let track = view.track.as_ref().filter(|track| view.in_flight && !track.steps.is_empty())?;
    let at = (track.at + 1).min(track.steps.len());
    let share = view.truth.live.as_ref().or(view.truth.intended.as_ref()).map(Share::percent);
    let share = share.map_or_else(String::new, |percent| format!(" {percent:.0} %"));
    Some(format!("{at}/{}{share}", track.steps.len()))
}

/// What the mechanism warns of.
pub(super) fn warnings(view: &WorkloadView, width: usize) -> Section {
    let room = width.saturating_sub(4);
    let mut lines = Vec::new();
    for warning in &view.warnings {
        let mut text = words::wrap(warning.what.as_str(), room).into_iter();
        let first = text.next().unwrap_or_default();
        lines.push(Line::of(Role::Warning, format!(" {} {first}", glyph::WARNING)));
        lines.extend(text.map(|line| Line::new().gap(3).with(Role::Warning, line)));
        let detail = warning.detail.iter().flat_map(|detail| words::wrap(detail.as_str(), room));
        lines.extend(detail.map(|line| Line::new().gap(3).plain(line)));
    }
    Section::new("Warnings", 2, lines)
}
