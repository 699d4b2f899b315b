//! Braille dots: two across and four down in every cell.

use super::super::super::paint::cells;

/// Bit of each dot of a cell, by column and row (Unicode, Braille Patterns).
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// A dot, counted from the upper left.
pub(super) type Point = (u16, u16);

/// Dots of one curve.
pub(super) struct Grid {
    width: u16,
    height: u16,
    dots: Vec<u8>,
}

impl Grid {
    pub(super) fn new(width: u16, height: u16) -> Self {
        Self { width, height, dots: vec![0; usize::from(width) * usize::from(height)] }
    }

    /// The dot at these shares of the width and (from below) of the height.
    pub(super) fn place(&self, across: f64, up: f64) -> Point {
        (super::scale::cell(across, self.width * 2), super::scale::cell(1.0 - up, self.height * 4))
    }

    /// A line between two dots, both included; a heavy one is two dots high.
    pub(super) fn line(&mut self, from: Point, to: Point, heavy: bool) {
        let (x0, y0, x1, y1) = (f64::from(from.0), f64::from(from.1), f64::from(to.0), f64::from(to.1));
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        for step in 0..=steps {
            let share = f64::from(step) / f64::from(steps);
            let (x, y) = (round(x0 + (x1 - x0) * share), round(y0 + (y1 - y0) * share));
            self.set((x, y));
            if heavy {
                self.set((x, y.saturating_sub(1)));
            }
        }
    }

    fn set(&mut self, (x, y): Point) {
        let at = usize::from(y / 4) * usize::from(self.width) + usize::from(x / 2);
        if let Some(cell) = self.dots.get_mut(at) {
            *cell |= DOTS[usize::from(x % 2)][usize::from(y % 4)];
        }
    }

    /// Cells with dots in them: column, row, character.
    pub(super) fn cells(&self) -> impl Iterator<Item = (u16, u16, char)> + '_ {
        let width = usize::from(self.width);
        let used = self.dots.iter().enumerate().filter(|(_, dots)| **dots != 0);
        used.filter_map(move |(at, dots)| {
            let symbol = char::from_u32(0x2800 + u32::from(*dots))?;
            Some((cells(at % width), cells(at / width), symbol))
        })
    }
}

fn round(value: f64) -> u16 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two dots of a grid")]
    let dot = value.round() as u16;
    dot
}
