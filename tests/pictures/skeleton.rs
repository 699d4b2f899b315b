//! What of a screen is the same in every run: titles, labels, keys, columns and wording, without what is measured.
//!
//! Every part of a line between two `│` is taken for itself:
//! * a part with a curve (braille, `┄`), with nothing but numbers, or with nothing, is a part of a chart: `~`;
//! * runs of blocks, rules and blanks fold into one;
//! * a number, with its separators and its unit of time, is `0`, and neighbouring numbers are one;
//! * a word that is cut short is `…`, with up to three words of its column before it, back to a comma or colon;
//! * the name of a pod is `POD`, and what follows it, its newest event, is dropped.

/// The skeleton of the rows.
pub(crate) fn of(rows: &[String]) -> Vec<String> {
    rows.iter().map(|row| row.split('│').map(part).collect::<Vec<_>>().join("│")).collect()
}

/// The lines in which two skeletons differ, as a diff.
pub(crate) fn differing(wanted: &[String], seen: &[String]) -> Vec<String> {
    let nothing = String::new();
    (0..wanted.len().max(seen.len()))
        .map(|at| (at + 1, wanted.get(at).unwrap_or(&nothing), seen.get(at).unwrap_or(&nothing)))
        .filter(|(_, wanted, seen)| wanted != seen)
        .map(|(line, wanted, seen)| format!("line {line}\n  - {wanted}\n  + {seen}"))
        .collect()
}

fn part(part: &str) -> String {
    let is_curve = |c: char| is_braille(c) || c == '┄';
    let is_axis = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '↑' | '.' | ':');
    if part.contains(is_curve) || part.chars().all(is_axis) {
        return "~".to_owned();
    }
    part.split("  ").map(column).filter(|column| !column.is_empty()).collect::<Vec<_>>().join(" ")
}

fn column(column: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in column.split([' ', '\u{a0}', '\u{202f}']).filter(|word| !word.is_empty()) {
        if is_pod(word) {
            words.push("POD".to_owned());
            break;
        }
        let word = fold(word);
        if word == "…" {
            let kept = words.iter().rposition(|word| word.ends_with([',', ';', ':'])).map_or(0, |at| at + 1);
            words.truncate(kept.max(words.len().saturating_sub(3)));
        }
        let after_number = words.last().is_some_and(|last| last == "0");
        let unit = matches!(word.as_str(), "ms" | "s" | "m" | "h" | "d");
        let same = words.last() == Some(&word) && matches!(word.as_str(), "0" | "█" | "─");
        if !(same || after_number && unit) {
            words.push(word);
        }
    }
    words.join(" ")
}

/// One word with its numbers, blocks and rules folded.
fn fold(word: &str) -> String {
    if word.ends_with('…') {
        return "…".to_owned();
    }
    let mut out = String::new();
    for c in word.chars() {
        let folded = match c {
            '0'..='9' => '0',
            '.' | ',' | ':' | '-' if out.ends_with('0') => '0',
            '▀'..='▟' | '━' => '█',
            other => other,
        };
        if !(matches!(folded, '0' | '█' | '─') && out.ends_with(folded)) {
            out.push(folded);
        }
    }
    out
}

/// Whether curves are drawn with it.
pub(crate) fn is_braille(c: char) -> bool {
    ('\u{2800}'..='\u{28ff}').contains(&c)
}

/// Whether the word ends as the name of a Deployment's pod does: in a hash of the template and five characters.
fn is_pod(word: &str) -> bool {
    let mut ends = word.trim_end_matches([':', ',', '…']).rsplit('-');
    let random = |part: Option<&str>, length: std::ops::RangeInclusive<usize>| {
        part.is_some_and(|part| {
            length.contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
        })
    };
    random(ends.next(), 5..=5) && random(ends.next(), 8..=10) && ends.next().is_some()
}
