//! The main job: a rollout watched, held, resumed, rolled back and stopped by keys, each act proven and each
//! request accounted for.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};
use serde_json::Value;

use crate::{
    harness::{
        cluster::Cluster,
        keys::{PROOF, SHORT_NAME, sizes},
        proxy::Mode,
        site::Site,
        workload::Workload,
    },
    rig::{clock::eventually, users::Role},
    support::{
        screen::{Frame, Size},
        terminal::PATIENCE,
    },
};

/// Six replicas on 1.0.0.
fn api() -> Workload {
    Workload { replicas: 6, ..Workload::new("api", "1.0.0") }
}

fn image(deployment: &Value) -> &Value {
    &deployment["spec"]["template"]["spec"]["containers"][0]["image"]
}

pub(crate) fn is_watched(cluster: &Cluster) -> Result<()> {
    for &(name, size) in sizes(cluster) {
        let site = Site::new(cluster, &format!("watched-{name}"), Role::Observer)?;
        let api = api();
        site.deploy(&api)?;
        let console = site.console(size, &[])?;
        console.wait_text("nothing moves")?;
        site.set_image(&api, "1.1.0")?;
        console.wait_for("it moves", |frame| frame.shows("1.0.0→1.1.0"))?;
        site.await_complete("api")?;
        let rest = console.wait_text("nothing moves")?;
        ensure!(rest.shows("1.1.0") && !rest.shows("1.0.0→"), "{rest}");
        ensure!(site.mutations()?.is_empty(), "watching changed something");
    }
    Ok(())
}

pub(crate) fn is_held_resumed_and_rolled_back(cluster: &Cluster) -> Result<()> {
    for &(name, size) in sizes(cluster) {
        let site = Site::new(cluster, &format!("driven-{name}"), Role::Driver)?;
        drive(&site, size)?;
    }
    Ok(())
}

fn drive(site: &Site<'_>, screen: Size) -> Result<()> {
    let api = api();
    site.deploy(&api)?;
    let console = site.console(screen, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-slow")?;
    console.wait_text("1.0.0→1.1.0-slow")?;

    console.press("H")?;
    console.wait_text("HOLD api: paused at")?;
    console.wait_text("HELD")?;
    console.wait_text("PROVEN: Hold api")?;
    site.await_deployment("api", "is paused", |deployment| deployment["spec"]["paused"] == true)?;
    site.ensure_sent(&["patch deployments/api"])?;

    console.press("U")?;
    console.wait_text("needs control: T")?;
    console.take_control()?;
    console.act("U", "Resume api")?;
    console.await_proof()?;
    site.await_deployment("api", "goes on", |deployment| deployment["spec"]["paused"] != true)?;
    site.ensure_sent(&["patch deployments/api"; 2])?;

    console.act("B", "Roll back api to 1.0.0")?;
    console.await_proof()?;
    let deployment = site.deployment("api")?;
    ensure!(*image(&deployment) == *api.image("1.0.0"), "{deployment}");
    site.await_complete("api")?;
    site.ensure_sent(&["patch deployments/api"; 3])?;
    let proven = site.facts_named("proven")?;
    ensure!(proven.len() == 3, "{proven:#?}");
    Ok(())
}

pub(crate) fn is_stopped(cluster: &Cluster) -> Result<()> {
    for &(name, size) in sizes(cluster) {
        let site = Site::new(cluster, &format!("stopped-{name}"), Role::Driver)?;
        stop(&site, size)?;
    }
    Ok(())
}

fn stop(site: &Site<'_>, screen: Size) -> Result<()> {
    let api = api();
    site.deploy(&api)?;
    let console = site.console(screen, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    let bar = console.stop()?;
    ensure!(bar.shows("STOP  1 moving") && bar.shows("1.1.0-never→1.0.0"), "{bar}");
    console.wait_within(PROOF, "the stop is proven", |frame| frame.shows("1 proven"))?;
    let deployment = site.deployment("api")?;
    ensure!(*image(&deployment) == *api.image("1.0.0"), "{deployment}");
    site.await_complete("api")?;
    site.ensure_sent(&["patch deployments/api"])?;
    let uid = deployment["metadata"]["uid"].as_str().unwrap_or_default();
    let latch = site.config_map("gonogo-stop")?;
    let keys: Vec<&String> = latch["data"].as_object().into_iter().flat_map(|data| data.keys()).collect();
    ensure!(keys.len() == 1 && keys[0].starts_with(uid), "{latch}");
    console.press("Esc")?;
    console.wait_text("STOPPED: api").map(drop)
}

pub(crate) fn keeps_fields_that_no_type_knows(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "unknown-fields", Role::Driver)?;
    let api = Workload::new("api", "1.0.0");
    let mut deployment = api.deployment();
    deployment["spec"]["template"]["spec"]["hostnameOverride"] = "from-before".into();
    site.create("/apis/apps/v1", "deployments", &deployment)?;
    site.await_complete("api")?;
    let before = site.deployment("api")?["spec"]["template"].clone();
    ensure!(before["spec"]["hostnameOverride"] == "from-before", "the server drops it: {before}");
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    let other: Value = serde_json::from_str(
        r#"{"spec":{"template":{"spec":{"hostnameOverride":"from-now","containers":[{"name":"app",
        "image":"registry.example.com/api:1.1.0-imagepull"}]}}}}"#,
    )?;
    site.patch("api", &other)?;
    console.wait_text("ImagePullBackOff")?;
    console.act("B", "Roll back api to 1.0.0")?;
    console.await_proof()?;
    let after = site.deployment("api")?["spec"]["template"].clone();
    ensure!(before == after, "before {before}\nafter {after}");
    Ok(())
}

