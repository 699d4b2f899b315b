//! What a terminal shows: bytes in, rows of text out.

use std::{num::NonZero, time::Instant};

use crate::rig::clock;

use super::watch::Watch;

/// Rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
}

impl Size {
    /// The smallest size at which every screen shows all that matters.
    pub(crate) const SMALL: Self = Self { rows: 24, columns: 80 };
    /// A comfortable window.
    pub(crate) const WIDE: Self = Self { rows: 40, columns: 120 };

    fn cells(self) -> (NonZero<u16>, NonZero<u16>) {
        let at_least_one = |count| NonZero::new(count).unwrap_or(NonZero::<u16>::MIN);
        (at_least_one(self.rows), at_least_one(self.columns))
    }
}

/// The screen as it is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// One string per row, without trailing blanks.
    pub(crate) rows: Vec<String>,
    /// Whether the program has taken the whole screen.
    pub(crate) full_screen: bool,
}

impl Frame {
    /// Whether some row contains `text`.
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.rows.iter().any(|row| row.contains(text))
    }
}

impl std::fmt::Display for Frame {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for row in &self.rows {
            writeln!(out, "│{row}")?;
        }
        Ok(())
    }
}

/// A terminal's memory: keeps the screen, and answers what a program asks of its terminal.
pub(crate) struct Screen {
    pub(super) parser: vt100::Parser<Answers>,
    columns: u16,
    received: u64,
    watch: Watch,
    last: Instant,
}

/// What the terminal has to say to the program.
#[derive(Default)]
pub(super) struct Answers(Vec<u8>);

impl vt100::Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        parameters: &[&[u16]],
        last: char,
    ) {
        match (first, last, parameters) {
            // Primary device attributes: a VT220 with colour.
            (None, 'c', _) => self.0.extend(b"\x1b[?62;22c"),
            // Cursor position.
            (None, 'n', [[6]]) => {
                let (row, column) = screen.cursor_position();
                self.0.extend(format!("\x1b[{};{}R", row + 1, column + 1).into_bytes());
            }
            // Whatever else is asked gets no answer, as in most terminals.
            _ => {}
        }
    }
}

impl Screen {
    pub(crate) fn new(size: Size) -> Self {
        let (rows, columns) = size.cells();
        let parser = vt100::Parser::new_with_callbacks(rows, columns, 0, Answers::default());
        let (watch, last) = (Watch::default(), clock::now());
        Self { parser, columns: size.columns, received: 0, watch, last }
    }

    /// Takes output of the program, which came at that moment, and returns what the terminal answers.
    pub(crate) fn receive(&mut self, bytes: &[u8], at: Instant) -> Vec<u8> {
        self.received += bytes.len() as u64;
        self.watch.receive(bytes);
        self.last = at;
        self.parser.process(bytes);
        std::mem::take(&mut self.parser.callbacks_mut().0)
    }

    /// Changes the size of the window.
    pub(crate) fn resize(&mut self, size: Size) {
        let (rows, columns) = size.cells();
        self.columns = size.columns;
        self.parser.set_size(rows, columns);
    }

    /// How many bytes the program has written so far.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// What was read along.
    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Every character that can be seen, with its colour, that of its ground, and whether they are swapped.
    pub(crate) fn colours(&self) -> Vec<(String, vt100::Color, vt100::Color, bool)> {
        let screen = self.parser.screen();
        let (rows, columns) = screen.size();
        let cells = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
        cells
            .filter_map(|(row, column)| screen.cell(row, column))
            .filter(|cell| !cell.contents().trim().is_empty())
            .map(|cell| (cell.contents().to_owned(), cell.fgcolor(), cell.bgcolor(), cell.inverse()))
            .collect()
    }

    /// When the newest output came; before the first one, when the screen was made.
    pub(crate) fn last_output(&self) -> Instant {
        self.last
    }

    /// What is on the screen now.
    pub(crate) fn frame(&self) -> Frame {
        let screen = self.parser.screen();
        let rows = screen.rows(0, self.columns).map(|row| row.trim_end().to_owned()).collect();
        Frame { rows, full_screen: screen.alternate_screen() }
    }
}
