//! The verbs against the simulated cluster, as a script calls them: what they print, and which exit code they end with.

#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A simulated cluster in a process of its own, and a home for whoever talks to it.
struct Cluster {
    process: Child,
    home: tempfile::TempDir,
}

impl Cluster {
    fn start(scenario: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut process = program(&home)
            .args(["sim", scenario, "--write-kubeconfig"])
            .arg(home.path().join("kubeconfig"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let told: Vec<String> = lines.map(Result::unwrap).take(3).collect();
        assert!(told[2].starts_with("kubeconfig"), "{told:?}");
        Self { process, home }
    }

    fn gonogo(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.home);
        command.args(arguments).env("KUBECONFIG", self.home.path().join("kubeconfig")).stdin(Stdio::null());
        command
    }

    /// Runs a verb and expects this exit code; what it printed.
    fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.gonogo(arguments);
        let told = format!(
            "{arguments:?}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(code), "{told}");
        told
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_slice(&self.gonogo(arguments).stdout).unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    let scratch = home.path().join("tmp");
    std::fs::create_dir_all(&scratch).unwrap();
    command.env_clear().env("HOME", home.path()).env("TMPDIR", scratch).env("PATH", "/usr/bin:/bin");
    command
}

#[test]
fn a_stuck_rollout_is_told_refused_rolled_back_and_proven() {
    let cluster = Cluster::start("imagepull");
    let status = cluster.expect(7, &["status"]);
    assert!(status.contains("ImagePullBackOff") || status.contains("ErrImagePull"), "{status}");
    assert!(cluster.expect(7, &["wait", "--timeout", "5s"]).contains("stuck"));
    // without --yes and without a terminal nothing is sent, and what would be sent is told
    let told = cluster.expect(4, &["rollback", "api"]);
    assert!(told.contains("2.3.1") && told.contains("/spec/template") && told.contains("--yes"), "{told}");
    assert!(cluster.expect(0, &["rollback", "api", "--dry-run"]).contains("nothing was changed"));
    assert_eq!(cluster.json(&["session", "list", "-o", "json"]), Value::Array(Vec::new()));
    let done = cluster.expect(0, &["rollback", "deploy/api", "--yes"]);
    assert!(done.contains("PROVEN"), "{done}");
    cluster.expect(0, &["wait", "--timeout", "60s"]);
    assert!(cluster.expect(0, &["session", "verify"]).contains("chain intact"));
    let journal = cluster.expect(0, &["session", "show"]);
    for told in ["session opened", "Roll back api to 2.3.1", "sending", "accepted", "proven", "console ended"]
    {
        assert!(journal.contains(told), "{told}:\n{journal}");
    }
}

#[test]
fn acts_that_raise_risk_need_the_short_name_and_guards_refuse() {
    let cluster = Cluster::start("good");
    assert!(cluster.expect(4, &["restart", "cart", "--yes"]).contains("--arm demo"));
    cluster.expect(3, &["restart", "cart", "--yes", "--arm", "wrong"]);
    cluster.expect(3, &["--read-only", "hold", "api"]);
    cluster.expect(0, &["hold", "api"]);
    let again = cluster.json(&["hold", "api", "-o", "json"]);
    assert_eq!(again["result"], "refused", "{again}");
    cluster.expect(0, &["resume", "api", "--yes", "--arm", "demo"]);
    let scaled =
        cluster.json(&["scale", "worker", "--replicas", "3", "--yes", "--arm", "demo", "-o", "json"]);
    assert_eq!((&scaled["result"], &scaled["act"]), (&Value::from("proven"), &Value::from("scale")));
}

#[test]
fn a_stop_names_what_it_would_do_and_latches() {
    let cluster = Cluster::start("bad");
    let plan = cluster.json(&["stop", "--dry-run", "-o", "json"]);
    assert_eq!(plan["rows"][0]["target"]["name"], "api", "{plan}");
    cluster.expect(4, &["stop"]);
    // the proof takes as long as new pods take to start; that it was sent is what counts here
    let stopped = cluster.gonogo(&["stop", "--yes", "--timeout", "2s"]);
    assert!(matches!(stopped.status.code(), Some(0 | 6)), "{stopped:?}");
    let journal = cluster.expect(0, &["session", "show"]);
    assert!(journal.contains("stop latched"), "{journal}");
}

#[test]
fn wrong_words_are_wrong_usage_and_no_cluster_is_no_connection() {
    let cluster = Cluster::start("good");
    assert!(cluster.expect(2, &["status", "nobody"]).contains("no workload `nobody`"));
    cluster.expect(2, &["rollback", "api", "--to", "0.0.0", "--yes"]);
    cluster.expect(2, &["demo", "nothing-of-this-name"]);
    cluster.expect(2, &["run", "/nowhere/plan.yaml"]);
    cluster.expect(2, &[]);
    assert!(cluster.expect(5, &["--context", "nobody", "status"]).contains("context"));
    let nowhere = cluster.command(&["status"]).env("KUBECONFIG", "/nowhere/kubeconfig").output().unwrap();
    assert_eq!(nowhere.status.code(), Some(5));
    let told = cluster.command(&["status"]).env("GONOGO_ASCII", "perhaps").output().unwrap();
    assert_eq!(told.status.code(), Some(2));
}

#[test]
fn a_plan_for_another_context_is_not_carried_out_here() {
    let cluster = Cluster::start("good");
    let told = on_a_terminal(
        &cluster,
        &["run", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/fx-platform.yaml")],
    );
    assert!(told.contains("this plan is for staging-eu, prod-eu, not for demo"), "{told}");
}

/// What a console prints when it ends before it takes the terminal over.
fn on_a_terminal(cluster: &Cluster, arguments: &[&str]) -> String {
    let pair = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default()).unwrap();
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_gonogo"));
    command.args(arguments);
    command.env("KUBECONFIG", cluster.home.path().join("kubeconfig"));
    command.env("HOME", cluster.home.path());
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    assert_eq!(child.wait().unwrap().exit_code(), 2);
    drop(pair);
    let mut told = Vec::new();
    // a terminal whose other side is gone ends with an error, after everything was read
    let _ = reader.read_to_end(&mut told);
    String::from_utf8_lossy(&told).replace("\r\n", " ")
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let cluster = Cluster::start("good");
    for arguments in [&["man"][..], &["keys"], &["completions", "bash"], &["status", "-o", "json"]] {
        let mut child =
            cluster.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn an_interrupted_simulator_says_so_and_leaves_nothing_behind() {
    let mut cluster = Cluster::start("good");
    let scratch = cluster.home.path().join("tmp");
    assert!(std::fs::read_dir(&scratch).unwrap().count() > 0);
    let pid = Pid::from_raw(i32::try_from(cluster.process.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(cluster.process.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0);
}

#[test]
fn a_plan_is_checked_explained_and_described_without_a_cluster() {
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = program(&home).args(arguments).stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), told, String::from_utf8(output.stderr).unwrap())
    };
    let (code, told, _) = run(&["plan", "check", "tests/plans/fx-platform.yaml"]);
    assert_eq!(code, 0, "{told}");
    let (code, told, _) = run(&["plan", "check", "tests/plans/warned.yaml"]);
    assert_eq!(code, 0, "warnings keep nothing from being run");
    assert!(told.contains("500 of 3000 samples"), "{told}");
    let (code, told, _) = run(&["plan", "check", "-o", "json", "tests/plans/broken-rollout.yaml"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told["plan"]), (2, &Value::Null));
    assert!(
        told["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|found| found["rule"] == "P51" && found["line"] == 12)
    );
    let (code, told, warned) = run(&["plan", "explain", "tests/plans/warned.yaml"]);
    assert_eq!(code, 0);
    assert!(told.contains("step 1: 10 % of the traffic, bakes 5m"), "{told}");
    assert!(warned.contains("P09"), "{warned}");
    let (code, told, _) = run(&["plan", "schema"]);
    let schema: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(code, 0);
    assert!(schema["$defs"].is_object());
    let (code, _, why) = run(&["plan", "check", "tests/plans/nowhere.yaml"]);
    assert_eq!(code, 2);
    assert!(why.contains("nowhere.yaml"), "{why}");
}
