//! The simulated cluster in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running simulator; it ends with its test.
pub(crate) struct Sim {
    process: Child,
    kubeconfig: String,
    home: tempfile::TempDir,
}

impl Sim {
    /// Starts it and waits until it serves.
    pub(crate) fn start(scenario: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let kubeconfig = home.path().join("kubeconfig").to_str().unwrap().to_owned();
        let mut process = gonogo(&["sim", scenario, "--write-kubeconfig", &kubeconfig])
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(process.stdout.take().unwrap()).lines().take(3).count();
        assert_eq!(told, 3, "the simulator did not start");
        Self { process, kubeconfig, home }
    }

    /// Path of its kubeconfig.
    pub(crate) fn kubeconfig(&self) -> &str {
        &self.kubeconfig
    }

    /// Waits until a Deployment is paused, as another console sees it.
    pub(crate) fn wait_until_paused(&self, name: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.is_paused(name) {
            assert!(Instant::now() < deadline, "{name} was not paused");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn is_paused(&self, name: &str) -> bool {
        let output = gonogo(&["status", name, "-o", "json", "--kubeconfig", &self.kubeconfig])
            .env("HOME", self.home.path())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).contains("\"paused\": true")
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn gonogo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin");
    command
}
