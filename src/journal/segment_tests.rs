use super::*;
use crate::journal::testing::chained;

const FRESH: Place<'static> = Place { offset: 0, lines: 0, repeats: &[] };

#[test]
fn every_cut_of_a_long_journal_is_whole_torn_or_short_of_its_line_break() {
    let mut chain = Chain::default();
    for (lines, sealed) in chained(200).into_iter().enumerate() {
        let line = sealed.line.as_bytes();
        let place = Place { lines, ..FRESH };
        for cut in 0..=line.len() {
            let found = scan(&line[..cut], &place, &mut chain.clone());
            let (entries, end) = match line.len() - cut {
                0 => (vec![sealed.entry.clone()], End::Whole),
                1 => (vec![sealed.entry.clone()], End::NoLineBreak),
                _ if cut == 0 => (vec![], End::Whole),
                _ => (vec![], End::Torn),
            };
            assert_eq!((found.entries, found.end), (entries, end), "record {lines} cut at {cut}");
        }
        chain.accept(sealed.line.trim_end().as_bytes()).unwrap();
    }
}

#[test]
fn a_changed_line_break_behind_the_last_record_is_no_torn_write() {
    let sealed = &chained(1)[0];
    let spoiled = sealed.line.replace('\n', "\u{b}");
    let found = scan(spoiled.as_bytes(), &FRESH, &mut Chain::default());
    assert!(matches!(found.end, End::Damaged(Problem { line: 1, .. })));
}

#[test]
fn a_new_file_may_repeat_the_end_of_the_one_before_and_nothing_else() {
    let sealed = chained(4);
    let known: Vec<_> =
        sealed[..3].iter().map(|sealed| (sealed.entry.seq, sealed.entry.hash.clone())).collect();
    let mut chain = Chain::default();
    for sealed in &sealed[..3] {
        chain.accept(sealed.line.trim_end().as_bytes()).unwrap();
    }
    let place = Place { repeats: &known, ..FRESH };
    let line = |number: usize| sealed[number - 1].line.as_str();
    let repeating = scan([line(3), line(4)].concat().as_bytes(), &place, &mut chain.clone());
    assert_eq!((repeating.entries.len(), repeating.end), (1, End::Whole));
    let late = scan([line(4), line(3)].concat().as_bytes(), &place, &mut chain.clone());
    assert!(matches!(late.end, End::Damaged(Problem { line: 2, seq: Some(3), .. })));
}
