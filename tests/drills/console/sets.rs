//! StatefulSets and DaemonSets: held by what they have in place of a pause, and taken back with the pods that would
//! stay broken for ever.

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use super::headless::DONE;
use crate::{
    harness::{cluster::Cluster, keys::SHORT_NAME, site::Site, things::Thing, workload::Workload},
    rig::users::Role,
    support::screen::Size,
};

const ARMED: [&str; 3] = ["--yes", "--arm", SHORT_NAME];

/// A set of three pods, ready and known.
fn make(site: &Site<'_>, thing: Thing) -> Result<Workload> {
    let workload = Workload::new("db", "1.0.0");
    let mut object = workload.deployment();
    let spec = object["spec"].as_object_mut().into_iter();
    spec.for_each(|spec| drop(spec.remove("progressDeadlineSeconds")));
    match thing {
        Thing::StatefulSet => object["spec"]["serviceName"] = json!("db"),
        _ => drop(object["spec"].as_object_mut().map(|spec| spec.remove("replicas"))),
    }
    site.make(thing, &object)?;
    site.await_thing(thing, "db", "is ready", |set| {
        let (status, ready) = (&set["status"], 3);
        status["readyReplicas"] == ready || status["numberReady"].as_u64() >= Some(ready)
    })?;
    Ok(workload)
}

fn set_image(site: &Site<'_>, thing: Thing, image: &str) -> Result<Value> {
    let path = "/spec/template/spec/containers/0/image";
    site.edit(thing, "db", &json!([{ "op": "replace", "path": path, "value": image }]))
}

pub(crate) fn a_stateful_set_is_held_and_taken_back(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "sets-stateful", Role::Driver)?;
    let db = make(&site, Thing::StatefulSet)?;
    let console = site.console(Size::SMALL, &[])?;
    // it was seen complete here: that is what makes it good
    console.wait_for("it is well", |frame| frame.shows("db") && frame.shows("3/3"))?;
    set_image(&site, Thing::StatefulSet, &db.image("1.1.0-never"))?;
    console.wait_way_back("1.0.0")?;

    let bar = console.stop()?;
    ensure!(bar.shows("pause only") || bar.shows("hold"), "the bar says that it only holds: {bar}");
    let held = |set: &Value| set["spec"]["updateStrategy"]["rollingUpdate"]["partition"] == 3;
    site.await_thing(Thing::StatefulSet, "db", "is held", held)?;
    console.wait_text("PROVEN")?;
    console.press("Esc")?;

    // another console, without the first one's memory of the session, but with the user's of what was complete
    let back = site.json(DONE, &["rollback", "statefulset/db", "--yes"])?;
    ensure!(back["result"] == "proven", "{back}");
    let set = site.read(Thing::StatefulSet, "db")?;
    let spec = &set["spec"];
    ensure!(spec["updateStrategy"]["rollingUpdate"]["partition"] == 0, "{spec}");
    ensure!(spec["template"]["spec"]["containers"][0]["image"] == db.image("1.0.0"), "{spec}");
    ensure!(set["status"]["readyReplicas"] == 3, "{}", set["status"]);
    let requests: Vec<String> =
        site.mutations()?.iter().map(|entry| format!("{} {}", entry.verb, entry.resource)).collect();
    ensure!(
        requests == ["patch statefulsets", "patch statefulsets", "delete pods"],
        "a hold, a template, and the pod that would have stayed: {requests:?}"
    );
    Ok(())
}

pub(crate) fn a_daemon_set_is_held_and_goes_on(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "sets-daemon", Role::Driver)?;
    let db = make(&site, Thing::DaemonSet)?;
    let before = site.read(Thing::DaemonSet, "db")?["spec"]["updateStrategy"].clone();
    set_image(&site, Thing::DaemonSet, &db.image("1.1.0-slow"))?;
    let held = site.json(DONE, &["hold", "daemonset/db", "--yes"])?;
    ensure!(held["result"] == "proven", "{held}");
    let strategy = site.read(Thing::DaemonSet, "db")?["spec"]["updateStrategy"].clone();
    ensure!(strategy["type"] == "OnDelete", "{strategy}");
    let on = site.json(DONE, &[["resume", "daemonset/db"].as_slice(), &ARMED].concat())?;
    ensure!(on["result"] == "proven", "{on}");
    let strategy = site.read(Thing::DaemonSet, "db")?["spec"]["updateStrategy"].clone();
    ensure!(strategy == before, "what stood there comes back: {strategy} in place of {before}");
    Ok(())
}
