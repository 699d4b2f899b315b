//! The verbs without a terminal: the same acts, guards and journal, with exit codes.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use color_eyre::eyre::{Result, WrapErr, ensure, eyre};
use serde_json::Value;

use crate::{
    harness::{
        cluster::Cluster,
        keys::SHORT_NAME,
        proxy::Mode,
        site::{Said, Site},
        workload::Workload,
    },
    rig::users::Role,
};

pub(super) const DONE: i32 = 0;
const USAGE: i32 = 2;
pub(super) const REFUSED: i32 = 3;
const NEEDS_CONFIRMATION: i32 = 4;
const NO_CONNECTION: i32 = 5;
const UNPROVEN: i32 = 6;
pub(super) const UNHEALTHY: i32 = 7;

impl Site<'_> {
    /// Runs a verb that has to end with `code`.
    fn ends_with(&self, code: i32, arguments: &[&str]) -> Result<Said> {
        let said = self.run(arguments)?;
        ensure!(said.code == Some(code), "gonogo {} should end with {code}: {said:#?}", arguments.join(" "));
        Ok(said)
    }

    /// As [`Site::ends_with`], answered as JSON.
    pub(super) fn json(&self, code: i32, arguments: &[&str]) -> Result<Value> {
        let said = self.ends_with(code, &[arguments, &["-o", "json"]].concat())?;
        serde_json::from_str(&said.stdout).wrap_err_with(|| format!("{said:#?}"))
    }
}

pub(crate) fn verbs_act(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "headless", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let status = site.json(DONE, &["status"])?;
    ensure!(status[0]["name"] == "api" && status[0]["ready"] == 4, "{status}");
    site.ends_with(DONE, &["wait"])?;
    let armed = ["--yes", "--arm", SHORT_NAME];

    let image = api.image("1.1.0-never");
    let set_image = ["set-image", "api", &image];
    site.ends_with(NEEDS_CONFIRMATION, &set_image)?;
    site.ends_with(REFUSED, &[&set_image, ["--yes", "--arm", "wrong"].as_slice()].concat())?;
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    let rehearsed = site.json(DONE, &[&set_image, ["--dry-run"].as_slice()].concat())?;
    ensure!(rehearsed["result"] == "rehearsed", "{rehearsed}");
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    site.json(UNPROVEN, &[&set_image, armed.as_slice(), &["--timeout", "2s"]].concat())?;
    site.ensure_headless(1)?;
    site.json(UNHEALTHY, &["status"])?;

    let held = site.json(DONE, &["hold", "api", "--yes"])?;
    ensure!(held["result"] == "proven", "{held}");
    site.ensure_headless(2)?;
    site.ends_with(UNHEALTHY, &["wait", "--timeout", "1s"])?;
    site.json(DONE, &[["resume", "api"].as_slice(), &armed].concat())?;
    site.ensure_headless(3)?;
    site.ends_with(NEEDS_CONFIRMATION, &["rollback", "api"])?;
    let back = site.json(DONE, &["rollback", "api", "--yes"])?;
    ensure!(back["result"] == "proven", "{back}");
    site.ensure_headless(4)?;
    site.ends_with(DONE, &["wait"])?;
    site.json(DONE, &[["restart", "api"].as_slice(), &armed].concat())?;
    site.ensure_headless(5)?;
    site.json(DONE, &[["scale", "api", "--replicas", "2"].as_slice(), &armed].concat())?;
    site.ensure_headless(6)?;
    ensure!(site.deployment("api")?["spec"]["replicas"] == 2, "not scaled");
    Ok(())
}

impl Site<'_> {
    fn ensure_headless(&self, count: usize) -> Result<()> {
        let seen = self.mutations()?;
        ensure!(
            seen.len() == count && seen.iter().all(|entry| entry.code == 200),
            "{count} expected: {seen:#?}"
        );
        Ok(())
    }

    /// These requests were sent by verbs, which have a session each, and all of them were taken.
    pub(super) fn ensure_verbs_sent(&self, expected: &[&str]) -> Result<()> {
        self.ensure_headless(expected.len())?;
        let seen = self.mutations()?;
        let told = seen.iter().map(|entry| format!("{} {}/{}", entry.verb, entry.resource, entry.name));
        ensure!(told.collect::<Vec<_>>() == expected, "{seen:#?}");
        Ok(())
    }
}

pub(crate) fn stop_stops(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "headless-stop", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    site.ends_with(DONE, &["stop", "--yes"])?;
    site.ends_with(DONE, &["status"])?;
    site.set_image(&api, "1.1.0-never")?;
    site.await_pod("api", "is of the new image", |pod| {
        pod["spec"]["containers"][0]["image"] == *api.image("1.1.0-never")
    })?;
    site.ends_with(NEEDS_CONFIRMATION, &["stop"])?;
    let stopped = site.json(DONE, &["stop", "--yes"])?;
    ensure!(stopped["results"][0]["result"] == "proven", "{stopped}");
    site.await_complete("api")?;
    site.ensure_headless(1)?;
    site.config_map("gonogo-stop").map(drop)
}

pub(crate) fn failures_have_codes(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "headless-codes", Role::Driver)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    site.ends_with(USAGE, &["--no-such-flag"])?;
    site.ends_with(USAGE, &["hold", "nobody", "--yes"])?;
    site.ends_with(USAGE, &["rollback", "api", "--to", "9.9.9", "--yes"])?;
    let dark = site.ends_with(USAGE, &[])?;
    ensure!(dark.stderr.contains("terminal"), "{dark:#?}");
    let nowhere = site.ends_with(NO_CONNECTION, &["status", "--context", "nowhere"])?;
    ensure!(nowhere.stderr.contains("nowhere"), "{nowhere:#?}");
    site.ends_with(REFUSED, &["restart", "api", "--read-only", "--yes", "--arm", SHORT_NAME])?;
    let info = site.json(DONE, &["info"])?;
    ensure!(info.to_string().contains(&site.user), "{info}");
    let proxy = cluster.api_proxy()?;
    site.go_through(&proxy, Role::Driver)?;
    proxy.set(Mode::Reset);
    site.ends_with(NO_CONNECTION, &["status"])?;
    site.ends_with(NO_CONNECTION, &["info"])?;
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    Ok(())
}

pub(crate) fn a_broken_pipe_is_no_failure(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "headless-pipe", Role::Observer)?;
    for number in 0..40 {
        let name = format!("a-long-name-so-that-the-pipe-is-filled-{number:02}");
        let mut idle = Workload { replicas: 0, ..Workload::new(&name, "1.0.0") }.deployment();
        idle["spec"]["replicas"] = 0.into();
        site.create("/apis/apps/v1", "deployments", &idle)?;
    }
    let mut child =
        site.command(&["status", "-o", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut output = BufReader::with_capacity(16, child.stdout.take().ok_or_else(|| eyre!("no output"))?);
    let mut line = String::new();
    output.read_line(&mut line)?;
    drop(output);
    let ended = child.wait_with_output()?;
    let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
    ensure!(ended.status.code().is_some() && !errors.contains("panicked"), "{ended:?}");
    Ok(())
}
