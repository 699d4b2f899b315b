//! Consoles as processes that are killed in the middle of their appends.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Signal, set_parent_process_death_signal};

use crate::journal::testing::{append, cluster, create, note, open, session, stamp};
use crate::journal::{Appended, Draft, sessions};

/// Tells the child's test which journal to write to.
const STATE: &str = "GONOGO_TEST_STATE";
const CONSOLES: usize = 3;
/// Acknowledged records of each console before all are killed.
const RECORDS: usize = 12;

fn console(state: &std::path::Path) -> Child {
    let child = "journal::kill_tests::child_appends_until_it_is_killed";
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--ignored", "--nocapture"])
        .env(STATE, state)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "run by the test below, as a process of its own"]
fn child_appends_until_it_is_killed() {
    let Some(state) = std::env::var_os(STATE).map(PathBuf::from) else { return };
    set_parent_process_death_signal(Some(Signal::KILL)).unwrap();
    let (mut journal, _) = open(&state);
    for n in 0_u32.. {
        loop {
            let expected = journal.head().clone();
            let facts = vec![note(&format!("n{n}"))];
            let draft = Draft { expected, stamp: stamp(0, std::process::id()), facts };
            match journal.append(draft) {
                Appended::Stored { entries, .. } => {
                    println!("ACK {}", entries[0].seq);
                    break;
                }
                Appended::Moved { .. } => {}
                Appended::Failed(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn killed_consoles_lose_nothing_that_was_acknowledged_and_leave_no_lock() {
    let state = tempfile::tempdir().unwrap();
    append(&mut create(state.path()), note("opened"));
    let mut consoles: Vec<Child> = (0..CONSOLES).map(|_| console(state.path())).collect();
    let mut outputs: Vec<_> =
        consoles.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap()).lines()).collect();
    let mut acknowledged: Vec<u64> = Vec::new();
    let number = |line: String| line.split_once("ACK ").and_then(|(_, seq)| seq.parse::<u64>().ok());
    for output in &mut outputs {
        acknowledged.extend(output.by_ref().map_while(Result::ok).filter_map(number).take(RECORDS));
    }
    for console in &mut consoles {
        console.kill().unwrap();
        console.wait().unwrap();
    }
    for output in outputs {
        acknowledged.extend(output.map_while(Result::ok).filter_map(number));
    }

    let (mut journal, entries) = open(state.path());
    assert!(acknowledged.len() >= CONSOLES * RECORDS);
    for seq in acknowledged {
        assert!(entries.iter().any(|entry| entry.seq == seq), "record {seq} was acknowledged and is lost");
    }
    append(&mut journal, note("after"));
    let checked = sessions::check(state.path(), &cluster(), &session()).unwrap().unwrap();
    assert_eq!((checked.problems, checked.torn), (Vec::new(), 0));
    for console in consoles {
        let own = checked.entries.iter().filter(|entry| entry.author.pid == console.id());
        for (n, entry) in own.enumerate() {
            assert_eq!(entry.fact, note(&format!("n{n}")), "each fact once, in its order");
        }
    }
}
