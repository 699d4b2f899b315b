//! A terminal's screen as a picture. Rules, blocks and curves are drawn as shapes, as terminals do, because fonts
//! disagree about them; the rest is text in whatever monospace font there is.

mod colour;
mod shape;

use std::fmt::{self, Write as _};

use self::colour::Look;

/// Size of one cell, in pixels.
const CELL: (f32, f32) = (8.0, 17.0);
/// Where letters stand, from the top of their cell.
const BASELINE: f32 = 13.0;
/// Room around the screen.
const MARGIN: f32 = 12.0;
/// Marks the text of a row, from which [`rows`] takes it.
const ROW: &str = "<g data-row=\"";

/// Neighbouring cells that are drawn alike.
struct Run {
    column: u16,
    look: Look,
    text: String,
    cells: u16,
}

/// Draws the screen.
pub(crate) fn draw(screen: &vt100::Screen, title: &str) -> String {
    let mut out = String::new();
    // writing to a String cannot fail
    let _ = write(&mut out, screen, title);
    out
}

/// The text of the rows of a picture that [`draw`] made.
pub(crate) fn rows(picture: &str) -> Vec<String> {
    let row = |line: &str| Some(unescape(line.strip_prefix(ROW)?.split_once('"')?.0));
    picture.lines().filter_map(row).collect()
}

fn write(out: &mut String, screen: &vt100::Screen, title: &str) -> fmt::Result {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) =
        (f32::from(columns) * CELL.0 + 2.0 * MARGIN, f32::from(rows) * CELL.1 + 2.0 * MARGIN);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" xml:space=\"preserve\" font-size=\"13.2\" \
         font-family=\"ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace\">"
    )?;
    writeln!(out, "<title>{}</title>", escape(title))?;
    writeln!(out, "<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>", colour::GROUND)?;
    writeln!(out, "<g transform=\"translate({MARGIN} {MARGIN})\">")?;
    for row in 0..rows {
        let runs = runs(screen, row, columns);
        let text: String = runs.iter().map(|run| run.text.as_str()).collect();
        write!(out, "{ROW}{}\">", escape(text.trim_end()))?;
        let top = f32::from(row) * CELL.1;
        runs.iter().try_for_each(|run| ground(out, run, top))?;
        runs.iter().try_for_each(|run| ink(out, run, top))?;
        writeln!(out, "</g>")?;
    }
    writeln!(out, "</g>\n</svg>")
}

/// Cells of one row, joined where they look alike; shapes and words stand apart.
fn runs(screen: &vt100::Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let cells = (0..columns).filter_map(|column| Some((column, screen.cell(row, column)?)));
    for (column, cell) in cells.filter(|(_, cell)| !cell.is_wide_continuation()) {
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let (look, width) = (Look::of(cell), if cell.is_wide() { 2 } else { 1 });
        let joins = |run: &Run| run.look == look && shape::is_shape(&run.text) == shape::is_shape(text);
        match runs.last_mut().filter(|run| joins(run)) {
            Some(run) => {
                run.text.push_str(text);
                run.cells += width;
            }
            None => runs.push(Run { column, look, text: text.to_owned(), cells: width }),
        }
    }
    runs
}

fn ground(out: &mut String, run: &Run, top: f32) -> fmt::Result {
    let Some(colour) = &run.look.ground else { return Ok(()) };
    let (left, width) = (f32::from(run.column) * CELL.0, f32::from(run.cells) * CELL.0);
    write!(
        out,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{}\" fill=\"{colour}\" \
         shape-rendering=\"crispEdges\"/>",
        CELL.1
    )
}

fn ink(out: &mut String, run: &Run, top: f32) -> fmt::Result {
    if run.text.trim().is_empty() {
        return Ok(());
    }
    let left = f32::from(run.column) * CELL.0;
    if shape::is_shape(&run.text) {
        let path = shape::path(&run.text, left, top);
        return write!(out, "<path fill=\"{}\"{} d=\"{path}\"/>", run.look.ink, run.look.opacity());
    }
    // Each word stands at its own place, so that no font can shift what follows it.
    let mut column = run.column;
    for word in run.text.split_inclusive(' ') {
        let cells = u16::try_from(word.chars().count()).unwrap_or(u16::MAX);
        let shown = word.trim_end();
        if !shown.is_empty() {
            let (x, y) = (f32::from(column) * CELL.0, top + BASELINE);
            write!(
                out,
                "<text x=\"{x}\" y=\"{y}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{}>{}</text>",
                shown.chars().map(|_| CELL.0).sum::<f32>(),
                run.look.ink,
                run.look.style(),
                escape(shown)
            )?;
        }
        column += cells;
    }
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}
