//! Characters that are drawn as shapes: rules and frames, blocks, curves of braille dots.

use std::fmt::Write as _;

use super::CELL;

/// A rectangle: left, top, width, height, in pixels from the corner of its cell.
type Rectangle = (f32, f32, f32, f32);

const MIDDLE: (f32, f32) = (CELL.0 / 2.0, CELL.1 / 2.0);
/// Thickness of a thin and of a heavy rule.
const THIN: f32 = 1.0;
const HEAVY: f32 = 3.0;

/// Whether the text consists of shapes; a text of one kind is asked for its first character only.
pub(crate) fn is_shape(text: &str) -> bool {
    text.chars().next().is_some_and(|c| !rectangles(c).is_empty())
}

/// The shapes of the characters, side by side, as the data of a path.
pub(crate) fn path(text: &str, left: f32, top: f32) -> String {
    let mut data = String::new();
    let mut corner = left;
    for c in text.chars() {
        for (x, y, width, height) in rectangles(c) {
            // writing to a String cannot fail
            let _ = write!(data, "M{} {}h{width}v{height}h-{width}z", corner + x, top + y);
        }
        corner += CELL.0;
    }
    data
}

fn rectangles(c: char) -> Vec<Rectangle> {
    match c {
        '─' => arms("lr", THIN),
        '│' => arms("ud", THIN),
        '┌' => arms("rd", THIN),
        '┐' => arms("ld", THIN),
        '└' => arms("ru", THIN),
        '┘' => arms("lu", THIN),
        '├' => arms("rud", THIN),
        '┤' => arms("lud", THIN),
        '━' => arms("lr", HEAVY),
        '┄' => vec![(0.5, MIDDLE.1 - 0.5, 2.0, THIN), (4.5, MIDDLE.1 - 0.5, 2.0, THIN)],
        '▁'..='█' => {
            let eighths = f32::from(u8::try_from(u32::from(c) - 0x2580).unwrap_or(8));
            let height = CELL.1 * eighths / 8.0;
            vec![(0.0, CELL.1 - height, CELL.0, height)]
        }
        '▌' => vec![(0.0, 0.0, CELL.0 / 2.0, CELL.1)],
        '\u{2801}'..='\u{28ff}' => dots(u32::from(c) - 0x2800),
        _ => Vec::new(),
    }
}

/// Rules from the middle of the cell to the named sides: left, right, up, down.
fn arms(sides: &str, thickness: f32) -> Vec<Rectangle> {
    let (x, y) = (MIDDLE.0 - thickness / 2.0, MIDDLE.1 - thickness / 2.0);
    let arm = |side| match side {
        'l' => (0.0, y, MIDDLE.0 + thickness / 2.0, thickness),
        'r' => (x, y, CELL.0 - x, thickness),
        'u' => (x, 0.0, thickness, MIDDLE.1 + thickness / 2.0),
        _ => (x, y, thickness, CELL.1 - y),
    };
    sides.chars().map(arm).collect()
}

/// The dots of a braille character, whose bits are set for them.
fn dots(bits: u32) -> Vec<Rectangle> {
    // By bit: column and row of the dot.
    const PLACES: [(f32, f32); 8] =
        [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (0.0, 3.0), (1.0, 3.0)];
    let place =
        |(column, row): (f32, f32)| (column * CELL.0 / 2.0 + 1.0, row * CELL.1 / 4.0 + 1.0, 2.0, 2.25);
    PLACES.into_iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, at)| place(at)).collect()
}
