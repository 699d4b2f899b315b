//! When the journal's disk is full, and when evidence is slow to come: hold and stop go on, and are recorded where
//! that is still possible.

use std::{fs, thread, time::Duration};

use color_eyre::eyre::{Result, ensure};
use serde_json::json;

use crate::{
    harness::{certificates, cluster::Cluster, front::Front, keys::PROOF, site::Site, workload::Workload},
    rig::{api::items, clock, clock::eventually, pki::Authority, users::Role},
    support::{
        screen::Size,
        terminal::{PATIENCE, Terminal},
    },
};

/// How the header begins to say it on the smallest screen.
const BROKEN: &str = "journal CANNOT";
/// Evidence is complete within this time; three times as long is let pass.
const EVIDENCE_GOAL: Duration = Duration::from_secs(3);

/// A console whose state directory is a small file system of its own: it fills up when `full` appears in the home
/// directory, and is emptied when that goes.
fn on_a_small_disk(site: &Site<'_>) -> Result<Terminal> {
    let home = site.home().display();
    let filler = format!(
        "(while :; do if [ -e {home}/full ] && [ ! -e {home}/filled ]; then cat /dev/zero > {home}/state/fill 2>/dev/null; touch {home}/filled; elif [ ! -e {home}/full ] && [ -e {home}/filled ]; then rm {home}/state/fill {home}/filled; fi; sleep 0.1; done) &"
    );
    fs::create_dir_all(site.home().join("state"))?;
    let script = site.file("small-disk", &format!(
        "mount -t tmpfs -o size=256k,mode=700 tmpfs {home}/state || exit 9\n{filler}\necho $$ > {home}/pid\nexec \"$@\"\n"
    ))?;
    site.console_after(Size::SMALL, &format!("exec unshare --user --map-root-user --mount sh {script}"))
}

fn set_full(site: &Site<'_>, full: bool) -> Result<()> {
    let (wish, done) = (site.home().join("full"), site.home().join("filled"));
    if full {
        fs::write(wish, "")?;
    } else {
        fs::remove_file(wish)?;
    }
    eventually("the disk is as it should be", PATIENCE, || Ok((done.exists() == full).then_some(())))
}

pub(crate) fn a_full_one_stops_no_stop(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "full-disk", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let console = on_a_small_disk(&site)?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    console.take_control()?;
    set_full(&site, true)?;
    // what is left of the file's last page takes a few facts more
    for _ in 0..12 {
        if console.frame().shows(BROKEN) {
            break;
        }
        console.press_alone("N")?;
        thread::sleep(Duration::from_millis(300));
        console.send(format!("{}\r", "much is said ".repeat(30)).as_bytes())?;
        thread::sleep(Duration::from_millis(500));
    }
    console.wait_text(BROKEN)?;
    console.press_alone("H")?;
    console.wait_within(PROOF, "the deployment is held", |frame| frame.shows("held"))?;
    site.await_deployment("api", "is held", |deployment| deployment["spec"]["paused"] == true)?;
    eventually("the hold is an event of the workload", PATIENCE, || {
        let events = cluster.admin().get(&format!("/api/v1/namespaces/{}/events", site.namespace))?;
        let ours = items(&events)
            .iter()
            .any(|event| event["reason"] == "GonogoAct" && event["involvedObject"]["name"] == "api");
        Ok(ours.then_some(()))
    })?;
    console.press_alone("U")?;
    thread::sleep(Duration::from_secs(1));
    console.press_alone("y")?;
    thread::sleep(Duration::from_secs(1));
    let refused = console.frame();
    ensure!(site.deployment("api")?["spec"]["paused"] == true, "resumed without a journal\n{refused}");
    console.press_alone("Esc")?;
    // an Esc with another key at its heels is a key with Alt
    thread::sleep(Duration::from_millis(400));
    console.stop()?;
    site.await_complete("api")?;
    let record = site.config_map("gonogo-stop")?;
    ensure!(record["data"].as_object().is_some_and(|data| !data.is_empty()), "{record}");
    set_full(&site, false)?;
    console.wait_within(PROOF, "the journal is whole again", |frame| !frame.shows(BROKEN))?;
    let pid = fs::read_to_string(site.home().join("pid"))?;
    let state = format!("/proc/{}/root{}/state", pid.trim(), site.home().display());
    ensure!(fs::read_dir(&state).is_ok_and(|entries| entries.count() > 0), "nothing in {state}");
    Ok(())
}

pub(crate) fn slow_evidence_is_left_out(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "slow-evidence", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let authority = Authority::new(&site.home().join("authority"))?;
    let files = certificates::server(&authority, "front", &["127.0.0.1"], certificates::GOOD)?;
    let upstream = cluster.address()?;
    let upstream = (upstream.as_str(), site.user.as_str());
    let front = Front::start(cluster.handle(), std::net::Ipv4Addr::LOCALHOST.into(), &files, None, upstream)?;
    let entry = json!({
        "server": format!("https://{}", front.address()),
        "certificate-authority": authority.certificate(),
    });
    site.connect_by(&entry, &json!({}))?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    front.leave_unanswered("/log?");
    console.open_sheet("B", "Roll back api to 1.0.0")?;
    console.press("y")?;
    let sent = clock::now();
    site.await_deployment("api", "was rolled back", |deployment| {
        deployment["spec"]["template"]["spec"]["containers"][0]["image"] == *api.image("1.0.0")
    })?;
    println!("rolled back after {:.1} s, beside the evidence", sent.elapsed().as_secs_f32());
    let captured = eventually("evidence is captured", EVIDENCE_GOAL * 3, || {
        Ok(site.facts_named("evidence-captured")?.first().cloned())
    })?;
    println!("captured after {:.1} s, goal {EVIDENCE_GOAL:?}", sent.elapsed().as_secs_f32());
    let file = captured["file"].as_str().unwrap_or_default();
    let found = find(site.home(), file)?;
    let text = fs::read_to_string(found)?;
    ensure!(text.contains("not answered within 3 s"), "what is missing is not said: {text}");
    ensure!(text.contains("api"), "what was there is missing: {text}");
    console.wait_within(PROOF, "it is proven", |frame| frame.shows("PROVEN in")).map(drop)
}

/// The file of that name somewhere below `folder`.
fn find(folder: &std::path::Path, name: &str) -> Result<std::path::PathBuf> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir()
            && let Ok(found) = find(&entry.path(), name)
        {
            return Ok(found);
        }
        if entry.file_name().to_string_lossy() == name {
            return Ok(entry.path());
        }
    }
    color_eyre::eyre::bail!("there is no {name} below {}", folder.display())
}