/// 1.0.0 complete, then 1.1.0 and, 1.5 s later, a 1.2.0 that hangs: 1.1.0 has pods and never was complete.
fn two_quick_changes(site: &Site<'_>) -> Result<Workload> {
    let api = Workload { replicas: 8, ready_after: "1s".to_owned(), ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    Ok(api)
}

fn change_twice(site: &Site<'_>, api: &Workload) -> Result<()> {
    site.set_image(api, "1.1.0")?;
    eventually("two pods of 1.1.0 serve", PATIENCE, || {
        let pods = site.pods("api")?;
        let new = pods.iter().filter(|pod| pod["spec"]["containers"][0]["image"] == *api.image("1.1.0"));
        let ready = new.filter(|pod| pod["status"]["containerStatuses"][0]["ready"] == true).count();
        Ok((ready >= 2).then_some(()))
    })?;
    site.set_image(api, "1.2.0-never")?;
    let stuck = |deployment: &Value| {
        let status = &deployment["status"];
        status["observedGeneration"] == deployment["metadata"]["generation"]
            && status["unavailableReplicas"].as_u64() >= Some(1)
            && status["updatedReplicas"].as_u64() >= Some(1)
    };
    site.await_deployment("api", "is stuck", stuck)
}

pub(crate) fn goes_back_to_what_was_complete(cluster: &Cluster) -> Result<()> {
    for by_stop in [false, true] {
        let site = Site::new(cluster, &format!("evidence-{by_stop}"), Role::Driver)?;
        let api = two_quick_changes(&site)?;
        let console = site.console(Size::SMALL, &[])?;
        console.wait_text("nothing moves")?;
        change_twice(&site, &api)?;
        console.wait_text("1.2.0-never")?;
        console.wait_way_back("1.0.0")?;
        if by_stop {
            let bar = console.stop()?;
            ensure!(bar.shows("1.2.0-never→1.0.0"), "{bar}");
            console.wait_within(PROOF, "the stop is proven", |frame| frame.shows("1 proven"))?;
        } else {
            console.act("B", "Roll back api to 1.0.0")?;
            console.await_proof()?;
        }
        let deployment = site.deployment("api")?;
        ensure!(*image(&deployment) == *api.image("1.0.0"), "{deployment}");
        site.ensure_sent(&["patch deployments/api"])?;
    }
    Ok(())
}

pub(crate) fn without_evidence_it_pauses_and_asks(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "no-evidence", Role::Driver)?;
    let api = two_quick_changes(&site)?;
    change_twice(&site, &api)?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("no revision is known good")?;
    let bar = console.stop()?;
    ensure!(bar.shows("pause only"), "{bar}");
    let proven = console.wait_within(PROOF, "the pause is proven", |frame| frame.shows("1 proven"))?;
    ensure!(proven.shows("no revision is known good: choose with B"), "{proven}");
    site.await_deployment("api", "is paused", |deployment| deployment["spec"]["paused"] == true)?;
    console.press("Esc")?;
    console.wait_text("B choose a revision")?;
    let deployment = site.deployment("api")?;
    ensure!(*image(&deployment) == *api.image("1.2.0-never"), "{deployment}");
    site.ensure_sent(&["patch deployments/api"])
}

