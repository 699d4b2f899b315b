//! A panel of lines: drawn under a rule where space is dear, in a frame where it is not.

use ratatui::layout::Rect;

use super::super::line::Line;
use super::super::paint::{Canvas, cells};
use super::super::theme::Role;

/// A titled list of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Panel {
    /// What it is about.
    pub(crate) title: Line,
    /// Its age where it is too old, or another remark.
    pub(crate) remark: Line,
    /// Its lines.
    pub(crate) lines: Vec<Line>,
}

impl Panel {
    /// A panel with a plain title.
    pub(crate) fn new(title: impl Into<String>, lines: Vec<Line>) -> Self {
        Self { title: Line::of(Role::Title, title), remark: Line::new(), lines }
    }

    /// The same with a remark.
    #[must_use]
    pub(crate) fn remarked(mut self, remark: Line) -> Self {
        self.remark = remark;
        self
    }

    /// Rows it takes with its rule, of its lines at most `most`; none without lines.
    pub(crate) fn rows(&self, most: u16) -> u16 {
        if self.lines.is_empty() { 0 } else { 1 + cells(self.lines.len()).min(most) }
    }

    /// Draws it under a rule.
    pub(crate) fn ruled(&self, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = ruled(area, &self.title, &self.remark, canvas);
        canvas.lines(inside, &self.lines);
    }

    /// Draws it in a frame.
    pub(crate) fn framed(&self, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = canvas.frame(area, Role::Frame, &self.title, &self.remark);
        canvas.lines(inside, &self.lines);
    }
}

/// Draws a rule in the first row and gives back the rest.
pub(crate) fn ruled(area: Rect, title: &Line, remark: &Line, canvas: &mut Canvas<'_>) -> Rect {
    if area.height == 0 {
        return area;
    }
    canvas.rule(Rect { height: 1, ..area }, title, remark);
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}
