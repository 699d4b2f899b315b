//! What a console shows and refuses to people with few rights.

use color_eyre::eyre::{Result, ensure};

use crate::{
    harness::{cluster::Cluster, keys::SHORT_NAME, site::Site, workload::Workload},
    rig::users::Role,
    support::{screen::Size, terminal::Terminal},
};

/// A Deployment that is stuck in flight, and a console of somebody with the rights of `role`.
fn watching<'c>(cluster: &'c Cluster, name: &str, role: Role) -> Result<(Site<'c>, Terminal)> {
    let site = Site::new(cluster, name, role)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let console = site.console(Size::WIDE, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-imagepull")?;
    Ok((site, console))
}

pub(crate) fn observer_is_refused(cluster: &Cluster) -> Result<()> {
    let (site, console) = watching(cluster, "observer", Role::Observer)?;
    console.wait_text("ImagePullBackOff")?;
    console.wait_way_back("1.0.0")?;
    console.press("U")?;
    console.wait_text("needs control: T")?;
    console.press("B")?;
    console.wait_for("the sheet says that the right is missing", |frame| {
        frame.shows("Roll back api to 1.0.0") && frame.shows("NO")
    })?;
    console.press("y")?;
    console.wait_text("no permission: patch deployments")?;
    console.press("Esc")?;
    console.wait_for("the sheet is closed", |frame| !frame.shows("Esc cancel"))?;
    console.press("H")?;
    console.wait_text("hold is local only")?;
    let seen = site.mutations()?;
    ensure!(seen.iter().all(|entry| entry.code == 403), "{seen:#?}");
    Ok(())
}

pub(crate) fn one_refused_kind_hides_no_other(cluster: &Cluster) -> Result<()> {
    let (site, console) = watching(cluster, "few-rights", Role::FewRights)?;
    let moving = console.wait_for("the Deployment moves, and what is missing is said", |frame| {
        frame.shows("api") && frame.shows("1.1.0-imagepull") && frame.shows("may not be read")
    })?;
    ensure!(!moving.shows("STALE"), "{moving}");
    console.press("3")?;
    console.wait_text("ImagePullBackOff")?;
    console.press("1")?;
    console.wait_text("Workloads")?;
    console.press("H")?;
    console.wait_text("hold is local only")?;
    let seen = site.mutations()?;
    ensure!(seen.iter().all(|entry| entry.code == 403), "{seen:#?}");
    Ok(())
}

pub(crate) fn read_only_sends_nothing(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "read-only", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let console = site.console(Size::SMALL, &["--read-only"])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    for key in ["H", "B", "U", "!", "T"] {
        console.press(key)?;
        console.wait_text("read-only")?;
        console.press("Esc")?;
    }
    ensure!(!console.frame().shows(&format!("type {SHORT_NAME}")), "{}", console.frame());
    let entries = cluster.audit_log().of(&site.user)?;
    let written: Vec<_> = entries.iter().filter(|entry| !entry.is_harmless()).collect();
    ensure!(written.is_empty(), "{written:#?}");
    Ok(())
}
