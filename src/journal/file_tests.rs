use std::fs;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, symlink};

use proptest::prelude::*;

use super::*;
use crate::journal::chain::{Flaw, verify};
use crate::journal::read::Checked;
use crate::journal::testing::{
    append, chained, cluster, create, draft, file, note, open, session, stamp, text,
};
use crate::journal::{Captures, capture::LONGEST_CAPTURE, sessions};

fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq).collect()
}

fn verified(state: &Path) -> Checked {
    sessions::check(state, &cluster(), &session()).unwrap().unwrap()
}

#[test]
fn what_was_stored_is_there_after_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let mut journal = create(state.path());
    let written: Vec<Entry> = (1..=5).flat_map(|n| append(&mut journal, note(&format!("n{n}")))).collect();
    drop(journal);
    let (mut journal, read) = open(state.path());
    assert_eq!(read, written);
    assert_eq!(seqs(&append(&mut journal, note("after"))), [6]);
    assert_eq!(verified(state.path()).problems, []);
}

#[test]
fn a_moved_head_stores_nothing_and_tells_what_came_between() {
    let state = tempfile::tempdir().unwrap();
    let mut first = create(state.path());
    append(&mut first, note("common"));
    let (mut second, known) = open(state.path());
    append(&mut second, note("theirs"));
    append(&mut second, note("theirs too"));

    let outdated = known.last().unwrap().hash.clone();
    let Appended::Moved { entries_between } = first.append(draft(outdated.clone(), vec![note("mine")]))
    else {
        panic!("the append of a console that was overtaken must be refused");
    };
    assert_eq!(seqs(&entries_between), [2, 3]);
    // also when the entries between were delivered already, but not yet taken into account
    assert!(
        matches!(first.append(draft(outdated, vec![note("mine")])), Appended::Moved { entries_between } if entries_between.len() == 2)
    );
    assert_eq!(seqs(&append(&mut first, note("mine"))), [4]);
    assert_eq!(seqs(&second.poll().unwrap().entries), [4]);
    assert!(second.poll().unwrap().entries.is_empty());
    let unknown = first.append(draft(EntryHash("f".repeat(64)), vec![note("mine")]));
    assert!(matches!(unknown, Appended::Failed(JournalError::UnknownHead { .. })));
}

#[test]
fn consoles_side_by_side_never_interleave_and_every_refused_append_is_judged_again() {
    side_by_side(4, 25);
}

#[test]
#[ignore = "long"]
fn consoles_side_by_side_for_a_thousand_records() {
    side_by_side(4, 250);
}

fn side_by_side(consoles: u32, facts: usize) {
    let state = tempfile::tempdir().unwrap();
    append(&mut create(state.path()), note("opened"));
    let refused: usize = std::thread::scope(|scope| {
        let consoles: Vec<_> = (0..consoles)
            .map(|pid| {
                scope.spawn({
                    let state = &state;
                    move || write_facts(state.path(), pid, facts)
                })
            })
            .collect();
        consoles.into_iter().map(|console| console.join().unwrap()).sum()
    });
    let checked = verified(state.path());
    assert_eq!(checked.problems, []);
    assert_eq!(checked.entries.len(), 1 + facts * consoles as usize);
    for pid in 0..consoles {
        let own: Vec<_> =
            checked.entries.iter().filter(|entry| entry.author.pid == pid && entry.seq > 1).collect();
        let due: Vec<_> = (0..facts).map(|n| note(&format!("{pid}/{n}"))).collect();
        assert!(
            own.iter().map(|entry| &entry.fact).eq(&due),
            "facts of console {pid} in their order, each once"
        );
    }
    eprintln!("{refused} appends were refused and judged again");
}

