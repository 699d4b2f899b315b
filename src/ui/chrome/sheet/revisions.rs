//! The list of revisions to go back to: version, pods, evidence, age, and what differs in the chosen one.

use crate::core::sheet::Sheet;
use crate::model::Time;
use crate::model::view::{Evidence, Revision};

use super::super::super::line::Line;
use super::super::super::theme::Role;
use super::super::super::view::Ctx;
use super::super::super::{glyph, words};
use super::LABEL;

/// Revisions shown around the chosen one.
const SHOWN: usize = 6;
/// Differences shown of the chosen one.
const DIFFERENCES: usize = 4;

pub(super) fn lines(ctx: &Ctx<'_>, sheet: &Sheet, width: usize) -> Vec<Line> {
    if sheet.revisions.len() < 2 {
        return Vec::new();
    }
    let mut lines = vec![
        Line::of(Role::Label, format!("{:<LABEL$}", "TO"))
            .with(Role::Key, format!("{} {}", glyph::UP, glyph::DOWN))
            .with(Role::Label, " choose; unproven ones are marked"),
    ];
    let first =
        sheet.chosen.unwrap_or(0).saturating_sub(SHOWN / 2).min(sheet.revisions.len().saturating_sub(SHOWN));
    for (number, revision) in sheet.revisions.iter().enumerate().skip(first).take(SHOWN) {
        lines.push(row(revision, sheet.chosen == Some(number), ctx.now(), width));
    }
    if let Some(chosen) = sheet.chosen.and_then(|number| sheet.revisions.get(number)) {
        lines.extend(differs(chosen));
    }
    lines
}

fn row(revision: &Revision, chosen: bool, now: Time, width: usize) -> Line {
    let cursor = if chosen { glyph::CURSOR } else { " " };
    let (role, evidence) = evidence(revision, now);
    let image = revision.images.first().map_or_else(String::new, ToString::to_string);
    let age = revision.created.map_or_else(|| "-".to_owned(), |at| words::age(at, now));
    let line = Line::new()
        .gap(LABEL - 2)
        .with(Role::Key, cursor)
        .gap(1)
        .with(Role::Name, words::fit(revision.name.as_str(), 14))
        .padded(LABEL + 16)
        .with(Role::Sheet, format!("{:>3} ready  {age:>5}  ", revision.ready))
        .with(role, evidence);
    let room = width.saturating_sub(line.width() + 2);
    if room < 12 { line } else { line.gap(2).with(Role::Label, words::fit(&image, room)) }
}

fn evidence(revision: &Revision, now: Time) -> (Role, String) {
    if revision.current {
        return (Role::Label, "the present one".to_owned());
    }
    match &revision.evidence {
        Evidence::SeenComplete { at } => (Role::Good, format!("seen complete {} ago", words::age(*at, now))),
        Evidence::ServesAlone => (Role::Good, "serves alone".to_owned()),
        Evidence::PlanPrevious => (Role::Good, "the plan's version before".to_owned()),
        Evidence::Unproven => (Role::Warning, "UNPROVEN".to_owned()),
    }
}

fn differs(revision: &Revision) -> Vec<Line> {
    let Some(differences) = &revision.differs else {
        return vec![Line::new().gap(LABEL).with(Role::Unknown, "what differs is still being read")];
    };
    let mut lines: Vec<Line> = differences
        .iter()
        .take(DIFFERENCES)
        .map(|line| Line::new().gap(LABEL).with(Role::Sheet, format!("{} {line}", glyph::DOT)))
        .collect();
    if differences.len() > DIFFERENCES {
        let more = format!("{} more differences", differences.len() - DIFFERENCES);
        lines.push(Line::new().gap(LABEL).with(Role::Label, more));
    }
    lines
}
