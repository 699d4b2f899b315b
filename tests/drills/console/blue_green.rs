//! A Service switched between the sides of a pair, with requests flowing all the while: a switch loses none of them,
//! a selector that reaches nobody is an outage that is seen, named and ended.

use std::{
    fs,
    path::{Path, PathBuf},
};

use color_eyre::eyre::{Result, ensure, eyre};
use serde_json::json;

use super::headless::{DONE, REFUSED, UNHEALTHY};
use crate::{
    harness::{
        cluster::Cluster,
        keys::{PROOF, SHORT_NAME},
        proxy::Mode,
        routes::{Pair, service},
        site::Site,
        things::Thing,
    },
    rig::{clock::eventually, traffic::Tally, users::Role},
    support::{screen::Size, terminal::Terminal},
};

const ARMED: [&str; 3] = ["--yes", "--arm", SHORT_NAME];
/// The plan whose commands are tried, below a folder beside the project.
const SEED: &str = "shared/seeds/002_6bb41ee8d5f54b0f.txt";

/// A pair on blue, whose green side got its template later: a release that waits for its cut-over.
fn deploy(site: &Site<'_>) -> Result<Pair> {
    let pair = Pair::colours("shop", "1.0.0", "1.1.0");
    site.deploy_behind_selector(&pair)?;
    // what is told by seconds has to lie a second apart
    let made = |side: &str| -> Result<String> {
        let sets = site.list(Thing::ReplicaSet)?;
        let own = sets.iter().filter(|set| set["metadata"]["ownerReferences"][0]["name"] == side);
        let made = own.filter_map(|set| set["metadata"]["creationTimestamp"].as_str()).max();
        made.map(str::to_owned).ok_or_else(|| eyre!("{side} has no ReplicaSet"))
    };
    let mut release = 0;
    eventually("green is newer than blue", std::time::Duration::from_secs(30), || {
        release += 1;
        let annotations = json!({ "release": release.to_string() });
        let template = json!({ "metadata": { "annotations": annotations } });
        site.change(Thing::Deployment, "shop-green", &json!({ "spec": { "template": template } }))?;
        site.await_complete("shop-green")?;
        Ok((made("shop-green")? > made("shop-blue")?).then_some(()))
    })?;
    Ok(pair)
}

/// Opens a console; what moves is selected by itself.
fn console(site: &Site<'_>) -> Result<Terminal> {
    let console = site.console(Size::WIDE, &[])?;
    console.wait_text("switch to green")?;
    Ok(console)
}

fn promote(site: &Site<'_>, more: &[&str], code: i32) -> Result<serde_json::Value> {
    site.json(code, &[["promote", "service/shop"].as_slice(), &ARMED, more].concat())
}

fn selector(site: &Site<'_>) -> Result<serde_json::Value> {
    Ok(site.read(Thing::Service, "shop")?["spec"]["selector"].clone())
}

fn nothing_lost(what: &str, seen: &Tally) -> Result<()> {
    ensure!(seen.arrived > 20.0, "{what}: no requests came: {seen:?}");
    ensure!(seen.unserved <= 0.0 && seen.outage <= 0.0, "{what} lost requests: {seen:?}");
    Ok(())
}

pub(crate) fn switches_there_and_back(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "switch", Role::Driver)?;
    deploy(&site)?;
    let start = site.tally()?;
    let screen = console(&site)?;
    screen.take_control()?;
    screen.act("P", "Switch shop to green")?;
    screen.await_proof()?;
    let switched = site.tally()?;
    site.await_traffic(&switched, "green alone serves", |seen| {
        seen.served_by("1.1.0") > 50.0 && seen.served_by("1.0.0") <= 0.0
    })?;
    screen.act("B", "Switch back shop to blue")?;
    screen.await_proof()?;
    let back = site.tally()?;
    site.await_traffic(&back, "blue alone serves", |seen| {
        seen.served_by("1.0.0") > 50.0 && seen.served_by("1.1.0") <= 0.0
    })?;
    nothing_lost("switching there and back", &site.tally()?.since(&start))?;
    site.ensure_sent(&["patch services/shop"; 2])
}

/// A side that could not carry the load is refused with the numbers, and a weight with what to use instead.
pub(crate) fn what_would_serve_nobody_is_refused(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "switch-refused", Role::Driver)?;
    deploy(&site)?;
    let start = site.tally()?;
    let weight = promote(&site, &["--to", "10"], REFUSED)?;
    let why = weight["why"].as_str().unwrap_or_default();
    ensure!(why.contains("cannot split traffic") && why.contains("HTTPRoute"), "{why}");
    site.change(Thing::Deployment, "shop-green", &json!({ "spec": { "replicas": 2 } }))?;
    site.await_complete("shop-green")?;
    let few = promote(&site, &[], REFUSED)?;
    ensure!(
        few["why"].as_str().is_some_and(|why| why.contains("2 ready pods") && why.contains("load with 3")),
        "{few}"
    );
    site.change(Thing::Deployment, "shop-green", &json!({ "spec": { "replicas": 0 } }))?;
    site.await_pod_gone("shop-green")?;
    let none = promote(&site, &[], REFUSED)?;
    ensure!(none["why"].as_str().is_some_and(|why| why.contains("no ready pods")), "{none}");
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    nothing_lost("refusing", &site.tally()?.since(&start))
}

