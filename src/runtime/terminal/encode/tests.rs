//! What the bytes show on a terminal.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style::Style as Look;
use super::*;

fn paint(bytes: &[u8]) -> vt100::Parser {
    let (rows, columns) = (std::num::NonZero::new(4).unwrap(), std::num::NonZero::new(20).unwrap());
    let mut parser = vt100::Parser::new(rows, columns, 0);
    parser.process(bytes);
    parser
}

fn buffer() -> Buffer {
    Buffer::empty(Rect::new(0, 0, 20, 4))
}

#[test]
fn equal_buffers_cost_nothing() {
    let mut shown = buffer();
    shown.set_string(2, 1, "api ● 3/3", Style::new().red().bold());
    assert!(difference(&shown, &shown.clone()).is_empty());
}

#[test]
fn the_terminal_shows_what_the_buffer_holds() {
    let mut after = buffer();
    after.set_string(0, 0, "┌ api ┐ ▁▂▃ ok", Style::new());
    after.set_string(3, 2, "日本 wide", Style::new().bold().fg(Color::Red).bg(Color::Indexed(17)));
    let screen = paint(&difference(&buffer(), &after));
    let screen = screen.screen();
    assert_eq!(screen.contents(), "┌ api ┐ ▁▂▃ ok\n\n   日本 wide");
    let cell = screen.cell(2, 8).unwrap();
    assert_eq!((cell.contents(), cell.bold()), ("w", true));
    assert_eq!(cell.fgcolor(), vt100::Color::Idx(1));
    assert_eq!(cell.bgcolor(), vt100::Color::Idx(17));
}

#[test]
fn an_attribute_that_ends_takes_nothing_else_with_it() {
    let mut after = buffer();
    after.set_string(0, 0, "a", Style::new().bold().underlined().green());
    after.set_string(1, 0, "b", Style::new().underlined().green());
    let screen = paint(&difference(&buffer(), &after));
    let cell = screen.screen().cell(0, 1).unwrap();
    assert!(!cell.bold() && cell.underline());
    assert_eq!(cell.fgcolor(), vt100::Color::Idx(2));
}

#[test]
fn bold_that_ends_leaves_dim_and_the_colours() {
    let mut after = buffer();
    after.set_string(0, 0, "a", Style::new().bold().dim().red().on_blue());
    after.set_string(1, 0, "b", Style::new().dim().red().on_blue());
    let bytes = difference(&buffer(), &after);
    assert_eq!(bytes, b"\x1b[1H\x1b[1;2;31;44ma\x1b[22;2mb\x1b[0m");
}

#[test]
fn a_blank_has_no_colour_and_a_short_gap_is_bridged() {
    let mut after = buffer();
    after.set_string(0, 0, "                    ", Style::new().green());
    assert!(difference(&buffer(), &after).is_empty());
    after.set_string(0, 1, "one  two", Style::new().green());
    assert_eq!(difference(&buffer(), &after), b"\x1b[2H\x1b[32mone  two\x1b[0m");
    after.set_string(3, 1, "  ", Style::new().on_red());
    let screen = paint(&difference(&buffer(), &after));
    assert_eq!(screen.screen().cell(1, 4).unwrap().bgcolor(), vt100::Color::Idx(1));
    assert_eq!(screen.screen().cell(1, 5).unwrap().bgcolor(), vt100::Color::Default);
}

#[test]
fn any_two_buffers_follow_each_other_on_the_terminal() {
    use proptest::prelude::*;
    let styles = [
        Style::new(),
        Style::new().red(),
        Style::new().bold().on_blue(),
        Style::new().reversed(),
        Style::new().dim().underlined().green(),
    ];
    let cells = proptest::collection::vec((0..20_u16, 0..4_u16, 0..5_usize, "[ a-c─]{1,4}"), 0..40);
    proptest!(|(first in cells.clone(), second in cells)| {
        let fill = |from: &Buffer, changes: &[(u16, u16, usize, String)]| {
            let mut buffer = from.clone();
            for (x, y, style, text) in changes {
                buffer.set_string(*x, *y, text, styles[*style]);
            }
            buffer
        };
        let one = fill(&buffer(), &first);
        let two = fill(&one, &second);
        let mut stepwise = difference(&buffer(), &one);
        stepwise.extend(difference(&one, &two));
        let stepwise = paint(&stepwise);
        let mut whole = Vec::new();
        for (y, row) in two.content.chunks(20).enumerate() {
            for (x, cell) in row.iter().enumerate() {
                let mut pen = Pen::default();
                // every cell by itself, from nothing: the plainest way to the same picture
                pen.restyle(Look::of(cell));
                pen.out.push_str(cell.symbol());
                whole.extend(format!("\x1b[{};{}H", y + 1, x + 1).into_bytes());
                whole.extend(pen.finish());
            }
        }
        let whole = paint(&whole);
        for y in 0..4 {
            for x in 0..20 {
                let (left, right) = (stepwise.screen().cell(y, x).unwrap(), whole.screen().cell(y, x).unwrap());
                let blank = |cell: &vt100::Cell| matches!(cell.contents(), "" | " ");
                prop_assert!(left.contents() == right.contents() || (blank(left) && blank(right)));
                prop_assert_eq!(left.bgcolor(), right.bgcolor());
                prop_assert_eq!((left.underline(), left.inverse()), (right.underline(), right.inverse()));
                if !blank(left) {
                    prop_assert_eq!(left.fgcolor(), right.fgcolor());
                    // this parser keeps one of the two
                    prop_assert_eq!(left.bold() || left.dim(), right.bold() || right.dim());
                }
            }
        }
    });
}

#[test]
fn a_change_of_one_cell_is_a_few_bytes() {
    let mut before = buffer();
    before.set_string(0, 0, "pods 2/3", Style::new());
    let mut after = before.clone();
    after.set_string(5, 0, "3", Style::new());
    assert_eq!(difference(&before, &after), b"\x1b[1;6H3");
}

#[test]
fn the_empty_rest_of_a_row_is_erased_and_a_ground_is_not() {
    let mut before = buffer();
    before.set_string(0, 1, "a row that was chosen", Style::new().bold().on_blue());
    let mut after = buffer();
    after.set_string(0, 1, "a row", Style::new());
    let bytes = difference(&before, &after);
    assert_eq!(bytes, b"\x1b[2Ha row\x1b[K");
    let mut all = difference(&buffer(), &before);
    all.extend(bytes);
    let screen = paint(&all);
    assert_eq!(screen.screen().contents(), "\na row");
    assert_eq!(screen.screen().cell(1, 12).unwrap().bgcolor(), vt100::Color::Default);
    after.set_style(Rect::new(0, 1, 20, 1), Style::new().on_red());
    let bytes = difference(&before, &after);
    assert!(!bytes.windows(3).any(|three| three == b"\x1b[K"), "{}", String::from_utf8_lossy(&bytes));
}

#[test]
fn colours_that_every_terminal_numbers_are_named_by_number() {
    let mut after = buffer();
    after.set_string(0, 0, "a", Style::new().fg(Color::Rgb(0xd0, 0xd0, 0xd0)));
    after.set_string(1, 0, "b", Style::new().fg(Color::Rgb(0x5f, 0xd7, 0x87)));
    after.set_string(2, 0, "c", Style::new().fg(Color::Rgb(0x5f, 0xd7, 0x88)));
    assert_eq!(
        difference(&buffer(), &after),
        b"\x1b[1H\x1b[38;5;252ma\x1b[38;5;78mb\x1b[38;2;95;215;136mc\x1b[0m"
    );
}
