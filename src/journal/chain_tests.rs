use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::journal::testing::{at, chained, note, session, stamp, text};

fn lines(text: &str) -> Vec<&[u8]> {
    text.lines().map(str::as_bytes).collect()
}

fn problems(lines: &[&[u8]]) -> Vec<Problem> {
    verify(lines.iter().copied()).problems
}

#[test]
fn an_untouched_journal_verifies_and_gives_its_entries_back() {
    let sealed = chained(20);
    let found = verify(lines(&text(&sealed)));
    assert_eq!(found.problems, []);
    assert_eq!(found.head, sealed[19].entry.hash);
    assert_eq!(found.entries, sealed.into_iter().map(|sealed| sealed.entry).collect::<Vec<_>>());
}

#[test]
fn deleted_reordered_and_spliced_entries_are_named() {
    let (sealed, text) = (chained(6), text(&chained(6)));
    let all = lines(&text);

    let deleted = problems(&[&all[..2], &all[3..]].concat());
    assert_eq!(deleted, [Problem { line: 3, seq: Some(4), flaw: Flaw::OutOfOrder { due: 3 } }]);

    let mut swapped = all.clone();
    swapped.swap(2, 3);
    assert_eq!(problems(&swapped)[0], Problem { line: 3, seq: Some(4), flaw: Flaw::OutOfOrder { due: 3 } });

    let forged = |session, seq, prev: &EntryHash| {
        seal(prev.clone(), seq, session, stamp(9, 9), note("never said")).unwrap().line
    };
    let replaced = forged(session(), 3, &sealed[1].entry.hash);
    let mut spliced = all.clone();
    spliced[2] = replaced.trim_end().as_bytes();
    assert_eq!(problems(&spliced), [Problem { line: 4, seq: Some(4), flaw: Flaw::Unlinked }]);

    let foreign = forged("other".into(), 3, &sealed[1].entry.hash);
    spliced[2] = foreign.trim_end().as_bytes();
    assert_eq!(problems(&spliced)[0].flaw, Flaw::OtherSession { due: session() });
}

#[test]
fn every_flaw_is_named_not_only_the_first() {
    let text =
        text(&chained(9)).replace("entry 2 says", "entry 2 lies").replace("entry 7 says", "entry 7 lies");
    let found = problems(&lines(&text));
    let named: Vec<_> = found.iter().map(|problem| (problem.line, problem.seq, &problem.flaw)).collect();
    assert_eq!(named, [(2, Some(2), &Flaw::Altered), (7, Some(7), &Flaw::Altered)]);
    assert_eq!(found[0].to_string(), "line 2: entry 2 was altered: its hash does not match its content");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_flipped_bit_is_found_in_its_line(position in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let text = text(&chained(12));
        let mut bytes = text.clone().into_bytes();
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        let line = text.as_bytes()[..position].split(|byte| *byte == b'\n').count();
        let whole = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let found = verify(whole.split(|byte| *byte == b'\n'));
        // a line break that is gone, or a new one, moves the flaw by a line at most
        prop_assert!(found.problems.iter().any(|problem| problem.line.abs_diff(line) <= 1), "{:?}", found.problems);
    }
}

/// The recipe of the module's documentation, as an auditor would paste it.
fn recipe() -> String {
    let source = include_str!("chain.rs");
    let block = source.split("//! ```sh\n").nth(1).unwrap().split("//! ```").next().unwrap();
    block.lines().map(|line| line.trim_start_matches("//!").to_owned() + "\n").collect()
}

#[test]
fn an_auditor_checks_it_with_sha256sum_and_jq() {
    let found = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    if !found("sha256sum") || !found("jq") {
        eprintln!("NOT CHECKED: the auditor's recipe needs sha256sum and jq");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let run = |text: &str| {
        std::fs::write(folder.path().join("journal.jsonl"), text).unwrap();
        let output = Command::new("sh").arg("-c").arg(recipe()).current_dir(&folder).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let sealed = chained(5);
    let good = text(&sealed);
    assert_eq!(run(&good), format!("5 entries, head {}\n", sealed[4].entry.hash.0));
    assert_eq!(run(&good.replace("entry 4 says", "entry 4 lies")), "entry 4 is broken\nentry 5 is broken\n");
    let deleted: String =
        good.split_inclusive('\n').enumerate().filter(|(n, _)| *n != 2).map(|(_, line)| line).collect();
    assert!(run(&deleted).starts_with("entry 3 is broken\n"));
}

#[test]
fn entries_with_and_without_clocks_stand_in_one_chain() {
    // as journals of earlier versions hold them
    let old = chained(1).remove(0);
    assert!(!old.line.contains("clocks"), "{}", old.line);
    let clocks = crate::model::fact::Clocks {
        boot: "0d4c".into(),
        since_boot: 12_345,
        system: at(3),
        server: Some(at(2)),
    };
    let stamped = Stamp { clocks: Some(clocks.clone()), ..stamp(3, 1) };
    let new = seal(old.entry.hash.clone(), 2, session(), stamped, note("later")).unwrap();
    let both = format!("{}{}", old.line, new.line);
    let found = verify(lines(&both));
    assert_eq!(found.problems, []);
    assert_eq!((&found.entries[0].clocks, &found.entries[1].clocks), (&None, &Some(clocks)));
    let altered = both.replace("12345", "12346");
    let found = verify(lines(&altered));
    assert_eq!(found.problems.len(), 1, "clocks are part of what is sealed");
}