/// A stray key in the selector is seen as an outage, and the way back takes it out.
pub(crate) fn a_stray_key_is_found_and_removed(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "switch-stray", Role::Driver)?;
    let pair = deploy(&site)?;
    let screen = console(&site)?;
    let mark = site.tally()?;
    site.change(Thing::Service, "shop", &json!({ "spec": { "selector": { "weight": "10" } } }))?;
    screen.wait_text("weight=10 is on no pod")?;
    site.await_traffic(&mark, "nobody serves", |seen| seen.outage > 0.2)?;
    site.json(UNHEALTHY, &["status", "service/shop"])?;
    // the merge patch that a runbook would send keeps the key
    site.change(Thing::Service, "shop", &json!({ "spec": { "selector": { "version": "blue" } } }))?;
    ensure!(selector(&site)?["weight"] == "10", "{}", selector(&site)?);
    screen.act("B", "Switch back shop to blue")?;
    screen.await_proof()?;
    ensure!(selector(&site)? == pair.selector("blue"), "{}", selector(&site)?);
    site.await_served()?;
    site.ensure_sent(&["patch services/shop"])
}

/// An old side that was scaled down is scaled up, waited for and switched to, by one roll-back.
pub(crate) fn a_small_side_is_scaled_before_the_way_back(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "switch-small", Role::Driver)?;
    deploy(&site)?;
    // blue is seen serving alone, green is switched to, blue is scaled down
    site.json(UNHEALTHY, &["status", "service/shop"])?;
    promote(&site, &[], DONE)?;
    site.change(Thing::Deployment, "shop-blue", &json!({ "spec": { "replicas": 1 } }))?;
    site.await_complete("shop-blue")?;
    let start = site.tally()?;
    let back = site.json(DONE, &["rollback", "service/shop", "--to", "blue", "--yes"])?;
    ensure!(back["result"] == "proven", "{back}");
    nothing_lost("scaling and switching back", &site.tally()?.since(&start))?;
    site.ensure_verbs_sent(&[
        "patch services/shop",
        "patch deployments/scale/shop-blue",
        "patch services/shop",
    ])
}

/// After the cut-over two keys go back: the release is on its way for an hour, and blue was seen serving alone.
pub(crate) fn a_stop_switches_back(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "switch-stop", Role::Driver)?;
    let pair = deploy(&site)?;
    let screen = console(&site)?;
    screen.take_control()?;
    // what is at rest is not stopped: both sides were made in one second, and no candidate is told
    screen.wait_text("switch to green")?;
    site.change(
        Thing::Deployment,
        "shop-green",
        &json!({ "spec": { "template": { "metadata": {
        "annotations": { "release": "7" } } } } }),
    )?;
    site.await_complete("shop-green")?;
    screen.act("P", "Switch shop to green")?;
    screen.await_proof()?;
    let start = site.tally()?;
    let bar = screen.stop()?;
    ensure!(bar.shows("→blue"), "{bar}");
    screen.wait_within(PROOF, "the stop is proven", |frame| frame.shows("1 proven"))?;
    ensure!(selector(&site)? == pair.selector("blue"), "{}", selector(&site)?);
    nothing_lost("the stop", &site.tally()?.since(&start))?;
    site.ensure_sent(&["patch services/shop"; 2])
}

/// Two consoles switch at once: one request is taken, the other fails its test, and the loser is told who won.
pub(crate) fn two_switch_at_once(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "switch-race", Role::Driver)?;
    let pair = deploy(&site)?;
    let mut second = site.second_user("second", Role::Driver)?;
    let proxy = cluster.api_proxy()?;
    second.go_through(&proxy, Role::Driver)?;
    let (winner, loser) = (console(&site)?, console(&second)?);
    for console in [&winner, &loser] {
        console.take_control()?;
        console.open_sheet("P", "Switch shop to green")?;
    }
    // the second one's request is underway for a moment, and so is what it would be told
    proxy.set(Mode::Slow(std::time::Duration::from_secs(2)));
    loser.press("y")?;
    winner.press("y")?;
    eventually("both requests are on the record", std::time::Duration::from_secs(20), || {
        Ok((!second.mutations()?.is_empty()).then_some(()))
    })?;
    proxy.set(Mode::Pass);
    let codes = |site: &Site<'_>| -> Result<Vec<u64>> {
        Ok(site.mutations()?.iter().map(|entry| entry.code).collect())
    };
    ensure!(codes(&site)? == [200], "{:#?}", site.mutations());
    ensure!(codes(&second)? == [422], "{:#?}", second.mutations());
    loser.wait_text("was first")?;
    winner.await_proof()?;
    ensure!(selector(&site)? == pair.selector("green"), "{}", selector(&site)?);
    Ok(())
}

