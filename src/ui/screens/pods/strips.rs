//! One glyph for each pod, a strip for each version.

use std::collections::BTreeMap;

use crate::core::world::Watched;
use crate::model::pod::Pod;
use crate::ui::line::Line;
use crate::ui::theme::Role;
use crate::ui::{glyph, words};

use super::super::rollout::part_of;

/// Cells at the left for the name of the version.
const NAME: usize = 25;
/// Cells at the right for the count.
const COUNT: usize = 10;
/// Cells that say for how many pods a glyph stands.
const SEVERAL: usize = 16;

/// What one glyph says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Health {
    Ready,
    Leaving,
    Starting,
    Ill,
}

impl Health {
    fn of(pod: &Pod) -> Self {
        match pod.trouble() {
            Some(trouble) if trouble.passing() => Self::Starting,
            Some(_) => Self::Ill,
            None if pod.terminating || !pod.ready => Self::Leaving,
            None => Self::Ready,
        }
    }

    const fn mark(self) -> (&'static str, Role) {
        match self {
            Self::Ready => (glyph::WELL, Role::Good),
            Self::Leaving => (glyph::EMPTY, Role::Dim),
            Self::Starting => (glyph::HALF, Role::Moving),
            Self::Ill => (glyph::BAD, Role::Bad),
        }
    }
}

/// Strips of all versions that have pods, the stable one first.
pub(super) fn lines(watched: &Watched, width: usize) -> Vec<Line> {
    let mut groups: BTreeMap<(u8, String), (Line, Vec<Health>)> = BTreeMap::new();
    for pod in &watched.set.pods {
        let (order, title) = version(watched, pod);
        let key = (order, title.to_text());
        groups.entry(key).or_insert_with(|| (title, Vec::new())).1.push(Health::of(pod));
    }
    groups.into_values().map(|(title, healths)| strip(title, healths, width)).collect()
}

/// What version a pod is of, for people.
fn version(watched: &Watched, pod: &Pod) -> (u8, Line) {
    let view = &watched.view;
    let owner = pod.owner.as_ref().map_or("", |owner| owner.as_str());
    let Some(revision) = view.revisions.iter().find(|revision| revision.replica_set.as_str() == owner) else {
        return (3, Line::of(Role::Dim, words::fit(owner, NAME - 2)));
    };
    let (word, role) = part_of(view, owner);
    let order = match role {
        Role::Stable => 0,
        Role::Candidate => 1,
        _ => 2,
    };
    (order, Line::of(role, word).padded(10).with(Role::Name, words::fit(revision.name.as_str(), NAME - 12)))
}

fn strip(title: Line, mut healths: Vec<Health>, width: usize) -> Line {
    healths.sort_unstable();
    let mut room = width.saturating_sub(NAME + COUNT).max(1);
    // where there are more pods than cells, a glyph stands for several and shows the worst of them
    if healths.len() > room {
        room = room.saturating_sub(SEVERAL).max(1);
    }
    let each = healths.len().div_ceil(room).max(1);
    let mut line = Line::new().gap(1).and(title).padded(NAME);
    for group in healths.chunks(each) {
        if let Some(worst) = group.iter().max() {
            let (glyph, role) = worst.mark();
            line = line.with(role, glyph);
        }
    }
    if each > 1 {
        line = line.with(Role::Dim, format!("  {each} pods each"));
    }
    let ready = healths.iter().filter(|health| **health == Health::Ready).count();
    let count = format!("{ready}/{}", healths.len());
    let role = if ready < healths.len() { Role::Warning } else { Role::Text };
    let gap = width.saturating_sub(line.width() + count.len() + 1);
    line.gap(gap).with(role, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_ill_pod_is_seen_among_thousands() {
        let mut healths = vec![Health::Ready; 5000];
        healths.push(Health::Ill);
        let line = strip(Line::text("stable"), healths, 80).to_text();
        assert!(line.contains(glyph::BAD) && line.contains("5000/5001"), "{line}");
        assert!(words::width(&line) <= 80, "{line}");
    }

    #[test]
    fn ill_pods_stand_at_the_end_of_their_strip() {
        let line = strip(Line::text("x"), vec![Health::Ill, Health::Ready, Health::Starting], 60).to_text();
        assert!(line.contains("●◐✖"), "{line}");
    }
}