/// Appends `facts` notes as one console; gives the count of refused tries.
fn write_facts(state: &Path, pid: u32, facts: usize) -> usize {
    let (mut journal, read) = open(state);
    let mut known = read;
    let mut refused = 0;
    for n in 0..facts {
        loop {
            let expected = known.last().unwrap().hash.clone();
            let facts = vec![note(&format!("{pid}/{n}"))];
            match journal.append(Draft { expected, stamp: stamp(0, pid), facts }) {
                Appended::Stored { entries, .. } => {
                    known.extend(entries);
                    break;
                }
                Appended::Moved { entries_between } => {
                    assert!(!entries_between.is_empty());
                    known.extend(entries_between);
                    refused += 1;
                }
                Appended::Failed(error) => panic!("{error}"),
            }
        }
    }
    refused
}

/// A session whose only file holds `bytes`.
fn session_of(bytes: &[u8]) -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    let journal = create(state.path());
    fs::write(journal.path(), bytes).unwrap();
    state
}

/// Number of the line that holds a byte.
fn line_at(bytes: &[u8], position: usize) -> usize {
    bytes[..position].split(|byte| *byte == b'\n').count()
}

fn try_open(state: &Path) -> Result<Opened, JournalError> {
    FileJournal::open(state, &cluster(), &session()).map(Option::unwrap)
}

#[test]
fn cut_anywhere_every_whole_record_is_kept_and_the_rest_set_aside() {
    let sealed = chained(3);
    let whole = text(&sealed).into_bytes();
    let state = session_of(&whole);
    let path = open(state.path()).0.path();
    for cut in 0..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let opened = try_open(state.path()).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        let ends = |entry: usize| sealed[..=entry].iter().map(|sealed| sealed.line.len()).sum::<usize>();
        // a record is whole when only its line break is missing
        let kept = opened.entries.len();
        assert!(kept == 0 || ends(kept - 1) <= cut + 1, "cut at {cut}");
        assert!(kept == sealed.len() || ends(kept) > cut + 1, "cut at {cut}");
        let aside: usize = opened
            .notices
            .iter()
            .map(|notice| match notice {
                Notice::TornTail { file, bytes } => {
                    let aside = opened.journal.folder().join(file);
                    assert_eq!(fs::read(&aside).unwrap().len(), *bytes);
                    fs::remove_file(aside).unwrap();
                    *bytes
                }
                Notice::NewFile { .. } => panic!("nothing failed"),
            })
            .sum();
        let left = fs::read(&path).unwrap();
        let mended = usize::from(left.len() > cut);
        assert_eq!(left.len() + aside, cut + mended, "no byte is lost: cut at {cut}");
        assert_eq!(verify(left.split_inclusive(|b| *b == b'\n').map(|l| &l[..l.len() - 1])).problems, []);
    }
}

