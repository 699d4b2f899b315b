//! The one table of glyphs, each one cell wide, with its ASCII twin.
//!
//! Screens draw the glyph; with `--ascii` the finished picture is put through [`twin`], so that text from outside is
//! covered too.

/// Cursor of the selected row.
pub const CURSOR: &str = "▸";
/// Well.
pub const WELL: &str = "●";
/// On its way.
pub const HALF: &str = "◐";
/// At rest, not begun.
pub const EMPTY: &str = "○";
/// Stands still.
pub const HELD: &str = "‖";
/// Wrong.
pub const BAD: &str = "✖";
/// To be looked at.
pub const WARNING: &str = "▲";
/// Met, seen, done.
pub const TICK: &str = "✓";
/// Cannot tell.
pub const UNKNOWN: &str = "?";
/// From here to there.
pub const ARROW: &str = "→";
/// There is more.
pub const ELLIPSIS: &str = "…";
/// A rule or the top of a frame.
pub const RULE: &str = "─";
/// A heavy rule: the candidate's line.
pub const HEAVY: &str = "━";
/// A side of a frame.
pub const SIDE: &str = "│";
/// Filled part of a gauge.
pub const FULL: &str = "█";
/// Open part of a gauge.
pub const LIGHT: &str = "░";
/// A target line.
pub const DOTTED: &str = "┄";
/// Mark of the stop bar.
pub const BAR: &str = "▌";
/// Parts of a list line.
pub const DOT: &str = "·";
/// Grows, falls.
pub const UP: &str = "↑";
/// See [`UP`].
pub const DOWN: &str = "↓";
/// Corners of a frame: top left, top right, bottom left, bottom right.
pub const CORNERS: [&str; 4] = ["┌", "┐", "└", "┘"];
/// Joints of a frame: left, right.
pub const JOINTS: [&str; 2] = ["├", "┤"];
/// Eighths of a cell, lowest first: sparklines.
pub const EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Each glyph that screens or texts of ours use, with its twin.
const TWINS: [(char, char); 45] = [
    ('▸', '>'),
    ('●', '*'),
    ('◐', 'o'),
    ('○', '.'),
    ('‖', '='),
    ('✖', 'x'),
    ('▲', '!'),
    ('✓', '+'),
    ('→', '>'),
    ('←', '<'),
    ('↔', '-'),
    ('…', '~'),
    ('─', '-'),
    ('━', '='),
    ('│', '|'),
    ('┃', '|'),
    ('█', '#'),
    ('▓', '#'),
    ('▒', '+'),
    ('░', '.'),
    ('┄', '.'),
    ('▌', '|'),
    ('·', '.'),
    ('•', '*'),
    ('↑', '^'),
    ('↓', 'v'),
    ('┌', '+'),
    ('┐', '+'),
    ('└', '+'),
    ('┘', '+'),
    ('├', '+'),
    ('┤', '+'),
    ('┬', '+'),
    ('┴', '+'),
    ('┼', '+'),
    ('▁', '_'),
    ('▂', '_'),
    ('▃', '.'),
    ('▄', '-'),
    ('▅', '-'),
    ('▆', '='),
    ('▇', '^'),
    ('–', '-'),
    ('≤', '<'),
    ('\u{2009}', ' '),
];

/// The ASCII twin of a character: its own row, a pattern for braille, `?` for anything else.
#[must_use]
pub fn twin(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    if let Some((_, twin)) = TWINS.iter().find(|(glyph, _)| *glyph == c) {
        return *twin;
    }
    match u32::from(c) {
        0x2800 => ' ',
        // braille: dots in the upper half, in the lower, in both
        code @ 0x2801..=0x28ff if code & 0x1b == code & 0xff => '\'',
        code @ 0x2801..=0x28ff if code & 0xe4 == code & 0xff => '.',
        0x2801..=0x28ff => ':',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::words::width;

    #[test]
    fn every_glyph_is_one_cell_wide_and_has_a_twin() {
        let singles = [
            CURSOR, WELL, HALF, EMPTY, HELD, BAD, WARNING, TICK, UNKNOWN, ARROW, ELLIPSIS, RULE, HEAVY, SIDE,
            FULL, LIGHT, DOTTED, BAR, DOT, UP, DOWN,
        ];
        for glyph in singles.iter().chain(&CORNERS).chain(&JOINTS).chain(&EIGHTHS) {
            assert_eq!(width(glyph), 1, "{glyph}");
            let c = glyph.chars().next().unwrap();
            assert!(twin(c).is_ascii() && (c == '?' || twin(c) != '?'), "{glyph}");
        }
        assert_eq!(twin('é'), '?');
        assert_eq!(twin('⠉'), '\'');
    }
}
