//! The simulator under a real kubectl: the commands that people type.
#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output};

use chrono::{DateTime, TimeDelta};
use gonogo::sim::{ScenarioName, SimServer, StartOptions};

/// An object for kubectl to apply.
const EXTRA: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: b\n";

/// A simulator that runs forty times as fast as the wall clock, and its kubeconfig in a file.
struct Drill {
    server: SimServer,
    home: tempfile::TempDir,
}

impl Drill {
    async fn start() -> Self {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(1_795_269_600);
        let options = StartOptions { speed: 40.0, ..StartOptions::at(now) };
        let server = SimServer::start(ScenarioName::Good, options).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config"), server.kubeconfig_yaml()).unwrap();
        std::fs::write(home.path().join("extra.yaml"), EXTRA).unwrap();
        Self { server, home }
    }

    /// Runs kubectl with the words of `line`; gives what it printed, errors included.
    async fn kubectl(&self, line: &str) -> String {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let home = self.home.path().to_owned();
        let run = move || {
            Command::new("kubectl")
                .args(words)
                .current_dir(&home)
                .env("HOME", &home)
                .env("KUBECONFIG", home.join("config"))
                .output()
        };
        let Output { stdout, stderr, .. } = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
        format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr))
    }

    async fn expect(&self, line: &str, expected: &str) {
        let printed = self.kubectl(line).await;
        assert!(printed.contains(expected), "kubectl {line}\nexpected {expected:?} in\n{printed}");
    }
}

fn kubectl_is_there() -> bool {
    Command::new("kubectl").args(["version", "--client"]).output().is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_finds_a_cluster() {
    if !kubectl_is_there() {
        println!("skipped: no kubectl on the PATH");
        return;
    }
    let drill = Drill::start().await;
    for (line, expected) in [
        ("get deployments", "UP-TO-DATE"),
        ("get all", "daemonset.apps/log-agent"),
        ("get pods -o wide", "NOMINATED NODE"),
        ("get pods -A", "monitoring"),
        ("get ns", "kube-system"),
        ("get hpa", "Deployment/search"),
        ("rollout pause deployment/api", "deployment.apps/api paused"),
        ("rollout undo deployment/api", "you cannot rollback a paused deployment"),
        ("rollout resume deployment/api", "deployment.apps/api resumed"),
        ("rollout status deployment/api --timeout=60s", "successfully rolled out"),
        ("rollout undo deployment/api", "deployment.apps/api rolled back"),
        ("rollout status deployment/api --timeout=60s", "successfully rolled out"),
        ("rollout history deployment/api", "6"),
        (
            "set image deployment/cart cart=registry.example.com/shop/cart:1.20.0",
            "deployment.apps/cart image updated",
        ),
        ("rollout status deployment/cart --timeout=60s", "successfully rolled out"),
        ("rollout restart deployment/web", "deployment.apps/web restarted"),
        ("scale deployment/web --replicas=2", "deployment.apps/web scaled"),
        ("rollout status deployment/web --timeout=60s", "successfully rolled out"),
        ("logs deployment/catalog --tail=2", "level="),
        ("get events", "Scaled up replica set"),
        ("describe deployment api", "NewReplicaSet:"),
        ("delete pod db-1 --wait=true", "pod \"db-1\" deleted"),
        ("get deployment nothing", "deployments.apps \"nothing\" not found"),
        ("apply -f extra.yaml", "configmap/extra created"),
        ("apply --server-side -f extra.yaml", "configmap/extra serverside-applied"),
        ("delete configmap extra", "configmap \"extra\" deleted"),
    ] {
        drill.expect(line, expected).await;
    }
    drill.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_watches_a_rollout() {
    if !kubectl_is_there() {
        println!("skipped: no kubectl on the PATH");
        return;
    }
    let drill = Drill::start().await;
    let watching = drill.kubectl("get deployment cart --watch --request-timeout=4s");
    let changing = async {
        drill.expect("scale deployment/cart --replicas=5", "scaled").await;
    };
    let (printed, ()) = tokio::join!(watching, changing);
    assert!(printed.contains("5/5"), "{printed}");
    drill.server.shutdown().await;
}