/// The chord comes while a slow connection has brought the Deployment, but none of its revisions.
pub(crate) fn a_stop_at_the_start_goes_back(cluster: &Cluster) -> Result<()> {
    const SLOW: Duration = Duration::from_millis(250);
    let mut site = Site::new(cluster, "stopped-at-once", Role::Driver)?;
    let api = api();
    site.deploy(&api)?;
    site.set_image(&api, "1.1.0-never")?;
    site.await_deployment("api", "moves", |deployment| {
        deployment["status"]["updatedReplicas"].as_u64().is_some_and(|updated| updated > 0)
    })?;
    let proxy = cluster.api_proxy()?;
    site.go_through(&proxy, Role::Driver)?;
    proxy.set(Mode::Slow(SLOW));
    let console = site.console(Size::SMALL, &[])?;
    console.wait_within(PROOF, "the Deployment is there", |frame| frame.shows("api"))?;
    let bar = console.stop()?;
    let unread = bar.shows("pause, then back");
    println!("revisions were read before the second key: {}", !unread);
    proxy.set(Mode::Pass);
    console.wait_within(PROOF, "the stop is proven", |frame| frame.shows("1 proven"))?;
    let deployment = site.deployment("api")?;
    ensure!(*image(&deployment) == *api.image("1.0.0"), "{bar}\n{deployment}");
    ensure!(deployment["spec"]["paused"] != true, "{deployment}");
    site.ensure_sent(&["patch deployments/api"; 2][..if unread { 2 } else { 1 }])?;
    site.config_map("gonogo-stop").map(drop)
}

pub(crate) fn stop_leaves_the_rest_alone(cluster: &Cluster) -> Result<()> {
    const AT_REST: u32 = 28;
    let site = Site::new(cluster, "many-at-rest", Role::Driver)?;
    let quick = |name: &str| Workload { replicas: 1, ..Workload::new(name, "1.0.0") };
    for number in 0..AT_REST {
        site.create("/apis/apps/v1", "deployments", &quick(&format!("rest-{number:02}")).deployment())?;
    }
    let sick = quick("sick");
    let scaled = quick("scaled");
    let moving = [api(), Workload { replicas: 4, ..Workload::new("web", "2.0.0") }];
    for workload in [&sick, &scaled].into_iter().chain(&moving) {
        site.create("/apis/apps/v1", "deployments", &workload.deployment())?;
    }
    for number in 0..AT_REST {
        site.await_complete(&format!("rest-{number:02}"))?;
    }
    for name in ["sick", "scaled", "api", "web"] {
        site.await_complete(name)?;
    }
    let console = site.console(Size::WIDE, &[])?;
    console.wait_text("nothing moves")?;
    if !cluster.is_simulated() {
        site.break_a_pod(&sick)?;
    }
    site.patch("scaled", &serde_json::json!({ "spec": { "replicas": 40 } }))?;
    for workload in &moving {
        site.set_image(workload, "3-never")?;
    }
    console.wait_for("both move", |frame| frame.shows("1.0.0→3-never") && frame.shows("2.0.0→3-never"))?;
    let prepared = |frame: &Frame| frame.shows("3-never→1.0.0") && frame.shows("3-never→2.0.0");
    console.stop_bar()?;
    let bar = console.wait_for("both ways back are prepared", prepared)?;
    ensure!(bar.shows("STOP  2 moving"), "{bar}");
    console.press("!")?;
    console.wait_within(PROOF, "both stops are proven", |frame| frame.shows("2 proven"))?;
    for workload in &moving {
        let deployment = site.deployment(&workload.name)?;
        ensure!(*image(&deployment) == *workload.image(&workload.tag), "{deployment}");
    }
    let mut seen = site.mutations()?;
    seen.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<_> = seen.iter().map(|entry| (&*entry.verb, &*entry.resource, &*entry.name)).collect();
    ensure!(names == [("patch", "deployments", "api"), ("patch", "deployments", "web")], "{seen:#?}");
    Ok(())
}

pub(crate) fn a_stop_is_seen_by_all(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "seen-by-all", Role::Driver)?;
    let api = api();
    site.deploy(&api)?;
    let console = site.console(Size::SMALL, &[])?;
    let other = site.second_user("second", Role::Driver)?;
    let second = other.console(Size::WIDE, &[])?;
    console.wait_text("nothing moves")?;
    second.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    console.stop()?;
    second.wait_within(PROOF, "the second console shows the stop", |frame| frame.shows("STOPPED: api"))?;
    console.wait_within(PROOF, "the stop is proven", |frame| frame.shows("1 proven"))?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_text("REVERTED BY")?;
    second.wait_text("1.0.0→1.1.0-never")?;
    second.take_control()?;
    second.run_command("restart")?;
    second.wait_text("api is stopped")?;
    second.run_command("reset-stop")?;
    second.wait_text("Take the stop of api away")?;
    second.send(SHORT_NAME.as_bytes())?;
    second.wait_text("y send")?;
    second.press_alone("y")?;
    second.wait_for("the stop is taken away", |frame| !frame.shows("STOPPED: api"))?;
    site.ensure_sent(&["patch deployments/api"])?;
    ensure!(other.mutations()?.is_empty(), "the second console changed something");
    eventually("the latch is gone from the cluster", PATIENCE, || {
        let latch = site.config_map("gonogo-stop")?;
        Ok(latch["data"].as_object().is_none_or(serde_json::Map::is_empty).then_some(()))
    })
}
