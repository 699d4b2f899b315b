use super::*;
use crate::journal::file::{Appended, Draft, FileJournal};
use crate::journal::testing::{cluster, opened, stamp};
use crate::model::identity::Connection;

fn started() -> Fact {
    let connection = Connection {
        context: "prod-eu".into(),
        server: "https://api.example.com".into(),
        version: "v1.33.1".into(),
        ca_fingerprint: None,
        cluster: cluster(),
        user: "lead".into(),
        groups: Vec::new(),
        insecure: false,
        proxy: None,
        simulated: false,
    };
    Fact::ConsoleStarted { connection, build: "0.1.0".into() }
}

fn ended() -> Fact {
    Fact::ConsoleEnded { why: "quit".into() }
}

fn write(state: &Path, session: &str, second: i64, facts: Vec<Fact>) -> PathBuf {
    let mut journal = FileJournal::create(state, &cluster(), &session.into()).unwrap();
    let draft = Draft { expected: journal.head().clone(), stamp: stamp(second, 7), facts };
    assert!(matches!(journal.append(draft), Appended::Stored { .. }));
    journal.path()
}

#[test]
fn sessions_are_listed_newest_first_with_what_is_open() {
    let state = tempfile::tempdir().unwrap();
    assert_eq!(list(state.path()).unwrap(), []);
    write(state.path(), "s1", 10, vec![opened(Some("hash")), started(), ended()]);
    write(state.path(), "s2", 20, vec![opened(None), started()]);
    FileJournal::create(state.path(), &cluster(), &"s3-empty".into()).unwrap();
    let listed = list(state.path()).unwrap();
    let rows: Vec<_> = listed
        .iter()
        .map(|info| (info.session.as_str(), info.title.is_some(), info.entries, info.is_ended()))
        .collect();
    assert_eq!(rows, [("s2", false, 2, false), ("s1", true, 3, true)]);
    assert_eq!(listed[0].context.as_str(), "prod-eu");
}

#[test]
fn a_plan_is_resumed_after_its_console_ended_and_a_watch_only_while_something_is_open() {
    let state = tempfile::tempdir().unwrap();
    let resume =
        |plan| to_resume(state.path(), &cluster(), plan).unwrap().map(|info| info.session.to_string());
    assert_eq!(resume(None), None);
    write(state.path(), "s1", 10, vec![opened(Some("plan-a")), started(), ended()]);
    write(state.path(), "s2", 20, vec![opened(None), started(), ended()]);
    assert_eq!(resume(Some("plan-a")).as_deref(), Some("s1"));
    assert_eq!(resume(Some("plan-b")), None, "an edited plan is another plan");
    assert_eq!(resume(None), None);
    let damaged = write(state.path(), "s3", 30, vec![opened(None), started()]);
    assert_eq!(resume(None).as_deref(), Some("s3"));
    let text = std::fs::read_to_string(&damaged).unwrap();
    std::fs::write(&damaged, text.replace("prod-eu", "prod-us")).unwrap();
    assert_eq!(resume(None), None, "a damaged journal is not written to");
    assert_eq!(list(state.path()).unwrap()[0].problems, 2);
}
