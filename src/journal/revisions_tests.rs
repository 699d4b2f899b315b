use std::os::unix::fs::FileExt as _;

use super::*;
use crate::journal::testing::{at, cluster};
use crate::model::kind::WorkloadKind;

fn seen(workload: &str, hash: &str, second: i64) -> SeenRevision {
    SeenRevision {
        seen: SeenComplete { workload: workload.into(), hash: hash.into(), at: at(second) },
        target: Target::new(WorkloadKind::Deployment, "shop", "api"),
        version: hash.into(),
    }
}

fn hashes(revisions: &Revisions) -> Vec<String> {
    revisions.load().unwrap().into_iter().map(|revision| revision.seen.hash.to_string()).collect()
}

#[test]
fn the_newest_sight_of_each_revision_is_remembered_across_consoles() {
    let state = tempfile::tempdir().unwrap();
    let first = Revisions::of(state.path(), &cluster()).unwrap();
    assert_eq!(first.load().unwrap(), []);
    assert!(first.remember(&seen("u1", "aaa", 10)).unwrap());
    assert!(first.remember(&seen("u1", "bbb", 20)).unwrap());
    let second = Revisions::of(state.path(), &cluster()).unwrap();
    assert!(!second.remember(&seen("u1", "aaa", 5)).unwrap(), "an older sight adds nothing");
    assert!(second.remember(&seen("u1", "aaa", 30)).unwrap());
    assert_eq!(hashes(&first), ["bbb", "aaa"]);
}

#[test]
fn a_line_cut_short_costs_that_line_only() {
    let state = tempfile::tempdir().unwrap();
    let revisions = Revisions::of(state.path(), &cluster()).unwrap();
    revisions.remember(&seen("u1", "aaa", 10)).unwrap();
    let file = revisions.dir.open(FILE).unwrap().unwrap();
    let length = file.metadata().unwrap().len();
    file.write_all_at(br#"{"workload":"u1","ha"#, length).unwrap();
    revisions.remember(&seen("u1", "bbb", 20)).unwrap();
    assert_eq!(hashes(&revisions), ["aaa", "bbb"]);
}

#[test]
fn the_file_does_not_grow_for_ever_and_keeps_what_matters() {
    let state = tempfile::tempdir().unwrap();
    let revisions = Revisions::of(state.path(), &cluster()).unwrap();
    let repeated: String = (0..2_000)
        .map(|n| serde_json::to_string(&seen("u1", &format!("h{}", n % 30), n)).unwrap() + "\n")
        .collect();
    revisions.dir.open_or_create(FILE).unwrap().write_all_at(repeated.as_bytes(), 0).unwrap();
    revisions.remember(&seen("u2", "new", 5_000)).unwrap();
    let kept = hashes(&revisions);
    assert_eq!(kept.len(), KEPT_PER_WORKLOAD + 1);
    assert_eq!(kept.last().unwrap(), "new");
    assert_eq!(kept[KEPT_PER_WORKLOAD - 1], "h19", "the revision seen last is among them");
    assert!(revisions.dir.size(FILE).unwrap() < 10_000);
}
