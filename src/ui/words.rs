//! Numbers, times and lengths in words: one way to say each, and the one function that measures width.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::model::Time;

use super::glyph;

/// Cells that a text takes. Everything that is laid out is measured here.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(cell_width).sum() }
}

/// Cells of one grapheme: never more than two, whatever is stacked on it.
#[must_use]
pub fn cell_width(grapheme: &str) -> usize {
    grapheme.width().min(2)
}

/// The text, cut to `most` cells; a cut is shown by an ellipsis.
#[must_use]
pub fn fit(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(1) else { return String::new() };
    let mut out = head(text, room).to_owned();
    out.push_str(glyph::ELLIPSIS);
    out
}

/// As much of the beginning of a text as `most` cells hold.
#[must_use]
pub fn head(text: &str, most: usize) -> &str {
    let mut taken = 0;
    for (offset, grapheme) in text.grapheme_indices(true) {
        taken += cell_width(grapheme);
        if taken > most {
            return &text[..offset];
        }
    }
    text
}

/// The text broken into lines of at most `most` cells, at spaces where there are any.
#[must_use]
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) > most && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let mut rest = word;
        while width(rest) > most.max(1) && most > 0 {
            let part = head(rest, most);
            if part.is_empty() {
                break;
            }
            lines.push(part.to_owned());
            rest = &rest[part.len()..];
        }
        line.push_str(rest);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The beginning of a text, broken into at most `lines` lines; a cut is shown. What is not shown costs nothing.
#[must_use]
pub fn wrap_to(text: &str, most: usize, lines: usize) -> Vec<String> {
    let start = head(text, most.saturating_mul(lines + 1));
    let mut wrapped = wrap(start, most);
    if wrapped.len() > lines || start.len() < text.len() {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            *last = format!("{}{}", head(last, most.saturating_sub(1)), glyph::ELLIPSIS);
        }
    }
    wrapped
}

/// Whole minutes between two moments, both counted by the minute hand: all ages on a screen change together, once a
/// minute, so that a still screen writes nothing in between.
#[must_use]
pub fn minutes_between(then: Time, now: Time) -> i64 {
    (now.timestamp().div_euclid(60) - then.timestamp().div_euclid(60)).max(0)
}

/// How long ago, coarsely: `<1 m`, `4 m`, `3 h`, `12 d`.
#[must_use]
pub fn age(then: Time, now: Time) -> String {
    minutes(minutes_between(then, now))
}

/// A span of whole minutes, coarsely.
#[must_use]
pub fn minutes(minutes: i64) -> String {
    match minutes {
        ..1 => "<1 m".to_owned(),
        1..120 => format!("{minutes} m"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

/// A span that is known well: `9 s`, `2 m 05 s`, `1 h 10 m`.
#[must_use]
pub fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 if seconds % 60 == 0 => format!("{} m", seconds / 60),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Silence of a stream, in steps that change seldom: `15 s`, `20 s`, `2 m`.
#[must_use]
pub fn silence(seconds: i64) -> String {
    if seconds < 60 { format!("{} s", seconds / 5 * 5) } else { minutes(seconds / 60) }
}

/// An elapsed time with tenths: `2.1 s`.
#[must_use]
pub fn elapsed(from: Time, to: Time) -> String {
    tenths((to - from).num_milliseconds())
}

/// Milliseconds as seconds with tenths: `2.1 s`; from a minute on as a span.
#[must_use]
pub fn tenths(millis: i64) -> String {
    let millis = millis.max(0);
    if millis < 60_000 { format!("{}.{} s", millis / 1000, millis % 1000 / 100) } else { span(millis / 1000) }
}

/// Time of day with seconds, UTC.
#[must_use]
pub fn clock(at: Time) -> String {
    at.format("%H:%M:%S").to_string()
}

/// When something happened: the time of day within a day, else the date.
#[must_use]
pub fn moment(at: Time, now: Time) -> String {
    let format = if (now - at).num_hours() < 20 { "%H:%M" } else { "%m-%d" };
    at.format(format).to_string()
}

/// A whole number with a thin gap between thousands: `1 840`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A measured value with as many decimals as its size can carry: `0.04`, `3.1`, `212`.
#[must_use]
pub fn decimal(value: f64) -> String {
    match value.abs() {
        size if size < 1.0 => format!("{value:.2}"),
        size if size < 10.0 => format!("{value:.1}"),
        size if size < 1e15 => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
            let whole = size.round() as u64;
            format!("{}{}", if value < 0.0 { "-" } else { "" }, grouped(whole))
        }
        _ => format!("{value:.1e}"),
    }
}

/// `1 pod`, `3 pods`.
#[must_use]
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {one}s", grouped(number as u64)) }
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone as _, Utc};

    use super::*;

    #[test]
    fn widths_are_counted_in_cells_and_cuts_are_shown() {
        assert_eq!(width("api"), 3);
        assert_eq!(width("日本"), 4);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("abcd", 0), "");
    }

    #[test]
    fn wrapping_loses_no_word_and_keeps_the_width() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert!(wrap("", 5).is_empty());
        assert_eq!(wrap_to("one two three four", 7, 2), ["one two", "three…"]);
        assert_eq!(wrap_to("one two", 7, 2), ["one two"]);
        assert_eq!(wrap_to(&"x".repeat(70_000), 4, 1), ["xxx…"]);
    }

    #[test]
    fn ages_change_together_once_a_minute() {
        let now = Utc.with_ymd_and_hms(2026, 11, 20, 3, 14, 7).unwrap();
        assert_eq!(age(now - Duration::seconds(5), now), "<1 m");
        assert_eq!(age(now - Duration::seconds(8), now), "1 m");
        assert_eq!(age(now - Duration::minutes(4), now), "4 m");
        assert_eq!(age(now - Duration::hours(3), now), "3 h");
        assert_eq!(age(now - Duration::days(12), now), "12 d");
        for second in 0..53 {
            assert_eq!(age(now - Duration::minutes(4), now + Duration::seconds(second - 7)), "4 m");
        }
        assert_eq!(age(now + Duration::hours(1), now), "<1 m", "a clock that runs ahead is no negative age");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(1_840_000), "1 840 000");
        assert_eq!(grouped(84), "84");
        assert_eq!(decimal(0.041), "0.04");
        assert_eq!(decimal(3.12), "3.1");
        assert_eq!(decimal(1840.2), "1 840");
        assert_eq!(decimal(-12.0), "-12");
        assert_eq!(tenths(12_440), "12.4 s");
        assert_eq!(span(125), "2 m 05 s");
        assert_eq!(count(1, "pod"), "1 pod");
        assert_eq!(count(3000, "pod"), "3 000 pods");
    }
}