/// The commands of a release plan as it is written, and the same release by the console.
pub(crate) fn literal_commands_of_a_plan(cluster: &Cluster) -> Result<()> {
    let Some(seed) = seed() else {
        println!("{SEED} is not beside the project: its commands are not tried");
        return Ok(());
    };
    let plan = fs::read_to_string(seed)?;
    let site = Site::new(cluster, "seed-plan", Role::Admin)?;
    let pair = Pair::colours("fx-platform", "1.0.0", "1.1.0");
    site.deploy_pair(&pair)?;
    let front = service("fx-platform-service", &pair.selector("blue"), Some(pair.requests));
    site.make(Thing::Service, &front)?;
    site.await_served()?;

    // 10 % to green, as the plan says it, and back to blue, as the plan says it
    let weights = commands(&plan, |line| line.contains("\"weight\":\"10\""))?;
    let back =
        commands(&plan, |line| line.contains("patch service") && line.contains("\"version\":\"blue\""))?;
    let mark = site.tally()?;
    site.say(&weights[0])?;
    site.await_traffic(&mark, "ten percent is everything", |seen| seen.outage > 1.0)?;
    site.say(&back[0])?;
    let still = site.tally()?;
    site.await_traffic(&still, "the way back of the plan ends nothing", |seen| seen.outage > 1.0)?;
    let outage = site.tally()?.since(&mark);
    println!(
        "  kubectl: {:.1} s of outage, {:.0} requests lost, and it goes on",
        outage.outage, outage.unserved
    );

    // the console ends it, and does the same release with nothing lost
    let shop = "service/fx-platform-service";
    site.json(DONE, &["rollback", shop, "--yes"])?;
    site.await_served()?;
    let start = site.tally()?;
    site.json(REFUSED, &[["promote", shop, "--to", "10"].as_slice(), &ARMED].concat())?;
    site.json(DONE, &[["promote", shop].as_slice(), &ARMED].concat())?;
    let switched = site.tally()?;
    site.await_traffic(&switched, "green serves", |seen| seen.served_by("1.1.0") > 50.0)?;
    nothing_lost("the release", &site.tally()?.since(&start))?;

    // after the clean-up: pause, undo, scale, switch: each as the plan says it
    let gone = commands(&plan, |line| line.starts_with("kubectl delete deployment fx-platform-blue"))?;
    site.say(&gone[0])?;
    let pause = commands(&plan, |line| line.starts_with("kubectl rollout pause"))?;
    let undo = commands(&plan, |line| line.starts_with("kubectl rollout undo deployment/fx-platform-green"))?;
    let scale = commands(&plan, |line| line.starts_with("kubectl scale deployment fx-platform-blue"))?;
    site.say(&pause[0])?;
    for (command, says) in [(&undo[0], "no rollout history"), (&scale[0], "not found")] {
        let failed = site.say(command).err().map(|error| format!("{error:#}"));
        let failed = failed.ok_or_else(|| eyre!("{command} should fail"))?;
        ensure!(failed.contains(says), "{failed}");
    }
    let mark = site.tally()?;
    site.say(&back[0])?;
    let outage = site.await_traffic(&mark, "nobody is blue any more", |seen| seen.outage > 1.0)?;
    println!("  kubectl: {:.1} s of outage by the plan's emergency steps, and it goes on", outage.outage);
    Ok(())
}

impl Site<'_> {
    /// Runs a line of kubectl as it stands in a text.
    fn say(&self, line: &str) -> Result<String> {
        let words: Vec<String> =
            line.split_whitespace().skip(1).map(|word| word.trim_matches('\'').to_owned()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.kubectl(&words)
    }
}

/// Lines of the plan's shell blocks that are commands of this kind.
fn commands(plan: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let lines = plan.lines().map(str::trim).filter(|line| line.starts_with("kubectl ") && wanted(line));
    let found: Vec<String> = lines.map(str::to_owned).collect();
    ensure!(!found.is_empty(), "the plan has no such command");
    Ok(found)
}

fn seed() -> Option<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    project.ancestors().skip(1).map(|folder| folder.join(SEED)).find(|file| file.is_file())
}
