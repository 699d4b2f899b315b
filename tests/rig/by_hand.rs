//! One control plane per user, started and stopped from the command line.

use std::{
    env, fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use color_eyre::eyre::{Result, bail, ensure, eyre};
use rustix::process::{Pid, Signal};
use serde_json::json;

use crate::rig::{
    Rig,
    api::Api,
    binaries::Binaries,
    clock::eventually,
    extensions::Extension,
    lifeline, stages,
    traffic::{METRICS, REQUESTS},
    users::Role,
};

/// The verb of the process in the background.
pub(crate) const SERVE: &str = "serve";

/// How long a control plane may take to come or go.
const LIMIT: Duration = Duration::from_secs(90);

/// Says what this program is for; a plain `cargo test` ends here.
pub(crate) fn usage() {
    println!(
        "rig: nothing started. `cargo test --test rig -- build|up|env|status|down` runs a control plane by hand; \
         `tests/run` runs the drills."
    );
}

/// Refuses a verb.
pub(crate) fn unknown(word: &str) -> Result<()> {
    bail!("unknown verb {word}: build, up, env, status or down")
}

/// Builds what is missing.
pub(crate) fn build() -> Result<()> {
    println!("{:#?}", Binaries::ensure()?);
    Ok(())
}

/// Starts the control plane in the background and says how to use it.
pub(crate) fn up() -> Result<()> {
    let home = home();
    if process(&home).is_ok() {
        bail!("it is up already: `cargo test --test rig -- env`");
    }
    let _ = fs::remove_dir_all(&home);
    Binaries::ensure()?;
    let mut server = Command::new(env::current_exe()?)
        .arg(SERVE)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    eventually("the control plane is up", LIMIT, || {
        if let Some(status) = server.try_wait()? {
            bail!("it has ended ({status}); `serve` in place of `up` shows why");
        }
        Ok(environment(&home).exists().then_some(()))
    })?;
    env()?;
    println!("# eval \"$(cargo test -q --test rig -- env)\", then: cargo run");
    println!(
        "# to see something move: $RIG_KUBECTL -n shop set image deployment/api app=example.com/api:1.1.0"
    );
    println!("# images whose name says imagepull, crash, oom, never, slow, bad or slowresp do what they say");
    Ok(())
}

/// Runs the control plane until it is killed.
pub(crate) fn serve() -> Result<()> {
    let home = home();
    fs::create_dir(&home)?;
    lifeline::sweep_at_the_end(&home)?;
    fs::write(home.join("pid"), std::process::id().to_string())?;
    let rig = Rig::start(Binaries::ensure()?, home.clone(), "127.0.0.1")?;
    for role in Role::ALL {
        rig.kubeconfig_for(role.name(), role.group(), &rig.server(), "shop")?;
    }
    for extension in Extension::ALL {
        rig.extend(extension)?;
    }
    sample(&rig.api(Role::Admin)?)?;
    let lines = [
        ("KUBECONFIG", home.join("admin.kubeconfig").display().to_string()),
        ("RIG_KUBECONFIGS", home.display().to_string()),
        ("RIG_PROMETHEUS", rig.prometheus()),
        ("RIG_KUBECTL", rig.binaries.kubectl.display().to_string()),
        ("RIG_AUDIT_LOG", rig.audit_log().display().to_string()),
    ]
    .map(|(name, value)| format!("export {name}={value}\n"))
    .concat();
    fs::write(home.join("environment.new"), lines)?;
    fs::rename(home.join("environment.new"), environment(&home))?;
    loop {
        thread::park();
    }
}

/// Stops it and waits until its last trace is gone.
pub(crate) fn down() -> Result<()> {
    let home = home();
    let Ok(pid) = process(&home) else {
        println!("# nothing is up");
        return Ok(());
    };
    rustix::process::kill_process(pid, Signal::KILL)?;
    eventually("everything is gone", LIMIT, || Ok((!home.exists()).then_some(())))
}

/// Prints the environment for a shell.
pub(crate) fn env() -> Result<()> {
    let home = home();
    process(&home)?;
    print!("{}", fs::read_to_string(environment(&home))?);
    Ok(())
}

/// Says whether it is up.
pub(crate) fn status() {
    let home = home();
    match process(&home) {
        Ok(pid) => println!("up: process {}, {}", pid.as_raw_nonzero(), home.display()),
        Err(_) => println!("down"),
    }
}

fn home() -> PathBuf {
    let user = rustix::process::getuid().as_raw();
    env::temp_dir().join(format!("gonogo-rig-by-hand-{user}"))
}

fn environment(home: &Path) -> PathBuf {
    home.join("environment")
}

/// The living process that serves from `home`.
fn process(home: &Path) -> Result<Pid> {
    let down = || eyre!("it is not up: `cargo test --test rig -- up`");
    let number = fs::read_to_string(home.join("pid")).map_err(|_| down())?.parse()?;
    let pid = Pid::from_raw(number).ok_or_else(down)?;
    ensure!(rustix::process::test_kill_process(pid).is_ok(), down());
    Ok(pid)
}

/// A Deployment behind a Service in the namespace `shop`, to have something to look at.
fn sample(admin: &Api) -> Result<()> {
    let labels = json!({ "app": "api" });
    admin.create("/api/v1/namespaces", &json!({ "metadata": { "name": "shop" } }))?;
    admin.create(
        "/api/v1/namespaces/shop/services",
        &json!({
            "metadata": { "name": "api", "annotations": { REQUESTS: "120" } },
            "spec": { "selector": labels, "ports": [{ "port": 80, "targetPort": 8080 }] },
        }),
    )?;
    admin.create(
        "/apis/apps/v1/namespaces/shop/deployments",
        &json!({
            "metadata": { "name": "api" },
            "spec": {
                "replicas": 6,
                "selector": { "matchLabels": labels },
                "template": {
                    "metadata": {
                        "labels": labels,
                        "annotations": { METRICS: "code", stages::READY_AFTER: "3s" },
                    },
                    "spec": { "containers": [{ "name": "app", "image": "example.com/api:1.0.0" }] },
                },
            },
        }),
    )?;
    Ok(())
}
