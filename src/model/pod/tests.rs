//! What is wrong with a pod, told from what the kubelet reports.

use serde_json::json;

use super::{Interner, PodTrouble, WirePod};

fn trouble(state: &serde_json::Value, ready: bool, restarts: u32, code: i64) -> Option<PodTrouble> {
    let wire: WirePod = serde_json::from_value(json!({
        "metadata": {"name": "api-1"},
        "spec": {"containers": [{"name": "main", "image": "api:1"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}],
                   "containerStatuses": [{"name": "main", "image": "api:1", "ready": ready, "restartCount": restarts,
                                          "state": state, "lastState": {"terminated": {"exitCode": code, "reason": "Error"}}}]},
    }))
    .unwrap();
    wire.compact(&mut Interner::default()).trouble()
}

#[test]
fn a_crash_loop_stays_one_while_the_container_runs_for_a_moment() {
    let backing_off = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
    let running = json!({"running": {"startedAt": "2026-11-20T21:26:15Z"}});
    let looping = Some(PodTrouble::CrashLoop { code: Some(1), restarts: 4 });
    assert_eq!(trouble(&backing_off, false, 4, 1), looping);
    assert_eq!(trouble(&running, false, 4, 1), looping);
    assert_eq!(trouble(&running, true, 4, 1), None, "ready again: it recovered");
    assert_eq!(trouble(&running, false, 1, 1), Some(PodTrouble::NotReady), "one restart is no loop");
    assert_eq!(trouble(&running, false, 4, 0), Some(PodTrouble::NotReady), "it ended well");
}