#[test]
fn zeroed_sectors_are_torn_at_the_end_and_damage_anywhere_else() {
    let whole = text(&chained(8)).into_bytes();
    let sectors = whole.len() / 512;
    let last_line = whole.len() - chained(8)[7].line.len();
    for sector in 0..=sectors {
        let mut bytes = whole.clone();
        let range = sector * 512..((sector + 1) * 512).min(whole.len());
        bytes[range.clone()].fill(0);
        let state = session_of(&bytes);
        match try_open(state.path()) {
            Ok(opened) => {
                assert!(range.end > last_line, "sector {sector} is none of the last write's");
                assert!(matches!(opened.notices[..], [Notice::TornTail { .. }]));
            }
            Err(JournalError::Damaged { problem, .. }) => {
                assert!(range.end <= last_line, "sector {sector}");
                let line = line_at(&whole, range.start);
                assert_eq!(problem.line, line);
            }
            Err(other) => panic!("{other}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_flipped_bit_is_passed_over_in_silence(position in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let sealed = chained(6);
        let mut bytes = text(&sealed).into_bytes();
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        let state = session_of(&bytes);
        let Err(JournalError::Damaged { problem, .. }) = try_open(state.path()) else {
            return Err(TestCaseError::fail(format!("byte {position}, bit {bit}: not noticed")));
        };
        let line = line_at(&bytes, position);
        prop_assert!(problem.line.abs_diff(line) <= 1);
        // and reading alone, which repairs nothing, sees it too
        prop_assert!(!verified(state.path()).problems.is_empty());
    }
}

#[test]
fn damage_in_the_middle_refuses_and_names_the_record() {
    let state = session_of(text(&chained(5)).replace("entry 3 says", "entry 3 lies").as_bytes());
    let error = try_open(state.path()).unwrap_err();
    assert!(
        matches!(&error, JournalError::Damaged { problem, .. } if problem.seq == Some(3) && problem.flaw == Flaw::Altered)
    );
    assert!(error.to_string().contains("line 3: entry 3 was altered"), "{error}");
}

/// The journal with a file in hand that takes writes and fails to sync them, as a dying disk does.
fn break_disk(journal: &mut FileJournal) {
    journal.open.file = fs::OpenOptions::new().read(true).write(true).open("/dev/null").unwrap();
}

#[test]
fn after_a_failed_sync_the_file_is_not_used_again() {
    let state = tempfile::tempdir().unwrap();
    let mut journal = create(state.path());
    append(&mut journal, note("one"));
    let (entries, lines) = journal.seal_all(draft(journal.head().clone(), vec![note("two")])).unwrap();
    break_disk(&mut journal);
    journal.store(&lines, &entries).unwrap();
    assert!(journal.path().ends_with("journal-2.jsonl"));
    assert!(matches!(&journal.notices[..], [Notice::NewFile { file, .. }] if file == "journal-2.jsonl"));

    let (mut journal, read) = open(state.path());
    assert_eq!(seqs(&read), [1, 2]);
    assert_eq!(seqs(&append(&mut journal, note("three"))), [3]);
    assert!(journal.path().ends_with("journal-2.jsonl"));
    assert_eq!(verified(state.path()).problems, []);
}

#[test]
fn a_record_that_stands_in_both_files_counts_once_and_another_console_follows() {
    let state = tempfile::tempdir().unwrap();
    let mut journal = create(state.path());
    append(&mut journal, note("one"));
    let (mut other, _) = open(state.path());
    let (entries, lines) = journal.seal_all(draft(journal.head().clone(), vec![note("two")])).unwrap();
    let old = journal.path();
    journal.open.file.write_all_at(&lines, journal.open.length).unwrap();
    break_disk(&mut journal);
    journal.store(&lines, &entries).unwrap();
    assert!(fs::read_to_string(old).unwrap().contains("two"), "what the old file holds is left as it is");
    assert_eq!(seqs(&other.poll().unwrap().entries), [2]);
    assert_eq!(seqs(&append(&mut other, note("three"))), [3]);
    let checked = verified(state.path());
    assert_eq!((checked.problems, seqs(&checked.entries)), (vec![], vec![1, 2, 3]));
}

#[test]
fn when_no_file_can_be_written_nothing_is_acknowledged_and_nothing_is_left() {
    let state = tempfile::tempdir().unwrap();
    let mut journal = create(state.path());
    append(&mut journal, note("one"));
    let (entries, lines) = journal.seal_all(draft(journal.head().clone(), vec![note("two")])).unwrap();
    // a directory in the way of the next file stands for a disk that takes none
    fs::create_dir(file(&journal, "journal-2.jsonl")).unwrap();
    let whole = journal.open.file.try_clone().unwrap();
    break_disk(&mut journal);
    assert!(matches!(journal.store(&lines, &entries), Err(JournalError::Io { doing: "write", .. })));
    assert!(journal.open.failed_at.is_some());

    fs::remove_dir(file(&journal, "journal-2.jsonl")).unwrap();
    journal.open.file = whole;
    assert_eq!(seqs(&append(&mut journal, note("two, again"))), [2]);
    assert!(journal.path().ends_with("journal-2.jsonl"));
    assert_eq!(seqs(&open(state.path()).1), [1, 2]);
}

#[test]
fn files_are_the_users_alone_and_links_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let mut journal = create(&state);
    append(&mut journal, note("one"));
    let captured = Captures::of(&journal).unwrap().store("api.log", "line\n").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    let loose = fs::Permissions::from_mode(0o666);
    assert_eq!(mode(&journal.path()), 0o600);
    assert_eq!(mode(&journal.folder().join("capture").join(captured.file)), 0o600);
    for path in
        [&state, journal.folder(), journal.folder().parent().unwrap(), &journal.folder().join("capture")]
    {
        assert_eq!(mode(path), 0o700, "{}", path.display());
    }
    fs::set_permissions(journal.path(), loose).unwrap();
    let path = journal.path();
    drop(journal);
    drop(open(&state));
    assert_eq!(mode(&path), 0o600, "rights that others were given are taken back");

    fs::rename(&path, folder.path().join("elsewhere")).unwrap();
    symlink(folder.path().join("elsewhere"), &path).unwrap();
    assert!(matches!(try_open(&state), Err(JournalError::NotPlain { .. })));
    fs::rename(&state, folder.path().join("moved")).unwrap();
    symlink(folder.path().join("moved"), &state).unwrap();
    assert!(matches!(
        FileJournal::create(&state, &cluster(), &"other".into()),
        Err(JournalError::NotPlain { .. })
    ));
}

#[test]
fn ids_that_would_leave_the_directory_are_refused() {
    let state = tempfile::tempdir().unwrap();
    for id in ["..", "../up", "/etc", "", ".hidden", "a/b", "a\0b"] {
        let made = FileJournal::create(state.path(), &id.into(), &session());
        assert!(matches!(made, Err(JournalError::BadName { .. })), "{id}");
    }
}

#[test]
fn a_journal_that_was_deleted_or_replaced_is_not_written_to() {
    let state = tempfile::tempdir().unwrap();
    let mut journal = create(state.path());
    append(&mut journal, note("one"));
    let path = journal.path();
    fs::rename(&path, path.with_extension("old")).unwrap();
    let head = journal.head().clone();
    let outcome = journal.append(draft(head, vec![note("into nowhere")]));
    assert!(matches!(outcome, Appended::Failed(JournalError::Replaced { .. })));
}

#[test]
fn a_console_that_stands_still_with_the_lock_does_not_hang_the_others() {
    let state = tempfile::tempdir().unwrap();
    let mut journal = create(state.path());
    let still = fs::File::open(journal.path()).unwrap();
    still.lock().unwrap();
    let head = journal.head().clone();
    let outcome = journal.append(draft(head.clone(), vec![note("one")]));
    assert!(matches!(outcome, Appended::Failed(JournalError::Busy { .. })));
    drop(still);
    assert!(matches!(journal.append(draft(head, vec![note("one")])), Appended::Stored { .. }));
}

#[test]
fn captures_are_bounded_and_never_written_over() {
    let state = tempfile::tempdir().unwrap();
    let captures = Captures::of(&create(state.path())).unwrap();
    let long = "0123456789\n".repeat(LONGEST_CAPTURE / 11 + 10);
    let first = captures.store("pods.log", &long).unwrap();
    let second = captures.store("pods.log", "short\n").unwrap();
    assert_eq!((first.file.as_str(), second.file.as_str()), ("pods.log", "pods.log-2"));
    let folder = create_path(state.path()).join("capture");
    let content = fs::read_to_string(folder.join("pods.log")).unwrap();
    assert!(content.len() < LONGEST_CAPTURE + 100 && content.ends_with(" bytes more]\n"));
    assert_eq!(first.sha256, crate::journal::chain::sha256_hex(content.as_bytes()));
    assert_eq!(second.lines, 1);
}

fn create_path(state: &Path) -> PathBuf {
    state.join(cluster().as_str()).join(session().as_str())
}
