//! The journal's thread, on a disk of its own.

use crate::core::Event;

use super::*;

fn start(state: &std::path::Path, inbox: &Inbox) -> Journal {
    let place = Place {
        state: state.to_owned(),
        cluster: ClusterId::from("cluster"),
        session: SessionId::from("session"),
        author: Author::default(),
    };
    Journal::start(place, None, Witnesses::default(), inbox.clone()).unwrap()
}

/// A second console of the same session.
fn join(state: &std::path::Path, inbox: &Inbox) -> Journal {
    let opened = FileJournal::open(state, &"cluster".into(), &"session".into()).unwrap().unwrap();
    let place = Place {
        state: state.to_owned(),
        cluster: "cluster".into(),
        session: "session".into(),
        author: Author { pid: 2, ..Author::default() },
    };
    Journal::start(place, Some(opened.journal), Witnesses::default(), inbox.clone()).unwrap()
}

fn note(text: &str) -> Fact {
    Fact::Noted { text: text.into() }
}

async fn receipts(inbox: &Inbox) -> Vec<Receipt> {
    let events = inbox.next(None).await.events.into_iter();
    events
        .map(|event| match event {
            Event::Receipt(receipt) => receipt,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[tokio::test]
async fn the_first_fact_creates_the_session_and_others_follow_in_order() {
    let state = tempfile::tempdir().unwrap();
    let inbox = Inbox::default();
    let journal = start(state.path(), &inbox);
    assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0);
    journal.append(vec![note("one")], 0, 0);
    journal.append(vec![note("two"), note("three")], 0, 0);
    let mut written = Vec::new();
    while written.len() < 3 {
        for receipt in receipts(&inbox).await {
            match receipt {
                Receipt::Appended { entries } => written.extend(entries),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(written.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(written[2].fact, note("three"));
}

#[tokio::test]
async fn two_consoles_see_each_others_entries() {
    let state = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Inbox::default(), Inbox::default());
    let first = start(state.path(), &ours);
    first.append(vec![note("ours")], 0, 0);
    receipts(&ours).await;
    let second = join(state.path(), &theirs);
    second.append(vec![note("theirs")], 1, 0);
    receipts(&theirs).await;
    match receipts(&ours).await.as_slice() {
        [Receipt::Foreign { entries }] => assert_eq!(entries[0].fact, note("theirs")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn facts_judged_by_an_older_head_are_not_written_and_come_again() {
    let state = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Inbox::default(), Inbox::default());
    let first = start(state.path(), &ours);
    first.append(vec![note("ours")], 0, 0);
    receipts(&ours).await;
    let second = join(state.path(), &theirs);
    second.append(vec![note("theirs")], 1, 0);
    receipts(&theirs).await;

    // judged before anything of the other was applied: two on their way, and both are void
    first.append(vec![note("stale")], 1, 0);
    first.append(vec![note("stale too")], 1, 0);
    let mut between = Vec::new();
    let mut moved = 0;
    while moved == 0 {
        for receipt in receipts(&ours).await {
            match receipt {
                Receipt::Foreign { entries } => between.extend(entries),
                Receipt::Moved { entries } => {
                    between.extend(entries);
                    moved += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(between.iter().map(|entry| &entry.fact).collect::<Vec<_>>(), [&note("theirs")]);
    first.append(vec![note("judged again")], 2, 1);
    match receipts(&ours).await.as_slice() {
        [Receipt::Appended { entries }] => {
            assert_eq!((entries[0].seq, &entries[0].fact), (3, &note("judged again")));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_state_directory_that_takes_no_files_is_reported() {
    let state = tempfile::tempdir().unwrap();
    let occupied = state.path().join("file");
    std::fs::write(&occupied, "").unwrap();
    let inbox = Inbox::default();
    start(&occupied, &inbox).append(vec![note("lost")], 0, 0);
    match receipts(&inbox).await.as_slice() {
        [Receipt::AppendFailed { facts: 1, .. }] => {}
        other => panic!("{other:?}"),
    }
}
