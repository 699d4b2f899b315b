//! Versions: the stable one, the one on its way, and those that could be returned to.

use crate::core::world::Watched;
use crate::model::objects::Workload;
use crate::model::view::{Evidence, Revision, WorkloadView};
use crate::ui::line::Line;
use crate::ui::theme::Role;
use crate::ui::view::Ctx;
use crate::ui::widgets::sections::Section;
use crate::ui::{glyph, words};

/// Differences shown of the selected revision.
const DIFFERENCES: usize = 6;
/// Width from which images are shown.
const IMAGES_FROM: usize = 96;

/// What a revision is to its workload.
pub(in crate::ui::screens) fn part_of(view: &WorkloadView, replica_set: &str) -> (&'static str, Role) {
    let is = |version: &Option<crate::model::view::Version>| {
        version.as_ref().is_some_and(|version| version.replica_set.as_str() == replica_set)
    };
    if is(&view.candidate) {
        ("candidate", Role::Candidate)
    } else if is(&view.stable) {
        ("stable", Role::Stable)
    } else {
        ("earlier", Role::Dim)
    }
}

/// The revision under the cursor: by its name, at first the newest.
pub(super) fn chosen(view: &WorkloadView, name: Option<&str>) -> Option<usize> {
    let named = name.and_then(|name| view.revisions.iter().position(|row| row.replica_set.as_str() == name));
    named.or(if view.revisions.is_empty() { None } else { Some(0) })
}

pub(super) fn section(ctx: &Ctx<'_>, watched: &Watched, width: usize) -> Section {
    let view = &watched.view;
    if view.revisions.is_empty() {
        return images(watched);
    }
    let pane = ctx.ui.pane();
    let chosen = chosen(view, pane.object.as_deref());
    let mut lines = Vec::new();
    let mut cursor = None;
    for (number, revision) in view.revisions.iter().enumerate() {
        let here = chosen == Some(number);
        if here {
            cursor = Some(lines.len());
        }
        lines.push(row(ctx, view, revision, here, width));
        if here {
            lines.extend(differs(revision));
        }
    }
    let mut section = Section::new("Versions", 2, lines);
    section.cursor = cursor;
    if view.in_flight && view.stable.is_none() {
        section.remark = Line::of(Role::Warning, "none is known good by evidence");
    }
    section
}

/// What runs in a workload whose revisions are not followed here.
fn images(watched: &Watched) -> Section {
    let images = match &watched.set.workload {
        Workload::Deployment(deployment) => deployment.spec.template.images.as_slice(),
        other => other.face().map_or(&[][..], |face| face.images.as_slice()),
    };
    let mut lines: Vec<Line> = images
        .iter()
        .map(|image| {
            Line::new().gap(2).with(Role::Name, image.name.clone()).plain(format!("  {}", image.image))
        })
        .collect();
    if lines.is_empty() {
        lines.push(Line::new().gap(2).with(Role::Unknown, "its images are not told by the object"));
    }
    Section::new("Images", 2, lines)
}

fn row(ctx: &Ctx<'_>, view: &WorkloadView, revision: &Revision, here: bool, width: usize) -> Line {
    let (word, role) = part_of(view, revision.replica_set.as_str());
    let cursor = if here { glyph::CURSOR } else { " " };
    let share = match view.traffic.percent(&revision.key) {
        Some(percent) => format!("{percent:.0} %"),
        None => "?".to_owned(),
    };
    let ready_role = if revision.ready < revision.pods { Role::Warning } else { Role::Text };
    let age = revision.created.map_or_else(|| "?".to_owned(), |at| words::age(at, ctx.now()));
    let (good, evidence) = evidence(ctx, revision);
    let mut line = Line::of(Role::Key, format!("{cursor} "))
        .with(role, word)
        .padded(12)
        .with(Role::Name, words::fit(revision.name.as_str(), 13))
        .padded(26)
        .with(Role::Dim, words::fit(revision.key.hash.as_str(), 10))
        .padded(37)
        .with(ready_role, format!("{:>3}/{:<3} ready", revision.ready, revision.pods))
        .with(role, format!("{share:>6}"))
        .with(Role::Dim, format!("{age:>6}  "))
        .with(good, evidence);
    if width >= IMAGES_FROM
        && let Some(image) = revision.images.first()
    {
        line = line.padded(84).with(Role::Dim, image.as_str());
    }
    line
}

/// Why a revision counts as good, in at most two words and an age.
fn evidence(ctx: &Ctx<'_>, revision: &Revision) -> (Role, String) {
    match &revision.evidence {
        Evidence::SeenComplete { at } => (Role::Good, format!("complete {} ago", words::age(*at, ctx.now()))),
        Evidence::ServesAlone => (Role::Good, "serves alone".to_owned()),
        Evidence::PlanPrevious => (Role::Good, "plan's previous".to_owned()),
        Evidence::Unproven => (Role::Warning, "unproven".to_owned()),
    }
}

fn differs(revision: &Revision) -> Vec<Line> {
    let indent = || Line::new().gap(12);
    if revision.current {
        let images = revision.images.iter().map(|image| indent().with(Role::Dim, image.as_str()));
        return images.take(DIFFERENCES).collect();
    }
    let Some(differences) = &revision.differs else {
        return vec![indent().with(Role::Unknown, "what differs from the present one is being read")];
    };
    if differences.is_empty() {
        return vec![indent().with(Role::Dim, "same template as the present one")];
    }
    let shown = differences.iter().take(DIFFERENCES);
    let mut lines: Vec<Line> =
        shown.map(|line| indent().with(Role::Dim, format!("{} ", glyph::DOT)).plain(line.as_str())).collect();
    if differences.len() > DIFFERENCES {
        lines.push(indent().with(Role::Dim, format!("{} more differ", differences.len() - DIFFERENCES)));
    }
    lines
}
