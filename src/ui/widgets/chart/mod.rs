//! Curves over time: one or more series in one chart, in braille, right-aligned to now.
//!
//! A gap in the data is a gap in the curve. The scale ends at 1, 2 or 5 times a power of ten, so that labels stand
//! still while values move a little, and begins at zero, so that a small change looks small.

mod curve;
mod scale;

use chrono::TimeDelta;
use ratatui::layout::Rect;

use super::super::line::Line;
use super::super::paint::{Canvas, cells};
use super::super::theme::Role;
use super::super::{glyph, words};
use crate::model::Time;

use curve::Grid;
use scale::Scale;

/// Cells at the left that labels of the scale stand in.
const LABELS: u16 = 7;

/// One curve.
pub(crate) struct Series<'a> {
    /// Oldest first.
    pub(crate) points: &'a [(Time, Option<f64>)],
    /// Its colour.
    pub(crate) role: Role,
    /// Drawn with a thicker line: two curves can be told apart without colour.
    pub(crate) heavy: bool,
}

/// A level worth knowing: a target, a threshold, the stable version's mean.
pub(crate) struct Limit {
    /// Where.
    pub(crate) value: f64,
    /// What it is called.
    pub(crate) word: String,
}

/// A moment worth knowing: something changed.
pub(crate) struct Mark {
    /// When.
    pub(crate) at: Time,
    /// What.
    pub(crate) word: String,
}

/// A chart.
pub(crate) struct Chart<'a> {
    /// Curves; later ones are drawn over earlier ones.
    pub(crate) series: Vec<Series<'a>>,
    /// Levels.
    pub(crate) limits: Vec<Limit>,
    /// Moments.
    pub(crate) marks: Vec<Mark>,
    /// The right edge.
    pub(crate) until: Time,
    /// The time from edge to edge.
    pub(crate) span: TimeDelta,
    /// The scale is never smaller than this: noise around nothing stays at the bottom.
    pub(crate) least_top: f64,
}

impl Chart<'_> {
    /// Draws into `area`: the plot with its labels, and the axis of time in the last row.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        if area.height < 2 || area.width < LABELS + 4 {
            return;
        }
        let plot = Rect { x: area.x + LABELS, width: area.width - LABELS, height: area.height - 1, ..area };
        let scale = Scale::over(self.values(), self.least_top);
        labels(canvas, area, plot, scale);
        self.limits(canvas, plot, scale);
        for series in &self.series {
            self.curve(canvas, plot, scale, series);
        }
        self.names(canvas, plot, scale);
        self.axis(canvas, Rect { y: area.bottom() - 1, height: 1, ..plot });
    }

    /// The values that are in view.
    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let points = self.series.iter().flat_map(|series| series.points);
        points.filter(|(at, _)| self.across(*at).is_some()).filter_map(|(_, value)| *value)
    }

    /// Where a moment stands between the left edge (0) and the right one (1).
    fn across(&self, at: Time) -> Option<f64> {
        let span = seconds(self.span).max(1.0);
        let share = 1.0 - seconds(self.until - at) / span;
        (0.0..=1.0).contains(&share).then_some(share)
    }

    fn limits(&self, canvas: &mut Canvas<'_>, plot: Rect, scale: Scale) {
        for row in self.limits.iter().filter_map(|limit| scale.row(limit.value, plot.height)) {
            let line = Line::of(Role::Limit, glyph::DOTTED.repeat(plot.width.into()));
            canvas.line(Rect { y: plot.y + row, height: 1, ..plot }, &line);
        }
    }

    /// Names of limits, over the oldest part of the curves; one out of the picture is told at its upper edge.
    fn names(&self, canvas: &mut Canvas<'_>, plot: Rect, scale: Scale) {
        for limit in &self.limits {
            let (row, text) = match scale.row(limit.value, plot.height) {
                Some(row) => (row, format!("{} ", limit.word)),
                None => (0, format!("{} {} {} ", limit.word, words::decimal(limit.value), glyph::UP)),
            };
            canvas.line(Rect { y: plot.y + row, height: 1, ..plot }, &Line::of(Role::Limit, text));
        }
    }

    fn curve(&self, canvas: &mut Canvas<'_>, plot: Rect, scale: Scale, series: &Series<'_>) {
        let mut grid = Grid::new(plot.width, plot.height);
        let mut before = None;
        for (at, value) in series.points {
            let point = value.filter(|value| value.is_finite()).and_then(|value| {
                let across = self.across(*at)?;
                Some(grid.place(across, scale.share(value)))
            });
            if let Some(point) = point {
                grid.line(before.unwrap_or(point), point, series.heavy);
            }
            before = point;
        }
        for (x, y, dots) in grid.cells() {
            let symbol = match (canvas.skin.ascii, series.heavy) {
                (false, _) => dots,
                (true, false) => '-',
                (true, true) => '=',
            };
            let cell = Rect { x: plot.x + x, y: plot.y + y, width: 1, height: 1 };
            canvas.line(cell, &Line::of(series.role, symbol.to_string()));
        }
    }

    /// Times at both edges, and between them marks with their words where there is room.
    fn axis(&self, canvas: &mut Canvas<'_>, row: Rect) {
        let from = (self.until - self.span).format("%H:%M").to_string();
        let until = self.until.format("%H:%M").to_string();
        canvas.both(row, &Line::of(Role::Dim, from), &Line::of(Role::Dim, until));
        let mut free = 6;
        for mark in &self.marks {
            let Some(across) = self.across(mark.at) else { continue };
            let at = scale::cell(across, row.width);
            let text = format!("{}{}", glyph::UP, mark.word);
            let wide = cells(words::width(&text));
            let text = if at + wide + 6 > row.width { glyph::UP.to_owned() } else { text };
            if at < free || at + 6 > row.width {
                continue;
            }
            let place = Rect { x: row.x + at, width: row.width - at, ..row };
            canvas.line(place, &Line::of(Role::Warning, text.clone()));
            free = at + cells(words::width(&text)) + 1;
        }
    }
}

/// What the upper edge, the lower one and the middle stand for.
fn labels(canvas: &mut Canvas<'_>, area: Rect, plot: Rect, scale: Scale) {
    let middle = (plot.height >= 5).then(|| (plot.y + plot.height / 2, scale.top / 2.0));
    let ends = [(plot.y, scale.top), (plot.bottom() - 1, 0.0)];
    for (y, value) in ends.into_iter().chain(middle) {
        let text = scale::label(value, scale.top);
        let room = usize::from(LABELS) - 1;
        let line = Line::of(Role::Dim, format!("{text:>room$}"));
        canvas.line(Rect { y, height: 1, width: LABELS, ..area }, &line);
    }
}

fn seconds(delta: TimeDelta) -> f64 {
    delta.as_seconds_f64()
}

#[cfg(test)]
mod tests;
