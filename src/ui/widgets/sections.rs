//! Titled parts below each other in one or two columns. Where there is no room for all, the least needed ones shrink
//! first and say how much of them is not shown; then they go.

use ratatui::layout::Rect;

use super::super::line::Line;
use super::super::paint::{Canvas, cells};
use super::super::theme::Role;
use super::super::{glyph, words};

/// One part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    /// Its title.
    pub(crate) title: Line,
    /// A remark at the right end of its rule.
    pub(crate) remark: Line,
    /// Its lines.
    pub(crate) lines: Vec<Line>,
    /// How much it is needed: the highest number goes first.
    pub(crate) rank: u8,
    /// Whether it has the keys.
    pub(crate) focused: bool,
    /// First line shown, while it has the keys and is longer than its place.
    pub(crate) scroll: usize,
    /// The line under the cursor: it stays in view.
    pub(crate) cursor: Option<usize>,
    /// In the right-hand column, where there are two.
    pub(crate) right: bool,
}

/// Lines that a part keeps before it is dropped.
const LEAST: usize = 2;
/// Parts of this rank and above are dropped before others shrink.
const SPARE: u8 = 7;
/// From this width on there are two columns.
const WIDE: u16 = 130;

/// The width that a part's lines have.
pub(crate) const fn width_of_a_column(width: u16) -> u16 {
    if width < WIDE { width } else { width / 2 - 1 }
}

/// Draws the parts in their order.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, sections: Vec<Section>) {
    if area.width < WIDE {
        return column(canvas, area, &sections);
    }
    let (right, left): (Vec<Section>, Vec<Section>) = sections.into_iter().partition(|section| section.right);
    let half = area.width / 2;
    column(canvas, Rect { width: half - 1, ..area }, &left);
    column(canvas, Rect { x: area.x + half + 1, width: area.width - half - 1, ..area }, &right);
}

fn column(canvas: &mut Canvas<'_>, area: Rect, sections: &[Section]) {
    let heights = heights(sections, usize::from(area.height));
    let mut y = area.y;
    for (section, height) in sections.iter().zip(heights) {
        if height == 0 {
            continue;
        }
        let place = Rect { y, height: cells(height), ..area };
        section.draw(canvas, place);
        y += place.height;
    }
}

/// Rows of each part, its rule included; 0 where it is not shown.
fn heights(sections: &[Section], room: usize) -> Vec<usize> {
    let mut heights: Vec<usize> = sections.iter().map(|section| section.lines.len() + 1).collect();
    let rank = |at: &usize| if sections[*at].focused { 0 } else { sections[*at].rank };
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(rank(at)));
    let over = |heights: &[usize]| heights.iter().sum::<usize>().saturating_sub(room);
    for at in &order {
        let spare = heights[*at].saturating_sub(LEAST + 1);
        heights[*at] -= spare.min(over(&heights));
        if rank(at) >= SPARE && over(&heights) > 0 {
            heights[*at] = 0;
        }
    }
    let last = order.len().saturating_sub(1);
    for at in &order[..last] {
        if over(&heights) > 0 {
            heights[*at] = 0;
        }
    }
    if let Some(first) = order.last() {
        heights[*first] = heights[*first].min(room);
    }
    // what a dropped part leaves goes to those that are needed most
    let mut spare = room.saturating_sub(heights.iter().sum());
    let mut kept: Vec<usize> = (0..heights.len()).filter(|at| heights[*at] > 0).collect();
    kept.sort_by_key(rank);
    for at in kept {
        let grown = spare.min(sections[at].lines.len() + 1 - heights[at]);
        heights[at] += grown;
        spare -= grown;
    }
    heights
}

impl Section {
    /// A part with these lines.
    pub(crate) fn new(title: impl Into<String>, rank: u8, lines: Vec<Line>) -> Self {
        Self { title: Line::of(Role::Title, title), rank, lines, ..Self::default() }
    }

    /// The same with a remark in its rule.
    pub(crate) fn remark(mut self, remark: Line) -> Self {
        self.remark = remark;
        self
    }

    /// The same in the right-hand column.
    pub(crate) fn right(mut self) -> Self {
        self.right = true;
        self
    }

    fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let title = if self.focused {
            Line::of(Role::Key, glyph::CURSOR).gap(1).and(self.title.clone())
        } else {
            self.title.clone()
        };
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let room = usize::from(body.height);
        let first = self.first(room);
        let below = self.lines.len().saturating_sub(first + room);
        let mut remark = self.remark.clone();
        for (count, glyph) in [(first, glyph::UP), (below, glyph::DOWN)] {
            if count > 0 {
                let gap = if remark.is_empty() { 0 } else { 2 };
                remark =
                    remark.gap(gap).with(Role::Dim, format!("{glyph} {} more", words::grouped(count as u64)));
            }
        }
        canvas.rule(Rect { height: 1, ..area }, &title, &remark);
        canvas.lines(body, self.lines.iter().skip(first));
    }

    /// The first line shown when `room` lines fit.
    fn first(&self, room: usize) -> usize {
        let most = self.lines.len().saturating_sub(room);
        match self.cursor {
            // what belongs to the line under the cursor stands below it
            Some(cursor) => (cursor + 2).saturating_sub(room).min(cursor).min(most),
            None if self.focused => self.scroll.min(most),
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(rank: u8, lines: usize) -> Section {
        Section::new("x", rank, vec![Line::text("y"); lines])
    }

    #[test]
    fn the_least_needed_shrinks_first_and_goes_last_of_all() {
        let sections = [section(1, 4), section(5, 10), section(3, 4)];
        assert_eq!(heights(&sections, 30), [5, 11, 5]);
        assert_eq!(heights(&sections, 20), [5, 10, 5]);
        assert_eq!(heights(&sections, 10), [4, 3, 3]);
        assert_eq!(heights(&sections, 8), [5, 0, 3]);
        assert_eq!(heights(&sections, 5), [5, 0, 0]);
        assert_eq!(heights(&sections, 2), [2, 0, 0]);
        assert_eq!(heights(&sections, 0), [0, 0, 0]);
        assert_eq!(heights(&[section(1, 4), section(8, 4)], 8), [5, 3]);
        assert_eq!(
            heights(&[section(1, 4), section(8, 4)], 7),
            [5, 0],
            "good to know goes before others shrink"
        );
    }

    #[test]
    fn the_part_with_the_keys_keeps_its_lines() {
        let mut sections = [section(1, 4), section(5, 8)];
        sections[1].focused = true;
        assert_eq!(heights(&sections, 12), [3, 9]);
    }
}
